"""What the player keeps on a device: today's routine as data."""

import datetime
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import owner_mark, signed_in
from prescriptions.models import Side
from prescriptions.showing import ShownStretch
from routines.models import StretchLog
from routines.recording import WORDS
from routines.screening import TIERS_WORST_FIRST
from routines.today import Day, Entry, days_of
from stretches.models import RedFlagQuestion, Sides, Stretch
from stretches.wording import wording_for

KEPT_FOR = datetime.timedelta(hours=24)


@gzip_page
@require_safe
@cache_control(no_store=True, private=True)
def routine_data(request: HttpRequest) -> JsonResponse:
    """Give today's routines as the player needs them, and until when a device may show them without asking again.

    ``owner`` is an opaque word for the person, by which a device notices that somebody else has signed in.
    """
    now = timezone.now()
    user = signed_in(request)
    days = days_of(user, at=now)
    if not days:
        raise Http404
    questions = list(RedFlagQuestion.objects.select_related("action"))
    wording = wording_for(questions=questions, actions=[question.action for question in questions])
    tiers = {question.action.tier: wording.action(question.action) for question in questions}
    return JsonResponse(
        {
            "made_at": now.isoformat(),
            "expires_at": (now + KEPT_FOR).isoformat(),
            "csrf": get_token(request),
            "owner": owner_mark(user),
            "routines": [_routine(day) for day in days],
            "red_flag_questions": [
                {"slug": question.slug, "question": wording.question(question), "tier": question.action.tier}
                for question in questions
            ],
            "red_flag_messages": tiers,
            "red_flag_tiers": [tier for tier in tiers if tier not in TIERS_WORST_FIRST]
            + [tier for tier in TIERS_WORST_FIRST if tier in tiers],
        }
    )


def _routine(day: Day) -> dict[str, Any]:
    routine = day.routine
    clinic = routine.patient.clinic
    return {
        "prescription": routine.prescription and str(routine.prescription.pk),
        "patient": str(routine.patient.pk),
        "clinic": clinic.name,
        "phone": clinic.phone,
        "on": routine.on.isoformat(),
        "state": routine.state.value,
        "urgent_care_text": clinic.urgent_care_words,
        "messages_read_text": render_to_string("routines/_who_reads.html").strip(),
        "messages": list(routine.stop_messages),
        "asks_red_flags": day.asks_red_flags,
        "paused": [{"name": each.name, "reason": each.reason and str(each.reason.label)} for each in routine.withheld],
        "timing": [{"advice": each.advice, "names": list(each.names)} for each in routine.timing],
        "unsettled": [{"log": str(each.log.pk), "name": each.name} for each in day.unsettled],
        "parts": [
            {
                "part_of_day": part.part.slug,
                "words": part.part.words,
                "is_next": part.is_next,
                "stretches": [_stretch(entry) for entry in part.entries],
            }
            for part in day.parts
        ],
    }


def _stretch(entry: Entry) -> dict[str, Any]:
    item, words = entry.shown.item, entry.shown.words
    picture, version = reverse("stretches:stretch_picture", args=[item.stretch_id]), item.stretch.picture_version
    return {
        "item": str(item.pk),
        "name": words.name,
        "alt": words.picture,
        "picture": f"{picture}?theme=light&animated=1&v={version}",
        "picture_still": f"{picture}?theme=light&v={version}",
        **_more_pictures(item.stretch),
        "steps": list(words.steps),
        "stop_rules": list(words.stop_rules),
        "advice": list(entry.shown.advice),
        "note": item.note,
        "start_hold_seconds": item.start_hold_seconds,
        "target_hold_seconds": item.target_hold_seconds,
        "hold_seconds": item.start_hold_seconds,
        "repetitions": item.repetitions,
        "sides": _sides(entry.shown),
        "dose_words": item.dose_words,
        "logged": entry.log and _log(entry.log),
    }


def _more_pictures(stretch: Stretch) -> dict[str, Any]:
    """Photo and video of a stretch that has them: a device fetches the one when asked to, and never the other."""
    photo, video = getattr(stretch, "photo", None), getattr(stretch, "video", None)
    found: dict[str, Any] = {}
    if photo:
        found["photo"] = {"address": photo.small_address, "alt": photo.alt}
    if video:
        found["video"] = {"address": video.address, "provider": video.get_provider_display()}
    return found


def _sides(shown: ShownStretch) -> list[str]:
    """The sides of one repetition, in turn; ``both`` where they are done together."""
    item = shown.item
    if item.side != Side.BOTH:
        return [item.side]
    return ["left", "right"] if item.stretch.sides in {Sides.PER_SIDE, Sides.ALTERNATING} else ["both"]


def _log(log: StretchLog) -> dict[str, Any]:
    words = {name: getattr(log, name) for name in WORDS}
    return {"id": str(log.pk), "logged_at": log.logged_at.isoformat(), **words}
