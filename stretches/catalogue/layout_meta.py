"""What stands around the rows of a catalogue file: advice, remarks, and the words that stretches are described with."""

from stretches.catalogue.checks import as_field, choice, date, fields, flag, list_of, mapping_of, optional, slug, text
from stretches.models import (
    CatalogueNote,
    CatalogueRelease,
    CatalogueText,
    Equipment,
    Movement,
    Muscle,
    RedFlagAction,
    RedFlagQuestion,
    Severity,
    TimingRule,
)

OUTCOME_BY_SEVERITY = {
    "absolute": "excluded",
    "relative": "needs_override",
    "precaution": "caution",
    "none": "allowed",
}
"""What Limber does. A file that says otherwise was written for something else."""

TIMING_RULE = fields(
    {
        "condition": slug(60),
        "flags": list_of(as_field(Movement, "slug"), at_least=1),
        "advice": as_field(TimingRule, "advice"),
        "source": slug(60),
        "confidence": as_field(TimingRule, "confidence"),
        "id": slug(40),
    },
    may_lack=["id"],
)

RED_FLAG_QUESTION = fields(
    {
        "id": as_field(RedFlagQuestion, "slug"),
        "question": as_field(RedFlagQuestion, "question"),
        "action": as_field(RedFlagAction, "tier"),
        "source": slug(60),
    }
)

_note = as_field(CatalogueNote, "text")
_statuses = list_of(optional(text(40)))

_META = {
    "title": as_field(CatalogueRelease, "title"),
    "version": as_field(CatalogueRelease, "version"),
    "as_of": date,
    "icd10cm_release": as_field(CatalogueRelease, "icd10cm_release"),
    "status": as_field(CatalogueRelease, "status"),
    "outcome_by_severity": fields({severity: choice([said]) for severity, said in OUTCOME_BY_SEVERITY.items()}),
    "timing_rules": list_of(TIMING_RULE),
    "red_flag_screen": list_of(RED_FLAG_QUESTION),
    "red_flag_actions": mapping_of(as_field(RedFlagAction, "tier"), as_field(RedFlagAction, "message")),
}

WRITTEN_META = fields(
    {
        **_META,
        "semantics": fields(
            {
                "which_conditions_count": fields(
                    {
                        "clinical_status_counts": _statuses,
                        "clinical_status_ignored": _statuses,
                        "verification_status_counts": _statuses,
                        "verification_status_ignored": _statuses,
                        "note": _note,
                    }
                ),
                "hierarchy": _note,
                "windows": _note,
                "outcome": _note,
                "unknowns": _note,
            }
        ),
        "severity_levels": fields(dict.fromkeys(Severity.values, _note)),
        "dosage_evidence": list_of(fields({"claim": _note, "source": as_field(CatalogueNote, "source_text")})),
        "pain_rules": fields(dict.fromkeys(["scale", "green", "amber", "red", "source", "note"], _note)),
        "disagreements": list_of(_note),
        "open_questions": list_of(fields({"id": as_field(CatalogueNote, "slug"), "question": _note})),
    },
    may_lack=["open_questions"],
)
"""Of a file that people write: each remark under what it is about."""

EXPORTED_META = fields(
    {
        **_META,
        "notes": list_of(
            fields(
                {
                    "slug": as_field(CatalogueNote, "slug"),
                    "kind": as_field(CatalogueNote, "kind"),
                    "text": _note,
                    "source_text": as_field(CatalogueNote, "source_text"),
                }
            )
        ),
    }
)
"""Of a file that was exported: the remarks as they are stored, edited or not."""

WORDS = fields(
    {
        "movements": mapping_of(
            as_field(Movement, "slug"), fields({"name": as_field(Movement, "name"), "spinal_loading": flag})
        ),
        "target_muscles": mapping_of(as_field(Muscle, "slug"), as_field(Muscle, "name")),
        "equipment": mapping_of(as_field(Equipment, "slug"), as_field(Equipment, "name")),
    }
)
"""What stretches are described with, by short name, where a name was changed or no stretch has the word."""

TEXT = fields(
    {
        "language": text(12, one_line=True),
        "kind": as_field(CatalogueText, "kind"),
        "key": as_field(CatalogueText, "key"),
        "text": as_field(CatalogueText, "text"),
        "original_digest": slug(64),
    }
)
"""A text for patients as it is stored, of words that may have changed since."""
