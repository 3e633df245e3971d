"""Headers on every answer, limits on what costs much, and a plain word where the database is away."""

from tests.promises import Protection

SETTINGS = "clinic/settings.py"
HEADERS = "clinic/headers.py"
LIMITING = "accounts/limiting.py"
PRIVACY = "clinic/views/privacy.py"
PROGRESS = "routines/views/progress.py"
URLS = "clinic/urls.py"

GUARDED = "tests/clinic/test_headers.py::test_every_kind_of_answer_is_guarded"
PAGE, HEALTH = f"{GUARDED}[page]", f"{GUARDED}[health]"
ONE_TOO_MANY = "tests/permissions/test_limits.py::test_one_too_many_is_refused_and_told_when_to_come_again"
UNSET = ("tests/accounts/test_ways_in.py::test_what_nobody_sets_is_the_safe_way",)
OUTAGES = "tests/operations/test_outages.py::"
DEVICE = "tests/routines/test_player_pages.py"


def _policy(old: str, new: str) -> Protection:
    """A line of the content policy."""
    name = old.split('"')[1]
    return Protection(f"content policy: {name}", SETTINGS, old, new, (PAGE,))


def _header(name: str, path: str, old: str, new: str, test: str = PAGE) -> Protection:
    return Protection(f"a header on every answer: {name}", path, old, new, (test,))


def _limit(what: str, path: str, old: str, new: str, case: str) -> Protection:
    """How often a costly page may be asked."""
    return Protection(f"429 after too many: {what}", path, old, new, (f"{ONE_TOO_MANY}[{case}]",))


def _decorated(what: str, path: str, limit: str, view: str, case: str) -> Protection:
    """The same, where it stands above a view."""
    old, new = f"@limited({limit})\n{view}", view
    return _limit(what, path, old, new, case)


PROTECTIONS = [
    _header("content policy", SETTINGS, '    "csp.middleware.CSPMiddleware",\n', ""),
    _policy('"default-src": [NONE]', '"default-src": [SELF]'),
    _policy('"script-src": [SELF, NONCE]', '"script-src": [SELF, NONCE, "\'unsafe-inline\'"]'),
    _policy('"style-src": [SELF]', '"style-src": [SELF, "\'unsafe-inline\'"]'),
    _policy('"img-src": [SELF, "data:"]', '"img-src": ["*"]'),
    _policy('"connect-src": [SELF]', '"connect-src": ["*"]'),
    _policy('"worker-src": [SELF]', '"worker-src": [SELF, "blob:"]'),
    _policy('"form-action": [SELF]', '"form-action": ["*"]'),
    _policy('"frame-ancestors": [NONE]', '"frame-ancestors": [SELF]'),
    _policy('"base-uri": [NONE]', '"base-uri": [SELF]'),
    _header("X-Frame-Options", SETTINGS, 'X_FRAME_OPTIONS = "DENY"', 'X_FRAME_OPTIONS = "SAMEORIGIN"'),
    _header("outside of what answers first", SETTINGS, '    "clinic.headers.IsolationMiddleware",\n', "", HEALTH),
    _header(
        "X-Content-Type-Options",
        HEADERS,
        '        response.headers.setdefault("X-Content-Type-Options", "nosniff")\n',
        "",
        HEALTH,
    ),
    _header(
        "Referrer-Policy",
        HEADERS,
        '        response.headers.setdefault("Referrer-Policy", "same-origin")\n',
        "",
        HEALTH,
    ),
    _header(
        "Referrer-Policy of pages",
        SETTINGS,
        'SECURE_REFERRER_POLICY = "same-origin"',
        'SECURE_REFERRER_POLICY = "unsafe-url"',
    ),
    _header(
        "Permissions-Policy",
        HEADERS,
        '        response.headers.setdefault("Permissions-Policy", PERMISSIONS)\n',
        "",
    ),
    _header(
        "Cross-Origin-Resource-Policy",
        HEADERS,
        '        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")\n',
        "",
    ),
    _header(
        "Cross-Origin-Opener-Policy",
        SETTINGS,
        'X_FRAME_OPTIONS = "DENY"',
        'X_FRAME_OPTIONS = "DENY"\nSECURE_CROSS_ORIGIN_OPENER_POLICY = None',
        "tests/clinic/test_headers.py::test_a_page_shares_no_window_with_who_opened_it",
    ),
    Protection("HTTPS only", SETTINGS, "SECURE_SSL_REDIRECT = HTTPS", "SECURE_SSL_REDIRECT = False", UNSET),
    Protection(
        "HTTPS for a year", SETTINGS, "SECURE_HSTS_SECONDS = 365 * 24 * 3600 if", "SECURE_HSTS_SECONDS = 60 if", UNSET
    ),
    Protection(
        "cookies go over HTTPS only",
        SETTINGS,
        "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS",
        "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False",
        UNSET,
    ),
    Protection(
        "and come from no other host",
        SETTINGS,
        '("__Host-session", "__Host-csrf") if HTTPS else',
        '("session", "csrf") if HTTPS else',
        UNSET,
    ),
    Protection(
        "no script reads a token",
        SETTINGS,
        "CSRF_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = False",
        ("tests/clinic/test_headers.py::test_no_script_reads_a_cookie_that_proves_something",),
    ),
    Protection(
        "no other site acts through a signed-in browser",
        SETTINGS,
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        (f"{GUARDED}[CSRF]",),
    ),
    Protection(
        "a page of somebody's is kept in no cache",
        SETTINGS,
        '    "accounts.middleware.NeverStoredMiddleware",\n',
        "",
        ("tests/accounts/test_pages.py::test_a_page_for_somebody_signed_in_is_kept_in_no_cache",),
    ),
    Protection(
        "signing out wipes what a browser has stored",
        "accounts/middleware.py",
        '            response["Clear-Site-Data"] = \'"storage"\'\n',
        "            pass\n",
        (DEVICE,),
    ),
    Protection(
        "a phone notices whose it is now",
        "accounts/middleware.py",
        '            response["Limber-Owner"] = owner_mark(request.user)\n',
        "            pass\n",
        (DEVICE,),
    ),
    Protection(
        "a secret link is named to nobody: patients",
        "patients/views/invitation.py",
        'response["Referrer-Policy"] = "strict-origin"',
        'response["Referrer-Policy"] = "unsafe-url"',
        ("tests/patients/test_invitations.py::test_looking_uses_up_nothing",),
    ),
    Protection(
        "a secret link is named to nobody: staff",
        "accounts/views/staff.py",
        'response["Referrer-Policy"] = "strict-origin"',
        'response["Referrer-Policy"] = "unsafe-url"',
        ("tests/accounts/test_staff_invitations.py::test_the_page_of_a_link_names_it_to_nobody",),
    ),
    # Limits
    _decorated(
        "handouts", "prescriptions/views/handout.py", '"pdf"', "", "pdf-clinician-GET-prescriptions:handout_pdf-"
    ),
    _decorated("routines as PDF", "routines/views/today.py", '"pdf"', "", "pdf-patient-GET-routines:routine_pdf-"),
    _decorated(
        "own data as JSON",
        PROGRESS,
        '"own data"',
        "def own_data_json",
        "own data-patient-GET-routines:own_data_json-",
    ),
    _decorated(
        "own data as PDF", PROGRESS, '"own data"', "def own_data_pdf", "own data-patient-GET-routines:own_data_pdf-"
    ),
    *(
        _decorated(
            f"everything: {view}",
            PRIVACY,
            '"own data"',
            f"@asks_again\ndef {view}(",
            f"own data-{person}-GET-{view}-",
        )
        for person, view in (
            ("patient", "own_everything_json"),
            ("patient", "own_everything_pdf"),
            ("clinician", "everything_json"),
            ("clinician", "everything_pdf"),
        )
    ),
    _decorated(
        "reports", "prescriptions/views/report.py", '"report"', "", "report-clinician-GET-prescriptions:report_detail-"
    ),
    _limit(
        "searches",
        "prescriptions/views/builder.py",
        '@limited("search", only_with_query=True)\n',
        "",
        "search-clinician-GET-prescriptions:prescription_edit-?q=back",
    ),
    _decorated("the audit record", "audit/views.py", '"export"', "", "export-admin-GET-audit:event_csv-"),
    _limit(
        "exports of the catalogue",
        "stretches/admin/exchange.py",
        'if refusal := too_often(request, "export"):',
        "if refusal := None:",
        "export-library admin-GET-admin:stretches_catalogueimport_export-?file=catalogue.json",
    ),
    _limit(
        "imports",
        "stretches/admin/exchange.py",
        'if request.method == "POST" and (refusal := too_often(request, "import")):',
        "if refusal := None:",
        "import-library admin-POST-admin:stretches_catalogueimport_add-",
    ),
    _limit(
        "calendars",
        "routines/views/reminders.py",
        'if refusal := too_often(request, "calendar", whose=str(preference.pk)):',
        "if refusal := None:",
        "calendar-visitor-GET-routines:calendar_feed_detail-",
    ),
    _decorated(
        "devices", "routines/views/reminders.py", '"device"', "", "device-patient-POST-routines:push_subscription_add-"
    ),
    _decorated(
        "invitations",
        "patients/views/invitation.py",
        '"invitation"',
        "",
        "invitation-clinician-POST-patients:invitation_add-",
    ),
    _decorated(
        "invitations on paper",
        "prescriptions/views/handout.py",
        '"invitation", methods=("POST",)',
        "",
        "invitation-clinician-POST-prescriptions:prescription_print-",
    ),
    _decorated(
        "invitations of staff",
        "accounts/views/staff.py",
        '"staff invitation", methods=("POST",)',
        "",
        "staff invitation-admin-POST-accounts:staff_invitation_add-",
    ),
    _limit(
        "asking for a new password",
        URLS,
        'limited("new password", methods=POST)(account.password_reset)',
        "account.password_reset",
        "new password-visitor-POST-account_reset_password-",
    ),
    _limit(
        "links to a new password",
        URLS,
        'limited("new password by link")(account.password_reset_from_key)',
        "account.password_reset_from_key",
        "new password by link-visitor-GET-account_reset_password_from_key-",
    ),
    _limit(
        "changing a password",
        URLS,
        'limited("password change", methods=POST)(asks_again(account.password_change))',
        "asks_again(account.password_change)",
        "password change-patient-POST-account_change_password-",
    ),
    _limit(
        "showing oneself again",
        URLS,
        'limited("still you", methods=POST)(account.reauthenticate)',
        "account.reauthenticate",
        "still you-clinician-POST-account_reauthenticate-",
    ),
    _limit(
        "showing oneself again by a code",
        "accounts/second_step_urls.py",
        'limited("still you", methods=("POST",))(codes.reauthenticate)',
        "codes.reauthenticate",
        "still you-clinician-POST-mfa_reauthenticate-",
    ),
    _limit(
        "passkeys",
        "accounts/passkey_urls.py",
        'limited("passkey", methods=POST)(views.login_webauthn)',
        "views.login_webauthn",
        "passkey-visitor-POST-mfa_login_webauthn-",
    ),
    _limit(
        "passkeys once more",
        "accounts/passkey_urls.py",
        'limited("passkey", methods=POST)(views.reauthenticate_webauthn)',
        "views.reauthenticate_webauthn",
        "passkey-patient-POST-mfa_reauthenticate_webauthn-",
    ),
    _limit(
        "with the seconds to wait",
        LIMITING,
        '    response["Retry-After"] = headers["Retry-After"]\n',
        "",
        "pdf-clinician-GET-prescriptions:handout_pdf-",
    ),
    Protection(
        "429: the seconds are those that are left",
        "accounts/limits.py",
        "return max(1, math.ceil((began_at + slot.window - at).total_seconds()))",
        "return math.ceil(slot.window.total_seconds())",
        ("tests/accounts/test_limiting.py::test_each_person_has_so_many_in_a_while_and_is_told_how_long_to_wait",),
    ),
    Protection(
        "429: many at once over several workers",
        "accounts/limits.py",
        "    if _counted(slot, at):\n        return 0\n    TryCount",
        "    row = TryCount.objects.filter(pk=slot.key)\n"
        '    if row.filter(tries__lt=slot.most).exists() and row.update(tries=F("tries") + 1):\n'
        "        return 0\n    TryCount",
        ("tests/accounts/test_limiting.py::test_of_several_who_wait_for_the_last_one_it_is_given_to_one",),
        on="postgres",
    ),
    Protection(
        "429: a visitor counts by the range",
        LIMITING,
        'return f"range {limits.address_range(get_adapter().get_client_ip(request))}"',
        'return f"range {get_adapter().get_client_ip(request)}"',
        ("tests/accounts/test_limiting.py::test_who_is_not_signed_in_counts_by_the_range_that_they_come_from",),
    ),
    # Outages
    Protection(
        "503 while the database is away",
        "clinic/outages.py",
        "    if not is_outage(sys.exception()):\n",
        "    if True:\n",
        (f"{OUTAGES}test_sqlite_says_later_too",),
    ),
    Protection(
        "503 with the seconds to wait",
        "clinic/outages.py",
        '{"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}',
        '{"Cache-Control": "no-store"}',
        (f"{OUTAGES}test_sqlite_says_later_too",),
    ),
    Protection(
        "503 for nothing that is our mistake",
        "accounts/outages.py",
        'return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"',
        "return True",
        (f"{OUTAGES}test_only_what_passes_by_itself_is_an_outage",),
    ),
    Protection(
        "503 where no page can be answered: for the proxy",
        "operations/health.py",
        '            return "database"\n',
        '            return ""\n',
        ("tests/operations/test_health.py::test_without_a_database_it_lives_and_is_not_ready",),
        on="postgres",
    ),
]
