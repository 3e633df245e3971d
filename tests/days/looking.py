"""What everybody sees after every step, held against the second rule."""

import itertools
import re

from django.utils.html import escape
from hypothesis.stateful import invariant

from prescriptions.models import Prescription, RoutineStop, StretchPause, TemplatePhase
from routines.models import Proposal
from tests.days.stage import MINUTE, Stage
from tests.days.world import mark
from tests.prescriptions.paper import pdf_text


class Looks(Stage):
    """Every page that names what a patient is to do."""

    def marked(self, text):
        """The stretches whose steps stand in a text."""
        return {stretch for n, stretch in enumerate(self.world.stretches) if mark(n) in text}

    def expected(self, record):
        return self.memory.shown(record.pk, self.today(record))

    @invariant()
    def all_is_as_it_ought_to_be(self):
        """Whom the step was about, and in turn somebody whom it was not."""
        self.steps += 1
        looked_at = sorted(self.touched | {self.steps % len(self.world.records)})
        self.what_was_stopped_is_stored()
        for person in dict.fromkeys(self.world.records[number].person for number in looked_at):
            self.today_of(person)
        for number in sorted(self.touched):
            record = self.world.records[number]
            self.paper(record)
            self.templates(record)
        self.proposals()
        self.queues()
        self.strangers(self.world.records[looked_at[0]])
        self.touched = set()
        self.now_is.shift(MINUTE)

    def what_was_stopped_is_stored(self):
        open_pauses = StretchPause.objects.open().values_list("patient", "stretch")
        assert set(open_pauses) == self.memory.paused
        assert set(RoutineStop.objects.open().values_list("patient", flat=True)) == self.memory.stopped
        in_force = dict(Prescription.objects.in_force().values_list("patient", "pk"))
        assert in_force == {patient: followed.pk for patient, followed in self.memory.followed.items()}

    def today_of(self, person):
        own = [record for record in self.world.records if record.person == person]
        page = self.get(person, "routines:routine_today").content.decode()
        parts = re.split(r'(?=<section class="clinic-routine")', page)
        assert not self.marked(parts[0])
        data = self.get(person, "routines:routine_data")
        routines = {each["patient"]: str(each) for each in data.json()["routines"]}
        assert routines.keys() == {str(record.pk) for record in own}
        for record in own:
            expected = self.expected(record)
            section = next(part for part in parts if f'aria-labelledby="clinic-{record.clinic}"' in part)
            for words in (section, routines[str(record.pk)]):
                assert self.marked(words) == expected
                assert {stretch for stretch in self.world.stretches if str(stretch) in words} == expected
                assert not any(str(line) in words for line in self.hidden_lines(record, expected))
        assert self.marked(data.content.decode()) == set().union(*map(self.expected, own))

    def hidden_lines(self, record, expected):
        followed = self.memory.followed.get(record.pk)
        return [line for stretch, line in followed.lines.items() if stretch not in expected] if followed else []

    def paper(self, record):
        expected = self.expected(record)
        if followed := self.memory.followed.get(record.pk):
            page = self.get(record.clinician, "prescriptions:prescription_print", followed.pk)
            assert self.marked(page.content.decode()) == expected
            printed = followed.pk, frozenset(expected)
            if self.printed.get(record.pk) != printed:  # a PDF takes long to read
                self.printed[record.pk] = printed
                own_page = self.get(record.person, "routines:routine_print", followed.pk)
                assert self.marked(own_page.content.decode()) == expected
                for person, name in (
                    (record.person, "routines:routine_pdf"),
                    (record.clinician, "prescriptions:handout_pdf"),
                ):
                    assert self.marked(pdf_text(self.get(person, name, followed.pk).content)) == expected
        if draft := self.draft(record):
            safe = self.memory.shown_of_draft(record.pk, self.stretches_of(draft), self.today(record))
            page = self.get(record.clinician, "prescriptions:prescription_print", draft.pk)
            assert self.marked(page.content.decode()) == safe
            assert self.get(record.person, "routines:routine_print", draft.pk).status_code == 404

    def templates(self, record):
        page = self.get(record.clinician, "prescriptions:template_apply", record.pk)
        today = self.today(record)
        lines = dict(
            itertools.chain.from_iterable(
                [(line.pk, line.stretch_id) for line in phase.lines.all()]
                for phase in TemplatePhase.objects.prefetch_related("lines")
            )
        )
        found = {line.stretch_id for each in page.context["templates"] for phase in each.phases for line in phase.fits}
        fits = {
            each for each in lines.values() if self.memory.verdict(record.pk, each, today) in ("allowed", "caution")
        }
        assert found == fits
        assert ('name="phase"' in page.content.decode()) == self.may_prescribe(record)

    def proposals(self):
        """What is proposed may be done by its patient, or nobody is asked to accept it."""
        for proposal in Proposal.objects.open().select_related("item"):
            record = next(each for each in self.world.records if each.pk == proposal.patient_id)
            page = self.get(record.clinician, "routines:proposal_record", proposal.pk)
            assert record.pk not in self.memory.stopped
            if proposal.item and 'value="accept"' in page.content.decode():
                stretch = proposal.to_stretch_id or proposal.item.stretch_id
                assert self.memory.may_do(record.pk, stretch, self.today(record)), proposal.kind

    def queues(self):
        """What was stopped waits in its clinic's queue, whatever anybody decided about it; and nowhere else."""
        for clinician in self.world.clinicians:
            page = self.get(clinician, "attention_list")
            queue = page.context["queue"]
            treated = {record.pk: record for record in self.world.records if record.clinician == clinician}
            lines = [*queue.waiting, *queue.seen]
            assert {line.patient.pk for line in [*lines, *queue.put_off]} <= treated.keys()
            assert not {line.kind for line in queue.put_off} & {"red-flag", "pause", "unsafe"}
            found = {kind: {line.patient.pk for line in lines if line.kind == kind} for kind in ("red-flag", "unsafe")}
            assert found["red-flag"] == self.memory.stopped & treated.keys()
            assert found["unsafe"] == {
                patient for patient, record in treated.items() if self.memory.unsafe(patient, self.today(record))
            }
            pauses = StretchPause.objects.open().values_list("pk", "patient", "stretch")
            due = {str(pk) for pk, *of in pauses if tuple(of) in self.memory.paused and of[0] in treated}
            assert {line.subject for line in lines if line.kind == "pause"} == due
            content = page.content.decode()
            assert all(line.patient.get_absolute_url() in content and line.reason for line in lines)
            assert all(escape(line.reason) in content for line in lines if line.is_lasting)

    def strangers(self, record):
        """Somebody of the other clinic, or another patient, asks for something of a record."""
        other = next(each for each in self.world.clinicians if each != record.clinician)
        neighbour = next(each.person for each in self.world.records if each.person != record.person)
        asked = [(other, "patients:patient_detail", record.pk), (other, "prescriptions:template_apply", record.pk)]
        if prescription := Prescription.objects.filter(patient=record.pk).first():
            asked.append((other, "prescriptions:prescription_print", prescription.pk))
            asked.append((other, "prescriptions:prescription_edit", prescription.pk))
            asked.append((neighbour, "routines:routine_print", prescription.pk))
            asked.append((neighbour, "routines:routine_pdf", prescription.pk))
            asked.append((neighbour, "routines:stretch_log_record", prescription.pk))
        if proposal := Proposal.objects.filter(patient=record.pk).first():
            asked.append((other, "routines:proposal_record", proposal.pk))
        if pause := StretchPause.objects.filter(patient=record.pk).first():
            asked.append((other, "routines:stretch_pause_lift", pause.pk))
        person, name, pk = asked[self.steps % len(asked)]
        assert self.get(person, name, pk).status_code == 404
