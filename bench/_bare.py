"""What others are measured against: one indexed query, 24 rows, a small template, as little else as may be."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import include, path

from prescriptions.models import Prescription
from stretches.models import Stretch

ROWS = 24
LIST = """<ul>
{% for each in rows %}<li><h3>{{ each.name }}</h3><p>{{ each.difficulty }} {{ each.position }}</p></li>{% endfor %}
</ul>"""
PAGE = f'<!DOCTYPE html><html lang="en"><head><title>Bare</title></head><body>{LIST}</body></html>'
FRAMED = '{% extends "base.html" %}{% block content %}<h1>{{ patient }}</h1>' + LIST + "{% endblock %}"
BARE, BARE_LIST, BARE_FRAMED = (engines["django"].from_string(each) for each in (PAGE, LIST, FRAMED))


def bare_list(request: HttpRequest) -> HttpResponse:
    """A page of stretches by the index that sorts them."""
    return HttpResponse(BARE.render({"rows": Stretch.objects.all()[:ROWS]}, request))


def bare_of_patient(request: HttpRequest, pk: uuid.UUID, part: str) -> HttpResponse:
    """The same rows, for whoever may open this prescription: what no page or part about a patient goes without."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    template = BARE_LIST if part == "list" else BARE_FRAMED
    rows = Stretch.objects.all()[:ROWS]
    return HttpResponse(template.render({"rows": rows, "patient": prescription.patient}, request))


# The others stand here as well, for our middleware to find the addresses that it leads to.
urlpatterns = [
    path("bare/", bare_list),
    path("bare/<uuid:pk>/<str:part>/", bare_of_patient),
    path("", include("clinic.urls")),
]
