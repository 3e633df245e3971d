"""Home programmes: what was prescribed, decided and recorded."""

from prescriptions.models.override import OverriddenContraindication, Override
from prescriptions.models.pause import PauseReason, RoutineStop, StretchPause
from prescriptions.models.prescribed_stretch import (
    DOSE_FIELDS,
    PART_FIELDS,
    PARTS_OF_DAY,
    Line,
    PartOfDay,
    PrescribedStretch,
    Side,
)
from prescriptions.models.prescription import (
    NotAcknowledgedError,
    Prescription,
    PrescriptionStatus,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.models.report import PermissibilityReport

__all__ = [
    "DOSE_FIELDS",
    "PARTS_OF_DAY",
    "PART_FIELDS",
    "Line",
    "NotAcknowledgedError",
    "OverriddenContraindication",
    "Override",
    "PartOfDay",
    "PauseReason",
    "PermissibilityReport",
    "PrescribedStretch",
    "Prescription",
    "PrescriptionStatus",
    "RoutineStop",
    "Side",
    "StretchPause",
    "TransitionError",
    "UnsafePrescriptionError",
]
