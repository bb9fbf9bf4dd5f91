"""Where a device is reached: written by who cannot read it, told by nobody, gone with the device."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import device_care
from sync_server.application.reaching import is_endpoint
from sync_server.application.tenants import exporting
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import DatabaseRole
from tests.support import activity
from tests.support.device_side import Client, encoded
from tests.support.server_side import NOW, Organization, Scene, Server

SECRET = "where-nobody-looks"
PATH = "/v1/push-subscription"
KEYS = {"p256dh": encoded(b"\x04" + b"x" * 64), "auth": encoded(b"0123456789abcdef")}
ENDPOINT = f"https://push.example.com/{SECRET}"
COLUMNS = "endpoint, p256dh, auth, revoked_at is not null"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def subscribe(client: Client, **values: object) -> httpx.Response:
    content = json.dumps({"endpoint": ENDPOINT, **KEYS, **values}).encode()
    return client.request("PUT", PATH, content=content)


def kept(scene: Scene) -> list[tuple[Any, ...]]:
    return scene.organization.ask(
        f"select {COLUMNS} from push_subscription where organization_id = %s", scene.organization.id
    )


def reachable(scene: Scene) -> dict[str, bool]:
    facts = device_care.device_list(scene.organization.database, scene.organization.id)
    return {each.id: each.is_reachable for each in facts}


def dismiss(connection: Connection[TupleRow], organization: Organization, person: Row) -> None:
    work = UnitOfWork(connection, organization.id, None)
    work.lock([("person", str(person["id"]))])
    work.put({("person", str(person["id"])): person})
    work.finish()


def somebody_waits(organization: Organization) -> bool:
    """Whether anybody of this database waits for a lock."""
    waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    return bool(organization.ask(waiting))


def test_a_device_has_one_address_and_the_newest_counts(scene: Scene) -> None:
    mine = scene.field.device.id
    assert not reachable(scene)[mine]
    assert subscribe(scene.field, endpoint="https://push.example.com/old").status_code == 204
    assert subscribe(scene.field).status_code == 204
    assert kept(scene) == [(ENDPOINT, KEYS["p256dh"], KEYS["auth"], False)]
    assert reachable(scene) == {mine: True, scene.office.device.id: False}
    for _ in range(2):
        assert scene.field.request("DELETE", PATH).status_code == 204
        assert kept(scene) == [(None, None, None, True)], "nothing of the secrets stays"
    assert subscribe(scene.field).status_code == 204
    assert kept(scene) == [(ENDPOINT, KEYS["p256dh"], KEYS["auth"], False)]


@pytest.mark.parametrize("is_stolen", [True, False])
def test_a_revoked_device_is_reached_no_more_and_cannot_come_back(scene: Scene, is_stolen: bool) -> None:
    assert subscribe(scene.field).status_code == 204
    organization = scene.organization
    device_care.revoke(organization.database, organization.id, scene.field.device.id, is_stolen=is_stolen)
    assert kept(scene) == [(None, None, None, True)]
    assert subscribe(scene.field).status_code == 403
    assert kept(scene) == [(None, None, None, True)]


@pytest.mark.parametrize("gone", [{"is_active": False}, {"deleted_at": NOW}])
def test_who_was_dismissed_is_reached_no_more_and_cannot_come_back(scene: Scene, gone: Row) -> None:
    """On any of his devices, in the commit that dismisses him; others are reached as before."""
    organization, mine = scene.organization, str(scene.technician["id"])
    second = organization.device(scene.technician)
    for client in (scene.field, second, scene.office):
        assert subscribe(client).status_code == 204
    organization.change("person", mine, name="Renamed", role="planner")
    assert [each[0] for each in kept(scene)] == [ENDPOINT] * 3, "who works here under another name is reached"
    organization.change("person", mine, **gone)
    ended, secrets = {scene.field.device.id: False, second.device.id: False}, (None, None, None, True)
    assert reachable(scene) == {**ended, scene.office.device.id: True}
    assert sorted(kept(scene), key=str) == sorted([secrets, secrets, (ENDPOINT, *KEYS.values(), False)], key=str)
    refused = subscribe(scene.field)
    assert (refused.status_code, refused.json()["code"]) == (403, "device_revoked")
    assert reachable(scene)[scene.field.device.id] is False
    organization.change("person", mine, is_active=True, deleted_at=None)
    assert reachable(scene)[scene.field.device.id] is False, "what is gone is gone"
    assert subscribe(scene.field).status_code == 204


def test_who_subscribes_while_he_is_dismissed_is_not_reached(scene: Scene) -> None:
    """Whoever of both comes second waits for the first: nothing slips in between the look and the row."""
    organization, mine = scene.organization, str(scene.technician["id"])
    gone: Row = {**organization.stands("person", mine), "is_active": False}
    with ThreadPoolExecutor(1) as others:
        with organization.database.transaction("app_sync", organization.id) as connection:
            dismiss(connection, organization, gone)
            answer = others.submit(subscribe, scene.field)
            while not answer.done() and not somebody_waits(organization):
                pass
        status = answer.result().status_code
    assert status == 403
    assert kept(scene) == []


@pytest.mark.parametrize("role", ["app_sync", "worker"])
def test_whoever_may_dismiss_somebody_ends_it(scene: Scene, role: DatabaseRole) -> None:
    organization, mine = scene.organization, str(scene.technician["id"])
    assert subscribe(scene.field).status_code == 204
    gone: Row = {**organization.stands("person", mine), "is_active": False}
    with organization.database.transaction(role, organization.id) as connection:
        dismiss(connection, organization, gone)
    assert kept(scene) == [(None, None, None, True)]


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            {"endpoint": text}
            for text in ("", "push.example.com", "http://push.example.com/1", "https://", "ftp://a.b")
        ),
        {"endpoint": "https://push.example.com/" + "x" * 2048},
        *({"p256dh": text} for text in ("", "?", encoded(b"x" * 64), encoded(b"x" * 66))),
        *({"auth": text} for text in ("", encoded(b"x" * 15), encoded(b"x" * 17), "ü" * 22)),
        {"endpoint": None},
    ],
)
def test_what_nothing_could_be_sent_to_is_refused_and_what_was_stays(scene: Scene, wrong: dict[str, Any]) -> None:
    assert subscribe(scene.field).status_code == 204
    assert subscribe(scene.field, **wrong).status_code in {400, 422}
    assert kept(scene) == [(ENDPOINT, KEYS["p256dh"], KEYS["auth"], False)]


@pytest.mark.parametrize(
    "text",
    [
        *("https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.8/x", "https://2130706433/x", "https://0x7f.1/x"),
        *("https://localhost/x", "https://db.internal/x", "https://printer.local/x", "https://push/x"),
        *("https://user@push.example.com/x", "https://push.example.com:8443/x", "https://push.example.com/x#y"),
        *("https://push.example.com\\@127.0.0.1/x", "https://push.example.com /x", "https://push.exämple.com/x"),
        *("https://push.example.com\n/x", "HTTPS//push.example.com", "https://.example.com", "https://a..example.com"),
    ],
)
def test_no_address_leads_a_sender_into_the_own_network(text: str) -> None:
    assert not is_endpoint(text)


@pytest.mark.parametrize("text", ["https://push.example.com", "https://a.b-c.example.org:443/v1/x?y=z", ENDPOINT])
def test_what_push_services_give_is_taken(text: str) -> None:
    assert is_endpoint(text)


def test_only_the_worker_reads_the_secrets(server: Server, scene: Scene) -> None:
    assert subscribe(scene.field).status_code == 204
    readers = []
    with psycopg.connect(server.owner_url) as connection:
        for role in ("cmms_app_sync", "cmms_app_office", "cmms_worker", "cmms_readonly", "cmms_authn"):
            for column in ("endpoint", "p256dh", "auth"):
                with connection.transaction(force_rollback=True):
                    connection.execute(f"set local role {role}".encode())
                    connection.execute("select set_config('app.organization_id', %s, true)", (scene.organization.id,))
                    try:
                        with connection.transaction():
                            found = connection.execute(f"select {column} from push_subscription".encode()).fetchall()
                    except psycopg.errors.InsufficientPrivilege:
                        continue
                    readers += [(role, column)] * len(found)
    assert readers == [("cmms_worker", column) for column in ("endpoint", "p256dh", "auth")]


def test_no_log_archive_or_answer_shows_them(scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    organization = scene.organization
    with caplog.at_level("DEBUG"):
        assert subscribe(scene.field).status_code == 204
        assert subscribe(scene.field, auth="short").status_code == 422
    file = tmp_path / "archive.tar.gz"
    store = BlobStore.in_memory()
    exporting.export(organization.database, organization.id, slug=organization.slug, store=store, file=file)
    answers = [scene.field.hello(), scene.field.pull(), scene.office.pull()]
    told = (caplog.text, str(activity.said(organization)), str(answers), gzip.decompress(file.read_bytes()).decode())
    assert scene.field.device.id in told[3], "it does tell of the device"
    secrets = (SECRET, KEYS["p256dh"], KEYS["auth"])
    assert [each for each in secrets if any(each in text for text in told)] == []
