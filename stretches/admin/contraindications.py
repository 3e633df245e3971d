"""Contraindications, and the rules by which they are proposed."""

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import signed_in
from stretches.admin.base import HistoricCatalogueAdmin
from stretches.admin.forms import VersionedForm
from stretches.admin.impact import AsksAboutImpact, Notice, in_words
from stretches.admin.owned import NONE_OF_YOURS, OwnedAdmin, stretches_to_write_about
from stretches.models import Contraindication, MovementRule, Severity, SignOff, Stretch
from stretches.proposing import propose


class SignOffForm(ActionForm):
    """As what somebody signs, beside the action."""

    registration = forms.CharField(
        label="Your registration, to sign:",
        required=False,
        max_length=120,
        widget=forms.TextInput({"placeholder": "Physiotherapist, HCPC PH12345", "autocomplete": "off"}),
    )


@admin.register(Contraindication)
class ContraindicationAdmin(OwnedAdmin, AsksAboutImpact, HistoricCatalogueAdmin):
    """Contraindications; to move one elsewhere, delete it and write it anew."""

    list_display = ("stretch", "condition_code", "severity", "window_words", "confidence", "origin", "whose")
    list_filter = ("severity", "confidence", "origin", "source__verification")
    list_select_related = ("stretch", "condition_code", "clinic")
    search_fields = ("code", "stretch__name", "condition_code__name", "rationale")
    autocomplete_fields = ("stretch", "condition_code", "source")
    filter_horizontal = ("movements",)
    actions = ("sign",)
    action_form = SignOffForm
    fieldsets = (
        (None, {"fields": ["stretch", "condition_code", "severity", ("from_week", "until_week"), "rationale"]}),
        ("Where it comes from", {"fields": ["source", "confidence", "origin", "movements"]}),
    )

    @admin.action(description="Sign the selected contraindications", permissions=["change"])
    def sign(self, request: HttpRequest, queryset: QuerySet[Contraindication]) -> None:
        """Put this person's name and registration under each, as it is now."""
        registration = " ".join(request.POST.get("registration", "").replace("\x00", "").split())[:120]
        if not registration:
            messages.error(request, "Say under “Your registration” as what you sign. Nothing was signed.")
            return
        rows = list(queryset.select_related("source"))
        if not rows:
            messages.warning(request, NONE_OF_YOURS)
            return
        signed = SignOff.sign(rows, by=signed_in(request), registration=registration, at=timezone.now())
        words = f"Signed: {len(signed):,} of {len(rows):,}. Once a row says something else, sign it anew."
        if len(signed) < len(rows):
            words += " The others carry this signature already."
        messages.success(request, words) if signed else messages.warning(request, words)

    @admin.display(description="window")
    def window_words(self, row: Contraindication) -> str:
        """When it applies."""
        return row.window_words or "always"

    def concerns(self, row: Contraindication) -> list[uuid.UUID]:
        """Its stretch, locked: of two who save at once, the second sees what the first did."""
        self.lock(row)
        return [row.stretch_id]

    def regraded(self, row: Contraindication, form: Any) -> Iterator[tuple[Stretch, str]]:
        """Its stretch, when it is more or less severe by now; of a clinic's own row the other clinics are not told."""
        if "severity" in form.changed_data and row.clinic_id == row.stretch.clinic_id:
            was = dict(Severity.choices).get(form.initial["severity"], form.initial["severity"])
            yield row.stretch, f"{row.condition_code}: {was} → {row.get_severity_display()}"

    def lock(self, row: Contraindication) -> None:
        """Lock the stretch, as activations do."""
        list(Stretch.objects.select_for_update(no_key=True).filter(pk=row.stretch_id).values_list("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what the row is about: another stretch or condition is another row."""
        kept = ("stretch", "condition_code") if obj else ()
        return (*kept, *super().get_readonly_fields(request, obj))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take stretches of the library, and of the clinics whose admin this person is."""
        if db_field.name == "stretch":
            kwargs["queryset"] = stretches_to_write_about(request, of_library=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MovementRuleForm(VersionedForm):
    """A rule, and what becomes of the stretches that lack what it asks for."""

    NOW, LATER = "now", "later"
    settling = forms.ChoiceField(
        label="For stretches that lack what it asks for",
        choices=[
            (NOW, "Write the contraindication for each of them now"),
            (LATER, "Propose it, to decide stretch by stretch: until then they are drafts, and offered to nobody"),
        ],
        initial=NOW,
        required=False,
        widget=forms.RadioSelect,
        help_text="You see whom it concerns before anything is saved.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for movements, or for none of them and every stretch."""
        cleaned = super().clean()
        if bool(cleaned.get("movements")) is bool(cleaned.get("applies_to_every_stretch")):
            self.add_error("movements", "Choose movements, or tick that it applies to every stretch; not both.")
        return cleaned


@admin.register(MovementRule)
class MovementRuleAdmin(AsksAboutImpact, HistoricCatalogueAdmin):
    """Rules from movements to contraindications. A new or changed one proposes rows for every stretch it matches."""

    form = MovementRuleForm
    list_display = ("condition_code", "severity", "window_words", "applies_to_every_stretch", "confidence")
    list_filter = ("severity", "confidence", "applies_to_every_stretch", "movements")
    list_select_related = ("condition_code",)
    search_fields = ("condition_code__name", "rationale")
    autocomplete_fields = ("condition_code", "source")
    filter_horizontal = ("movements",)
    fieldsets = (
        (None, {"fields": ["condition_code", "applies_to_every_stretch", "movements"]}),
        ("What follows", {"fields": ["severity", ("from_week", "until_week"), "rationale", "settling"]}),
        ("Where it comes from", {"fields": ["source", "confidence"]}),
    )

    def concerns(self, row: MovementRule) -> None:
        """Any stretch: which ones match shows after the last write."""

    def ask_the_rules(
        self, request: HttpRequest, stretch_ids: Collection[uuid.UUID] | None, why: str, row: Any = None
    ) -> list[Notice]:
        """Accept for every stretch what this rule asks for, unless each shall be decided by itself."""
        is_later = row is None or request.POST.get("settling") == MovementRuleForm.LATER
        proposed = propose(
            stretch_ids, by=signed_in(request), at=timezone.now(), why=why, accepting=None if is_later else row
        )
        follows = list(in_words(request, proposed.new_count, proposed.reopened))
        if proposed.accepted_count:
            words = f"Contraindications written: {proposed.accepted_count:,}, as the rule asks for."
            follows.insert(0, (messages.INFO, words))
        return follows

    @admin.display(description="window")
    def window_words(self, row: MovementRule) -> str:
        """When it applies."""
        return row.window_words or "always"
