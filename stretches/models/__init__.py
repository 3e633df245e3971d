"""The catalogue: what is known, true of no one in particular."""

from stretches.models.advice import CatalogueNote, RedFlagAction, RedFlagQuestion, TimingRule
from stretches.models.condition_code import Broader, ConditionCode, WindowAnchor
from stretches.models.contraindication import Contraindication, MovementRule, Severity
from stretches.models.photo import StretchPhoto
from stretches.models.release import CatalogueRelease
from stretches.models.source import Confidence, Source
from stretches.models.stretch import Equipment, Movement, Muscle, Position, Sides, Stretch, StretchStatus
from stretches.models.text import CatalogueText
from stretches.models.video import StretchVideo

__all__ = [
    "Broader",
    "CatalogueNote",
    "CatalogueRelease",
    "CatalogueText",
    "ConditionCode",
    "Confidence",
    "Contraindication",
    "Equipment",
    "Movement",
    "MovementRule",
    "Muscle",
    "Position",
    "RedFlagAction",
    "RedFlagQuestion",
    "Severity",
    "Sides",
    "Source",
    "Stretch",
    "StretchPhoto",
    "StretchStatus",
    "StretchVideo",
    "TimingRule",
    "WindowAnchor",
]
