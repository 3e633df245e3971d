"""The routine of the day for the player."""

import datetime

from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.access import owner_mark, signed_in
from patients.models import Patient
from prescriptions.showing import Routine, ShownStretch, routine_of
from stretches.models import RedFlagAction, RedFlagQuestion

KEPT_FOR = datetime.timedelta(hours=24)


@require_safe
@cache_control(no_store=True, private=True)
def routine_data(request: HttpRequest) -> JsonResponse:
    records = Patient.objects.own(request.user).select_related("clinic").order_by("clinic__name", "pk")
    routines = [routine_of(record, on=record.clinic.today()) for record in records]
    if not routines:
        raise Http404
    now = timezone.now()
    return JsonResponse(
        {
            "made_at": now.isoformat(),
            "expires_at": (now + KEPT_FOR).isoformat(),
            "csrf": get_token(request),
            "owner": owner_mark(signed_in(request)),
            "routines": [_routine(routine) for routine in routines],
            "red_flag_questions": [
                {"slug": each.slug, "question": each.question, "tier": each.action.tier}
                for each in RedFlagQuestion.objects.select_related("action")
            ],
            "red_flag_messages": {each.tier: each.message for each in RedFlagAction.objects.all()},
        }
    )


def _routine(routine: Routine) -> dict[str, object]:
    clinic = routine.patient.clinic
    return {
        "prescription": str(routine.prescription.pk) if routine.prescription else None,
        "patient": str(routine.patient.pk),
        "clinic": clinic.name,
        "phone": clinic.phone,
        "on": routine.on.isoformat(),
        "state": routine.state.value,
        "urgent_care_text": clinic.urgent_care_text,
        "messages": [stop.message for stop in routine.stops],
        "paused": list(routine.paused),
        "parts": [
            {"part_of_day": part.slug, "words": part.words, "stretches": [_stretch(shown) for shown in part.stretches]}
            for part in routine.parts
        ],
    }


def _stretch(shown: ShownStretch) -> dict[str, object]:
    item, stretch = shown.item, shown.item.stretch
    picture = reverse("stretches:stretch_picture", args=[stretch.pk])
    sides = ["both"] if item.sides_count == 1 and item.side == "both" else ["left", "right"]
    return {
        "item": str(item.pk),
        "name": stretch.name,
        "alt": f"{stretch.name}: {stretch.purpose}",
        "picture": f"{picture}?animated=1",
        "picture_still": picture,
        "steps": stretch.step_list,
        "stop_rules": stretch.stop_rule_list,
        "advice": list(shown.advice),
        "note": item.note,
        "start_hold_seconds": item.start_hold_seconds,
        "target_hold_seconds": item.target_hold_seconds,
        "hold_seconds": item.start_hold_seconds,
        "repetitions": item.repetitions,
        "sides": sides if item.side == "both" else [item.side],
        "dose_words": item.how_words,
        "logged": None,
    }
