"""A million prescribed stretches over twenty clinics, put into PostgreSQL set by set: invented, the same each time."""

from typing import Any

CLINICS = 20
PATIENTS = 250_000
LINES_EACH = 4
CONDITIONS_EACH = 2

# Half of the clinics lie where it is tomorrow already at the moment that is asked about. Two conditions of every
# selectable code, a fifth of them without a date, a tenth settled. Of the relative contraindications on the very code,
# half are covered by an override. A twentieth of the prescriptions is on hold.
_FILL = f"""
SELECT setseed(0.5);

INSERT INTO accounts_clinic (id, name, time_zone, phone, urgent_care_text, review_limit_days)
SELECT gen_random_uuid(), 'Clinic ' || n, CASE n %% 2 WHEN 0 THEN 'Europe/London' ELSE 'Pacific/Auckland' END, '',
  '', 90
FROM generate_series(1, {CLINICS}) n;

INSERT INTO accounts_user (id, password, is_superuser, email, full_name, is_active, is_staff, date_joined,
  language, text_size)
SELECT gen_random_uuid(), '!', false, 'clinician' || n || '@example.org', 'Clinician ' || n, true, false, now(), '', ''
FROM generate_series(1, {CLINICS}) n;

INSERT INTO accounts_membership (user_id, clinic_id, role)
SELECT u.id, c.id, 'clinician'
FROM (SELECT id, row_number() OVER (ORDER BY email) n FROM accounts_user) u
JOIN (SELECT id, row_number() OVER (ORDER BY name) n FROM accounts_clinic) c USING (n);

INSERT INTO patients_patient (id, clinic_id, clinician_id, full_name, born_on, email, phone, note, language,
  created_at)
SELECT gen_random_uuid(), m.clinic_id, m.user_id, 'Patient ' || n, '1960-05-04', '', '', '', '', now()
FROM generate_series(1, %(patients)s) n
JOIN (SELECT clinic_id, user_id, row_number() OVER (ORDER BY id) m FROM accounts_membership) m
  ON m.m = 1 + n %% {CLINICS};

INSERT INTO patients_condition (id, clinic_id, patient_id, code_id, free_text, clinical_status, verification_status,
  anchor_on, note, recorded_by_id, recorded_at)
SELECT gen_random_uuid(), p.clinic_id, p.id, code.id, '',
  CASE WHEN random() < 0.1 THEN 'resolved' ELSE 'active' END, 'confirmed',
  CASE WHEN random() < 0.8 THEN DATE '2026-01-15' - (random() * 700)::int END, '', p.clinician_id, now()
FROM (SELECT *, (random() * 1e9)::int r FROM patients_patient) p
CROSS JOIN generate_series(1, {CONDITIONS_EACH}) k
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n, count(*) OVER () total
      FROM stretches_conditioncode WHERE is_selectable) code ON code.n = (p.r + k * 37) %% code.total;

INSERT INTO prescriptions_prescription (id, clinic_id, patient_id, status, note, created_by_id, created_at,
  activated_by_id, activated_at, status_reason, count_reason)
SELECT gen_random_uuid(), clinic_id, id, CASE WHEN random() < 0.05 THEN 'on-hold' ELSE 'active' END, '', clinician_id,
  now(), clinician_id, now(), '', ''
FROM patients_patient;

INSERT INTO prescriptions_prescribedstretch (id, clinic_id, prescription_id, stretch_id, position, start_hold_seconds,
  target_hold_seconds, repetitions, side, days_per_week, is_on_getting_up, is_midday, is_afternoon, is_before_bed, note)
SELECT gen_random_uuid(), p.clinic_id, p.id, s.id, k, 10, 30, 3, 'both', 7, true, false, false, true, ''
FROM (SELECT *, (random() * 1e9)::int r FROM prescriptions_prescription) p
CROSS JOIN generate_series(1, {LINES_EACH}) k
JOIN (SELECT id, row_number() OVER (ORDER BY slug) - 1 n, count(*) OVER () total
      FROM stretches_stretch) s ON s.n = (p.r + k * 7) %% s.total;

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
  DATE '2026-01-15' + (random() * 100 - 20)::int, created_by_id, now()
FROM covered;

INSERT INTO prescriptions_overriddencontraindication (clinic_id, override_id, contraindication_id, condition_id,
  condition_code_id, severity, rationale, citation, path)
SELECT clinic_id, id, contraindication_id, condition_id, condition_code_id, 'relative', rationale, '', ''
FROM covered;

ANALYZE;
"""


def fill(cursor: Any, *, patients: int = PATIENTS) -> None:
    """Store them, after the catalogue was loaded."""
    cursor.execute(_FILL, {"patients": patients})
