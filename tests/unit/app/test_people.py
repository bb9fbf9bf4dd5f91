"""The people of an installation as screens know them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmms_desktop.app.people import PeopleHere, enrolled_of
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.credentials.identity import Enrolment, Installation
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.errors import Refused
from tests.support.replicas import DEVICE, ORGANIZATION, TECHNICIAN

SUPERVISOR = "00000000-0000-7000-8000-00000000a002"
PASSWORD = "correct horse battery"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    settings = ClientSettings(tmp_path, "https://cmms.example", "north-works")
    made = Installation(settings, MemoryStore(), clock=lambda: datetime.now(UTC), profile=keys.CHEAPEST)
    for person_id, login in ((TECHNICIAN, "technician"), (SUPERVISOR, "supervisor")):
        made.enrol(Enrolment(person_id, login, login), PASSWORD, signer=DeviceSigner.generate(DEVICE))
    return made


def test_they_are_listed_by_login_with_their_roles(installation: Installation) -> None:
    people = PeopleHere(installation, organization_id=ORGANIZATION)
    assert [(each.login, each.role) for each in people.enrolled()] == [
        ("supervisor", "supervisor"),
        ("technician", "technician"),
    ]


def test_somebody_whose_key_file_is_damaged_is_not_offered(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "north-works" / SUPERVISOR / "keys.json").write_text("rubbish")
    assert [each.login for each in enrolled_of(installation)] == ["technician"]


def test_a_secret_opens_the_hand_of_whose_it_is(installation: Installation) -> None:
    people = PeopleHere(installation, organization_id=ORGANIZATION)
    hand = people.unlock(SUPERVISOR, PASSWORD)
    assert (hand.organization_id, hand.person_id, hand.device_id) == (ORGANIZATION, SUPERVISOR, DEVICE)
    assert hand.sign(b"cmms/statement/v1\nsigned")


def test_a_wrong_secret_opens_nothing_and_says_how_many_tries_are_left(installation: Installation) -> None:
    with pytest.raises(Refused, match="left"):
        PeopleHere(installation, organization_id=ORGANIZATION).unlock(SUPERVISOR, "not this one")
