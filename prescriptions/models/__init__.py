"""Home programmes: what was prescribed, decided and recorded."""

from prescriptions.models.override import OverriddenContraindication, Override
from prescriptions.models.pause import PauseReason, RoutineStop, StretchPause
from prescriptions.models.prescribed_stretch import (
    DOSE_FIELDS,
    PART_FIELDS,
    PARTS_OF_DAY,
    Dose,
    Line,
    PartOfDay,
    PrescribedStretch,
    Side,
)
from prescriptions.models.prescription import Prescription, PrescriptionStatus
from prescriptions.models.refusal import (
    CountNotExplainedError,
    NotAcknowledgedError,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.models.report import PermissibilityReport
from prescriptions.models.template import Template, TemplateLine, TemplatePhase

__all__ = [
    "DOSE_FIELDS",
    "PARTS_OF_DAY",
    "PART_FIELDS",
    "CountNotExplainedError",
    "Dose",
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
    "Template",
    "TemplateLine",
    "TemplatePhase",
    "TransitionError",
    "UnsafePrescriptionError",
]
