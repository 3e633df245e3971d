"""Before the catalogue makes a prescribed stretch unsafe, its admin reads how many; then the clinicians are told."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, OutboxMessage, User
from prescriptions.models import PrescribedStretch
from stretches.models import CatalogueRelease, ConditionCode, Contraindication, MovementRule, Stretch
from tests.admin_pages import admin_url, confirm, form_of, send
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def herniation() -> ConditionCode:
    return ConditionCodeFactory(name="Disc herniation", window_anchor="onset_date")


@pytest.fixture
def stretch() -> Stretch:
    return StretchFactory(name="Standing Stretch")


def prescribe(
    stretch: Stretch, code: ConditionCode, *, clinician: User | None = None, status: str = "active", **patient: Any
) -> PrescribedStretch:
    """Somebody with the condition who is treated by this clinician, and does the stretch."""
    if clinician:
        patient["clinic"] = clinician.memberships.get().clinic
    treated = PatientFactory(clinician=clinician, **patient)
    prescription = PrescriptionFactory(patient=treated, status=status, created_by=UserFactory())
    ConditionFactory(patient=prescription.patient, code=code)
    return PrescribedStretchFactory(prescription=prescription, stretch=stretch)


def new_row(stretch: Stretch, code: ConditionCode, severity: str = "absolute") -> dict[str, Any]:
    return {
        "stretch": str(stretch.pk),
        "condition_code": str(code.pk),
        "severity": severity,
        "rationale": "It did harm.",
        "source": str(SourceFactory().pk),
        "confidence": "high",
        "origin": "author",
    }


def publish(client: Client, stretch: Stretch, code: ConditionCode, severity: str = "absolute") -> Any:
    return send(client, admin_url(Contraindication, "add"), **new_row(stretch, code, severity))


def told() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("recipient__email", flat=True))


def numbers(question: Any) -> tuple[int, int, int, int]:
    affected = question.context["affected"]
    return affected.lines, affected.prescriptions, affected.patients, affected.clinics


# What is asked about --------------------------------------------------------------------------------------------------
def a_new_one(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    return publish(client, stretch, code)


def a_stricter_one(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    row = ContraindicationFactory(stretch=stretch, condition_code=code, severity="precaution")
    return send(client, admin_url(Contraindication, "change", row.pk), severity="absolute")


def a_wider_window(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    ConditionFactory._meta.model.objects.update(anchor_on="2000-01-01")
    row = ContraindicationFactory(stretch=stretch, condition_code=code, until_week=6)
    return send(client, admin_url(Contraindication, "change", row.pk), until_week="")


def one_on_the_stretchs_page(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    row = {f"contraindications-0-{name}": value for name, value in new_row(stretch, code).items()}
    return send(client, admin_url(Stretch, "change", stretch.pk), **row, **{"contraindications-TOTAL_FORMS": "1"})


def retired(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    return client.post(reverse("admin:stretches_stretch_review", args=[stretch.pk]), {"move": "retire"})


def no_longer_reviewed(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    return client.post(reverse("admin:stretches_stretch_review", args=[stretch.pk]), {"move": "take_back"})


def retired_from_the_list(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    chosen = {"action": "retire", "_selected_action": [str(stretch.pk), str(StretchFactory().pk)]}
    return client.post(admin_url(Stretch, "changelist"), chosen)


def a_broader_code(client: Client, stretch: Stretch, code: ConditionCode) -> Any:
    broader = ContraindicationFactory(stretch=stretch).condition_code
    edge = {"broader_edges-TOTAL_FORMS": "1", "broader_edges-0-broader": broader.pk, "broader_edges-0-is_main": "on"}
    return send(client, admin_url(ConditionCode, "change", code.pk), **edge)


CHANGES = [
    a_new_one,
    a_stricter_one,
    a_wider_window,
    one_on_the_stretchs_page,
    retired,
    no_longer_reviewed,
    retired_from_the_list,
    a_broader_code,
]


@pytest.mark.parametrize("make", CHANGES)
def test_it_is_asked_before_anything_is_stored(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode, make: Callable[..., Any]
) -> None:
    line = prescribe(stretch, herniation, clinician=ClinicianFactory(), full_name="Walter Brandt")

    question = make(admin_client, stretch, herniation)

    assert numbers(question) == (1, 1, 1, 1)
    html = question.content.decode()
    assert "Nothing is saved yet" in html
    assert "Walter" not in html
    assert "successfully" not in html
    assert all(each.is_safe for each in line.prescription.lines_on(line.clinic.today()))
    assert not CatalogueRelease.objects.exists()
    assert told() == []


@pytest.mark.parametrize("make", CHANGES)
def test_confirmed_it_is_stored_and_the_clinician_is_told(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode, make: Callable[..., Any]
) -> None:
    line = prescribe(
        stretch, herniation, clinician=ClinicianFactory(email="sam@example.org"), full_name="Walter Brandt"
    )

    response = confirm(admin_client, make(admin_client, stretch, herniation))

    assert response.status_code == 302
    assert not any(each.is_safe for each in line.prescription.lines_on(line.clinic.today()))
    assert CatalogueRelease.objects.count() == 1
    message = OutboxMessage.objects.get()
    assert (message.kind, message.path, message.recipient.email) == ("needs_you", "/", "sam@example.org")
    assert str(line.prescription.patient_id) not in message.unique_key
    follow = admin_client.get(response.url).content.decode()
    assert "Prescribed stretches paused: 1. Clinicians told: 1." in follow


def test_the_numbers_count_each_once(admin_client: Client, stretch: Stretch, herniation: ConditionCode) -> None:
    sam = ClinicianFactory(email="sam@example.org")
    for _ in range(3):
        prescribe(stretch, herniation, clinician=sam)
    prescribe(stretch, herniation, clinician=ClinicianFactory(email="ines@example.org"), status="on-hold")
    prescribe(stretch, herniation, clinician=ClinicianFactory(), status="draft")
    prescribe(stretch, ConditionCodeFactory(), clinician=ClinicianFactory())
    prescribe(StretchFactory(), herniation, clinician=ClinicianFactory())

    question = publish(admin_client, stretch, herniation)
    confirm(admin_client, question)

    assert numbers(question) == (4, 4, 4, 2)
    assert told() == ["ines@example.org", "sam@example.org"]


def test_where_nobody_treats_the_patient_everybody_of_the_clinic_is_told(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    clinic = ClinicFactory()
    for name in ("a", "b"):
        ClinicianFactory(clinic=clinic, email=f"{name}@example.org")
    gone = ClinicianFactory(clinic=clinic, email="gone@example.org")
    ClinicianFactory(clinic=clinic, email="inactive@example.org", is_active=False)
    prescribe(stretch, herniation, clinic=clinic)
    prescribe(stretch, herniation, clinician=gone)
    Membership.objects.filter(user=gone).delete()

    confirm(admin_client, publish(admin_client, stretch, herniation))

    assert told() == ["a@example.org", "b@example.org"]


# What is not asked about ----------------------------------------------------------------------------------------------
def test_what_nobody_is_prescribed_is_saved_at_once(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    assert publish(admin_client, stretch, herniation).status_code == 302
    assert Contraindication.objects.exists()
    assert told() == []


def test_advice_pauses_nothing(admin_client: Client, stretch: Stretch, herniation: ConditionCode) -> None:
    prescribe(stretch, herniation, clinician=ClinicianFactory())

    assert publish(admin_client, stretch, herniation, "precaution").status_code == 302
    assert told() == []


def test_what_is_unsafe_already_is_no_news(admin_client: Client, stretch: Stretch, herniation: ConditionCode) -> None:
    prescribe(stretch, herniation, clinician=ClinicianFactory())
    row = ContraindicationFactory(stretch=stretch, condition_code=herniation)

    assert publish(admin_client, stretch, herniation).status_code == 302
    milder = send(admin_client, admin_url(Contraindication, "change", row.pk), severity="relative")
    assert numbers(milder) == (0, 0, 0, 0)
    assert confirm(admin_client, milder).status_code == 302
    assert told() == []


# Second thoughts ------------------------------------------------------------------------------------------------------
def test_what_somebody_typed_is_there_when_they_go_back(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    prescribe(stretch, herniation, clinician=ClinicianFactory())
    question = publish(admin_client, stretch, herniation)
    data = dict(question.context["sent"]) | {question.context["back"]: "Back to what I typed"}

    form = admin_client.post(admin_url(Contraindication, "add"), data)

    assert form_of(form)["rationale"] == "It did harm."
    assert "Nothing was saved. What you typed is here." in form.content.decode()
    assert not Contraindication.objects.exists()


def test_if_it_concerns_others_by_now_it_is_asked_again(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    prescribe(stretch, herniation, clinician=ClinicianFactory())
    question = publish(admin_client, stretch, herniation)
    prescribe(stretch, herniation, clinician=ClinicianFactory())

    again = confirm(admin_client, question)

    assert numbers(again) == (2, 2, 2, 2)
    assert not Contraindication.objects.exists()
    assert confirm(admin_client, again).status_code == 302


def test_ten_more_patients_cost_the_question_no_more_queries(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    prescribe(stretch, herniation, clinician=ClinicianFactory())
    data = form_of(admin_client.get(admin_url(Contraindication, "add"))) | new_row(stretch, herniation)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.post(admin_url(Contraindication, "add"), data).context["affected"]
        return len(captured)

    queries()
    before = queries()
    for _ in range(10):
        prescribe(stretch, herniation, clinician=ClinicianFactory())

    assert queries() == before


# A file ---------------------------------------------------------------------------------------------------------------
def test_a_loaded_file_tells_the_clinicians_too(tmp_path: Path) -> None:
    content = small()
    call_command("load_catalogue", written(content, tmp_path), stdout=io.StringIO())
    row = Contraindication.objects.filter(severity="absolute").earliest("pk")
    row.severity = "precaution"
    row.save()
    line = prescribe(row.stretch, row.condition_code, clinician=ClinicianFactory(email="sam@example.org"))
    out = io.StringIO()

    call_command("load_catalogue", written(content, tmp_path), update=True, interactive=False, stdout=out)

    assert not any(each.is_safe for each in line.prescription.lines_on(line.clinic.today()))
    assert "Prescribed stretches paused: 1, of 1 patients at 1 clinics. Clinicians told: 1." in out.getvalue()
    assert told() == ["sam@example.org"]


def test_a_clinics_own_row_names_no_other_clinic(stretch: Stretch, herniation: ConditionCode) -> None:
    admin = AdminFactory()
    client = Client()
    client.force_login(admin)
    clinic = admin.memberships.get().clinic
    prescribe(stretch, herniation, clinic=clinic)
    prescribe(stretch, herniation, clinic=ClinicFactory())
    row = new_row(stretch, herniation) | {"clinic": str(clinic.pk)}

    question = send(client, admin_url(Contraindication, "add"), **row)

    assert numbers(question) == (1, 1, 1, 1)
    assert [each.clinic for each in question.context["in_force"]] == [clinic.name]


def test_what_follows_is_said_as_a_question_first_and_as_done_only_then(
    admin_client: Client, stretch: Stretch, herniation: ConditionCode
) -> None:
    prescribe(stretch, ConditionCodeFactory())
    row = ContraindicationFactory(stretch=stretch, condition_code=herniation, severity="absolute")
    rule = MovementRule.objects.create(
        condition_code=herniation,
        source=row.source,
        severity="absolute",
        rationale="It loads.",
        confidence="high",
        applies_to_every_stretch=True,
    )
    back = f"Back to draft until everything about it is decided: “{stretch}”."
    milder = f"“{stretch}”: {herniation}: Absolute: never prescribe → Precaution: prescribe with advice"

    asked = send(admin_client, admin_url(Contraindication, "change", row.pk), severity="precaution")
    before = [str(each) for each in asked.context["messages"]]
    confirm(admin_client, asked, why="Read again.")
    after = admin_client.get(admin_url(Contraindication, "changelist")).context["messages"]

    assert asked.context["does"][0] == milder
    assert back in asked.context["does"]
    assert before == []
    assert back in [str(each) for each in after]
    assert stretch.proposals.get().rule == rule
