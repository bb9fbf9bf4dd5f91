"""Measures memory: of a device while it fetches 50,000 rows, of the server over repeated syncs. See README.md.

    python tests/benchmarks/memory.py [--json] [--rows 50000] [--syncs 5] [--floor PATH]

Ends with 1 when the device needs more than 100 MB above idle, or the server grows by more than 20 MB after the first.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from tests.benchmarks import device  # noqa: E402
from tests.benchmarks.command_line import floor_of, options_beside_floor, tell  # noqa: E402
from tests.benchmarks.world import Wishes, World  # noqa: E402

MOST_ABOVE_IDLE_MB = 100.0
MOST_GROWTH_MB = 20.0
LOOK_S = 0.005


def main() -> int:
    """Run it and print the figures; 1 when a bound is broken, 2 with a sentence when there is no floor."""
    options = _options()
    floor = floor_of(options).rows_module
    with World(Wishes(options.rows), floor) as world:
        devices, servers = [], [resident_mb(world.server_pid)]
        for _ in range(options.syncs):
            devices.append(_above_idle_mb(world, options.rows))
            servers.append(resident_mb(world.server_pid))
    growth_mb = servers[-1] - servers[1]
    answer = {"device_above_idle_mb": max(devices), "server_mb": servers, "server_growth_mb": round(growth_mb, 1)}
    lines = [
        f"device: at most {max(devices)} MB above idle in {options.syncs} first syncs; bound {MOST_ABOVE_IDLE_MB}",
        f"server: {', '.join(map(str, servers))} MB, before and after each; grown by {growth_mb:.1f} after the first",
    ]
    tell(options, lines, {**answer, "rows": options.rows, "syncs": options.syncs})
    return int(max(devices) > MOST_ABOVE_IDLE_MB or growth_mb > MOST_GROWTH_MB)


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="orders in the technician's scope")
    parser.add_argument("--syncs", type=int, default=5, help="new devices, one after another; at least 2")
    return parser.parse_args()


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _above_idle_mb(world: World, rows: int) -> float:
    """The most that a device in a process of its own needs above what it needed when it had signed in."""
    here, there = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory(dir=world.folder) as folder:
        process = multiprocessing.get_context("spawn").Process(
            target=_device, args=(Path(folder), world.server_url, rows, there)
        )
        process.start()
        there.close()
        above_mb: float = here.recv()
        process.join()
    return above_mb


def _device(folder: Path, server_url: str, rows: int, told: Connection) -> None:
    with device.enrolled(folder, server_url) as workplace:
        idle_mb = most_mb = resident_mb(os.getpid())
        over = threading.Event()

        def watch() -> None:
            nonlocal most_mb
            while not over.wait(LOOK_S):
                most_mb = max(most_mb, resident_mb(os.getpid()))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            device.initial(workplace, rows)
        finally:
            over.set()
            watching.join()
        told.send(round(most_mb - idle_mb, 1))


if __name__ == "__main__":
    sys.exit(main())
