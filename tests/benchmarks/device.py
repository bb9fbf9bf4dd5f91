"""The measured device: a technician's workplace as the program itself puts it together, encryption on."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.replica.transaction import Replica
from tests.benchmarks.accounts import LOGIN, PASSWORD, SLUG

QUIET_CYCLES = 50
EDITS = 5_000
NO_FILE = "ab" * 32


@contextmanager
def enrolled(folder: Path, server_url: str) -> Iterator[Workplace]:
    """Sign in on a new device: an empty encrypted store with its schema, nothing pulled yet."""
    desk = Desk(ClientSettings(folder, server_url, SLUG), MemoryStore(), device_name="Benchmark")
    with desk.open(LOGIN, PASSWORD) as workplace:
        yield workplace


def measure(workplace: Workplace, rows: int) -> dict[str, float]:
    """Take all figures once, in the floor's units; needs a device that has pulled nothing."""
    initial_rows = initial(workplace, rows)
    no_change_ms, bare_ms = no_change(workplace)
    return {
        "initial": initial_rows,
        "no_change": no_change_ms,
        "bare": bare_ms,
        "local_edit": local_edits(workplace, min(EDITS, rows)),
        "push": push(workplace, min(EDITS, rows)),
    }


def initial(workplace: Workplace, rows: int) -> float:
    """Rows per second of the first cycle, from the greeting to the last commit, with every index."""
    began = time.perf_counter()
    workplace.engine.sync()
    took_s = time.perf_counter() - began
    found = counted(workplace.replica, "SELECT count(*) FROM work_order")
    if found != rows:
        raise SystemExit(f"ours: {found} of {rows} orders arrived")
    return rows / took_s


def no_change(workplace: Workplace) -> tuple[float, float]:
    """Milliseconds of a cycle that finds nothing, and of a bare round trip in turn with it: medians of 50.

    The greeting of the first cycle still stands, and the checksums that follow a first cycle are made before.
    """
    for _ in range(QUIET_CYCLES):
        workplace.engine.sync()
    took_ms, bare_ms = [], []
    for _ in range(QUIET_CYCLES):
        bare_ms.append(bare_round_trip_ms(workplace))
        began = time.perf_counter()
        workplace.engine.sync()
        took_ms.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took_ms), statistics.median(bare_ms)


def bare_round_trip_ms(workplace: Workplace) -> float:
    """One authenticated question to the same server, answered from one row: token, proof, device, an upload."""
    began = time.perf_counter()
    workplace.transport.blob_offset(NO_FILE)
    return (time.perf_counter() - began) * 1e3


def local_edits(workplace: Workplace, edits: int) -> float:
    """Edits per second of one person: each its own commit of row, outbox and shadow, synchronous=FULL."""
    with workplace.replica.read() as reading:
        targets = reading.cursor.execute("SELECT id, priority FROM work_order LIMIT ?", (edits,)).fetchall()
    began = time.perf_counter()
    for order_id, priority in targets:
        with workplace.replica.write() as write:
            write.set("work_order", order_id, priority="high" if priority == "critical" else "critical")
    return len(targets) / (time.perf_counter() - began)


def push(workplace: Workplace, edits: int) -> float:
    """Edits per second from the first look at the outbox to the last verdict recorded."""
    with verdict_times(workplace.replica) as recorded_at:
        began = time.perf_counter()
        report = workplace.engine.sync()
    if report.verdicts != {"applied": edits}:
        raise SystemExit(f"ours: {report.verdicts} of {edits} edits applied")
    if (waiting := counted(workplace.replica, "SELECT count(*) FROM outbox")) != 0:
        raise SystemExit(f"ours: {waiting} edits still wait after the pull")
    return edits / (recorded_at[-1] - began)


@contextmanager
def verdict_times(replica: Replica) -> Iterator[list[float]]:
    """Collect the moments at which verdicts were committed."""
    times: list[float] = []
    record = replica.record_verdicts

    def noting(verdicts: Any) -> Any:
        try:
            return record(verdicts)
        finally:
            times.append(time.perf_counter())

    replica.record_verdicts = noting  # type: ignore[method-assign]
    try:
        yield times
    finally:
        replica.record_verdicts = record  # type: ignore[method-assign]


def counted(replica: Replica, query: str) -> int:
    """One number from the replica."""
    with replica.read() as reading:
        number: int = reading.cursor.execute(query).fetchone()[0]
    return number
