"""Home programmes: what was prescribed, decided and recorded."""

from prescriptions.models.override import OverriddenContraindication, Override
from prescriptions.models.prescribed_stretch import (
    DOSE_FIELDS,
    PART_FIELDS,
    PARTS_OF_DAY,
    Dose,
    Line,
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
    "PermissibilityReport",
    "PrescribedStretch",
    "Prescription",
    "PrescriptionStatus",
    "Side",
    "Template",
    "TemplateLine",
    "TemplatePhase",
    "TransitionError",
    "UnsafePrescriptionError",
]
