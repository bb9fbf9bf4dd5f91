"""As many requests as one likes against a server of its own: `sh packaging/run fuzz [--requests N] [--first-seed S]`.

In shards, each with a seed and a world of its own; a line for each, and what must not be as it is found, with the
command that sends just that request again. The last line is one JSON object: {"requests", "pairs", "violations"}. Exit
code 1 when anything was found. `--ledger FILE` takes a line for each shard; without `--first-seed` a run goes on after
its last.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Final

from tests.fuzz.shard import Shard
from tests.support.fault_ledger import ROOT, FaultLedger, last_seed_of
from tests.support.postgres import EMBEDDED, Clusters
from tests.support.server_side import Server, a_server

LEDGER: Final = ROOT / "tests/fuzz/LEDGER.tsv"
KIND: Final = "requests"
REQUESTS: Final = 100_000
PER_SHARD: Final = 2_500
FEW: Final = 10
"""Faults of a shard that are told whole."""


def shards(wished: argparse.Namespace) -> list[tuple[int, int]]:
    """Give the seed of each shard, and its requests."""
    first = wished.first_seed or last_seed_of(KIND, wished.ledger or LEDGER) + 1
    if wished.only is not None or wished.upto is not None:
        return [(first, wished.requests)]
    sizes = [min(PER_SHARD, wished.requests - at) for at in range(0, wished.requests, PER_SHARD)]
    return list(enumerate(sizes, start=first))


def run(server: Server, seed: int, size: int, wished: argparse.Namespace) -> Shard:
    """Run one shard, tell what it found and write it down."""
    shard = Shard(server, seed)
    with FaultLedger(wished.ledger).shard(KIND, first_seed=seed, last_seed=seed) as line:
        for fault in shard.run(size, only=wished.only, upto=wished.upto):
            line.violations += 1
            if line.violations <= FEW:
                print(fault, flush=True)
        line.count = shard.sent
    told = f"{shard.sent} requests, {shard.twins} pairs alike, {line.seconds:.0f} s, {line.violations} violations"
    print(f"seed {seed}: {told}", flush=True)
    shard.violations = line.violations
    return shard


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"so many in all, {PER_SHARD} a shard")
    parser.add_argument("--first-seed", type=int, default=None, help="seed of the first shard; counted up from there")
    parser.add_argument("--only", type=int, default=None, help="of one seed, this step alone")
    parser.add_argument("--upto", type=int, default=None, help="of one seed, everything up to this step")
    parser.add_argument("--ledger", type=Path, default=None, help="take a line for each shard into this file")
    wished = parser.parse_args()
    logging.getLogger("sync_server").addHandler(logging.NullHandler())
    found = {"requests": 0, "pairs": 0, "violations": 0}
    clusters = Clusters()
    try:
        for seed, size in shards(wished):
            with a_server(clusters, EMBEDDED) as server:
                shard = run(server, seed, size, wished)
            for name, count in (("requests", shard.sent), ("pairs", shard.twins), ("violations", shard.violations)):
                found[name] += count
    finally:
        clusters.stop()
    print(json.dumps(found))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
