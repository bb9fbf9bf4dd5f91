"""How long the questions of the screens take on a device that holds many orders, beside one bare SELECT of their rows.

    python tests/benchmarks/queries.py [--json] [--orders 5000] [--mine 200] [--rounds 15]

A store of its own is filled past the policies: orders on ten sites, twelve checklist items each, twenty thousand asset
labels. `--mine` of the orders are the person's, sixty of them open; the rest are his sites' to review. Every question
is asked in a snapshot of its own. `ratio` is its median over that of reading the person's open orders and their items
with two bare statements: what nothing can beat.
"""

# ruff: noqa: E402
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.queries.day import DaySpan, day_cards
from cmms_desktop.application.queries.order import order_page
from cmms_desktop.application.queries.order_list import all_orders
from cmms_desktop.application.queries.readiness import readiness
from cmms_desktop.application.queries.review import review_queue
from cmms_desktop.application.queries.search import search
from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.application.session import Reading
from cmms_desktop.replica.rows import SQL
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.fields import Row, Scalar
from tests.benchmarks.command_line import options_for, tell
from tests.support.replicas import TECHNICIAN, new_replica, row, uid, work_order

SITES, ASSETS, ITEMS, LABELS = 10, 3_000, 12, 20_000
OPEN: Final = ("new", "assigned", "in_progress", "on_hold")
ANY: Final = (*OPEN, "completed", *("closed",) * 5)
TODAY: Final = DaySpan("2026-03-02T00:00:00.000000Z", "2026-03-03T00:00:00.000000Z")
DONE_AT: Final = "2026-02-20T10:00:00.000000Z"
CLOSED_AT: Final = "2026-02-21T10:00:00.000000Z"
_BARE: Final = """
SELECT w.* FROM work_order w JOIN member m ON m.aggregate_id = w.id AND m.scope_id = ?
WHERE w.status IN ('new', 'assigned', 'in_progress', 'on_hold')"""
_JOINED: Final = "JOIN checklist_item i ON i.aggregate_id = w.id WHERE"
_BARE_ITEMS: Final = _BARE.replace("w.*", "i.*").replace("WHERE", _JOINED)


def places() -> Iterator[tuple[str, Row]]:
    yield "person", row("person", TECHNICIAN, name="Technician 14", role="supervisor")
    for n in range(SITES):
        yield "site", row("site", uid(n + 1), name=f"Site {n}", code=f"S{n}")
        access: dict[str, Scalar] = {"person_id": TECHNICIAN, "site_id": uid(n + 1), "role": "supervisor"}
        yield "site_access", row("site_access", uid(100 + n), TECHNICIAN, **access)
    for n in range(LABELS):
        label: dict[str, Scalar] = {"asset_id": uid(200_000 + n), "site_id": uid(n % SITES + 1), "code": f"A-{n}"}
        yield "asset_stub", row("asset_stub", uid(400_000 + n), None, **label, name=f"Pump {n}", serial=f"SN{n}")


def orders(count: int, mine: int) -> Iterator[tuple[str, Row]]:
    chance = random.Random(7)
    for n in range(count):
        order_id, list_id = uid(1_000_000 + n), uid(2_000_000 + n)
        status = chance.choice(OPEN if n < min(mine, 60) else ANY)
        values: dict[str, Scalar] = {"site_id": uid(n % SITES + 1), "status": status, "version": 1}
        values |= {"asset_id": uid(200_000 + n % ASSETS), "due_at": TODAY.starts_at, "description": "x" * 400}
        values |= {"completed_at": DONE_AT} if status in {"completed", "closed"} else {}
        values |= {"closed_at": CLOSED_AT} if status == "closed" else {}
        yield "work_order", work_order(order_id, title=f"Order {n} about a pump", **values)
        yield "checklist", row("checklist", list_id, order_id, work_order_id=order_id, name="Pump, monthly")
        for place in range(ITEMS):
            item: dict[str, Scalar] = {"checklist_id": list_id, "key": f"k{place}", "position": place}
            item |= {"condition": '{"item":"k0","is":"fail"}'} if place == 5 else {}
            item_id = uid(10_000_000 + n * ITEMS + place)
            yield "checklist_item", row("checklist_item", item_id, order_id, kind="pass_fail", prompt="Tight?", **item)


def filled(folder: Path, count: int, mine: int) -> Replica:
    """A device that holds all of it."""
    replica = new_replica(folder)
    with replica.database.writer() as handle:
        for entity, made in (*places(), *orders(count, mine)):
            handle.cursor.execute(SQL[entity].insert, SQL[entity].values(made))
        for n in range(count):
            scope = f"user:{TECHNICIAN}" if n < mine else f"review:{uid(n % SITES + 1)}"
            handle.cursor.execute("INSERT INTO member VALUES (?, ?, 'work_order')", (scope, uid(1_000_000 + n)))
    return replica


def bare(reading: Reading) -> None:
    for sql in (_BARE, _BARE_ITEMS):
        reading.cursor.execute(sql, (f"user:{TECHNICIAN}",)).fetchall()


def questions(order_ids: list[str]) -> dict[str, Callable[[Reading], Any]]:
    return {
        "bare SELECT": bare,
        "day": lambda reading: day_cards(reading, TECHNICIAN, TODAY),
        "readiness": lambda reading: readiness(reading, order_ids),
        "order": lambda reading: order_page(reading, order_ids[0]),
        "checklist": lambda reading: checklist_page(reading, order_ids[0]),
        "all orders": all_orders,
        "search": lambda reading: search(reading, "pump 49"),
        "review": lambda reading: review_queue(reading, TECHNICIAN, approved_since=DONE_AT),
        "sync": sync_page,
    }


def medians(replica: Replica, rounds: int) -> dict[str, float]:
    """Question → median in milliseconds."""
    with replica.read() as reading:
        order_ids = [card.id for card in day_cards(reading, TECHNICIAN, TODAY)]
    found: dict[str, list[float]] = {}
    for name, ask in questions(order_ids).items():
        for _ in range(rounds):
            with replica.read() as reading:
                began = time.perf_counter()
                ask(reading)
                found.setdefault(name, []).append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    parser = options_for(__doc__)
    for name, default in (("--orders", 5_000), ("--mine", 200), ("--rounds", 15)):
        parser.add_argument(name, type=int, default=default)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder), wanted.orders, wanted.mine) as replica:
        found = medians(replica, wanted.rounds)
    bare_ms = found["bare SELECT"]
    lines = [f"{name:12} {median_ms:8.1f} ms   ratio {median_ms / bare_ms:.1f}" for name, median_ms in found.items()]
    tell(wanted, lines, found)


if __name__ == "__main__":
    main()
