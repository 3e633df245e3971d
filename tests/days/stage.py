"""Where random days are played: one world, put back after each example, with a clock that only the days move."""

import datetime
import json
from typing import ClassVar

import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts.models import Clinic, User
from patients.models import Patient
from tests.days.world import START, World, draft_of

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
SIGN_IN_AGAIN_AFTER = 10 * MINUTE
"""A sign-in of staff ends after a quarter of an hour without doing anything."""

RECORDS = st.integers(0, 3)
STRETCHES = st.integers(0, 9)
CODES = st.integers(0, 7)
ANY = st.integers(0, 30)
"""One of however many there are."""
DOORS = st.sampled_from(["page", "function"])


class Stage(RuleBasedStateMachine):
    """What every rule and every look needs."""

    world: ClassVar[World]

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.now_is = self.clock.start()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.memory = self.world.memory.copy()
        self.sign_ins: dict = {}
        self.printed: dict = {}
        self.steps = 0
        self.touched = set(range(len(self.world.records)))

    def teardown(self):
        try:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
        finally:
            self.clock.stop()

    # Who and when -----------------------------------------------------------------------------------------------------
    @property
    def now(self):
        return timezone.now()

    def record(self, number):
        """One of the records; it is looked at closely after this step."""
        self.touched.add(number)
        return self.world.records[number]

    def record_in(self, patients, number):
        """One of the records among these patients, if there is one."""
        among = [n for n, record in enumerate(self.world.records) if record.pk in patients]
        return self.record(one_of(among, number)) if among else None

    def patient(self, record):
        return Patient.objects.select_related("clinic").get(pk=record.pk)

    def user(self, person):
        return User.objects.get(pk=person.pk)

    def today(self, record):
        return Clinic.objects.get(pk=record.clinic).today(self.now)

    def client_of(self, person):
        client, at = self.sign_ins.get(person.pk, (None, None))
        if client is None or self.now - at > SIGN_IN_AGAIN_AFTER:
            client = Client()
            client.force_login(self.user(person))
        self.sign_ins[person.pk] = client, self.now
        return client

    def get(self, person, name, *args, **query):
        return self.client_of(person).get(reverse(name, args=args, query=query))

    def post(self, person, name, *args, **data):
        return self.client_of(person).post(reverse(name, args=args), data)

    def send(self, person, name, *args, **data):
        """Post as the player does."""
        address = reverse(name, args=args)
        return self.client_of(person).post(address, json.dumps(data), content_type="application/json")

    # What there is ----------------------------------------------------------------------------------------------------
    def draft(self, record):
        return draft_of(record)

    def stretches_of(self, prescription):
        return set(prescription.items.values_list("stretch", flat=True))

    def is_safe(self, record, stretch):
        return self.memory.is_safe(record.pk, stretch, self.today(record))

    def may_prescribe(self, record):
        return self.memory.may_prescribe(record.pk, self.today(record))


def one_of(things, number):
    """The thing with a number, counted round; ``None`` where there is nothing."""
    found = list(things)
    return found[number % len(found)] if found else None
