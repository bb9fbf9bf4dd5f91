"""Measures what people and devices ask for in a database with many large organizations. See README.md.

    python tests/benchmarks/large_seed.py [--json] [--size medium] [--rounds 40] [--plans]

Makes a seed in a PostgreSQL of its own (`medium`: five organizations of 20,000 orders, `large`: fifty), and asks as the
roles that serve: order list, order detail, search, nearest assets, and a pull of one change. For each
the 95th percentile over organizations and rounds, and its ratio to that of one row by its key, read by the same role.
`--plans` prints how PostgreSQL goes about them.
"""

# ruff: noqa: E402
import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import psycopg

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from sync_server.application import office_lists, office_nearest, office_search
from sync_server.application.pull import pull, scopes_here, snapshot
from sync_server.application.seeding.mass import MassOrganization, seed_mass
from sync_server.application.seeding.mass_statements import THINGS, WORDS
from sync_server.application.seeding.sizes import SIZES
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz import cursors
from sync_server.authz.cursors import Cursor
from sync_server.authz.passwords import Passwords
from sync_server.authz.visibility import Caller
from sync_server.contract.messages import PullRequest
from sync_server.storage import feed
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.embedded import start
from sync_server.storage.engine import Database
from sync_server.storage.migrating import migrate
from tests.benchmarks.command_line import machine, machine_told, options_for, tell

SECRET: Final = bytes(range(32))
KEY: Final = b"key of a benchmark, not a secret"
DEVICE_ID: Final = "00000000-0000-4000-8000-00000000d001"
BOUND_MS: Final = 100.0
WARM_ROUNDS: Final = 6
"""Of each question, so that pages are read and statements have the plan that they keep."""
PLANS: Final = {
    "order list": "select id from work_order where organization_id = {organization} and deleted_at is null"
    " and number > 'WO-0010000' order by number limit 100",
    "search": "select id from search_entry where organization_id = {organization} and live",
    "nearest": "select id from asset t where t.organization_id = {organization} and t.latitude is not null"
    " and t.longitude is not null and t.deleted_at is null"
    " order by point_on_sphere(t.latitude, t.longitude) <-> point_on_sphere(40, -30) limit 100",
    "readings of a month": "select id from meter_reading where organization_id = {organization}"
    " and received_on = current_date and meter_id = (select id from meter limit 1)",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks in one organization: its manager, its planner's office, and a technician's device."""

    database: Database
    organization_id: str
    office: Caller
    field: Caller
    orders: tuple[str, ...]

    @classmethod
    def of(cls, database: Database, made: MassOrganization) -> "Desk":
        with database.transaction("worker", made.organization_id, read_only=True) as connection:
            found = connection.execute("select name, id::text from person").fetchall()
            people: dict[str, str] = dict(found)
            orders = tuple(row[0] for row in connection.execute("select id::text from work_order order by id limit 50"))
        office, technician = (
            Caller(made.organization_id, people[name], DEVICE_ID) for name in ("Manager", "Technician 1")
        )
        return cls(database, made.organization_id, office, technician, orders)

    def by_key(self, at: int) -> object:
        """The least that any question costs: one row by its key, as the office."""
        with self.database.transaction("app_office", self.organization_id, read_only=True) as connection:
            return connection.execute(
                "select id from person where organization_id = %s limit 1", (self.organization_id,)
            ).fetchall()

    def order_list(self, at: int) -> object:
        after = f"WO-{(at * 997) % 19_000:07}"
        return office_lists.orders(self.database, self.office, status=None, limit=100, after=after)

    def order_list_by_state(self, at: int) -> object:
        return office_lists.orders(self.database, self.office, status="in_progress", limit=100, after=None)

    def order_detail(self, at: int) -> object:
        return office_lists.order(self.database, self.office, self.orders[at % len(self.orders)])

    def search_rare(self, at: int) -> object:
        words = f"{WORDS[at * 37 % len(WORDS)]} {WORDS[at * 53 % len(WORDS)]}"
        return office_search.search(self.database, self.office, words, limit=20)

    def search_common(self, at: int) -> object:
        return office_search.search(self.database, self.office, THINGS[at % len(THINGS)], limit=20)

    def search_number(self, at: int) -> object:
        return office_search.search(self.database, self.office, f"WO-{(at * 997) % 19_000:07}", limit=20)

    def nearest(self, at: int) -> object:
        latitude, longitude = 40 + at % 20 / 10, -30 - at % 14 / 10
        return office_nearest.nearest_assets(
            self.database, self.office, latitude=latitude, longitude=longitude, limit=20
        )

    def pull_one(self, at: int) -> object:
        """One change of somebody else, that the technician's device has not seen; only the pull counts."""
        cursor = self._cursor()
        self._change(self._own_order())
        began = time.perf_counter()
        list(pull(self.database, self.field, PullRequest(cursor=cursor), key=KEY).chunks())
        return time.perf_counter() - began

    def _own_order(self) -> str:
        with self.database.transaction("worker", self.organization_id, read_only=True) as connection:
            query = (
                "select work_order_id::text from work_order_assignment where organization_id = %s and person_id = %s"
                " order by id limit 1"
            )
            (order_id,) = connection.execute(query, (self.organization_id, self.field.person_id)).fetchone() or ("",)
        return str(order_id)

    def _cursor(self) -> str:
        with snapshot(self.database, self.field) as connection:
            now = feed.head(connection, self.organization_id)
            scopes = dict.fromkeys(scopes_here(connection, self.field), now.seq)
        return cursors.sign(Cursor(now.epoch, now.seq, now.nonce, scopes), key=KEY, caller=self.field)

    def _change(self, order_id: str) -> None:
        with self.database.transaction("worker", self.organization_id) as connection:
            work = UnitOfWork(connection, self.organization_id, None)
            work.lock([("work_order", order_id)])
            row = work.get("work_order", order_id) or {}
            changed = {**row, "estimated_minutes": int(str(row["estimated_minutes"] or 0)) + 1}
            work.put({("work_order", order_id): changed})
            work.finish()


QUESTIONS: Final[dict[str, Callable[[Desk, int], object]]] = {
    "one row by key": Desk.by_key,
    "order list": Desk.order_list,
    "order list by state": Desk.order_list_by_state,
    "order detail": Desk.order_detail,
    "search, two rare words": Desk.search_rare,
    "search, a common word": Desk.search_common,
    "search, a number": Desk.search_number,
    "nearest": Desk.nearest,
    "pull of one change": Desk.pull_one,
}


def measured(desks: list[Desk], rounds: int) -> dict[str, dict[str, float]]:
    """Question → median and 95th percentile in milliseconds, organizations in turn."""
    found = {}
    for name, ask in QUESTIONS.items():
        times = []
        for at, desk in enumerate(islice(cycle(desks), WARM_ROUNDS + rounds)):
            began = time.perf_counter()
            told = ask(desk, at)
            took = told if isinstance(told, float) else time.perf_counter() - began
            if at >= WARM_ROUNDS:
                times.append(1_000 * took)
        found[name] = {"median_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18]}
    least = found["one row by key"]["p95_ms"]
    return {name: {**each, "ratio": each["p95_ms"] / least} for name, each in found.items()}


def plans(url: str, desk: Desk) -> dict[str, list[str]]:
    """How PostgreSQL goes about the questions behind row security, as the office."""
    told = {}
    with psycopg.connect(url) as connection:
        sites = "select string_agg(id::text, ',') from site where organization_id = %s"
        (every,) = connection.execute(sites, (desk.organization_id,)).fetchone() or ("",)
        connection.execute("set local role cmms_app_office")
        values = {"organization_id": desk.organization_id, "site_ids": every, "search": "'overflow' & 'backgear'"}
        for name, value in values.items():
            connection.execute("select set_config('app.' || %s, %s, true)", (name, value))
        for name, query in PLANS.items():
            explained = "explain (analyze, costs off, timing off) " + query.format(
                organization=f"'{desk.organization_id}'"
            )
            told[name] = [row[0] for row in connection.execute(explained.encode())]
        connection.rollback()
    return told


def main() -> None:
    parser = options_for(__doc__)
    parser.add_argument("--size", choices=sorted(SIZES), default="medium")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--plans", action="store_true", help="print how PostgreSQL goes about it")
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="cmms-large-seed-", dir="/tmp") as folder,
        start(Path(folder), durable=False) as cluster,
    ):
        migrate(cluster.url(), SECRET)
        with Database(cluster.url(), SECRET, allow_old_postgres=True) as database:
            tell(wanted, *answered(wanted, database, cluster.url()))


def answered(wanted: argparse.Namespace, database: Database, url: str) -> tuple[list[str], dict[str, Any]]:
    """Make the seed, measure, and say it for people and as an object."""
    began = time.perf_counter()
    today = datetime.now(UTC).date()
    store = BlobStore.in_memory()
    made = list(seed_mass(database, SIZES[wanted.size], today=today, passwords=Passwords(cheap=True), store=store))
    seeded_s = time.perf_counter() - began
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    desks = [Desk.of(database, each) for each in made]
    found = measured(desks, wanted.rounds)
    answer = {"machine": machine(size=wanted.size, rounds=wanted.rounds), "seeded_s": seeded_s, "questions": found}
    lines = [machine_told(answer), f"seeded in {seeded_s:.0f} s"]
    for name, each in found.items():
        late = f"  more than {BOUND_MS:.0f} ms" if each["p95_ms"] > BOUND_MS else ""
        figures = f"median {each['median_ms']:8.1f} ms   p95 {each['p95_ms']:8.1f} ms   ratio {each['ratio']:6.1f}"
        lines.append(f"{name:24} {figures}{late}")
    if wanted.plans:
        for name, plan in plans(url, desks[0]).items():
            lines += ["", name, *("    " + line for line in plan)]
    return lines, answer


if __name__ == "__main__":
    main()
