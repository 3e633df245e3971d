"""The models that a catalogue file fills, each after those that it refers to."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from django.db import models

from stretches.catalogue import records, texts
from stretches.models import (
    CatalogueNote,
    CatalogueText,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    RedFlagAction,
    RedFlagQuestion,
    Source,
    Stretch,
    TimingRule,
)


@dataclasses.dataclass(frozen=True)
class Table:
    """How one model takes part: what names a row and how the file's rows become records.

    ``key_from`` names the columns from which the key of a row follows where the row has none stored.
    """

    model: type[models.Model]
    key: str
    records_of: Callable[[records.Row], Iterator[records.Record]]
    columns: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    key_from: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rows in words, such as “movement rules”."""
        return str(self.model._meta.verbose_name_plural)

    def rows(self) -> models.QuerySet[Any]:
        """The rows that a file may know: a clinic's own are none of its business."""
        return self.of_library(self.model._default_manager.all())

    def of_library(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Keep those of the library, among rows of the model or of its history."""
        has_owner = any(field.name == "clinic" for field in self.model._meta.get_fields())
        return rows.filter(clinic__isnull=True) if has_owner else rows

    def field(self, name: str) -> Any:
        """A field of the model."""
        return self.model._meta.get_field(name)


_WEEKS = ("from_week", "until_week")

TABLES = (
    Table(Source, "slug", records.sources_of, columns=("citation", "verification")),
    Table(Movement, "slug", records.movements_of, columns=("is_spinal_loading",)),
    Table(Muscle, "slug", records.named_in("target_muscles")),
    Table(Equipment, "slug", records.named_in("equipment")),
    Table(
        ConditionCode,
        "slug",
        records.conditions_of,
        columns=(
            *("name", "kind", "region", "tier", "is_selectable", "is_red_flag", "is_non_resolving", "window_anchor"),
            *("icd10cm", "icd10cm_categories", "synonyms", "note", "confidence"),
        ),
        references=("source",),
        many=("broader",),
    ),
    Table(
        Stretch,
        "slug",
        records.stretches_of,
        columns=(
            *(name for name in records.SAME_IN_STRETCH if name != "source"),
            *records.DOSE_COLUMNS,
            *("is_founding", "article_rank", "steps", "stop_rules", "dose_kind", "routine_anchors", "dose_note"),
        ),
        references=("source",),
        many=("muscles", "equipment", "movements", "easier"),
    ),
    Table(
        Contraindication,
        "code",
        records.contraindications_of,
        columns=("severity", "rationale", "confidence", "origin", *_WEEKS),
        references=("stretch", "condition_code", "source"),
        many=("movements",),
        key_from=records.OF_A_CONTRAINDICATION,
    ),
    Table(
        MovementRule,
        "code",
        records.movement_rules_of,
        columns=("severity", "rationale", "confidence", "applies_to_every_stretch", *_WEEKS),
        references=("condition_code", "source"),
        many=("movements",),
        key_from=("condition_code", "rationale"),
    ),
    Table(RedFlagAction, "tier", records.red_flag_actions_of, columns=("message",)),
    Table(
        RedFlagQuestion,
        "slug",
        records.red_flag_questions_of,
        columns=("question", "position"),
        references=("action", "source"),
    ),
    Table(
        TimingRule,
        "code",
        records.timing_rules_of,
        columns=("advice", "confidence"),
        references=("condition_code", "source"),
        many=("movements",),
        key_from=("condition_code", "advice"),
    ),
    Table(CatalogueNote, "slug", records.notes_of, columns=("kind", "text", "source_text")),
    Table(
        CatalogueText,
        "code",
        texts.texts_of,
        columns=("language", "kind", "key", "text", "original_digest"),
        key_from=("language", "kind", "key"),
    ),
)
