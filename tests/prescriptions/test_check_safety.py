"""``manage.py check_safety``: golden patients, right and wrong, and files that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Clinic, User
from patients.models import Condition, Patient
from prescriptions import golden_patients
from tests.factories import ConditionCodeFactory, ContraindicationFactory, StretchFactory

pytestmark = pytest.mark.django_db

OWN = Path(__file__).parent / "golden_patients.json"


@pytest.fixture
def small_catalogue() -> None:
    """Two codes, one above the other, and a stretch that the upper one excludes in weeks 2 to 4."""
    above = ConditionCodeFactory.create(slug="above")
    ConditionCodeFactory.create(slug="below", broader=[above])
    stretch = StretchFactory.create(slug="bend")
    StretchFactory.create(slug="reach")
    ContraindicationFactory.create(stretch=stretch, condition_code=above, from_week=2, until_week=4)


def scenario(*conditions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "as_of": "2026-01-15",
        "conditions_reviewed": True,
        "patient_conditions": list(conditions),
        "expected": {"bend": "allowed"},
        **fields,
    }


def write(path: Path, *scenarios: object) -> Path:
    path.write_text(json.dumps({"scenarios": scenarios}))
    return path


def run(tmp_path: Path, *scenarios: object) -> None:
    call_command("check_safety", write(tmp_path / "scenarios.json", *scenarios))


@pytest.mark.parametrize("file", [golden_patients.SHIPPED, OWN], ids=["shipped", "our own"])
def test_every_golden_patient_agrees_with_the_shipped_catalogue(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue", verbosity=0)

    call_command("check_safety", file)

    assert "0 mismatches" in capsys.readouterr().out


def test_without_a_file_the_shipped_one_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue", verbosity=0)

    call_command("check_safety")

    assert "12 scenarios" in capsys.readouterr().out


def test_a_wrong_expectation_is_reported_with_the_reason(
    small_catalogue: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = scenario({"condition": "below", "status": "active", "date": None})

    with pytest.raises(CommandError, match="1 scenarios, 1 verdicts, 1 mismatches") as failure:
        run(tmp_path, wrong)

    assert failure.value.returncode == 1
    out = capsys.readouterr().out
    assert "one: bend" in out
    assert "expected allowed, got excluded" in out
    assert "Bending forward loads the disc. (below → above, weeks 2 to 4)" in out


def test_a_wrong_expectation_among_the_others_is_reported(small_catalogue: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 mismatches"):
        run(tmp_path, scenario(expected_other={"reach": "caution"}))


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("2026-01-02", "allowed"),  # 13 days
        ("2026-01-01", "excluded"),  # 2 weeks
        ("2025-12-19", "excluded"),  # 27 days
        ("2025-12-18", "allowed"),  # 4 weeks
        ("2026-01-16", "excluded"),  # tomorrow
        (None, "excluded"),
    ],
)
def test_windows_count_from_the_date(small_catalogue: None, tmp_path: Path, date: str | None, verdict: str) -> None:
    run(tmp_path, scenario({"condition": "above", "status": "active", "date": date}, expected={"bend": verdict}))


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ({"status": "active"}, "excluded"),
        ({"status": "suspected"}, "excluded"),
        ({"status": "resolved"}, "allowed"),
        ({"status": "refuted"}, "allowed"),
        ({"status": "entered_in_error"}, "allowed"),
        ({}, "excluded"),
        ({"clinical_status": "remission", "verification_status": None}, "excluded"),
        ({"clinical_status": None, "verification_status": None}, "excluded"),
        ({"clinical_status": None, "verification_status": "refuted"}, "allowed"),
        ({"clinical_status": "resolved", "verification_status": None}, "allowed"),
        ({"status": "resolved", "clinical_status": "active", "verification_status": "confirmed"}, "excluded"),
        ({"status": "refuted", "clinical_status": "active"}, "allowed"),
    ],
)
def test_statuses(small_catalogue: None, tmp_path: Path, statuses: dict[str, str | None], verdict: str) -> None:
    run(tmp_path, scenario({"condition": "above", "date": None, **statuses}, expected={"bend": verdict}))


def test_nothing_may_be_offered_without_a_review(small_catalogue: None, tmp_path: Path) -> None:
    run(tmp_path, scenario(conditions_reviewed=False, expected={"bend": "excluded"}))

    with pytest.raises(CommandError, match="1 mismatches"):
        run(tmp_path, scenario(conditions_reviewed=False, expected={"bend": "allowed"}))


def test_a_condition_in_free_text_is_not_checked(small_catalogue: None, tmp_path: Path) -> None:
    run(tmp_path, scenario({"text": "above", "status": "active"}, {"condition": None, "text": "below"}))


def test_a_stretch_that_is_not_reviewed_is_excluded(small_catalogue: None, tmp_path: Path) -> None:
    StretchFactory.create(slug="old", status="retired")

    run(tmp_path, scenario(expected={"old": "excluded"}))


def test_the_invented_people_leave_nothing_behind(small_catalogue: None, tmp_path: Path) -> None:
    kept = [model.objects.count() for model in (Clinic, User, Patient, Condition)]

    run(tmp_path, scenario({"condition": "above", "date": "2026-01-15"}), scenario(id="two"))

    assert [model.objects.count() for model in (Clinic, User, Patient, Condition)] == kept


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a word", "Scenario 1 is not an object"),
        (scenario(id=""), "Scenario 1 has no “id”"),
        (scenario(id=7), "Scenario 1 has no “id”"),
        (scenario(as_of=None), "“one” has no day “as_of”"),
        (scenario(as_of="15 January"), "“one”, as_of: “15 January” is no day"),
        (scenario(as_of=20260115), "“one”, as_of: “20260115” is no day"),
        (scenario(conditions_reviewed="yes"), "true or false"),
        (scenario(patient_conditions=None), "no list “patient_conditions”"),
        (scenario(patient_conditions=["x"]), "“one”, condition 1 is not an object"),
        (scenario({"condition": "unheard-of"}), "“one”, condition 1: the catalogue has no condition “unheard-of”"),
        (scenario({"condition": ["above"]}), "the catalogue has no condition"),
        (scenario({"date": None}), "neither a code under “condition” nor words under “text”"),
        (scenario({"text": " "}), "1 to 200 characters"),
        (scenario({"text": "x" * 201}), "1 to 200 characters"),
        (scenario({"text": "a\x00b"}), "1 to 200 characters"),
        (scenario({"condition": "above", "date": "2026-02-30"}), "condition 1, date: “2026-02-30” is no day"),
        (scenario({"condition": "above", "status": "better"}), "“better” is no status"),
        (scenario({"condition": "above", "clinical_status": "better"}), "“better” is no clinical_status"),
        (scenario({"condition": "above", "verification_status": 1}), "“1” is no verification_status"),
        (scenario(expected={"leap": "allowed"}), "“one”, expected: the catalogue has no stretch “leap”"),
        (scenario(expected={"bend": "fine"}), "“one”, expected, bend: “fine” is no verdict"),
        (scenario(expected={"bend": ["allowed"]}), "is no verdict"),
        (scenario(expected=["bend"]), "expected is not an object"),
        (scenario(expected={}), "expects nothing"),
        (scenario(expected_other={"bend": "caution"}), "expects two verdicts of bend"),
    ],
)
def test_a_malformed_row_is_named(small_catalogue: None, tmp_path: Path, row: object, message: str) -> None:
    with pytest.raises(CommandError, match=message) as failure:
        run(tmp_path, row)

    assert failure.value.returncode == 1


def test_two_scenarios_of_one_name_are_refused(small_catalogue: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Two scenarios have the id “one”"):
        run(tmp_path, scenario(), scenario())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no JSON file"),
        (b"{", "is no JSON file"),
        (b"\xff\xfe\x00", "is no JSON file"),
        (b"[" * 100_000, "is no JSON file"),
        (b"[]", "no list “scenarios”"),
        (b'{"scenarios": []}', "no list “scenarios”"),
        (b'{"scenarios": {}}', "no list “scenarios”"),
        (b'{"scenarios": [{"id": "a", "id": "b"}]}', "“id” stands twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "scenarios.json"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=message):
        call_command("check_safety", path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_safety", tmp_path / "nowhere.json")
