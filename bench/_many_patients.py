"""A million prescribed stretches over twenty clinics, some unsafe by now, on PostgreSQL: invented.

Made by the one filler (``operations.load``), where everything prescribed is safe. Then life goes on: conditions of
every selectable code are recorded, a fifth of them without a date, a tenth settled; a twentieth of the prescriptions is
put on hold. Of the relative contraindications on the very code, half are covered by an override.
"""

import datetime
from typing import Any

from django.db import transaction

from operations.load.people import Size
from operations.load.people import fill as fill_with_people

CLINICS = 20
PATIENTS = 410_000
"""For a million lines: nine of ten have a prescription in force, of one line to four."""
CONDITIONS_EACH = 2
ON = datetime.date(2026, 1, 15)

_LIFE = f"""
SELECT setseed(0.5);

UPDATE prescriptions_prescription SET status = 'on-hold' WHERE status = 'active' AND random() < 0.05;

INSERT INTO patients_condition (id, clinic_id, patient_id, code_id, free_text, clinical_status, verification_status,
  anchor_on, note, recorded_by_id, recorded_at)
SELECT gen_random_uuid(), p.clinic_id, p.id, code.id, '',
  CASE WHEN random() < 0.1 THEN 'resolved' ELSE 'active' END, 'confirmed',
  CASE WHEN random() < 0.8 THEN DATE '{ON}' - (random() * 700)::int END, '', p.clinician_id, now()
FROM (SELECT *, (random() * 1e9)::int r FROM patients_patient) p
CROSS JOIN generate_series(1, {CONDITIONS_EACH}) k
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n, count(*) OVER () total
      FROM stretches_conditioncode WHERE is_selectable) code ON code.n = (p.r + k * 37) %% code.total;

CREATE TEMPORARY TABLE covered AS
SELECT gen_random_uuid() id, p.clinic_id, p.patient_id, p.id prescription_id, p.created_by_id, item.stretch_id,
  c.id condition_id, contra.id contraindication_id, contra.condition_code_id, contra.rationale
FROM prescriptions_prescribedstretch item
JOIN prescriptions_prescription p ON p.id = item.prescription_id
JOIN patients_condition c ON c.patient_id = p.patient_id AND c.clinical_status <> 'resolved'
JOIN stretches_contraindication contra ON contra.stretch_id = item.stretch_id AND contra.condition_code_id = c.code_id
WHERE contra.severity = 'relative' AND random() < 0.5;

INSERT INTO prescriptions_override (id, clinic_id, patient_id, prescription_id, stretch_id, reason, reason_text,
  mitigation, alternatives, expires_on, decided_by_id, decided_at)
SELECT id, clinic_id, patient_id, prescription_id, stretch_id, 'adapted', '', '', '',
  DATE '{ON}' + (random() * 100 - 20)::int, created_by_id, now()
FROM covered;

INSERT INTO prescriptions_overriddencontraindication (clinic_id, override_id, contraindication_id, condition_id,
  condition_code_id, severity, rationale, citation, path)
SELECT clinic_id, id, contraindication_id, condition_id, condition_code_id, 'relative', rationale, '', ''
FROM covered;
"""


def fill(cursor: Any, *, patients: int = PATIENTS) -> None:
    """Store them, after the catalogue was loaded."""
    with transaction.atomic():
        # Without triggers, foreign keys among them: nothing that is measured reads the audit record, which would have
        # three million events of it. And one statement takes longer here than a page's may.
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0")
        size = Size(clinics=CLINICS, patients=patients, logs=0, is_bare=True)
        fill_with_people(size, seed=1, on=ON, password="!", tell=str)  # noqa: S106 - it opens nothing
        cursor.execute(_LIFE, [])
    cursor.execute("ANALYZE")
