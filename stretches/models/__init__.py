"""The catalogue: what is known, true of no one in particular."""

from stretches.models.advice import CatalogueNote, RedFlagAction, RedFlagQuestion, TimingRule
from stretches.models.catalogue_import import CatalogueImport
from stretches.models.condition_code import Broader, ConditionCode, WindowAnchor
from stretches.models.contraindication import Contraindication, MovementRule, Severity
from stretches.models.decision import StretchDecision
from stretches.models.mark import CatalogueMark
from stretches.models.photo import StretchPhoto
from stretches.models.pose import StretchPose
from stretches.models.proposal import AlreadyDecidedError, ContraindicationProposal
from stretches.models.release import CatalogueRelease
from stretches.models.sign_off import SignOff
from stretches.models.source import Confidence, Source
from stretches.models.stretch import Position, Stretch, StretchStatus, UndecidedError
from stretches.models.text import CatalogueText
from stretches.models.video import StretchVideo
from stretches.models.words import Equipment, Movement, Muscle, Sides

__all__ = [
    "AlreadyDecidedError",
    "Broader",
    "CatalogueImport",
    "CatalogueMark",
    "CatalogueNote",
    "CatalogueRelease",
    "CatalogueText",
    "ConditionCode",
    "Confidence",
    "Contraindication",
    "ContraindicationProposal",
    "Equipment",
    "Movement",
    "MovementRule",
    "Muscle",
    "Position",
    "RedFlagAction",
    "RedFlagQuestion",
    "Severity",
    "Sides",
    "SignOff",
    "Source",
    "Stretch",
    "StretchDecision",
    "StretchPhoto",
    "StretchPose",
    "StretchStatus",
    "StretchVideo",
    "TimingRule",
    "UndecidedError",
    "WindowAnchor",
]
