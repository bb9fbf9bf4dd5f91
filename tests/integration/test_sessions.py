"""Signing in, staying signed in, signing out; and tokens that are somebody else's, too old, or made up."""

import base64
import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync_server.application.organizations import set_password
from sync_server.authz.passwords import FREE_TRIES, Passwords
from sync_server.authz.tokens import Access
from sync_server.contract.messages import DeviceIdentity, SignInRequest
from sync_server.errors import Refused
from tests.support.device_side import Client, Device, encoded
from tests.support.server_side import PASSWORD, Scene, Server, new_id


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture
def client(scene: Scene) -> Client:
    """A freshly enrolled device of the technician."""
    return scene.organization.device(scene.technician)


def sign_in(client: Client, **changes: Any) -> tuple[int, str, str]:
    """Try to sign in as somebody else than the client is; give status, code and the whole answer."""
    device = {"id": client.device.id, "public_key": client.device.public_key, "name": "Tablet", "app_version": "1"}
    body = {"organization": client.slug, "login": client.login, "password": PASSWORD, "device": device}
    device |= changes.pop("device", {})
    stranger = replace(client, session={})
    response = stranger.post("/v1/sign-in", {**body, **changes})
    return response.status_code, response.json().get("code", ""), response.text


def test_a_sign_in_names_who_and_where(scene: Scene, client: Client) -> None:
    session = client.session
    assert (session["organization_id"], session["person_id"]) == (scene.organization.id, scene.technician["id"])
    assert (session["role"], session["device_id"]) == ("technician", client.device.id)
    assert client.post("/v1/pull", {}).status_code == 200


def test_whatever_is_wrong_the_answer_is_the_same(scene: Scene, client: Client) -> None:
    stranger = Scene.of(scene.organization.server)
    wrong: list[dict[str, Any]] = [
        {"password": "wrong"},
        {"password": ""},
        {"login": "nobody"},
        {"login": "a\0b"},
        {"login": client.login + "\0"},
        {"login": ""},
        {"login": "x" * 10_000},
        {"login": str(stranger.technician["id"])},
        {"organization": "nowhere"},
        {"organization": "a\0b"},
        {"organization": client.slug + "\0"},
        {"organization": stranger.organization.slug},
        {"organization": "x" * 10_000},
        {"organization": "'; drop table person; --"},
    ]
    answers = {sign_in(client, **changes) for changes in wrong}
    assert len(answers) == 1
    assert next(iter(answers))[:2] == (401, "sign_in_failed")


def test_a_login_is_found_whatever_its_capitals(client: Client) -> None:
    assert sign_in(client, login=client.login.upper())[0] == 200


def test_a_slug_that_only_begins_like_one_is_another(server: Server) -> None:
    organization = server.organization(slug="a" * 63)
    client = organization.device(organization.person("technician"))
    assert sign_in(client)[0] == 200
    assert sign_in(client, organization=client.slug + "b")[:2] == (401, "sign_in_failed")


def test_wrong_passwords_wait_longer_and_longer_and_never_for_ever(scene: Scene) -> None:
    person = scene.organization.person("technician", scene.site)
    client = scene.organization.device(person)
    sessions, now = scene.organization.server.services.sessions, datetime(2026, 3, 2, tzinfo=UTC)
    identity = DeviceIdentity(id=client.device.id, public_key=client.device.public_key, name="T", app_version="1")
    wrong = SignInRequest(organization=client.slug, login=client.login, password="wrong", device=identity)

    def attempt(request: SignInRequest, at: datetime) -> str:
        try:
            sessions.sign_in(request, at=at)
        except Refused as refused:
            return refused.code
        return "in"

    assert {attempt(wrong, now) for _ in range(FREE_TRIES + 1)} == {"sign_in_failed"}
    right = SignInRequest(organization=client.slug, login=client.login, password=PASSWORD, device=identity)
    assert attempt(right, now) == "sign_in_failed"  # has to wait, and is not told: it would say that the name exists
    at = now
    for _ in range(20):
        at += timedelta(minutes=5)
        assert attempt(wrong, at) == "sign_in_failed"
    assert attempt(right, at + timedelta(minutes=5)) == "in"
    assert attempt(wrong, at + timedelta(minutes=5)) == "sign_in_failed"
    assert attempt(right, at + timedelta(minutes=5)) == "in"


def test_wrong_passwords_tried_at_once_are_all_counted(scene: Scene) -> None:
    client = scene.organization.device(scene.organization.person("technician", scene.site))
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda number: sign_in(client, password=f"wrong {number}")[1], range(12)))
    assert set(answers) == {"sign_in_failed"}
    ((counted, seconds),) = scene.organization.ask(
        "select failed_attempts, extract(epoch from not_before - now()) from user_credential where person_id = %s",
        client.person_id,
    )
    assert counted >= FREE_TRIES
    assert seconds > min(2 ** (counted - FREE_TRIES), 250)
    assert sign_in(client)[1] == "sign_in_failed"


@pytest.mark.parametrize(
    "identity",
    [
        {"id": "no id"},
        {"id": ""},
        {"public_key": ""},
        {"public_key": "AAAA"},
        {"public_key": "A" * 44},
        {"public_key": "🔑"},
        {"public_key": "A" * 10_000},
    ],
)
def test_a_device_needs_an_id_and_a_key(client: Client, identity: dict[str, str]) -> None:
    assert sign_in(client, device={"id": new_id(), **identity})[:2] == (400, "bad_request")


def test_texts_of_a_device_are_cut_not_refused(scene: Scene, client: Client) -> None:
    device_id = new_id()
    assert sign_in(client, device={"id": device_id, "name": "a\0" + "b" * 500, "app_version": "\0" * 99})[0] == 200
    ((name,),) = scene.organization.ask("select name from device where id = %s", device_id)
    assert (name[:2], len(name)) == ("ab", 199)


def test_a_devices_id_is_not_taken_over(scene: Scene, client: Client) -> None:
    other_key = Device().public_key
    assert sign_in(client, device={"public_key": other_key})[:2] == (403, "device_revoked")
    other = scene.organization.device(scene.supervisor)
    assert sign_in(other, device={"id": client.device.id})[:2] == (403, "device_revoked")
    assert client.post("/v1/pull", {}).status_code == 200


def test_a_revoked_device_is_out_at_once(scene: Scene, client: Client) -> None:
    scene.organization.ask("update device set revoked_at = now() where id = %s", client.device.id)
    response = client.post("/v1/pull", {})
    assert (response.status_code, response.json()["code"]) == (403, "device_revoked")
    assert (client.refresh().status_code, client.refresh().json()["code"]) == (403, "device_revoked")
    assert sign_in(client)[:2] == (403, "device_revoked")


def test_who_is_dismissed_neither_signs_in_nor_stays(scene: Scene) -> None:
    person = scene.organization.person("technician", scene.site)
    client = scene.organization.device(person)
    scene.organization.change("person", person["id"], is_active=False)
    assert sign_in(client)[:2] == (401, "sign_in_failed")
    assert (client.refresh().status_code, client.refresh().json()["code"]) == (403, "device_revoked")


def test_a_new_password_ends_all_sessions(scene: Scene) -> None:
    person = scene.organization.person("technician", scene.site)
    client = scene.organization.device(person)
    set_password(
        scene.organization.database,
        scene.organization.id,
        person_id=str(person["id"]),
        login=client.login,
        password="another password",
        passwords=Passwords(cheap=True),
    )
    assert client.refresh().status_code == 401


def test_a_refresh_brings_new_tokens_that_work(client: Client) -> None:
    for _ in range(3):
        before = client.session["refresh_token"]
        client.session = client.refresh().json()
        assert client.session["refresh_token"] != before
        assert client.post("/v1/pull", {}).status_code == 200


def test_an_answer_that_is_lost_again_and_again_never_forces_a_sign_in(client: Client) -> None:
    for _ in range(100):
        assert client.refresh().status_code == 200
    client.session = client.refresh().json()
    client.session = client.refresh().json()
    assert client.post("/v1/pull", {}).status_code == 200


def test_doubled_and_overtaken_answers_never_force_a_sign_in(client: Client) -> None:
    """Whichever of two answers to one token a device takes, and however late the other request is served."""
    dice = random.Random(1)
    for _ in range(50):
        answers = [client.refresh() for _ in range(dice.choice([1, 2, 3]))]
        assert {answer.status_code for answer in answers} == {200}
        client.session = dice.choice(answers).json()
    assert client.refresh().status_code == 200


def test_an_older_token_was_copied_and_ends_the_session(client: Client) -> None:
    stolen = client.session["refresh_token"]
    client.session = client.refresh().json()
    client.session = client.refresh().json()
    assert client.refresh(stolen).status_code == 401
    assert client.refresh().status_code == 401


def test_a_thief_without_the_devices_key_neither_refreshes_nor_ends_the_session(client: Client) -> None:
    stolen = client.session["refresh_token"]
    client.session = client.refresh().json()
    client.session = client.refresh().json()
    thief = replace(client, device=Device(id=client.device.id))
    for token in (stolen, client.session["refresh_token"]):
        assert thief.refresh(token).status_code == 401
        assert thief.sign_out(token).status_code == 204
    assert client.refresh().status_code == 200


def test_a_token_that_follows_cannot_be_guessed(client: Client) -> None:
    token = client.session["refresh_token"]
    raw = bytearray(base64.urlsafe_b64decode(token + "=="))
    for place in (0, 15, 16, 31, 32, 63):
        bent = bytearray(raw)
        bent[place] ^= 1
        assert client.refresh(encoded(bytes(bent))).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "A" * 85, "A" * 86, "A" * 87, "🎟" * 30, "=" * 86, "A" * 100_000])
def test_what_is_no_refresh_token_is_refused(client: Client, token: str) -> None:
    body = json.dumps({"refresh_token": token}).encode()
    response = client.request("POST", "/v1/refresh", content=body, headers={"Device-Proof": "x"})
    assert (response.status_code, response.json()["code"]) == (401, "session_expired")
    assert client.request("POST", "/v1/sign-out", content=body).status_code in {204, 401}


@pytest.mark.parametrize("which", ["the current token", "the one before"])
def test_a_sign_out_ends_the_session(client: Client, which: str) -> None:
    token = client.session["refresh_token"]
    if which == "the one before":
        assert client.refresh().status_code == 200
    assert client.sign_out(token).status_code == 204
    assert client.refresh().status_code == 401


def test_a_session_ends_by_itself(scene: Scene, client: Client) -> None:
    scene.organization.ask("update user_session set expires_at = now() where device_id = %s", client.device.id)
    assert client.refresh().status_code == 401


def with_token(client: Client, token: str, **headers: str) -> tuple[int, str]:
    stranger = replace(client, session={"access_token": token})
    response = stranger.request("POST", "/v1/pull", content=b"{}", headers=headers)
    return response.status_code, "" if response.status_code == 200 else response.json()["code"]


def test_an_access_token_works_only_as_long_as_it_says(scene: Scene, client: Client) -> None:
    tokens = scene.organization.server.services.tokens
    access = Access(scene.organization.id, client.person_id, client.device.id)
    ended, _ = tokens.issue(access, at=datetime.now(UTC) - timedelta(minutes=10, seconds=2))
    assert with_token(client, ended) == (401, "session_expired")
    running, _ = tokens.issue(access, at=datetime.now(UTC) - timedelta(minutes=9))
    assert with_token(client, running)[0] == 200


def test_tokens_of_others_and_tokens_made_up_are_refused(scene: Scene, client: Client) -> None:
    token = client.session["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    header, payload, signature = token.split(".")
    none = encoded(b'{"alg":"none","typ":"JWT"}')
    public = encoded(scene.organization.server.services.tokens._public.public_bytes_raw())
    forged = [
        jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA"),
        jwt.encode(claims, public * 2, algorithm="HS256"),
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{encoded(json.dumps({**claims, 'sub': new_id()}).encode())}.{signature}",
        "x",
        "..",
        client.session["refresh_token"],
        "A" * 5_000,
    ]
    assert {with_token(client, each) for each in forged} == {(401, "session_expired")}


def test_a_token_without_the_devices_proof_is_worth_nothing(scene: Scene, client: Client) -> None:
    other = scene.organization.device(scene.technician)
    token = client.session["access_token"]
    proofs = ["", "x", "A" * 86, other.device.sign(b"x"), other.credentials()["Device-Proof"]]
    proofs.append(replace(other, session=client.session).credentials()["Device-Proof"])
    proofs.append(client.device.sign(token.encode()))
    assert {with_token(client, token, **{"Device-Proof": proof}) for proof in proofs} == {(403, "device_revoked")}


def test_requests_without_a_token_are_refused(client: Client) -> None:
    stranger = replace(client, session={})
    token = client.session["access_token"]
    given = [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": token}]
    given += [{"Authorization": f"Basic {token}"}, {"Authorization": "Bearer ."}]
    for headers, path in itertools.product(given, ("/v1/pull", "/v1/hello")):
        response = stranger.request("POST", path, content=b"{}", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "session_expired")
