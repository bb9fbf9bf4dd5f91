"""Two pushes at the same moment: whatever they have in common counts once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from itertools import islice
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest

from sync_server.application import device_care, push
from sync_server.application.turns import MOST_OF_A_DEVICE, Turns
from tests.support.device_side import Client, Json
from tests.support.server_side import Scene, Server
from tests.support.standing_side import report_wiped, standing_of

WAIT_S = 60.0
POLL_S = 0.01
FLOOD = 50
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def await_waiting(server: Server, sessions: int) -> None:
    """Wait until so many sessions wait for a lock."""
    deadline = time.monotonic() + WAIT_S
    with psycopg.connect(server.owner_url, autocommit=True) as watching:
        while watching.execute(WAITING).fetchone() != (sessions,):
            assert time.monotonic() < deadline, "nobody waits for a lock"
            time.sleep(POLL_S)


def insist(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send again for as long as the server says so: it lets nobody wait for a lock longer than 2 s."""
    deadline = time.monotonic() + WAIT_S
    while asks_again(answer := send()):
        assert time.monotonic() < deadline, answer.text
    return answer


def asks_again(answer: httpx.Response) -> bool:
    """Whether the server wants it once more: as a whole, or a change of it that waited too long."""
    verdicts = answer.json()["verdicts"] if answer.status_code == 200 else ()
    return answer.status_code == 503 or any(verdict["status"] == "retry" for verdict in verdicts)


def pushed(client: Client, mutation: Json) -> Json:
    """Give the verdict on one mutation, however often the server has to be asked."""
    sealed = client.device.seal(mutation)
    answer = insist(lambda: client.push_sealed(sealed))
    assert answer.status_code == 200, answer.text
    (verdict,) = answer.json()["verdicts"]
    return dict(verdict)


@pytest.mark.expects_warnings
def test_one_id_from_two_devices_at_the_same_moment_counts_once(scene: Scene) -> None:
    """Both have looked, each under the lock of its own order, before either is recorded: the second is tried again."""
    other = scene.organization.order(scene.site)
    mine = scene.field.edit("work_order", scene.order, title="Mine")
    stolen = {**scene.office.edit("work_order", other, title="Stolen"), "mutation_id": mine["mutation_id"]}
    with psycopg.connect(scene.organization.server.owner_url) as holding, ThreadPoolExecutor(2) as devices:
        holding.execute("select from org_clock where organization_id = %s for update", (scene.organization.id,))
        pushes = [devices.submit(pushed, scene.field, mine), devices.submit(pushed, scene.office, stolen)]
        await_waiting(scene.organization.server, 2)
        holding.rollback()
        found = [push.result() for push in pushes]
    assert sorted(verdict["code"] or verdict["status"] for verdict in found) == ["applied", "mutation_reused"]
    versions = (scene.now()["version"], scene.organization.stands("work_order", other["id"])["version"])
    assert versions == ((2, 1) if found[0]["status"] == "applied" else (1, 2))


@pytest.mark.expects_warnings
@pytest.mark.parametrize(("long_s", "waiting"), [(WAIT_S, 1), (0.0, 2)], ids=["one process", "as of two processes"])
def test_a_batch_waits_at_the_server_until_the_one_before_has_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, long_s: float, waiting: int
) -> None:
    """A device has two under way; the first one waits here for somebody else, and the second one for the first."""
    turns = Turns()
    monkeypatch.setattr(push.TURNS, "of", partial(turns.of, long_s=long_s))
    client, server = scene.field, scene.organization.server
    first = client.device.seal(client.edit("work_order", scene.order, title="First"))
    body = client.body_of(first)
    second = client.device.seal(client.comment(scene.order), client.comment(scene.order))
    with psycopg.connect(server.owner_url) as holding, ThreadPoolExecutor(2) as line:
        holding.execute("select from org_clock where organization_id = %s for update", (scene.organization.id,))
        ahead = line.submit(insist, lambda: client.request("POST", "/v1/push", content=body))
        await_waiting(server, 1)
        behind = line.submit(insist, lambda: client.push_sealed(second))
        await_waiting(server, waiting)
        assert not behind.done()
        holding.rollback()
        verdicts = [verdict["status"] for push in (ahead, behind) for verdict in push.result().json()["verdicts"]]
    assert verdicts == ["applied"] * 3
    assert scene.now()["title"] == "First"


def test_a_device_that_sends_fifty_at_once_keeps_nobody_else_from_being_served(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each that waits for its turn keeps one of the threads of requests, of which there are 5 to 10."""
    turns, take, go = Turns(), push._push, Event()
    monkeypatch.setattr(push.TURNS, "of", partial(turns.of, long_s=WAIT_S))

    def slowly(*given: Any) -> Any:
        assert go.wait(WAIT_S)
        return take(*given)

    monkeypatch.setattr(push, "_push", slowly)
    client = scene.field
    body = client.body_of(client.device.seal(client.comment(scene.order)))
    with ThreadPoolExecutor(FLOOD) as flood:
        sent = [flood.submit(client.request, "POST", "/v1/push", content=body) for _ in range(FLOOD)]
        try:
            sent_away = [each.result() for each in islice(as_completed(sent, WAIT_S), FLOOD - MOST_OF_A_DEVICE)]
            assert scene.office.post("/v1/pull", {}).status_code == 200
        finally:
            go.set()
        assert {(each.status_code, each.json()["code"], each.headers["Retry-After"]) for each in sent_away} == {
            (503, "busy", "1")
        }
        taken = [each.result().json() for each in sent if each.result().status_code == 200]
    assert len(taken) == MOST_OF_A_DEVICE
    assert len({str(each["verdicts"]) for each in taken}) == 1
    assert len(scene.organization.rows("comment")) == 1


def test_a_batch_that_overtakes_the_one_before_changes_nothing_and_asks_for_it(scene: Scene) -> None:
    client = scene.field
    first = client.device.seal(client.edit("work_order", scene.order, title="First"))
    body, from_seq = client.body_of(first), client.device.seq
    second = client.device.seal(client.comment(scene.order))
    early = client.push_sealed(second).json()
    assert ([each["status"] for each in early["verdicts"]], early["resend_from"]) == (["retry"], from_seq)
    late = client.request("POST", "/v1/push", content=body).json()
    again = client.push_sealed(second).json()
    assert [each["verdicts"][0]["status"] for each in (late, again)] == ["applied", "applied"]


@pytest.mark.expects_warnings
def test_a_report_of_a_wipe_holds_no_command_while_it_waits_for_its_device(scene: Scene) -> None:
    """Whoever revokes a device or hears its hello has the device first, then its commands: nobody waits in a ring."""
    organization, client = scene.organization, scene.field
    device_care.revoke(organization.database, organization.id, client.device.id, is_stolen=True)
    (command,) = standing_of(client, organization.id).json()["commands"]
    with psycopg.connect(organization.server.owner_url) as holding, ThreadPoolExecutor(1) as devices:
        holding.execute("select from device where id = %s for no key update", (client.device.id,))
        report = devices.submit(insist, partial(report_wiped, client, organization.id, command["id"]))
        await_waiting(organization.server, 1)
        holding.execute("select from device_command where id = %s for no key update nowait", (command["id"],))
        holding.rollback()
        assert report.result().status_code == 204
    assert report_wiped(client, organization.id, command["id"]).status_code == 204
