"""What the catalogue knows besides stretches: red-flag questions, timing, evidence and open disagreements."""

import uuid
from collections.abc import Collection
from typing import Self

from django.db import models

from stretches.models.condition_code import ConditionCode
from stretches.models.contraindication import RULE_TEXT_MAX_LENGTH
from stretches.models.source import Confidence, Source
from stretches.models.words import Movement


class RedFlagAction(models.Model):
    """What a patient is told, word for word, when a red-flag question of a tier is answered with yes."""

    tier = models.SlugField(max_length=20, unique=True)
    message = models.TextField()
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.message


class RedFlagQuestion(models.Model):
    """A question whose yes stops the whole routine."""

    slug = models.SlugField(max_length=40, unique=True)
    question = models.TextField()
    action = models.ForeignKey(RedFlagAction, models.PROTECT, related_name="questions")
    source = models.ForeignKey(Source, models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.question


class TimingRuleQuerySet(models.QuerySet["TimingRule"]):
    """Timing rules."""

    def concerning(self, *, code_ids: Collection[int], stretch_ids: Collection[uuid.UUID]) -> Self:
        """Rules on one of these condition codes for a movement of one of these stretches; a row for each stretch."""
        return self.filter(condition_code__in=code_ids, movements__stretches__in=stretch_ids)


class TimingRule(models.Model):
    """Advice on the time of day for stretches with certain movements, given a condition or a narrower one."""

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    condition_code = models.ForeignKey(ConditionCode, models.PROTECT, related_name="timing_rules")
    movements = models.ManyToManyField(Movement, related_name="+")
    advice = models.TextField(max_length=RULE_TEXT_MAX_LENGTH)
    source = models.ForeignKey(Source, models.PROTECT)
    confidence = models.CharField(max_length=6, choices=Confidence)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = TimingRuleQuerySet.as_manager()

    class Meta:
        ordering = ("condition_code__name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["condition_code", "advice"],
                name="timing_rule_once",
                violation_error_message="This condition has a timing rule with the same advice already.",
            )
        ]

    def __str__(self) -> str:
        return self.advice


class CatalogueNote(models.Model):
    """A remark that a reviewing physiotherapist should see: evidence on dose, disagreements, open questions."""

    class Kind(models.TextChoices):
        DISAGREEMENT = "disagreement", "Sources disagree"
        DOSAGE_EVIDENCE = "dosage_evidence", "Evidence on dose"
        OPEN_QUESTION = "open_question", "Open question for the reviewing physiotherapist"
        PAIN_RULE = "pain_rule", "Pain rule"
        RED_FLAG = "red_flag", "Red flags"
        SEMANTICS = "semantics", "How the rule is meant"

    kind = models.CharField(max_length=20, choices=Kind)
    slug = models.SlugField(max_length=60, unique=True)
    text = models.TextField()
    source_text = models.TextField("source, as the catalogue cites it", blank=True)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("kind", "id")

    def __str__(self) -> str:
        return self.text
