"""Pages and fields in the words of a clinic's admin; the file for machines keeps the names that code gives them."""

from django.utils.text import capfirst

from accounts.field_words import FIELD_WORDS

VERBS = {
    "list": "list",
    "detail": "page",
    "add": "adding",
    "edit": "editing",
    "activate": "putting into force",
    "revoke": "taking back",
    "complete": "ending",
    "record": "noting",
    "print": "printing",
    "accept": "accepting",
    "apply": "using",
    "hold": "putting on hold",
    "resume": "taking off hold",
    "revise": "new version",
    "move": "changing the order",
    "remove": "removing",
    "reopen": "reopening",
    "json": "download for machines",
    "pdf": "download to read",
    "csv": "download as a table",
}
NOUNS = {
    "attention": "who needs attention",
    "event": "audit record",
    "everything": "everything stored about a patient",
    "look": "who looked at my record",
    "own_data": "own data",
    "own_everything": "everything about me",
    "own_erasure_request": "own request to erase",
    "erasure_request": "request to erase",
    "outcome_score": "outcome",
    "push_subscription": "reminders on a phone",
    "red_flags": "warning signs",
    "session": "sign-in on a device",
    "session_log": "log of a routine",
    "settled": "the morning after",
    "stretch_log": "log of a stretch",
    "version": "earlier versions",
    "withheld_stretch": "stretches that were left out",
}
WHERE = {
    "home": "First page",
    "routine_today": "Routine of today",
    "routine_data": "Routine of today, for a phone",
    "routine_play": "Routine of today, step by step",
    "stretch_pause_lift": "Pause of a stretch: ending",
    "stretch_picture": "Picture of a stretch",
    "stretch_photo": "Photo of a stretch",
    "service_worker": "Routine on a phone",
    "manifest": "Routine on a phone",
}
ADMIN_SITE = "Catalogue and operators' site"
ACCOUNT = "Sign-in and its settings"
NO_PAGE = "No page: done in the database"


def where_in_words(door: str) -> str:
    """Which page it was, from the name of its address; a command keeps its name, by which the operator knows it."""
    app, _, name = door.rpartition(":")
    if app == "admin":
        return ADMIN_SITE
    if name.startswith(("account_", "mfa_")):
        return ACCOUNT
    noun, _, verb = name.rpartition("_")
    if name in WHERE:
        return WHERE[name]
    if verb in VERBS and noun:
        return f"{capfirst(NOUNS.get(noun, noun.replace('_', ' ')))}: {VERBS[verb]}"
    return f"No page: command “{name}”" if name else NO_PAGE


def field_in_words(column: str) -> str:
    """What a column is called; one that is gone is told as it was named."""
    name = column.removesuffix("_id")
    return str(FIELD_WORDS.get(name, name.replace("_", " ")))
