"""Every address of Limber starts here."""

from allauth.account import views as account
from django.contrib import admin
from django.http import Http404
from django.urls import include, path
from django.views.defaults import page_not_found

from accounts.again import asks_again
from clinic.views import queue

handler500 = "clinic.outages.failure"
urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.attention_list, name="attention_list"),
    path(
        "queue/<uuid:pk>/<slug:kind>/<slug:subject>/",
        queue.attention_decision_record,
        name="attention_decision_record",
    ),
    path("", include("routines.urls")),
    path("", include("prescriptions.urls")),
    path("", include("patients.urls")),
    path("", include("stretches.urls")),
    path("", include("accounts.urls")),
    # An address is how somebody is known: the clinic changes it, not whoever sits at an open screen.
    path("accounts/email/", page_not_found, {"exception": Http404()}, name="account_email"),
    path("accounts/password/change/", asks_again(account.password_change), name="account_change_password"),
    path("accounts/password/set/", asks_again(account.password_set), name="account_set_password"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/passkeys/", include("accounts.passkey_urls")),
    path("accounts/second-step/", include("accounts.second_step_urls")),
    path("admin/", admin.site.urls),
]
