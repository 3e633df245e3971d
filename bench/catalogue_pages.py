"""The builder's list and the catalogue's, over 10,000 stretches, against a bare Django page with one query and 24 rows.

Requests go through the whole of Django in this process, one after the other; the bare pages are asked in turn with the
others. What counts is the processor's time, of Django and, on PostgreSQL, of the server process that answers it: so
many requests a second a busy machine answers, whatever else it does meanwhile. A ratio is the requests a second of a
page over those of a bare one.

There are four bare ones, all with one indexed query and 24 rows: without any middleware; behind the middleware and the
sign-in of every page; and of a patient, as a list alone and as a page in our frame, which read the prescription for who
may open it, and go on record. The budget (design, section 9) is on the builder's list, with search and safety in it,
against the bare list of a patient: docs/adr/0018. While somebody types, a browser fetches that list alone (htmx);
without JavaScript, and at first, the page.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.row import Row

SIZE = 10_000
ROUNDS = 12
CALLS = 3
"""Requests to a page in each round."""
BUDGET = 0.5
BARE, BEHIND = "bare", "bare, behind our middleware"
BARE_LIST, BARE_PAGE = "bare list of a patient", "bare page of a patient"

FIRST = ("Seated", "Standing", "Supine", "Prone", "Kneeling", "Side-lying", "Wall", "Towel", "Chair", "Doorway")
MUSCLES = (
    *("hamstrings", "gastrocnemius", "soleus", "quadriceps", "iliopsoas", "piriformis", "gluteals", "hip adductors"),
    *("lumbar extensors", "pectorals", "upper trapezius", "levator scapulae", "latissimus dorsi", "rotator cuff"),
    *("deltoid", "obliques", "abdominals", "wrist flexors", "wrist extensors", "plantar fascia", "evertors"),
)
LAST = ("stretch", "release", "lengthening", "slide", "rotation", "fold", "reach", "glide", "hold", "opener")


def measure() -> list[Row]:
    """Run once on SQLite and once on PostgreSQL, each in a process of its own: settings are read once."""
    rows = []
    for database in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder:
            child = subprocess.run(
                [sys.executable, "-m", "bench.catalogue_pages", database],
                env={
                    **os.environ,
                    "VAR_DIR": folder,
                    "SECRET_KEY": "bench",
                    "DEBUG": "false",
                    "REQUIRE_STAFF_MFA": "false",  # the second proof is asked for once a session, not once a page
                    "SITE_URL": "http://localhost",
                    "DJANGO_SETTINGS_MODULE": "clinic.settings",
                },
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
        rows += [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]
    return rows


def main(database: str) -> None:
    """Fill a database, time every page and print the rows as JSON on the last line."""
    if database == "postgres":
        from tests.postgres import start

        os.environ["DATABASE_URL"] = start()
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    from bench.safety_filter import fill_codes_and_patient

    patient = fill_codes_and_patient()
    fill_catalogue()
    print(json.dumps(compare(database, patient)))


def fill_catalogue() -> None:
    """Store the stretches with all that a page shows of them, and a release, by which the words are kept."""
    from django.db import connection

    from stretches.models import (
        CatalogueRelease,
        ConditionCode,
        Contraindication,
        Equipment,
        Movement,
        Muscle,
        Source,
        Stretch,
    )
    from tests.factories import TODAY, StretchFactory

    choose = random.Random(3)
    source = Source.objects.earliest("pk")
    muscles = [Muscle.objects.create(slug=name.replace(" ", "-"), name=name) for name in MUSCLES]
    equipment = [Equipment.objects.create(slug=name.lower(), name=name.lower()) for name in FIRST[6:]]
    movements = [Movement.objects.create(slug=f"m{number}", name=f"Load pattern {number}") for number in range(56)]
    stretches = Stretch.objects.bulk_create(
        [
            StretchFactory.build(
                source=source,
                slug=f"s{number}",
                name=f"{choose.choice(FIRST)} {choose.choice(MUSCLES)} {choose.choice(LAST)} {number}",
                difficulty=choose.randint(1, 5),
                position=choose.choice(["standing", "sitting", "supine", "prone", "side_lying"]),
            )
            for number in range(SIZE)
        ],
        batch_size=500,
    )
    for relation, names, most in (
        (Stretch.muscles, muscles, 2),
        (Stretch.equipment, equipment, 1),
        (Stretch.movements, movements, 3),
    ):
        through: Any = relation.through
        column = f"{relation.rel.model._meta.model_name}_id"
        rows = [
            through(stretch_id=stretch.pk, **{column: each.pk})
            for stretch in stretches
            for each in choose.sample(names, choose.randint(min(1, most - 1), most))
        ]
        through.objects.bulk_create(rows, batch_size=2000)
    codes = list(ConditionCode.objects.all())
    Contraindication.objects.bulk_create(
        [
            Contraindication(
                stretch=stretch,
                condition_code=code,
                severity=choose.choice(["absolute", "relative", "precaution"]),
                from_week=choose.choice([None, 0, 6]),
                until_week=choose.choice([None, 12]),
                rationale="Because.",
                source=source,
                confidence="high",
            )
            for stretch in stretches
            for code in choose.sample(codes, 5)
        ],
        batch_size=2000,
    )
    CatalogueRelease.objects.create(version="1", as_of=TODAY, status="", reason="Filled")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def compare(database: str, patient: Any) -> list[dict[str, Any]]:
    """Time every page in turn, and return the ratios of the medians."""
    from django.test import Client

    from accounts.models import TryCount
    from tests.factories import ClinicianFactory, PrescribedStretchFactory, PrescriptionFactory

    clinician = ClinicianFactory(clinic=patient.clinic)
    draft = PrescriptionFactory(patient=patient, created_by=clinician)
    PrescribedStretchFactory(prescription=draft)
    client = Client()
    client.force_login(clinician)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    builder, bare = f"/prescriptions/{draft.pk}/edit/", f"/bare/{draft.pk}"
    asked: dict[str, Callable[[], Any]] = {
        BARE: asking("bench._bare", [], "/bare/", ""),
        BEHIND: asking("bench._bare", None, "/bare/", cookie),
        BARE_LIST: asking("bench._bare", None, f"{bare}/list/", cookie),
        BARE_PAGE: asking("bench._bare", None, f"{bare}/page/", cookie),
    }
    pages = {
        "builder, no search": (builder, BARE_PAGE),
        "builder, “hamstring”": (f"{builder}?q=hamstring", BARE_PAGE),
        "builder, “hamstirng”": (f"{builder}?q=hamstirng", BARE_PAGE),
        "builder, “seated hamstr”": (f"{builder}?q=seated+hamstr", BARE_PAGE),
        "builder, “hamstirng”, typed: the list": (f"{builder}?q=hamstirng", BARE_LIST),
        "builder, “seated hamstr”, typed: the list": (f"{builder}?q=seated+hamstr", BARE_LIST),
        "catalogue, no search": ("/stretches/", ""),
        "catalogue, “hamstring”": ("/stretches/?q=hamstring", ""),
        "catalogue, “hamstirng”": ("/stretches/?q=hamstirng", ""),
        "catalogue, muscle and position": ("/stretches/?muscle=soleus&position=prone", ""),
    }
    for name, (path, _) in pages.items():
        typed = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "offers"} if name.endswith("the list") else {}
        asked[name] = asking("clinic.urls", None, path, cookie, **typed)
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        TryCount.objects.all().delete()  # of searches a person has only so many in a minute
        for name, ask in asked.items():
            times[name].append(ask())
    ms = {name: 1000 * statistics.median(each[1:]) for name, each in times.items()}
    where = f"{database}, {SIZE:,} stretches"
    rows: list[dict[str, Any]] = [
        {"what": f"{where}: {name}", "value": ms[name], "unit": "ms"} for name in (BARE, BEHIND, BARE_LIST, BARE_PAGE)
    ]
    for name, (_, of_patient) in pages.items():
        rows.append({"what": f"{where}: {name}", "value": ms[name], "unit": "ms"})
        for floor in filter(None, (BARE, BEHIND, of_patient)):
            budget = {"at_least": BUDGET} if floor == BARE_LIST else {}
            rows.append({"what": f"{where}: {name} / {floor}", "value": ms[floor] / ms[name], "unit": "×", **budget})
    return rows


def asking(urls: str, middleware: list[str] | None, path: str, cookie: str, **headers: str) -> Callable[[], float]:
    """Give a function that asks for a page some times, as a browser that is signed in, and tells the seconds of one.

    Raises:
        SystemExit: the page does not answer with 200.
    """
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import RequestFactory

    usual = settings.MIDDLEWARE
    settings.MIDDLEWARE = usual if middleware is None else middleware
    handler: Any = WSGIHandler()
    settings.MIDDLEWARE = usual
    query: dict[str, Any] = {"HTTP_HOST": "localhost", "HTTP_COOKIE": cookie, **headers}

    def ask() -> float:
        settings.ROOT_URLCONF = urls
        environs = [RequestFactory().get(path, **query).environ for _ in range(CALLS)]
        started = processor_seconds()
        for environ in environs:
            response = handler(environ, _ignore)
            if response.status_code != 200 or not b"".join(response):
                raise SystemExit(f"{path} answers {response.status_code}: there is nothing to compare.")
        return (processor_seconds() - started) / CALLS

    return ask


def processor_seconds() -> float:
    """How long the processor has worked for this process, and for the process of PostgreSQL that serves it."""
    from django.db import connection

    seconds = time.process_time()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        seconds += int(schedule.read_text().split()[0]) / 1e9
    return seconds


def _ignore(*_: Any) -> None:
    """Take the status and the headers, as a server does."""


if __name__ == "__main__":
    main(sys.argv[1])
