"""What somebody shows beside a password or a code by mail."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import second_step
from accounts.access import signed_in
from accounts.proving import for_staff


@require_safe
@for_staff
def second_step_detail(request: HttpRequest) -> HttpResponse:
    """Which proofs somebody has; where one is missing, how to make it."""
    user = signed_in(request)
    context = {
        "proofs": second_step.proofs_of(user),
        "is_due": second_step.is_due(request),
        "is_required": settings.REQUIRE_STAFF_MFA,
    }
    return render(request, "accounts/second_step_detail.html", context)
