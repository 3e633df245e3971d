"""The page of a stretch's review, publishing and retiring, and who may do it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from prescriptions.models import PrescribedStretch
from stretches.exchange.foreign import TO_BE_DECIDED
from stretches.models import (
    CatalogueRelease,
    Contraindication,
    ContraindicationProposal,
    Movement,
    MovementRule,
    Stretch,
    StretchDecision,
)
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.admin_rows import reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def bending() -> Movement:
    return Movement.objects.create(slug="bending", name="Bending")


@pytest.fixture
def draft(bending: Movement) -> Stretch:
    """A draft with a picture, that nobody has worked on here."""
    stretch = StretchFactory(name="Towel stretch", slug="towel-hamstring-stretch", status="draft")
    stretch.movements.add(bending)
    return stretch


@pytest.fixture
def colleague() -> Client:
    return client_of_an_admin()


def client_of_an_admin() -> Client:
    admin: User = AdminFactory()
    admin.let_edit_catalogue()
    client = Client()
    client.force_login(admin)
    return client


def rule(movement: Movement, **values: Any) -> MovementRule:
    values = {"condition_code": ConditionCodeFactory(name="Disc herniation", window_anchor="onset_date")} | values
    values = {
        "severity": "absolute",
        "source": SourceFactory(),
        "confidence": "high",
        "rationale": "Loads it.",
    } | values
    made = MovementRule.objects.create(**values)
    made.movements.add(movement)
    return made


def review_url(stretch: Stretch) -> str:
    return reverse("admin:stretches_stretch_review", args=[stretch.pk])


def post(client: Client, stretch: Stretch, **data: Any) -> Any:
    return client.post(review_url(stretch), data)


def confirmed(client: Client, stretch: Stretch, move: str, why: str = "Looked at together.") -> Any:
    """Press a button, read whom it concerns, and go on."""
    question = post(client, stretch, move=move)
    if question.status_code != 200:
        return question
    return post(client, stretch, move=move, **{question.context["seen"]: question.context["mark"], "_impact_why": why})


def status_of(stretch: Stretch) -> str:
    return str(Stretch.objects.values_list("status", flat=True).get(pk=stretch.pk))


def words_of(client: Client, stretch: Stretch) -> list[str]:
    return [problem.words for problem in client.get(review_url(stretch)).context["problems"]]


def prescribe(stretch: Stretch, *clinics: Any, **patient: Any) -> None:
    for clinic in clinics:
        prescription = PrescriptionFactory(
            patient=PatientFactory(clinic=clinic, **patient), status="active", created_by=UserFactory()
        )
        PrescribedStretchFactory(prescription=prescription, stretch=stretch)


# Who may --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["review", "lint"])
def test_others_are_turned_away(client: Client, draft: Stretch, page: str) -> None:
    url = review_url(draft) if page == "review" else reverse("admin:stretches_stretch_lint")
    answers = []

    for person in (None, PatientFactory(user=UserFactory()).user, ClinicianFactory(), ClinicianFactory(is_staff=True)):
        if person:
            client.force_login(person)
        answers.append(client.get(url).status_code)

    assert answers == [302, 302, 302, 403]


def test_a_stretch_that_is_none_leads_back(admin_client: Client) -> None:
    for key in ("abc", "00000000-0000-0000-0000-000000000000"):
        assert admin_client.get(reverse("admin:stretches_stretch_review", args=[key])).status_code == 302


def test_ten_more_proposals_cost_the_page_no_more_queries(admin_client: Client, draft: Stretch) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(review_url(draft)).status_code == 200
        return len(captured)

    def propose(count: int) -> None:
        for _ in range(count):
            made = rule(draft.movements.get(), condition_code=ConditionCodeFactory())
            send(admin_client, admin_url(MovementRule, "change", made.pk), settling="later")

    propose(2)
    queries()
    before = queries()
    propose(10)
    queries()

    assert ContraindicationProposal.objects.undecided().count() == 12
    assert queries() == before


# From writing to publishing -------------------------------------------------------------------------------------------
def test_a_stretch_is_written_decided_about_and_published_by_another(
    admin_client: Client, colleague: Client, draft: Stretch, bending: Movement, admin: User
) -> None:
    rule(bending)
    saved = send(admin_client, admin_url(Stretch, "change", draft.pk), notes="Slowly.")
    (proposal,) = draft.proposals.undecided()
    before = words_of(admin_client, draft)

    post(admin_client, draft, decision="accept", proposal=proposal.pk)
    alone = confirmed(admin_client, draft, "publish")
    answer = confirmed(colleague, draft, "publish")

    assert saved.url == review_url(draft)
    assert before[0] == "One proposed contraindication is not decided."
    assert alone.status_code == 302
    assert words_of(admin_client, draft) == []
    assert answer.status_code == 302
    assert status_of(draft) == "reviewed"
    assert Contraindication.objects.get().severity == "absolute"
    decision = StretchDecision.objects.publications().get()
    assert (decision.why, decision.what) == ("Looked at together.", "Draft → Reviewed")
    assert decision.decided_by not in {None, admin}
    assert reasons()[0] == "Edited: reviewed: “Towel stretch” Why: Looked at together."


@pytest.mark.parametrize("is_wanted", [True, False])
def test_two_pairs_of_eyes_where_they_are_wanted(
    admin_client: Client, draft: Stretch, settings: Any, is_wanted: bool
) -> None:
    settings.SECOND_REVIEWER = is_wanted
    send(admin_client, admin_url(Stretch, "change", draft.pk), notes="Slowly.")

    confirmed(admin_client, draft, "publish")

    assert status_of(draft) == ("draft" if is_wanted else "reviewed")


def test_the_last_hand_is_also_that_of_a_contraindication_or_a_decision(
    admin_client: Client, colleague: Client, draft: Stretch, bending: Movement
) -> None:
    made = rule(bending)
    send(admin_client, admin_url(Stretch, "change", draft.pk), notes="Slowly.")
    post(colleague, draft, decision="accept", proposal=draft.proposals.get().pk)
    second = "two pairs of eyes are wanted"

    decided = second in " ".join(words_of(colleague, draft)), second in " ".join(words_of(admin_client, draft))
    row = Contraindication.objects.get(condition_code=made.condition_code)
    send(admin_client, admin_url(Contraindication, "change", row.pk), rationale="In other words.")
    rewritten = second in " ".join(words_of(colleague, draft)), second in " ".join(words_of(admin_client, draft))

    assert decided == (True, False)
    assert rewritten == (False, True)


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"steps": " \n "}, "It has no steps."),
        ({"stop_rules": f"Stop at once.\n{TO_BE_DECIDED}"}, "Its stop rules are not written yet."),
        ({"dose_note": TO_BE_DECIDED}, "Its dose is not decided yet."),
        ({"slug": "drawn-by-nobody"}, "It has no picture."),
        ({"movements": []}, "It has no movements, so the rules cannot say what it is unsafe with."),
        ({"source": " "}, "It has no source."),
        ({"status": "retired"}, "It is retired."),
    ],
)
def test_what_is_missing_keeps_it_from_being_published(
    admin_client: Client, draft: Stretch, lacking: dict[str, Any], words: str
) -> None:
    for name, value in lacking.items():
        if name == "movements":
            draft.movements.clear()
        elif name == "source":
            draft.source.citation = value
            draft.source.save()
        else:
            setattr(draft, name, value)
            draft.save()

    told = words_of(admin_client, draft)
    answer = admin_client.post(review_url(draft), {"move": "publish"}, follow=True)

    assert told == [words]
    assert words in answer.content.decode()
    assert status_of(draft) != "reviewed"


def test_what_the_rules_ask_for_since_the_page_was_opened_is_found_on_publishing(
    admin_client: Client, draft: Stretch, bending: Movement
) -> None:
    assert words_of(admin_client, draft) == []
    rule(bending)  # by a way that asked nobody

    confirmed(admin_client, draft, "publish")

    assert status_of(draft) == "draft"
    assert draft.proposals.undecided().count() == 1


# Deciding on the page -------------------------------------------------------------------------------------------------
def proposed(client: Client, stretch: Stretch) -> ContraindicationProposal:
    made = rule(stretch.movements.get())
    send(client, admin_url(MovementRule, "change", made.pk), settling="later")
    return stretch.proposals.get()


MILDER = {
    "severity": "relative",
    "from_week": "",
    "until_week": "6",
    "rationale": "Milder.",
    "reason": "A towel helps",
}


@pytest.mark.parametrize(
    ("decision", "typed", "field", "words"),
    [
        ("reject", {"reason": " "}, "reason", "Say why, in words: it is recorded with your name."),
        ("reject", MILDER | {"reason": "1."}, "reason", "Say why, in words: it is recorded with your name."),
        ("change", MILDER | {"reason": ""}, "reason", "Say why, in words: it is recorded with your name."),
        ("change", MILDER | {"from_week": "8"}, "until_week", "The end has to come after the start."),
        ("change", MILDER | {"severity": "harmless"}, "severity", "Select a valid choice"),
        ("change", MILDER | {"until_week": "soon"}, "until_week", "Enter a whole number"),
        (
            "change",
            MILDER | {"severity": "absolute", "until_week": "", "rationale": "Loads it."},
            "severity",
            "This is what is proposed. Change something, or accept it as it is.",
        ),
    ],
)
def test_a_bad_decision_is_told_beside_its_field_and_nothing_typed_is_lost(
    admin_client: Client, draft: Stretch, decision: str, typed: dict[str, str], field: str, words: str
) -> None:
    proposal = proposed(admin_client, draft)

    answer = post(admin_client, draft, decision=decision, proposal=proposal.pk, **typed)

    (form,) = answer.context["forms"]
    assert words in form.errors[field][0]
    assert {name: form[name].value() for name in typed} == typed
    assert "<h3>Disc herniation: Absolute: never prescribe</h3>" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert not Contraindication.objects.exists()


def test_changed_on_the_page(admin_client: Client, draft: Stretch) -> None:
    proposal = proposed(admin_client, draft)

    post(admin_client, draft, decision="change", proposal=proposal.pk, **MILDER)

    row = Contraindication.objects.get()
    assert (row.severity, row.until_week, row.rationale) == ("relative", 6, "Milder.")
    assert "Disc herniation: Absolute: never prescribe (accepted with changes)" in reasons()[0]


def test_rejected_on_the_page_whatever_else_was_typed(admin_client: Client, draft: Stretch, admin: User) -> None:
    proposal = proposed(admin_client, draft)

    post(admin_client, draft, decision="reject", proposal=proposal.pk, **MILDER)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.reason, proposal.decided_by) == ("rejected", "A towel helps", admin)
    assert proposal.severity == "absolute"
    assert not Contraindication.objects.exists()


def test_all_that_were_shown_are_accepted_and_no_other(admin_client: Client, draft: Stretch) -> None:
    shown = proposed(admin_client, draft)
    other = rule(draft.movements.get(), condition_code=ConditionCodeFactory())
    send(admin_client, admin_url(MovementRule, "change", other.pk), settling="later")

    post(admin_client, draft, decision="accept_all", shown=[shown.pk, "x"])

    assert Contraindication.objects.get().condition_code == shown.condition_code
    assert draft.proposals.undecided().get().rule == other


def test_what_was_typed_for_a_decision_that_came_too_late_is_given_back(admin_client: Client, draft: Stretch) -> None:
    proposal = proposed(admin_client, draft)
    post(admin_client, draft, decision="accept", proposal=proposal.pk)

    post(admin_client, draft, decision="reject", proposal=proposal.pk, reason="A towel helps.")

    assert "You wrote: “A towel helps.”" in admin_client.get(review_url(draft)).content.decode()
    assert Contraindication.objects.get().severity == "absolute"


@pytest.mark.parametrize("key", ["", "x", "999", "9" * 40])
def test_what_is_no_proposal_of_this_stretch_changes_nothing(admin_client: Client, draft: Stretch, key: str) -> None:
    answer = admin_client.post(review_url(draft), {"decision": "accept", "proposal": key}, follow=True)

    assert "Somebody decided this in the meantime" in answer.content.decode()


# Whom it concerns -----------------------------------------------------------------------------------------------------
def test_retiring_says_clinic_by_clinic_whom_it_concerns_and_asks_why(admin_client: Client, draft: Stretch) -> None:
    confirmed(admin_client, draft, "publish")
    riverside, hillside = ClinicFactory(name="Riverside"), ClinicFactory(name="Hillside")
    prescribe(draft, riverside, riverside, hillside)

    question = post(admin_client, draft, move="retire")
    without = confirmed(admin_client, draft, "retire", why=" ")
    still = status_of(draft)
    confirmed(admin_client, draft, "retire", why="A study found harm.")

    rows = [(row.clinic, row.prescriptions, row.patients, row.paused_lines) for row in question.context["in_force"]]
    assert rows == [("Riverside", 2, 2, 2), ("Hillside", 1, 1, 1)]
    assert "Say why: it is recorded with your name." in without.content.decode()
    assert still == "reviewed"
    assert status_of(draft) == "retired"
    decision = StretchDecision.objects.first()
    assert decision is not None
    assert (decision.kind, decision.why) == ("retired", "A study found harm.")
    assert (decision.prescriptions, decision.patients, decision.clinics, decision.paused_lines) == (3, 3, 2, 3)
    assert "A study found harm." in admin_client.get(review_url(draft)).content.decode()


def test_regrading_is_asked_about_and_recorded(admin_client: Client, draft: Stretch, admin: User) -> None:
    confirmed(admin_client, draft, "publish")
    prescribe(draft, ClinicFactory(name="Riverside"))
    url = admin_url(Stretch, "change", draft.pk)

    question = send(admin_client, url, difficulty="4")
    data = dict(question.context["sent"]) | {question.context["seen"]: question.context["mark"]}
    admin_client.post(url, data | {question.context["why"]: "Harder than it looks."})

    assert [row.clinic for row in question.context["in_force"]] == ["Riverside"]
    assert not question.context["affected"]
    decision = StretchDecision.objects.get(kind="regraded")
    assert (decision.what, decision.why) == ("Difficulty 2 → 4", "Harder than it looks.")
    assert (decision.decided_by, decision.patients) == (admin, 1)
    assert "Why: Harder than it looks." in CatalogueRelease.objects.latest().reason


def test_many_are_published_at_once_or_none(admin_client: Client, draft: Stretch, bending: Movement) -> None:
    other = StretchFactory(name="Other", slug="chin-tuck", status="draft")
    chosen = {"action": "publish", "_selected_action": [str(draft.pk), str(other.pk)]}

    refused = admin_client.post(admin_url(Stretch, "changelist"), chosen, follow=True)
    other.movements.add(bending)
    question = admin_client.post(admin_url(Stretch, "changelist"), chosen)
    confirm = {question.context["seen"]: question.context["mark"], question.context["why"]: "Both read."}
    admin_client.post(admin_url(Stretch, "changelist"), chosen | confirm)

    assert "Other cannot be published yet" in refused.content.decode()
    assert (status_of(draft), status_of(other)) == ("reviewed", "reviewed")
    assert StretchDecision.objects.publications().count() == 2


# What the rules are asked about ---------------------------------------------------------------------------------------
def published(client: Client, stretch: Stretch) -> Contraindication:
    """A published stretch with a contraindication that a rule asks for."""
    proposal = proposed(client, stretch)
    post(client, stretch, decision="accept", proposal=proposal.pk)
    confirmed(client_of_an_admin(), stretch, "publish")
    assert status_of(stretch) == "reviewed"
    return Contraindication.objects.get()


def a_milder_row(client: Client, row: Contraindication) -> None:
    send(client, admin_url(Contraindication, "change", row.pk), severity="precaution")


def a_shorter_row(client: Client, row: Contraindication) -> None:
    send(client, admin_url(Contraindication, "change", row.pk), until_week="6")


def no_row(client: Client, row: Contraindication) -> None:
    client.post(admin_url(Contraindication, "delete", row.pk), {"post": "yes"})


def a_movement_more(client: Client, row: Contraindication) -> None:
    turning = Movement.objects.create(slug="turning", name="Turning")
    rule(turning, condition_code=ConditionCodeFactory())
    moves = [str(each.pk) for each in (*row.stretch.movements.all(), turning)]
    send(client, admin_url(Stretch, "change", row.stretch_id), movements=moves)


def a_new_rule(client: Client, row: Contraindication) -> None:
    data = form_of(client.get(admin_url(MovementRule, "change", MovementRule.objects.get().pk)))
    data |= {"condition_code": ConditionCodeFactory().pk, "settling": "later"}
    answer = client.post(admin_url(MovementRule, "add"), data)
    assert answer.status_code == 302, errors_of(answer)


def a_stricter_rule(client: Client, row: Contraindication) -> None:
    MovementRule.objects.update(severity="precaution")
    Contraindication.objects.update(severity="precaution")
    url = admin_url(MovementRule, "change", MovementRule.objects.get().pk)
    send(client, url, severity="absolute", settling="later")


@pytest.mark.parametrize(
    "act",
    [a_milder_row, a_shorter_row, no_row, a_movement_more, a_new_rule, a_stricter_rule],
    ids=lambda act: act.__name__,
)
def test_whatever_leaves_a_rule_unsatisfied_takes_the_stretch_back(
    admin_client: Client, draft: Stretch, act: Any
) -> None:
    row = published(admin_client, draft)

    act(admin_client, row)

    assert status_of(draft) == "draft"
    assert draft.proposals.undecided().count() == 1


def test_a_new_rule_is_written_for_every_stretch_at_once(admin_client: Client, draft: Stretch) -> None:
    row = published(admin_client, draft)
    code = ConditionCodeFactory(name="Spondylolisthesis")
    prescribe(draft, ClinicFactory())
    ConditionFactory(patient=PrescribedStretch.objects.get().prescription.patient, code=code)
    data = form_of(admin_client.get(admin_url(MovementRule, "change", MovementRule.objects.get().pk)))
    data |= {"condition_code": code.pk, "settling": "now"}

    question = admin_client.post(admin_url(MovementRule, "add"), data)
    confirm = {question.context["seen"]: question.context["mark"], question.context["why"]: "A new guideline."}
    admin_client.post(admin_url(MovementRule, "add"), data | confirm)

    assert question.context["affected"].lines == 1
    assert status_of(draft) == "reviewed"
    assert Contraindication.objects.exclude(pk=row.pk).get().condition_code == code
    assert "Why: A new guideline." in reasons()[0]
