"""What every page may ask about the person who looks at it."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from accounts.models import Membership


def roles(request: HttpRequest) -> dict[str, Callable[[], bool | str]]:
    """Tell templates what this person is, at the cost of one query, and of none if no template asks.

    A person with a sign-in and without a role at any clinic is a patient: staff are members.
    """

    @cache
    def memberships() -> list[tuple[str, str]]:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        return list(Membership.objects.filter(user=user).order_by("clinic__name").values_list("role", "clinic__name"))

    def is_clinician() -> bool:
        return any(role == Membership.Role.CLINICIAN for role, _ in memberships())

    def is_patient() -> bool:
        user = getattr(request, "user", None)
        return user is not None and user.is_authenticated and not user.is_staff and not memberships()

    def clinic_name() -> str:
        """The clinic's name where there is one only; who works in two reads it on each page."""
        names = {name for _, name in memberships()}
        return names.pop() if len(names) == 1 else ""

    return {"is_clinician": is_clinician, "is_patient": is_patient, "clinic_name": clinic_name}
