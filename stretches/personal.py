"""The catalogue, field by field: true of no patient. Who decided about it is named as long as the decision stands.

See ``accounts.personal``.
"""

from accounts.personal import Table


def _link(model: str, fields: str, *, history: str = "") -> Table:
    """A table that only joins two others."""
    return Table(model, "Joins two tables of the catalogue.", not_personal=fields, history=history)


TABLES = (
    Table("stretches.CatalogueMark", "Tells one state of the catalogue from another.", not_personal="id value"),
    Table(
        "stretches.Source",
        "A citation. Every clinical row names one.",
        not_personal="id slug citation verification loaded_digest",
    ),
    Table(
        "stretches.ConditionCode",
        "A condition that can be recorded, or a group of them. FHIR: CodeableConcept.",
        not_personal="id slug name kind region tier is_selectable is_red_flag is_non_resolving window_anchor"
        " icd10cm icd10cm_categories synonyms note source confidence loaded_digest",
        history="release",
    ),
    Table(
        "stretches.Broader",
        "One edge of the hierarchy: ``narrower`` is a kind of ``broader``.",
        not_personal="id narrower broader is_main",
        history="release",
    ),
    Table(
        "stretches.Movement",
        "A loading pattern that stretches have, such as lumbar flexion while standing.",
        not_personal="id slug name is_spinal_loading loaded_digest",
    ),
    Table(
        "stretches.Muscle",
        "A muscle, or group of muscles, that a stretch lengthens or moves.",
        not_personal="id slug name",
    ),
    Table(
        "stretches.Equipment",
        "What has to be at hand.",
        not_personal="id slug name",
    ),
    _link("stretches.Stretch_muscles", "id stretch muscle", history="history m2m_history_id"),
    _link("stretches.Stretch_equipment", "id stretch equipment", history="history m2m_history_id"),
    _link("stretches.Stretch_movements", "id stretch movement", history="history m2m_history_id"),
    _link("stretches.Stretch_easier", "id from_stretch to_stretch", history="history m2m_history_id"),
    Table(
        "stretches.Stretch",
        "A catalogue entry that can be prescribed. FHIR: ActivityDefinition.",
        not_personal="own_pose id clinic adapted_from slug name family status is_founding article_rank"
        " difficulty difficulty_basis position spinal_load sides purpose steps stop_rules notes"
        " dose_kind start_hold_seconds_min start_hold_seconds_max hold_seconds_min"
        " hold_seconds_max default_hold_seconds repetitions repetitions_stated_in_source"
        " times_per_day days_per_week routine_anchors dose_note source confidence loaded_digest",
        history="release",
    ),
    _link("stretches.Contraindication_movements", "id contraindication movement", history="history m2m_history_id"),
    Table(
        "stretches.Contraindication",
        "Why a stretch is unsafe with a condition. FHIR: ClinicalUseDefinition.",
        not_personal="id from_week until_week code clinic stretch condition_code severity rationale source"
        " confidence origin loaded_digest",
        history="release",
    ),
    _link("stretches.MovementRule_movements", "id movementrule movement", history="history m2m_history_id"),
    Table(
        "stretches.MovementRule",
        "Movement × condition code → the contraindication that a stretch with the movement should carry.",
        not_personal="id from_week until_week code condition_code applies_to_every_stretch severity rationale"
        " source confidence loaded_digest",
        history="release",
    ),
    Table(
        "stretches.RedFlagAction",
        "What a patient is told, word for word, when a red-flag question of a tier is answered with yes.",
        not_personal="id tier message loaded_digest",
    ),
    Table(
        "stretches.RedFlagQuestion",
        "A question whose yes stops the whole routine.",
        not_personal="id slug question action source position loaded_digest",
    ),
    _link("stretches.TimingRule_movements", "id timingrule movement"),
    Table(
        "stretches.TimingRule",
        "Advice on the time of day for stretches with certain movements, given a condition or a narrower one.",
        not_personal="id code condition_code advice source confidence loaded_digest",
    ),
    Table(
        "stretches.CatalogueNote",
        "A remark that a reviewing physiotherapist should see: evidence on dose, disagreements, open questions.",
        not_personal="id kind slug text source_text loaded_digest",
    ),
    Table(
        "stretches.CatalogueRelease",
        "A state of the catalogue: one row for each load that changed something and for each edit.",
        not_personal="id clinic version title as_of icd10cm_release status reason released_at",
        keep="released_by",
    ),
    Table(
        "stretches.CatalogueImport",
        "A file that somebody sent to be imported: looked at first, then applied or left.",
        not_personal="id file_name content uploaded_at applied_at release outcome",
        keep="uploaded_by",
    ),
    Table(
        "stretches.StretchDecision",
        "One decision about a stretch, with whom it concerned at that moment.",
        not_personal="id stretch kind what why decided_at prescriptions patients clinics paused_lines",
        keep="decided_by",
    ),
    Table(
        "stretches.SignOff",
        "A signature under a contraindication, with what it said. FHIR: Signature of a Provenance.",
        not_personal="id contraindication stretch condition_code severity from_week until_week rationale citation"
        " signed_at",
        keep="signed_by name registration",
    ),
    Table(
        "stretches.StretchPhoto",
        "The photo of a stretch: at most one. FHIR: RelatedArtifact of an ActivityDefinition.",
        not_personal="stretch key alt width height",
    ),
    _link("stretches.ContraindicationProposal_movements", "id contraindicationproposal movement"),
    Table(
        "stretches.ContraindicationProposal",
        "A contraindication that a movement rule asks for and its stretch does not carry. FHIR: Task.",
        not_personal="id from_week until_week stretch rule condition_code severity rationale source confidence"
        " state reason proposed_at decided_at contraindication",
        keep="decided_by",
    ),
    Table(
        "stretches.CatalogueText",
        "What a patient reads in place of the catalogue's own words, which are written for clinicians.",
        not_personal="id code language kind key text original_digest loaded_digest",
    ),
    Table(
        "stretches.StretchVideo",
        "The video of a stretch: at most one, told by provider and id. FHIR: RelatedArtifact of an ActivityDefinition.",
        not_personal="stretch provider video_id privacy_hash",
    ),
)
