"""Measures the window while its first sync is under way: `gui_sync SERVER_URL FOLDER ROWS [--explain]`.

A technician signs in on a new device; My day is open and empty; the scheduler's thread fetches everything. From the
first look at My day until a second after the last row was merged.
"""

import sys
import time
from pathlib import Path

from cmms_desktop.sync.status import Connection
from tests.benchmarks.accounts import LOGIN, PASSWORD, SLUG
from tests.benchmarks.gui_app import Client
from tests.benchmarks.gui_window import answer, pause, wait_for
from tests.benchmarks.heartbeat import Heartbeat, phases_of

AFTERWARDS_S = 1.5


def main() -> None:
    """Measure once."""
    server_url, folder, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    client = Client(folder, server_url, organization=SLUG)
    heart = Heartbeat(explain="--explain" in sys.argv)
    client.enter(LOGIN, PASSWORD)
    person = client.person
    began_s = time.perf_counter()
    heart.start("sync")
    wait_for("the first sync is over", lambda: person.scheduler.status.last_sync_at is not None)
    took_s = time.perf_counter() - began_s
    heart.enter("afterwards")
    pause(AFTERWARDS_S)
    heart.stop()
    with person.session.reading() as reading:
        (found,) = reading.cursor.execute("SELECT count(*) FROM work_order").fetchone()
    if found != rows or person.scheduler.status.connection is not Connection.ONLINE:
        raise SystemExit(f"{found} of {rows} orders arrived: {person.scheduler.status}")
    figures: dict[str, object] = {"stall_ms": heart.stall_ms, "busy_ms": heart.busy_ms, "took_s": took_s}
    answer({**figures, "phases": phases_of(heart)})
    client.close()


if __name__ == "__main__":
    main()
