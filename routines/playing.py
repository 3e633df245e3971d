"""The words that the player says, shows and announces while it runs; its screens stand in ``routine_play.html``.

Names in braces are filled in by ``static/js/player/words.js``, which picks ``_one`` or ``_other`` by the number.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, "str | Promise | dict[str, str | Promise]"]

WORDS: Words = {
    "sides": {"left": _("Left side"), "right": _("Right side"), "both": ""},
    "phases": {
        "ready": _("Get ready"),
        "hold": _("Hold"),
        "move": _("Move slowly"),
        "rest": _("Rest"),
        "switch": _("Change sides"),
    },
    "outcomes": {"done": _("Done"), "partly": _("Partly done"), "skipped": _("Skipped"), "stopped": _("Stopped")},
    "video_elsewhere": _(
        "{provider} shows this video, not your clinic. Nothing is loaded from there until you open it; then {provider} "
        "learns that you watch it."
    ),
    "watch_on": _("Watch it on {provider}"),
    "start": _("Start"),
    "pause": _("Pause"),
    "go_on": _("Go on"),
    "again": _("Do it again"),
    "next": _("Next stretch"),
    "finish": _("Finish"),
    "all_done": _("Done"),
    "place": _("Stretch {number} of {all}"),
    "turn": _("{number} of {all}"),
    "hold_today": _("Hold for {seconds} seconds today."),
    "hold_towards": _("Hold for {seconds} seconds today. The aim is {target}."),
    "stretches_one": _("{number} stretch"),
    "stretches_other": _("{number} stretches"),
    "left_one": _("{number} stretch left"),
    "left_other": _("{number} stretches left"),
    "say_now": _("Now: {side}."),
    "say_over": _("Done. How was it?"),
    "slept": _("The phone was asleep, so the timer waited for you. Tap “Go on” when you are ready."),
    "taken_away": _("Your clinic has paused this stretch. Do not do it for now."),
    "told_sent": _("Your clinic is told: it is on their list for when they next look."),
    "told_waiting": _(
        "Your clinic will be told as soon as this phone has a connection. Until then nobody knows: call."
    ),
    "told_sign_in": _("Your clinic will be told as soon as you have signed in again. Until then nobody knows: call."),
    "sum": _("You have done {done} of {all}."),
    "stored": _("All of it is stored."),
    "waiting_one": _("{number} answer waits on this phone. It is sent when there is a connection."),
    "waiting_other": _("{number} answers wait on this phone. They are sent when there is a connection."),
    "offline": _("No connection. You can go on: your answers wait on this phone."),
    "age_one": _("No connection. This is what your clinic had set {number} minute ago."),
    "age_other": _("No connection. This is what your clinic had set {number} minutes ago."),
    "age_hours_one": _("No connection. This is what your clinic had set {number} hour ago."),
    "age_hours_other": _("No connection. This is what your clinic had set {number} hours ago."),
    "sign_in_text": _(
        "You were signed out because some time has passed. Your answers wait on this phone until you sign in."
    ),
    "sign_in": _("Sign in"),
    "expired_title": _("These stretches are too old"),
    "expired_text": _(
        "This phone has had no connection for more than a day, and your clinic may have changed them. Do not stretch "
        "from memory: connect the phone, then open this page again."
    ),
    "away_title": _("No connection"),
    "away_text": _("This phone has none of your stretches. Connect it, then open this page again."),
    "nothing_title": _("No stretches yet"),
    "nothing_text": _("Your clinic has not given you any stretches yet. They will show up here when it has."),
    "hold_title": _("Your stretches are on hold"),
    "hold_text": _("Do not stretch for now. Your clinic tells you when you can start again."),
    "paused_title": _("All your stretches are paused: ask your clinic"),
    "paused_text": _("Do not do these for now."),
    "none_title": _("Good to hear"),
    "none_text": _("You can go on. If you are worried all the same, call your clinic: nobody watches this page."),
    "back": _("Back"),
    "try_again": _("Try again"),
    "today": _("Today"),
    "call": _("Call {phone}"),
    "refused": _("This answer could not be stored: {about}."),
    "dismiss": _("I have read it"),
    "red_flags": _("what you told us is wrong"),
}
