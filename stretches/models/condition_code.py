"""Coded conditions and their hierarchy, a directed acyclic graph."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from stretches.models.source import Confidence, Source
from stretches.models.versions import versions

if TYPE_CHECKING:
    from stretches.searching import Meant


class WindowAnchor(models.TextChoices):
    """The day from which the weeks of a contraindication's window count."""

    ONSET = "onset_date", "Onset"
    PROCEDURE = "procedure_date", "Surgery or procedure"
    LAST_MENSTRUAL_PERIOD = "lmp_date", "First day of the last menstrual period"


class ConditionCodeQuerySet(models.QuerySet["ConditionCode"]):
    """Condition codes."""

    def selectable(self) -> Self:
        """Those that can be recorded for a patient; the others are groups."""
        return self.filter(is_selectable=True)

    def matching(self, words: str) -> Self:
        """Those in which every word occurs, give or take a slip of the hand; ``searching`` says where."""
        from stretches.searching import condition_codes_meant_by  # which asks these models

        return self.meant(condition_codes_meant_by(words))

    def meant(self, meant: "Meant") -> Self:
        """The same, first those in which each word is one of its own: “THR” is a hip before it is a thrombosis."""
        if not meant.rows:
            return self
        is_whole = models.Case(models.When(meant.whole, then=0), default=1)
        return self.filter(meant.rows).order_by(is_whole, "name")


class ConditionCode(models.Model):
    """A condition that can be recorded, or a group of them. FHIR: CodeableConcept.

    ``broader`` holds the codes directly above; a code may have several.
    """

    class Kind(models.TextChoices):
        DISORDER = "disorder", "Disorder"
        GROUP = "group", "Group"
        PHYSIOLOGICAL = "physiological", "Physiological state"
        PROCEDURE_STATUS = "procedure_status", "After a procedure"
        RISK = "risk", "Risk"
        SYMPTOM = "symptom", "Symptom"

    class Tier(models.TextChoices):
        CORE = "core", "Core"
        EXTENDED = "extended", "Extended"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    region = models.CharField(max_length=60, blank=True)
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.EXTENDED)
    broader = models.ManyToManyField("self", through="Broader", symmetrical=False, related_name="narrower")
    is_selectable = models.BooleanField("can be recorded for a patient", default=True)
    is_red_flag = models.BooleanField("red flag", default=False)
    is_non_resolving = models.BooleanField("does not resolve", default=False)
    window_anchor = models.CharField("weeks count from", max_length=20, choices=WindowAnchor, blank=True)
    icd10cm = models.CharField("ICD-10-CM codes", max_length=120, blank=True, help_text="Separated by commas.")
    icd10cm_categories = models.CharField("ICD-10-CM categories", max_length=120, blank=True)
    synonyms = models.TextField(blank=True, help_text="One a line; searched along with the name.")
    note = models.TextField(blank=True)
    source = models.ForeignKey(Source, models.PROTECT)
    confidence = models.CharField(max_length=6, choices=Confidence)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = ConditionCodeQuerySet.as_manager()
    history = versions(excluded_fields=["loaded_digest", "broader"])

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The code's page in the catalogue, for staff."""
        return reverse("stretches:condition_code_detail", args=[self.slug])

    @property
    def synonym_list(self) -> list[str]:
        """What it is also called."""
        return [line.strip() for line in self.synonyms.splitlines() if line.strip()]

    def clean(self) -> None:
        """Refuse to take away the day from which the weeks of existing rows count."""
        super().clean()
        if not self.window_anchor and self.pk:
            has_window = models.Q(from_week__isnull=False) | models.Q(until_week__isnull=False)
            for rows in (self.contraindications, self.movement_rules):
                if rows.filter(has_window).exists():
                    raise ValidationError({"window_anchor": "Rows about this condition count weeks from this day."})


class Broader(models.Model):
    """One edge of the hierarchy: ``narrower`` is a kind of ``broader``."""

    narrower = models.ForeignKey(ConditionCode, models.CASCADE, related_name="broader_edges")
    broader = models.ForeignKey(ConditionCode, models.PROTECT, related_name="narrower_edges")
    is_main = models.BooleanField("the one shown first", default=True)

    history = versions()

    class Meta:
        verbose_name = "broader condition"
        constraints = [
            models.UniqueConstraint(fields=["narrower", "broader"], name="broader_once"),
            models.CheckConstraint(condition=~models.Q(narrower=models.F("broader")), name="broader_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.narrower} is a kind of {self.broader}"

    def clean(self) -> None:
        """Refuse an edge that would close a circle."""
        if self.narrower_id and self.broader_id:
            edges = broader_by_code()
            if self.narrower_id == self.broader_id or self.narrower_id in paths_upward(self.broader_id, edges):
                raise ValidationError({"broader": "This condition is already narrower: the two would form a circle."})


def hierarchy() -> tuple[dict[int, list[int]], dict[int, ConditionCode]]:
    """Map each code's id to the ids directly above it, main one first, and give those above: one query, few rows.

    Of those above the short name and the name are read; what else somebody asks of one is read then.
    """
    edges: dict[int, list[int]] = defaultdict(list)
    above: dict[int, ConditionCode] = {}
    columns = ("narrower_id", "broader_id", "broader__slug", "broader__name")
    rows = Broader.objects.order_by("narrower_id", "-is_main", "id").values_list(*columns)
    for narrower_id, broader_id, slug, name in rows:
        edges[narrower_id].append(broader_id)
        if broader_id not in above:
            above[broader_id] = ConditionCode.from_db(None, ("id", "slug", "name"), (broader_id, slug, name))
    return edges, above


def broader_by_code() -> dict[int, list[int]]:
    """Map each code's id to the ids directly above it, main one first: one query, a few dozen rows."""
    edges, _ = hierarchy()
    return edges


def paths_upward(code_id: int, edges: Mapping[int, Iterable[int]]) -> dict[int, tuple[int, ...]]:
    """Map a code and every broader one to the shortest path that leads there, both ends included.

    A circle, which ``Broader.clean`` refuses, would only be walked once: each code on it then counts as broader
    than each other, which errs towards excluding.
    """
    paths: dict[int, tuple[int, ...]] = {code_id: (code_id,)}
    frontier = [code_id]
    while frontier:
        reached = []
        for narrower_id in frontier:
            for broader_id in edges.get(narrower_id, ()):
                if broader_id not in paths:
                    paths[broader_id] = (*paths[narrower_id], broader_id)
                    reached.append(broader_id)
        frontier = reached
    return paths
