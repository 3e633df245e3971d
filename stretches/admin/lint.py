"""The page of what should be put right in the catalogue."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from stretches import lint
from stretches.models import ContraindicationProposal

SHOWN = 100
"""Findings a kind; the rest is counted."""


class LintPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds the page to the admin of stretches."""

    def get_urls(self) -> Any:
        """Add its address before those that end in a key."""
        view = self.admin_site.admin_view(require_safe(self.lint_view))
        return [path("lint/", view, name="stretches_stretch_lint"), *super().get_urls()]

    def lint_view(self, request: HttpRequest) -> HttpResponse:
        """Show what was found, the gravest first, each with a link to where it is put right."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = lint.sections(signed_in(request))
        context = {
            **self.admin_site.each_context(request),
            "title": "What to put right",
            "opts": self.opts,
            "sections": [
                (section, [(each, _address(each)) for each in section.findings[:SHOWN]], len(section.findings) - SHOWN)
                for section in found
            ],
            "count": sum(len(section.findings) for section in found),
        }
        return TemplateResponse(request, "admin/stretches/stretch/lint.html", context)


def _address(finding: lint.Finding) -> str:
    if finding.model is None:
        return ""
    if finding.model is ContraindicationProposal:  # decided on the page of their stretch
        return reverse("admin:stretches_stretch_review", args=[finding.pk])
    return reverse(f"admin:stretches_{finding.model._meta.model_name}_change", args=[finding.pk])
