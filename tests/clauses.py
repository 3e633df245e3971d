"""The clauses that keep a patient safe, and how each is broken once: for ``tests.mutation``."""

import dataclasses

from tests.stretches.own_guards import GUARDS

RULE = [
    "tests/prescriptions/test_safety.py",
    "tests/prescriptions/test_neighbours.py",
    "tests/prescriptions/test_safety_property.py",
]
DOORS = ["tests/prescriptions/test_doors.py", "tests/prescriptions/test_overrides.py"]
RACES = ["tests/prescriptions/test_races.py"]
DAYS = ["tests/days/test_days_by_hand.py"]
OWN = ["tests/stretches/test_own_doors.py"]

INVENTORY = ("tests/stretches/test_inventory.py",)
STANDING = ("tests/prescriptions/test_standing.py", "tests/prescriptions/test_builder_offers.py")

SAFETY = "prescriptions/safety.py"
OFFERS = "prescriptions/offers.py"
ADVISING = "prescriptions/advising.py"
PATIENTS = "patients/models/records.py"
CURRENT = "patients/current.py"
STATUSES = "patients/models/statuses.py"
BY_VERDICT = "prescriptions/by_verdict.py"
LEADING = "prescriptions/leading.py"
MATCHING = "stretches/matching.py"
NEIGHBOURS = "prescriptions/neighbours.py"
CODES = "stretches/models/condition_code.py"
OVERRIDE = "prescriptions/models/override.py"
PRESCRIPTION = "prescriptions/models/prescription.py"
CONTRAINDICATION = "stretches/models/contraindication.py"
LINE = "prescriptions/models/prescribed_stretch.py"
SHOWING = "prescriptions/showing.py"
DRAFTING = "prescriptions/drafting.py"
RECORDING = "routines/recording.py"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One clause, and how it is broken: ``old`` occurs exactly once in ``path``."""

    clause: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...] = (*RULE,)


MUTANTS = [
    Mutant("resolved conditions do not count", STATUSES, "frozenset({ClinicalStatus.RESOLVED})", "frozenset()"),
    Mutant(
        "remission counts",
        STATUSES,
        "frozenset({ClinicalStatus.RESOLVED})",
        "frozenset({ClinicalStatus.RESOLVED, ClinicalStatus.REMISSION})",
    ),
    Mutant(
        "refuted conditions do not count",
        STATUSES,
        "frozenset({VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR})",
        "frozenset({VerificationStatus.ENTERED_IN_ERROR})",
    ),
    Mutant(
        "entered-in-error does not count",
        STATUSES,
        "frozenset({VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR})",
        "frozenset({VerificationStatus.REFUTED})",
    ),
    Mutant(
        "suspected conditions count in full",
        STATUSES,
        "frozenset({VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR})",
        "frozenset({VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR, VerificationStatus.PROVISIONAL})",
    ),
    Mutant("only this patient's conditions", CURRENT, ".filter(**_OF_PATIENT)", ".filter()"),
    Mutant(
        "a prepared query answers for the values of each time",
        "accounts/prepared.py",
        "        return list(rows)\n",
        '        self._rows = getattr(self, "_rows", None) or list(rows)\n        return self._rows\n',
        ("tests/accounts/test_prepared.py",),
    ),
    Mutant("broader codes are followed all the way", CODES, "        frontier = reached", "        frontier = []"),
    Mutant(
        "every path upward is followed",
        CODES,
        "for broader_id in edges.get(narrower_id, ()):",
        "for broader_id in list(edges.get(narrower_id, ()))[:1]:",
    ),
    Mutant("never downward", CODES, "edges[narrower_id].append(broader_id)", "edges[broader_id].append(narrower_id)"),
    Mutant("from_week is included", SAFETY, "from_week__lte", "from_week__lt"),
    Mutant("until_week is not included", SAFETY, "until_week__gt=", "until_week__gte="),
    Mutant("no start means from the beginning", SAFETY, "Q(from_week__isnull=True) | ", ""),
    Mutant("no end means for ever", SAFETY, "Q(until_week__isnull=True) | ", ""),
    Mutant("weeks are days / 7", PATIENTS, ".days // 7", ".days // 8"),
    Mutant(
        "a missing date opens every window",
        SAFETY,
        "        if self.week is None:  # unknown is not safe: every window applies\n            return on_codes\n",
        "        if self.week is None:\n            return on_codes & Q(from_week=None, until_week=None)\n",
    ),
    Mutant(
        "a future date opens every window",
        PATIENTS,
        "if self.anchor_on is None or self.anchor_on > on:",
        "if self.anchor_on is None:",
    ),
    Mutant("absolute excludes", SAFETY, ".get(severity, Verdict.EXCLUDED)", ".get(severity, Verdict.NEEDS_OVERRIDE)"),
    Mutant(
        "an unknown severity blocks in lists too",
        SAFETY,
        "return ~Q(severity__in=list(_VERDICT_OF_KNOWN))",
        'return Q(severity="absolute") & Q(pk__lt=0)',
    ),
    Mutant(
        "another clinic's rows do not count",
        SAFETY,
        "return combined & known_in(self.patient.clinic_id)",
        "return combined",
    ),
    Mutant(
        "the library counts beside a clinic's own rows",
        "stretches/models/ownership.py",
        "models.Q(clinic__isnull=True) | models.Q(clinic=clinic)",
        "models.Q(clinic=clinic)",
    ),
    Mutant(
        "a clinic's own rows count",
        "stretches/models/ownership.py",
        "models.Q(clinic__isnull=True) | models.Q(clinic=clinic)",
        "models.Q(clinic__isnull=True)",
    ),
    Mutant(
        "another clinic's stretch is not offered",
        SAFETY,
        "known_in(self.patient.clinic_id) & Q(status=StretchStatus.REVIEWED.value)",
        "Q(status=StretchStatus.REVIEWED.value)",
    ),
    Mutant(
        "another clinic's stretch blocks",
        SAFETY,
        "if stretch.clinic_id not in (None, clinic_id):",
        "if False:",
    ),
    Mutant("worst wins", SAFETY, "key=lambda issue: _RANK[issue.verdict]", "key=lambda issue: -_RANK[issue.verdict]"),
    Mutant(
        "worst wins in lists",
        SAFETY,
        "~circumstances.leading_to(*worse)",
        "~circumstances.leading_to(*worse[:1])",
    ),
    Mutant("worst wins in memory", BY_VERDICT, "        left &= ~found[verdict]\n", ""),
    Mutant("only what applies counts in memory", BY_VERDICT, "if applies(kind):", "if kind:"),
    Mutant("only what may be offered counts in memory", BY_VERDICT, "if is_offerable(ownership):", "if ownership:"),
    Mutant("every code counts in memory", BY_VERDICT, "in code_ids:", "in [*code_ids][:1]:"),
    Mutant("no week is no number in memory", MATCHING, "(value := read(row)) is not None and compare", "compare"),
    Mutant("what is not so is asked in memory", MATCHING, "if condition.negated else", "if False else", INVENTORY),
    Mutant(
        "what is kept in memory holds for the same contraindications",
        BY_VERDICT,
        "inventory.kept(asked, ",
        "inventory.kept(asked[1], ",
        (*RULE, *STANDING),
    ),
    Mutant(
        "what is kept as put together holds for the same condition",
        LEADING,
        "(connection.vendor, model, condition)",
        "(connection.vendor, model)",
        (*RULE, *STANDING),
    ),
    Mutant(
        "a draft has its own lines alone",
        OFFERS,
        '_LINES = {"prescription": Given("prescription", UUIDField()), "clinic"',
        '_LINES = {"clinic"',
        (*STANDING, "tests/prescriptions/test_builder.py"),
    ),
    Mutant(
        "what the tables say counts, too",
        OFFERS,
        "if pk in stands and stands[pk].verdict is verdict and pk in faces",
        "if pk in faces",
        STANDING,
    ),
    Mutant(
        "of what is shown the tables say whether it may be offered",
        ADVISING,
        "kept_sql(Stretch, circumstances.offerable())",
        "kept_sql(Stretch, circumstances.offerable() | ~circumstances.offerable())",
        STANDING,
    ),
    Mutant(
        "of what is shown the tables say the worst",
        ADVISING,
        "standing_of.verdict = min(",
        "standing_of.verdict = max(",
        STANDING,
    ),
    Mutant(
        "a line is asked again unless nothing speaks against it",
        OFFERS,
        "if each.pk not in stands or stands[each.pk].verdict is not Verdict.ALLOWED]",
        "if False]",
        (*STANDING, "tests/prescriptions/test_builder.py"),
    ),
    Mutant(
        "the catalogue in memory is asked each time whether it still holds",
        "stretches/inventory.py",
        "if mark == (held := self._held).mark and (known",
        "if (held := self._held) and (known",
        (*INVENTORY, *STANDING),
    ),
    Mutant(
        "a write changes the mark of the catalogue",
        "audit/catalogue_mark.py",
        'for event in ("INSERT", "UPDATE", "DELETE")',
        'for event in ("INSERT", "DELETE")',
        INVENTORY,
    ),
    Mutant(
        "only reviewed stretches are offered",
        SAFETY,
        "known_in(self.patient.clinic_id) & Q(status=StretchStatus.REVIEWED.value)",
        "known_in(self.patient.clinic_id)",
    ),
    Mutant(
        "a stretch that is not reviewed blocks",
        SAFETY,
        "if stretch.status != StretchStatus.REVIEWED:",
        "if stretch.status == StretchStatus.RETIRED:",
    ),
    Mutant("never reviewed stops", PATIENTS, "return RecordProblem.NEVER_REVIEWED", "return None"),
    Mutant(
        "an old review stops",
        PATIENTS,
        ".days > self.clinic.review_limit_days",
        ".days > self.clinic.review_limit_days + 1",
    ),
    Mutant(
        "the last day of a review counts",
        PATIENTS,
        ".days > self.clinic.review_limit_days",
        ".days >= self.clinic.review_limit_days",
    ),
    Mutant("a review in the future does not count", PATIENTS, "return RecordProblem.REVIEWED_IN_FUTURE", "return None"),
    Mutant("free text is not checked", SAFETY, "            unchecked.append(condition)\n", ""),
    Mutant("neighbours share a muscle", NEIGHBOURS, "if muscle in muscles_of[stretch.pk] and ", "if "),
    Mutant(
        "neighbours share a muscle in memory",
        "stretches/inventory.py",
        "for slug, places in sets if places & bit",
        "for slug, _ in sets",
    ),
    Mutant("neighbours: easier first", NEIGHBOURS, "harder_by > 0", "harder_by < 0"),
    Mutant("neighbours: closest difficulty", NEIGHBOURS, "return abs(harder_by), ", "return 0, "),
    Mutant(
        "neighbours are allowed",
        NEIGHBOURS,
        "for verdict in (safety.Verdict.ALLOWED, safety.Verdict.CAUTION):",
        "for verdict in (safety.Verdict.NEEDS_OVERRIDE,):",
    ),
    Mutant(
        "an override lifts no absolute",
        SAFETY,
        "        return self.verdict is not Verdict.CAUTION",
        "        return self.verdict is not Verdict.CAUTION and not self.is_overridden",
    ),
    Mutant(
        "a relative blocks without an override",
        SAFETY,
        "return not self.is_overridden",
        "return False",
        (*RULE, *DOORS),
    ),
    Mutant(
        "an override names condition and contraindication",
        SAFETY,
        "(row.id, exposure.condition.pk) in covered.get(row.stretch_id, ())",
        "row.stretch_id in covered",
        (*RULE, *DOORS),
    ),
    Mutant("an override expires", OVERRIDE, "self.filter(expires_on__gte=on)", "self.filter()", (*DOORS,)),
    Mutant("the last day of an override counts", OVERRIDE, "expires_on__gte=on", "expires_on__gt=on", (*DOORS,)),
    Mutant(
        "a regraded contraindication asks again", OVERRIDE, "            severity=Severity.RELATIVE,\n", "", (*DOORS,)
    ),
    Mutant(
        "a reworded contraindication asks again",
        OVERRIDE,
        "            rationale=rationale,\n",
        "",
        (*DOORS,),
    ),
    Mutant(
        "a condition under another code asks again",
        OVERRIDE,
        "            condition_code=code,\n",
        "",
        (*DOORS,),
    ),
    Mutant(
        "activation asks again",
        PRESCRIPTION,
        "        if circumstances.record_problem or issues:",
        "        if circumstances.record_problem:",
        (*DOORS,),
    ),
    Mutant(
        "activation asks for the review",
        PRESCRIPTION,
        "        if circumstances.record_problem or issues:",
        "        if issues:",
        (*DOORS,),
    ),
    Mutant(
        "activation asks for acknowledgement",
        PRESCRIPTION,
        "            raise NotAcknowledgedError(missing)",
        "            pass",
        (*DOORS,),
    ),
    Mutant(
        "taking off hold asks again",
        PRESCRIPTION,
        "            own.ensure_safe(circumstances, acknowledged=acknowledged, seen=seen)\n            own.status",
        "            own.status",
        (*DOORS,),
    ),
    Mutant(
        "nothing is replaced unseen",
        PRESCRIPTION,
        "            if in_force != replacing:",
        "            if False:",
        (*DOORS,),
    ),
    Mutant(
        "activation locks the patient",
        PRESCRIPTION,
        "patient = Patient.objects.locked(self.patient_id)",
        "patient = Patient.objects.get(pk=self.patient_id)",
        (*RACES,),
    ),
    Mutant(
        "recording a condition locks the patient",
        PATIENTS,
        "            Patient.objects.locked(self.patient_id)\n            rows",
        "            rows",
        (*RACES,),
    ),
    Mutant(
        "activation locks the stretches",
        PRESCRIPTION,
        '            lock_stretches(self.items.values_list("stretch_id", flat=True))\n',
        "",
        (*RACES,),
    ),
    Mutant(
        "publishing locks the stretch",
        CONTRAINDICATION,
        "            Stretch.objects.select_for_update(no_key=True).get(pk=self.stretch_id)\n",
        "",
        (*RACES,),
    ),
    Mutant(
        "what pain has paused is not shown",
        LINE,
        "return self.is_safe and self.pause_reason is None",
        "return self.is_safe",
        (*DAYS,),
    ),
    Mutant("a red flag stops everything", SHOWING, "    if prescription.is_stopped:\n", "    if False:\n", (*DAYS,)),
    Mutant(
        "a red flag stops every record of a person",
        "routines/screening.py",
        "present.filter(user=patient.user_id) if patient.user_id else ",
        "",
        (*DAYS,),
    ),
    Mutant("pain above 5 pauses", "prescriptions/dosage.py", "PAIN_AMBER_MAX = 5", "PAIN_AMBER_MAX = 6", (*DAYS,)),
    Mutant(
        "pain that has not settled pauses", RECORDING, "        if not has_settled:\n", "        if False:\n", (*DAYS,)
    ),
    Mutant(
        "what is saved is asked about",
        DRAFTING,
        "            _refuse(assessment.blocking_issues)\n",
        "",
        (*DAYS,),
    ),
    Mutant(
        "a template brings nothing unsafe",
        DRAFTING,
        "safe = [line for line in lines if assessments[line.stretch_id].is_safe]",
        "safe = list(lines)",
        (*DAYS,),
    ),
    Mutant(
        "nothing is proposed while the routine is stopped",
        "routines/models/proposal.py",
        "~models.Exists(stops), ",
        "",
        (*DAYS,),
    ),
    Mutant(
        "what was stopped stays in the queue when seen",
        "clinic/attention/queue.py",
        "                seen.append(line)\n",
        "                pass\n",
        (*DAYS,),
    ),
    Mutant(
        "what was stopped is put off by nobody",
        "clinic/models/attention.py",
        "frozenset({AttentionKind.RED_FLAG, AttentionKind.PAUSE, AttentionKind.UNSAFE})",
        "frozenset({AttentionKind.RED_FLAG, AttentionKind.PAUSE})",
        (*DAYS,),
    ),
    *(OF_OWN := [Mutant(*broken, tests=(*OWN,)) for broken in GUARDS]),
]
