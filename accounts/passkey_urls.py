"""Addresses of one's passkeys. The views and their names are allauth's; only these of allauth.mfa are open."""

from allauth.mfa.webauthn import views
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from accounts.limiting import limited
from accounts.passkeys import one_at_a_time
from accounts.proving import counts_as_shown

POST = ("POST",)
urlpatterns = [
    path("", views.list_webauthn, name="mfa_list_webauthn"),
    path("", views.list_webauthn, name="mfa_index"),  # where allauth leads after adding one
    path("add/", one_at_a_time(counts_as_shown(views.add_webauthn)), name="mfa_add_webauthn"),
    path("<int:pk>/edit/", views.edit_webauthn, name="mfa_edit_webauthn"),
    path("<int:pk>/remove/", views.remove_webauthn, name="mfa_remove_webauthn"),
    path(
        "still-you/",
        limited("passkey", methods=POST)(views.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "sign-in/",
        login_not_required(limited("passkey", methods=POST)(views.login_webauthn)),
        name="mfa_login_webauthn",
    ),
]
