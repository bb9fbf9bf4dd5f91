"""The server with its stages timed: same command line, and at its end the stages lie in CMMS_STAGES_FILE."""

import os
import sys
from pathlib import Path

from sync_server.application import apply_unit, pull, push, unit_of_work
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.cli import main
from sync_server.storage import applied_mutations, devices, feed, natural_keys, org_clock, scope_index, unit_reads
from sync_server.storage.spool import Spool
from tests.benchmarks.stages import Stages


def watched() -> Stages:
    """Time what a pull, a bootstrap and a push consist of."""
    stages = Stages()
    stages.watch("pull", pull, "pull")
    stages.watch("pull: changes", feed, "changes")
    stages.watch("bootstrap", pull, "bootstrap")
    stages.watch("bootstrap: slice", feed, "slice_of")
    stages.watch("pull: rows from PostgreSQL", feed, "changed_lines")
    stages.watch("bootstrap: rows from PostgreSQL", feed, "slice_lines")
    stages.watch("pull/bootstrap: compress", Spool, "write")
    stages.watch("pull/bootstrap: send", Spool, "chunks")
    stages.watch("push", push, "push")
    stages.watch("push: a parse", push, "parse")
    stages.watch("push: b seal", push, "check_seal")
    stages.watch("push: c unit", push, "apply_unit")
    stages.watch("push: c unit: 1 lock device", devices, "lock")
    stages.watch("push: c unit: 2 chain", devices, "advance_chain")
    stages.watch("push: c unit: 3 ask and lock", apply_unit, "_ask")
    stages.watch("push: c unit: 3 take what was asked for", apply_unit, "_taken")
    stages.watch("push: c unit: 4 read what else stands", unit_reads, "taken")
    stages.watch("push: c unit: 5 decide", apply_unit, "_decide_group")
    stages.watch("push: c unit: 6 finish", UnitOfWork, "finish")
    stages.watch("push: c unit: 6 finish: clock", org_clock, "tick")
    stages.watch("push: c unit: 6 finish: natural keys", natural_keys, "mark")
    stages.watch("push: c unit: 6 finish: rows", UnitOfWork, "_write")
    stages.watch("push: c unit: 6 finish: rows: update", unit_of_work, "update_rows")
    stages.watch("push: c unit: 6 finish: index", scope_index, "refresh")
    stages.watch("push: c unit: 7 record verdicts", applied_mutations, "record")
    return stages


if __name__ == "__main__":
    found = watched()
    code = main()
    found.write(Path(os.environ["CMMS_STAGES_FILE"]))
    sys.exit(code)
