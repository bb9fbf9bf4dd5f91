"""Two batches of one device under way, each met by every fault of a network: everything counts once, in order."""

import pytest

from cmms_desktop.replica import sealing
from cmms_desktop.sync import engine
from tests.support.fault_transport import FAULTS, Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import comment, retitle

IN_A_BATCH = 3
BATCHES = 5


@pytest.fixture
def device(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> FleetDevice:
    """A technician's device whose batches are small and go without a pull."""
    monkeypatch.setattr(sealing, "MAX_PUSH_MUTATIONS", IN_A_BATCH)
    monkeypatch.setattr(engine, "AT_ONCE", 0)
    return fleet.device("technician")


def work(device: FleetDevice, name: str) -> None:
    """Make a title that is written over again and again, so that order counts, with remarks between."""
    order_id = device.fleet.small.order_ids[0]
    for number in range(IN_A_BATCH * BATCHES // 2):
        retitle(device, order_id, f"{name} {number}")
        comment(device, order_id, f"{name} {number}")
    device.fleet.clock.advance(minutes=11)  # each cycle begins with a hello


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_at_any_batch_loses_doubles_or_turns_round_anything(
    fleet: Fleet, device: FleetDevice, kind: str
) -> None:
    order_id = fleet.small.order_ids[0]
    said = [str(row["text"]) for row in device.rows("comment", order_id)]
    for place in range(BATCHES):
        work(device, f"{kind} {place}")
        said += [f"{kind} {place} {number}" for number in range(IN_A_BATCH * BATCHES // 2)]
        device.sync(*[Fault("none")] * (place + 1), Fault(kind, 97 * place))
    assert device.weather.log, "nothing happened"
    fleet.assert_converged()
    assert [row["text"] for row in device.rows("comment", order_id)] == said
    assert device.see("work_order", order_id)["title"] == said[-1]


def test_a_session_that_ends_under_two_batches_is_renewed_once(fleet: Fleet, device: FleetDevice) -> None:
    """Both are refused; were both to use the refresh token, the person would have to sign in again."""
    device.sync_well()
    work(device, "Late")
    device.workplace.transport.access_token = "over"
    report = device.sync_well()
    assert (report.pushed, device.waiting) == (2 * (IN_A_BATCH * BATCHES // 2), 0)
    fleet.assert_converged()
