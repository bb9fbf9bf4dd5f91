"""What an edit costs the server: processor time and statements of a push, without HTTP. No wall time. See README.md.

    python tests/benchmarks/unit.py [--json] [--edits 600] [--rounds 5] [--batch 500] [--unprepared] [--profile]

Pushes of one edit, then of a batch, are applied in this process against a PostgreSQL of its own; what the processes of
both have used of the processor is divided by the edits, so that a busy machine changes little.
"""

import argparse
import cProfile
import os
import pstats
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from sync_server.application.push import push  # noqa: E402
from sync_server.authz.visibility import Caller  # noqa: E402
from sync_server.contract.messages import PushRequest, Seal  # noqa: E402
from sync_server.storage import prepared as statements  # noqa: E402
from sync_server.storage.engine import Database  # noqa: E402
from tests.benchmarks.command_line import floor_of, options_beside_floor, tell  # noqa: E402
from tests.benchmarks.world import OURS, TECHNICIAN_ID, Wishes, World  # noqa: E402
from tests.support.device_side import AT, Device, Json  # noqa: E402

WARM = 30
"""Pushes of each size before the first that counts: every statement then has its final plan."""
ORDERS = 2_000
TICKS_MS = 1_000 / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print; 2 with a sentence when there is no floor, whose rows are used."""
    options = _options()
    floor = floor_of(options).rows_module
    with World(Wishes(ORDERS, profile=True), floor) as world, _sender(world, options.unprepared) as sender:
        for size in (1, options.batch):
            sender.send(size, WARM if size == 1 else 3)
        found = {name: sender.measured(size, options) for name, size in (("alone", 1), ("batch", options.batch))}
    tell(options, table(found, options.batch), found)
    return 0


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument(
        "--edits", type=int, default=600, help="edits sent alone in a round; of batches five times that"
    )
    parser.add_argument("--rounds", type=int, default=5, help="the median of them counts")
    parser.add_argument("--batch", type=int, default=500, help="edits in a large push, 500 at most")
    parser.add_argument("--unprepared", action="store_true", help="PostgreSQL keeps no statement parsed and planned")
    parser.add_argument("--profile", action="store_true", help="say where our own time goes, and each statement")
    return parser.parse_args()


@contextmanager
def _sender(world: World, unprepared: bool) -> Iterator["Sender"]:
    world.stop_server()
    device = Device()
    with psycopg.connect(world.cluster.url(OURS), autocommit=True) as connection:
        (organization_id,) = connection.execute("select id::text from organization").fetchone() or ("",)
        connection.execute(
            "insert into device (organization_id, id, person_id, name, public_key, app_version, enrolled_at)"
            " values (%s, %s, %s, 'Tablet', %s, '1', now())",
            (organization_id, device.id, TECHNICIAN_ID, device.public_key),
        )
        found = connection.execute("select id::text, version, title from work_order order by id").fetchall()
    if unprepared:
        statements.MOST_NAMES = 0
    with Database(world.cluster.url(OURS), world.secret, allow_old_postgres=True) as database:
        rows = [{"id": row[0], "version": row[1], "title": row[2]} for row in found]
        yield Sender(world, database, Caller(organization_id, TECHNICIAN_ID, device.id), device, rows)


@dataclass(slots=True)
class Sender:
    """A device of the technician who holds every order, and changes the title of one after the other."""

    world: World
    database: Database
    caller: Caller
    device: Device
    rows: list[dict[str, Any]]
    sent: int = 0

    def send(self, size: int, pushes: int) -> float:
        """Push; give the processor time that this process has used for it, in milliseconds."""
        used_ms = 0.0
        for _ in range(pushes):
            request = self._request(size)
            began = time.process_time()
            answer = push(self.database, self.caller, request)
            used_ms += (time.process_time() - began) * 1_000
            assert all(b'"applied"' in bytes(each) for each in answer.verdicts), bytes(answer.verdicts[0])
        return used_ms

    def _request(self, size: int) -> PushRequest:
        sealed = self.device.seal(*(self._edit() for _ in range(size)))
        seal = Seal(**self.device.seal_of(sealed))
        return PushRequest(seal=seal, mutations=[msgspec.Raw(each) for each in sealed])

    def _edit(self) -> Json:
        row = self.rows[self.sent % len(self.rows)]
        self.sent += 1
        mutation_id = f"00000000-0000-4000-8000-{self.sent:012x}"
        title = f"Title {self.sent}"
        edit = {
            "mutation_id": mutation_id, "device": self.device.id, "user": TECHNICIAN_ID, "signer": None,
            "group": mutation_id, "type": "work_order.set", "v": 1, "aggregate_id": row["id"], "entity": "work_order",
            "id": row["id"], "base": {"epoch": "", "version": row["version"], "seq": 1},
            "set": {"title": [row["title"], title]}, "depends": [], "at": AT, "blobs": [],
        }  # fmt: skip
        row |= {"title": title, "version": row["version"] + 1}
        return edit

    def measured(self, size: int, options: argparse.Namespace) -> dict[str, float]:
        """Medians of the rounds, per edit, and statements a push."""
        pushes = options.edits if size == 1 else max(1, options.edits * 5 // size)
        rounds = [self._round(size, pushes) for _ in range(options.rounds)]
        if options.profile:
            self._explain(size, pushes)
        found = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        return {name: round(value, 3) for name, value in found.items()}

    def _round(self, size: int, pushes: int) -> dict[str, float]:
        self.world.forget_statements()
        before, edits = _postgres_ms(self.world), size * pushes
        server_ms = self.send(size, pushes)
        postgres_ms = _postgres_ms(self.world) - before
        return {
            "server_ms": server_ms / edits,
            "postgres_ms": postgres_ms / edits,
            "statements": _statements(self.world) / pushes,
        }

    def _explain(self, size: int, pushes: int) -> None:
        self.world.forget_statements()
        profile = cProfile.Profile()
        profile.runcall(self.send, size, pushes)
        pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(35)
        for text, calls, took_ms in self.world.statements():
            print(f"{took_ms:9.1f} ms {calls:6}  {text[:150]}")


def _statements(world: World) -> int:
    """Statements of our role since they were last forgotten, those that begin and end a transaction among them."""
    query = (
        "select coalesce(sum(calls), 0)::bigint from pg_stat_statements s join pg_roles r on r.oid = s.userid"
        " where r.rolname = 'cmms_app_sync' and toplevel"
    )
    with psycopg.connect(world.cluster.url()) as connection:
        found = connection.execute(query.encode()).fetchone()
    return int(found[0]) if found else 0


def _postgres_ms(world: World) -> float:
    """Processor time of the processes that PostgreSQL has now."""
    with psycopg.connect(world.cluster.url()) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where datname = %s or backend_type in ('walwriter', 'background writer')",
            (OURS,),
        )
        return sum(_used_ms(pid) for (pid,) in found)


def _used_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICKS_MS


def table(found: dict[str, dict[str, float]], batch: int) -> list[str]:
    """The answer for people."""
    lines = [f"{'':24}{'server, ms':>12}{'PostgreSQL, ms':>16}{'together':>10}{'statements a push':>19}"]
    for name, what in (("alone", "an edit, sent alone"), ("batch", f"an edit among {batch}")):
        server, postgres, count = (found[name][each] for each in ("server_ms", "postgres_ms", "statements"))
        lines.append(f"{what:24}{server:>12.3f}{postgres:>16.3f}{server + postgres:>10.3f}{count:>19.1f}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
