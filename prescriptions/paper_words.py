"""The fixed words of the handout: the page and the PDF take them from here, so that they say the same."""

from django.utils import dates
from django.utils.translation import gettext

from prescriptions.showing import Routine, State


def labels() -> dict[str, str]:
    """Headings and captions in the language that is active; names in braces are filled in where they are printed."""
    return {
        "title": gettext("Your stretches"),
        "qr_alt": gettext("QR code that opens your page"),
        "qr": gettext("Open on your phone"),
        "when_to_stretch": gettext("When to stretch"),
        "paused": gettext("Paused: ask your clinic"),
        "not_for_now": gettext("Do not do these for now."),
        "take_care": gettext("Take care"),
        "note_for_you": gettext("Note for you"),
        "stop_if": gettext("Stop if you notice:"),
        "tick_off": gettext("Tick off each day"),
        "stretch": gettext("Stretch"),
        "get_help": gettext("When to get help"),
        "page": gettext("Page {page} of {pages}"),
    }


def days_of_the_week() -> tuple[str, ...]:
    """Monday to Sunday, short."""
    return tuple(str(dates.WEEKDAYS_ABBR[day]) for day in range(7))


def mark_of(state: State) -> tuple[str, str]:
    """What is stamped across each page, and said in full, of what is not to be followed; empty if it is in force."""
    match state:
        case State.DRAFT:
            return gettext("Draft"), gettext("Draft: not in force")
        case State.ON_HOLD:
            return gettext("On hold"), gettext("On hold: do not stretch for now")
        case State.ENDED:
            return gettext("Not in force"), gettext("No longer in force")
        case State.STOPPED:
            return gettext("Stopped"), gettext("Stopped: do not stretch until your clinic says so")
        case _:
            return "", ""


def who_watches(phone: str) -> str:
    """Say plainly that nobody does."""
    if phone:
        words = gettext(
            "Nobody at the clinic sees how you are while you stretch. If you are worried, call the clinic: %(phone)s."
        )
        return words % {"phone": phone}
    return gettext("Nobody at the clinic sees how you are while you stretch. If you are worried, call the clinic.")


def prescribed_words(routine: Routine, *, on: str, by: str) -> str:
    """When it was prescribed, or only written, and by whom."""
    is_prescribed = routine.prescription is not None and routine.prescription.activated_at is not None
    words = gettext("Prescribed on %(day)s by %(name)s") if is_prescribed else gettext("Written on %(day)s by %(name)s")
    return words % {"day": on, "name": by}


def how_long_it_holds(printed_on: str) -> str:
    """Say that paper does not know what changes after it was printed."""
    words = gettext(
        "This paper shows what was right for you on %(day)s. If your health changes, ask your clinic before you go on."
    )
    return words % {"day": printed_on}


def code_words(*, until: str) -> tuple[str, ...]:
    """What the code beside the name asks for, and until when it lets the patient in; nothing if it lets nobody in."""
    if not until:
        return ()
    return gettext("Asks for your date of birth."), gettext("Works once, until %(day)s.") % {"day": until}
