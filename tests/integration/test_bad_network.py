"""A bad network: every fault at every request of a cycle, and nothing is lost or doubled."""

import pytest

from cmms_desktop.application.commands import remarks
from tests.support import convergence
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet
from tests.support.order_work import retitle, use


class Shift:
    """A technician who does a little of everything before each cycle."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.device = fleet.device("technician")
        self.other = fleet.device("supervisor")
        self.number = 0

    def work(self) -> None:
        self.number += 1
        small, number = self.fleet.small, self.number
        order_id = small.order_ids[number % 2]
        retitle(self.device, order_id, f"T{number}")
        use(self.device, order_id, 1, location_id=small.van_ids["technician"])
        with self.device.write() as write:
            remarks.add_photo(
                write,
                self.device.workplace.blobs,
                order_id,
                content=f"picture {number}".encode(),
                media_type="image/png",
            )
        self.fleet.office.edit(order_id, priority=("low", "high")[number % 2])
        self.fleet.clock.advance(minutes=11)  # each cycle begins with a hello


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_at_any_request_of_a_cycle_loses_or_doubles_anything(fleet: Fleet, kind: str) -> None:
    shift = Shift(fleet)
    for amount in (0, 1, 37, 250):
        for place in range(6):  # hello, push, pull, and up to three requests of an upload
            shift.work()
            shift.device.sync(*[Fault("none")] * place, Fault(kind, amount))
        shift.other.sync_well()
    assert len(shift.device.weather.log) >= 16, "most of the faults happened"
    fleet.assert_converged()


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_in_a_first_sync_keeps_a_device_from_having_everything(fleet: Fleet, kind: str) -> None:
    """A supervisor has five scopes: hello, pull, then a bootstrap and a pull for each."""
    new = fleet.enrol("supervisor")
    for place in range(12):
        new.sync(*[Fault("none")] * (place % 4), Fault(kind, place * 97))
    assert new.weather.log
    fleet.assert_converged()


def test_late_and_mixed_up_messages_of_many_cycles_do_no_harm(fleet: Fleet) -> None:
    shift = Shift(fleet)
    for number in range(30):
        shift.work()
        kinds = ("hold", "drop_answer", "swap", "swap", "duplicate")
        shift.device.sync(*[Fault("none")] * (number % 4), Fault(kinds[number % 5], number))
    fleet.assert_converged()


def test_a_second_cycle_asks_for_nothing_and_changes_nothing(fleet: Fleet) -> None:
    shift = Shift(fleet)
    shift.work()
    shift.device.sync_well()
    before = convergence.live_rows(shift.device.workplace.replica)
    report = shift.device.sync_well()
    assert (report.pushed, report.pulled_rows, report.bootstrapped, report.blobs_sent) == (0, 0, [], 0)
    assert convergence.live_rows(shift.device.workplace.replica) == before
    fleet.assert_converged()
