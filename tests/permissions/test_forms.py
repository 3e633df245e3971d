"""What is sent twice is stored once, and nothing that somebody else saved meanwhile is overwritten unseen.

Both walk the URLconf: a new form that makes something, or edits something, has to stand in one of the tables here.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import Model
from django.test import Client

from accounts.models import CATALOGUE_ADMINS, Clinic, Membership, OutboxMessage, StaffInvitation, User
from patients.models import Condition, Invitation, OutcomeScore, Patient
from prescriptions.models import PrescribedStretch, Prescription, Template, TemplateLine
from routines.models import ReminderPreference
from stretches.models import CatalogueImport, Muscle, Source, Stretch
from tests.admin_pages import form_of
from tests.permissions.addresses import addresses, path_of
from tests.permissions.world import NONE, OWN, World, build, undone

pytestmark = pytest.mark.django_db
ADDRESSES = {address.name: address for address in addresses()}
Sent = dict[str, Any]


# What makes something ------------------------------------------------------------------------------------------------
MAKES: dict[str, tuple[str, type[Model], Callable[[Any], Sent]]] = {
    "patients:patient_add": ("clinician", Patient, lambda _: {"full_name": "Ada Lovelace", "born_on": "1960-05-05"}),
    "patients:condition_add": (
        "clinician",
        Condition,
        lambda _: {"free_text": "A sore knee", "clinical_status": "active", "verification_status": "confirmed"},
    ),
    "patients:outcome_score_add": (
        "clinician",
        OutcomeScore,
        lambda ids: {"on": ids["today"], "occasion": "review", "rating": "3"},
    ),
    "patients:invitation_add": ("clinician", Invitation, lambda _: {}),
    "prescriptions:prescription_print": ("clinician", Invitation, lambda _: {}),
    "prescriptions:prescription_add": ("clinician", Prescription, lambda _: {}),
    "prescriptions:prescription_revise": ("clinician", Prescription, lambda _: {}),
    "prescriptions:prescribed_stretch_add": (
        "clinician",
        PrescribedStretch,
        lambda ids: {"stretch": ids["reviewed stretch"]},
    ),
    "prescriptions:template_add": (
        "clinician",
        Template,
        lambda _: {"name": "Ours", "for_whom": "Everybody", "citation": "Practice"},
    ),
    "prescriptions:template_line_add": ("clinician", TemplateLine, lambda ids: {"stretch": ids["reviewed stretch"]}),
    "accounts:staff_invitation_add": (
        "admin",
        StaffInvitation,
        lambda ids: {"clinic": ids["clinic"], "address": "n@example.org", "full_name": "New", "role": "clinician"},
    ),
    "admin:accounts_clinic_add": ("operator", Clinic, lambda _: {"name": "Lakeside", "phone": "1"}),
    "admin:stretches_muscle_add": ("library admin", Muscle, lambda _: {"name": "Soleus", "slug": "soleus"}),
}
MADE_OTHERWISE = {
    "erasure_request_add": "one open for a patient",
    "own_erasure_request_add": "the same",
    "accounts:draft_add": "one a page and person",
    "prescriptions:override_add": "tests/prescriptions/test_override_add.py: a decision sent twice is stored once",
    "routines:push_subscription_add": "one an endpoint: tests/routines/test_push.py",
    "routines:calendar_feed_add": "makes no row: a new secret in place of the one before",
}
SAME_FORM_OF_THE_ADMIN_SITE = {name for name in ADDRESSES if name.startswith("admin:") and name.endswith("_add")}
"""They all go through ``clinic.admin_site``; two of them are tried."""


def test_every_form_that_makes_something_is_tried() -> None:
    adding = {name for name in ADDRESSES if name.endswith("_add")} - SAME_FORM_OF_THE_ADMIN_SITE

    assert adding - set(MAKES) - set(MADE_OTHERWISE) == set()


class _Fields(HTMLParser):
    """Hidden fields of a page, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.found.setdefault(str(given["name"]), given.get("value") or "")


def sent_by(name: str, world: World, client: Client) -> tuple[str, type[Model], Sent]:
    """Where a form goes, what it makes, and what it sends: with the hidden fields of its page, if it has one."""
    _, model, typed = MAKES[name]
    address = ADDRESSES[name]
    path = path_of(address, world, OWN if OWN in address.objects else NONE)
    opened_on = {"patients:invitation_add": f"/patients/{world.objects[OWN]['patient']}/"}.get(name, path)
    page = client.get(opened_on)
    hidden = _Fields(page.content.decode()).found if page.status_code == 200 else {}
    full = form_of(page) if name.startswith("admin:") else {}
    return path, model, {**hidden, **full, **{k: str(v) for k, v in typed(world.objects[OWN]).items()}}


def client_of(person: str, world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions[person]
    return client


@pytest.mark.parametrize("name", MAKES)
def test_twenty_identical_posts_make_one_row(world: World, name: str) -> None:
    with undone():
        client = client_of(MAKES[name][0], world)
        Prescription.objects.filter(pk=world.objects[OWN]["draft"]).update(
            **(
                {"status": "revoked"}
                if name in {"prescriptions:prescription_add", "prescriptions:prescription_revise"}
                else {"note": ""}
            )
        )
        path, model, sent = sent_by(name, world, client)
        before, mails = model._default_manager.count(), OutboxMessage.objects.count()

        answers = {client.post(path, sent).status_code for _ in range(20)}

        assert answers <= {200, 302}
        assert model._default_manager.count() == before + 1
        assert OutboxMessage.objects.count() <= mails + 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_row() -> None:
    editors, _ = Group.objects.get_or_create(name=CATALOGUE_ADMINS)  # taken away with all rows by the test before
    editors.permissions.set(Permission.objects.filter(content_type__app_label="stretches"))
    world = build()
    wrong = {}
    for name in MAKES:
        person = MAKES[name][0]
        path, model, sent = sent_by(name, world, client_of(person, world))
        before = model._default_manager.count()
        together = threading.Barrier(20)

        def once(_: int, path: str = path, sent: Sent = sent, person: str = person, gate: Any = together) -> int:
            client = client_of(person, world)
            gate.wait()
            try:
                return client.post(path, sent).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as pool:
            answers = set(pool.map(once, range(20)))
        made = model._default_manager.count() - before
        if name in {"prescriptions:prescription_add", "prescriptions:prescription_revise"}:
            made += 1  # there is a draft, and there may be one
        if made != 1 or not answers <= {200, 302}:
            wrong[name] = (made, answers)

    assert wrong == {}


# What edits something ------------------------------------------------------------------------------------------------
EDITS: dict[str, tuple[str, str, str, str]] = {
    "patients:patient_edit": ("clinician", "phone", "111", "222"),
    "patients:condition_edit": ("clinician", "note", "Worse at night", "Better in summer"),
    "patients:outcome_score_edit": ("clinician", "rating", "7", "8"),
    "prescriptions:message_edit": ("clinician", "note", "Slowly now", "Faster now"),
    "prescriptions:prescribed_stretch_edit": ("clinician", "note", "On the carpet", "On the bed"),
    "prescriptions:template_edit": ("clinician", "name", "After surgery", "Before surgery"),
    "prescriptions:template_line_edit": ("clinician", "note", "On the carpet", "On the bed"),
    "routines:reminder_edit": ("patient", "on-getting-up-anchor", "breakfast", "the news"),
    "admin:accounts_clinic_change": ("operator", "phone", "111", "222"),
    "admin:accounts_user_change": ("operator", "full_name", "Ada Byron", "Ada Lovelace"),
    "admin:stretches_muscle_change": ("library admin", "name", "Soleus", "Plantaris"),
    "admin:stretches_source_change": ("library admin", "citation", "A paper of 2001.", "A paper of 2002."),
}
"""Who edits, which field, what a colleague stores meanwhile, and what is typed."""
EDITED_OTHERWISE = {
    "accounts:reading_edit": "one's own language and text size: both stand in the form, the last word holds",
    "accounts:session_edit": "the button that keeps a session",
    "prescriptions:prescription_edit": "shows the builder; its forms have addresses of their own",
}
NOT_SEEN_IN_THE_ADMIN_SITE = {
    "admin:account_emailaddress_change": "allauth's, for operators; Limber reads no row of it",
    "admin:auth_group_change": "Django's, for operators",
    "admin:accounts_membership_change": "as that of a clinic: the same form",
    "admin:auth_user_password_change": "a password is not overwritten unseen: nobody sees one",
    "admin:password_change": "one's own",
    "admin:stretches_catalogueimport_change": "decided once: it names the plan that was shown",
    "admin:stretches_cataloguerelease_change": "read only",
}


def test_every_form_that_edits_something_is_tried() -> None:
    from django.contrib import admin

    from accounts.forms.seen import SeenForm

    editing = {name for name in ADDRESSES if name.endswith("_edit")}
    changed = {name for name in ADDRESSES if name.startswith("admin:") and name.endswith("_change")}
    noticing = {
        f"admin:{model._meta.label_lower.replace('.', '_')}_change"
        for model, shown in admin.site._registry.items()
        if issubclass(shown.form, SeenForm)
    }

    assert editing - set(EDITS) - set(EDITED_OTHERWISE) == set()
    assert changed - noticing - set(NOT_SEEN_IN_THE_ADMIN_SITE) - {"admin:accounts_membership_change"} == set()


class _Form(HTMLParser):
    """What a browser would send of the form of a page that has a field of this name."""

    def __init__(self, page: str, name: str) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self.area = self.choice = ""
        self.feed(page)
        self.sent = next(form for form in self.forms if name in form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and name:
            is_ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if is_ticked and given.get("type") not in {"submit", "file"}:
                form[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.area, form[name] = name, ""
        elif tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and "selected" in given:
            form.setdefault(self.choice, given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.forms[-1][self.area] = self.forms[-1][self.area].removeprefix("\n")
            self.area = ""
        if tag == "select":
            self.choice = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][self.area] += data


def opened(name: str, field: str, world: World, client: Client) -> tuple[str, Sent]:
    address = ADDRESSES[name]
    path = path_of(address, world, "library" if address.is_of_admin else OWN)
    page = client.get(
        f"/prescriptions/{world.objects[OWN]['draft']}/edit/" if name == "prescriptions:message_edit" else path
    )
    if address.is_of_admin:
        return path, form_of(page)
    return path, _Form(page.content.decode(), field).sent


@pytest.mark.parametrize("name", EDITS)
def test_a_stale_edit_gets_both_versions(world: World, name: str) -> None:
    person, field, theirs, mine = EDITS[name]
    with undone():
        client, colleague = client_of(person, world), client_of(person, world)
        path, sent = opened(name, field, world, client)
        first = colleague.post(path, {**sent, field: theirs})
        stored = _everything()

        late = client.post(path, {**sent, field: mine})
        page = late.content.decode()

        assert first.status_code == 302
        assert late.status_code == 409
        assert theirs in page
        assert mine in page
        assert _everything() == stored
        again = form_of(late) if ADDRESSES[name].is_of_admin else _Form(page, field).sent
        assert again[field] == mine
        assert client.post(path, again).status_code == 302


def _everything() -> dict[str, int]:
    """How many rows there are of everything that is ours, and what the edited ones say."""
    models = [Patient, Condition, OutcomeScore, Prescription, PrescribedStretch, Template, TemplateLine]
    models += [ReminderPreference, Clinic, User, Muscle, Source, Stretch, Membership, CatalogueImport]
    return {model.__name__: hash(str(list(model._default_manager.order_by("pk").values()))) for model in models}
