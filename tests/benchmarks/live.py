"""Measures how soon an edit that one device sends is visible on another that listens. See README.md.

    python tests/benchmarks/live.py [--json] [--rows 2000] [--edits 100] [--floor PATH]

Ends with 1 when the bound is broken.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from cmms_desktop.app.desk import Desk, Workplace  # noqa: E402
from cmms_desktop.config import ClientSettings  # noqa: E402
from cmms_desktop.credentials.secret_store import MemoryStore  # noqa: E402
from cmms_desktop.sync.poke_listener import PokeListener  # noqa: E402
from cmms_desktop.sync.scheduler import Scheduler  # noqa: E402
from tests.benchmarks.accounts import LOGIN, PASSWORD, SLUG  # noqa: E402
from tests.benchmarks.command_line import (  # noqa: E402
    floor_of,
    machine,
    machine_told,
    options_beside_floor,
    tell,
)
from tests.benchmarks.device import bare_round_trip_ms  # noqa: E402
from tests.benchmarks.world import Wishes, World  # noqa: E402

BOUND_MS = 400
BETWEEN_S = (0.9, 1.9)
"""Between an edit that was seen and the next one, by chance, so that it falls anywhere between two looks."""
PATIENCE_S = 30.0


def main() -> int:
    """Run it and print the table; 1 when the bound is broken, 2 with a sentence when there is no floor."""
    options = _options()
    floor = floor_of(options).rows_module
    with World(Wishes(options.rows, assigned=True, open_orders=min(25, options.rows)), floor) as world:
        with tempfile.TemporaryDirectory(dir=world.folder) as folder:
            seen_ms, bare_ms = _measure(Path(folder), world.server_url, options.edits)
        here = machine(postgres=world.postgres_version())
    answer = {**compared(seen_ms, bare_ms), "rows": options.rows, "edits": options.edits, "machine": here}
    tell(options, table(answer), answer)
    return int(answer["p95"]["ours"] > BOUND_MS)


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="orders in the technician's scope, 25 of them open")
    parser.add_argument("--edits", type=int, default=100, help="edits that are waited for, one after another")
    return parser.parse_args()


@contextmanager
def _device(folder: Path, server_url: str) -> Iterator[tuple[Desk, Workplace]]:
    desk = Desk(ClientSettings(folder, server_url, SLUG), MemoryStore(), device_name="Benchmark")
    with desk.open(LOGIN, PASSWORD) as workplace:
        workplace.engine.sync()
        yield desk, workplace


def _measure(folder: Path, server_url: str, edits: int) -> tuple[list[float], list[float]]:
    """Give how long each edit took to be seen, and the bare round trips in between, in milliseconds."""
    with (
        _device(folder / "sender", server_url) as (_, sender),
        _device(folder / "receiver", server_url) as (desk, receiver),
        listening(desk, receiver),
    ):
        with sender.replica.read() as reading:
            order_id = reading.cursor.execute("SELECT id FROM work_order ORDER BY number LIMIT 1").fetchone()[0]
        seen_ms: list[float] = []
        bare_ms: list[float] = []
        for number in range(edits):
            time.sleep(random.uniform(*BETWEEN_S))
            bare_ms.append(bare_round_trip_ms(sender))
            seen_ms.append(_seen_ms(sender, receiver, order_id, f"Edit {number}"))
        return seen_ms, bare_ms


@contextmanager
def listening(desk: Desk, workplace: Workplace) -> Iterator[None]:
    """Let a workplace run by itself, as the program does it."""
    scheduler = Scheduler(
        workplace.engine,
        workplace.replica,
        photos=desk.photo_lane(workplace),
        transport=workplace.transport,
        clock=lambda: datetime.now(UTC),
    )
    ear = desk.ear(workplace)
    listener = PokeListener(
        scheduler,
        ear,
        token=lambda: workplace.transport.access_token,
        pulled_seq=lambda: workplace.replica.state().pulled_seq,
    )
    scheduler.start()
    listener.start()
    deadline = time.monotonic() + PATIENCE_S
    while not listener.is_live:
        if time.monotonic() > deadline:
            raise SystemExit("ours: the device does not hear the server")
        time.sleep(0.01)
    try:
        yield
    finally:
        listener.end()
        scheduler.stop()
        listener.stop()
        ear.close()


def _seen_ms(sender: Workplace, receiver: Workplace, order_id: str, title: str) -> float:
    """From the moment in which one device begins to send until the other's screens are told that the row is there."""
    arrived = threading.Event()

    def told(keys: frozenset[tuple[str, str]]) -> None:
        if ("work_order", order_id) in keys:
            arrived.set()

    forget = receiver.replica.subscribe(told)
    with sender.replica.write() as write:
        write.set("work_order", order_id, title=title)
    began = time.perf_counter()
    sender.engine.sync()
    if not arrived.wait(PATIENCE_S):
        raise SystemExit(f"ours: “{title}” was not seen on the other device")
    took_ms = (time.perf_counter() - began) * 1e3
    forget()
    row = receiver.replica.get("work_order", order_id)
    if row is None or row["title"] != title:
        raise SystemExit(f"ours: another title than “{title}” was seen on the other device")
    return took_ms


def compared(seen_ms: list[float], bare_ms: list[float]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of both, with their ratio: less is better."""
    answer = {}
    for name, share in (("p50", 0.50), ("p95", 0.95)):
        ours, bare = (sorted(found)[round(share * (len(found) - 1))] for found in (seen_ms, bare_ms))
        answer[name] = {"ours": round(ours, 1), "bare": round(bare, 2), "ratio": round(ours / bare, 1)}
    answer["p95"]["bound"] = BOUND_MS
    answer["mean"] = {"ours": round(statistics.mean(seen_ms), 1), "bare": round(statistics.mean(bare_ms), 2)}
    return answer


def table(answer: dict[str, Any]) -> list[str]:
    """The answer for people."""
    lines = [f"{'seen, ms':12}{'ours':>10}{'bare':>10}{'ratio':>8}"]
    for name in ("p50", "p95"):
        found = answer[name]
        mark = f"  bound {BOUND_MS}: broken" if name == "p95" and found["ours"] > BOUND_MS else ""
        lines.append(f"{name:12}{found['ours']:>10}{found['bare']:>10}{found['ratio']:>8}{mark}")
    lines.append(f"{answer['edits']} edits, {answer['rows']} rows; {machine_told(answer)}.")
    lines.append("ours: from sending on one device to being seen on another; bare: an authenticated round trip.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
