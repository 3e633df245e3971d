"""Whatever is typed stays text: on the page it is escaped, in the PDF it is data."""

import pytest
from django.urls import reverse
from django.utils import timezone

from prescriptions.handout import handout_of, pdf_of, plain
from prescriptions.showing import routine_of
from tests.factories import PatientFactory, PrescribedStretchFactory, PrescriptionFactory
from tests.prescriptions.paper import page_text, pdf_text

pytestmark = pytest.mark.django_db

HOSTILE = [
    "#panic()",
    '#import "handout.typ"',
    '#read("handout.typ")',
    "$ sum_1^2 $ *bold* _slanted_ `raw` @label <label> // none /* none */",
    "\\u{41} \\ line",
    "= Heading",
    "<script>alert(1)</script>",
    "<b>bold</b> &amp; &lt;",
    "{{ handout.patient }} {% now 'Y' %}",
    '","patient":"Eve',
    "Łukasz José Ünal Ελένη Жюль",
]


def handout_for(patient, **fields):
    """The handout of an active prescription, with the same words in the message and in a stretch's note."""
    draft = PrescriptionFactory(patient=patient, note=fields.get("message", ""))
    PrescribedStretchFactory(prescription=draft, note=fields.get("note", ""), stretch__name=fields.get("name", "Towel"))
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft, handout_of(routine_of(patient, on=patient.clinic.today()))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(client, hostile):
    patient = PatientFactory(full_name=hostile, clinic__urgent_care_text=hostile)
    draft, handout = handout_for(patient, message=hostile, note=hostile, name=hostile)
    client.force_login(draft.created_by)

    text = pdf_text(pdf_of(handout))
    response = client.get(reverse("prescriptions:prescription_print", args=[draft.pk]))

    seen = " ".join(hostile.split())
    assert text.count(seen) == 6, "name, message, stretch, note, tick table, urgent care"
    assert page_text(response.content, inside="article").count(seen) == 6
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize(
    "unusual",
    [
        "x" * 1000,
        "verylongword" * 40 + " and " + "W" * 300,
        "דוד כהן",
        "محمد علی رضا",
        "Ada \u202eecalevoL\u202c",
        "王小明",
        "สมชาย",
        "Well done 👍🏽 👨‍👩‍👧",
        "a\x07b\x1bc",
        "e\u0301" * 50,
        "one\r\ntwo\rthree\u2028four",
    ],
    ids=[
        "one long word",
        "long words",
        "Hebrew",
        "Arabic",
        "turned around",
        "Chinese",
        "Thai",
        "emoji",
        "control characters",
        "combining marks",
        "line ends",
    ],
)
def test_unusual_text_prints(unusual):
    _, handout = handout_for(PatientFactory(full_name=unusual[:150]), message=unusual, note=unusual[:300])

    assert "Tick off each day" in pdf_text(pdf_of(handout))


def test_eight_stretches_four_times_a_day_print():
    draft = PrescriptionFactory()
    for _ in range(8):
        PrescribedStretchFactory(
            prescription=draft,
            stretch__steps="Breathe out, and let your shoulders sink. " * 60,
            is_midday=True,
            is_afternoon=True,
            is_before_bed=True,
            note="n" * 300,
        )
    draft.activate(by=draft.created_by, at=timezone.now(), count_reason="All eight were asked for")

    text = pdf_text(pdf_of(handout_of(routine_of(draft.patient, on=draft.clinic.today()))))

    assert [text.count(item.stretch.name) for item in draft.items.select_related("stretch")] == [5] * 8


def test_a_long_word_breaks_inside_the_page():
    _, handout = handout_for(PatientFactory(), message="W" * 400)

    assert "W" * 400 not in pdf_text(pdf_of(handout))
    assert "W" * 400 in pdf_text(pdf_of(handout)).replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ada \u202eecalevoL", "Ada ecalevoL"),
        ("a\u200bb\u2066c\ufeffd\xade", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("  Ada\x00\x07 ", "Ada"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_what_cannot_be_seen_is_not_printed(typed, printed):
    assert plain(typed) == printed


def test_a_handout_needs_a_prescription():
    patient = PatientFactory()
    with pytest.raises(ValueError, match="nothing is prescribed"):
        handout_of(routine_of(patient, on=patient.clinic.today()))
