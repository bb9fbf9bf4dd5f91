"""Counts what PostgreSQL reads for one pull, rows and buffers, while an organization grows. No times. See README.md.

    python tests/benchmarks/reads.py [--json] [--sizes 1000 10000 100000] [--floor PATH]

Ends with 1 when rows, or the buffers of the most changes, grow by more than a tenth from the first size to the last.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from sync_server.application.pull import pull, scopes_here, snapshot  # noqa: E402
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders  # noqa: E402
from sync_server.application.unit_of_work import UnitOfWork  # noqa: E402
from sync_server.authz import cursors  # noqa: E402
from sync_server.authz.cursors import Cursor  # noqa: E402
from sync_server.authz.visibility import Caller  # noqa: E402
from sync_server.contract.messages import PullRequest  # noqa: E402
from sync_server.storage import feed  # noqa: E402
from sync_server.storage.engine import Database  # noqa: E402
from tests.benchmarks.command_line import floor_of, options_beside_floor, tell  # noqa: E402
from tests.benchmarks.world import OURS, SITE_ID, TECHNICIAN_ID, Wishes, World  # noqa: E402
from tests.support.read_counters import counting_reads  # noqa: E402

CHANGES = (0, 1, 100)
MOST_GROWTH = 1.1
GENERIC_AFTER = 12
"""Pulls after which every statement is prepared and has the plan that it keeps."""
KEY = b"key of a benchmark, not a secret"
DEVICE_ID = "00000000-0000-4000-8000-00000000d001"


def main() -> int:
    """Grow an organization and count; 1 when a pull reads more for it, 2 with a sentence when there is no floor."""
    options = _options()
    floor = floor_of(options).rows_module
    with World(Wishes(1, profile=True), floor) as world, _reader(world) as reader:
        found = {size: reader.grown_to(size) for size in sorted(options.sizes)}
    answer = {str(size): counts for size, counts in found.items()}
    growth = compared(answer)
    tell(options, table(answer, growth), {"sizes": answer, "growth": growth})
    buffers = growth[f"{CHANGES[-1]} changes"]["buffers"]
    return int(max(buffers, *(each["rows"] for each in growth.values())) > MOST_GROWTH)


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="orders at which to count"
    )
    return parser.parse_args()


@contextmanager
def _reader(world: World) -> Iterator["Reader"]:
    with Database(world.cluster.url(OURS), world.secret, allow_old_postgres=True) as database:
        with psycopg.connect(world.cluster.url(OURS)) as connection:
            (organization_id,) = connection.execute("select id::text from organization").fetchone() or ("",)
        yield Reader(world, database, Caller(organization_id, TECHNICIAN_ID, DEVICE_ID))


@dataclass(slots=True)
class Reader:
    """A device of the technician who holds every order of the organization."""

    world: World
    database: Database
    caller: Caller
    size: int = 0

    def grown_to(self, size: int) -> dict[str, dict[str, int]]:
        """Load orders up to a size, and count what pulls of some changes read: name → rows and buffers."""
        rows = list(synthetic_orders(size - self.size, site_id=SITE_ID, seed=size))
        load_work_orders(self.database, self.caller.organization_id, rows, assignee_id=TECHNICIAN_ID)
        self.size = size
        with psycopg.connect(self.world.cluster.url(OURS), autocommit=True) as connection:
            connection.execute("vacuum analyze")
        ids = [str(row["id"]) for row in rows]
        for number in range(GENERIC_AFTER):
            self._counted(ids[number : number + 1])
        return {f"{changes} changes": self._counted(ids[:changes]) for changes in CHANGES}

    def _counted(self, order_ids: list[str]) -> dict[str, int]:
        cursor = self._cursor()
        for order_id in order_ids:
            self._change(order_id)
        self.world.forget_statements()
        with counting_reads() as counters:
            list(pull(self.database, self.caller, PullRequest(cursor=cursor), key=KEY).chunks())
        return {"rows": counters.rows, "buffers": self.world.buffers("cmms_app_sync")}

    def _cursor(self) -> str:
        """Of a device that has read everything."""
        with snapshot(self.database, self.caller) as connection:
            now = feed.head(connection, self.caller.organization_id)
            scopes = dict.fromkeys(scopes_here(connection, self.caller), now.seq)
        return cursors.sign(Cursor(now.epoch, now.seq, now.nonce, scopes), key=KEY, caller=self.caller)

    def _change(self, order_id: str) -> None:
        with self.database.transaction("worker", self.caller.organization_id) as connection:
            work = UnitOfWork(connection, self.caller.organization_id, None)
            work.lock([("work_order", order_id)])
            row = work.get("work_order", order_id) or {}
            work.put({("work_order", order_id): {**row, "estimated_minutes": int(row["estimated_minutes"] or 0) + 1}})
            work.finish()


def compared(answer: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Last size over first, by number of changes and kind."""
    first, *_, last = answer.values()
    return {
        name: {kind: round(last[name][kind] / first[name][kind], 3) for kind in ("rows", "buffers")} for name in first
    }


def table(answer: dict[str, Any], growth: dict[str, dict[str, float]]) -> list[str]:
    """The answer for people."""
    lines = [f"{'one pull of':>14}" + "".join(f"{name + ': rows, buffers':>30}" for name in growth)]
    for size, counts in answer.items():
        lines.append(f"{size:>14}" + "".join(f"{each['rows']:>18}{each['buffers']:>12}" for each in counts.values()))
    lines.append(
        f"{'last/first':>14}" + "".join(f"{each['rows']:>18}{each['buffers']:>12}" for each in growth.values())
    )
    lines.append(f"bound: {MOST_GROWTH} for rows, and for the buffers of {CHANGES[-1]} changes.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
