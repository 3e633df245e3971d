"""Sessions end, what matters most asks again, links work once."""

from tests.promises import Protection

SESSIONS = "accounts/sessions.py"
URLS = "clinic/urls.py"
MIDDLEWARE = "accounts/middleware.py"
LINK = "accounts/models/single_use_link.py"
INVITATION = "patients/models/invitation.py"
STAFF_INVITATION = "accounts/models/staff_invitation.py"
ADMIN = "accounts/admin.py"

ENDS = "tests/accounts/test_sessions.py::"
PAGES = "tests/accounts/test_session_pages.py::"
STAFF = "tests/accounts/test_staff_invitations.py::"
PATIENTS = "tests/patients/test_invitations.py::"
OVER = f"{STAFF}test_a_link_that_is_over_lets_nobody_in"
AGAIN = f"{STAFF}test_ten_minutes_later_it_is_asked_who_one_is"
EVERYTHING = "tests/clinic/test_everything.py::"
IN_TIME = f"{ENDS}test_it_ends_when_nothing_is_done"
IN_ALL = f"{ENDS}test_it_ends_however_busy_somebody_is"
TYPED = f"{PAGES}test_what_was_sent_in_too_late_waits_on_its_page_for_who_typed_it"
MINUTES = "datetime.timedelta(minutes="
ONCE = "tests/patients/test_links_once.py::"


def _again(what: str, path: str, view: str, test: str) -> Protection:
    """A view that asks once more who somebody is."""
    return Protection(f"sudo: {what}", path, f"@asks_again\ndef {view}(", f"def {view}(", (test,))


PROTECTIONS = [
    # Sessions end
    Protection(
        "staff: 15 minutes idle",
        SESSIONS,
        f"STAFF = Limit(idle={MINUTES}15)",
        f"STAFF = Limit(idle={MINUTES}16)",
        (IN_TIME,),
    ),
    Protection(
        "patients: 60 minutes idle",
        SESSIONS,
        f"PATIENTS = Limit(idle={MINUTES}60)",
        f"PATIENTS = Limit(idle={MINUTES}61)",
        (IN_TIME,),
    ),
    Protection("staff: 12 hours in all", SESSIONS, "timedelta(hours=12)", "timedelta(hours=13)", (IN_ALL,)),
    Protection("patients: 24 hours in all", SESSIONS, "timedelta(hours=24)", "timedelta(hours=25)", (IN_ALL,)),
    Protection(
        "a session is none after the date that is stored with it",
        "accounts/models/session.py",
        "session_key=key, expire_date__gt=at",
        "session_key=key, expire_date__isnull=False",
        (f"{ENDS}test_it_ends_on_the_date_that_is_stored_with_it",),
    ),
    Protection(
        "a cookie that can be no key is asked of no table",
        SESSIONS,
        "(key)) and key.isalnum()",
        "(key))",
        (f"{ENDS}test_a_cookie_that_can_be_no_key_is_nobodys",),
        on="postgres",
    ),
    Protection(
        "a session that is over is ended",
        MIDDLEWARE,
        "            if session.is_over(at=at):\n",
        "            if False:\n",
        (IN_TIME,),
    ),
    Protection(
        "who works here has the limits of staff",
        SESSIONS,
        "return STAFF if self.is_staffs else PATIENTS",
        "return PATIENTS",
        (IN_TIME,),
    ),
    Protection(
        "only a person's doing keeps a session",
        MIDDLEWARE,
        "            if BACKGROUND not in request.headers:\n",
        "            if True:\n",
        (f"{ENDS}test_what_a_page_asks_for_on_its_own_keeps_nothing_alive",),
    ),
    Protection(
        "what is stored of its own accord is no sign of life",
        SESSIONS,
        "            seen_at=self.seen_at or timezone.now(),",
        "            seen_at=timezone.now(),",
        (f"{PAGES}test_what_is_stored_of_its_own_accord_is_no_sign_of_life",),
    ),
    Protection(
        "the button that keeps a session does not lengthen the day",
        SESSIONS,
        "return min(since + limit.in_all, seen_at + limit.idle)",
        "return seen_at + limit.idle",
        (f"{PAGES}test_session_edit_goes_on_from_now_and_never_beyond_the_day",),
    ),
    Protection(
        "one sees where one is signed in, and ends it there",
        "accounts/views/sessions.py",
        "    others.filter(session_key__in=keys).delete()\n",
        "",
        (f"{PAGES}test_session_revoke_ends_one_or_all_others_and_nobody_elses",),
    ),
    Protection(
        "the list shows no key that opens a session",
        SESSIONS,
        'return salted_hmac("accounts.sessions.mark", session.session_key, algorithm="sha256").hexdigest()[:24]',
        "return session.session_key",
        (f"{PAGES}test_session_list_names_each_device_and_no_key",),
    ),
    Protection(
        "what was typed waits for its author only",
        "accounts/drafts.py",
        "draft = Draft.objects.filter(user=user, path=path).first()",
        "draft = Draft.objects.filter(path=path).first()",
        (TYPED,),
    ),
    Protection(
        "what was typed when a session ended is not lost",
        MIDDLEWARE,
        "kept = drafts.keep_sent(",
        "kept = False and drafts.keep_sent(",
        (TYPED,),
    ),
    Protection("it lies sealed", "accounts/drafts.py", '"sealed": seal(text)', '"sealed": text', (TYPED,)),
    Protection(
        "it is given back once",
        "accounts/drafts.py",
        "    draft.delete()\n    if at - draft",
        "    if at - draft",
        (TYPED,),
    ),
    Protection(
        "passwords and codes are not kept",
        "accounts/drafts.py",
        "if not NEVER_KEPT.search(name)]",
        "]",
        (f"{PAGES}test_what_is_not_kept",),
    ),
    Protection(
        "it is kept for a day",
        "accounts/drafts.py",
        "    if at - draft.kept_at >= KEPT_FOR:\n        return []\n",
        "",
        (f"{PAGES}test_a_day_later_it_is_forgotten",),
    ),
    # What matters most asks again
    Protection(
        "sudo: for ten minutes",
        "accounts/passkeys.py",
        "LATELY = datetime.timedelta(minutes=10)",
        "LATELY = datetime.timedelta(minutes=100)",
        (AGAIN,),
    ),
    Protection(
        "sudo: ten minutes after showing it, too",
        "clinic/settings.py",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT = 600",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT = 6000",
        ("tests/accounts/test_ways_in.py::test_who_has_shown_it_is_asked_again_after_ten_minutes",),
    ),
    Protection(
        "sudo: changing a password", URLS, "asks_again(account.password_change)", "account.password_change", (AGAIN,)
    ),
    Protection("sudo: setting a password", URLS, "asks_again(account.password_set)", "account.password_set", (AGAIN,)),
    Protection(
        "sudo: passkeys and authenticator apps",
        "accounts/adapter.py",
        "        if passkeys.came_in_lately(request.session, at=timezone.now()):\n",
        "        if True:\n",
        (AGAIN,),
    ),
    Protection(
        "sudo: mail addresses, rights and roles in the admin site",
        ADMIN,
        "return ask_again(request) or super().changeform_view(",
        "return super().changeform_view(",
        (AGAIN,),
    ),
    Protection(
        "sudo: taking a role away",
        ADMIN,
        "return ask_again(request) or super().delete_view(",
        "return super().delete_view(",
        (AGAIN,),
    ),
    Protection(
        "sudo: somebody else's password",
        ADMIN,
        "return ask_again(request) or super().user_change_password(",
        "return super().user_change_password(",
        (AGAIN,),
    ),
    _again("giving a role by invitation", "accounts/views/staff.py", "staff_invitation_add", AGAIN),
    _again(
        "the audit record as a file",
        "audit/views.py",
        "event_csv",
        "tests/audit/test_views.py::test_event_csv_asks_who_one_is",
    ),
    *(
        _again(f"everything of a patient: {view}", "clinic/views/privacy.py", view, f"{EVERYTHING}{test}")
        for view, test in (
            ("own_erasure_request_add", "test_own_pages_ask_once_more_who_it_is"),
            ("own_everything_json", "test_own_pages_ask_once_more_who_it_is"),
            ("own_everything_pdf", "test_own_pages_ask_once_more_who_it_is"),
            ("everything_json", "test_a_clinicians_download_asks_too_and_names_nobody"),
            ("everything_pdf", "test_a_clinicians_download_asks_too_and_names_nobody"),
        )
    ),
    _again(
        "erasing",
        "clinic/views/erasure.py",
        "erasure_request_record",
        "tests/clinic/test_erasure_pages.py::test_deciding_asks_once_more_who_it_is",
    ),
    # Links
    Protection(
        "a link works once",
        LINK,
        "return self.filter(used_at__isnull=True, revoked_at__isnull=True)",
        "return self.filter(revoked_at__isnull=True)",
        (OVER,),
    ),
    Protection(
        "a link is withdrawn",
        LINK,
        "return self.filter(used_at__isnull=True, revoked_at__isnull=True)",
        "return self.filter(used_at__isnull=True)",
        (OVER,),
    ),
    Protection(
        "a link ends", LINK, "return self.untouched().filter(expires_at__gt=at)", "return self.untouched()", (OVER,)
    ),
    Protection(
        "after 72 hours",
        LINK,
        "VALID_FOR = datetime.timedelta(hours=72)",
        "VALID_FOR = datetime.timedelta(hours=73)",
        (f"{STAFF}test_only_the_hash_is_stored_and_it_lasts_three_days", f"{PATIENTS}test_it_ends_after_three_days"),
    ),
    Protection(
        "a new link withdraws the last: staff",
        STAFF_INVITATION,
        "            own.filter(address=address, role=role).untouched().update(revoked_at=at)\n",
        "",
        (OVER,),
    ),
    Protection(
        "a new link withdraws the last: patients",
        INVITATION,
        "        own.untouched().update(revoked_at=at)\n",
        "",
        (f"{PATIENTS}test_a_new_invitation_withdraws_the_last",),
    ),
    Protection(
        "a link for staff ends with its author's rights",
        STAFF_INVITATION,
        ".filter(models.Exists(manages), created_by__is_active=True)",
        "",
        (OVER,),
    ),
    Protection(
        "only the hash of a link is stored",
        "accounts/tokens.py",
        "return hashlib.sha256(token.encode()).hexdigest()",
        "return token[:64]",
        (f"{STAFF}test_only_the_hash_is_stored_and_it_lasts_three_days", f"{PATIENTS}test_the_token_is_stored_nowhere"),
    ),
    Protection(
        "a link opens no sign-in that exists: staff",
        STAFF_INVITATION,
        "            if user is not None and (visitor != user or not user.is_active):\n",
        "            if False:\n",
        (f"{STAFF}test_a_link_is_no_way_into_a_sign_in_that_exists",),
    ),
    Protection(
        "a link opens no sign-in that is more than the record: patients",
        INVITATION,
        "if not user.is_active or not (has_proof or (patient.user_id == user.pk and _opens_only(user, patient))):",
        "if not user.is_active:",
        (f"{PATIENTS}test_paper_opens_no_sign_in_that_holds_another_clinics_record",),
    ),
    Protection(
        "a clinician's sign-in is opened by no patient's link",
        INVITATION,
        "        if visitor != user and (user.is_staff or user.memberships.exists()):\n",
        "        if False:\n",
        (f"{PATIENTS}test_a_clinicians_own_sign_in_is_never_opened_by_a_link",),
    ),
    Protection(
        "a mail proves the address, and puts out whoever was in before",
        INVITATION,
        "                        passkeys.forget_all(user)\n",
        "",
        (f"{PATIENTS}test_a_mail_proves_the_address_and_puts_out_whoever_was_in_before",),
    ),
    Protection(
        "five wrong dates of birth end a link",
        INVITATION,
        "                locked.tries_left -= 1\n",
        "                pass\n",
        (f"{PATIENTS}test_after_five_wrong_dates_the_right_one_does_not_help",),
    ),
    Protection(
        "a patient's link that was opened in time is asked again under the lock",
        INVITATION,
        "            if locked is None or not locked.is_open(at=at):\n",
        "            if locked is None:\n",
        (f"{ONCE}test_a_link_that_was_read_before_it_was_used_lets_nobody_in",),
    ),
    Protection(
        "a link for staff is asked again under the lock",
        STAFF_INVITATION,
        "            if not StaffInvitation.objects.open(at=at).filter(pk=locked.pk).exists():\n",
        "            if False:\n",
        (f"{ONCE}test_a_link_that_was_read_before_it_was_used_lets_nobody_in",),
    ),
    Protection(
        "of many who open a patient's link at once one comes in",
        INVITATION,
        "locked = Invitation.objects.select_for_update().filter(pk=self.pk).first()",
        "locked = Invitation.objects.filter(pk=self.pk).first()",
        (f"{ONCE}test_wrong_dates_at_once_are_all_counted",),
        on="postgres",
    ),
    Protection(
        "of many who open a link for staff at once one comes in",
        STAFF_INVITATION,
        "locked = StaffInvitation.objects.select_for_update().get(pk=self.pk)",
        "locked = StaffInvitation.objects.get(pk=self.pk)",
        (f"{ONCE}test_of_many_who_open_a_link_at_once_one_comes_in",),
        on="postgres",
    ),
]
