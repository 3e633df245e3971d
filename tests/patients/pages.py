"""What the tests of these pages share: addresses, and what a form sends."""

import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from patients.models import CONDITION_FIELDS, Condition, Patient
from patients.versions import as_seen

PATIENT_PAGES = {
    "patient_detail": ["GET"],
    "patient_edit": ["GET", "POST"],
    "condition_add": ["GET", "POST"],
    "conditions_review_record": ["GET", "POST"],
}
CONDITION_PAGES = {"condition_detail": ["GET"], "condition_edit": ["GET", "POST"]}
PLAIN_PAGES = {"patient_list": ["GET", "POST"], "patient_add": ["GET", "POST"]}
PAGES = {**PLAIN_PAGES, **PATIENT_PAGES, **CONDITION_PAGES}


def page(name: str, row: Patient | Condition | None = None) -> str:
    return reverse(f"patients:{name}", args=[row.pk] if row else [])


def address_of(name: str, condition: Condition) -> str:
    """The page about this condition, or about its patient, or about nobody."""
    if name in PLAIN_PAGES:
        return page(name)
    return page(name, condition.patient if name in PATIENT_PAGES else condition)


def condition_data(**changes: Any) -> dict[str, Any]:
    data = {
        "code": "",
        "free_text": "",
        "clinical_status": "active",
        "verification_status": "confirmed",
        "anchor_on": "",
        "note": "",
    }
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def stored_data(condition: Condition, **changes: Any) -> dict[str, Any]:
    """What the form of a stored condition sends when only this is changed."""
    stored: dict[str, Any] = {name: str(getattr(condition, name) or "") for name in CONDITION_FIELDS}
    stored["code"] = condition.code.slug if condition.code else ""
    return {**stored, "seen": as_seen([condition], CONDITION_FIELDS), **changes}


def patient_data(**changes: Any) -> dict[str, Any]:
    data = {
        "full_name": "Walter Brandt",
        "born_on": "1960-05-05",
        "email": "",
        "phone": "",
        "clinician": "",
        "note": "",
    }
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def text_of(response: HttpResponse) -> str:
    """What a page says, without its tags."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words).replace("&#x27;", "'")


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def hidden(response: HttpResponse, name: str) -> str:
    """The value of a hidden field."""
    html = response.content.decode()
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    assert found, f"no hidden field {name}"
    return found[1]
