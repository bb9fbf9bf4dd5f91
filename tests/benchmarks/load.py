"""Measures the server under the load of a large organization: idle streams, and devices that sync on the clock.

    python tests/benchmarks/load.py [--json] [--idle 10000] [--active 500] [--seconds 60] [--every 5] [--quick]
    python tests/benchmarks/load.py --idle 50 --active 60 --seconds 20 --every 3 [--statements] [--direct]

The second line is for what one sync costs: a busy machine changes little of that.

10,000 streams are opened within 60 s and stay; 500 devices sync every 5 s, each with one edit, and pull what five
others changed: open loop, latency counts from the intended moment. The generator has a core of its own. Ends with 1
when a bound is broken, with 2 and a sentence when PgBouncer is missing. See README.md.
"""

import argparse
import asyncio
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from tests.benchmarks.command_line import (  # noqa: E402
    end_without,
    machine,
    machine_told,
    options_for,
    tell,
)
from tests.benchmarks.load_costs import Costs, costliest, forget_statements, per_sync  # noqa: E402
from tests.benchmarks.load_devices import Shift, Tally, close_streams, open_streams, work  # noqa: E402
from tests.benchmarks.load_world import LoadWorld, Wishes  # noqa: E402
from tests.support.pgbouncer import PROGRAM  # noqa: E402

EVERY_S = 5.0
IDLE_S = 5.0
"""How long it is counted what a server takes that is not asked anything."""
OPEN_WITHIN_S, P95_MS, MOST_CONNECTIONS = 60.0, 300.0, 50
ORGANIZATIONS = 12
SPARE_FILES = 2_000


def main() -> int:
    """Run it and print the table; 1 when a bound is broken."""
    options = _options()
    if PROGRAM is None:
        end_without("PgBouncer is not installed. An administrator installs it with: apt-get install pgbouncer")
    if options.quick:
        options.idle, options.active, options.seconds = 200, 12, 10.0
    if (sentence := _raise_file_limit(options.idle + options.active + SPARE_FILES)) is not None:
        end_without(sentence)
    here, cores = machine(load_before=round(os.getloadavg()[0], 1)), sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))  # whatever is started serves there
    wishes = Wishes(direct=options.direct, statements=options.statements, module=options.module)
    organizations = min(ORGANIZATIONS, options.active)
    with LoadWorld(idle=options.idle, active=options.active, organizations=organizations, wishes=wishes) as world:
        world.renew()
        os.sched_setaffinity(0, {cores[-1]})
        answer = _measure(world, options)
        answer["machine"] = {**here, "postgres": world.postgres_version()}
    tell(options, table(answer), answer)
    return int(bool(broken(answer)))


def _options() -> argparse.Namespace:
    parser = options_for(__doc__)
    parser.add_argument("--idle", type=int, default=10_000, help="streams that only listen")
    parser.add_argument("--active", type=int, default=500, help="devices that sync every 5 s")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long latencies are counted")
    parser.add_argument("--every", type=float, default=EVERY_S, help="seconds between two syncs of a device")
    parser.add_argument("--statements", action="store_true", help="list what costs PostgreSQL most")
    parser.add_argument(
        "--direct", action="store_true", help="leave PgBouncer out: no figure, but it shows what it costs"
    )
    parser.add_argument("--module", default="sync_server", help="what is run as the server; figures are those of ours")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it runs")
    return parser.parse_args()


def _raise_file_limit(wanted: int) -> str | None:
    """Let this process and its children open so many files; a sentence: it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return f"{wanted} open files are needed, and this user may have {hard}. Raise it (ulimit -n), or ask for fewer."
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return None


def _measure(world: LoadWorld, options: argparse.Namespace) -> dict[str, Any]:
    tally, over, most = Tally(), threading.Event(), [0]

    def count() -> None:
        while not over.wait(0.5):
            most[0] = max(most[0], world.connections())

    watcher = threading.Thread(target=count, daemon=True)
    watcher.start()

    costs = Costs(world.processes())

    def begin() -> None:
        if costs.processes.statements_url is not None:
            forget_statements(costs.processes.statements_url)
        costs.begin()

    async def run() -> dict[str, Any]:
        before_bytes = world.server_bytes()
        took_s, streams = await open_streams(world.url, world.listeners, tally, within_s=OPEN_WITHIN_S * _part(options))
        idle_bytes = world.server_bytes()
        costs.begin()
        await asyncio.sleep(IDLE_S)
        idle = costs.so_far()
        shift = Shift(options.every, options.seconds, warm_s=options.every, on_warm=begin)
        await work(world.url, world.workers, tally, shift)
        busy, syncs = costs.so_far(), len(tally.latency_ms)
        close_streams(streams)
        return {
            "streams": {
                "count": len(tally.opened_s),
                "opened_within_s": round(took_s, 1),
                "open_p95_ms": round(_share_of(tally.opened_s, 0.95) * 1e3, 1),
                "kilobytes_each": round((idle_bytes - before_bytes) / 1024 / max(1, len(streams)), 1),
                "idle_core_share": round(idle["server_ms"] / 1e3 / IDLE_S, 3),
            },
            "a_sync": per_sync(busy, idle, share=options.seconds / IDLE_S, syncs=syncs),
            "server_core_share": round(busy["server_ms"] / 1e3 / options.seconds, 3),
            "server_megabytes": round(world.server_bytes() / (1 << 20), 1),
        }

    found = asyncio.run(run())
    over.set()
    watcher.join()
    latency = {f"p{round(share * 100)}": round(_share_of(tally.latency_ms, share), 1) for share in (0.5, 0.95, 0.99)}
    if costs.processes.statements_url is not None:
        print("\n".join(costliest(costs.processes.statements_url, syncs=len(tally.latency_ms))))
    return {
        **found,
        "sync_ms": {**latency, "count": len(tally.latency_ms)},
        "changed_rows": round(sum(tally.changed_rows) / max(1, len(tally.changed_rows)), 2),
        "connections": most[0],
        "errors": tally.errors,
        "asked": {"idle": options.idle, "active": options.active, "seconds": options.seconds, "every_s": options.every},
    }


def _part(options: argparse.Namespace) -> float:
    """A few streams take a few seconds."""
    idle: int = options.idle
    return min(1.0, idle / 10_000 + 0.05)


def _share_of(values: list[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))] if values else float("inf")


def broken(answer: dict[str, Any]) -> list[str]:
    """The bounds that are broken, by name."""
    asked, streams = answer["asked"], answer["streams"]
    holds = {
        "all streams within 60 s": streams["count"] == asked["idle"] and streams["opened_within_s"] <= OPEN_WITHIN_S,
        "p95 ≤ 300 ms": answer["sync_ms"]["p95"] <= P95_MS,
        "≤ 50 connections": answer["connections"] <= MOST_CONNECTIONS,
        "0 errors": not answer["errors"],
    }
    return [name for name, is_held in holds.items() if not is_held]


def table(answer: dict[str, Any]) -> list[str]:
    """The answer for people."""
    streams, sync, asked = answer["streams"], answer["sync_ms"], answer["asked"]
    return [
        f"{streams['count']} of {asked['idle']} streams open after {streams['opened_within_s']} s,"
        f" {streams['kilobytes_each']} KB each, {streams['idle_core_share']:.1%} of a core while idle",
        f"{sync['count']} syncs of {asked['active']} devices, one every {asked['every_s']:g} s, each with 1 edit and"
        f" {answer['changed_rows']} changed rows",
        "one sync took " + ", ".join(f"{name} {value}" for name, value in answer["a_sync"].items()),
        f"p50 {sync['p50']} ms, p95 {sync['p95']} ms, p99 {sync['p99']} ms from the intended moment",
        f"at most {answer['connections']} connections to PostgreSQL; the server took {answer['server_core_share']:.0%}"
        f" of a core and {answer['server_megabytes']} MB",
        f"errors: {answer['errors'] or 'none'}; broken: {', '.join(broken(answer)) or 'nothing'}",
        machine_told(answer),
    ]


if __name__ == "__main__":
    sys.exit(main())
