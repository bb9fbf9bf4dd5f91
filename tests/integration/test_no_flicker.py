"""What was typed stays visible, whatever cycle runs meanwhile, and is sent in one request."""

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.sync.engine import AT_ONCE
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import retitle


def say_much(device: FleetDevice, order_id: str) -> None:
    """More than goes with a pull in one round trip."""
    for number in range(AT_ONCE):
        with device.write() as write:
            remarks.add_comment(write, order_id, f"Remark {number}.")


@pytest.mark.parametrize("at", ["/v1/sync", "/v1/push", "/v1/pull"])
def test_invariant_9_what_was_typed_never_flickers_while_a_cycle_runs(fleet: Fleet, at: str) -> None:
    """Neither a value from before it nor one of an older pull shows (also invariant 10)."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    seen: list[str] = []

    def watch(path: str) -> None:
        seen.append(str(device.see("work_order", order_id)["title"]))
        if path == at and "Typed in between" not in seen:
            retitle(device, order_id, "Typed in between")
            seen.append(str(device.see("work_order", order_id)["title"]))

    if at != "/v1/sync":
        say_much(device, order_id)
    retitle(device, order_id, "Typed before")
    fleet.office.edit(order_id, priority="low")
    device.weather.watch = watch
    device.sync_well()
    device.weather.watch = lambda path: None
    seen.append(str(device.see("work_order", order_id)["title"]))
    assert seen[0] == "Typed before"
    assert seen[-1] == "Typed in between"
    assert set(seen) == {"Typed before", "Typed in between"}
    fleet.assert_converged()
    assert fleet.office.order(order_id)["title"] == "Typed in between"


def test_a_cycle_with_one_edit_is_one_round_trip(fleet: Fleet) -> None:
    """The hello of the first cycle still stands; what the office did meanwhile comes with the same answer."""
    device = fleet.device("technician")
    order_id = fleet.small.order_ids[0]
    retitle(device, order_id, "Typed")
    fleet.office.edit(order_id, priority="low")
    before = device.weather.requests
    device.sync_well()
    assert device.weather.requests == before + 1
    assert (device.see("work_order", order_id)["title"], device.see("work_order", order_id)["priority"]) == (
        "Typed",
        "low",
    )
    assert device.workplace.replica.outbox.acknowledged() == ()
    fleet.assert_converged()
