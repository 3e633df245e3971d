"""Where everybody arrives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.models import Clinic
from patients.models import Patient


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page that this person came for; who belongs to no clinic is told so."""
    user = signed_in(request)
    if Clinic.objects.treating(user).exists():
        return redirect("patients:patient_list")
    if Patient.objects.own(user).exists():
        return redirect("routines:routine_today")
    if user.is_staff:
        return redirect("admin:index")
    return render(request, "clinic/home.html")
