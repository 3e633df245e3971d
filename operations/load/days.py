"""What patients logged, day by day: most of what was due, with some pain now and then."""

import datetime
import functools
import random
from collections.abc import Iterator, Sequence

from operations.load.kinds import Choice
from operations.load.places import DAY, Place, id_from
from operations.load.prescribing import Line, Programme
from operations.load.store import Store
from prescriptions import dosage
from prescriptions.models import PartOfDay, RoutineStop, StretchPause
from routines.models import Proposal, RedFlagAnswer, RedFlagScreen, SessionLog, StretchLog
from stretches.models import RedFlagQuestion

LOGGED_AT = {
    PartOfDay.ON_GETTING_UP: datetime.time(7, 10),
    PartOfDay.MIDDAY: datetime.time(12, 20),
    PartOfDay.AFTERNOON: datetime.time(16, 5),
    PartOfDay.BEFORE_BED: datetime.time(21, 40),
}
PARTS = tuple(reversed(LOGGED_AT))
MINUTE = datetime.timedelta(minutes=1)
RED = 7

Session = tuple[int, PartOfDay, list[int]]
"""How many days ago, in which part of the day, which lines were done."""


def sessions_back(choices: Sequence[Choice], logs: int, *, leaves_out_every: int) -> list[Session]:
    """The latest sessions that make so many logs in all, the latest first; every so many-th was left out."""
    due = [[place for place, each in enumerate(choices) if getattr(each.line, part.field)] for part in PARTS]
    found: list[Session] = []
    turn, days_ago = 0, 0
    while logs > 0:
        days_ago += 1
        for part, places in zip(PARTS, due, strict=True):
            if not places:
                continue
            turn += 1
            if turn % leaves_out_every and logs > 0:
                found.append((days_ago, part, places[:logs]))
                logs -= len(found[-1][2])
    return found


class Days:
    """Writes what was logged."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.questions = list(RedFlagQuestion.objects.select_related("action").order_by("pk"))
        self._moment = functools.cache(Place.moment)

    def add(self, programmes: Sequence[Programme], sessions: Sequence[Session], choose: random.Random) -> None:
        """Store the sessions of a patient, all of whose prescriptions have as many lines, and what came of them."""
        if not programmes or programmes[0].status == "draft":
            return
        first, last = programmes[0], programmes[-1]
        self._add_screen(first, first.began_at + 15 * MINUTE)
        usual, hurts = choose.randint(0, 2), choose.random() < 0.03
        today = last.ended_on + DAY
        latest: list[tuple[Line, str]] = []
        at = first.began_at
        for back, (days_ago, part, places) in enumerate(reversed(sessions), start=1 - len(sessions)):
            on = today - days_ago * DAY
            at = self._moment(first.person.place, on, LOGGED_AT[part])
            programme = next((each for each in reversed(programmes) if each.began_at <= at), first)
            session = id_from(choose)
            self.store.add(
                SessionLog,
                id=session,
                clinic_id=programme.person.place.id,
                patient_id=programme.person.id,
                prescription_id=programme.id,
                on=on,
                part_of_day=part.value,
                first_logged_at=at,
            )
            hurt = places[0] if hurts and back == 0 else None
            for place in places:
                line = programme.lines[place]
                pause = self._add_pause(programme, line, at, choose) if place == hurt else None
                log = self._add_log(programme, line, session, at, choose, usual=usual, pause=pause)
                if back > -6 and place == places[0]:
                    latest.append((line, log))
        if last.status == "active" and choose.random() < 0.005:
            self._add_stop(last, at + MINUTE, choose)
        elif last.status == "active" and not hurts and choose.random() < 0.05:
            self._add_proposal(last, latest, at, choose)

    def _add_log(
        self,
        programme: Programme,
        line: Line,
        session: str,
        at: datetime.datetime,
        choose: random.Random,
        *,
        usual: int,
        pause: str | None,
    ) -> str:
        chance = choose.random()
        outcome = "partly" if pause or 0.92 < chance < 0.96 else "done" if chance <= 0.92 else "skipped"
        is_done = outcome != "skipped"
        pain = RED if pause else (usual + int(chance * 10) % 3) // 2 if is_done else None
        has_settled = True if pain and not pause else None
        own = id_from(choose)
        self.store.add(
            StretchLog,
            id=own,
            clinic_id=programme.person.place.id,
            session_id=session,
            item_id=line.id,
            stretch_id=line.choice.line.stretch_id,
            outcome=outcome,
            skip_reason="" if is_done and not pause else "pain" if pause else "no-time",
            held_seconds=line.choice.line.start_hold_seconds if is_done else None,
            pain_score=pain,
            effort=("easy", "right", "right", "hard")[int(chance * 8) % 4] if is_done else "",
            has_settled=has_settled,
            settled_answered_at=at + DAY / 2 if has_settled else None,
            pause_id=pause,
            logged_at=at,
            received_at=at,
        )
        return own

    def _add_pause(self, programme: Programme, line: Line, at: datetime.datetime, choose: random.Random) -> str:
        own = id_from(choose)
        is_lifted = choose.random() < 0.4
        self.store.add(
            StretchPause,
            id=own,
            clinic_id=programme.person.place.id,
            patient_id=programme.person.id,
            stretch_id=line.choice.line.stretch_id,
            reason="pain",
            paused_at=at,
            lifted_by_id=programme.person.clinician if is_lifted else None,
            lifted_at=at + 5 * MINUTE if is_lifted else None,
            lift_note="Looked at together: less far, and slower." if is_lifted else "",
        )
        return own

    def _add_screen(
        self,
        programme: Programme,
        at: datetime.datetime,
        *,
        stop: str | None = None,
        positive: RedFlagQuestion | None = None,
    ) -> None:
        choose = random.Random(f"{programme.id}-{at}")  # noqa: S311 - invented, and the same each time
        screen, clinic = id_from(choose), programme.person.place.id
        self.store.add(
            RedFlagScreen,
            id=screen,
            clinic_id=clinic,
            patient_id=programme.person.id,
            stop_id=stop,
            answered_at=at,
            received_at=at,
        )
        for question in self.questions:
            self.store.add(
                RedFlagAnswer,
                clinic_id=clinic,
                screen_id=screen,
                question_id=question.pk,
                wording=question.question,
                is_yes=question == positive,
            )

    def _add_stop(self, programme: Programme, at: datetime.datetime, choose: random.Random) -> None:
        if not self.questions:
            return
        question, own = choose.choice(self.questions), id_from(choose)
        self.store.add(
            RoutineStop,
            id=own,
            clinic_id=programme.person.place.id,
            patient_id=programme.person.id,
            tier=question.action.tier,
            message=question.action.message,
            stopped_at=at,
        )
        self._add_screen(programme, at, stop=own, positive=question)

    def _add_proposal(
        self, programme: Programme, latest: Sequence[tuple[Line, str]], at: datetime.datetime, choose: random.Random
    ) -> None:
        line = programme.lines[0]
        start, target = line.choice.line.start_hold_seconds, line.choice.line.target_hold_seconds
        longer = next(_longer(start, target), None)
        logs = [log for of, log in latest if of == line]
        if longer is None or not logs:
            return
        own = id_from(choose)
        self.store.add(
            Proposal,
            id=own,
            clinic_id=programme.person.place.id,
            patient_id=programme.person.id,
            prescription_id=programme.id,
            item_id=line.id,
            kind="up",
            from_hold_seconds=start,
            to_hold_seconds=longer,
            rationale="Done without trouble in the last sessions.",
            proposed_at=at,
        )
        for log in logs:
            self.store.add(Proposal.logs.through, proposal_id=own, stretchlog_id=log)


def _longer(start: int | None, target: int | None) -> Iterator[int]:
    """The steps of the ladder between two holds."""
    if start is not None and target is not None:
        yield from (step for step in dosage.HOLD_LADDER_SECONDS if start < step <= target)
