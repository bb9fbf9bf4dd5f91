"""What `device list` says of a device is so: its version, when it was heard, what waits on it, how its clock goes."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.replica.outbox import state_of
from tests.support.command_line import Run, commands_of
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.recalling import leave, recalled

Listed = Callable[[FleetDevice], dict[str, Any]]


@pytest.fixture
def run(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(fleet.stoppable.server, monkeypatch, capsys)


@pytest.fixture
def listed(fleet: Fleet, run: Run) -> Listed:
    def listed(device: FleetDevice) -> dict[str, Any]:
        devices = json.loads(run("device", "list", "--organization", fleet.organization.slug, "--json")[1])["devices"]
        return next(each for each in devices if each["id"] == device.id)

    return listed


def remark(device: FleetDevice, text: str) -> None:
    with device.write() as write:
        remarks.add_comment(write, device.fleet.small.order_ids[0], text)


def oldest(device: FleetDevice) -> str | None:
    with device.workplace.replica.read() as reading:
        return state_of(reading.cursor).oldest


def test_what_waits_is_told_since_when_and_no_more_once_it_was_sent(fleet: Fleet, listed: Listed) -> None:
    device = fleet.device("technician")
    for text in ("First.", "Second.", "Third."):
        remark(device, text)
        fleet.clock.advance(minutes=5)
    since = oldest(device)
    device.sync(Fault("none"), Fault("drop_request"))  # hello comes through, the changes do not
    assert (listed(device)["pending"], listed(device)["oldest_pending_at"]) == (3, since)
    device.sync_well()
    assert device.waiting == 0
    assert (listed(device)["pending"], listed(device)["oldest_pending_at"]) == (0, None)
    fleet.assert_converged()


def test_after_a_lost_answer_no_less_is_told_than_waits(fleet: Fleet, listed: Listed) -> None:
    device = fleet.device("technician")
    fleet.clock.advance(minutes=11)
    for text in ("First.", "Second."):
        remark(device, text)
    device.sync(Fault("none"), Fault("drop_answer"))
    assert (device.waiting, listed(device)["pending"]) == (2, 0), "the server has them, the device does not know yet"
    remark(device, "Third.")
    device.sync(Fault("none"), Fault("drop_request"))
    assert listed(device)["pending"] >= 1
    fleet.clock.advance(minutes=11)
    device.sync_well()
    device.sync_well()
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert listed(device)["pending"] == 0
    fleet.assert_converged()


def test_a_clock_is_told_as_its_person_would_put_it_right(fleet: Fleet, listed: Listed, run: Run) -> None:
    devices = [fleet.device("technician"), fleet.device("supervisor"), fleet.device("planner")]
    behind, *_, ahead = sorted(devices, key=lambda device: device.skew)
    apart = (ahead.skew - behind.skew).total_seconds()
    assert apart > 60
    assert abs(listed(behind)["clock_offset_ms"] - listed(ahead)["clock_offset_ms"] - apart * 1_000) < 30_000
    told = run("device", "list", "--organization", fleet.organization.slug)[1].splitlines()
    shown = {line[:36]: float(re.findall(r"clock ([+-][0-9.]+) s", line)[0]) for line in told}
    assert abs(shown[ahead.id] - shown[behind.id] - apart) < 30, "ahead is more"


def test_a_device_that_was_never_heard_is_not_said_to_have_sent_everything(fleet: Fleet, run: Run) -> None:
    organization = fleet.organization
    person = next(row for row in organization.rows("person") if row["role"] == "planner")
    organization.device(person)
    told = run("device", "list", "--organization", organization.slug)[1]
    (line,) = [line for line in told.splitlines() if "last heard never" in line]
    assert ("0 not sent" in line, "not sent unknown" in line) == (False, True)


def test_a_wiped_device_is_told_to_do_nothing_more(fleet: Fleet, run: Run, listed: Listed) -> None:
    device, named = fleet.device("technician"), ("--organization", fleet.organization.slug)
    assert run("device", "wipe", device.id, *named)[0] == 0
    recalled(device)
    leave(device)
    assert listed(device)["wiped_at"] is not None
    for action in ("lock", "verify", "wipe"):
        code, told, complaint = run("device", action, device.id, *named)
        assert (code, told, complaint) == (2, "", "This device was wiped; there is nothing left that it could do.\n")
    assert listed(device)["commands"] == []
    code, told, _ = run("device", "revoke", device.id, "--stolen", *named)
    assert (code, "nothing is left on it" in told, "next contact" in told) == (0, True, False)


def test_too_short_a_beginning_of_an_id_is_not_taken_for_one(fleet: Fleet, run: Run, listed: Listed) -> None:
    device, named = fleet.device("technician"), ("--organization", fleet.organization.slug)
    for begins in ("", device.id[:3]):
        assert run("device", "lock", *named, "--", begins)[::2] == (2, "Give at least 4 characters of its id.\n")
    assert listed(device)["commands"] == []
