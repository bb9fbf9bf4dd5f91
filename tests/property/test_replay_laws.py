"""What a device shows while its changes wait is what the server makes of them (sync.md §12, invariant 15)."""

import itertools
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import Key, level_id
from tests.support.replicas import SCOPE, TECHNICIAN, Field, row, uid

ORDER, ITEMS, VAN, PART = uid(1), (uid(101), uid(102)), uid(900), uid(901)
LEVEL = level_id(VAN, PART)
AT = "2026-03-02T09:30:00.000000Z"
TEXTS = ("", "one\ntwo\nthree", "one\n2\nthree", "one\ntwo\nthree\nfour", "zero\none\ntwo\nthree", "else")
FIELDS: dict[str, tuple[Scalar, ...]] = {
    "title": ("Pump", "Fan", "Door"),
    "priority": ("low", "high", "critical"),
    "completion_note": TEXTS,
    "description": TEXTS,
    "due_at": (None, "2026-04-01T08:00:00.000000Z"),
    "status": ("in_progress", "on_hold", "assigned", "completed", "cancelled"),
}
STAMPS = frozenset({"version", "sync_seq", "row_hash"})
"""What only the server's commit gives."""
of_order = st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(FIELDS[name])))
of_item = st.tuples(st.sampled_from(["item 0", "item 1"]), st.sampled_from(["pass", "fail", "na", None]))
of_stock = st.tuples(st.just("stock"), st.sampled_from(["-1.0000", "-3.0000", "1.0000"]))
whole = st.tuples(st.sampled_from(["delete item", "delete order", "comment"]), st.none())
Change = tuple[str, Scalar]
own_changes = st.lists(st.one_of(of_order, of_order, of_item, of_stock, whole), min_size=1, max_size=8)
foreign_changes = st.lists(st.one_of(of_order, of_order, of_item, whole), max_size=5)


def prepared(folder: Path) -> Field:
    field = Field(folder)
    field.server.join(SCOPE, VAN, "stock_location")
    field.server.join(SCOPE, LEVEL, "stock_level")
    van = row("stock_location", VAN, kind="van", code="V1", name="Van", site_id=uid(950))
    field.server.commit({("stock_location", VAN): van})
    field.add_level(LEVEL, VAN, PART, quantity="2.0000")
    field.add_order(1, requires_signature=False, description=TEXTS[1], completion_note=TEXTS[1])
    for number in (101, 102):
        field.add("checklist_item", number, ORDER, checklist_id=ORDER, key=str(number), kind="pass_fail", prompt="Ok?")
    field.sync()
    return field


def do(write: LocalWrite, change: Change) -> None:
    name, value = change
    if name in FIELDS:
        fields: Row = {"status_reason": "Because."} if name == "status" else {}
        write.set("work_order", ORDER, **{**fields, name: value})
    elif name.startswith("item"):
        write.set("checklist_item", ITEMS[int(name[-1])], result=value, answered_at=AT)
    elif name == "stock":
        use: Row = {"stock_location_id": VAN, "part_id": PART, "kind": "usage", "quantity": value, "moved_at": AT}
        write.create("stock_movement", {**use, "work_order_id": ORDER})
    elif name == "comment":
        remark: Row = {"work_order_id": ORDER, "author_id": TECHNICIAN, "text": "Hot.", "written_at": AT}
        write.create("comment", remark)
    elif name == "delete item":
        write.delete("checklist_item", ITEMS[0])


def happen(field: Field, change: Change) -> None:
    """The same, done by others at the server."""
    name, value = change
    if name in FIELDS:
        field.server.change("work_order", ORDER, **{name: value})
    elif name.startswith("item"):
        field.server.change("checklist_item", ITEMS[int(name[-1])], result=value)
    elif name.startswith("delete"):
        entity, row_id = ("checklist_item", ITEMS[0]) if name == "delete item" else ("work_order", ORDER)
        field.server.change(entity, row_id, deleted_at=AT)


def told(field: Field) -> dict[Key, Row]:
    """Live rows without stamps; conflict rows come from the server only."""
    return {
        key: {name: value for name, value in one.items() if name not in STAMPS}
        for key, one in field.visible().items()
        if key[0] != "conflict" and one["deleted_at"] is None
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(own=own_changes, foreign=foreign_changes, heard=st.integers(0, 5))
def test_invariant_15_a_replay_on_the_device_is_what_the_server_applies(
    own: list[Change], foreign: list[Change], heard: int
) -> None:
    """Others change the order before and while the device works; it has heard of all of it when it sends."""
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        field = prepared(Path(folder))
        try:
            for change, mine in itertools.zip_longest(foreign[:heard], own):
                if mine is not None:
                    try:
                        with field.replica.write() as write:
                            do(write, mine)
                    except Refused:
                        pass
                if change is not None:
                    happen(field, change)
            for change in foreign[heard:]:
                happen(field, change)
            field.pull()
            before = told(field)
            while field.push():
                pass
            assert told(field) == before, "an answer alone changes nothing"
            field.pull()
            assert told(field) == before
            level = field.server.rows["stock_level", LEVEL]["quantity"]
            assert Decimal(str(field.visible()["stock_level", LEVEL]["quantity"])) == Decimal(str(level))
            field.assert_converged()
        finally:
            field.replica.close()
