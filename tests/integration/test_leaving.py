"""Whatever takes an order from a device: nothing of it remains once its mutations have a verdict."""

from collections.abc import Callable
from typing import Any

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.queries.search import search
from cmms_desktop.errors import Refused
from cmms_desktop.replica.rows import SQL
from sync_server.routines.windows import end_windows
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import work_offline
from tests.support.server_side import NOW

MARKER = "Zebrafish"
"""A word that stands in an order's rows and nowhere else."""
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


# ---- leaving


def reassign(fleet: Fleet, order_id: str) -> None:
    fleet.office.assign(order_id, login="technician2")


def end_window(fleet: Fleet, order_id: str) -> None:
    from datetime import UTC, datetime

    fleet.organization.change("work_order", order_id, status="closed", closed_at=NOW)
    end_windows(fleet.organization.database, fleet.organization.id, at=datetime(2027, 1, 1, tzinfo=UTC))


def leave_team(fleet: Fleet, order_id: str) -> None:
    fleet.office.leave_team("technician")


def deactivate_role(fleet: Fleet, order_id: str) -> None:
    fleet.office.give_role("technician", "technician")


LEAVING: dict[str, tuple[int, Callable[[Fleet, str], None], dict[str, int]]] = {
    "reassigned": (0, reassign, {"applied": 1, "held": 1}),
    "the window is over": (0, end_window, {"applied": 1, "held": 1}),
    "he left the team": (3, leave_team, {"applied": 1, "held": 1}),
    "he lost his role": (2, deactivate_role, {"held": 2}),
}


@pytest.mark.parametrize("how", LEAVING)
def test_invariant_7_after_leaving_nothing_of_an_order_remains_once_its_mutations_have_a_verdict(
    fleet: Fleet, how: str
) -> None:
    """No row, shadow, search entry or file; until then hidden and read only. tests/ui/window/test_orders_leaving.py."""
    number, leave, verdicts = LEAVING[how]
    order_id = fleet.small.order_ids[number]
    fleet.office.join_team("technician")
    if how == "he lost his role":
        fleet.office.give_role("technician", "supervisor")
    fleet.organization.change("work_order", order_id, title=f"{MARKER} of {how}", hazards=f"A {MARKER}")
    fleet.ledger.begin()
    author = fleet.device("supervisor")
    with author.write() as write:
        sha256 = remarks.add_photo(write, author.workplace.blobs, order_id, content=PHOTO, media_type="image/png")
    with author.write() as write:
        remarks.add_comment(write, order_id, f"{MARKER}, says the supervisor.")
    author.sync_well()
    device = fleet.device("technician")
    assert device.workplace.blobs.names() == {sha256}
    assert traces(device, order_id)
    work_offline(device, order_id)
    leave(fleet, order_id)

    device.online()
    device.workplace.engine._pull(new_report())
    assert device.waiting == 2
    assert device.get("work_order", order_id) is None
    assert found(device) == []
    with pytest.raises(Refused), device.write() as write:
        write.set("work_order", order_id, completion_note="One more.")

    assert device.sync_well().verdicts == verdicts
    device.sync_well()
    assert traces(device, order_id) == []
    assert found(device) == []
    assert device.workplace.blobs.names() == frozenset()
    files = b"".join(path.read_bytes() for path in device.folder.rglob("*") if path.is_file())
    assert PHOTO not in files
    fleet.assert_mirrored(fresh=())


def new_report() -> Any:
    from cmms_desktop.sync.engine import Report

    return Report()


def found(device: FleetDevice) -> list[str]:
    """Ids that a search for the marker finds."""
    with device.workplace.replica.read() as reading:
        return [hit.id for group in search(reading, MARKER).groups for hit in group.hits]


OWN_WORDS = frozenset({"outbox", "outbox_done", "held_mutation"})
"""Tables that hold what this person entered himself, and what became of it."""


def traces(device: FleetDevice, order_id: str) -> list[tuple[str, int]]:
    """Tables of the store with rows that name the order or say the marker, but for his own words."""
    traced = []
    with device.workplace.replica.read() as reading:
        ask = reading.cursor.execute
        tables = [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        assert set(SQL) <= set(tables)
        for table in sorted(set(tables) - OWN_WORDS):
            columns = [line[1] for line in ask(f"PRAGMA table_info({table})").fetchall()]
            says = " OR ".join(
                f'instr(CAST("{name}" AS TEXT), ?) OR instr(CAST("{name}" AS TEXT), ?)' for name in columns
            )
            (count,) = ask(f"SELECT count(*) FROM {table} WHERE {says}", (order_id, MARKER) * len(columns)).fetchone()
            if count:
                traced.append((table, count))
    return traced
