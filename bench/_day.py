"""What people at the clinics of ``generate_load`` do at the same time: who is signed in, and which pages they open."""

import json
import random
import re
import uuid
from collections.abc import Iterator
from typing import Any

from bench._open_loop import Act, Browser

MIXTURE = {
    "today": 18,
    "routine as data": 8,
    "player": 4,
    "log": 26,
    "progress": 5,
    "queue": 8,
    "patients": 4,
    "patient": 8,
    "record": 3,
    "builder": 5,
    "activation": 2,
    "catalogue": 5,
    "handout PDF": 4,
}
"""Of a hundred arrivals. Ours: two thirds are patients with their phones, a quarter of all writes something.

An activation is four requests: a new draft, its builder, the page before activation, and the activation.
"""
PATIENTS, CLINICIANS = 2_000, 100
CSRF = "b" * 32
_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*>')


def people() -> list[dict[str, Any]]:
    """Sign in so many patients and clinicians; runs where Django is set up."""
    from accounts import acting

    with acting.everywhere("load"):  # one transaction: or every sign-in would wait for the disk
        return _people()


def _people() -> list[dict[str, Any]]:
    from django.conf import settings
    from django.utils import timezone

    from accounts.models import User
    from accounts.sessions import SessionStore
    from prescriptions.models import PART_FIELDS, Prescription

    def session_of(user: User) -> str:
        session = SessionStore()
        session["_auth_user_id"], session["_auth_user_hash"] = str(user.pk), user.get_session_auth_hash()
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session.create()
        return str(session.session_key)

    found: list[dict[str, Any]] = []
    active = Prescription.objects.active().filter(patient__routine_stops=None, patient__stretch_pauses=None)
    chosen = active.select_related("patient__user", "clinic").prefetch_related("items").order_by("pk")
    for each in chosen[:PATIENTS]:
        if each.patient.user is None:
            continue
        items = [
            [str(item.pk), name.removeprefix("is_").replace("_", "-")]
            for item in each.items.all()
            for name in PART_FIELDS
            if getattr(item, name)
        ]
        day = each.clinic.today(timezone.now()).isoformat()
        own = {"is": "patient", "session": session_of(each.patient.user), "prescription": str(each.pk)}
        found.append({**own, "items": items, "on": day})
    clinicians = User.objects.filter(memberships__role="clinician").order_by("pk")[:CLINICIANS]
    for user in clinicians:
        clinic = user.memberships.get().clinic_id
        listed = active.filter(clinic=clinic).order_by("-pk").values_list("patient", "pk")[:100]
        drafts = Prescription.objects.drafts().filter(clinic=clinic).values_list("pk", flat=True)[:10]
        pairs = [[str(patient), str(pk)] for patient, pk in listed]
        found.append(
            {"is": "clinician", "session": session_of(user), "own": pairs, "drafts": [str(pk) for pk in drafts]}
        )
    return found


def arrivals(found: list[dict[str, Any]], *, seed: int = 1) -> Iterator[Act]:
    """Who comes next, and does what, for ever."""
    choose = random.Random(seed)
    patients = [each for each in found if each["is"] == "patient"]
    clinicians = [each for each in found if each["is"] == "clinician"]
    names, weights = list(MIXTURE), list(MIXTURE.values())
    while True:
        (name,) = choose.choices(names, weights)
        if name in {"today", "routine as data", "player", "log", "progress"}:
            yield _of_patient(name, choose.choice(patients), choose)
        else:
            yield _of_clinician(name, choose.choice(clinicians), choose)


def _cookies(who: dict[str, Any]) -> str:
    return f"sessionid={who['session']}; csrftoken={CSRF}"


def _of_patient(name: str, who: dict[str, Any], choose: random.Random) -> Act:
    paths = {"today": "/today/", "routine as data": "/today/routine.json", "player": "/today/play/"}
    item, part = choose.choice(who["items"])
    said = {
        "id": str(uuid.UUID(int=choose.getrandbits(128), version=4)),
        "item": item,
        "on": who["on"],
        "part_of_day": part,
        "outcome": "done",
        "held_seconds": choose.choice((10, 15, 20)),
        "pain_score": choose.choice((0, 0, 1, 2)),
        "has_spread": "no",
        "effort": "right",
    }

    def act(browser: Browser, due: float) -> None:
        if name == "log":
            headers = {"X-CSRFToken": CSRF, "Content-Type": "application/json", "Accept": "application/json"}
            path = f"/today/{who['prescription']}/log/"
            browser.ask(name, path, _cookies(who), body=json.dumps(said), headers=headers, due=due)
        else:
            browser.ask(name, paths.get(name, "/progress/"), _cookies(who), due=due)

    return act


def _of_clinician(name: str, who: dict[str, Any], choose: random.Random) -> Act:
    patient, prescription = choose.choice(who["own"])
    paths = {
        "queue": choose.choice(("/queue/", "/queue/?whose=mine")),
        "patients": choose.choice(("/patients/", "/patients/?q=ada", "/patients/?q=haddad")),
        "patient": f"/patients/{patient}/",
        "record": f"/patients/{patient}/record/",
        "builder": f"/prescriptions/{choose.choice(who['drafts'] or [prescription])}/edit/"
        + choose.choice(("", "", "?q=hamstring")),
        "catalogue": choose.choice(("/stretches/", "/stretches/?q=hamstring", "/stretches/?muscle=soleus")),
        "handout PDF": f"/prescriptions/{prescription}/handout.pdf",
    }

    def act(browser: Browser, due: float) -> None:
        if name == "activation":
            _activate(browser, who, prescription, due)
        else:
            browser.ask(name, paths[name], _cookies(who), due=due)

    return act


def _activate(browser: Browser, who: dict[str, Any], prescription: str, due: float) -> None:
    """Revise what is in force, look at the draft, read it once more, and activate it."""
    cookies, form = _cookies(who), {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
    token = f"csrfmiddlewaretoken={CSRF}"
    path = f"/prescriptions/{prescription}/revise/"
    status, builder, _ = browser.ask("activation: new draft", path, cookies, body=token, headers=form, due=due)
    if status != 302 or "/edit/" not in builder:
        return
    browser.ask("builder", builder, cookies)
    page = builder.replace("/edit/", "/activate/")
    status, _, text = browser.ask("activation: page", page, cookies, headers=form)
    hidden = [dict(re.findall(r'(name|value)="([^"]*)"', each)) for each in _FIELD.findall(text)]
    sent = {each["name"]: each.get("value", "") for each in hidden if "name" in each} | {"csrfmiddlewaretoken": CSRF}
    body = "&".join(f"{key}={value}" for key, value in sent.items())
    browser.ask("activation", page, cookies, body=body, headers=form)
