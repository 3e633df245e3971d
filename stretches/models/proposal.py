"""Contraindications that the movement rules ask for, and what was decided about each."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from stretches.models.condition_code import ConditionCode
from stretches.models.contraindication import Contraindication, MovementRule, Severity, Window
from stretches.models.source import Confidence, Source
from stretches.models.stretch import Stretch, StretchStatus, UndecidedError
from stretches.models.words import Movement


class AlreadyDecidedError(Exception):
    """Somebody decided this proposal, or the rules dropped it, since the page was opened."""


class ContraindicationProposalQuerySet(models.QuerySet["ContraindicationProposal"]):
    """Proposals."""

    def undecided(self) -> Self:
        """Those that wait for somebody; as long as there is one, its stretch is not reviewed."""
        return self.filter(state=ContraindicationProposal.State.OPEN)

    def decided(self) -> Self:
        """Those about which somebody decided."""
        return self.filter(state__in=ContraindicationProposal.DECIDED)

    def about(self, stretch_ids: Collection[uuid.UUID] | None) -> Self:
        """Those about these stretches; ``None``: about all."""
        return self if stretch_ids is None else self.filter(stretch__in=stretch_ids)

    def update(self, **values: Any) -> int:
        """Change rows. Raises ``UndecidedError`` rather than leave a stretch reviewed with something to decide."""
        with transaction.atomic(using=self.db):
            count = super().update(**values)
            Stretch.objects.refuse_undecided()
        return count

    def bulk_create(self, objs: Iterable["ContraindicationProposal"], *args: Any, **kwargs: Any) -> Any:
        """Store many; likewise."""
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            Stretch.objects.refuse_undecided()
        return created

    def for_display(self) -> Self:
        """With what a page names, in a constant number of queries; the most severe first."""
        severest = models.Case(
            *(models.When(severity=value, then=rank) for rank, value in enumerate(Severity.values)), default=-1
        )
        rows = self.select_related("condition_code", "source", "decided_by", "stretch").prefetch_related("movements")
        return rows.order_by(severest, "condition_code__name", "pk")


class ContraindicationProposal(Window):
    """A contraindication that a movement rule asks for and its stretch does not carry. FHIR: Task.

    It keeps what the rule said when it was proposed; ``contraindication`` is the row that came of it.
    """

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        ACCEPTED = "accepted", "Accepted"
        CHANGED = "changed", "Accepted with changes"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "No longer called for"

    DECIDED = (State.ACCEPTED, State.CHANGED, State.REJECTED)

    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="proposals")
    rule = models.ForeignKey(MovementRule, models.SET_NULL, null=True, blank=True, related_name="proposals")
    condition_code = models.ForeignKey(ConditionCode, models.PROTECT, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity)
    rationale = models.TextField()
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    confidence = models.CharField(max_length=6, choices=Confidence)
    movements = models.ManyToManyField(Movement, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.TextField(blank=True, max_length=1000)
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    contraindication = models.ForeignKey(
        Contraindication, models.SET_NULL, null=True, blank=True, related_name="proposals"
    )

    objects = ContraindicationProposalQuerySet.as_manager()

    class Meta:
        ordering = ("stretch_id", "id")
        verbose_name = "proposed contraindication"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "accepted", "changed", "rejected", "withdrawn"]),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__in=["absolute", "relative", "precaution"]), name="proposal_severity_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
                name="proposal_decided_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["changed", "rejected"]) | ~models.Q(reason=""),
                name="proposal_other_than_accepted_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["stretch", "rule"], condition=models.Q(state="open"), name="proposal_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition_code}: {self.get_severity_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to leave a stretch reviewed with something to decide: it is taken back to draft first."""
        with transaction.atomic():
            if self.state == self.State.OPEN:
                stretches = Stretch.objects.select_for_update(no_key=True)
                if stretches.get(pk=self.stretch_id).status == StretchStatus.REVIEWED:
                    raise UndecidedError
            super().save(*args, **kwargs)

    # What can be done to it -------------------------------------------------------------------------------------------

    def accept(self, *, by: User, at: datetime.datetime, reason: str = "") -> None:
        """Write the contraindication as proposed. Raises ``AlreadyDecidedError``."""
        self._decide(self.State.ACCEPTED, by=by, at=at, reason=reason, written={})

    def change(
        self,
        *,
        by: User,
        at: datetime.datetime,
        reason: str,
        severity: str,
        from_week: int | None,
        until_week: int | None,
        rationale: str,
    ) -> None:
        """Write the contraindication otherwise than proposed, and say why. Raises ``AlreadyDecidedError``."""
        written = {
            "severity": severity,
            "from_week": from_week,
            "until_week": until_week,
            "rationale": rationale,
            "origin": Contraindication.Origin.AUTHOR,
        }
        self._decide(self.State.CHANGED, by=by, at=at, reason=reason, written=written)

    def reject(self, *, by: User, at: datetime.datetime, reason: str) -> None:
        """Write nothing, and say why. Raises ``AlreadyDecidedError``."""
        self._decide(self.State.REJECTED, by=by, at=at, reason=reason, written=None)

    def _decide(
        self, state: State, *, by: User, at: datetime.datetime, reason: str, written: dict[str, Any] | None
    ) -> None:
        with transaction.atomic():
            Stretch.objects.select_for_update(no_key=True).get(pk=self.stretch_id)
            current = ContraindicationProposal.objects.select_for_update().get(pk=self.pk)
            if current.state != self.State.OPEN or current.asks_for != self.asks_for:
                raise AlreadyDecidedError
            if written is not None:
                self.contraindication = self.write(by=by, **written)
            self.state, self.reason, self.decided_by, self.decided_at = state, reason.strip(), by, at
            self.save()

    def write(self, *, by: User, **written: Any) -> Contraindication:
        """Store the row; where an earlier proposal of the same rule led to one, that row becomes this one."""
        earlier = ContraindicationProposal.objects.decided().filter(
            stretch=self.stretch_id, rule=self.rule_id, rule__isnull=False, contraindication__isnull=False
        )
        found = earlier.order_by("-pk").first()
        row = found.contraindication if found and found.contraindication else Contraindication(stretch=self.stretch)
        values = {
            "condition_code_id": self.condition_code_id,
            "severity": self.severity,
            "from_week": self.from_week,
            "until_week": self.until_week,
            "rationale": self.rationale,
            "source_id": self.source_id,
            "confidence": self.confidence,
            "origin": Contraindication.Origin.RULE,
        }
        for name, value in (values | written).items():
            setattr(row, name, value)
        row._history_user = by  # type: ignore[attr-defined]
        row.save()
        row.movements.set(self.movements.all())
        return row

    @property
    def asks_for(self) -> tuple[int, str, int | None, int | None]:
        """What has to be decided: a rule that asks for something else by now asks anew."""
        return self.condition_code_id, self.severity, self.from_week, self.until_week
