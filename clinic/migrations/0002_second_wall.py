"""Raise the second wall between clinics on every table that there is (PostgreSQL)."""

from django.db import migrations

from accounts.wall import SET_UP, SHOWN, USER, Wall, hanging, hanging_on_shared, own, persons, raised, shared

FUNCTIONS = """
CREATE OR REPLACE FUNCTION limber_setting(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT NULLIF(current_setting('limber.' || name, true), '')
$$;
CREATE OR REPLACE FUNCTION limber_clinics() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT string_to_array(NULLIF(current_setting('limber.clinics', true), ''), ',')::uuid[]
$$;
CREATE OR REPLACE FUNCTION limber_reaches(VARIADIC far text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT COALESCE(NULLIF(current_setting('limber.reach', true), '') = ANY (far), false)
$$;
CREATE OR REPLACE FUNCTION limber_edits_library() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT COALESCE(NULLIF(current_setting('limber.reach', true), '') IN ('all', 'setup')
    OR NULLIF(current_setting('limber.library', true), '') = 'on', false)
$$;

-- Whether somebody works anywhere as this: asked of a session, before anybody acts. It sees that person's roles alone.
CREATE OR REPLACE FUNCTION limber_works(who uuid, as_role text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  before text := COALESCE(current_setting('limber.user', true), '');
  found_one boolean;
BEGIN
  PERFORM set_config('limber.user', COALESCE(who::text, ''), true);
  SELECT EXISTS (
    SELECT 1 FROM accounts_membership m WHERE m.user_id = who AND (as_role = '' OR m.role = as_role)
  ) INTO found_one;
  PERFORM set_config('limber.user', before, true);
  RETURN found_one;
END
$$;

-- Says who acts, for the rest of the transaction, and gives back where that person belongs. The rows that say so are
-- that person's own, and let through for that.
CREATE OR REPLACE FUNCTION limber_act(
  who uuid, reach text, besides text, is_operator boolean, is_staff boolean, address text, command text, reason text
) RETURNS TABLE (role text, clinic_id uuid, clinic_name text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  roles text[];
  clinics text[];
  places uuid[];
BEGIN
  PERFORM set_config('limber.user', COALESCE(who::text, ''), true), set_config('limber.reach', reach, true),
    set_config('limber.address', address, true), set_config('limber.command', command, true),
    set_config('limber.reason', reason, true);
  IF who IS NOT NULL THEN
    SELECT array_agg(place.role), array_agg(place.clinic_id) INTO roles, places FROM (
      SELECT m.role::text, m.clinic_id FROM accounts_membership m WHERE m.user_id = who
      UNION SELECT 'patient', p.clinic_id FROM patients_patient p WHERE p.user_id = who
    ) place;
  END IF;
  SELECT array_agg(DISTINCT each) INTO clinics FROM (
    SELECT unnest(places)::text AS each UNION SELECT unnest(string_to_array(NULLIF(besides, ''), ','))
  ) known;
  PERFORM set_config('limber.clinics', COALESCE(array_to_string(clinics, ','), ''), true),
    set_config('limber.role', (
      SELECT COALESCE(string_agg(DISTINCT each, ',' ORDER BY each), '')
      FROM unnest(roles || CASE WHEN is_operator THEN ARRAY['operator'] END) each
    ), true),
    set_config('limber.library', CASE WHEN is_operator OR (is_staff AND EXISTS (
      SELECT 1 FROM auth_permission permission
      JOIN django_content_type content ON content.id = permission.content_type_id AND content.app_label = 'stretches'
      WHERE permission.id IN (
        SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = who
        UNION SELECT of_group.permission_id FROM auth_group_permissions of_group
        JOIN accounts_user_groups member ON member.group_id = of_group.group_id WHERE member.user_id = who
      )
    )) THEN 'on' ELSE '' END, true);
  RETURN QUERY SELECT place.role, place.clinic_id, clinic.name::text
    FROM unnest(roles, places) place (role, clinic_id) JOIN accounts_clinic clinic ON clinic.id = place.clinic_id;
END
$$;
"""

ACCOUNTS = (
    own("accounts_clinic", column="id", reach=SET_UP),
    persons("accounts_membership", reach=SET_UP),
    own("accounts_staffinvitation", or_secret="token_hash", reach=SET_UP),
    Wall(
        "accounts_outboxmessage",
        # A message without a clinic says nothing of one: that something waits. Its recipient's name is no clinic's.
        f"{own('').sees} OR (clinic_id IS NULL AND recipient_id = {USER})",
        f"{own('').writes} OR clinic_id IS NULL",
    ),
)
PATIENTS = (
    persons("patients_patient"),
    own("patients_historicalpatient"),
    own("patients_condition"),
    own("patients_historicalcondition"),
    own("patients_invitation", or_secret="token_hash"),
    own("patients_outcomescore"),
    own("patients_historicaloutcomescore"),
    own("patients_outcomeactivity"),
    own("patients_historicaloutcomeactivity"),
)
PRESCRIPTIONS = (
    own("prescriptions_override"),
    own("prescriptions_overriddencontraindication"),
    own("prescriptions_stretchpause"),
    own("prescriptions_routinestop"),
    own("prescriptions_prescribedstretch"),
    own("prescriptions_permissibilityreport"),
    own("prescriptions_prescription"),
    own("prescriptions_historicalprescription"),
    shared("prescriptions_template"),
    shared("prescriptions_historicaltemplate"),
    shared("prescriptions_templatephase"),
    shared("prescriptions_historicaltemplatephase"),
    shared("prescriptions_templateline"),
    shared("prescriptions_historicaltemplateline"),
)
ROUTINES = (
    own("routines_sessionlog"),
    own("routines_stretchlog"),
    own("routines_historicalstretchlog"),
    own("routines_proposal"),
    hanging("routines_proposal_logs", "proposal_id", "routines_proposal"),
    own("routines_redflagscreen"),
    own("routines_redflaganswer"),
    Wall(
        "routines_reminderpreference",
        # By the secret address of the calendar, or by the signed one in a mail that turns reminders off.
        f"{own('').sees} OR feed_hash = {SHOWN} OR id::text = {SHOWN}",
        own("").writes,
    ),
    own("routines_remindertime"),
    own("clinic_attentiondecision"),
)
CATALOGUE = (
    shared("stretches_stretch"),
    shared("stretches_historicalstretch"),
    shared("stretches_contraindication"),
    shared("stretches_historicalcontraindication"),
    shared("stretches_cataloguerelease"),
    *(
        hanging_on_shared(f"stretches_stretch_{name}", "stretch_id", "stretches_stretch")
        for name in ("muscles", "equipment", "movements")
    ),
    hanging_on_shared("stretches_stretch_easier", "from_stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_stretchdecision", "stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_stretchphoto", "stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_historicalstretchphoto", "stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_stretchvideo", "stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_historicalstretchvideo", "stretch_id", "stretches_stretch"),
    hanging_on_shared("stretches_contraindicationproposal", "stretch_id", "stretches_stretch"),
    hanging(
        "stretches_contraindicationproposal_movements",
        "contraindicationproposal_id",
        "stretches_contraindicationproposal",
    ),
    hanging_on_shared("stretches_contraindication_movements", "contraindication_id", "stretches_contraindication"),
    *(
        hanging_on_shared(
            f"stretches_historicalstretch_{name}", "history_id", "stretches_historicalstretch", key="history_id"
        )
        for name in ("muscles", "equipment", "movements", "easier")
    ),
    hanging_on_shared(
        "stretches_historicalcontraindication_movements",
        "history_id",
        "stretches_historicalcontraindication",
        key="history_id",
    ),
)


def make_functions(apps, schema_editor):
    """The words that policies are made of."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0001_attention_decisions"),
        ("accounts", "0008_drafts"),
        ("stretches", "0012_reviewed_means_decided"),
        ("patients", "0004_outcome_measures"),
        ("prescriptions", "0003_templates_and_what_was_said_at_activation"),
        ("routines", "0002_reminders"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(make_functions, migrations.RunPython.noop),
        raised(*ACCOUNTS, *PATIENTS, *PRESCRIPTIONS, *ROUTINES, *CATALOGUE),
    ]
