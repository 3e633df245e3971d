"""The pages of templates: who may open them, what they show, and starting a patient from one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from prescriptions.models import Template
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    PrescribedStretchFactory,
    SourceFactory,
    StretchFactory,
    TemplateFactory,
    TemplateLineFactory,
    TemplatePhaseFactory,
    UserFactory,
)
from tests.prescriptions.acting import page, withhold

pytestmark = pytest.mark.django_db

METHODS = {
    "template_list": ["GET"],
    "template_detail": ["GET"],
    "template_add": ["GET", "POST"],
    "template_edit": ["GET", "POST"],
    "template_line_add": ["GET", "POST"],
    "template_line_edit": ["GET", "POST"],
    "template_line_remove": ["POST"],
    "template_apply": ["GET", "POST"],
}
CELLS = [(name, method) for name, methods in METHODS.items() for method in methods]
FOR_EVERY_CLINICIAN = {"template_list", "template_add"}
EDITING = {"template_edit", "template_line_add", "template_line_edit", "template_line_remove"}


@pytest.fixture
def own(patient):
    """A template of the clinic with one line."""
    return TemplateLineFactory(phase__template__clinic=patient.clinic).phase.template


@pytest.fixture
def of_library(db):
    template = TemplateFactory(clinic=None, slug="ladder", source=SourceFactory(), sign_off="Awaits sign-off.")
    return TemplateLineFactory(phase=TemplatePhaseFactory(template=template)).phase.template


def urls_of(template, patient):
    phase = template.phases.get()
    line = phase.lines.get()
    return {
        "template_list": page("template_list"),
        "template_detail": page("template_detail", template.pk),
        "template_add": page("template_add"),
        "template_edit": page("template_edit", template.pk),
        "template_line_add": page("template_line_add", phase.pk),
        "template_line_edit": page("template_line_edit", line.pk),
        "template_line_remove": page("template_line_remove", line.pk),
        "template_apply": page("template_apply", patient.pk),
    }


# Who may, and how -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name, method in CELLS if name not in FOR_EVERY_CLINICIAN]
)
def test_a_clinician_of_another_clinic_finds_nothing(client, own, patient, name, method):
    client.force_login(ClinicianFactory())

    response = client.generic(method, urls_of(own, patient)[name])

    assert response.status_code == 404
    assert own.phases.get().lines.count() == 1


@pytest.mark.parametrize(("name", "method"), CELLS)
@pytest.mark.parametrize("stranger", [AdminFactory, UserFactory])
def test_whoever_is_no_clinician_finds_nothing(client, own, patient, stranger, name, method):
    client.force_login(stranger())

    assert client.generic(method, urls_of(own, patient)[name]).status_code == 404


def test_an_admin_of_the_clinic_and_its_patient_find_nothing(client, own, patient):
    patient.user = UserFactory()
    patient.save()
    urls = urls_of(own, patient)

    for person in (AdminFactory(clinic=patient.clinic), patient.user):
        client.force_login(person)
        assert {client.generic(method, urls[name]).status_code for name, method in CELLS} == {404}


@pytest.mark.parametrize("person", [AdminFactory, UserFactory])
def test_the_library_is_for_clinicians(client, of_library, person):
    client.force_login(person())

    assert client.get(of_library.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(("name", "method"), CELLS)
def test_a_visitor_goes_to_the_sign_in(client, own, patient, name, method):
    response = client.generic(method, urls_of(own, patient)[name])

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, methods in METHODS.items()
        for method in ["GET", "POST", "PUT", "DELETE"]
        if method not in methods
    ],
)
def test_a_wrong_method_is_refused(clinic_client, own, patient, name, method):
    assert clinic_client.generic(method, urls_of(own, patient)[name]).status_code == 405


@pytest.mark.parametrize(("name", "method"), [(name, method) for name, method in CELLS if name in EDITING])
def test_nobody_edits_the_library(clinic_client, of_library, patient, name, method):
    response = clinic_client.generic(method, urls_of(of_library, patient)[name])

    assert response.status_code == 404
    assert of_library.phases.get().lines.count() == 1


def test_a_colleague_sees_and_edits_the_clinics_own(client, own, patient):
    client.force_login(ClinicianFactory(clinic=patient.clinic))
    urls = urls_of(own, patient)

    assert {client.get(urls[name]).status_code for name, methods in METHODS.items() if "GET" in methods} == {200}


# What they show -------------------------------------------------------------------------------------------------------
def test_template_list_shows_for_whom_phases_minutes_and_count(clinic_client, own, of_library):
    TemplateLineFactory(phase=own.phases.get())
    retired, others = TemplateFactory(clinic=own.clinic, is_retired=True), TemplateFactory()

    response = clinic_client.get(page("template_list"))

    content = response.content.decode()
    assert own.for_whom in content
    assert "2 stretches · " in content
    # 2 stretches × 2 times × 2 sides × (45 s + 5 s) once a day
    assert '<span class="number">7</span> min a day · 2 weeks' in content
    assert "Awaits sign-off." in content
    assert response.context["retired"] == [retired]
    assert str(others) not in content


def test_template_detail_shows_doses_criterion_and_sources(clinic_client, of_library):
    phase = of_library.phases.get()
    phase.criterion = "Pain at most 2 of 10."
    phase.save()

    content = clinic_client.get(of_library.get_absolute_url()).content.decode()

    assert "hold 15 seconds, building up to 45 seconds" in content
    assert "Pain at most 2 of 10." in content
    assert "Awaits sign-off." in content
    assert of_library.source.citation in content
    assert phase.lines.get().stretch.source.citation in content
    assert page("template_edit", of_library.pk) not in content


@pytest.mark.parametrize("name", ["template_list", "template_detail", "template_apply"])
def test_ten_more_rows_cost_no_more_queries(
    clinic_client, own, patient, django_assert_num_queries, django_assert_max_num_queries, name
):
    url = urls_of(own, patient)[name]
    withhold(patient, "absolute", own.phases.get().lines.get().stretch)
    with django_assert_max_num_queries(12) as first:
        clinic_client.get(url)
    for _ in range(10):
        phase = TemplatePhaseFactory(template=own)
        withhold(patient, "relative", TemplateLineFactory(phase=phase).stretch)
        TemplateLineFactory(phase__template__clinic=patient.clinic)

    with django_assert_num_queries(len(first)):
        clinic_client.get(url)


# Starting a patient ---------------------------------------------------------------------------------------------------
def use(client, patient, phase, **more):
    return client.post(page("template_apply", patient.pk), {"phase": phase.pk, **more}, follow=True)


def test_template_apply_shows_what_fits_and_what_would_be_left_out(clinic_client, own, patient):
    phase = own.phases.get()
    unsafe = TemplateLineFactory(phase=phase, position=1).stretch
    withhold(patient, "absolute", unsafe)

    response = clinic_client.get(page("template_apply", patient.pk))

    choice = response.context["templates"][0].phases[0]
    assert [line.stretch for line in choice.fits] == [phase.lines.first().stretch]
    assert [each.stretch for each in choice.left_out] == [unsafe]
    assert choice.minutes_a_day == 4
    assert "Left out" in response.content.decode()


def test_template_apply_opens_the_builder_with_what_was_left_out_and_why(clinic_client, own, patient):
    phase = own.phases.get()
    safe = phase.lines.get().stretch
    unsafe, neighbour = StretchFactory(muscles=["calf"]), StretchFactory(muscles=["calf"])
    TemplateLineFactory(phase=phase, stretch=unsafe, position=1)
    found = withhold(patient, "absolute", unsafe, rationale="Bends the back.").contraindications.get()

    response = use(clinic_client, patient, phase)

    draft = patient.prescriptions.get()
    content = response.content.decode()
    assert response.redirect_chain[-1][0] == page("prescription_edit", draft.pk)
    assert [item.stretch for item in draft.items.all()] == [safe]
    assert f"Left out, because of this patient&#x27;s conditions: {unsafe}" in content
    assert "Bends the back." in content
    assert found.source.citation in content
    assert f'id="instead-{unsafe.pk}"' in content

    clinic_client.post(page("prescribed_stretch_add", draft.pk), {"stretch": neighbour.pk})

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()
    assert f"Left out of “{phase}”" in content
    assert f"Its safe neighbour is in the prescription: {neighbour}" in content
    assert f'id="instead-{unsafe.pk}"' not in content


def test_what_was_left_out_is_what_is_unsafe_today(clinic_client, own, patient):
    phase = own.phases.get()
    unsafe = phase.lines.get().stretch
    contraindicated = withhold(patient, "absolute", unsafe)
    use(clinic_client, patient, phase)
    draft = patient.prescriptions.get()
    contraindicated.contraindications.all().delete()

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "Left out of" not in content


def test_what_became_unsafe_in_the_draft_is_not_called_left_out(clinic_client, own, patient):
    phase = own.phases.get()
    use(clinic_client, patient, phase)
    withhold(patient, "absolute", phase.lines.get().stretch)

    content = clinic_client.get(page("prescription_edit", patient.prescriptions.get().pk)).content.decode()

    assert "Left out of" not in content
    assert "Not safe to activate." in content


def test_a_reason_that_is_recorded_lets_it_be_added_by_hand(clinic_client, own, patient):
    phase = own.phases.get()
    unsafe = phase.lines.get().stretch
    withhold(patient, "relative", unsafe)

    content = use(clinic_client, patient, phase).content.decode()

    draft = patient.prescriptions.get()
    assert page("override_add", draft.pk, unsafe.pk) in content
    assert draft.items.count() == 0


def test_the_builder_with_a_template_keeps_its_budget(clinic_client, own, patient, django_assert_max_num_queries):
    phase = own.phases.get()
    for _ in range(5):
        withhold(patient, "absolute", TemplateLineFactory(phase=phase).stretch)
    StretchFactory()
    use(clinic_client, patient, phase)
    address = page("prescription_edit", patient.prescriptions.get().pk)
    clinic_client.get(address)  # whose cards are kept

    with django_assert_max_num_queries(12):
        clinic_client.get(address)


def test_while_the_record_has_a_problem_nothing_can_be_started(clinic_client, own, patient):
    patient.conditions_reviewed_on = None
    patient.save()

    shown = clinic_client.get(page("template_apply", patient.pk)).content.decode()
    response = use(clinic_client, patient, own.phases.get())

    assert "Nothing can be offered yet" in shown
    assert 'name="phase"' not in shown
    assert response.status_code == 422
    assert "Nothing was added." in response.content.decode()
    assert patient.prescriptions.count() == 0


@pytest.mark.parametrize("what", ["add", "replace"])
def test_the_draft_is_added_to_or_makes_way(clinic_client, own, draft, what):
    line = PrescribedStretchFactory(prescription=draft)

    use(clinic_client, draft.patient, own.phases.get(), what=what)

    assert (line.stretch_id in draft.items.values_list("stretch_id", flat=True)) is (what == "add")


def test_the_next_phase_is_marked_and_comes_first(clinic_client, own, patient):
    TemplateFactory(clinic=patient.clinic, name="AAA")
    second = TemplatePhaseFactory(template=own, position=1)
    use(clinic_client, patient, own.phases.first())
    draft = patient.prescriptions.get()
    draft.activate(by=draft.created_by, at=timezone.now())

    templates = clinic_client.get(page("template_apply", patient.pk)).context["templates"]

    assert templates[0].template == own
    assert [(each.is_now, each.is_next) for each in templates[0].phases] == [(True, False), (False, True)]
    assert own.phases.first().next_phase == second
    assert second.next_phase is None


@pytest.mark.parametrize("kind", ["another clinic's", "of a second clinic", "retired", "none"])
def test_a_phase_that_is_not_offered_starts_nothing(clinic_client, clinician, patient, kind):
    clinic = {"retired": patient.clinic}.get(kind) or ClinicFactory()
    if kind == "of a second clinic":
        Membership.objects.create(user=clinician, clinic=clinic, role="clinician")
    phase = TemplatePhaseFactory(template__clinic=clinic, template__is_retired=kind == "retired")

    response = clinic_client.post(page("template_apply", patient.pk), {} if kind == "none" else {"phase": phase.pk})

    assert response.status_code == 422
    assert "Choose one of the phases" in response.content.decode()
    assert patient.prescriptions.count() == 0


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_make_one_draft_with_one_line(clinic_client, own, patient):
    cookie, phase = clinic_client.cookies["sessionid"].value, own.phases.get()

    def post(_: int) -> int:
        client = Client()
        client.cookies["sessionid"] = cookie
        try:
            return client.post(page("template_apply", patient.pk), {"phase": phase.pk}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(20))) == {302}

    assert patient.prescriptions.get().items.count() == 1


def test_the_prescription_names_the_template(clinic_client, own, patient):
    use(clinic_client, patient, own.phases.get())

    content = clinic_client.get(patient.prescriptions.get().get_absolute_url()).content.decode()

    assert own.get_absolute_url() in content


def test_a_library_template_needs_a_slug_and_every_template_its_grounds():
    from django.db import IntegrityError, transaction

    for wrong in ({"clinic": None}, {"slug": "x"}, {"citation": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TemplateFactory(**wrong)
    assert Template.objects.count() == 0
