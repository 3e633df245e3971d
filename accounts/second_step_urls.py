"""Addresses of the second proof. The views and their names are allauth's."""

from allauth.mfa.base import views as codes
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from accounts.limiting import limited
from accounts.passkeys import one_at_a_time
from accounts.proving import counts_as_shown, for_staff

urlpatterns = [
    path("sign-in/", login_not_required(codes.authenticate), name="mfa_authenticate"),
    path("still-you/", limited("still you", methods=("POST",))(codes.reauthenticate), name="mfa_reauthenticate"),
    path("app/", for_staff(one_at_a_time(counts_as_shown(app.activate_totp))), name="mfa_activate_totp"),
    path("app/remove/", for_staff(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", for_staff(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", for_staff(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
]
