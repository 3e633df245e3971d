"""What clinicians do on random days: the record, the draft, the life of a prescription, what was stopped."""

import contextlib
import datetime
import uuid

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from patients.models import CONDITION_FIELDS, ClinicalStatus, Condition, VerificationStatus
from patients.versions import as_seen
from prescriptions import applying, drafting
from prescriptions.models import (
    CountNotExplainedError,
    NotAcknowledgedError,
    Override,
    Prescription,
    RoutineStop,
    StretchPause,
    TemplatePhase,
    TransitionError,
    UnsafePrescriptionError,
)
from stretches.models import ConditionCode, Stretch
from tests.days.second_rule import Ailment, Excepted
from tests.days.stage import ANY, CODES, DOORS, RECORDS, STRETCHES, Stage, one_of
from tests.days.world import follow

DATES = st.none() | st.integers(0, 50)
"""Days ago."""
REFUSALS = (UnsafePrescriptionError, NotAcknowledgedError, TransitionError, CountNotExplainedError)


class KeepsRecords(Stage):
    """Conditions and their review."""

    @rule(
        number=RECORDS,
        code=st.none() | CODES | CODES,
        ago=DATES,
        verification=st.sampled_from(["confirmed", "confirmed", "provisional"]),
        door=DOORS,
    )
    def record_a_condition(self, number, code, ago, verification, door):
        self.keep(self.record(number), uuid.uuid4(), code, "active", verification, ago, door=door)

    @precondition(lambda self: self.memory.ailments)
    @rule(
        number=RECORDS,
        which=ANY,
        clinical=st.sampled_from([*ClinicalStatus.values, "resolved"]),
        verification=st.sampled_from([*VerificationStatus.values, "confirmed", "confirmed"]),
        ago=DATES,
        door=DOORS,
    )
    def correct_a_condition(self, number, which, clinical, verification, ago, door):
        record = self.record_in({each.patient for each in self.memory.ailments.values()}, number)
        own = [pk for pk, ailment in self.memory.ailments.items() if ailment.patient == record.pk]
        if pk := one_of(own, which):
            code = self.memory.ailments[pk].code
            known = None if code is None else self.world.codes.index(code)
            self.keep(record, pk, known, clinical, verification, ago, door=door)

    @precondition(lambda self: self.memory.ailments)
    @rule(number=RECORDS, which=ANY, code=CODES, door=DOORS)
    def say_that_it_was_another(self, number, which, code, door):
        record = self.record_in({each.patient for each in self.memory.ailments.values()}, number)
        own = [pk for pk, ailment in self.memory.ailments.items() if ailment.patient == record.pk and ailment.code]
        if pk := one_of(own, which):
            was = self.memory.ailments[pk]
            ago = None if was.anchor_on is None else (self.today(record) - was.anchor_on).days
            self.keep(record, pk, code, was.clinical_status, was.verification_status, ago, door=door)

    def keep(self, record, pk, code, clinical, verification, ago, *, door):
        """Store a condition that is new, or says something else now."""
        today = self.today(record)
        anchor_on = None if ago is None else today - datetime.timedelta(days=ago)
        stored = Condition.objects.filter(pk=pk).first()
        free_text = "It hurts" if code is None else ""
        if door == "page":
            said = {
                "code": "" if code is None else ConditionCode.objects.get(pk=self.world.codes[code]).slug,
                "free_text": free_text,
                "clinical_status": clinical,
                "verification_status": verification,
                "anchor_on": anchor_on or "",
                "note": "",
            }
            if stored:
                said["seen"] = as_seen([stored], CONDITION_FIELDS)
                answer = self.post(record.clinician, "patients:condition_edit", pk, **said)
            else:
                answer = self.post(record.clinician, "patients:condition_add", record.pk, new_id=pk, **said)
            assert answer.status_code == 302, answer.context["form"].errors
        else:
            condition = stored or Condition(pk=pk)
            condition.patient = self.patient(record)
            condition.code_id = None if code is None else self.world.codes[code]
            condition.free_text, condition.anchor_on = free_text, anchor_on
            condition.clinical_status, condition.verification_status = clinical, verification
            condition.record(by=self.user(record.clinician))
        self.memory.ailments[pk] = Ailment(
            record.pk, None if code is None else self.world.codes[code], clinical, verification, anchor_on
        )

    @rule(number=RECORDS, door=DOORS)
    def review(self, number, door):
        record = self.record(number)
        if door == "page":
            seen = self.get(record.clinician, "patients:conditions_review_record", record.pk).context["seen"]
            self.post(record.clinician, "patients:conditions_review_record", record.pk, seen=seen)
        else:
            self.patient(record).record_review(by=self.user(record.clinician), on=self.today(record))
        self.memory.reviewed_on[record.pk] = self.today(record)


class Drafts(Stage):
    """Writing a draft. Whatever is posted, only what is safe comes in."""

    @rule(number=RECORDS, door=DOORS)
    def start_a_draft(self, number, door):
        self.ensure_draft(self.record(number), door=door)

    def ensure_draft(self, record, *, door="function"):
        if door == "page":
            self.post(record.clinician, "prescriptions:prescription_add", record.pk)
        else:
            drafting.start(self.patient(record), by=self.user(record.clinician))
        return self.draft(record)

    @rule(number=RECORDS, chosen=STRETCHES, which=st.none() | ANY, door=DOORS)
    def add_a_stretch(self, number, chosen, which, door):
        record, stretch = self.record(number), self.world.stretches[chosen]
        draft = self.ensure_draft(record)
        before = self.stretches_of(draft)
        instead_of = None if which is None else one_of(draft.items.order_by("position", "stretch__name"), which)
        allowed = self.may_prescribe(record) and self.is_safe(record, stretch)
        if door == "page":
            said = {"stretch": stretch} | ({"instead_of": instead_of.pk} if instead_of else {})
            self.post(record.clinician, "prescriptions:prescribed_stretch_add", draft.pk, **said)
        else:
            with contextlib.suppress(UnsafePrescriptionError):
                drafting.add(draft, Stretch.objects.get(pk=stretch), instead_of=instead_of, at=self.now)
        assert self.stretches_of(draft) - before == ({stretch} - before if allowed else set())

    @rule(number=RECORDS, which=ANY)
    def take_one_out(self, number, which):
        record = self.record(number)
        draft = self.draft(record)
        if draft and (line := one_of(draft.items.order_by("position", "stretch__name"), which)):
            self.post(record.clinician, "prescriptions:prescribed_stretch_remove", line.pk)

    @rule(number=RECORDS, chosen=STRETCHES, days=st.integers(0, 20), is_tampered=st.booleans())
    def override(self, number, chosen, days, is_tampered):
        """Give a reason; a page that somebody tampered with names all that speaks against the stretch by itself."""
        record, stretch = self.record(number), self.world.stretches[chosen]
        draft, today = self.ensure_draft(record), self.today(record)
        before = self.stretches_of(draft)
        reasons = self.memory.reasons(record.pk, stretch, today)
        address = "prescriptions:override_add", draft.pk, stretch
        if is_tampered:
            shown = " ".join(f"{ban}:{ailment}" for ban, ailment in reasons)
        else:
            page = self.get(record.clinician, *address)
            shown = page.context["form"].initial["shown"] if page.status_code == 200 else ""
        until_on = today + datetime.timedelta(days=days)
        said = {"shown": shown, "reason": "adapted", "expires_on": until_on}
        count = Override.objects.count()
        is_safe, may = self.is_safe(record, stretch), self.may_prescribe(record)
        verdict = self.memory.verdict(record.pk, stretch, today)
        self.post(record.clinician, *address, **said)
        if Override.objects.count() > count:
            assert verdict == "needs_override"
            assert may
            assert not is_safe
            for ban, ailment in reasons:
                was, code = self.memory.bans[ban], self.memory.ailments[ailment].code
                self.memory.exceptions.append(Excepted(record.pk, stretch, ban, ailment, was, code, until_on))
        new = self.stretches_of(draft) - before
        assert new <= {stretch}
        assert not new or (may and self.is_safe(record, stretch))

    @rule(number=RECORDS, phase=st.integers(0, 1), is_replacing=st.booleans(), door=DOORS)
    def apply_a_template(self, number, phase, is_replacing, door):
        record, phase_pk = self.record(number), self.world.phases[phase]
        draft, today = self.draft(record), self.today(record)
        followed = self.memory.followed.get(record.pk)
        before = self.stretches_of(draft) if draft else set(followed.lines) if followed else set()
        if door == "page":
            what = "replace" if is_replacing else "add"
            self.post(record.clinician, "prescriptions:template_apply", record.pk, phase=phase_pk, what=what)
        else:
            chosen, by = TemplatePhase.objects.get(pk=phase_pk), self.user(record.clinician)
            with contextlib.suppress(UnsafePrescriptionError):
                applying.apply(chosen, self.patient(record), is_replacing=is_replacing, by=by, at=self.now)
        of_phase = set(TemplatePhase.objects.get(pk=phase_pk).lines.values_list("stretch", flat=True))
        fits = {each for each in of_phase if self.memory.verdict(record.pk, each, today) in ("allowed", "caution")}
        draft = self.draft(record)
        now = self.stretches_of(draft) if draft else before
        assert now - before == (fits - before if self.may_prescribe(record) else set())


class Prescribes(Stage):
    """The life of a prescription."""

    @precondition(lambda _: Prescription.objects.drafts().exists())
    @rule(number=RECORDS, door=DOORS, is_ticked=st.booleans(), meanwhile=st.none() | CODES)
    def activate(self, number, door, is_ticked, meanwhile):
        """Put the draft into force; perhaps a condition is recorded after the page was opened."""
        record = self.record_in(Prescription.objects.drafts().values_list("patient", flat=True), number)
        draft = self.draft(record)
        page = self.get(record.clinician, "prescriptions:prescription_activate", draft.pk)
        seen = page.context["review"].seen
        if meanwhile is not None:
            self.keep(record, uuid.uuid4(), meanwhile, "active", "confirmed", None, door="function")
        free_text = self.memory.free_text(record.pk)
        in_force = Prescription.objects.in_force().filter(patient=record.pk).first()
        said = {
            "seen": seen,
            "count_reason": "All are needed",
            "acknowledged": list(free_text) if is_ticked else [],
        }
        lines = self.stretches_of(draft)
        may = bool(lines) and self.may_prescribe(record) and (is_ticked or not free_text)
        may = may and all(self.is_safe(record, stretch) for stretch in lines)
        if door == "page":
            replacing = {"replacing": in_force.pk} if in_force else {}
            self.post(record.clinician, "prescriptions:prescription_activate", draft.pk, **said, **replacing)
        else:
            with contextlib.suppress(*REFUSALS):
                draft.activate(by=self.user(record.clinician), at=self.now, replacing=in_force, **said)
        draft = Prescription.objects.get(pk=draft.pk)
        if draft.status == "active":
            assert may
            follow(self.memory, draft)
        else:
            assert meanwhile is not None or not may

    @precondition(lambda self: self.memory.followed)
    @rule(number=RECORDS)
    def revise(self, number):
        record = self.record_in(self.memory.followed, number)
        if followed := self.memory.followed.get(record.pk):
            self.post(record.clinician, "prescriptions:prescription_revise", followed.pk)

    @precondition(lambda self: self.memory.followed)
    @rule(number=RECORDS, door=DOORS)
    def hold(self, number, door):
        record = self.record_in(self.memory.followed, number)
        followed = self.memory.followed.get(record.pk)
        if followed and not followed.is_held:
            if door == "page":
                self.post(record.clinician, "prescriptions:prescription_hold", followed.pk, reason="Flu")
            else:
                own = Prescription.objects.get(pk=followed.pk)
                own.hold(by=self.user(record.clinician), at=self.now, reason="Flu")
            followed.is_held = True

    @precondition(lambda self: self.memory.followed)
    @rule(number=RECORDS, door=DOORS)
    def resume(self, number, door):
        record = self.record_in(self.memory.followed, number)
        followed = self.memory.followed.get(record.pk)
        if not followed or not followed.is_held:
            return
        free_text = list(self.memory.free_text(record.pk))
        own = Prescription.objects.get(pk=followed.pk)
        if door == "page":
            seen = self.get(record.clinician, "prescriptions:prescription_resume", own.pk).context["review"].seen
            said = {"seen": seen, "acknowledged": free_text}
            self.post(record.clinician, "prescriptions:prescription_resume", own.pk, **said)
        else:
            with contextlib.suppress(*REFUSALS):
                own.resume(by=self.user(record.clinician), at=self.now, acknowledged=free_text)
        own.refresh_from_db()
        is_safe = self.may_prescribe(record) and not self.memory.unsafe(record.pk, self.today(record))
        assert (own.status == "active") == is_safe
        followed.is_held = own.status != "active"

    @precondition(lambda self: self.memory.followed)
    @rule(number=RECORDS, how=st.sampled_from(["complete", "revoke"]), is_draft=st.booleans())
    def end(self, number, how, is_draft):
        record = self.record_in(self.memory.followed, number)
        if is_draft:
            if draft := self.draft(record):
                self.post(record.clinician, "prescriptions:prescription_revoke", draft.pk, reason="No")
        elif followed := self.memory.followed.pop(record.pk, None):
            name = f"prescriptions:prescription_{how}"
            assert self.post(record.clinician, name, followed.pk, reason="Done").status_code == 302


class LooksAfter(Stage):
    """What only a clinician ends."""

    @precondition(lambda self: self.memory.paused)
    @rule(number=RECORDS, which=ANY, door=DOORS)
    def lift_a_pause(self, number, which, door):
        record = self.record_in({patient for patient, _ in self.memory.paused}, number)
        own = sorted(
            (stretch for patient, stretch in self.memory.paused if patient == record.pk), key=self.world.number
        )
        if not (stretch := one_of(own, which)):
            return
        pause = StretchPause.objects.open().get(patient=record.pk, stretch=stretch)
        if door == "page":
            self.post(record.clinician, "routines:stretch_pause_lift", pause.pk, note="Better")
        else:
            pause.lift(by=self.user(record.clinician), at=self.now)
        self.memory.paused.discard((record.pk, stretch))

    @precondition(lambda self: self.memory.stopped)
    @rule(number=RECORDS, door=DOORS)
    def reopen(self, number, door):
        record = self.record_in(self.memory.stopped, number)
        if door == "page":
            self.post(record.clinician, "routines:routine_reopen", record.pk, note="Seen")
        else:
            RoutineStop.reopen(self.patient(record), by=self.user(record.clinician), at=self.now, note="Seen")
        self.memory.stopped.discard(record.pk)

    @rule(clinician=st.integers(0, 1), which=ANY, decision=st.sampled_from(["acknowledged", "snoozed", "resolved"]))
    def decide_about_a_line(self, clinician, which, decision):
        """See it, put it off, call it dealt with: what was stopped stays in the queue all the same."""
        person = self.world.clinicians[clinician]
        queue = self.get(person, "attention_list").context["queue"]
        if line := one_of([*queue.waiting, *queue.seen, *queue.put_off], which):
            until_on = line.today + datetime.timedelta(days=20)
            answer = self.client_of(person).post(line.decision_url, {"decision": decision, "until_on": until_on})
            assert answer.status_code in (302, 422)
