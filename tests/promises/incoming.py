"""What comes in is bounded, understood or refused, and never becomes a part of a page, file or query."""

from tests.promises import Protection

MIDDLEWARE = "accounts/middleware.py"
ADMIN_SITE = "clinic/admin_site.py"
BASE = "stretches/admin/base.py"
PHOTO = "stretches/photos/making.py"

PHOTO_PAGES = "tests/stretches/test_photo_pages.py::"
HOSTILE = ("tests/stretches/test_photos.py::test_what_is_no_photo_is_refused_with_the_reason",)
QUERIES = "tests/permissions/test_queries.py::"
NUL = ("tests/permissions/test_junk.py::test_a_nul_in_an_address_is_left_out",)
EMPTY = (f"{QUERIES}test_an_empty_name_of_a_field_is_none",)
INJECTED = ("tests/permissions/test_injection.py::test_no_text_becomes_a_part_of_a_page",)

PROTECTIONS = [
    Protection(
        "a body has 4 MB, looked at before it is read",
        MIDDLEWARE,
        "if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE or (",
        "if True or (",
        (
            f"{PHOTO_PAGES}test_a_body_without_end_is_refused_before_it_is_read",
            f"{PHOTO_PAGES}test_only_staff_send_files",
        ),
    ),
    Protection(
        "files come from staff only",
        MIDDLEWARE,
        "(size <= settings.FILES_MAX_SIZE and _sends_files(request))",
        "size <= settings.FILES_MAX_SIZE",
        (f"{PHOTO_PAGES}test_only_staff_send_files",),
    ),
    Protection(
        "and have 50 MB in all",
        MIDDLEWARE,
        "(size <= settings.FILES_MAX_SIZE and _sends_files(request))",
        "_sends_files(request)",
        (f"{PHOTO_PAGES}test_a_body_without_end_is_refused_before_it_is_read",),
    ),
    Protection(
        "what is typed has 4 MB",
        "clinic/settings.py",
        "DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000",
        "DATA_UPLOAD_MAX_MEMORY_SIZE = 40_000_000",
        (f"{PHOTO_PAGES}test_only_staff_send_files",),
    ),
    Protection("a photo has 10 MB", PHOTO, "    if len(data) > BYTES_MAX:\n", "    if False:\n", HOSTILE),
    Protection(
        "a photo has 25 megapixels, counted before it is decoded",
        PHOTO,
        "    if width * height > PIXELS_MAX:\n",
        "    if False:\n",
        HOSTILE,
    ),
    Protection(
        "a photo is a JPEG, PNG or WebP by content",
        PHOTO,
        "    if kind is None:\n        raise PhotoError",
        "    if kind is None:\n        kind = JpegImageFile\n    if not data:\n        raise PhotoError",
        HOSTILE,
    ),
    Protection(
        "a photo is no page or archive besides",
        PHOTO,
        "    if _is_more_than_a_photo(data):\n",
        "    if False:\n",
        HOSTILE,
    ),
    Protection(
        "a photo moves in no way",
        PHOTO,
        '        if getattr(image, "is_animated", False):\n',
        "        if False:\n",
        HOSTILE,
    ),
    Protection(
        "of a photo no note of place or camera stays",
        PHOTO,
        "    return Photo(_encoded(large), _encoded(small), *large.size)",
        "    return Photo(data, _encoded(small), *large.size)",
        ("tests/stretches/test_photos.py::test_a_photo_is_turned_upright_and_nothing_that_was_noted_stays",),
    ),
    Protection(
        "an uploaded file is never a page",
        "stretches/views/pictures.py",
        "\"Content-Security-Policy\": \"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox\",",
        "",
        (f"{PHOTO_PAGES}test_stretch_photo_is_a_picture_and_nothing_else",),
    ),
    Protection(
        "NUL in an address breaks no page of the admin site",
        ADMIN_SITE,
        '    if "%00" in request.META.get("QUERY_STRING", "") or ',
        "    if ",
        NUL,
        on="postgres",
    ),
    Protection(
        "NUL in a tick of the admin site is refused",
        ADMIN_SITE,
        '            if any("\\x00" in ticked for ticked in request.POST.getlist("_selected_action")):\n',
        "            if False:\n",
        ("tests/permissions/test_junk.py::test_a_ticked_row_that_is_none_is_refused",),
        on="postgres",
    ),
    Protection(
        "an empty name of a field is taken out",
        ADMIN_SITE,
        "        if not asked.get(TO_FIELD_VAR):\n            asked.pop(TO_FIELD_VAR, None)\n",
        "",
        EMPTY,
    ),
    Protection(
        "or refused where it is sent",
        ADMIN_SITE,
        '    if request.POST.get(TO_FIELD_VAR) == "":\n',
        "    if False:\n",
        EMPTY,
    ),
    Protection(
        "nobody looks rows up by what points to them",
        BASE,
        "return is_forward(self.model, lookup) and super()",
        "return super()",
        ("tests/permissions/test_junk.py::test_the_catalogue_is_looked_up_by_its_own_fields_only",),
    ),
    Protection(
        "what a page is asked for is one of its choices",
        "patients/views/patient.py",
        "    if filters.is_mine:\n",
        '    if order := request.GET.get("order", ""):\n'
        "        patients = patients.order_by(order)\n    if filters.is_mine:\n",
        (f"{QUERIES}test_no_page_of_ours_sorts_or_filters_by_a_field_of_the_readers_choice",),
    ),
    Protection(
        "no text becomes a part of a page",
        "clinic/settings.py",
        '        "OPTIONS": {\n            "context_processors": [',
        '        "OPTIONS": {\n            "autoescape": False,\n            "context_processors": [',
        INJECTED,
    ),
    Protection(
        "no text becomes a formula: the audit record",
        "audit/rows.py",
        """return f"'{cell}" if cell[:1]""",
        """return cell if cell[:1]""",
        ("tests/audit/test_views.py::test_event_csv_is_the_same_and_no_formula",),
    ),
    Protection(
        "switching the language leads nowhere else",
        "accounts/views/reading.py",
        "if url_has_allowed_host_and_scheme(back, allowed_hosts=None):",
        "if back:",
        ("tests/accounts/test_reading.py::test_the_switch_leads_nowhere_else",),
    ),
    Protection(
        "a message leads to a page of ours",
        "accounts/outbox.py",
        '    if path and (not path.startswith("/") or path.startswith("//")):\n',
        "    if False:\n",
        ("tests/accounts/test_outbox.py::test_what_cannot_be_sent_is_not_posted",),
    ),
    Protection(
        "push goes to the services of browsers only",
        "routines/forms/push.py",
        " or not is_known:",
        ":",
        ("tests/routines/test_push.py::test_what_is_no_subscription_is_refused",),
    ),
    Protection(
        "no text becomes a formula: the catalogue",
        "stretches/exchange/cells.py",
        'return f"\'{text}" if _is_risky(text) or text.startswith("\'") else text',
        "return text",
        ("tests/stretches/test_exchange_round_trip.py",),
    ),
]
