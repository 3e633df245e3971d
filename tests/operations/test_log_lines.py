import io
import json
import logging

import pytest
from django.db import IntegrityError
from django.test import RequestFactory
from django.urls import resolve

from operations.log_lines import FORMATTERS, logging_config
from operations.request_log import HEADER, logger
from tests.factories import ClinicianFactory, PatientFactory

SECRET = "Dev Patel"


@pytest.fixture(params=["json", "text"])
def log(request):
    """What is written, in each form, by whoever logs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FORMATTERS[request.param]())
    root, level = logging.getLogger(), logger.level
    root.addHandler(handler)
    logger.setLevel("INFO")
    yield written
    root.removeHandler(handler)
    logger.setLevel(level)


@pytest.mark.django_db
def test_a_request_is_one_line_that_names_no_record(client, log):
    patient = PatientFactory(full_name=SECRET)
    client.force_login(ClinicianFactory(clinic=patient.clinic))

    client.get(patient.get_absolute_url(), {"q": SECRET}, headers={HEADER: "proxy-0123456789"})

    (line,) = log.getvalue().splitlines()
    for fact in ("patients:patient_detail", "GET", "200", "proxy-0123456789"):
        assert fact in line
    assert str(patient.pk) not in line
    assert SECRET not in line


def test_the_line_is_an_object_for_programs():
    record = logging.makeLogRecord({"levelname": "INFO", "msg": "answered", "route": "home", "status": 200})

    line = json.loads(FORMATTERS["json"]().format(record))

    assert (line["route"], line["status"], line["level"]) == ("home", 200, "info")


@pytest.mark.parametrize("given", ["", "short", "Dev Patel\tborn 1961-02-03", "a" * 65])
def test_a_name_that_is_none_is_not_taken_over(client, log, given):
    answer = client.get("/nowhere/", headers={HEADER: given})

    assert answer[HEADER] != given
    assert answer[HEADER] in log.getvalue()
    assert "Dev Patel" not in log.getvalue()


def test_what_django_says_of_a_request_names_its_pattern(log):
    request = RequestFactory().get("/staff/join/the-token-of-an-invitation/?q=Dev")
    request.resolver_match = resolve(request.path)

    logging.getLogger("django.request").error("%s: %s", "Bad", request.path, extra={"request": request})
    logging.getLogger("django.security").error("No: %s", request.get_full_path(), extra={"request": request})

    assert log.getvalue().count("accounts:staff_invitation_accept") == 2
    assert "the-token" not in log.getvalue()
    assert "Dev" not in log.getvalue()


def test_an_error_is_its_kind_and_its_place(log):
    try:
        try:
            raise IntegrityError(f"Key (full_name)=({SECRET}) already exists.")
        except IntegrityError as error:
            raise ValueError(SECRET) from error
    except ValueError:
        logging.getLogger("patients").exception("Not stored")

    written = log.getvalue()
    assert "Not stored" in written
    for part in ("IntegrityError", "ValueError", "test_log_lines.py:"):
        assert part in written
    assert SECRET not in written


def test_gunicorn_names_no_address_either(log):
    unpropagated = logging.getLogger("gunicorn.error").makeRecord(
        "gunicorn.error", logging.ERROR, "", 0, "Error handling request %s", ("/staff/join/token?q=Dev",), None
    )

    logging.getLogger().handle(unpropagated)

    assert "Error handling request" in log.getvalue()
    assert "token" not in log.getvalue()


def test_another_form_stops_the_start():
    with pytest.raises(SystemExit, match="LOG_FORMAT=xml: say json or text"):
        logging_config(form="xml", level="INFO")
