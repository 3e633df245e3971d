"""What patients and admins do on random days, what becomes of proposals, and time."""

import contextlib
import datetime
import uuid

from django.urls import reverse
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from patients.models import Patient
from prescriptions.models import (
    CountNotExplainedError,
    NotAcknowledgedError,
    PrescribedStretch,
    Prescription,
    StretchPause,
    TransitionError,
    UnsafePrescriptionError,
)
from routines import deciding
from routines.models import Proposal, StretchLog
from routines.recording import RefusedError, Said, answer_settled, record_stretch
from routines.screening import record_red_flags
from stretches.models import Broader, Contraindication, RedFlagQuestion, Stretch
from tests.admin_pages import admin_url, send
from tests.days.second_rule import Ban
from tests.days.stage import ANY, CODES, DAY, DOORS, RECORDS, STRETCHES, Stage, one_of
from tests.days.world import follow, publish

PARTS = st.sampled_from(["on-getting-up", "before-bed"])
FELT = st.tuples(st.none() | st.integers(0, 10), st.sampled_from([False, False, False, True]))
"""How much it hurt, and whether that spread."""
PAIN_TOO_MUCH = 5
WEEKS = st.none() | st.integers(0, 6)
SEVERITIES = st.sampled_from(["absolute", "absolute", "relative", "precaution"])
REFUSALS = (
    UnsafePrescriptionError,
    NotAcknowledgedError,
    CountNotExplainedError,
    TransitionError,
    deciding.DraftOpenError,
)


def is_red(pain, has_spread):
    return has_spread or (pain is not None and pain > PAIN_TOO_MUCH)


class Logs(Stage):
    """Patients say how it went."""

    @rule(
        number=RECORDS,
        which=ANY,
        back=st.integers(0, 2),
        part=PARTS,
        felt=FELT,
        outcome=st.sampled_from(["done", "done", "partly", "skipped"]),
        how=st.sampled_from([("player", 0), ("player", 26), ("page", 0), ("function", 0)]),
    )
    def log(self, number, which, back, part, felt, outcome, how):
        """Of any line that was ever in force: a phone may have been offline while the prescription was replaced."""
        lines = PrescribedStretch.objects.exclude(prescription__activated_at=None)
        record, (door, late) = self.record_in(lines.values_list("prescription__patient", flat=True), number), how
        own = lines.filter(prescription__patient=record.pk).order_by("-prescription__activated_at", "position", "pk")
        if item := one_of(own, which):
            said = {"pain_score": felt[0], "has_spread": felt[1], "outcome": outcome, "part_of_day": part}
            on = self.today(record) - back * DAY
            self.say(record, item, on, door=door, logged_at=self.now - datetime.timedelta(hours=late), **said)

    @precondition(lambda self: self.memory.followed)
    @rule(number=RECORDS, which=ANY, effort=st.sampled_from(["easy", "right"]))
    def three_good_days(self, number, which, effort):
        record = self.record_in(self.memory.followed, number)
        followed = self.memory.followed.get(record.pk)
        if followed and (item := one_of(PrescribedStretch.objects.filter(pk__in=followed.lines.values()), which)):
            said = {"outcome": "done", "held_seconds": 60, "pain_score": 0, "has_spread": False, "effort": effort}
            for _ in range(3):
                self.now_is.shift(DAY)
                part = {"part_of_day": "on-getting-up"}
                self.say(record, item, self.today(record), door="function", logged_at=self.now, **said, **part)

    def say(self, record, item, on, *, door, logged_at, **said):
        """Log one stretch, and remember whether that has to pause it."""
        place = {"item": item.pk, "session__on": on, "session__part_of_day": said["part_of_day"]}
        before = StretchLog.objects.filter(**place).first()
        versions = before.history.count() if before else 0
        is_stored = self._log(record, item, on, door=door, logged_at=logged_at, **said)
        log = StretchLog.objects.filter(**place).first()
        assert not is_stored or log
        is_new = is_stored and (before is None or log.history.count() > versions)
        pain, has_spread = said["pain_score"], said["has_spread"]
        if is_new and is_red(pain, has_spread) and (before is None or is_worse(before, pain, has_spread)):
            self.memory.paused.add((record.pk, item.stretch_id))
        self._remember_rising(record, item)

    def _log(self, record, item, on, *, door, logged_at, **said):
        """Whether it was taken."""
        if door == "function":
            words = said | {"pain_score": said["pain_score"]}
            spoken = Said(item=item.pk, on=on, logged_at=logged_at, **words)
            with contextlib.suppress(RefusedError):
                record_stretch(item.prescription, spoken, by=self.user(record.person), at=self.now)
                return True
            return False
        sent = {name: "" if value is None else value for name, value in said.items()}
        sent |= {"item": str(item.pk), "on": str(on), "has_spread": "yes" if said["has_spread"] else "no"}
        address = "routines:stretch_log_record", item.prescription_id
        if door == "page":
            sent["skip_reason"] = "pain" if said["outcome"] == "skipped" else ""
            return self.post(record.person, *address, **sent).status_code == 302
        answer = self.send(record.person, *address, **sent, id=str(uuid.uuid4()), logged_at=logged_at.isoformat())
        assert answer.status_code in (200, 400, 410), answer.content
        return answer.status_code == 200

    def _remember_rising(self, record, item):
        """Pain that rises for weeks is told by ``dosage``, which has a table of its own."""
        rising = StretchPause.objects.open().filter(patient=record.pk, stretch=item.stretch_id, reason="rising")
        if rising.exists():
            self.memory.paused.add((record.pk, item.stretch_id))

    @precondition(lambda _: StretchLog.objects.exists())
    @rule(number=RECORDS, which=ANY, has_settled=st.booleans(), door=DOORS)
    def answer_whether_it_settled(self, number, which, has_settled, door):
        record = self.record_in(StretchLog.objects.values_list("session__patient", flat=True), number)
        logs = StretchLog.objects.filter(session__patient=record.pk).order_by("-session__on", "logged_at", "pk")
        if not (log := one_of(logs, which)):
            return
        was = log.has_settled
        if door == "page":
            said = {"has_settled": "yes" if has_settled else "no"}
            self.post(record.person, "routines:settled_record", log.pk, **said)
        else:
            with contextlib.suppress(RefusedError):
                answer_settled(log, has_settled, by=self.user(record.person), at=self.now)
        log.refresh_from_db()
        if log.has_settled is False and was is not False:
            self.memory.paused.add((record.pk, log.stretch_id))

    @rule(number=RECORDS, answers=st.tuples(st.booleans(), st.sampled_from([False, False, True])), door=DOORS)
    def answer_red_flags(self, number, answers, door):
        record = self.record(number)
        if door == "page":
            said = {slug: "yes" if yes else "no" for slug, yes in zip(self.world.questions, answers, strict=True)}
            answer = self.send(
                record.person, "routines:red_flags_record", record.pk, id=str(uuid.uuid4()), answers=said
            )
            assert answer.json()["is_stopped"] == any(answers)
        else:
            asked = RedFlagQuestion.objects.order_by("slug")
            given = dict(zip(asked, answers, strict=True))
            patient = Patient.objects.get(pk=record.pk)
            record_red_flags(patient, given, id=uuid.uuid4(), answered_at=self.now, at=self.now)
        if any(answers):
            self.memory.stopped |= {each.pk for each in self.world.records if each.person == record.person}
            self.touched = set(range(len(self.world.records)))


def is_worse(before, pain, has_spread):
    """Whether somebody who looked at the log before has not seen this: more pain, or newly spreading."""
    was_red = is_red(before.pain_score, before.has_spread)
    return not was_red or (has_spread and not before.has_spread) or (pain or 0) > (before.pain_score or 0)


class Decides(Stage):
    """What clinicians make of proposals."""

    @precondition(lambda _: Proposal.objects.exists())
    @rule(
        which=ANY,
        decision=st.sampled_from(["accept", "accept", "accept", "change", "decline"]),
        is_open=st.booleans(),
        door=DOORS,
    )
    def decide(self, which, decision, is_open, door):
        """Of any proposal: a page may be open since before it was overtaken."""
        proposals = Proposal.objects.open() if is_open else Proposal.objects.all()
        proposal = one_of(proposals.order_by("-proposed_at", "pk"), which)
        if proposal is None:
            return
        number = next(n for n, each in enumerate(self.world.records) if each.pk == proposal.patient_id)
        record, by = self.record(number), None
        before = Prescription.objects.in_force().filter(patient=record.pk).first()
        free_text = list(self.memory.free_text(record.pk))
        if door == "page":
            said = {"decision": decision, "note": "", "acknowledged": free_text}
            self.post(record.clinician, "routines:proposal_record", proposal.pk, **said)
        else:
            by = self.user(record.clinician)
            more = {"acknowledged": free_text} if decision == "accept" else {}
            with contextlib.suppress(*REFUSALS):
                getattr(deciding, decision)(proposal, by=by, at=self.now, **more)
        now = Prescription.objects.in_force().filter(patient=record.pk).first()
        if now != before:
            self._ensure_may_follow(record, proposal, now)

    def _ensure_may_follow(self, record, proposal, now):
        stretches = self.stretches_of(now)
        assert self.may_prescribe(record)
        assert all(self.is_safe(record, stretch) for stretch in stretches)
        assert record.pk not in self.memory.stopped, "a stopped routine is changed by a proposal"
        assert proposal.to_stretch_id is None or (record.pk, proposal.to_stretch_id) not in self.memory.paused
        follow(self.memory, now)


class Edits(Stage):
    """Admins change what is known. Every page may be another one afterwards."""

    def look_at_all(self):
        self.touched = set(range(len(self.world.records)))

    def confirm(self, address, answer, person=None):
        """Go ahead where the page asks, because it concerns what is prescribed."""
        if answer.status_code == 200 and "affected" in answer.context:
            sent = {answer.context["seen"]: [answer.context["mark"]], answer.context["why"]: ["It did harm."]}
            for name, value in answer.context["sent"]:
                sent.setdefault(name, []).append(value)
            answer = self.client_of(person or self.world.admin).post(address, sent)
        assert answer.status_code == 302, answer.context["errors"]

    @rule(chosen=STRETCHES, code=CODES, severity=SEVERITIES, first=WEEKS, length=WEEKS)
    def publish(self, chosen, code, severity, first, length):
        last = None if length is None else (first or 0) + length + 1
        stretch = Stretch.objects.get(pk=self.world.stretches[chosen])
        source = self.world.source
        publish(self.memory, stretch, self.world.codes[code], severity, first, last, source=source)
        self.look_at_all()

    @rule(which=ANY, severity=SEVERITIES, words=st.sampled_from(["It loads what is hurt.", "It bends the spine."]))
    def regrade(self, which, severity, words):
        """On its page in the admin site."""
        if not (pk := one_of(self.memory.bans, which)):
            return
        was = self.memory.bans[pk]
        address = admin_url(Contraindication, "change", pk)
        answer = send(self.client_of(self.world.admin), address, severity=severity, rationale=words)
        self.confirm(address, answer)
        self.memory.bans[pk] = Ban(was.stretch, was.code, severity, was.from_week, was.until_week, words)
        self.look_at_all()

    @rule(which=ANY, door=DOORS)
    def withdraw(self, which, door):
        if not (pk := one_of(self.memory.bans, which)):
            return
        if door == "page":
            address = admin_url(Contraindication, "delete", pk)
            self.confirm(address, self.client_of(self.world.admin).post(address, {"post": "yes"}))
        else:
            Contraindication.objects.get(pk=pk).delete()
        del self.memory.bans[pk]
        self.look_at_all()

    @rule(chosen=STRETCHES, status=st.sampled_from(["reviewed", "retired", "draft"]))
    def change_status(self, chosen, status):
        stretch = self.world.stretches[chosen]
        address = reverse("admin:stretches_stretch_review", args=[stretch])
        moves = {"reviewed": ["take_back", "publish"], "retired": ["retire"], "draft": ["take_back"]}[status]
        for move in moves if self.memory.statuses[stretch] != status else ():
            answer = self.client_of(self.world.reviewer).post(address, {"move": move})
            self.confirm(address, answer, self.world.reviewer)
        self.memory.statuses[stretch] = status
        self.look_at_all()

    @rule(low=CODES, up=CODES)
    def move_in_the_hierarchy(self, low, up):
        """Put a code below another, or take it away from there; a higher number is never above a lower one."""
        if low <= up:
            return
        edge = self.world.codes[low], self.world.codes[up]
        if edge in self.memory.broader:
            Broader.objects.filter(narrower=edge[0], broader=edge[1]).delete()
            self.memory.broader.discard(edge)
        else:
            Broader.objects.create(narrower_id=edge[0], broader_id=edge[1])
            self.memory.broader.add(edge)
        self.look_at_all()

    @rule(hours=st.sampled_from([1, 5, 12, 24, 24 * 3, 24 * 7, 24 * 30]))
    def time_goes_by(self, hours):
        self.now_is.shift(datetime.timedelta(hours=hours))
        self.look_at_all()
