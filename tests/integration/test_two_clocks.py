"""Two clocks: what a device's clock says is kept beside the server's, and decides nothing.

The same history is played twice, once with right clocks and once with clocks that jump between 1970 and 2090 from step
to step, ids included. What the server has in the end differs in audit fields only.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from cmms_desktop.application.commands import visits
from sync_server.contract.column_types import instant_of
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from tests.support.fleet import Fleet, FleetDevice, a_fleet
from tests.support.history_steps import HistorySteps
from tests.support.order_work import comment, use
from tests.support.scope_oracle import all_rows
from tests.support.stoppable_server import StoppableServer

EPOCH: Final = datetime(1970, 1, 2, tzinfo=UTC)
FAR: Final = datetime(2090, 6, 1, tzinfo=UTC)
NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
WILD: Final = (timedelta(), EPOCH - NOW, FAR - NOW, timedelta(days=-400), timedelta(hours=5), timedelta(days=365))
STEPS: Final = (
    *(
        "edit_title",
        "start",
        "answer",
        "comment",
        "use_part",
        "add_line",
        "edit_title",
        "follow_up",
        "finish",
        "review",
    ),
    *("edit_two_fields", "hold_or_resume", "settle_conflict", "ask_for_another_day", "set_all_ok", "finish", "review"),
    *("edit_title", "settle_conflict", "comment", "photograph", "finish", "review", "edit_title", "settle_conflict"),
)
AUDIT: Final = {
    *("row_hash", "offset_ms", "answered_offset_ms", "resolved_offset_ms", "mutation_id"),
    *("body", "body_sha256", "signature", "commitment", "salt", "value"),
}
"""Beside instants: measured offsets, hashes of nonces, and what is signed or committed to, which says the time."""


def ids_of(device: FleetDevice) -> Iterator[str]:
    """UUIDv7 by this device's clock, as one that trusts its clock makes them."""
    for number in itertools.count(1):
        ms = max(0, int((NOW + device.skew).timestamp() * 1000)) + number
        yield str(UUID(int=ms << 80 | 7 << 76 | 2 << 62 | random.Random(f"{device.login}{number}").getrandbits(62)))


def play(fleet: Fleet, *, is_wild: bool) -> None:
    """The same steps by the same people in the same order; only the clocks may be wild."""
    chance = random.Random(29)
    fleet.office.join_team("technician")
    fleet.office.join_team("technician2")
    people = [fleet.device(login) for login in ("technician", "technician2", "supervisor")]
    for device in people:
        device.workplace.replica._ids = ids_of(device).__next__
        device.skew = timedelta()
    steps = HistorySteps(fleet, list(fleet.small.order_ids))
    for name in STEPS:
        device, amount, skew = chance.choice(people), chance.randrange(1000), chance.choice(WILD)
        device.skew = skew if is_wild else timedelta()
        orders = steps.seen(device)
        if orders:
            getattr(steps, name)(device, orders[amount % len(orders)], amount)
        if chance.randrange(3) == 0:
            device.sync_well()
        if chance.randrange(6) == 0:
            fleet.office.edit(fleet.small.order_ids[0], title=f"Office {amount}")
    for device in people:
        device.sync_well()


def content(fleet: Fleet) -> Counter[tuple[Any, ...]]:
    """What the server has without audit fields: ids by the names of what they stand for, others as ids."""
    rows = all_rows(fleet.organization)
    names = {row_id: _name(entity, row) for entity, found in rows.items() for row_id, row in found.items()}
    return Counter(
        (entity, *sorted(_plain(entity, row, names).items()))
        for entity, found in rows.items()
        for row in found.values()
    )


def _name(entity: str, row: Row) -> str:
    given = next((row[name] for name in ("title", "code", "name", "key", "text") if row.get(name) is not None), "")
    return f"{entity} {given}"


def _plain(entity: str, row: Row, names: dict[str, str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for column in REGISTRY[entity].columns:
        value = row[column.name]
        if column.name in AUDIT or (column.kind == "instant" and column.name != "due_at"):
            value = value is not None and column.kind == "instant"
        elif column.kind == "guid":
            value = None if value is None else names.get(str(value), "an id")
        elif column.name in {"number", "photo_sha256", "sha256"}:
            value = value is not None
        said[column.name] = repr(value)
    return said


def test_invariant_29_device_clocks_change_only_audit_fields(stoppable_server: StoppableServer) -> None:
    stoppable_server.start()
    told: list[Counter[tuple[Any, ...]]] = []
    instants: list[set[str]] = []
    for is_wild in (False, True):
        with a_fleet(stoppable_server) as fleet:
            play(fleet, is_wild=is_wild)
            told.append(content(fleet))
            instants.append({str(row["device_at"])[:4] for row in fleet.organization.rows("work_log_event")})
            if is_wild:
                fleet.assert_converged()
    assert told[0] - told[1] == Counter()
    assert told[1] - told[0] == Counter()
    assert sum(told[0].values()) > 100
    assert instants[0] == {"2026"}
    assert {"1970", "2090"} & instants[1], "no clock was wild"


def test_every_record_says_when_by_the_device_how_far_off_and_when_by_the_server(fleet: Fleet) -> None:
    """Received and device time are years apart, and what was measured leads from one to the other."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    device.skew = FAR - NOW
    fleet.clock.advance(minutes=11)  # past the last hello: the clock is measured anew
    device.sync_well()
    steps = HistorySteps(fleet, [order_id])
    comment(device, order_id, "Seen.")
    use(device, order_id, 1)
    for name in ("start", "photograph", "finish"):
        getattr(steps, name)(device, device.see("work_order", order_id), 1)
    device.sync_well()
    fields = {
        "comment": ("written_at", "offset_ms"),
        "attachment": ("taken_at", "offset_ms"),
        "stock_movement": ("moved_at", "offset_ms"),
        "signature": ("signed_at", "offset_ms"),
        "work_log_event": ("device_at", "offset_ms"),
        "checklist_item": ("answered_at", "answered_offset_ms"),
    }
    for entity, (said, offset) in fields.items():
        made = [row for row in device.rows(entity, order_id) if row[said] is not None]
        assert made, entity
        for row in made:
            assert str(row[said]).startswith("2090"), entity
            received = instant_of(str(row["updated_at"]))
            assert received.year < 2090
            right = instant_of(str(row[said])) + timedelta(milliseconds=int(row[offset] or 0))
            assert abs(right - received) < timedelta(hours=1), entity
    fleet.assert_converged()


def test_a_conflict_says_when_both_its_loser_and_its_settling_were_made(fleet: Fleet) -> None:
    device, order_id = fleet.device("technician"), fleet.small.order_ids[0]
    device.skew = EPOCH - NOW
    with device.write() as write:
        write.set("work_order", order_id, title="Mine")
    fleet.office.edit(order_id, title="Office")
    device.sync_well()
    (conflict,) = device.rows("conflict", order_id)
    assert str(conflict["device_at"]).startswith("1970")
    assert not str(conflict["created_at"]).startswith("1970")
    device.skew = FAR - NOW
    HistorySteps(fleet, [order_id]).settle_conflict(device, device.see("work_order", order_id), 3)
    device.sync_well()
    (settled,) = device.rows("conflict", order_id)
    assert str(settled["resolved_device_at"]).startswith("2090")
    assert instant_of(str(settled["resolved_at"])).year < 2090
    assert settled["resolved_offset_ms"] is not None
    fleet.assert_converged()


@pytest.mark.parametrize("jump", [FAR - NOW, EPOCH - NOW], ids=["2090", "1970"])
def test_a_clock_that_was_measured_again_does_not_stretch_a_visit(fleet: Fleet, jump: timedelta) -> None:
    """Started by one clock and ended by another, both measured: the minutes are those between."""
    device, order_id = fleet.device("technician"), fleet.small.order_ids[0]
    fleet.clock.advance(minutes=11)
    device.sync_well()
    HistorySteps(fleet, [order_id]).start(device, device.see("work_order", order_id), 1)
    device.skew += jump
    fleet.clock.advance(minutes=40)
    with device.write() as write:
        offset_ms = write.offset_ms
    assert offset_ms is not None
    device.workplace.replica.remember(offset_ms=offset_ms - jump // timedelta(milliseconds=1))
    (log,) = device.rows("work_log", order_id)
    with device.write() as write:
        visits.leave(write, str(log["id"]))
    assert device.see("work_log", str(log["id"]))["work_minutes"] == 40
