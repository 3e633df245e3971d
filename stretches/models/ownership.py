"""Whose a row of the catalogue is: the library's, which every clinic shares, or one clinic's own."""

import uuid
from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.expressions import Combinable

from accounts.models import Clinic, User
from accounts.replica import decided_by_primary

ModelT = TypeVar("ModelT", bound=models.Model)


def known_in(clinic: uuid.UUID | Combinable) -> models.Q:
    """Rows that count in a clinic: the library's and its own, never another's. An id, or what gives one in a query."""
    return models.Q(clinic__isnull=True) | models.Q(clinic=clinic)


def works_in(user: User) -> models.Q:
    """Rows of the library, and of the clinics in which somebody works today."""
    return models.Q(clinic__isnull=True) | models.Q(clinic__in=decided_by_primary(Clinic.objects.employing(user)))


def treated_in(user: User) -> models.Q:
    """Rows of the library, and of the clinics that treat somebody."""
    return models.Q(clinic__isnull=True) | models.Q(clinic__in=decided_by_primary(Clinic.objects.caring_for(user)))


class OwnedQuerySet(models.QuerySet[ModelT]):
    """Rows with a ``clinic``, which the library's have not."""

    def in_clinic(self, clinic_id: uuid.UUID | None) -> Self:
        """Those that count for the patients of a clinic; of none, the library's."""
        return self.of_library() if clinic_id is None else self.filter(known_in(clinic_id))

    def of_library(self) -> Self:
        """Those that every clinic shares; files fill and name these."""
        return self.filter(clinic__isnull=True)

    def of_clinics(self) -> Self:
        """Those that belong to a clinic."""
        return self.filter(clinic__isnull=False)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The library's and those of the clinics in which this person works; an operator sees every row."""
        if not isinstance(user, User):
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(works_in(user))
