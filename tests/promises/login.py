"""Guesses end, a code works once, staff show two proofs, and nobody learns which addresses are known."""

from tests.promises import Protection

LIMITS = "accounts/limits.py"
STEP = "accounts/second_step.py"
ADAPTER = "accounts/adapter.py"
FORMS = "accounts/forms/signing_in.py"
SETTINGS = "clinic/settings.py"

TRIES = "tests/accounts/test_sign_in_limits.py::"
SECOND = "tests/accounts/test_second_step.py::"
LIMIT_OF_EACH = f"{TRIES}test_each_count_ends_where_it_is_promised"

PROTECTIONS = [
    # Passwords
    Protection(
        "of 200 parallel guesses at most 10 are checked: five in five minutes",
        LIMITS,
        '_slot("password", account, most=5,',
        '_slot("password", account, most=500,',
        (f"{TRIES}test_after_five_wrong_guesses_nothing_is_looked_at_for_a_while",),
    ),
    Protection(
        "counted under a lock, so that of many at once five are checked",
        LIMITS,
        "list(TryCount.objects.select_for_update().filter(pk__in=wanted)",
        "list(TryCount.objects.filter(pk__in=wanted)",
        (f"{TRIES}test_of_many_guesses_at_once_five_are_looked_at",),
        on="postgres",
    ),
    Protection(
        "counted before the password is looked at",
        ADAPTER,
        "if not limits.take(self._slots, at=timezone.now()):",
        "if limits.take(self._slots, at=timezone.now()) is None:",
        (f"{TRIES}test_after_five_wrong_guesses_nothing_is_looked_at_for_a_while",),
    ),
    Protection(
        "thirty a day for an account",
        LIMITS,
        '_slot("password a day", account, most=30,',
        '_slot("password a day", account, most=3000,',
        (f"{TRIES}test_more_than_thirty_a_day_are_refused_however_slowly",),
    ),
    Protection(
        "an account is one however its address is written",
        LIMITS,
        """account, place = account.strip().lower(), address_range(address)
    return [
        _slot("password",""",
        """account, place = account, address_range(address)
    return [
        _slot("password",""",
        (f"{TRIES}test_whoever_counts_counts_one_address_as_one",),
    ),
    Protection(
        "one password on many accounts: thirty in ten minutes from a range",
        LIMITS,
        '_slot("password from", place, most=30,',
        '_slot("password from", place, most=3000,',
        (f"{TRIES}test_one_password_tried_on_many_is_stopped_where_it_comes_from",),
    ),
    Protection(
        "one password on many accounts: three hundred a day from a range",
        LIMITS,
        '_slot("password from a day", place, most=300,',
        '_slot("password from a day", place, most=30000,',
        (LIMIT_OF_EACH,),
    ),
    Protection(
        "a range is counted, not a single address",
        LIMITS,
        "(number, 24 if number.version == 4 else 48)",
        "(number, 32 if number.version == 4 else 128)",
        (f"{TRIES}test_one_password_tried_on_many_is_stopped_where_it_comes_from",),
    ),
    Protection(
        "who knows the password uses up nothing",
        ADAPTER,
        "            limits.give_back(self._slots)",
        "            pass",
        (f"{TRIES}test_the_right_password_uses_up_nothing",),
    ),
    Protection(
        "guesses by whoever sits at an open screen count",
        FORMS,
        "        if not limits.take(slots, at=timezone.now()):\n"
        '            raise adapter.validation_error("too_many_login_attempts")',
        "        if False:\n            pass",
        (f"{TRIES}test_guesses_by_whoever_sits_at_an_open_screen_count_too",),
    ),
    Protection(
        "passwords are stored with argon2",
        SETTINGS,
        "hashers.Argon2PasswordHasher",
        "hashers.PBKDF2PasswordHasher",
        ("tests/accounts/test_ways_in.py::test_a_password_is_stored_with_argon2",),
    ),
    Protection(
        "a new password has twelve characters",
        SETTINGS,
        '"OPTIONS": {"min_length": 12}',
        '"OPTIONS": {"min_length": 6}',
        ("tests/accounts/test_ways_in.py::test_a_new_password_is_none_that_is_guessed",),
    ),
    Protection(
        "nor one that everybody knows",
        SETTINGS,
        '    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},\n',
        "",
        ("tests/accounts/test_ways_in.py::test_a_new_password_is_none_that_is_guessed",),
    ),
    # Codes and links by mail
    Protection(
        "who is attacked comes in by a code: mails are counted by account and range",
        LIMITS,
        '_slot("mail", account, place, most=3,',
        '_slot("mail", account, most=3,',
        (f"{TRIES}test_who_is_attacked_comes_in_by_a_code",),
    ),
    Protection(
        "a mailbox is not filled: three mails a minute",
        LIMITS,
        '_slot("mail", account, place, most=3,',
        '_slot("mail", account, place, most=300,',
        (f"{TRIES}test_a_mailbox_is_not_filled",),
    ),
    Protection(
        "ten mails an hour",
        LIMITS,
        '_slot("mail an hour", account, place, most=10,',
        '_slot("mail an hour", account, place, most=1000,',
        (LIMIT_OF_EACH,),
    ),
    Protection(
        "sixty mails an hour to one account from everywhere",
        LIMITS,
        '_slot("mail to", account, most=60,',
        '_slot("mail to", account, most=6000,',
        (LIMIT_OF_EACH,),
    ),
    Protection(
        "sixty mails in ten minutes asked for by one range",
        LIMITS,
        '_slot("mail from", place, most=60,',
        '_slot("mail from", place, most=6000,',
        (LIMIT_OF_EACH,),
    ),
    Protection(
        "a link to a new password is counted as a code is",
        FORMS,
        '''counted as a code by mail is."""

    def clean_email(self) -> str:
        """Count before anything is looked up or sent."""
        _count_mail(self.cleaned_data["email"])''',
        '''counted as a code by mail is."""

    def clean_email(self) -> str:
        """Count before anything is looked up or sent."""''',
        ("tests/accounts/test_limiting.py::test_links_to_a_new_password_are_counted_over_workers",),
    ),
    Protection(
        "a mailed code stands three guesses, also all at once",
        FORMS,
        "if not limits.take(limits.mailed_code_slots(expected, session), at=at):",
        "if False:",
        (f"{TRIES}test_guesses_at_one_code_in_copies_of_a_session_count_together",),
    ),
    Protection(
        "a mailed code works once, also twice at the same moment",
        FORMS,
        "if not limits.take(limits.mailed_code_use(expected, session), at=at):",
        "if False:",
        (f"{TRIES}test_a_code_in_a_copy_of_a_session_works_once",),
    ),
    # Codes of an app
    Protection(
        "a code of an app works once, in whatever clock window",
        STEP,
        "if counter > after and compare_user_code(",
        "if compare_user_code(",
        (f"{SECOND}test_no_code_works_again_in_whatever_window",),
    ),
    Protection(
        "what was used is noted for every worker",
        STEP,
        "    row.data[LAST_COUNTER] = counter\n",
        "",
        (f"{SECOND}test_another_worker_half_a_minute_later_refuses_it_too",),
    ),
    Protection(
        "of the same code twenty times at once one comes in",
        STEP,
        "Authenticator.objects.select_for_update().filter(user=user)",
        "Authenticator.objects.filter(user=user)",
        (f"{SECOND}test_of_many_at_once_one_comes_in",),
        on="postgres",
    ),
    Protection(
        "the code that set an app up is used, too",
        "accounts/proving.py",
        '            second_step.use_code(user, request.POST.get("code", ""), at=timezone.now())\n',
        "            pass\n",
        (f"{SECOND}test_an_app_is_set_up_and_opens_the_clinic_at_once",),
    ),
    Protection(
        "guesses at an app's code end: five in five minutes",
        LIMITS,
        '_slot("second step", str(user_id), most=5,',
        '_slot("second step", str(user_id), most=500,',
        (f"{TRIES}test_guesses_at_an_apps_code_end_too",),
    ),
    Protection(
        "thirty guesses a day at an app's code",
        LIMITS,
        '_slot("second step a day", str(user_id), most=30,',
        '_slot("second step a day", str(user_id), most=3000,',
        (LIMIT_OF_EACH,),
    ),
    Protection(
        "seeds and recovery codes lie sealed in the database",
        ADAPTER,
        "        return seal(text)",
        "        return text",
        (f"{SECOND}test_seeds_lie_sealed_in_the_database_and_in_the_session",),
    ),
    Protection(
        "a key is changed by putting a new one in front",
        "accounts/sealing.py",
        "for key in keys])",
        "for key in keys[:1]])",
        (f"{SECOND}test_a_new_key_in_front_seals_and_the_old_one_still_opens",),
    ),
    # Two proofs
    Protection(
        "staff show two proofs before any page",
        SETTINGS,
        '    "accounts.middleware.SecondStepMiddleware",\n',
        "",
        (f"{SECOND}test_every_address_is_closed_to_staff_on_one_proof",),
    ),
    Protection(
        "unless somebody turns that off",
        SETTINGS,
        '"REQUIRE_STAFF_MFA", default=not DEMO',
        '"REQUIRE_STAFF_MFA", default=False',
        ("tests/accounts/test_ways_in.py::test_what_nobody_sets_is_the_safe_way",),
    ),
    Protection(
        "a role given later asks from the next request",
        "accounts/models/session.py",
        "                default=_works(),",
        "                default=False,",
        (f"{SECOND}test_whoever_begins_to_work_here_is_asked_from_the_next_request",),
    ),
    Protection(
        "one proof neither adds nor removes another",
        STEP,
        "    if view_name in SHOW:\n",
        "    if view_name in SHOW | SET_UP:\n",
        (f"{SECOND}test_one_proof_neither_adds_nor_removes_another_where_there_is_one",),
    ),
    Protection(
        "a passkey asks for a finger, a face or a PIN",
        SETTINGS,
        'MFA_WEBAUTHN_USER_VERIFICATION = "required"',
        'MFA_WEBAUTHN_USER_VERIFICATION = "preferred"',
        (
            "tests/accounts/test_passkeys.py::test_without_verification_no_passkey_is_made",
            "tests/accounts/test_passkeys.py::test_a_passkey_used_elsewhere_or_by_whoever_holds_the_phone_is_refused",
        ),
    ),
    Protection(
        "a passkey that comes in late stores nothing in a session that was ended",
        "accounts/passkeys.py",
        "if now.get_session_auth_hash() != user.get_session_auth_hash():",
        "if False:",
        ("tests/accounts/test_passkeys.py::test_a_request_let_in_before_the_session_ended_stores_nothing",),
    ),
    # The same answer
    Protection(
        "known and unknown addresses get the same answer",
        SETTINGS,
        'ACCOUNT_EMAIL_VERIFICATION = "none"',
        'ACCOUNT_PREVENT_ENUMERATION = False\nACCOUNT_EMAIL_VERIFICATION = "none"',
        (f"{TRIES}test_nothing_tells_a_known_address_from_an_unknown_one",),
    ),
    Protection(
        "in the same time: a hash is computed for nobody, too",
        "accounts/backends.py",
        "    def get_user(self, user_id: Any) -> User | None:\n",
        "    def authenticate(self, request: Any, **credentials: Any) -> User | None:\n"
        '        known = User.objects.filter(email=credentials.get("email")).exists()\n'
        "        return super().authenticate(request, **credentials) if known else None\n\n"
        "    def get_user(self, user_id: Any) -> User | None:\n",
        ("tests/accounts/test_same_work.py::test_a_wrong_password_costs_the_same_for_everybody",),
    ),
    Protection(
        "what is counted names nobody",
        LIMITS,
        'return Slot(salted_hmac("accounts.limits", "\\n".join(parts), algorithm="sha256").hexdigest(), most, window)',
        'return Slot("/".join(parts)[:64], most, window)',
        (f"{TRIES}test_what_is_counted_names_nobody_and_is_forgotten",),
    ),
    Protection(
        "nobody signs up",
        ADAPTER,
        'adds its people."""\n        return False',
        'adds its people."""\n        return True',
        ("tests/accounts/test_ways_in.py::test_nobody_signs_up",),
    ),
    Protection(
        "the admin site is entered by the one sign-in, with its limits",
        "clinic/admin_site.py",
        "return secure_admin_login(super().login)(request, extra_context)",
        "return super().login(request, extra_context)",
        (
            "tests/accounts/test_pages.py::test_the_admin_site_is_entered_by_the_one_sign_in",
            "tests/accounts/test_pages.py::test_who_is_signed_in_guesses_no_password_at_the_admin_site",
        ),
    ),
]
