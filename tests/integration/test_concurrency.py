"""Many at once, on the oldest and the newest PostgreSQL: nothing missed, nothing doubled, nobody deadlocked."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
import psycopg
import pytest
import zstandard

from sync_server.application import planning
from sync_server.application.pull import bootstrap, pull
from sync_server.application.push import push
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.messages import BootstrapRequest, PullRequest, PushRequest
from sync_server.contract.rules.draft import Key
from sync_server.storage.spool import Spool
from tests.support.device_side import Client, Json, together
from tests.support.mirror import Mirror
from tests.support.postgres import Clusters, both_postgres_ends
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Organization, Scene, Server, a_row, a_server

pytestmark = both_postgres_ends

Answer = TypeVar("Answer")
WRITERS, COMMITS = 12, 200
PATIENCE_S = 60.0
MOST_TRIES = 3


class Servers:
    """One server for each PostgreSQL, started when first asked for."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._running: dict[str, tuple[Any, Server]] = {}

    def get(self, end: str) -> Server:
        if end not in self._running:
            context = a_server(self._clusters, end)
            self._running[end] = (context, context.__enter__())
        return self._running[end][1]

    def stop(self) -> None:
        for context, _ in self._running.values():
            context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def servers(clusters: Clusters) -> Iterator[Servers]:
    every = Servers(clusters)
    yield every
    every.stop()


@pytest.fixture
def server(servers: Servers, postgres_end: str) -> Server:
    return servers.get(postgres_end)


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Let calls run at the same moment; give their answers in order."""
    barrier = threading.Barrier(len(calls))

    def start(call: Callable[[], Answer]) -> Answer:
        barrier.wait(PATIENCE_S)
        return call()

    with ThreadPoolExecutor(len(calls)) as many:
        running = [many.submit(start, call) for call in calls]
        return [each.result(PATIENCE_S) for each in running]


def pushing(organization: Organization, client: Client, sealed: list[bytes]) -> Callable[[], list[Json]]:
    """A push, past HTTP, to be done later."""
    request = msgspec.json.decode(client.body_of(sealed), type=PushRequest)

    def run() -> list[Json]:
        answer = push(organization.database, organization.caller(client), request)
        return [json.loads(bytes(raw)) for raw in answer.verdicts]

    return run


def statuses(answers: list[list[Json]]) -> list[str]:
    return [verdict["code"] or verdict["status"] for answer in answers for verdict in answer]


def lines(spool: Spool) -> list[list[Any]]:
    data = zstandard.ZstdDecompressor().decompressobj().decompress(b"".join(spool.chunks()))
    return [json.loads(line) for line in data.splitlines()]


class Reader:
    """Pulls without pause and notes, for every cursor, what it then holds of each order."""

    def __init__(self, scene: Scene) -> None:
        self.database = scene.organization.database
        self.caller = scene.organization.caller(scene.field)
        self.key = scene.organization.server.services.cursor_key
        self.mirror = Mirror()
        self.seen: list[tuple[int, dict[str, str]]] = []
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            self.pull()
        self.pull()

    def pull(self) -> None:
        self.mirror.apply(lines(pull(self.database, self.caller, PullRequest(cursor=self.mirror.cursor), key=self.key)))
        titles = {row_id: str(row["title"]) for row_id, row in self.mirror.of("work_order").items()}
        self.seen.append((self.mirror.seq, titles))
        for scope in self.mirror.offered:
            request = BootstrapRequest(scope=scope, cursor=self.mirror.cursor)
            self.mirror.apply_slice(lines(bootstrap(self.database, self.caller, request, key=self.key)))


def write(organization: Organization, order: Row, times: int) -> list[int]:
    """Commit to an order again and again; give the number of each commit."""
    found: list[int] = []
    key: Key = ("work_order", str(order["id"]))
    for number in range(1, times + 1):
        with organization.database.transaction("app_sync", organization.id) as connection:
            work = UnitOfWork(connection, organization.id, None)
            work.lock([key])
            work.put({key: {**(work.loaded[key] or {}), "title": str(number)}})
            found.append(work.finish().seq)
    return found


def test_a_reader_misses_no_commit_of_many_writers(scene: Scene) -> None:
    """Invariant 8: at cursor c every commit up to c was seen, whatever the writers did meanwhile."""
    orders = [scene.organization.order(scene.site, scene.technician, title="0") for _ in range(WRITERS)]
    reader = Reader(scene)
    with ThreadPoolExecutor(WRITERS + 1) as many:
        reading = many.submit(reader.run)
        try:
            writing = [many.submit(write, scene.organization, order, COMMITS) for order in orders]
            commits = {str(order["id"]): done.result(PATIENCE_S) for order, done in zip(orders, writing, strict=True)}
        finally:
            reader.stop.set()  # also when a writer fails: who waits for ever fails nowhere
        reading.result(PATIENCE_S)
    assert sorted(seq for seqs in commits.values() for seq in seqs) == sorted(
        {seq for seqs in commits.values() for seq in seqs}
    )
    looks = [(cursor, titles) for cursor, titles in reader.seen if len(titles) > WRITERS]
    assert len(looks) > 10
    for cursor, titles in looks:
        for order_id, seqs in commits.items():
            assert int(titles[order_id]) == sum(seq <= cursor for seq in seqs)
    assert_index_is_right(scene.organization)
    assert_mirrors(scene.organization, reader.mirror, set(reader.mirror.members))


def test_assigning_to_a_team_and_joining_it_at_once_never_miss_each_other(scene: Scene) -> None:
    rounds = 200
    organization = scene.organization
    planner = organization.device(organization.person("planner", scene.site))
    caller = organization.caller(planner)
    teams = [a_row("team", name=f"Team {n}", site_id=scene.site["id"]) for n in range(rounds)]
    orders = [
        a_row("work_order", number=f"R{n}", title="Order", site_id=scene.site["id"], status="assigned")
        for n in range(rounds)
    ]
    organization.commit([*(("team", team) for team in teams), *(("work_order", order) for order in orders)])
    person_id = str(scene.technician["id"])
    start = threading.Barrier(2)

    def assign() -> None:
        for team, order in zip(teams, orders, strict=True):
            start.wait(PATIENCE_S)
            ids = str(order["id"]), str(team["id"])
            planning.assign(organization.database, caller, ids[0], person_id=None, team_id=ids[1], at=NOW)

    def join() -> None:
        for team in teams:
            start.wait(PATIENCE_S)
            planning.join_team(organization.database, caller, str(team["id"]), person_id, at=NOW)

    with ThreadPoolExecutor(2) as both:
        for running in [both.submit(assign), both.submit(join)]:
            running.result(PATIENCE_S)
    assert_index_is_right(organization)
    assert set(scene.field.sync().of("work_order")) == {scene.order["id"], *(order["id"] for order in orders)}


def count_deadlocks(server: Server) -> int:
    """Deadlocks that PostgreSQL has found in this database; connections report them when they end."""
    server.database.close()
    name = psycopg.conninfo.conninfo_to_dict(server.owner_url)["dbname"]
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        for _ in range(100):
            ours = connection.execute(
                "select count(*) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()", (name,)
            ).fetchone()
            if ours == (0,):
                break
            connection.execute("select pg_sleep(0.02)")
        connection.execute("select pg_stat_clear_snapshot()")
        found = connection.execute("select deadlocks from pg_stat_database where datname = %s", (name,)).fetchone()
    assert found is not None
    return int(found[0])


def test_a_deadlock_would_be_counted(scene: Scene) -> None:
    server = scene.organization.server
    before = count_deadlocks(server)
    ids = [scene.order["id"], scene.organization.order(scene.site)["id"]]
    meeting = threading.Barrier(2)

    def lock(first: object, second: object) -> bool:
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("set local deadlock_timeout = '50ms'")
            connection.execute("select from work_order where id = %s for update", (first,))
            meeting.wait(PATIENCE_S)
            try:
                connection.execute("select from work_order where id = %s for update", (second,))
            except psycopg.errors.DeadlockDetected:
                return True
            return False

    assert sorted(at_once(lambda: lock(*ids), lambda: lock(*reversed(ids)))) == [False, True]
    assert count_deadlocks(server) == before + 1


def test_pushes_over_the_same_aggregates_in_any_order_never_deadlock(scene: Scene) -> None:
    organization, devices = scene.organization, 8
    people = [organization.person("technician", scene.site) for _ in range(devices)]
    orders = [organization.order(scene.site, *people) for _ in range(5)]
    parts = [organization.add("part", code=f"P{n}", name="Part") for n in range(3)]
    stores = [
        organization.add("stock_location", site_id=scene.site["id"], kind="store", code=f"S{n}", name="Store")
        for n in range(2)
    ]
    clients = [organization.device(person) for person in people]
    for client in clients:
        client.sync()
    before = count_deadlocks(organization.server)

    def mutations(client: Client, dice: random.Random) -> list[Json]:
        made: list[Json] = []
        for order in dice.sample(orders, 4):
            part, store = dice.choice(parts), dice.choice(stores)
            made.append(client.movement(store["id"], part["id"], "-1.5", order_id=order["id"]))
            made.append(client.movement(dice.choice(stores)["id"], dice.choice(parts)["id"], "2", kind="return"))
            made.append(client.edit("work_order", order, title=str(dice.random())))
            made.append(client.comment(order))
        dice.shuffle(made)
        return together(*made) if dice.random() < 0.5 else made

    def work(number: int) -> Counter[str]:
        client, dice = clients[number], random.Random(number)
        found: Counter[str] = Counter()
        for _ in range(12):
            run = pushing(organization, client, client.device.seal(*mutations(client, dice)))
            for _ in range(MOST_TRIES):
                if "retry" not in (said := [verdict["status"] for verdict in run()]):
                    break
                found["asked again"] += 1
            found.update(said)
        return found

    with ThreadPoolExecutor(devices) as many:
        totals = sum(many.map(work, range(devices)), Counter[str]())
    assert count_deadlocks(organization.server) == before
    assert totals.keys() <= {"applied", "merged", "conflict", "asked again"}
    assert len(organization.rows("comment")) == devices * 12 * 4
    assert_levels(organization)
    assert_index_is_right(organization)


@pytest.mark.parametrize("entity", ["part", "person"])
def test_what_is_being_edited_is_referred_to_meanwhile(scene: Scene, entity: str) -> None:
    """References are checked under the clock: to wait there for somebody who waits for the clock is a deadlock."""
    organization = scene.organization
    part = organization.add("part", code="P", name="Part")
    store = organization.add("stock_location", site_id=scene.site["id"], kind="store", code="S", name="Store")
    row = {"part": part, "person": scene.technician}[entity]
    movement = scene.field.movement(store["id"], part["id"], "-1", order_id=scene.order["id"])
    sealed = scene.field.device.seal(movement, scene.field.comment(scene.order))
    with organization.database.transaction("app_sync", organization.id) as connection:
        UnitOfWork(connection, organization.id, None).lock([(entity, str(row["id"]))])
        assert statuses([pushing(organization, scene.field, sealed)()]) == ["applied", "applied"]


def assert_levels(organization: Organization) -> None:
    """Invariant 17: every level is the sum of its movements."""
    sums: dict[tuple[Any, Any], Decimal] = {}
    for row in organization.rows("stock_movement"):
        key = row["stock_location_id"], row["part_id"]
        sums[key] = sums.get(key, Decimal()) + Decimal(str(row["quantity"]))
    levels = {
        (row["stock_location_id"], row["part_id"]): Decimal(str(row["quantity"]))
        for row in organization.rows("stock_level")
    }
    assert levels == sums


def test_one_push_through_two_connections_counts_once(scene: Scene) -> None:
    for _ in range(10):
        sealed = scene.field.device.seal(*(scene.field.comment(scene.order) for _ in range(3)))
        first, second = at_once(*[pushing(scene.organization, scene.field, sealed)] * 2)
        assert first == second
        assert [verdict["status"] for verdict in first] == ["applied"] * 3
    assert len(scene.organization.rows("comment")) == 30


@pytest.mark.expects_warnings
def test_one_mutation_sent_by_two_devices_counts_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(5):
        mine = scene.field.comment(scene.order, str(number))
        stolen = {**scene.office.comment(scene.order, str(number)), "mutation_id": mine["mutation_id"]}
        answers = at_once(
            pushing(scene.organization, scene.field, scene.field.device.seal(mine)),
            pushing(scene.organization, scene.office, scene.office.device.seal(stolen)),
        )
        assert sorted(statuses(answers)) == ["applied", "mutation_reused"]
    assert len(scene.organization.rows("comment")) == 5
    assert len([record for record in caplog.records if "used again" in record.message]) == 5


def test_two_pushes_of_one_device_at_once_keep_its_chain(scene: Scene) -> None:
    for _ in range(5):
        sealed = scene.field.device.seal(*(scene.field.comment(scene.order) for _ in range(4)))
        both = pushing(scene.organization, scene.field, sealed)
        request = msgspec.json.decode(
            scene.field.body_of(sealed[:2], last_seq=scene.field.device.seq - 2), type=PushRequest
        )
        caller = scene.organization.caller(scene.field)
        at_once(both, lambda: push(scene.organization.database, caller, request) and [])  # noqa: B023
        assert statuses([both()]) == ["applied"] * 4
    assert len(scene.organization.rows("comment")) == 20


def test_two_first_movements_of_a_level_are_both_counted(scene: Scene) -> None:
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="S", name="Store")
    for number in range(15):
        part = scene.organization.add("part", code=f"P{number}", name="Part")
        answers = at_once(
            *(
                pushing(
                    scene.organization, client, client.device.seal(client.movement(store["id"], part["id"], "1.25"))
                )
                for client in (scene.field, scene.office)
            )
        )
        assert statuses(answers) == ["applied", "applied"]
    assert {row["quantity"] for row in scene.organization.rows("stock_level")} == {"2.5000"}
    assert_levels(scene.organization)
    assert_index_is_right(scene.organization)


def test_one_number_given_twice_at_once_is_marked_once(scene: Scene) -> None:
    for number in range(10):
        made = [
            client.create("work_order", number=f"N{number}", title="Order", site_id=scene.site["id"])
            for client in (scene.field, scene.office)
        ]
        answers = at_once(
            pushing(scene.organization, scene.field, scene.field.device.seal(made[0])),
            pushing(scene.organization, scene.office, scene.office.device.seal(made[1])),
        )
        assert statuses(answers) == ["applied", "applied"]
    marks = Counter((row["number"], row["code_conflict"]) for row in scene.organization.rows("work_order"))
    assert all(marks[f"N{number}", mark] == 1 for number in range(10) for mark in (True, False))
