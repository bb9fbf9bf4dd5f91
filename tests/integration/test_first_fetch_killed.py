"""A device dies in its first sync, at any statement: the next start ends where it would have; nothing is left over."""

import copy
import shutil
from pathlib import Path

import pytest

from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.transaction import Replica
from tests.integration.test_replica_faults import DIED, RETURNED, pull, run_in_child
from tests.support.replicas import SCOPE, Field, uid

Schema = list[tuple[object, ...]]


def new_device(folder: Path) -> Field:
    """A technician with five orders and an item of each, of which his device has nothing yet."""
    field = Field(folder)
    for number in range(20, 25):
        order = field.add_order(number)
        field.add("checklist_item", number + 100, order, checklist_id=order, key="a", kind="pass_fail", prompt="Tight?")
    return field


def first_fetch(field: Field, replica: Replica) -> None:
    pull(field, replica)
    with replica.bootstrapping(SCOPE) as scope:
        while not scope.is_complete:
            scope.add(field.server.bootstrap(SCOPE, scope.token, replica.state().cursor, limit=2))


def schema(replica: Replica) -> Schema:
    with replica.read() as reading:
        assert reading.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return reading.cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


def test_invariant_20_a_first_fetch_that_dies_anywhere_is_whole_or_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1)
    made = new_device(tmp_path / "made")
    right = schema(made.replica)
    made.replica.close()
    last, status = 0, DIED
    while status == DIED:
        folder = tmp_path / str(last)
        shutil.copytree(tmp_path / "made", folder)
        field = copy.copy(made)
        field.folder, field.server = folder, copy.deepcopy(made.server)
        status = run_in_child(folder, first_fetch, field, last)
        field.restart()
        is_whole = field.replica.get("work_order", uid(20)) is not None
        assert is_whole == (field.replica.get("work_order", uid(24)) is not None)
        field.pull()
        field.pull()
        field.assert_converged()
        assert schema(field.replica) == right
        field.replica.close()
        last += 1
    assert status == RETURNED
    assert last > 20
