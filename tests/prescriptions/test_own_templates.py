"""A clinic's own templates: saved from a prescription, copied, edited, retired; and what never goes into one."""

import uuid

import pytest

from accounts.models import Membership
from prescriptions import own_templates
from prescriptions.models import Template, TemplateLine, TemplatePhase
from tests.factories import (
    ClinicFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    TemplateFactory,
    TemplateLineFactory,
    TemplatePhaseFactory,
)
from tests.prescriptions.acting import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(patient):
    return TemplateLineFactory(phase__template__clinic=patient.clinic).phase.template


def words(**more):
    return {"new_id": uuid.uuid4(), "name": "Ours", "for_whom": "Backs", "citation": "Our practice", **more}


def edited(template, **more):
    """What the form of a template sends back, with changes."""
    sent = {
        "name": template.name,
        "for_whom": template.for_whom,
        "citation": template.citation,
        "seen": own_templates.as_seen(template),
        "phases-INITIAL_FORMS": template.phases.count(),
        "phases-TOTAL_FORMS": template.phases.count() + 1,
    }
    for number, phase in enumerate(template.phases.all()):
        sent |= {
            f"phases-{number}-id": phase.pk,
            f"phases-{number}-name": phase.name,
            f"phases-{number}-weeks": phase.weeks,
        }
    return sent | more


# Made -----------------------------------------------------------------------------------------------------------------
def test_template_add_saves_a_prescription_without_what_is_the_patients(clinic_client, draft):
    draft.note = "Dear Walter"
    draft.save()
    line = PrescribedStretchFactory(prescription=draft, note="Mind your left hip", side="left", repetitions=7)

    response = clinic_client.post(f"{page('template_add')}?prescription={draft.pk}", words())

    template = Template.objects.get()
    assert response.url == template.get_absolute_url()
    assert (template.name, template.clinic, template.citation) == ("Ours", draft.clinic, "Our practice")
    stored = template.phases.get().lines.get()
    assert (stored.stretch, stored.repetitions, stored.note, stored.side) == (line.stretch, 7, "", "both")
    assert {template.clinic, template.phases.get().clinic, stored.clinic} == {draft.clinic}


def test_template_add_copies_one_of_the_library_to_adapt(clinic_client, patient):
    library = TemplateFactory(clinic=None, slug="ladder", citation="", source=SourceFactory())
    line = TemplateLineFactory(phase=TemplatePhaseFactory(template=library, weeks=5, criterion="When easy."))
    TemplatePhaseFactory(template=library, position=1)

    shown = clinic_client.get(f"{page('template_add')}?template={library.pk}").content.decode()
    clinic_client.post(f"{page('template_add')}?template={library.pk}", words())

    copy = Template.objects.get(clinic=patient.clinic)
    assert f'value="{library.name}"' in shown
    assert (copy.adapted_from, copy.source) == (library, library.source)
    assert [(phase.weeks, phase.criterion) for phase in copy.phases.all()] == [(5, "When easy."), (2, "")]
    assert copy.phases.first().lines.get().dose_words == line.dose_words
    assert library.phases.first().lines.get() == line


def test_an_empty_one_has_one_phase(clinic_client, patient):
    clinic_client.post(page("template_add"), words())

    assert Template.objects.get().phases.get().lines.count() == 0


def test_sent_twice_it_is_one_template(clinic_client, draft):
    sent, url = words(), f"{page('template_add')}?prescription={draft.pk}"

    answers = [clinic_client.post(url, sent).url for _ in range(2)]

    assert answers[0] == answers[1]
    assert Template.objects.count() == TemplatePhase.objects.count() == 1


def test_other_words_under_the_same_id_are_another_template(clinic_client, draft):
    sent, url = words(), f"{page('template_add')}?prescription={draft.pk}"

    answers = [clinic_client.post(url, {**sent, "name": name}).url for name in ("First", "Second", "First", "Second")]

    assert answers[:2] == answers[2:]
    assert sorted(Template.objects.values_list("name", flat=True)) == ["First", "Second"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Give it a name."),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "a\0b"}, "Null characters"),
        ({"for_whom": ""}, "Say for whom it is meant."),
        ({"citation": "  "}, "Say what it rests on."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(clinic_client, draft, wrong, message):
    response = clinic_client.post(page("template_add"), words(summary="Kept.") | wrong)

    content = response.content.decode()
    assert response.status_code == 422
    assert message in content
    assert "Kept." in content
    assert Template.objects.count() == 0


@pytest.mark.parametrize("query", ["prescription={}", "template={}", "prescription=nonsense", "template=nonsense"])
def test_nothing_is_made_of_what_may_not_be_seen(clinic_client, query):
    of = PrescriptionFactory() if "prescription" in query else TemplateFactory()
    url = f"{page('template_add')}?{query.format(of.pk)}"

    assert clinic_client.get(url).status_code == 404
    assert clinic_client.post(url, words()).status_code == 404


def test_somebody_in_two_clinics_says_for_which(clinic_client, clinician, patient):
    second, third = ClinicFactory(), ClinicFactory()
    Membership.objects.create(user=clinician, clinic=second, role="clinician")

    without = clinic_client.post(page("template_add"), words())
    strange = clinic_client.post(page("template_add"), words(clinic=third.pk))
    clinic_client.post(page("template_add"), words(clinic=second.pk))

    assert (without.status_code, strange.status_code) == (422, 422)
    assert Template.objects.get().clinic == second


# Edited ---------------------------------------------------------------------------------------------------------------
def test_template_edit_changes_words_and_phases(clinic_client, own):
    kept, gone = own.phases.get(), TemplatePhaseFactory(template=own, position=1)
    sent = edited(own, name="Better", is_retired="on") | {
        "phases-0-name": "Wall",
        "phases-0-weeks": 3,
        "phases-1-DELETE": "on",
        "phases-2-name": "Chair",
        "phases-2-weeks": 6,
        "phases-2-criterion": "When easy.",
    }

    response = clinic_client.post(page("template_edit", own.pk), sent)

    own.refresh_from_db()
    assert response.url == own.get_absolute_url()
    assert (own.name, own.is_retired) == ("Better", True)
    phases = list(own.phases.all())
    assert [(phase.name, phase.weeks, phase.position) for phase in phases] == [("Wall", 3, 0), ("Chair", 6, 1)]
    assert phases[0] == kept
    assert kept.lines.count() == 1
    assert {phase.clinic for phase in phases} == {own.clinic}
    assert not TemplatePhase.objects.filter(pk=gone.pk).exists()
    assert own.history.count() == 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Give it a name."),
        ({"phases-0-weeks": "99"}, "At most 52 weeks."),
        ({"phases-0-weeks": "0"}, "At least 1 week."),
        ({"phases-0-weeks": "two"}, "Write a whole number."),
        ({"phases-0-name": ""}, "Give the phase a name."),
        ({"phases-1-criterion": "Only this"}, "Give the phase a name."),
        ({"phases-0-DELETE": "on"}, "at least one phase"),
        ({"phases-TOTAL_FORMS": "nonsense"}, "The page came back incomplete."),
    ],
)
def test_what_is_wrong_in_an_edit_changes_nothing(clinic_client, own, wrong, message):
    before = own_templates.as_seen(own)

    response = clinic_client.post(page("template_edit", own.pk), edited(own, summary="Kept.") | wrong)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert "Kept." in response.content.decode()
    assert own_templates.as_seen(own) == before


def test_a_phase_of_another_template_is_not_taken_over(clinic_client, own):
    strange = TemplatePhaseFactory()

    response = clinic_client.post(page("template_edit", own.pk), edited(own) | {"phases-0-id": strange.pk})

    strange.refresh_from_db()
    assert own.phases.count() == 1
    assert response.status_code == 422
    assert strange.template != own


def test_a_stale_edit_says_what_is_stored_and_may_be_sent_again(clinic_client, own):
    sent = edited(own, name="Mine")
    own.name = "Theirs"
    own.save()

    response = clinic_client.post(page("template_edit", own.pk), sent)

    assert response.status_code == 409
    assert "It is now: Theirs" in response.content.decode()
    assert 'value="Mine"' in response.content.decode()
    own.refresh_from_db()
    assert own.name == "Theirs"

    clinic_client.post(page("template_edit", own.pk), sent | {"seen": response.context["form"]["seen"].value()})
    own.refresh_from_db()
    assert own.name == "Mine"


# Its lines ------------------------------------------------------------------------------------------------------------
def test_template_line_add_searches_and_adds_with_the_catalogues_dose(clinic_client, own):
    phase, stretch = own.phases.get(), StretchFactory(name="Towel stretch", repetitions=4)
    StretchFactory(name="Towel draft", status="draft")
    url = page("template_line_add", phase.pk)

    found = clinic_client.get(url, {"q": "towel"}).context["stretches"]
    answers = [clinic_client.post(url, {"stretch": stretch.pk}).url for _ in range(2)]

    assert found == [stretch]
    assert set(answers) == {own.get_absolute_url()}
    line = phase.lines.get(stretch=stretch)
    assert (line.repetitions, line.position, line.clinic) == (4, 1, own.clinic)


@pytest.mark.parametrize("stretch", ["nonsense", "", "draft"])
def test_only_a_reviewed_stretch_is_added(clinic_client, own, stretch):
    chosen = StretchFactory(status="draft").pk if stretch == "draft" else stretch

    assert clinic_client.post(page("template_line_add", own.phases.get().pk), {"stretch": chosen}).status_code == 404


def test_a_full_phase_takes_no_more(clinic_client, own):
    phase = own.phases.get()
    TemplateLineFactory.create_batch(own_templates.LINES_MAX - 1, phase=phase)

    response = clinic_client.post(page("template_line_add", phase.pk), {"stretch": StretchFactory().pk}, follow=True)

    assert "no phase holds more" in response.content.decode()
    assert phase.lines.count() == own_templates.LINES_MAX


def test_template_line_add_says_when_there_is_none_and_when_there_are_more(clinic_client, own):
    StretchFactory.create_batch(26)
    url = page("template_line_add", own.phases.get().pk)

    assert "No stretch called “Zorro”" in clinic_client.get(url, {"q": "Zorro"}).content.decode()
    assert "There are more" in clinic_client.get(url).content.decode()
    assert "Nothing is called “strecth”. Close to it:" in clinic_client.get(url, {"q": "strecth"}).content.decode()
    assert clinic_client.get(url, {"q": "x" * 200}).status_code == 200


def dose(line, **more):
    parts = {"start_hold_seconds": 10, "target_hold_seconds": 20, "repetitions": 5, "days_per_week": 6, "side": "both"}
    return parts | {"parts": ["is_midday"], "seen": own_templates.dose_as_seen(line), **more}


def test_template_line_edit_changes_the_dose(clinic_client, own):
    line = own.phases.get().lines.get()

    response = clinic_client.post(page("template_line_edit", line.pk), dose(line, note="Slowly."))

    line.refresh_from_db()
    assert response.url == own.get_absolute_url()
    assert (line.target_hold_seconds, line.repetitions, line.times_per_day, line.note) == (20, 5, 1, "Slowly.")
    assert line.is_midday


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"repetitions": "0"}, "At least 1."),
        ({"target_hold_seconds": "5"}, "At least the 10 seconds"),
        ({"parts": []}, "Choose at least one part of the day."),
    ],
)
def test_a_wrong_dose_changes_nothing(clinic_client, own, wrong, message):
    line = own.phases.get().lines.get()
    before = own_templates.dose_as_seen(line)

    response = clinic_client.post(page("template_line_edit", line.pk), dose(line) | wrong)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert own_templates.dose_as_seen(TemplateLine.objects.get(pk=line.pk)) == before


def test_a_stale_dose_is_not_stored_unseen(clinic_client, own):
    line = own.phases.get().lines.get()
    sent = dose(line)
    TemplateLine.objects.filter(pk=line.pk).update(repetitions=9)

    response = clinic_client.post(page("template_line_edit", line.pk), sent)

    assert response.status_code == 409
    assert "9 times" in response.content.decode()
    line.refresh_from_db()
    assert line.repetitions == 9


def test_template_line_remove_takes_a_stretch_out(clinic_client, own):
    line = own.phases.get().lines.get()

    response = clinic_client.post(page("template_line_remove", line.pk))

    assert response.url == own.get_absolute_url()
    assert own.phases.get().lines.count() == 0


def test_prescriptions_that_came_from_it_stay_as_they_are(clinic_client, own, draft):
    line = PrescribedStretchFactory(prescription=draft, stretch=own.phases.get().lines.get().stretch)
    draft.template_phase = own.phases.get()
    draft.save()

    clinic_client.post(page("template_line_remove", own.phases.get().lines.get().pk))

    assert draft.items.get() == line
