"""Ways in which rights are taken away, and what their owner gets at the next request."""

import dataclasses
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import CATALOGUE_ADMINS, Membership, Session
from patients.models import Invitation, Patient
from routines.models import ReminderPreference
from tests.permissions.world import BORN_ON, OWN, Ids, World, undone

Act = Callable[[World, Ids], Any]


@dataclasses.dataclass(frozen=True)
class End:
    """Who had what, how it is taken away, and what they get before and after."""

    words: str
    person: str
    page: str
    of: tuple[str, ...]
    take_away: Act
    before: str
    after: str
    method: str = "GET"
    body: dict[str, Any] = dataclasses.field(default_factory=dict)


def _deactivate(person: str) -> Act:
    def act(world: World, _ids: Ids) -> None:
        user = world.people[person]
        type(user).objects.filter(pk=user.pk).update(is_active=False)

    return act


def _change(person: str, **values: Any) -> Act:
    def act(world: World, _ids: Ids) -> None:
        user = world.people[person]
        type(user).objects.filter(pk=user.pk).update(**values)

    return act


def _change_password(world: World, _ids: Ids) -> None:
    user = type(world.people["clinician"]).objects.get(pk=world.people["clinician"].pk)
    user.set_password("four words of spring")
    user.save()


def _memberships(world: World) -> Any:
    return Membership.objects.filter(user=world.people["clinician"])


def _invitation(ids: Ids) -> Invitation:
    return Invitation.objects.get(pk=ids["invitation"])


def _preference(ids: Ids) -> ReminderPreference:
    return ReminderPreference.objects.get(pk=ids["preference"])


def _invite_anew(world: World, ids: Ids) -> None:
    Invitation.on_paper(Patient.objects.get(pk=ids["patient"]), by=world.people["clinician"], at=timezone.now())


def _invite_elsewhere(world: World, ids: Ids) -> None:
    """The record becomes somebody else's: the sign-in of before no longer opens it."""
    Patient.objects.filter(pk=ids["patient"]).update(user=world.people["colleague"])


PATIENT = "patients:patient_detail"
JOIN, FEED, OFF = "patients:invitation_accept", "routines:calendar_feed_detail", "routines:reminder_revoke"
BIRTH = {"day": BORN_ON.day, "month": BORN_ON.month, "year": BORN_ON.year}
CATALOGUE = "admin:stretches_stretch_changelist"

ENDS = [
    End("a clinician is deactivated", "clinician", PATIENT, ("patient",), _deactivate("clinician"), "200", "login"),
    End(
        "a clinician is deactivated while writing",
        "clinician",
        "prescriptions:prescription_hold",
        ("active",),
        _deactivate("clinician"),
        "302",
        "login",
        "POST",
        {"reason": "On holiday."},
    ),
    End("a patient is deactivated", "patient", "routines:routine_today", (), _deactivate("patient"), "200", "login"),
    End("an export, meanwhile", "patient", "routines:own_data_json", (), _deactivate("patient"), "200", "login"),
    End("an export as PDF, meanwhile", "patient", "routines:own_data_pdf", (), _deactivate("patient"), "200", "login"),
    End(
        "an operator is deactivated",
        "operator",
        "admin:accounts_user_changelist",
        (),
        _deactivate("operator"),
        "200",
        "login",
    ),
    End(
        "a membership ends",
        "clinician",
        PATIENT,
        ("patient",),
        lambda world, _ids: _memberships(world).delete(),
        "200",
        "404",
    ),
    End(
        "a membership ends, and with it the list",
        "clinician",
        "patients:patient_list",
        (),
        lambda world, _ids: _memberships(world).delete(),
        "200",
        "404",
    ),
    End(
        "a clinician becomes an admin",
        "clinician",
        PATIENT,
        ("patient",),
        lambda world, _ids: _memberships(world).update(role=Membership.Role.ADMIN),
        "200",
        "404",
    ),
    End(
        "a clinician goes to another clinic",
        "clinician",
        PATIENT,
        ("patient",),
        lambda world, _ids: _memberships(world).update(clinic=world.elsewhere),
        "200",
        "404",
    ),
    End(
        "a clinician of two leaves one",
        "clinician of both",
        PATIENT,
        ("patient",),
        lambda world, _ids: Membership.objects.filter(
            user=world.people["clinician of both"], clinic=world.clinic
        ).delete(),
        "200",
        "404",
    ),
    End(
        "the password is changed elsewhere",
        "clinician",
        PATIENT,
        ("patient",),
        _change_password,
        "200",
        "login",
    ),
    End(
        "the session is ended elsewhere",
        "clinician",
        PATIENT,
        ("patient",),
        lambda world, _ids: Session.objects.filter(user=world.people["clinician"]).delete(),
        "200",
        "login",
    ),
    End(
        "an editor of the catalogue leaves the group",
        "library admin",
        CATALOGUE,
        (),
        lambda world, _ids: world.people["library admin"].groups.remove(Group.objects.get(name=CATALOGUE_ADMINS)),
        "200",
        "403",
    ),
    End(
        "an editor may no longer open the admin site",
        "library admin",
        CATALOGUE,
        (),
        _change("library admin", is_staff=False),
        "200",
        "login",
    ),
    End(
        "an operator is none any more",
        "operator",
        "admin:accounts_user_changelist",
        (),
        _change("operator", is_superuser=False),
        "200",
        "403",
    ),
    End(
        "a record is taken from a sign-in",
        "patient",
        "routines:routine_print",
        ("active",),
        _invite_elsewhere,
        "200",
        "404",
    ),
    End(
        "an invitation is withdrawn",
        "visitor",
        JOIN,
        ("token",),
        lambda _world, ids: _invitation(ids).revoke(at=timezone.now()),
        "200",
        "404",
    ),
    End(
        "an invitation is withdrawn while somebody types",
        "visitor",
        JOIN,
        ("token",),
        lambda _world, ids: _invitation(ids).revoke(at=timezone.now()),
        "302",
        "404",
        "POST",
        BIRTH,
    ),
    End(
        "an invitation is used",
        "visitor",
        JOIN,
        ("token",),
        lambda world, ids: _invitation(ids).redeem(born_on=BORN_ON, at=timezone.now(), visitor=world.people["patient"]),
        "200",
        "404",
    ),
    End("another invitation is sent", "visitor", JOIN, ("token",), _invite_anew, "200", "404"),
    End(
        "an invitation is too old",
        "visitor",
        JOIN,
        ("token",),
        lambda _world, ids: Invitation.objects.filter(pk=ids["invitation"]).update(expires_at=timezone.now()),
        "200",
        "404",
    ),
    End(
        "a calendar is closed",
        "visitor",
        FEED,
        ("secret",),
        lambda _world, ids: _preference(ids).close_feed(),
        "200",
        "404",
    ),
    End(
        "a calendar gets another address",
        "visitor",
        FEED,
        ("secret",),
        lambda _world, ids: _preference(ids).open_feed(),
        "200",
        "404",
    ),
    End("the owner of a calendar is deactivated", "visitor", FEED, ("secret",), _deactivate("patient"), "200", "404"),
    End(
        "a calendar's record is taken from the sign-in that opened it",
        "visitor",
        FEED,
        ("secret",),
        _invite_elsewhere,
        "200",
        "404",
    ),
    End(
        "the reminders behind a link are deleted",
        "visitor",
        OFF,
        ("link",),
        lambda _world, ids: _preference(ids).delete(),
        "200",
        "404",
    ),
]


def not_ended(end: End, world: World) -> str:
    """Take the right away and ask again; says what is wrong, or ""."""
    ids = world.objects[OWN]
    url = reverse(end.page, args=[ids[each] for each in end.of])
    with undone():
        before = world.ask(end.person, end.method, url, end.body).said
        end.take_away(world, ids)
        after = world.ask(end.person, end.method, url, end.body).said
    if (before, after) == (end.before, end.after):
        return ""
    return f"{end.words}: {before}, then {after} instead of {end.before}, then {end.after}"
