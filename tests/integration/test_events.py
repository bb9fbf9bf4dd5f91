"""The stream of pokes: who is poked, who is not, and what ends a stream."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sync_server.app import make_app
from sync_server.application import pokes as poking
from sync_server.application.pokes import Pokes
from sync_server.authz.tokens import Access
from sync_server.authz.visibility import Caller
from sync_server.cli.serving import address_of, make_server
from sync_server.cli.serving import listening as listening_at
from sync_server.http.logs import RequestLog
from sync_server.storage.engine import Database
from tests.support.event_stream import PATIENCE_S, EventStream, an_event_stream
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import Scene, Server, services_for

QUIET_S = 1.5
"""Six looks of the server: a poke that should not come would have come."""


@pytest.fixture
def scene(server: Server) -> Scene:
    made = Scene.of(server)
    for client in (made.field, made.office):
        client.hello()
    return made


@contextmanager
def listening(scene: Scene) -> Iterator[EventStream]:
    """The technician's stream, after its first poke: compared with the clock, it now goes by what changes."""
    with an_event_stream(scene.field, known=0) as stream:
        stream.wait_until(scene.organization.seq())
        yield stream


def test_an_office_edit_pokes_whoever_holds_the_order_and_says_nothing_of_it(scene: Scene) -> None:
    with an_event_stream(scene.field, known=scene.organization.seq()) as stream:
        assert stream.response.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert (stream.next_line(), stream.next_line()) == (": listening", "")
        commit = scene.organization.change("work_order", scene.order["id"], title="By the office")
        assert [stream.next_line() for _ in range(3)] == [f"id: {commit.seq}", "data", ""]


def test_a_change_in_nobodys_scope_pokes_nobody(scene: Scene) -> None:
    elsewhere = scene.organization.site()
    other = scene.organization.order(elsewhere)
    scene.field.sync()
    with listening(scene) as stream:
        scene.organization.change("work_order", other["id"], title="Elsewhere")
        assert stream.is_silent(QUIET_S)
        commit = scene.organization.change("work_order", scene.order["id"], title="Here")
        assert stream.wait_for_poke() == commit.seq


def test_a_push_of_one_device_pokes_the_other_that_holds_the_order(scene: Scene) -> None:
    with an_event_stream(scene.office, known=0) as stream:
        stream.wait_until(scene.organization.seq())
        scene.field.push_one(scene.field.edit("work_order", scene.order, title="Mine"))
        assert stream.wait_for_poke() == scene.organization.seq()


def test_an_order_that_leaves_pokes_whoever_held_it(scene: Scene) -> None:
    with listening(scene) as stream:
        scene.unassign()
        stream.wait_until(scene.organization.seq())


@pytest.mark.parametrize("known", [None, 0, "behind"])
def test_who_comes_with_less_than_the_clock_is_poked_at_once(scene: Scene, known: int | str | None) -> None:
    """What changed between a pull and the stream is not missed."""
    seq = scene.organization.seq() - 1 if known == "behind" else known
    assert seq is None or isinstance(seq, int)
    with an_event_stream(scene.field, known=seq) as stream:
        assert stream.wait_for_poke() == scene.organization.seq()


def test_who_knows_all_is_left_alone(scene: Scene) -> None:
    with an_event_stream(scene.field, known=scene.organization.seq()) as stream:
        assert stream.is_silent(QUIET_S)


def test_organizations_poke_their_own(scene: Scene, server: Server) -> None:
    """Invariant 28: a clock of another organization moves nobody here."""
    other = Scene.of(server)
    other.field.hello()
    with listening(scene) as stream, an_event_stream(other.field, known=0) as theirs:
        commit = other.organization.change("work_order", other.order["id"], title="Theirs")
        theirs.wait_until(commit.seq)
        assert stream.is_silent(QUIET_S)


def test_a_restored_server_pokes_everybody(scene: Scene) -> None:
    with listening(scene) as stream:
        before = scene.organization.seq()
        scene.organization.ask(
            "update org_clock set epoch = gen_random_uuid() where organization_id = %s", scene.organization.id
        )
        assert stream.wait_for_poke() == before


def test_a_revoked_device_is_dropped(scene: Scene, server: Server) -> None:
    """Invariant 30; the look for revoked devices is hurried here, and never more than 20 s away."""
    assert poking.CHECK_EVERY_S <= 30
    server.services.pokes.check_every_s = 0.1
    try:
        with an_event_stream(scene.field, known=scene.organization.seq()) as stream:
            scene.organization.ask("update device set revoked_at = now() where id = %s", scene.field.device.id)
            stream.wait_for_end()
    finally:
        server.services.pokes.check_every_s = poking.CHECK_EVERY_S


def test_a_scope_that_is_granted_meanwhile_counts_soon(scene: Scene, server: Server) -> None:
    server.services.pokes.check_every_s = 0.1
    site = scene.organization.site()
    other = scene.organization.order(site)
    try:
        with an_event_stream(scene.office, known=scene.organization.seq()) as stream:
            granted = scene.organization.add(
                "site_access",
                aggregate_id=scene.supervisor["id"],
                person_id=scene.supervisor["id"],
                site_id=site["id"],
                role="supervisor",
            )
            stream.wait_until(int(str(granted["sync_seq"])))
            scene.office.sync()
            scene.office.hello()
            commit = scene.organization.change("work_order", other["id"], title="Now seen")
            while stream.is_silent(QUIET_S):  # the scope was granted, and the next look finds it
                commit = scene.organization.change("work_order", other["id"], title=f"Seen at {commit.seq}")
    finally:
        server.services.pokes.check_every_s = poking.CHECK_EVERY_S


def test_a_stream_ends_with_its_token(scene: Scene, server: Server) -> None:
    access = Access(scene.organization.id, scene.field.person_id, scene.field.device.id)
    soon = datetime.now(UTC) - timedelta(minutes=10) + timedelta(seconds=4)
    token, _ = server.services.tokens.issue(access, at=soon)
    scene.field.session["access_token"] = token
    with an_event_stream(scene.field, known=scene.organization.seq()) as stream:
        stream.wait_for_end()


def test_a_device_listens_once(scene: Scene) -> None:
    with an_event_stream(scene.field, known=scene.organization.seq()) as first:
        assert first.next_line() == ": listening"
        with an_event_stream(scene.field, known=scene.organization.seq()) as second:
            first.wait_for_end()
            commit = scene.organization.change("work_order", scene.order["id"], title="Once")
            assert second.wait_for_poke() == commit.seq


def test_a_full_server_says_when_to_come_again(scene: Scene, server: Server) -> None:
    server.services.pokes.most = 0
    try:
        response = scene.field.request("GET", "/v1/events")
        assert (response.status_code, response.json()["code"]) == (503, "busy")
        assert response.headers["retry-after"] == str(poking.FULL_RETRY_S)
    finally:
        server.services.pokes.most = poking.MOST_LISTENERS


def test_streams_hold_no_connection_to_the_database(scene: Scene) -> None:
    count = 25
    with ExitStack() as opened:
        streams = [
            opened.enter_context(an_event_stream(client, known=0))
            for client in [scene.organization.device(scene.technician) for _ in range(count)]
            if client.hello()
        ]
        for stream in streams:
            stream.wait_for_poke()
        for _ in range(20):
            ((open_transactions,),) = scene.organization.ask(
                "select count(*) from pg_stat_activity where usename like 'cmms%%' and state like 'idle in tr%%'"
                " and now() - state_change > interval '1 second'"
            )
            assert open_transactions == 0
        ((worker,),) = scene.organization.ask("select count(*) from pg_stat_activity where usename = 'cmms_worker'")
        assert worker <= 2, "one thread asks for all of them"
        commit = scene.organization.change("work_order", scene.order["id"], title="For all")
        for stream in streams:
            stream.wait_until(commit.seq)


@pytest.mark.parametrize("header", ["x", "-1", "9" * 40, "١", ""])
def test_a_strange_last_event_id_counts_as_none(scene: Scene, header: str) -> None:
    with (
        httpx.Client(timeout=PATIENCE_S) as http,
        http.stream(
            "GET",
            f"{scene.field.url}/v1/events",
            headers=httpx.Headers({**scene.field.credentials(), "Last-Event-ID": header}, encoding="utf-8"),
        ) as response,
    ):
        assert response.status_code == 200
        for line in response.iter_lines():
            if line.startswith("id: "):
                break


def test_a_server_that_stops_waits_for_no_stream(scene: Scene, server: Server) -> None:
    """As it is served, but without the time limit that would end a stream after all."""
    services = services_for(server.owner_url, server.blob_folder)
    began = threading.Event()
    with listening_at("127.0.0.1", 0) as taken:
        served = make_server(RequestLog(make_app(services)), began.set, end_streams=services.pokes.close)
        served.config.timeout_graceful_shutdown = None
        thread = threading.Thread(target=served.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        assert began.wait(PATIENCE_S)
        scene.field.url = address_of(taken)
        with an_event_stream(scene.field, known=scene.organization.seq()) as stream:
            assert stream.next_line() == ": listening"
            served.stop()
            stream.wait_for_end()
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the server waits for a stream"
    scene.field.url = server.url
    assert not services.pokes._listeners


class KeptEar:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.pokes: list[tuple[int, float]] = []
        self.is_over = False

    def poke(self, seq: int, after_s: float) -> None:
        self.pokes.append((seq, after_s))

    def end(self) -> None:
        self.is_over = True


def test_many_devices_are_poked_one_after_another(scene: Scene) -> None:
    """So that 500 of them do not come in the same instant."""
    pokes = Pokes(scene.organization.database, every_s=3_600)
    devices = [scene.organization.device(scene.technician) for _ in range(5)]
    ears = [KeptEar() for _ in devices]
    with ExitStack() as listening:
        pokes._thread = object()  # type: ignore[assignment] # this test looks by itself
        for device, ear in zip(devices, ears, strict=True):
            caller = Caller(scene.organization.id, device.person_id, device.device.id)
            listening.enter_context(pokes.listening(caller, ear, known_seq=0))
        pokes.look()
        seq = scene.organization.seq()
        assert sorted(ear.pokes[0] for ear in ears) == [(seq, pytest.approx(at * poking.SPREAD_S)) for at in range(5)]
        pokes.look()
        assert {len(ear.pokes) for ear in ears} == {1}, "a clock that stands pokes nobody"


@pytest.mark.slow
@pytest.mark.expects_warnings
def test_a_database_that_is_away_is_said_once_and_ends_no_stream(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with Database("postgresql://127.0.0.1:1/none", TEST_SECRET, allow_old_postgres=True) as away:
        pokes, ear = Pokes(away, every_s=0.01), KeptEar()
        caller = Caller(scene.organization.id, scene.field.person_id, scene.field.device.id)
        with pokes.listening(caller, ear, known_seq=0):
            thread = pokes._thread
            while not pokes._is_failing:
                threading.Event().wait(0.01)
            pokes._look_safely()
            assert thread is not None
            assert thread.is_alive()
            assert not ear.is_over
            assert caplog.text.count("devices are not poked for a while") == 1
            pokes.database = scene.organization.database
            while not ear.pokes:
                threading.Event().wait(0.01)
        pokes.close(wait_s=PATIENCE_S)
    assert not thread.is_alive()
