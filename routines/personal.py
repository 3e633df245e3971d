"""What is stored of what patients did and said, field by field: see ``accounts.personal``.

What somebody logged from day to day is counted and then removed when they are erased: what it led to, a pause, a stop
or a proposal, says so in words of its own and is kept as part of the record.
"""

from django.utils.translation import gettext_lazy as _

from accounts.personal import Table

TABLES = (
    Table(
        "routines.SessionLog",
        "On which days somebody did the routine.",
        not_personal="clinic",
        anonymise="id patient prescription on part_of_day first_logged_at",
        patient="patient",
        title=_("Days on which you did your routine"),
    ),
    Table(
        "routines.StretchLog",
        "How each stretch went. What stays is how often a stretch was done in a year, and how much it hurt on average.",
        not_personal="clinic",
        anonymise="id session item stretch outcome skip_reason held_seconds pain_score has_spread effort note"
        " has_settled settled_answered_at pause logged_at received_at",
        patient="session__patient",
        title=_("How it went"),
    ),
    Table(
        "routines.Proposal",
        "A change of dose that was proposed, and who decided about it.",
        not_personal="clinic",
        keep="id patient prescription item kind from_hold_seconds to_hold_seconds to_stretch rationale proposed_at"
        " status decided_by decided_at decision_note",
        patient="patient",
        title=_("Changes that were proposed"),
    ),
    Table(
        "routines.Proposal_logs",
        "Which logs a proposal rests on; its own words say it too.",
        not_personal="id",
        anonymise="proposal stretchlog",
        patient="proposal__patient",
    ),
    Table(
        "routines.PushSubscription",
        "A phone that shows reminders.",
        not_personal="id",
        erase="user endpoint p256dh auth added_at",
        never_given="endpoint p256dh auth",
        user="user",
        off_paper="user",
        title=_("Phones that show reminders"),
    ),
    Table(
        "routines.RedFlagScreen",
        "When somebody was asked about red flags.",
        not_personal="clinic",
        keep="id patient stop answered_at received_at",
        patient="patient",
        title=_("When you were asked about warning signs"),
    ),
    Table(
        "routines.RedFlagAnswer",
        "What they answered.",
        not_personal="clinic",
        keep="id screen question wording is_yes",
        patient="screen__patient",
        title=_("Your answers"),
    ),
    Table(
        "routines.ReminderPreference",
        "Whether and how somebody wants to be reminded.",
        not_personal="clinic",
        erase="id patient is_on by_mail is_repeated is_discreet quiet_since quiet_until time_zone feed_hash plan_at"
        " changed_at",
        never_given="feed_hash",
        patient="patient",
        title=_("Reminders"),
    ),
    Table(
        "routines.ReminderTime",
        "At what times.",
        not_personal="clinic",
        erase="id preference part_of_day time anchor",
        patient="preference__patient",
        title=_("Times of your reminders"),
    ),
)
