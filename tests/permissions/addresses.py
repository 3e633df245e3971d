"""Every address there is, and for each an example of every object that it may name.

A new page whose first word stands in ``PK_OF`` needs nothing here. Otherwise say in ``PK_OF`` or ``ARGUMENTS`` what its
address names (a name in ``world.a_record``), and in ``BODIES`` what is to be posted for the answer to tell something.
"""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Clinic, Membership, User
from stretches.models import CatalogueImport, Contraindication, Stretch, StretchPhoto, StretchPose, StretchVideo
from tests.admin_pages import form_of
from tests.permissions.world import (
    BORN_ON,
    LIBRARY,
    MISMATCH,
    MISSING,
    NONE,
    OF_ANOTHER,
    OF_CLINIC,
    OTHER,
    OWN,
    SAME,
    UNREVIEWED,
    Ids,
    World,
)
from tests.stretches.admin_rows import make_one

PK_OF = {
    "patients": "patient",
    "queue": "patient",
    "conditions": "condition",
    "outcomes": "score",
    "invitations": "invitation",
    "prescriptions": "active",
    "prescribed-stretches": "line",
    "stretch-pauses": "pause",
    "proposals": "proposal",
    "today": "active",
    "reminders": "patient",
    "templates": "template",
    "template-phases": "phase",
    "template-lines": "template_line",
    "accounts": "passkey",
    "staff": "staff invitation",
    "my-data": "patient",
    "erasures": "erasure request",
}
"""What ``<pk>`` names, by the first word of an address."""

PK_OF_VIEW = {
    "prescriptions:prescription_edit": "draft",
    "prescriptions:message_edit": "draft",
    "prescriptions:withheld_stretch_list": "draft",
    "prescriptions:prescribed_stretch_add": "draft",
    "prescriptions:override_add": "draft",
    "prescriptions:prescription_activate": "draft",
    "routines:settled_record": "log",
    "routines:red_flags_record": "patient",
    "routines:calendar_feed_add": "preference",
    "routines:calendar_feed_revoke": "preference",
}
"""Where it names something else."""

ARGUMENTS: dict[str, Callable[[Ids], Any]] = {
    "kind": lambda _ids: "pause",
    "subject": lambda ids: ids["pause"],
    "part_of_day": lambda _ids: "on-getting-up",
    "verdict": lambda _ids: "excluded",
    "stretch_pk": lambda ids: ids["reviewed stretch"],
    "size": lambda _ids: "large",
    "slug": lambda ids: ids["measure"],
    "token": lambda ids: ids["token"],
    "secret": lambda ids: ids["secret"],
    "link": lambda ids: ids["link"],
    "key": lambda ids: ids["reset_key"],
    "uidb36": lambda ids: ids["uid"],
}
"""What the other parts of an address are."""

MISMATCHES: dict[str, Callable[[Ids, Ids], dict[str, Any]]] = {
    "attention_decision_record": lambda _own, other: {"subject": other["pause"]},
    "routines:session_log_record": lambda _own, _other: {"part_of_day": "midday"},
    "prescriptions:override_add": lambda _own, _other: {"stretch_pk": _own["patient"]},
    "prescriptions:withheld_stretch_list": lambda _own, _other: {"verdict": "allowed"},
    "stretches:stretch_photo": lambda _own, other: {"key": other["reviewed photo"]},
    "patients:outcome_score_add": lambda _own, _other: {"slug": "no-such-measure"},
    "account_reset_password_from_key": lambda _own, other: {"key": other["reset_key"]},
}
"""For an address of two parts: what does not belong to the first one. The first part is one's own."""

OF_THE_LIBRARY = {
    "stretches:stretch_detail": {"pk": "stretch"},
    "stretches:condition_code_detail": {"slug": "code"},
    "stretches:source_detail": {"slug": "source"},
    "stretches:stretch_picture": {"pk": "stretch"},
    "stretches:stretch_photo": {"pk": "stretch", "key": "photo"},
}
"""Addresses of what belongs to no clinic, and what their parts name: there is one that is reviewed, and a draft."""

QUERIES: dict[str, Callable[[Ids], str]] = {
    "routines:stretch_log_record": lambda ids: f"?item={ids['item']}&part_of_day=on-getting-up",
}
"""What has to stand behind the question mark."""

BODIES: dict[str, Callable[[Ids], dict[str, Any]]] = {
    "account_signup": lambda _ids: {"email": "new@example.org", "password1": "four words of spring"},
    "accounts:staff_invitation_add": lambda ids: {
        "clinic": ids["clinic"],
        "address": "new@example.org",
        "full_name": "New Person",
        "role": "clinician",
    },
    "accounts:reading_edit": lambda _ids: {"language": "en-gb", "text_size": "large"},
    "attention_decision_record": lambda _ids: {"decision": "acknowledged"},
    "patients:patient_add": lambda _ids: {"full_name": "New Person", "born_on": "1970-01-01", "clinic": ""},
    "patients:invitation_accept": lambda _ids: {"day": BORN_ON.day, "month": BORN_ON.month, "year": BORN_ON.year},
    "patients:condition_add": lambda _ids: {
        "free_text": "A sore knee",
        "clinical_status": "active",
        "verification_status": "confirmed",
    },
    "patients:outcome_score_add": lambda ids: {"on": ids["today"], "occasion": "review", "rating": "3"},
    "prescriptions:message_edit": lambda _ids: {"note": "Slowly."},
    "prescriptions:prescribed_stretch_add": lambda ids: {"stretch": ids["reviewed stretch"]},
    "prescriptions:prescribed_stretch_move": lambda _ids: {"move": "up"},
    "prescriptions:prescription_hold": lambda _ids: {"reason": "On holiday."},
    "prescriptions:prescription_revoke": lambda _ids: {"reason": "A mistake."},
    "prescriptions:template_line_add": lambda ids: {"stretch": ids["reviewed stretch"]},
    "prescriptions:template_apply": lambda ids: {"phase": ids["phase"], "what": "add"},
    "routines:stretch_pause_lift": lambda _ids: {"note": "It settled."},
    "routines:settled_record": lambda _ids: {"has_settled": "yes"},
    "routines:proposal_record": lambda _ids: {"decision": "reject", "note": "Not yet."},
    "routines:push_subscription_revoke": lambda ids: {"device": ids["device"]},
    "routines:stretch_log_record": lambda ids: {
        "item": ids["item"],
        "on": ids["today"],
        "part_of_day": "on-getting-up",
        "outcome": "done",
        "pain_score": "1",
        "has_spread": "no",
    },
    "routines:push_subscription_add": lambda _ids: {"endpoint": "https://fcm.googleapis.com/a"},
}
"""What is posted, where nothing at all would not tell who may."""


@dataclasses.dataclass(frozen=True)
class Address:
    """One pattern of the URLconf, under the name by which the table knows it."""

    name: str
    route: str
    module: str
    view: str
    parts: tuple[str, ...]

    @property
    def is_of_admin(self) -> bool:
        return self.route.startswith("admin/")

    @property
    def objects(self) -> tuple[str, ...]:
        """The kinds of object with which it has to be tried."""
        if not self.parts:
            return (NONE,)
        found: tuple[str, ...] = (OWN, SAME, OTHER, MISSING)
        if self.name in OF_THE_LIBRARY:
            own = (OF_CLINIC, OF_ANOTHER) if "stretch" in OF_THE_LIBRARY[self.name].values() else ()
            found = (LIBRARY, UNREVIEWED, *own, MISSING)
        elif self.is_of_admin:
            own = (OF_CLINIC, OF_ANOTHER) if owner_of(_model_of(self)) and len(self.parts) == 1 else ()
            found = (LIBRARY, *own, MISSING)
        return (*found, MISMATCH) if len(self.parts) > 1 else found


def addresses() -> list[Address]:
    """Every address, the admin site's and allauth's included; of two of one name the first one answers."""
    found: dict[str, Address] = {}
    for address in _walk(get_resolver()):
        found.setdefault(address.name, address)
    return list(found.values())


def _walk(resolver: URLResolver, space: str = "", route: str = "") -> Iterator[Address]:
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, f"{space}{each.namespace}:" if each.namespace else space, here)
        elif isinstance(each, URLPattern):
            regex = each.pattern.regex
            unnamed = ("object_id", "version_id")[: regex.groups - len(regex.groupindex)]
            parts = tuple(each.pattern.converters) or tuple(regex.groupindex) or unnamed
            view = inspect.unwrap(each.callback)
            name = f"{space}{each.name}" if each.name else here
            yield Address(name, here, view.__module__, getattr(view, "__name__", ""), parts)


class NoExampleError(Exception):
    """What an address names is not known here; the message says what to add."""


def path_of(address: Address, world: World, what: str) -> str:
    """The path of an address that names such an object."""
    if address.is_of_admin:
        return _admin_path(address, what, world)
    ids = world.objects[OTHER] if what == OF_ANOTHER else _ids(world, what)
    status = {UNREVIEWED: "draft", OF_CLINIC: OF_CLINIC, OF_ANOTHER: OF_CLINIC}.get(what, "reviewed")
    of_library = {part: ids[f"{status} {noun}"] for part, noun in OF_THE_LIBRARY.get(address.name, {}).items()}
    values = of_library | {part: _value(address, part, ids) for part in address.parts if part not in of_library}
    if what == MISMATCH:
        if address.name not in MISMATCHES:
            raise NoExampleError(f"say in MISMATCHES, in {__name__}, what does not belong together: {address.name}")
        values |= MISMATCHES[address.name](ids, world.objects[OTHER])
    query = QUERIES[address.name](ids) if address.name in QUERIES else ""
    return _filled_in(address.route, values) + query


def _ids(world: World, what: str) -> Ids:
    return world.objects.get(what, world.objects[OWN])


def _value(address: Address, part: str, ids: Ids) -> Any:
    if part == "pk":
        noun = PK_OF_VIEW.get(address.name) or PK_OF.get(address.route.partition("/")[0])
        if noun in ids:
            return ids[noun]
    elif part == "token" and address.name == "accounts:staff_invitation_accept":
        return ids["staff token"]
    elif part in ARGUMENTS:
        return ARGUMENTS[part](ids)
    raise NoExampleError(f"say in PK_OF, PK_OF_VIEW or ARGUMENTS, in {__name__}, what {part} is in {address.route}")


def _filled_in(route: str, values: dict[str, Any]) -> str:
    """The route with its parts replaced, whichever way they are written."""
    for part, value in values.items():
        route, count = re.subn(rf"<(\w+:)?{part}>|\(\?P<{part}>[^()]*\)", str(value), route)
        if not count:  # a group without a name
            route = re.sub(r"\([^()]*\)", str(value), route, count=1)
    return "/" + re.sub(r"\^|\$$", "", route)


# The admin site -----------------------------------------------------------------------------------------------------
ROWS: dict[type[Model], Callable[[], Model]] = {
    CatalogueImport: lambda: CatalogueImport.objects.create(
        file_name="catalogue.json", content=b"{}", uploaded_at=timezone.now()
    ),
    StretchPose: lambda: StretchPose.objects.filter(clinic=None).earliest("pk"),
    User: lambda: User.objects.get(is_superuser=False, groups__isnull=False, is_active=True),
    Clinic: lambda: Clinic.objects.get(name="Riverside"),
    Membership: lambda: Membership.objects.earliest("pk"),
    Group: lambda: Group.objects.earliest("pk"),
    EmailAddress: lambda: EmailAddress.objects.get_or_create(user=User.objects.earliest("pk"), email="a@example.org")[
        0
    ],
}
"""A row of each model of the admin site that is no catalogue's."""

OWN_ENTRIES = {Contraindication, Stretch, StretchPhoto, StretchPose, StretchVideo}
"""Of what a clinic may have rows of its own."""


def owner_of(model: type[Model] | None) -> str:
    """Where a row of a model says whose it is, for those that a clinic may have of its own; else empty."""
    names = {field.name for field in model._meta.get_fields()} if model in OWN_ENTRIES else set()
    return "clinic" if "clinic" in names else "stretch__clinic" if "stretch" in names else ""


def _admin_path(address: Address, what: str, world: World) -> str:
    values: dict[str, Any] = {"url": "nothing/here", "app_label": "accounts"}
    model = _model_of(address)
    missing = "987654321" if model is None or not _has_uuid(model) else "00000000-0000-0000-0000-000000000000"
    row = None if what == MISSING or model is None else _row_of(model)
    if model and (clinic := {OF_CLINIC: world.clinic, OF_ANOTHER: world.elsewhere}.get(what)):
        row = model._default_manager.filter(**{owner_of(model): clinic}).order_by("pk")[0]
    for part in ("object_id", "id"):
        values[part] = row.pk if row else missing
    values |= {"content_type_id": "987654321", "version_id": "987654321"}
    if "app_label" in address.parts and what == MISSING:
        values["app_label"] = "account"
    if "version_id" in address.parts and row and model:
        histories = model.history.order_by("history_id")
        of_row = {model._meta.pk.attname: row.pk}
        found = histories.filter(**of_row) if what == LIBRARY else histories.exclude(**of_row)
        values["version_id"] = found.first().pk
    return _filled_in(address.route, {part: values[part] for part in address.parts})


def _model_of(address: Address) -> type[Model] | None:
    """The model whose page it is; ``None`` for pages of the whole site."""
    words = address.route.split("/")
    for model in admin.site._registry:
        if words[1:3] == [model._meta.app_label, model._meta.model_name]:
            return model
    return None


def _has_uuid(model: type[Model]) -> bool:
    return model._meta.pk.get_internal_type() == "UUIDField"


def _row_of(model: type[Model]) -> Any:
    """A row of a model; made, for catalogues, where there are not two yet."""
    if model in ROWS:
        return ROWS[model]()
    rows = model._default_manager.order_by("pk")
    if owner := owner_of(model):
        rows = rows.filter(**{f"{owner}__isnull": True})
    for number in range(2 - rows.count()):
        make_one(model, number)
    if _has_uuid(model) and hasattr(model, "history"):  # in whose ids there is no order: the one that was made first
        made = model.history.filter(id__in=rows.values("pk")).order_by("history_id").values_list("id", flat=True)
        return rows.get(pk=made[0])
    return rows.first()


def body_of(address: Address, world: World, what: str) -> dict[str, Any]:
    """What is posted to an address."""
    if address.is_of_admin:
        return {"post": "yes"} if address.name.endswith("_delete") else {}
    ids = _ids(world, what)
    return BODIES[address.name](ids) if address.name in BODIES else {}


__all__ = ["Address", "NoExampleError", "addresses", "body_of", "form_of", "path_of"]
