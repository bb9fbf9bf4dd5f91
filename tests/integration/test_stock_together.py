"""Stock that many people move without network: it adds up in any order, nothing is refused, what lacks is asked for."""

import random
from decimal import Decimal

import pytest

from cmms_desktop.application.commands import parts
from cmms_desktop.application.queries.parts_page import parts_page
from sync_server.contract.rules.draft import level_id
from tests.support.convergence import require_stock_adds_up
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import use

ORDERS = {"technician": 0, "technician2": 2, "supervisor": 1}
TAKEN = {"technician": (20, 15), "technician2": (25,), "supervisor": (1, 1, 1)}
"""Together 63 of the 50 that lie in the store."""


def take(device: FleetDevice, quantity: int) -> None:
    """Use parts from the store, on an order of the device's person."""
    small = device.fleet.small
    use(device, small.order_ids[ORDERS[device.login]], quantity, location_id=small.store_id)


@pytest.mark.parametrize("seed", range(3))
def test_invariant_17_stock_is_the_sum_of_movements_at_every_commit_in_any_order(fleet: Fleet, seed: int) -> None:
    chance = random.Random(seed)
    devices = [fleet.device(login) for login in ORDERS]
    for device in devices:
        device.offline()
        for quantity in TAKEN[device.login]:
            take(device, quantity)
    fleet.clock.advance(days=5)
    chance.shuffle(devices)
    for device in devices:
        device.online()
        device.sync(Fault("none"), Fault(chance.choice(("duplicate", "drop_answer", "truncate")), chance.randrange(90)))
        require_stock_adds_up(fleet.organization)
        device.sync_well()
        assert device.workplace.replica.outbox.parked() == ()
        require_stock_adds_up(fleet.organization)
    fleet.assert_converged()
    small = fleet.small
    level = devices[0].see("stock_level", level_id(small.store_id, small.part_ids[0]))
    assert Decimal(str(level["quantity"])) == 50 - 63
    asked = fleet.organization.rows("part_request")
    assert sum(Decimal(str(row["quantity"])) for row in asked) == 13, "what lacks is asked for once, whoever came last"


def test_what_lacks_is_shown_as_short(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    small = fleet.small
    with technician.write() as write:
        parts.use_part(
            write,
            small.order_ids[0],
            small.part_ids[0],
            stock_location_id=small.van_ids["technician"],
            quantity=Decimal(8),
        )
    fleet.assert_converged()
    (request,) = technician.rows("part_request", small.order_ids[0])
    assert (Decimal(str(request["quantity"])), request["status"]) == (3, "open")
    with technician.workplace.replica.read() as reading:
        found = parts_page(reading, small.order_ids[0])
    assert found is not None
    assert [(line.quantity, line.status) for line in found.requests] == [(3, "open")]
