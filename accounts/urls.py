"""Addresses of a person's own account that allauth does not have."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.reading_edit, name="reading_edit"),
    path("accounts/sessions/", views.session_list, name="session_list"),
    path("accounts/sessions/end/", views.session_revoke, name="session_revoke"),
    path("accounts/sessions/left/", views.session_detail, name="session_detail"),
    path("accounts/sessions/stay/", views.session_edit, name="session_edit"),
    path("staff/", views.staff_list, name="staff_list"),
    path("staff/invite/", views.staff_invitation_add, name="staff_invitation_add"),
    path("staff/invitations/<uuid:pk>/revoke/", views.staff_invitation_revoke, name="staff_invitation_revoke"),
    path("staff/join/<str:token>/", views.staff_invitation_accept, name="staff_invitation_accept"),
    path("accounts/drafts/", views.draft_add, name="draft_add"),
    path("accounts/drafts/back/", views.draft_record, name="draft_record"),
    path("accounts/second-step/", views.second_step_detail, name="second_step_detail"),
]
