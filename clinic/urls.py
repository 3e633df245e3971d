"""Every address of Limber starts here."""

from allauth.account import views as account
from django.contrib import admin
from django.http import Http404
from django.urls import include, path, re_path
from django.views.defaults import page_not_found

from accounts.again import asks_again
from accounts.limiting import limited
from clinic.views import erasure, privacy, queue

handler500 = "clinic.outages.failure"
POST = ("POST",)
urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.attention_list, name="attention_list"),
    path(
        "queue/<uuid:pk>/<slug:kind>/<slug:subject>/",
        queue.attention_decision_record,
        name="attention_decision_record",
    ),
    # Everything about a patient, and having it erased
    path("my-data/", privacy.own_everything_detail, name="own_everything_detail"),
    path("my-data/everything.json", privacy.own_everything_json, name="own_everything_json"),
    path("my-data/everything.pdf", privacy.own_everything_pdf, name="own_everything_pdf"),
    path("my-data/<uuid:pk>/erasure/", privacy.own_erasure_request_add, name="own_erasure_request_add"),
    path("my-data/<uuid:pk>/erasure/back/", privacy.own_erasure_request_revoke, name="own_erasure_request_revoke"),
    path("patients/<uuid:pk>/everything/", privacy.everything_detail, name="everything_detail"),
    path("patients/<uuid:pk>/everything.json", privacy.everything_json, name="everything_json"),
    path("patients/<uuid:pk>/everything.pdf", privacy.everything_pdf, name="everything_pdf"),
    path("patients/<uuid:pk>/erasure/", privacy.erasure_request_add, name="erasure_request_add"),
    path("erasures/", erasure.erasure_request_list, name="erasure_request_list"),
    path("erasures/<uuid:pk>/", erasure.erasure_request_record, name="erasure_request_record"),
    path("", include("routines.urls")),
    path("", include("prescriptions.urls")),
    path("", include("patients.urls")),
    path("", include("stretches.urls")),
    path("", include("accounts.urls")),
    path("", include("audit.urls")),
    # An address is how somebody is known: the clinic changes it, not whoever sits at an open screen.
    path("accounts/email/", page_not_found, {"exception": Http404()}, name="account_email"),
    path(
        "accounts/password/change/",
        limited("password change", methods=POST)(asks_again(account.password_change)),
        name="account_change_password",
    ),
    path("accounts/password/set/", asks_again(account.password_set), name="account_set_password"),
    # allauth counts these in each worker alone.
    path(
        "accounts/password/reset/",
        limited("new password", methods=POST)(account.password_reset),
        name="account_reset_password",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        limited("new password by link")(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/reauthenticate/",
        limited("still you", methods=POST)(account.reauthenticate),
        name="account_reauthenticate",
    ),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/passkeys/", include("accounts.passkey_urls")),
    path("accounts/second-step/", include("accounts.second_step_urls")),
    path("admin/", admin.site.urls),
]
