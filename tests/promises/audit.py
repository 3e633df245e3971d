"""Every write and every view of a patient's record leaves one event, nobody changes one unseen."""

from tests.promises import Protection

SQL = "audit/sql/functions.sql"
SQLITE = "audit/sqlite_triggers.py"
CHAIN = "audit/chain.py"
TABLES = "audit/tables.py"
MIDDLEWARE = "audit/middleware.py"

WRITES = "tests/audit/test_writes.py::"
CHAINED = "tests/audit/test_chain.py::"
TAMPERED = f"{CHAINED}test_tampering_is_named"
ROLES = "tests/audit/test_roles.py::"
BY_EVERY_DOOR = f"{WRITES}test_a_change_leaves_one_event_by_every_door"
IN_BULK = f"{WRITES}test_what_is_added_and_deleted_in_bulk"
WHO = f"{WRITES}test_a_page_says_who_and_from_where"
TABLE = "tests/permissions/test_table.py::test_everybody_gets_what_the_table_says"
HEAD = f"{CHAINED}test_a_pass_of_the_sender_seals_and_keeps_the_head_of_the_day_before"
RECORDED = "            viewing.record(read, is_list=not _names_somebody(request.resolver_match))\n"


def _both(what: str, tests: tuple[str, ...], postgres: tuple[str, str], sqlite: tuple[str, str]) -> list[Protection]:
    """What the triggers of both databases do."""
    return [
        Protection(f"{what} (PostgreSQL)", SQL, *postgres, tests, on="postgres"),
        Protection(f"{what} (SQLite)", SQLITE, *sqlite, tests),
    ]


def _view(what: str, old: str, new: str, *pages: str) -> Protection:
    """What a page shows, on record."""
    return Protection(what, MIDDLEWARE, old, new, tuple(f"{TABLE}[{page}]" for page in pages))


PROTECTIONS = [
    Protection(
        "each kind of write leaves an event: add",
        "audit/triggers.py",
        "AFTER INSERT OR DELETE OR UPDATE ON",
        "AFTER DELETE OR UPDATE ON",
        (IN_BULK,),
        on="postgres",
    ),
    Protection(
        "each kind of write leaves an event: change",
        "audit/triggers.py",
        "AFTER INSERT OR DELETE OR UPDATE ON",
        "AFTER INSERT OR DELETE ON",
        (BY_EVERY_DOOR,),
        on="postgres",
    ),
    Protection(
        "each kind of write leaves an event: delete",
        "audit/triggers.py",
        "AFTER INSERT OR DELETE OR UPDATE ON",
        "AFTER INSERT OR UPDATE ON",
        (IN_BULK,),
        on="postgres",
    ),
    Protection(
        "each kind of write leaves an event: add (SQLite)",
        SQLITE,
        """        "add": ("INSERT", "new", "", _whole("after", "new", columns, recorded)),\n""",
        "",
        (IN_BULK,),
    ),
    Protection(
        "each kind of write leaves an event: change (SQLite)",
        SQLITE,
        """        "change": ("UPDATE", "new", f"WHEN {changed} ", _difference(columns, recorded)),\n""",
        "",
        (BY_EVERY_DOOR,),
    ),
    Protection(
        "each kind of write leaves an event: delete (SQLite)",
        SQLITE,
        """        "delete": ("DELETE", "old", "", _whole("before", "old", columns, recorded)),\n""",
        "",
        (IN_BULK,),
    ),
    *_both(
        "what was written and did not change is none",
        (f"{WRITES}test_what_was_written_and_did_not_change_is_no_event",),
        ("    IF old_row = new_row THEN RETURN NULL; END IF;  -- written, and nothing changed\n", ""),
        ('f"WHEN {changed} "', '""'),
    ),
    *_both(
        "an event says what stood there before",
        (BY_EVERY_DOOR,),
        (
            "content := jsonb_build_object('before', before, 'after', after);",
            "content := jsonb_build_object('after', after);",
        ),
        (
            """"'before', json_group_object(o.key, {_shown('o.value', 'o.key', recorded)}),\"""",
            """"'before', json_object(),\"""",
        ),
    ),
    *_both(
        "secrets are not told",
        (f"{WRITES}test_secrets_are_not_told",),
        ("concealed text[] := string_to_array(TG_ARGV[3], ',');", "concealed text[] := '{}';"),
        ("    if not recorded.concealed:\n", "    if True:\n"),
    ),
    *_both(
        "as what somebody acts: the role that counts",
        (f"{WRITES}test_as_what_somebody_acts",),
        ("ORDER BY (role = 'admin') = is_grant DESC LIMIT 1", "ORDER BY role LIMIT 1"),
        ("ORDER BY (role = 'admin') = {is_grant} DESC", "ORDER BY role"),
    ),
    *_both(
        "whose row it is that hangs on another",
        (f"{WRITES}test_the_patient_of_what_hangs_on_another_row",),
        ("    parent := at_hand ->> TG_ARGV[1];\n", ""),
        ("""return f'(SELECT patient_id FROM "{parent}" AS t WHERE t.id = {row}."{column}")'""", "return 'NULL'"),
    ),
    *_both(
        "a reason is told",
        (f"{WRITES}test_a_command_says_so",),
        ("  IF why IS NOT NULL THEN content := content || jsonb_build_object('reason', why); END IF;\n", ""),
        ("CASE WHEN limber_acting('reason') <> '' THEN", "CASE WHEN 0 THEN"),
    ),
    Protection(
        "who, from where and by which page",
        "audit/acting.py",
        '            return actor.user_id.hex if actor.user_id else ""',
        '            return ""',
        (WHO,),
    ),
    Protection(
        "an event says from which address",
        "audit/acting.py",
        "            return actor.address",
        '            return ""',
        (WHO,),
    ),
    Protection(
        "an event says by which page",
        "accounts/middleware.py",
        "request.transaction.actor = acting.enter(page)",
        "request.transaction.actor = acting.current()",
        (WHO,),
    ),
    Protection(
        "grants of roles are on record",
        TABLES,
        '    "accounts_membership": Recorded(patient=""),\n',
        "",
        (
            f"{WRITES}test_every_table_with_a_clinic_is_on_record_or_says_why_not",
            f"{WRITES}test_the_admin_site_says_so",
        ),
    ),
    Protection(
        "every table with a clinic is on record",
        TABLES,
        '    "patients_condition": Recorded(),\n',
        "",
        (f"{WRITES}test_every_table_with_a_clinic_is_on_record_or_says_why_not",),
    ),
    Protection(
        "a trigger that is missing is made again",
        "audit/management/commands/migrate.py",
        "            triggers.install(connection)\n",
        "            pass\n",
        (f"{WRITES}test_a_trigger_that_is_missing_is_noticed_and_made_again",),
    ),
    Protection(
        "a trigger that is missing is named by the verifier",
        "clinic/management/commands/verify_audit.py",
        "            missing = triggers.stale(connection)\n",
        "            missing: list[str] = []\n",
        (f"{CHAINED}test_the_verifier_names_a_table_without_its_trigger",),
    ),
    # Views
    _view(
        "every view of a record leaves an event",
        "        if read and response.status_code in SHOWS and not _is_receipt(request, response):\n",
        "        if False:\n",
        "patients:patient_detail",
    ),
    _view(
        "a form with what is wrong in it is a view",
        "{200, 206, 409, 410, 422}",
        "{200, 206, 409, 410}",
        "patients:condition_edit",
    ),
    _view(
        "both versions of a stale edit are a view",
        "{200, 206, 409, 410, 422}",
        "{200, 206, 410, 422}",
        "patients:conditions_review_record",
    ),
    _view(
        "a refusal is none",
        "if read and response.status_code in SHOWS and",
        "if read and",
        "patients:condition_add",
    ),
    _view(
        "a list is one event a clinic",
        "is_list=not _names_somebody(request.resolver_match))",
        "is_list=False)",
        "patients:patient_list",
    ),
    _view(
        "exactly one event",
        RECORDED,
        2 * RECORDED,
        "patients:patient_detail",
    ),
    Protection(
        "no view has to remember to say what it shows",
        "audit/viewing.py",
        "        note(row.pk)\n",
        "",
        (f"{TABLE}[patients:condition_edit]",),
    ),
    Protection(
        "a patient reads who looked",
        "audit/models.py",
        "        return self.filter(patient_id__in=records)",
        "        return self.none()",
        ("tests/audit/test_views.py::test_look_list_tells_a_patient_who_looked",),
    ),
    Protection(
        "the admin reads neither names nor contents",
        "audit/rows.py",
        'patient=event.patient_id.hex[:8] if event.patient_id else "",',
        "patient=str(event.said),",
        ("tests/audit/test_views.py::test_event_list_shows_who_looked_and_neither_name_nor_content",),
    ),
    # Nobody changes one
    Protection(
        "the application's role reads the record and writes none of it",
        "accounts/database_role.py",
        'cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA audit TO {role}")',
        'cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA audit TO {role}")',
        (f"{ROLES}test_the_role_of_the_application_cannot", "tests/wall/test_roles.py"),
        on="postgres",
    ),
    Protection(
        "the triggers write as their owner",
        SQL,
        "FUNCTION audit.record_write() RETURNS trigger\nLANGUAGE plpgsql SECURITY DEFINER",
        "FUNCTION audit.record_write() RETURNS trigger\nLANGUAGE plpgsql",
        (f"{ROLES}test_what_that_role_writes_is_on_record",),
        on="postgres",
    ),
    Protection(
        "of the events that role reads those of its clinics",
        "audit/migrations/0001_events.py",
        "ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;\n",
        "",
        (f"{ROLES}test_that_role_reads_the_events_of_its_clinics_and_no_others",),
        on="postgres",
        anew=True,
    ),
    Protection(
        "the view of the events asks who looks",
        "audit/migrations/0001_events.py",
        "CREATE VIEW audit_event WITH (security_invoker) AS",
        "CREATE VIEW audit_event AS",
        (f"{ROLES}test_that_role_reads_the_events_of_its_clinics_and_no_others",),
        on="postgres",
        anew=True,
    ),
    Protection(
        "nobody changes an event by mistake, the owner neither",
        SQL,
        "  RAISE EXCEPTION 'the audit record is only ever added to';\n",
        "  RETURN NULL;\n",
        (f"{WRITES}test_nothing_of_the_record_is_changed_by_mistake",),
        on="postgres",
    ),
    Protection(
        "nobody is blanked who was not erased",
        SQL,
        "    RAISE EXCEPTION 'this patient was not erased';\n",
        "    NULL;\n",
        (f"{CHAINED}test_nobody_is_blanked_who_was_not_erased",),
        on="postgres",
    ),
    # The chain and its verifier
    Protection(
        "the verifier names a changed content",
        CHAIN,
        "    if event.content is not None and digest_of(event) != seal.digest:\n",
        "    if False:\n",
        (TAMPERED,),
    ),
    Protection(
        "it names a change of who, when, or of the order",
        CHAIN,
        'elif seal.position == place and link_of(before.hash if before else "", event, seal.digest) != seal.hash:',
        "elif False:",
        (TAMPERED,),
    ),
    Protection(
        "it names what was emptied, unless the patient was erased",
        CHAIN,
        "        if patient_id not in forgotten\n",
        "        if False\n",
        (f"{CHAINED}test_an_event_that_was_emptied_is_named_unless_its_patient_was_erased",),
    ),
    Protection(
        "each link rests on the one before",
        CHAIN,
        "return hashlib.sha256((before + text).encode()).hexdigest()",
        "return hashlib.sha256(text.encode()).hexdigest()",
        (f"{CHAINED}test_each_link_rests_on_the_one_before",),
    ),
    Protection(
        "it names a missing event",
        CHAIN,
        "    if event is None:\n        yield",
        "    if event is None:\n        return\n        yield",
        (TAMPERED,),
    ),
    Protection("it names a missing seal", CHAIN, "    if seal.position != place:\n", "    if False:\n", (TAMPERED,)),
    Protection(
        "it names what was inserted and not sealed",
        CHAIN,
        "    if verdict.last:\n        late",
        "    if False:\n        late",
        (TAMPERED,),
    ),
    Protection(
        "it names what was inserted and then sealed",
        CHAIN,
        "    if before and event.at < before.sealed_at - LONGEST_TRANSACTION:\n",
        "    if False:\n",
        (f"{CHAINED}test_what_was_put_in_and_then_sealed_is_named",),
    ),
    Protection(
        "a kept head names a chain that was computed anew",
        CHAIN,
        "        if head and head.hash != seal.hash:\n",
        "        if False:\n",
        (f"{CHAINED}test_a_chain_that_was_computed_anew_is_not_the_one_of_the_head",),
    ),
    Protection(
        "a kept head names a tail that is gone",
        CHAIN,
        "    for head in kept.values():\n",
        "    for head in ():\n",
        (f"{CHAINED}test_a_removed_tail_is_named_by_the_head",),
    ),
    Protection(
        "events are chained before each pass of the sender",
        "clinic/settings.py",
        '    "audit.sealing.seal",\n',
        "",
        (HEAD,),
    ),
    Protection(
        "once a day the head of the chain goes elsewhere",
        "audit/sealing.py",
        '                file.write(f"{head}\\n")',
        "                pass",
        (HEAD,),
    ),
    Protection(
        "PostgreSQL chains as the verifier reads",
        SQL,
        "convert_to(link || jsonb_build_array(",
        "convert_to(jsonb_build_array(",
        (f"{CHAINED}test_the_record_is_whole",),
        on="postgres",
    ),
]
