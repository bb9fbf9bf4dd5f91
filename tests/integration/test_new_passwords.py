"""A person who proves himself by his password chooses the next one: it counts at once, and nowhere does the old one."""

from dataclasses import replace
from typing import Any

import pytest

from sync_server.authz.passwords import FREE_TRIES
from tests.support.device_side import Client
from tests.support.server_side import PASSWORD, Scene, Server

NEW = "a tower of lamps"


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture
def client(scene: Scene) -> Client:
    """A freshly enrolled device of somebody who has no other one."""
    return scene.organization.device(scene.organization.person("technician", scene.site))


def sign_in(client: Client, password: str = PASSWORD, **more: Any) -> tuple[int, dict[str, Any]]:
    device = {"id": client.device.id, "public_key": client.device.public_key, "name": "Tablet", "app_version": "1"}
    body = {"organization": client.slug, "login": client.login, "password": password, "device": device, **more}
    response = replace(client, session={}).post("/v1/sign-in", body)
    return response.status_code, response.json()


def lines(scene: Scene, client: Client) -> list[str]:
    sql = "select act from activity_log where organization_id = %s and row_id = %s"
    return [act for (act,) in scene.organization.ask(sql, scene.organization.id, client.session["person_id"])]


def test_it_counts_from_then_on_and_the_one_before_does_not(client: Client) -> None:
    status, answer = sign_in(client, new_password=NEW)
    assert (status, answer["password_set"]) == (200, True)
    assert sign_in(client)[0] == 401
    status, again = sign_in(client, NEW)
    assert (status, again["password_set"]) == (200, False)


def test_his_other_sessions_end_and_the_one_that_it_came_with_lives(client: Client) -> None:
    before = replace(client, session=dict(client.session))
    client.session = sign_in(client, new_password=NEW)[1]
    assert before.refresh().status_code == 401
    assert client.post("/v1/pull", {}).status_code == 200
    assert client.refresh().status_code == 200


def test_it_is_a_line_of_the_activity_log_and_an_ordinary_sign_in_is_none(scene: Scene, client: Client) -> None:
    before = lines(scene, client)
    sign_in(client)
    assert lines(scene, client) == before
    sign_in(client, new_password=NEW)
    assert sorted(lines(scene, client)) == sorted([*before, "credential.set"])


def test_a_wrong_password_brings_no_new_one_and_is_counted_as_ever(client: Client) -> None:
    for _ in range(FREE_TRIES):
        status, refused = sign_in(client, "a wrong one", new_password=NEW)
        assert (status, refused["code"]) == (401, "sign_in_failed")
    assert sign_in(client)[0] == 401, "guessing waits, whatever it came with"
    assert sign_in(client, NEW)[0] == 401


@pytest.mark.parametrize("short", ["", "1234567"])
def test_one_that_is_too_short_changes_nothing_and_begins_no_session(client: Client, short: str) -> None:
    status, refused = sign_in(client, new_password=short)
    assert (status, refused["code"]) == (422, "invalid_value")
    assert client.refresh().status_code == 200
    assert sign_in(client)[0] == 200


def test_nobody_of_another_name_or_a_revoked_device_brings_one(scene: Scene, client: Client) -> None:
    other = scene.organization.device(scene.organization.person("technician", scene.site))
    assert sign_in(replace(client, device=other.device), new_password=NEW)[1]["code"] == "device_revoked"
    assert sign_in(client)[0] == 200
