"""A device dies in its first sync, at any statement: the next start ends where it would have; nothing is left over."""

from functools import partial
from pathlib import Path

import pytest

from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.transaction import Replica
from tests.support.replica_deaths import NEEDS_FORK, deaths_in, fetch
from tests.support.replicas import SCOPE, Field, uid

pytestmark = NEEDS_FORK

Schema = list[tuple[object, ...]]


def new_device(folder: Path) -> Field:
    """A technician with five orders and an item of each, of which his device has nothing yet."""
    field = Field(folder)
    for number in range(20, 25):
        order = field.add_order(number)
        field.add("checklist_item", number + 100, order, checklist_id=order, key="a", kind="pass_fail", prompt="Tight?")
    return field


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
    deaths = 0
    for field, has_died in deaths_in(partial(fetch, scope=SCOPE), made, folder=tmp_path):
        field.restart()
        is_whole = field.replica.get("work_order", uid(20)) is not None
        assert is_whole == (field.replica.get("work_order", uid(24)) is not None)
        field.pull()
        field.pull()
        field.assert_converged()
        assert schema(field.replica) == right
        field.replica.close()
        deaths += has_died
    assert deaths > 20
