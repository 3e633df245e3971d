-- What writes the audit record on PostgreSQL. These run as the owner of the schema: the application's role may call them,
-- and may neither insert, change nor delete an event itself. Each names its search_path, so that nobody who can make a
-- table puts one in the way of ours.

-- As what somebody acts on a patient's rows: the patient, or what they work as in the clinic, or an operator. Who has one
-- role has it everywhere; only of several has it to be found out which one counts here.
CREATE OR REPLACE FUNCTION audit.role_of(who uuid, in_clinic uuid, about uuid, is_grant boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  roles text := nullif(current_setting('limber.role', true), '');
  found_role text;
BEGIN
  IF who IS NULL THEN
    RETURN CASE WHEN nullif(current_setting('limber.address', true), '') IS NULL THEN 'command' ELSE 'link' END;
  END IF;
  IF position(',' IN roles) = 0 THEN
    RETURN roles;
  END IF;
  PERFORM FROM public.patients_patient WHERE id = about AND user_id = who;
  IF FOUND THEN
    RETURN 'patient';
  END IF;
  SELECT role INTO found_role FROM public.accounts_membership
    WHERE user_id = who AND clinic_id = in_clinic ORDER BY (role = 'admin') = is_grant DESC LIMIT 1;
  RETURN coalesce(found_role, 'operator');
END
$$;

-- One for every table. Its arguments: the column of the patient; or the column and the table that lead there; and the
-- columns of which only is said that they changed. Statements are written out, for a trigger plans those once.
CREATE OR REPLACE FUNCTION audit.record_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who uuid := nullif(current_setting('limber.user', true), '');
  why text := nullif(current_setting('limber.reason', true), '');
  old_row jsonb;
  new_row jsonb;
  at_hand jsonb;
  before jsonb;
  after jsonb;
  content jsonb;
  in_clinic uuid;
  about uuid;
  parent uuid;
  concealed text[] := string_to_array(TG_ARGV[3], ',');
BEGIN
  IF TG_OP = 'UPDATE' THEN
    old_row := to_jsonb(OLD);
    new_row := to_jsonb(NEW);
    IF old_row = new_row THEN RETURN NULL; END IF;  -- written, and nothing changed
    at_hand := new_row;
    SELECT
      jsonb_object_agg(o.key, CASE WHEN o.key = ANY (concealed) THEN '"…"' ELSE o.value END),
      jsonb_object_agg(o.key, CASE WHEN o.key = ANY (concealed) THEN '"…"' ELSE new_row -> o.key END)
    INTO before, after
    FROM jsonb_each(old_row) AS o
    WHERE o.value IS DISTINCT FROM new_row -> o.key;
    content := jsonb_build_object('before', before, 'after', after);
  ELSE
    at_hand := CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (concealed) THEN '"…"' ELSE value END)
    INTO after
    FROM jsonb_each(at_hand)
    WHERE value NOT IN ('null', '""') AND key NOT IN ('id', 'clinic_id', 'patient_id');
    content := jsonb_build_object(CASE TG_OP WHEN 'INSERT' THEN 'after' ELSE 'before' END, coalesce(after, '{}'));
  END IF;
  in_clinic := at_hand ->> 'clinic_id';
  IF TG_ARGV[0] <> '' THEN
    about := at_hand ->> TG_ARGV[0];
  ELSIF TG_ARGV[1] <> '' THEN
    parent := at_hand ->> TG_ARGV[1];
    CASE TG_ARGV[2]
      {parents}
    END CASE;
  END IF;
  IF why IS NOT NULL THEN content := content || jsonb_build_object('reason', why); END IF;
  INSERT INTO audit.event
    (at, user_id, role, clinic_id, patient_id, table_name, object_id, action, address, door, content, salt)
  VALUES (
    clock_timestamp(), who, audit.role_of(who, in_clinic, about, TG_ARGV[0] = '' AND TG_ARGV[1] = ''),
    in_clinic, about, TG_TABLE_NAME, at_hand ->> 'id',
    CASE TG_OP WHEN 'INSERT' THEN 'add' WHEN 'UPDATE' THEN 'change' ELSE 'delete' END,
    coalesce(current_setting('limber.address', true), ''),
    coalesce(nullif(current_setting('limber.command', true), ''), current_setting('application_name', true), ''),
    content::text, gen_random_uuid()::text
  );
  RETURN NULL;
END
$$;

-- What a page has shown: one event for every patient whom it named, or for a list one of each clinic, with the ids.
CREATE OR REPLACE FUNCTION audit.record_views(patients uuid[], is_list boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  who uuid := nullif(current_setting('limber.user', true), '');
  why jsonb := jsonb_strip_nulls(jsonb_build_object('reason', nullif(current_setting('limber.reason', true), '')));
BEGIN
  INSERT INTO audit.event
    (at, user_id, role, clinic_id, patient_id, table_name, object_id, action, address, door, content, salt)
  SELECT
    clock_timestamp(), who, audit.role_of(who, seen.clinic_id, seen.id, false), seen.clinic_id, seen.id,
    'patients_patient', coalesce(seen.id::text, ''), CASE WHEN seen.id IS NULL THEN 'list' ELSE 'view' END,
    coalesce(current_setting('limber.address', true), ''),
    coalesce(nullif(current_setting('limber.command', true), ''), ''), (seen.said || why)::text, gen_random_uuid()::text
  FROM (
    SELECT clinic_id, id, '{}'::jsonb AS said FROM public.patients_patient
      WHERE id = ANY (patients) AND (NOT is_list OR user_id = who)
    UNION ALL
    SELECT clinic_id, NULL, jsonb_build_object('patients', jsonb_agg(id ORDER BY id)) FROM public.patients_patient
      WHERE is_list AND id = ANY (patients) AND (user_id = who) IS NOT TRUE
      GROUP BY clinic_id
  ) AS seen
  ORDER BY seen.clinic_id, seen.id;
END
$$;

-- Chains what is not chained yet, in the order of the ids; those of which `everything` is not asked may be old ones
-- of a transaction that took longer than the 2,000 events sealed last.
CREATE OR REPLACE FUNCTION audit.seal_events(everything boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event record;
  place bigint;
  link text;
  digest text;
  since bigint := 0;
  sealed bigint := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('audit.seal_events')) THEN RETURN 0; END IF;  -- somebody else does
  SELECT position, hash INTO place, link FROM audit.seal ORDER BY position DESC LIMIT 1;
  place := coalesce(place, 0);
  link := coalesce(link, '');
  IF NOT everything THEN
    SELECT coalesce(min(event_id), 0) INTO since
      FROM (SELECT event_id FROM audit.seal ORDER BY position DESC LIMIT 2000) AS latest;
  END IF;
  FOR event IN
    SELECT * FROM audit.event AS each
      WHERE id >= since AND NOT EXISTS (SELECT FROM audit.seal WHERE event_id = each.id) ORDER BY id
  LOOP
    place := place + 1;
    digest := encode(sha256(convert_to(coalesce(event.salt, '') || coalesce(event.content, ''), 'UTF8')), 'hex');
    link := encode(sha256(convert_to(link || jsonb_build_array(
      event.id::text, ((extract(epoch FROM event.at) * 1000000)::bigint)::text, coalesce(event.user_id::text, ''),
      event.role, coalesce(event.clinic_id::text, ''), coalesce(event.patient_id::text, ''), event.table_name,
      event.object_id, event.action, event.address, event.door, digest
    )::text, 'UTF8')), 'hex');
    INSERT INTO audit.seal (position, event_id, digest, hash, sealed_at)
      VALUES (place, event.id, digest, link, clock_timestamp());
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END
$$;

-- Takes what was said about a patient who was erased out of the record; that there was an event stays, and the chain.
CREATE OR REPLACE FUNCTION audit.blank(about uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  blanked bigint;
BEGIN
  IF current_setting('limber.reach', true) IS DISTINCT FROM 'all' THEN
    RAISE EXCEPTION 'who does not see every clinic cannot tell whether a patient is gone';
  END IF;
  PERFORM FROM public.patients_patient AS p WHERE id = about AND to_jsonb(p) ->> 'erased_at' IS NULL;
  IF FOUND THEN
    RAISE EXCEPTION 'this patient was not erased';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('audit.seal_events'));  -- after whoever seals now
  PERFORM audit.seal_events(true);
  PERFORM set_config('audit.blanking', 'yes', true);
  UPDATE audit.event SET content = NULL, salt = NULL WHERE patient_id = about AND content IS NOT NULL;
  GET DIAGNOSTICS blanked = ROW_COUNT;
  PERFORM set_config('audit.blanking', '', true);
  RETURN blanked;
END
$$;

-- A stumbling block for the owner as well: nothing in the record is changed or deleted by mistake.
CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('audit.blanking', true) = 'yes' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'the audit record is only ever added to';
END
$$;
CREATE OR REPLACE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE OR REPLACE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.seal
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
