"""Work for the signing and review screens: orders done to the end, and their rows on the supervisor's replica."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.application.commands import checklists, parts, sign_off, visits
from cmms_desktop.application.commands.sign_off import Hand
from cmms_desktop.demo.picture import INK, png
from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.answer import choices_of
from tests.support.fake_server import over_the_wire
from tests.support.replicas import ids
from tests.ui.stage import EPOCH, PASSWORD, Stage, a_stage, person

OUTSIDE_M = 540.0
DRAWN = tuple(tuple((x * 2, y + 200, ms) for x, y, ms in stroke) for stroke in INK)
"""Ink that lies inside a pad."""


def items_of(stage: Stage, order_id: str) -> list[Row]:
    """Checklist items of an order, in their order."""
    with stage.session.reading() as reading:
        names = REGISTRY["checklist_item"].names
        found = reading.cursor.execute(
            f"SELECT {', '.join(names)} FROM checklist_item WHERE aggregate_id = ? AND deleted_at IS NULL"
            " ORDER BY position, id",
            (order_id,),
        ).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]


def rows_of(stage: Stage, entity: str, order_id: str) -> list[Row]:
    """Live rows of an order in wire form, oldest first."""
    with stage.session.reading() as reading:
        found = reading.cursor.execute(
            f"SELECT id FROM {entity} WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY created_at, id",
            (order_id,),
        ).fetchall()
        rows = [reading.get(entity, row_id) for (row_id,) in found]
    return [row for row in rows if row is not None]


def order_of(stage: Stage, order_id: str) -> Row:
    """The order's row."""
    row = stage.replica.get("work_order", order_id)
    assert row is not None
    return row


def arrive(stage: Stage, order_id: str, *, outside: bool = False) -> str:
    """Travel, arrive and begin; give the visit."""
    with stage.session.writing() as write:
        log_id = visits.start_travel(write, order_id)
    stage.clock.advance(minutes=18)
    stage.stand_at(order_id, metres_east=OUTSIDE_M if outside else 10.0)
    with stage.session.writing() as write:
        reason = "Parked away from the site." if outside else None
        visits.arrive(write, log_id, stage.receiver.position, reason=reason)
        visits.start_work(write, log_id)
    return log_id


def answer(stage: Stage, item: Row, *, failing: bool = False, high: bool = False) -> None:
    """Give an item an answer of its kind."""
    given: dict[str, Any] = {"value": "Seen and noted."}
    if item["kind"] == "pass_fail":
        given = {"result": "fail", "note": "Drips once a second."} if failing else {"result": "pass"}
    elif item["kind"] == "photo":
        given = {"photo_sha256": stage.session.blobs.keep(png())}
    elif item["kind"] == "choice":
        given = {"value": _choice(item)}
    elif item["kind"] == "number":
        given = {"value": _reading(item, high=high)}
        if high:
            given |= {"note": "Above the limit.", "photo_sha256": stage.session.blobs.keep(png())}
    with stage.session.writing() as write:
        checklists.complete_checklist_item(write, str(item["id"]), **given)


def _choice(item: Row) -> str:
    return choices_of(item)[0]


def _reading(item: Row, *, high: bool) -> str:
    low, top = (Decimal(str(item[name])) if item[name] is not None else None for name in ("minimum", "maximum"))
    if high:
        return str((top or Decimal(1)) + 1)
    return str(low if low is not None else top if top is not None else Decimal(1))


def answer_all(stage: Stage, order_id: str, *, failing: bool = False, leave_out: int = 0) -> list[Row]:
    """Answer every item but the last few mandatory ones; give those."""
    items = items_of(stage, order_id)
    has_failed = has_risen = False
    mandatory = [item for item in items if item["is_mandatory"] and item["condition"] is None]
    left = mandatory[len(mandatory) - leave_out :]
    for item in items:
        if item in left:
            continue
        fails = failing and not has_failed and item["kind"] == "pass_fail"
        rises = failing and not has_risen and item["kind"] == "number" and item["maximum"] is not None
        answer(stage, item, failing=fails, high=rises)
        has_failed, has_risen = has_failed or fails, has_risen or rises
    return left


def follow_failure(stage: Stage, order_id: str) -> str:
    """Follow the first failed item up; give the new order."""
    item = next(item for item in items_of(stage, order_id) if item["result"] == "fail")
    with stage.session.writing() as write:
        return checklists.follow_up(write, str(item["id"]))


def use_a_part(stage: Stage, order_id: str) -> None:
    """Take a part out of the van."""
    with stage.session.reading() as reading:
        part_id, location_id = reading.cursor.execute(
            "SELECT l.part_id, l.stock_location_id FROM stock_level l JOIN stock_location s"
            " ON s.id = l.stock_location_id WHERE s.kind = 'van' AND s.owner_id = ? AND CAST(l.quantity AS REAL) > 0"
            " ORDER BY l.id LIMIT 1",
            (stage.person_id,),
        ).fetchone()
    with stage.session.writing() as write:
        parts.use_part(write, order_id, part_id, stock_location_id=location_id, quantity=Decimal(1))


def do_work(stage: Stage, order_id: str, *, failing: bool = False, leave_out: int = 0) -> None:
    """Do an order up to the point where it is signed."""
    log_id = arrive(stage, order_id, outside=failing)
    answer_all(stage, order_id, failing=failing, leave_out=leave_out)
    if failing:
        follow_failure(stage, order_id)
    use_a_part(stage, order_id)
    stage.clock.advance(minutes=82)
    with stage.session.writing() as write:
        visits.leave(write, log_id)


def hand_of(stage: Stage, login: str = "technician") -> Hand:
    """Somebody's unlocked key on this installation."""
    return stage.session.people.unlock(person(login).person_id, PASSWORD)


def complete(stage: Stage, order_id: str, *, failing: bool = False, refusal: str | None = None) -> None:
    """Do an order, sign it for technician and customer, and hand it over."""
    do_work(stage, order_id, failing=failing)
    hand = hand_of(stage)
    with stage.session.writing() as write:
        sign_off.sign_performed(write, hand, order_id, strokes=DRAWN)
    with stage.session.writing() as write:
        if refusal is None:
            sign_off.customer_accepts(write, hand, order_id, printed_name="Customer on site", strokes=DRAWN)
        else:
            sign_off.customer_refuses(write, hand, order_id, printed_name="Customer on site", reason=refusal)
        sign_off.complete(write, order_id)


def carry(source: Stage, target: Stage, order_ids: tuple[str, ...]) -> None:
    """Let the target pull some orders as they stand at the source, as if both had synchronised."""
    seq = int(target.session.state().pulled_seq) + 1
    scope = f"review:{order_of(source, order_ids[0])['site_id']}"
    types = {entity: list(spec.names) for entity, spec in REGISTRY.items()}
    lines: list[list[Any]] = [[codec.HEADER, {"protocol": 1, "epoch": EPOCH, "types": types}]]
    lines += [[codec.JOIN, scope, "work_order", [order_id]] for order_id in order_ids]
    for entity in AGGREGATES["work_order"]:
        rows = [row for order_id in order_ids for row in rows_of(source, entity, order_id)]
        stamped = [{**row, "version": seq, "sync_seq": seq, "row_hash": 1} for row in rows]
        if stamped:
            lines.append([codec.ROWS, entity, [[row[name] for name in REGISTRY[entity].names] for row in stamped]])
    end = {"cursor": f"stage-{seq}", "seq": seq, "nonce": 7, "digests": {scope: [0, 0]}, "bootstrap": [], "more": False}
    lines.append([codec.END, end])
    target.replica.apply_pull(over_the_wire(lines), since=target.session.state().cursor)


@functools.cache
def finished_orders() -> tuple[Path, tuple[str, str, str], datetime]:
    """A supervisor's closed store to which a technician sent three orders, made once; and when that was.

    The first has a failed item and an arrival outside, the second was refused by the customer, the third is clean.
    """
    folder = Path(tempfile.mkdtemp(prefix="finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with a_stage(folder / "technician") as technician, a_stage(folder / "supervisor", "supervisor") as supervisor:
        first, second, third = technician.order_ids[:3]
        for order_id, failing, refusal in (
            (first, True, None),
            (second, False, "It still leaks."),
            (third, False, None),
        ):
            complete(technician, order_id, failing=failing, refusal=refusal)
            technician.clock.advance(minutes=7)
        carry(technician, supervisor, (first, second, third))
        return folder / "supervisor", (first, second, third), technician.clock.now


@contextmanager
def a_supervisor(folder: Path) -> Iterator[tuple[Stage, tuple[str, str, str]]]:
    """A supervisor to whom the finished orders came, with their ids."""
    store, order_ids, now = finished_orders()
    shutil.copytree(store, folder)
    with a_stage(folder, "supervisor", fresh=False) as stage:
        stage.clock.now = now
        stage.replica._ids = ids(10_000)  # the technician gave the first ones
        yield stage, order_ids


# ---- for modules in which a supervisor is at the screen: they import these four


@pytest.fixture
def review(tmp_path: Path) -> Iterator[tuple[Stage, tuple[str, str, str]]]:
    with a_supervisor(tmp_path / "supervisor") as made:
        yield made


@pytest.fixture
def stage(review: tuple[Stage, tuple[str, str, str]]) -> Stage:
    return review[0]


@pytest.fixture
def failed(review: tuple[Stage, tuple[str, str, str]]) -> str:
    """An order with a failed item, reached from outside the fence."""
    return review[1][0]


@pytest.fixture
def refused(review: tuple[Stage, tuple[str, str, str]]) -> str:
    """An order that the customer refused."""
    return review[1][1]
