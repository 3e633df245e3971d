"""What is about a patient stays in its place, is given out whole, and goes when its time is over."""

from tests.promises import Protection

LINES = "operations/log_lines.py"
ERASING = "clinic/privacy/erasing.py"
EVERYTHING = "clinic/privacy/everything.py"
LEDGER = "clinic/privacy/ledger.py"
AGAIN = "clinic/privacy/reapplying.py"
RETENTION = "clinic/privacy/retention.py"
CHECKS = "clinic/checks.py"

TRACES = "tests/clinic/test_no_patient_data.py::"
NO_TRACE = (f"{TRACES}test_pages_leave_no_trace_of_a_patient",)
LOGGED = "tests/operations/test_log_lines.py::"
GIVEN = "tests/clinic/test_everything.py::"
ERASED = "tests/clinic/test_erasing.py::"
RESTORED = (f"{ERASED}test_a_restored_backup_forgets_again",)
KEPT = "tests/clinic/test_retention.py::"
TERM = (f"{KEPT}test_how_long_a_record_is_kept",)
RULES = "tests/clinic/test_personal.py::"
DEPLOYED = "tests/clinic/test_checks.py::test_each_check_is_asked"


def _check(what: str, function: str, tags: str) -> Protection:
    """A check of the system that stands in the list of those that are asked."""
    return Protection(
        f"the system asks: {what}", CHECKS, f"@register({tags})\ndef {function}(", f"def {function}(", (DEPLOYED,)
    )


PROTECTIONS = [
    # No trace
    Protection(
        "a log names the pattern of an address",
        "operations/request_log.py",
        '"route": route_of(request),',
        '"route": request.get_full_path(),',
        (f"{LOGGED}test_a_request_is_one_line_that_names_no_record",),
    ),
    Protection(
        "also where Django says it",
        LINES,
        '    if request is not None and hasattr(request, "get_full_path"):',
        "    if False:",
        (f"{LOGGED}test_what_django_says_of_a_request_names_its_pattern",),
    ),
    Protection(
        "also where gunicorn says it",
        LINES,
        '    if record.name == "gunicorn.error" and record.args and "request" in str(record.msg):\n',
        "    if False:\n",
        (f"{LOGGED}test_gunicorn_names_no_address_either",),
    ),
    Protection(
        "an error is logged without its text",
        LINES,
        "        lines.append(type(error).__name__)\n",
        "        lines.append(repr(error))\n",
        (f"{TRACES}test_an_error_says_where_it_came_up_and_not_what_was_sent",),
    ),
    Protection(
        "a proxy's name for a request is taken over only if it is one",
        "operations/request_log.py",
        "name = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex",
        "name = given or uuid.uuid4().hex",
        (f"{LOGGED}test_a_name_that_is_none_is_not_taken_over",),
    ),
    Protection(
        "the log is written like that unless somebody develops",
        "clinic/settings.py",
        'default="debug" if DEBUG else "text"',
        'default="debug"',
        (f"{TRACES}test_an_error_says_where_it_came_up_and_not_what_was_sent",),
    ),
    Protection(
        "no name in mail: to staff",
        "accounts/outbox.py",
        'body=f"Something in Limber needs you.',
        'body=f"Something in Limber needs you: {message.clinic and message.clinic.patients.first()}.',
        NO_TRACE,
    ),
    Protection(
        "no name in mail: an invitation",
        "patients/inviting.py",
        'subject=_("Your stretches"),',
        'subject=f"Your stretches, {invitation.patient}",',
        NO_TRACE,
    ),
    Protection(
        "no name in addresses: what is looked for is posted",
        "templates/patients/patient_list.html",
        'role="search" method="post"',
        'role="search" method="get"',
        (f"{TRACES}test_what_is_looked_for_is_posted",),
    ),
    Protection(
        "no name in addresses: a search in an address finds nothing",
        "patients/views/patient.py",
        'PatientFilterForm(asked if asked is request.POST else {"whose": asked.get("whose", "")})',
        "PatientFilterForm(asked)",
        (f"{TRACES}test_what_is_looked_for_is_posted",),
    ),
    Protection(
        "no name in the names of files",
        "clinic/views/privacy.py",
        '_attached(f"limber-{at:%Y-%m-%d}.json")',
        '_attached(f"{patients[0]}-{at:%Y-%m-%d}.json")',
        (f"{GIVEN}test_a_clinicians_download_asks_too_and_names_nobody",),
    ),
    Protection(
        "session rows are sealed",
        "accounts/sessions.py",
        "        return seal(super().encode(session_dict))",
        "        return super().encode(session_dict)",
        (f"{TRACES}test_a_session_tells_nobody_what_it_holds",),
    ),
    Protection(
        "messages, which name patients, lie in no cookie",
        "clinic/settings.py",
        '"django.contrib.messages.storage.session.SessionStorage"',
        '"django.contrib.messages.storage.cookie.CookieStorage"',
        ("tests/accounts/test_pages.py::test_messages_end_with_the_session",),
    ),
    Protection(
        "keys of caches name nobody",
        "patients/views/patient.py",
        "    patients = Patient.objects.visible_to(request.user)\n",
        "    patients = Patient.objects.visible_to(request.user)\n"
        "    from django.core.cache import cache\n"
        "    cache.set(f\"asked {request.POST.get('q')}\", 1)\n",
        NO_TRACE,
    ),
    # Given out whole
    Protection(
        "everything about a patient is given: a table is left out",
        EVERYTHING,
        "in tables_of_patients()\n        },\n    }",
        'in tables_of_patients()\n            if table.model != "patients.OutcomeScore"\n        },\n    }',
        (f"{GIVEN}test_every_row_of_every_table_that_leads_to_the_patient_is_there",),
    ),
    Protection(
        "everything about a patient is given: a field is left out",
        EVERYTHING,
        "left_out if for_patient else ()) for field in _fields(table)}",
        "left_out if for_patient else ()) for field in _fields(table)[:-1]}",
        (f"{GIVEN}test_every_row_of_every_table_that_leads_to_the_patient_is_there",),
    ),
    Protection(
        "and nobody else's",
        "accounts/personal.py",
        "            found |= Q(**{self.patient: subject.patient_id})",
        '            found |= Q(**{f"{self.patient}__isnull": False})',
        (f"{GIVEN}test_nobody_elses_rows_are_given",),
    ),
    Protection(
        "what opens something is given to nobody",
        EVERYTHING,
        "    if field.name in table.never_given.split():\n",
        "    if False:\n",
        (f"{GIVEN}test_what_opens_something_is_given_to_nobody",),
    ),
    Protection(
        "a clinic gives out no sign-in that opens another clinic's record",
        EVERYTHING,
        "with_sign_in=for_patient or not opens_more(patient)",
        "with_sign_in=True",
        (f"{GIVEN}test_a_clinic_gives_out_no_sign_in_that_opens_another_clinics_record",),
    ),
    # Erased in three classes
    Protection(
        "erased at once: rows",
        ERASING,
        "        _erase_rows(subject)\n",
        "",
        (f"{ERASED}test_every_row_meets_its_rule",),
    ),
    Protection(
        "erased at once: fields of what is kept",
        ERASING,
        "        if table.rule is Rule.KEEP and table.erase and table.patient:\n",
        "        if False:\n",
        (f"{ERASED}test_what_is_kept_is_kept_whole_and_locked_away",),
    ),
    Protection(
        "erased at once: the sign-in",
        ERASING,
        "            _erase_sign_in(locked.user)\n",
        "            pass\n",
        (f"{ERASED}test_what_need_not_be_kept_is_gone_everywhere",),
    ),
    Protection(
        "unless it opens more",
        ERASING,
        "        keeps_sign_in = opens_more(locked)\n",
        "        keeps_sign_in = False\n",
        (f"{ERASED}test_a_sign_in_that_opens_more_stays",),
    ),
    Protection(
        "kept: locked away from everybody",
        "patients/models/records.py",
        "        return self.filter(erased_at=None)",
        "        return self.all()",
        (
            f"{ERASED}test_what_is_kept_is_kept_whole_and_locked_away",
            "tests/clinic/test_erasure_pages.py::test_erased_means_404_for_everybody",
        ),
    ),
    Protection(
        "kept: nothing of it is in force",
        ERASING,
        "        _end_care(locked, by=by, at=at)\n",
        "",
        (f"{ERASED}test_what_is_kept_is_kept_whole_and_locked_away",),
    ),
    Protection(
        "kept: whole",
        ERASING,
        "table.rule is Rule.ERASE and table.model_class is not User], subject)",
        'table.rule is Rule.ERASE and table.model_class is not User or "Condition" in table.model], subject)',
        (f"{ERASED}test_every_row_meets_its_rule",),
    ),
    Protection(
        "made anonymous: counted and removed",
        ERASING,
        "        _make_anonymous(subject)\n",
        "",
        (f"{ERASED}test_every_row_meets_its_rule",),
    ),
    Protection(
        "made anonymous: a clinic's own stretch is not counted",
        ERASING,
        "session__patient=subject.patient_id, stretch__clinic=None)",
        "session__patient=subject.patient_id)",
        (f"{ERASED}test_a_stretch_that_names_the_clinic_is_not_counted",),
    ),
    Protection(
        "nobody else's rows are touched",
        "accounts/personal.py",
        "            found |= Q(**{self.patient: subject.patient_id})",
        '            found |= Q(**{f"{self.patient}__isnull": False})',
        (f"{ERASED}test_nobody_elses_rows_are_touched",),
    ),
    Protection(
        "what the audit record said of the patient goes",
        ERASING,
        "        audit.blank(locked.pk)\n        return line\n\n\ndef remove",
        "        return line\n\n\ndef remove",
        ("tests/audit/test_chain.py::test_erasing_a_record_leaves_events_that_say_nothing",),
    ),
    Protection(
        "an erasure is whole or none",
        ERASING,
        "    with transaction.atomic(), acting.everywhere(reason=REASON):\n",
        "    with acting.everywhere(reason=REASON):\n",
        (f"{ERASED}test_an_erasure_that_breaks_off_leaves_everything",),
    ),
    # The ledger
    Protection(
        "the ledger names nobody",
        "clinic/models/erasure.py",
        'return hashlib.sha256(b"limber erasure " + patient_id.bytes).hexdigest()',
        "return str(patient_id)",
        (f"{ERASED}test_the_ledger_names_nobody_and_is_only_added_to",),
    ),
    Protection(
        "the ledger is only ever added to",
        "clinic/models/erasure.py",
        '        """Add; a line that is stored is never written again."""\n        if not self._state.adding:\n',
        '        """Add; a line that is stored is never written again."""\n        if False:\n',
        (f"{ERASED}test_the_ledger_names_nobody_and_is_only_added_to",),
    ),
    Protection(
        "the database refuses it, too",
        "clinic/migrations/0003_erasures.py",
        "  RAISE restrict_violation USING MESSAGE = 'the ledger of erasures is only ever added to';\n",
        "  RETURN NEW;\n",
        (f"{ERASED}test_the_database_refuses_to_change_the_ledger",),
        on="postgres",
        anew=True,
    ),
    Protection(
        "the ledger stands outside of the database, too",
        LEDGER,
        "    transaction.on_commit(_write_beside)\n",
        "",
        (f"{ERASED}test_the_file_beside_the_database_follows",),
    ),
    Protection(
        "it loses nothing that the file knows more",
        LEDGER,
        'lines = {(line["digest"], line["step"]): line for line in read(path)}',
        "lines: dict[tuple[str, str], dict[str, Any]] = {}",
        (f"{ERASED}test_a_file_of_more_than_the_database_knows_loses_nothing",),
    ),
    Protection(
        "a restored backup forgets again",
        AGAIN,
        "changed = erased is not None and erase(patient, by=_who(erased), at=erased.at) is not None",
        "changed = False",
        RESTORED,
    ),
    Protection(
        "by the ledger that was kept outside",
        AGAIN,
        "            Erasure.objects.get_or_create(**key, defaults=line)\n",
        "            pass\n",
        RESTORED,
    ),
    Protection(
        "what was removed is removed again",
        AGAIN,
        "return (removed is not None and remove(patient, at=removed.at) is not None) or changed",
        "return changed",
        (f"{ERASED}test_what_was_removed_is_removed_again",),
    ),
    # What is over goes
    Protection(
        "messages go after 30 days",
        RETENTION,
        "        forget_messages(at)\n",
        "",
        (f"{KEPT}test_messages_go_a_month_later",),
    ),
    Protection(
        "what still waits does not",
        RETENTION,
        "old.exclude(sent_at=None, cancelled_at=None, attempts__lt=MOST_ATTEMPTS).delete()",
        "old.delete()",
        (f"{KEPT}test_messages_go_a_month_later",),
    ),
    Protection(
        "sessions go when they have ended",
        RETENTION,
        "        Session.objects.filter(expire_date__lt=at).delete()\n",
        "",
        (f"{KEPT}test_sessions_and_invitations_that_are_over_go",),
    ),
    Protection(
        "invitations of patients go after 30 days",
        RETENTION,
        "        Invitation.objects.filter(expires_at__lt=at - INVITATIONS_KEPT).delete()\n        Staff",
        "        Staff",
        (f"{KEPT}test_sessions_and_invitations_that_are_over_go",),
    ),
    Protection(
        "invitations of staff go after 30 days",
        RETENTION,
        "        StaffInvitation.objects.filter(expires_at__lt=at - INVITATIONS_KEPT).delete()\n",
        "",
        (f"{KEPT}test_invitations_of_staff_go_too",),
    ),
    Protection(
        "a record goes when its term is over",
        RETENTION,
        "            removed += _tried(_forget_if_over, patient, at)\n",
        "            removed += 0\n",
        (f"{KEPT}test_a_record_goes_when_its_term_is_over_and_not_a_day_sooner",),
    ),
    Protection(
        "not a day sooner",
        RETENTION,
        "born_on=patient.born_on, today=at.date()) >= at.date():",
        "born_on=patient.born_on, today=at.date()) > at.date():",
        (f"{KEPT}test_a_record_goes_when_its_term_is_over_and_not_a_day_sooner",),
    ),
    Protection(
        "what was erased goes after the term",
        RETENTION,
        "        _tried(_remove, patient, at)\n",
        "        pass\n",
        (f"{KEPT}test_what_was_erased_is_removed_after_the_term",),
    ),
    Protection(
        "ten years after the end of treatment",
        "clinic/privacy/terms.py",
        "_years_after(ended_on, settings.RECORD_KEPT_YEARS)",
        "_years_after(ended_on, 9)",
        TERM,
    ),
    Protection(
        "who was treated as a child: until 26",
        "clinic/privacy/terms.py",
        "    return max(term, _years_after(born_on, settings.RECORD_KEPT_UNTIL_AGE))",
        "    return term",
        TERM,
    ),
    Protection(
        "the sender asks for it once a day",
        "clinic/settings.py",
        '    "clinic.privacy.retention.forget",\n',
        "",
        (f"{KEPT}test_the_scheduler_forgets_once_a_day",),
    ),
    Protection(
        "counts of tries go after two days, and are asked for",
        "clinic/settings.py",
        '    "accounts.limits.forget",\n',
        "",
        (f"{KEPT}test_a_pass_of_the_sender_tidies_up_everything",),
    ),
    Protection(
        "what was typed goes after a day, and is asked for",
        "clinic/settings.py",
        '    "accounts.drafts.forget",\n',
        "",
        (f"{KEPT}test_a_pass_of_the_sender_tidies_up_everything",),
    ),
    # Nobody forgets a field
    Protection(
        "a field without a rule fails the check",
        "clinic/privacy/declarations.py",
        'yield from (f"{model._meta.label}.{name}" for name in sorted(fields - set(rules)))',
        "yield from ()",
        (f"{RULES}test_a_new_field_fails_the_check",),
    ),
    Protection(
        "a rule without its field fails it, too",
        "clinic/privacy/declarations.py",
        'yield from (f"{model._meta.label}.{name} (there is no such field)" for name in sorted(set(rules) - fields))',
        "yield from ()",
        (f"{RULES}test_a_new_table_and_a_field_that_is_gone_fail_it_too",),
    ),
    _check("every field has a rule", "every_field_has_a_rule", "Tags.models"),
    _check("no SQLite for patients", "no_sqlite_for_patients", "Tags.security, deploy=True"),
    _check("no demo for patients", "no_demo_for_patients", "Tags.security, deploy=True"),
    _check("two proofs for staff", "two_proofs_for_staff", "Tags.security, deploy=True"),
    _check("a key that seals", "secrets_have_a_key_of_their_own", "Tags.security, deploy=True"),
    _check("a role that owns nothing", "a_role_that_owns_nothing", "Tags.security, deploy=True"),
    _check("the second wall holds", "the_second_wall_holds", "Tags.database"),
    _check("a key for push is one", "push_key_is_a_key", "Tags.security"),
]
