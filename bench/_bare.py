"""The page that others are measured against: one indexed query, 24 rows, a small template, and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from stretches.models import Stretch

ROWS = 24
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Bare</title></head><body><ul>
{% for each in rows %}<li><h3>{{ each.name }}</h3><p>{{ each.difficulty }} {{ each.position }}</p></li>{% endfor %}
</ul></body></html>"""
TEMPLATE = engines["django"].from_string(PAGE)


def bare_list(request: HttpRequest) -> HttpResponse:
    """A page of stretches by the index that sorts them."""
    return HttpResponse(TEMPLATE.render({"rows": Stretch.objects.all()[:ROWS]}, request))


# The others stand here as well, for our middleware to find the addresses that it leads to.
urlpatterns = [path("bare/", bare_list), path("", include("clinic.urls"))]
