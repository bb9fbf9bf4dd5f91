"""One-time codes: one person, one device, fifteen minutes; and what whoever has half of it does not get."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from sync_server.application import enrolling
from sync_server.application.enrolling import WANTS_CODE, WRONG_CODE
from sync_server.application.tenants.choices import Choices, choose
from sync_server.authz.passwords import FREE_TRIES
from sync_server.contract.fields import Row
from sync_server.contract.messages import DeviceIdentity, SignInRequest
from sync_server.contract.rules.enrolment import whole_code
from sync_server.errors import Bug, Refused
from sync_server.storage.engine import DatabaseRole
from tests.support.device_side import Device
from tests.support.server_side import PASSWORD, Organization, Scene, Server

MADE_UP = whole_code("0123456789ABCDEFGHJKMNPQRST")
Answer = tuple[int, str, str]


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    """An organization that asks every new device for a code."""
    scene = Scene.of(server)
    choose(server.database, scene.organization.id, Choices(enrols_by_code=True))
    return scene


@pytest.fixture
def person(scene: Scene) -> Row:
    """Somebody who has a device already, and his password."""
    organization = scene.organization
    choose(organization.database, organization.id, Choices(enrols_by_code=False))
    person = organization.person("technician", scene.site)
    organization.device(person)
    choose(organization.database, organization.id, Choices(enrols_by_code=True))
    return person


def made(organization: Organization, person: Row, *, sets_password: bool = False) -> str:
    login = str(person["id"])
    return enrolling.make_code(organization.database, organization.id, login=login, sets_password=sets_password).code


def sign_in(
    organization: Organization, person: Row, device: Device, *, code: str | None = None, password: str = PASSWORD
) -> Answer:
    """Sign in from a device; give status, problem code and sentence."""
    identity = {"id": device.id, "public_key": device.public_key, "name": "Tablet", "app_version": "1"}
    body: dict[str, Any] = {"organization": organization.slug, "login": str(person["id"]), "password": password}
    body |= {"device": identity} | ({"enrolment_code": code} if code is not None else {})
    response = organization.server.http.post(f"{organization.server.url}/v1/sign-in", json=body)
    told = response.json()
    return response.status_code, told.get("code", ""), told.get("detail", "")


def wrong_tries(organization: Organization, person: Row) -> int:
    ((count,),) = organization.ask("select failed_attempts from user_credential where person_id = %s", person["id"])
    return int(count)


def test_a_code_lets_in_one_device_and_no_second_one(scene: Scene, person: Row) -> None:
    organization, device = scene.organization, Device()
    code = made(organization, person)
    assert sign_in(organization, person, device) == (403, "code_needed", WANTS_CODE)
    assert sign_in(organization, person, device, code=code.lower())[0] == 200
    assert sign_in(organization, person, Device(), code=code) == (403, "code_needed", WRONG_CODE)
    assert sign_in(organization, person, device)[0] == 200, "a device that is known needs none"
    assert sign_in(organization, person, device, code=code)[0] == 200, "whose answer was lost asks the same again"
    ((count,),) = organization.ask("select count(*) from device where person_id = %s", person["id"])
    assert count == 2


def test_only_the_digest_is_kept_and_the_log_tells_who_came_by_which_code(scene: Scene, person: Row) -> None:
    organization, device = scene.organization, Device()
    code = made(organization, person)
    assert sign_in(organization, person, device, code=code)[0] == 200
    ((row, code_id, used_by),) = organization.ask(
        "select c::text, id::text, device_id::text from enrolment_code c where person_id = %s", person["id"]
    )
    assert used_by == device.id
    lines = [
        json.loads(body)
        for (body,) in organization.ask(
            "select body from activity_log where organization_id = %s order by seq desc limit 2", organization.id
        )
    ]
    assert [line["act"] for line in lines] == ["device.enrolled", "enrolment_code.made"]
    assert (lines[0]["new"]["enrolment_code_id"], lines[1]["row"]) == (code_id, code_id)
    hidden = (code, code.lower(), code.encode().hex())
    assert not any(each in text for each in hidden for text in (row, json.dumps(lines)))


def test_two_devices_that_show_one_code_at_once_are_not_both_let_in(scene: Scene, person: Row) -> None:
    organization = scene.organization
    for _ in range(5):
        code, devices = made(organization, person), [Device() for _ in range(4)]
        with ThreadPoolExecutor(4) as many:
            answers = list(many.map(lambda device: sign_in(organization, person, device, code=code), devices))  # noqa: B023
        assert [status for status, _, _ in answers].count(200) == 1
        organization.ask("update user_credential set not_before = null, failed_attempts = 0")


def test_a_code_counts_for_fifteen_minutes_and_until_the_next_one_is_made(scene: Scene, person: Row) -> None:
    organization, sessions = scene.organization, scene.organization.server.services.sessions

    def attempt(code: str, at: datetime) -> str:
        identity = DeviceIdentity(id=Device().id, public_key=Device().public_key, name="T", app_version="1")
        said = {"login": str(person["id"]), "password": PASSWORD, "device": identity, "enrolment_code": code}
        try:
            sessions.sign_in(SignInRequest(organization=organization.slug, **said), at=at)
        except Refused as refused:
            return refused.code
        return "in"

    first = made(organization, person)
    second = made(organization, person)
    now = datetime.now(UTC)
    assert attempt(first, now) == "code_needed"
    assert attempt(second, now + timedelta(minutes=14)) == "in"
    third = made(organization, person)
    assert attempt(third, datetime.now(UTC) + timedelta(minutes=15)) == "code_needed"


def test_somebody_elses_code_opens_nothing_and_is_not_used_up(scene: Scene, person: Row) -> None:
    organization, stranger = scene.organization, Scene.of(scene.organization.server)
    his = made(organization, scene.technician)
    elsewhere = made(stranger.organization, stranger.technician)
    for code in (his, elsewhere, MADE_UP):
        assert sign_in(organization, person, Device(), code=code) == (403, "code_needed", WRONG_CODE)
    assert sign_in(organization, scene.technician, Device(), code=his)[0] == 200
    assert sign_in(stranger.organization, stranger.technician, Device(), code=elsewhere)[0] == 200


def test_guessed_codes_wait_as_guessed_passwords_do(scene: Scene, person: Row) -> None:
    organization, code = scene.organization, made(scene.organization, person)
    for _ in range(FREE_TRIES + 1):
        sign_in(organization, person, Device(), code=MADE_UP)
    assert wrong_tries(organization, person) >= FREE_TRIES
    assert sign_in(organization, person, Device(), code=code)[:2] == (401, "sign_in_failed"), "also the right one waits"
    organization.ask("update user_credential set not_before = null where person_id = %s", person["id"])
    assert sign_in(organization, person, Device(), code=code)[0] == 200
    assert wrong_tries(organization, person) == 0


def test_a_code_without_its_password_says_no_more_than_a_wrong_password(scene: Scene, person: Row) -> None:
    organization, code = scene.organization, made(scene.organization, person)
    nobody: Row = {"id": "nobody"}
    answers = {
        sign_in(organization, who, Device(), code=shown, password="not his")
        for who in (person, nobody)
        for shown in (None, code, MADE_UP, "", "\0" * 100, "x" * 10_000)
    }
    assert len(answers) == 1, answers
    assert answers.pop()[:2] == (401, "sign_in_failed")
    organization.ask("update user_credential set not_before = null where person_id = %s", person["id"])
    assert sign_in(organization, person, Device(), code=code)[0] == 200, "none of that has used it up"


def test_who_has_no_password_chooses_one_with_a_code_and_his_sessions_so_far_end(scene: Scene, person: Row) -> None:
    organization, before = scene.organization, Device()
    assert sign_in(organization, person, before, code=made(organization, person))[0] == 200
    code, chosen = made(organization, person, sets_password=True), "a new secret of his"
    assert sign_in(organization, person, Device(), code=code, password="short")[1] == "invalid_value"
    assert sign_in(organization, person, Device(), code=code, password=PASSWORD[:-1])[0] == 200
    assert sign_in(organization, person, before)[:2] == (401, "sign_in_failed"), "the former password is over"
    assert sign_in(organization, person, before, password=PASSWORD[:-1])[0] == 200
    assert sign_in(organization, person, Device(), code=code, password=chosen)[:2] == (401, "sign_in_failed")
    ended = organization.ask(
        "select s.id from user_session s join user_credential c on c.person_id = s.person_id"
        " where s.person_id = %s and s.security_stamp <> c.security_stamp",
        person["id"],
    )
    assert len(ended) == 2


def test_where_no_code_is_asked_for_a_password_enrols_as_before_and_a_wrong_code_does_not(server: Server) -> None:
    scene = Scene.of(server)
    organization = scene.organization
    assert sign_in(organization, scene.technician, Device())[0] == 200
    assert sign_in(organization, scene.technician, Device(), code=MADE_UP) == (403, "code_needed", WRONG_CODE)
    assert sign_in(organization, scene.technician, Device(), code=made(organization, scene.technician))[0] == 200


def test_who_was_dismissed_gets_no_code_and_one_that_he_has_opens_nothing(scene: Scene, person: Row) -> None:
    organization, code = scene.organization, made(scene.organization, person, sets_password=True)
    organization.change("person", person["id"], is_active=False)
    assert sign_in(organization, person, Device(), code=code)[:2] == (401, "sign_in_failed")
    with pytest.raises(Refused, match="Nobody who may sign in has"):
        made(organization, person)


def test_the_database_itself_keeps_no_code_for_longer_and_no_other_role_sees_one(scene: Scene, person: Row) -> None:
    organization, code = scene.organization, made(scene.organization, person)
    with pytest.raises(psycopg.errors.CheckViolation):
        organization.ask("update enrolment_code set expires_at = made_at + interval '16 minutes'")
    roles: tuple[DatabaseRole, ...] = ("app_sync", "app_office", "worker", "readonly")
    for role in roles:
        with (
            pytest.raises(Bug, match="SQLSTATE 42501"),
            organization.database.transaction(role, organization.id) as connection,
        ):
            connection.execute("select from enrolment_code")
    assert sign_in(organization, person, Device(), code=code)[0] == 200
