"""Pages about a person's own account."""

from accounts.views.drafts import draft_add, draft_record
from accounts.views.reading import reading_edit
from accounts.views.second_step import second_step_detail
from accounts.views.sessions import session_detail, session_edit, session_list, session_revoke
from accounts.views.staff import (
    staff_invitation_accept,
    staff_invitation_add,
    staff_invitation_revoke,
    staff_list,
)

__all__ = [
    "draft_add",
    "draft_record",
    "reading_edit",
    "second_step_detail",
    "session_detail",
    "session_edit",
    "session_list",
    "session_revoke",
    "staff_invitation_accept",
    "staff_invitation_add",
    "staff_invitation_revoke",
    "staff_list",
]
