"""The second wall: PostgreSQL itself keeps clinics apart, whatever our own code asks for."""

from tests.promises import Protection

WALL = "accounts/wall.py"
ROLE = "accounts/database_role.py"
FIRST = "clinic/migrations/0002_second_wall.py"

BEHIND = "tests/wall/test_second_wall.py::"
ROLES = "tests/wall/test_roles.py::"
ACTING = "tests/accounts/test_acting.py::"
NO_ROW = f"{BEHIND}test_of_the_other_clinic_no_row_is_there"
SHOWN = f"{BEHIND}test_while_a_secret_is_shown_its_row_is_there_and_no_other"
NONE_PUT_IN = f"{BEHIND}test_nothing_is_put_into_the_other_clinic"
NOT_KNOWN_AFTER = f"{ACTING}test_what_one_transaction_was_told_the_next_on_the_same_connection_does_not_know"


def _policy(what: str, path: str, old: str, new: str, *tests: str) -> Protection:
    """What a migration makes: the database is built anew without it."""
    return Protection(f"second wall: {what}", path, old, new, tests, on="postgres", anew=True)


def _told(what: str, path: str, old: str, new: str, *tests: str) -> Protection:
    """What is said to the database, or granted in it, at each request or run."""
    return Protection(f"second wall: {what}", path, old, new, tests, on="postgres")


PROTECTIONS = [
    _policy(
        "rows of one clinic are not read by another",
        WALL,
        'belongs = f"{column} = {CLINICS} OR {reach}"\n    sees',
        'belongs = "true"\n    sees',
        NO_ROW,
    ),
    _policy(
        "rows of the library's kind are not read where they are a clinic's own",
        WALL,
        'return Wall(table, f"clinic_id IS NULL OR {belongs}",',
        'return Wall(table, "true",',
        NO_ROW,
    ),
    _policy(
        "rows without a clinic are whose the row above is",
        WALL,
        "    return Wall(table, sees, sees)\n",
        '    return Wall(table, "true", sees)\n',
        NO_ROW,
    ),
    _policy(
        "who is a patient or works where is not read by another clinic",
        WALL,
        'belongs = f"clinic_id = {CLINICS} OR {reach}"\n',
        'belongs = "true"\n',
        NO_ROW,
    ),
    _policy(
        "rows that hang on the library's kind are whose the row above is",
        WALL,
        'return Wall(table, f"EXISTS ({found})", f"EXISTS',
        'return Wall(table, "true", f"EXISTS',
        NO_ROW,
    ),
    _policy(
        "messages are read by the clinic that they are about",
        FIRST,
        """f"{own('').sees} OR (clinic_id IS NULL AND recipient_id = {USER})",""",
        '"true",',
        NO_ROW,
    ),
    _policy(
        "nothing is put into another clinic",
        WALL,
        "    return Wall(table, sees, belongs)\n",
        '    return Wall(table, sees, "true")\n',
        NONE_PUT_IN,
    ),
    _policy(
        "nobody is made a patient of another clinic",
        WALL,
        'OR {column} = {USER}", belongs)',
        'OR {column} = {USER}", "true")',
        NONE_PUT_IN,
    ),
    _policy(
        "nothing of the library's kind is put into another clinic",
        WALL,
        'f"{belongs} OR (clinic_id IS NULL AND {LIBRARY})")\n\n\ndef hanging(',
        'f"(clinic_id IS NOT NULL OR {LIBRARY})")\n\n\ndef hanging(',
        NONE_PUT_IN,
    ),
    _policy(
        "nothing is hung on a row of another clinic",
        WALL,
        "    return Wall(table, sees, sees)\n",
        '    return Wall(table, sees, "true")\n',
        NONE_PUT_IN,
    ),
    _policy(
        "nothing is hung on a row of the library's kind of another clinic",
        WALL,
        'f"EXISTS ({found} AND (parent.clinic_id IS NOT NULL OR {LIBRARY}))")',
        '"true")',
        NONE_PUT_IN,
    ),
    _policy(
        "nothing is handed over to another clinic",
        WALL,
        "FOR UPDATE USING ({self.sees}) WITH CHECK ({self.writes})",
        "FOR UPDATE USING ({self.sees}) WITH CHECK (true)",
        NONE_PUT_IN,
    ),
    _policy(
        "nobody becomes a member by their own word",
        WALL,
        'return Wall(table, f"{belongs} OR {column} = {USER}", belongs)',
        'return Wall(table, f"{belongs} OR {column} = {USER}", f"{belongs} OR {column} = {USER}")',
        f"{BEHIND}test_somebody_is_no_member_of_a_clinic_by_their_own_word",
    ),
    _policy(
        "the library is changed by who edits it",
        WALL,
        'f"{belongs} OR (clinic_id IS NULL AND {LIBRARY})")\n\n\ndef hanging(',
        'f"{belongs} OR clinic_id IS NULL")\n\n\ndef hanging(',
        f"{BEHIND}test_the_librarys_rows_are_written_by_who_edits_it",
    ),
    _policy(
        "what hangs on the library's rows is changed by who edits it",
        WALL,
        " AND (parent.clinic_id IS NOT NULL OR {LIBRARY}))",
        ")",
        f"{BEHIND}test_the_librarys_rows_are_written_by_who_edits_it",
    ),
    _policy(
        "the library is deleted by who edits it",
        WALL,
        "FOR DELETE USING ({self.writes})",
        "FOR DELETE USING ({self.sees})",
        f"{BEHIND}test_the_librarys_rows_are_written_by_who_edits_it",
    ),
    _policy(
        "a secret opens its own clinic and no other",
        WALL,
        "OR {or_secret} = {SHOWN}",
        "OR {SHOWN} IS NOT NULL",
        SHOWN,
    ),
    _policy(
        "a secret address of a calendar shows its own reminders and no others",
        FIRST,
        "OR feed_hash = {SHOWN} OR id::text = {SHOWN}",
        "OR {SHOWN} IS NOT NULL",
        SHOWN,
    ),
    _policy(
        "FORCE: it stands for the owner of the tables, too",
        WALL,
        '            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n',
        "",
        f"{BEHIND}test_the_wall_stands_for_the_owner_of_the_tables_too",
    ),
    _policy(
        "every table has one",
        FIRST,
        '    own("patients_condition"),\n',
        "",
        f"{BEHIND}test_every_table_has_a_wall_or_a_reason",
    ),
    _policy(
        "what a page was told ends with its transaction",
        FIRST,
        "PERFORM set_config('limber.clinics', COALESCE(array_to_string(clinics, ','), ''), true)",
        "PERFORM set_config('limber.clinics', COALESCE(array_to_string(clinics, ','), ''), false)",
        NOT_KNOWN_AFTER,
        f"{ACTING}test_what_is_told_ends_with_the_transaction",
    ),
    _policy(
        "asking who works here tells nobody afterwards",
        FIRST,
        "  PERFORM set_config('limber.user', before, true);\n",
        "",
        f"{BEHIND}test_a_session_tells_whose_it_is_before_anybody_acts",
    ),
    _told(
        "what a job was told ends with its transaction",
        "accounts/acting.py",
        '["set_config(%s, %s, true)"]',
        '["set_config(%s, %s, false)"]',
        f"{ACTING}test_what_a_job_was_told_ends_with_its_transaction",
    ),
    _told(
        "who acted before acts again",
        "accounts/acting.py",
        "                    _tell(before)\n",
        "                    pass\n",
        f"{ACTING}test_who_acted_before_acts_again",
    ),
    _told(
        "a request reaches the clinics of its person and no more",
        "accounts/middleware.py",
        "reach = acting.Reach.SETUP if user.is_superuser else acting.Reach.CLINICS",
        "reach = acting.Reach.ALL",
        f"{ACTING}test_a_request_reaches_no_further_than_its_person",
    ),
    _told(
        "a request is one transaction: what failed is taken back",
        "accounts/middleware.py",
        "opened.end(_FailedError() if response.status_code >= 500 else None)",
        "opened.end(None)",
        f"{ACTING}test_a_request_is_one_transaction",
    ),
    _told(
        "what was refused is taken back",
        "accounts/middleware.py",
        "        request.transaction.begin_anew(exception)",
        "        pass",
        f"{ACTING}test_a_request_is_one_transaction",
    ),
    _told(
        "the role has no more than it has to",
        ROLE,
        '    if cursor.fetchone()[0]:\n        cursor.execute(f"ALTER ROLE',
        '    if False:\n        cursor.execute(f"ALTER ROLE',
        f"{ROLES}test_make_roles_takes_back_what_is_too_much",
    ),
    _told(
        "the role empties no table",
        ROLE,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
        "GRANT ALL ON ALL TABLES IN SCHEMA public",
        f"{BEHIND}test_the_role_of_the_application_owns_nothing_and_makes_nothing",
    ),
    _told(
        "the role reads which migrations there were, and writes none",
        ROLE,
        'READ_ONLY = ("django_migrations",)',
        "READ_ONLY = ()",
        f"{BEHIND}test_the_role_of_the_application_owns_nothing_and_makes_nothing",
    ),
    _told(
        "a superuser's connection is named by the check",
        ROLE,
        '"is a superuser": is_superuser, ',
        "",
        f"{ROLES}test_the_check_names_a_superuser_who_is_nothing_else",
    ),
    _told(
        "an owner's connection is named by the check",
        ROLE,
        ', "owns tables": owns}',
        "}",
        f"{ROLES}test_the_check_names_an_owner",
    ),
]
