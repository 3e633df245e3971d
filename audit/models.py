"""The audit record: who saw or changed what of a patient. Only the database writes here: ``audit.triggers``."""

import json
import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import Clinic, User
from audit.tables import RECORDED

LINK = "link"
COMMAND = "command"


class Action(models.TextChoices):
    """What was done."""

    VIEW = "view", "Looked at"
    LIST = "list", "Saw in a list"
    ADD = "add", "Added"
    CHANGE = "change", "Changed"
    DELETE = "delete", "Deleted"


class EventQuerySet(models.QuerySet["Event"]):
    """Events."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the clinics that this person administers."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))

    def own(self, records: Iterable[uuid.UUID] | models.QuerySet[Any]) -> Self:
        """Those about somebody's own records, which whoever asks has found through ``own(user)``."""
        return self.filter(patient_id__in=records)


class Event(models.Model):
    """One thing that somebody saw or changed.

    On PostgreSQL this is a view of ``audit.event``, of which the application's role may only read the rows of the
    clinics for which it acts. ``user`` and ``clinic`` are no foreign keys there: who goes leaves their traces.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    role = models.CharField(max_length=10)
    clinic = models.ForeignKey(Clinic, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    patient_id = models.UUIDField(null=True)
    table_name = models.CharField(max_length=63)
    object_id = models.CharField(max_length=36)
    action = models.CharField(max_length=10, choices=Action)
    address = models.CharField(max_length=45)
    door = models.CharField(max_length=120)
    content = models.TextField(null=True)  # noqa: DJ001 - null: blanked, because a patient was erased
    salt = models.CharField(max_length=36, null=True)  # noqa: DJ001 - goes with the content

    objects = EventQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "audit_event"
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.object_id}"

    @cached_property
    def said(self) -> dict[str, Any]:
        """What there is to say about it: ``before`` and ``after``, a ``reason``, the ``patients`` of a list."""
        said: dict[str, Any] = json.loads(self.content) if self.content else {}
        return said

    @property
    def fields(self) -> list[str]:
        """The columns that were changed, in the order of the alphabet."""
        return sorted({*(self.said.get("before") or {}), *(self.said.get("after") or {})})

    @property
    def reason(self) -> str:
        """Why, where somebody had to say so."""
        after = self.said.get("after") or {}
        columns = RECORDED[self.table_name].reasons if self.table_name in RECORDED else ()
        return "; ".join(
            str(part) for part in (self.said.get("reason"), *(after.get(column) for column in columns)) if part
        )


class Seal(models.Model):
    """One link of the chain: an event's place in it, and a hash over the event and the link before."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_seal"
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"
