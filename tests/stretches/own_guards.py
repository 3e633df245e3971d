"""The guards around a clinic's own entries, and how each is broken: for ``tests.mutation``."""

GUARDS = [
    (
        "another clinic's rows are not in the admin",
        "stretches/admin/owned.py",
        "= rows.visible_to(signed_in(request))",
        "= rows",
    ),
    ("nor are their versions", "stretches/admin/owned.py", "            raise Http404\n", "            return\n"),
    (
        "a clinic's own is its admins' to write",
        "stretches/admin/owned.py",
        "return request.user.is_superuser or row.clinic_id in administered(request)",
        "return True",
    ),
    (
        "the library is its admins' to write",
        "stretches/admin/owned.py",
        "        return as_library_admin\n",
        "        return True\n",
    ),
    ("actions reach own rows only", "stretches/admin/owned.py", "else queryset.filter(mine)", "else queryset"),
    (
        "nobody gives a row to another clinic",
        "stretches/admin/owned.py",
        "Clinic.objects.filter(pk__in=clinics)",
        "Clinic.objects.all()",
    ),
    ("nor to the library", "stretches/admin/owned.py", '["required"] = not may_write_library', '["required"] = False'),
    (
        "nobody writes about another clinic's stretch",
        "stretches/admin/owned.py",
        "Stretch.objects.filter(Q() if request.user.is_superuser else known)",
        "Stretch.objects.all()",
    ),
    (
        "no list asks through what points to a row",
        "stretches/admin/base.py",
        "return is_forward(self.model, lookup) and super()",
        "return super()",
    ),
    (
        "no count tells of another clinic's rows",
        "stretches/admin/stretches.py",
        'Count("contraindications", filter=seen, distinct=True)',
        'Count("contraindications", distinct=True)',
    ),
    (
        "no row below a stretch is another clinic's",
        "stretches/admin/stretches.py",
        "visible.visible_to(signed_in(request))",
        "visible",
    ),
    (
        "no neighbour is another clinic's",
        "stretches/admin/stretches.py",
        "Stretch.objects.visible_to(signed_in(request))",
        "Stretch.objects.all()",
    ),
    (
        "the library names none of a clinic's own",
        "stretches/admin/stretches.py",
        "if easier.clinic_id not in (None, owner and owner.pk):",
        "if False:",
    ),
    (
        "a picture is for who may see the stretch",
        "stretches/models/stretch.py",
        "self.filter(as_patient | works_in(user))",
        "self",
    ),
    (
        "an edit of one's own is told to nobody else",
        "stretches/models/release.py",
        "            clinic_id=clinic_id,\n",
        "",
    ),
    (
        "a row of one's own is stricter",
        "stretches/models/contraindication.py",
        "if self.clinic_id and self._library_says_as_much():",
        "if False:",
    ),
    (
        "about an own stretch every row is its clinic's",
        "stretches/models/contraindication.py",
        "            self.clinic_id = self.clinic_id if owner_id is None else owner_id\n",
        "",
    ),
    (
        "a draft takes no stretch of another clinic",
        "prescriptions/forms/draft.py",
        "Stretch.objects.in_clinic(prescription.clinic_id).order_by()",
        "Stretch.objects.order_by()",
    ),
    (
        "a template takes none either",
        "prescriptions/forms/template.py",
        "Stretch.objects.in_clinic(clinic_id).reviewed()",
        "Stretch.objects.reviewed()",
    ),
    (
        "an adapted stretch keeps what speaks against it",
        "stretches/adapting.py",
        'for row in original.contraindications.in_clinic(clinic.pk).prefetch_related("movements"):',
        "for row in original.contraindications.none():",
    ),
]
"""Which guard, its file, a piece that occurs in it once, and what the piece is replaced by."""
