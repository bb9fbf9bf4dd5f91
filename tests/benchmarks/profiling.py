"""Where our time goes: one device, once, with both sides' stages timed and the statements of PostgreSQL counted."""

import cProfile
import io
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy.engine.default

from cmms_desktop.replica import apply, bootstrap, outbox, transaction
from cmms_desktop.replica.membership import Membership
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.staging import Slice, StagingFile
from cmms_desktop.replica.staging_in_place import StagingInPlace
from cmms_desktop.sync.transport import Transport
from tests.benchmarks import device
from tests.benchmarks.stages import Stages
from tests.benchmarks.world import World

FUNCTIONS = 28


def watched() -> Stages:
    """Time what a device does in a cycle."""
    stages = Stages()
    stages.watch("network: bootstrap", Transport, "bootstrap")
    stages.watch("network and decoding: pull", Transport, "pull")
    stages.watch("network: push", Transport, "push")
    stages.watch("staging file", StagingFile, "add")
    stages.watch("staging in the replica", StagingInPlace, "add")
    stages.watch("staging: lines", Slice, "take_all")
    stages.watch("staging: rows", Slice, "_take_rows")
    stages.watch("merge", bootstrap, "merge")
    stages.watch("commit", sqlalchemy.engine.default.DefaultDialect, "do_commit")
    stages.watch("apply pull", transaction, "apply_answer")
    stages.watch("apply pull: rows", apply.PullApply, "_take_rows")
    stages.watch("apply pull: joins", Membership, "join")
    stages.watch("rebase", Settlement, "rebase")
    stages.watch("end of mutations", Settlement, "finish_pulled")
    stages.watch("seal", outbox.Outbox, "seal_next")
    stages.watch("verdicts", outbox.Outbox, "record_verdicts")
    return stages


def run(world: World, rows: int) -> None:
    """Measure once and print."""
    client = watched()
    edits = min(device.EDITS, rows)
    with tempfile.TemporaryDirectory(dir=world.folder) as folder, device.enrolled(Path(folder), world.server_url) as at:
        steps: dict[str, Callable[[], float]] = {
            "initial": lambda: device.initial(at, rows),
            "no_change": lambda: device.no_change(at)[0],
            "local_edit": lambda: device.local_edits(at, edits),
            "push": lambda: device.push(at, edits),
        }
        for name, step in steps.items():
            world.forget_statements()
            client.clear()
            profile = cProfile.Profile()
            began = time.perf_counter()
            profile.enable()
            step()
            profile.disable()
            print(f"\n=== {name}: {time.perf_counter() - began:.3f} s with the profiler on\nclient")
            print("\n".join(client.lines()))
            print(_functions(profile))
            _print_statements(world)
    _print_server(world)


def _functions(profile: cProfile.Profile) -> str:
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(FUNCTIONS)
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    return "\n".join("  " + line for line in lines[3:])


def _print_statements(world: World) -> None:
    print("PostgreSQL")
    for query, calls, took_ms in world.statements():
        print(f"  {took_ms:9.1f} ms {calls:6}  {query[:150]}")


def _print_server(world: World) -> None:
    world.stop_server()
    server = Stages()
    server.read(world.stages_file)
    print("\n=== server, all of the above\n" + "\n".join(server.lines()))
