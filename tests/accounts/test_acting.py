"""Who acts is told to our code, and on PostgreSQL to the database, for one transaction and no longer."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts import acting
from accounts.middleware import ActingMiddleware
from accounts.models import Clinic, Membership, User
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, UserFactory
from tests.wall.tables import rows_of
from tests.walled import ROLE, as_role

pytestmark = pytest.mark.django_db


def told(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [f"limber.{name}"])
        return cursor.fetchone()[0] or ""


def a_request(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = user
    return request


def test_the_actor_of_a_request() -> None:
    clinician = ClinicianFactory()
    clinic = Clinic.objects.treating(clinician).get()
    treated_at = PatientFactory(user=clinician).clinic
    seen: list[acting.Actor] = []

    def handler(_: HttpRequest) -> HttpResponse:
        seen.append(acting.current())
        return HttpResponse()

    ActingMiddleware(handler)(a_request(clinician))

    (actor,) = seen
    assert (actor.user_id, actor.address, actor.reach) == (clinician.pk, "192.0.2.7", acting.Reach.CLINICS)
    assert set(actor.clinics) == {clinic.pk, treated_at.pk}
    assert (actor.role_in(clinic.pk), actor.role_in(treated_at.pk), actor.role) == (
        "clinician",
        "patient",
        "clinician,patient",
    )
    assert acting.current() is acting.NOBODY


def test_of_several_roles_in_a_clinic_the_clinicians_comes_first() -> None:
    admin = AdminFactory()
    clinic = Clinic.objects.administered_by(admin).get()
    Membership.objects.create(user=admin, clinic=clinic, role=Membership.Role.CLINICIAN)

    assert acting.Actor(user_id=admin.pk).role_in(clinic.pk) == "clinician"
    assert acting.Actor(user_id=admin.pk).role_in(ClinicFactory().pk) == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_told_ends_with_the_transaction() -> None:
    clinician = ClinicianFactory()
    clinic = Clinic.objects.treating(clinician).get()

    with acting.inside(acting.Actor(user_id=clinician.pk, address="192.0.2.7", reason="asked to")):
        within = [told(name) for name in ("user", "clinics", "role", "address", "reason", "reach")]

    assert within == [str(clinician.pk), str(clinic.pk), "clinician", "192.0.2.7", "asked to", "clinics"]
    assert [told(name) for name in ("user", "clinics", "role", "address", "reason", "reach")] == [""] * 6


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_one_transaction_was_told_the_next_on_the_same_connection_does_not_know() -> None:
    user = ClinicianFactory()
    PatientFactory(clinic=Clinic.objects.treating(user).get())
    as_role(f"SET ROLE {ROLE}")
    try:
        with acting.inside(acting.Actor(user_id=user.pk)):
            process, within = rows_of("SELECT pg_backend_pid(), count(*) FROM patients_patient")[0]
        same_process, after = rows_of("SELECT pg_backend_pid(), count(*) FROM patients_patient")[0]
        with pytest.raises(ZeroDivisionError), acting.everywhere("a job"):
            raise ZeroDivisionError
        after_a_failure = rows_of("SELECT count(*), current_setting('limber.reach', true) FROM patients_patient")[0]
    finally:
        as_role("RESET ROLE")

    assert process == same_process
    assert (within, after) == (1, 0)
    assert after_a_failure == (0, "")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_a_job_was_told_ends_with_its_transaction() -> None:
    clinic = ClinicFactory()

    with acting.inside(acting.Actor()):
        acting.let_into([clinic.pk])
        within = told("clinics")

    assert (within, told("clinics")) == (str(clinic.pk), "")


def test_a_request_reaches_no_further_than_its_person() -> None:
    def reach_of(user: User | AnonymousUser) -> acting.Reach:
        found: list[acting.Reach] = []

        def handler(_: HttpRequest) -> HttpResponse:
            found.append(acting.current().reach)
            return HttpResponse()

        ActingMiddleware(handler)(a_request(user))
        return found[0]

    people: dict[str, User | AnonymousUser] = {
        "visitor": AnonymousUser(),
        "clinician": ClinicianFactory(),
        "admin": AdminFactory(),
        "operator": UserFactory(is_superuser=True),
    }

    assert {name: str(reach_of(user)) for name, user in people.items()} == {
        "visitor": "clinics",
        "clinician": "clinics",
        "admin": "clinics",
        "operator": "setup",
    }


@pytest.mark.postgres
def test_who_acted_before_acts_again() -> None:
    first, second = ClinicianFactory(), ClinicianFactory()

    with acting.inside(acting.Actor(user_id=first.pk)):
        with acting.inside(acting.Actor(user_id=second.pk)):
            inner = told("user")
        with acting.everywhere("a job", reason="counts"):
            job = (told("user"), told("reach"), told("command"))
        outer = (told("user"), told("reach"), told("command"))

    assert inner == str(second.pk)
    assert job == (str(first.pk), "all", "a job")
    assert outer == (str(first.pk), "clinics", "")


@pytest.mark.postgres
def test_what_the_database_refused_inside_comes_out() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), acting.everywhere():
        raise ZeroDivisionError

    assert told("reach") == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("outcome", "stored"), [("answer", 1), ("fail", 0), ("refuse", 0), ("status 500", 0)])
def test_a_request_is_one_transaction(outcome: str, stored: int, monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory()

    def handler(request: HttpRequest) -> HttpResponse:
        middleware.process_view(request, handler, (), {})
        assert told("user") == str(user.pk)
        ClinicFactory()
        if outcome in {"fail", "refuse"}:
            middleware.process_exception(request, Http404() if outcome == "refuse" else ZeroDivisionError())
            assert told("user") == str(user.pk)  # for the page that says so
        return HttpResponse(status=500 if outcome == "status 500" else 200)

    middleware = ActingMiddleware(handler)
    request = a_request(user)
    request.resolver_match = None

    middleware(request)

    assert Clinic.objects.count() == stored
    assert told("user") == ""
    assert not connection.in_atomic_block
