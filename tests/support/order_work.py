"""A technician's work on one order, with the commands of the day: what tests of them have in common."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from cmms_desktop.application.commands import checklists, parts, remarks, sign_off, visits
from cmms_desktop.application.positions import Position
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Row
from tests.support.fleet import FleetDevice
from tests.support.history_steps import INK
from tests.support.small_site import LATITUDE, LONGITUDE

METRE: Final = 1 / 111_195
"""Degrees of latitude."""
PICTURE: Final = bytes(range(256)) * 16


def work_offline(device: FleetDevice, order_id: str) -> None:
    """A remark and an edit, in two steps, that nobody has heard of."""
    device.offline()
    with device.write() as write:
        remarks.add_comment(write, order_id, "Said without a network.")
    with device.write() as write:
        write.set("work_order", order_id, completion_note="Noted without a network.")


def retitle(device: FleetDevice, order_id: str, title: str) -> None:
    """Edit one field of an order."""
    with device.write() as write:
        write.set("work_order", order_id, title=title)


def comment(device: FleetDevice, order_id: str, text: str) -> None:
    """Say something about an order."""
    with device.write() as write:
        remarks.add_comment(write, order_id, text)


def use(device: FleetDevice, order_id: str, quantity: int, *, location_id: str | None = None) -> None:
    """Use the small site's first part, from one's own van unless a place is named."""
    small = device.fleet.small
    taken_from = location_id or small.van_ids[device.login]
    with device.write() as write:
        parts.use_part(write, order_id, small.part_ids[0], stock_location_id=taken_from, quantity=Decimal(quantity))


def travel(device: FleetDevice, order_id: str) -> str:
    """Set out; give the visit."""
    with device.write() as write:
        return visits.start_travel(write, order_id)


def start(device: FleetDevice, order_id: str) -> str:
    """Set out, arrive without a position, begin; give the visit."""
    log_id = travel(device, order_id)
    with device.write() as write:
        visits.arrive(write, log_id, None, reason="No satellites.")
        visits.start_work(write, log_id)
    return log_id


def item_of(device: FleetDevice, order_id: str, key: str) -> Row:
    """Give the item of an order by its key."""
    return next(item for item in device.rows("checklist_item", order_id) if item["key"] == key)


def answer(device: FleetDevice, order_id: str, key: str, **given: Any) -> str | None:
    """Answer an item by its key."""
    with device.write() as write:
        return checklists.complete_checklist_item(write, str(item_of(device, order_id, key)["id"]), **given)


def answer_all(device: FleetDevice, order_id: str) -> None:
    """Give every item of an order an answer."""
    for key, given in (
        ("bar", {"value": "4,2"}),
        ("seen", {"value": "Nothing unusual."}),
        ("colour", {"value": "clear"}),
        ("picture", {"photo_sha256": device.workplace.blobs.keep(PICTURE)}),
    ):
        answer(device, order_id, key, **given)
    with device.write() as write:
        checklists.pass_remaining(write, str(device.rows("checklist", order_id)[0]["id"]))


def finish(device: FleetDevice, order_id: str) -> None:
    """Do the whole order and hand it to the supervisor."""
    start(device, order_id)
    answer_all(device, order_id)
    with device.write() as write:
        sign_off.sign_performed(write, device.workplace.hand, order_id, strokes=INK)
    with device.write() as write:
        sign_off.complete(write, order_id)


def refused(device: FleetDevice, code: str, step: Callable[[LocalWrite], Any]) -> None:
    """The step is refused with this code, and nothing of it stays."""
    waiting = device.waiting
    with pytest.raises(Refused) as refusal, device.write() as write:
        step(write)
    assert refusal.value.code == code
    assert refusal.value.sentence.endswith(".")
    assert device.waiting == waiting


def fix(metres: float, **values: Any) -> Position:
    """A position north of the site."""
    given = {"accuracy_m": 8.0, "age_s": 2.0, "source": "nmea-file", **values}
    return Position(latitude=LATITUDE + metres * METRE, longitude=LONGITUDE, **given)
