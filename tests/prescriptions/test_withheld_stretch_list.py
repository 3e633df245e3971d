"""What is held back for a patient: every reason, its source, and what to take instead."""

import re

import pytest
from django.utils import timezone

from accounts import acting
from stretches.inventory import Inventory
from stretches.models import SignOff
from tests.factories import (
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    StretchFactory,
    UserFactory,
)
from tests.prescriptions.acting import page, withhold

pytestmark = pytest.mark.django_db


def test_an_excluded_stretch_comes_with_every_reason_and_its_neighbour(clinic_client, draft):
    broad = ConditionCodeFactory(name="Disc herniation")
    narrow = ConditionCodeFactory(
        name="Disc herniation with radiculopathy", broader=[broad], window_anchor="onset_date"
    )
    ConditionFactory(patient=draft.patient, code=narrow)
    excluded = StretchFactory(name="Standing hamstring", difficulty=4)
    ContraindicationFactory(
        stretch=excluded, condition_code=broad, rationale="It loads the disc.", until_week=12, confidence="medium"
    )
    ContraindicationFactory(stretch=excluded, condition_code=narrow, severity="precaution", rationale="Go slowly.")
    near = StretchFactory(name="Wall hamstring", difficulty=3)
    StretchFactory(name="Far hamstring", difficulty=1)

    content = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded")).content.decode()

    for words in ["It loads the disc.", "Go slowly.", "until week 12", "the date is missing", "confidence medium"]:
        assert words in content
    assert re.search(r"<li>Disc herniation with radiculopathy</li>\s*<li>Disc herniation</li>", content)
    assert excluded.contraindications.first().source.citation in content
    assert f'name="stretch" value="{near.pk}"' in content
    assert f'name="stretch" value="{excluded.pk}"' not in content
    assert "Far hamstring" not in content


def test_what_needs_a_reason_leads_to_the_form_for_it(clinic_client, draft):
    relative = withhold(draft.patient, "relative")
    excluded = withhold(draft.patient, "absolute")

    content = clinic_client.get(page("withheld_stretch_list", draft.pk, "needs_override")).content.decode()

    assert page("override_add", draft.pk, relative.pk) in content
    assert excluded.name not in content


def test_what_is_deleted_while_the_page_is_read_is_left_out(clinic_client, draft, monkeypatch):
    going = withhold(draft.patient, "absolute")
    stays = withhold(draft.patient, "absolute")
    faces = Inventory.faces

    def delete_and_read(inventory, ids):
        with acting.everywhere("somebody else"):
            going.delete()
        return faces(inventory, ids)

    monkeypatch.setattr(Inventory, "faces", delete_and_read)
    response = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded"))

    assert response.status_code == 200
    assert [going.name in response.content.decode(), stays.name in response.content.decode()] == [False, True]


@pytest.mark.parametrize("verdict", ["allowed", "caution", "absolute", "nonsense"])
def test_only_what_is_withheld_has_a_list_of_its_own(clinic_client, draft, verdict):
    assert clinic_client.get(page("withheld_stretch_list", draft.pk, verdict)).status_code == 404


def test_withheld_stretch_list_says_which_rule_no_physiotherapist_has_signed(clinic_client, draft):
    signed, unsigned = withhold(draft.patient, "absolute"), withhold(draft.patient, "absolute")
    row = signed.contraindications.get()
    SignOff.sign([row], by=UserFactory(), registration="HCPC PH1", at=timezone.now())

    response = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded"))

    assert response.context["section"].unsigned == {unsigned.contraindications.get().pk}
    assert response.content.decode().count("not signed by a physiotherapist yet") == 1
