"""The server goes away at the worst moment: before a step, in the middle of a cycle, after it has committed.

Every step of the day works without it, is counted as waiting, and arrives when it is back.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from cmms_desktop.application.commands import assets, checklists, parts, remarks, sign_off, visits
from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.work import my_day
from cmms_desktop.errors import Refused, ServerBusy, ServerUnreachable, SessionExpired
from cmms_desktop.replica.local_write import LocalWrite
from cmms_desktop.sync.engine import AT_ONCE, Report
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import INK
from tests.support.small_site import LATITUDE, LONGITUDE, PASSWORD

AT_THE_SITE = Position(latitude=LATITUDE, longitude=LONGITUDE, accuracy_m=8.0, age_s=2.0, source="nmea-file")
ANSWERS: dict[str, dict[str, Any]] = {
    "pass_fail": {"result": "pass"},
    "number": {"value": "4.2"},
    "text": {"value": "As it should be."},
    "choice": {"value": "clear"},
}

Step = Callable[[LocalWrite], Any]


class Day:
    """One order's way through a day, step by step, each in a commit of its own."""

    def __init__(self, device: FleetDevice, order_id: str) -> None:
        self.device = device
        self.order_id = order_id
        self.log_id = ""

    def steps(self) -> list[tuple[str, Step]]:
        fleet, blobs = self.device.fleet, self.device.workplace.blobs
        van = fleet.small.van_ids[self.device.login]
        items = self.device.rows("checklist_item", self.order_id)
        hand = self.device.workplace.hand
        return [
            ("travel", self.travel),
            ("arrive", lambda write: visits.arrive(write, self.log_id, AT_THE_SITE)),
            ("start", lambda write: visits.start_work(write, self.log_id)),
            ("scan", lambda write: assets.identify(write, self.order_id, "qr-1")),
            *(
                (f"answer {item['key']}", partial(self.answer, item_id=str(item["id"]), kind=str(item["kind"])))
                for item in items
            ),
            ("follow up", lambda write: self.fail(write, str(items[0]["id"]))),
            (
                "part",
                lambda write: parts.use_part(
                    write, self.order_id, fleet.small.part_ids[0], stock_location_id=van, quantity=Decimal(2)
                ),
            ),
            ("comment", lambda write: remarks.add_comment(write, self.order_id, "Half blocked.")),
            (
                "photo",
                lambda write: remarks.add_photo(
                    write, blobs, self.order_id, content=b"picture", media_type="image/png"
                ),
            ),
            ("hold", lambda write: visits.pause_work(write, self.log_id, reason="Lunch.")),
            ("resume", lambda write: visits.resume_work(write, self.log_id)),
            ("leave", lambda write: visits.leave(write, self.log_id)),
            ("sign", lambda write: sign_off.sign_performed(write, hand, self.order_id, strokes=INK)),
            (
                "refuse",
                lambda write: sign_off.customer_refuses(
                    write, hand, self.order_id, printed_name="Customer", reason="It still leaks."
                ),
            ),
            ("complete", lambda write: sign_off.complete(write, self.order_id)),
        ]

    def travel(self, write: LocalWrite) -> None:
        self.log_id = visits.start_travel(write, self.order_id)

    def answer(self, write: LocalWrite, *, item_id: str, kind: str) -> None:
        given = ANSWERS.get(kind) or {"photo_sha256": self.device.workplace.blobs.keep(b"plate")}
        checklists.complete_checklist_item(write, item_id, **given)

    def fail(self, write: LocalWrite, item_id: str) -> str:
        checklists.complete_checklist_item(write, item_id, result="fail", note="Worn out.")
        return checklists.follow_up(write, item_id)


def test_every_step_of_the_day_works_without_the_server_and_arrives_when_it_is_back(fleet: Fleet) -> None:
    device = fleet.device("technician")
    fleet.device("supervisor")
    fleet.stoppable.stop()
    day = Day(device, fleet.small.order_ids[0])
    made = 0
    for name, step in day.steps():
        with device.write() as write:
            step(write)
            made += len(write.made)
        assert device.waiting == made, f"after {name}"
        assert isinstance(device.sync(), ServerUnreachable), f"after {name}"
        assert device.waiting == made, f"after {name} and a cycle that failed"
    assert device.see("work_order", day.order_id)["status"] == "completed"
    fleet.stoppable.start()
    report = device.sync()
    assert isinstance(report, Report)
    assert (report.pushed, report.blobs_sent, device.waiting) == (made, 1, 0)
    assert fleet.office.order(day.order_id)["status"] == "completed"
    fleet.assert_converged()


def test_the_server_stops_after_each_step_in_turn(fleet: Fleet) -> None:
    """Half the day with a server and half without, whichever half: both orders end alike."""
    device = fleet.device("technician")
    first, second = (Day(device, order_id) for order_id in fleet.small.order_ids[:2])
    for day, runs_first in ((first, True), (second, False)):
        for number, (_, step) in enumerate(day.steps()):
            if (number % 2 == 0) == runs_first:
                fleet.stoppable.start()
            else:
                fleet.stoppable.stop()
            with device.write() as write:
                step(write)
            device.sync()
    fleet.stoppable.start()
    fleet.assert_converged()
    assert {fleet.office.order(day.order_id)["status"] for day in (first, second)} == {"completed"}


def test_an_enrolled_person_starts_his_day_without_the_server_and_a_new_one_cannot(fleet: Fleet) -> None:
    device = fleet.device("technician")
    fleet.stoppable.stop()
    device.reopen()
    with device.workplace.replica.read() as reading:
        assert len(my_day(reading, device.person_id)) == 2
    with pytest.raises(ServerUnreachable):
        device.desk.open("technician2", PASSWORD)
    with pytest.raises(Refused):
        device.desk.open("technician", "not this one")
    fleet.stoppable.start()
    fleet.assert_converged()


@pytest.mark.parametrize("kind", ["drop_answer", "kill_after", "cut", "truncate", "hold"])
def test_an_answer_lost_after_the_commit_counts_once(fleet: Fleet, kind: str) -> None:
    device = fleet.device("technician")
    order_id, van = fleet.small.order_ids[0], fleet.small.van_ids["technician"]
    with device.write() as write:
        parts.use_part(write, order_id, fleet.small.part_ids[0], stock_location_id=van, quantity=Decimal(1))
    with device.write() as write:
        remarks.add_comment(write, order_id, "Once.")
    for _ in range(3):
        device.sync(Fault(kind, 5))
    device.sync_well()
    device.deliver_held()
    assert [row["text"] for row in device.rows("comment", order_id)] == ["Once."]
    levels = fleet.organization.ask(
        "select quantity::text from stock_level where organization_id = %s and stock_location_id = %s and part_id = %s",
        fleet.organization.id,
        van,
        fleet.small.part_ids[0],
    )
    assert levels == [("4.0000",)]
    fleet.assert_converged()


def test_a_busy_server_says_how_long_to_wait(fleet: Fleet) -> None:
    device = fleet.device("technician")
    busy = device.sync(Fault("busy"))
    assert isinstance(busy, ServerBusy)
    assert busy.retry_after_s == 3
    fleet.assert_converged()


# ---- sessions


def end_access(device: FleetDevice) -> None:
    """The access token is over, as ten minutes later."""
    device.workplace.transport.access_token = "over"


def test_a_session_that_ends_in_the_middle_of_a_cycle_is_renewed(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Before the session ended.")
    end_access(device)
    report = device.sync()
    assert isinstance(report, Report)
    assert report.verdicts == {"applied": 1}
    fleet.assert_converged()


def test_a_refresh_whose_answer_is_lost_is_no_reason_to_sign_in_again(fleet: Fleet) -> None:
    device = fleet.device("technician")
    for kind in ("drop_answer", "cut", "drop_request", "kill_after", "truncate", "kill_before", "drop_answer"):
        end_access(device)
        outcome = device.sync(Fault("none"), Fault(kind, 9))
        assert not isinstance(outcome, SessionExpired), kind
    assert isinstance(device.sync(), Report)
    fleet.assert_converged()


def test_a_session_that_the_server_has_ended_keeps_all_work_until_the_person_signs_in(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Kept.")
    fleet.organization.ask(
        "update user_session set revoked_at = clock_timestamp() where organization_id = %s", fleet.organization.id
    )
    end_access(device)
    with pytest.raises(SessionExpired):
        device.workplace.engine.sync()
    assert device.waiting == 1
    device.desk.sign_in_again(device.workplace, PASSWORD)
    assert isinstance(device.sync(), Report)
    fleet.assert_converged()


def test_another_persons_tokens_are_no_use_on_this_device(fleet: Fleet) -> None:
    device, other = fleet.device("technician"), fleet.device("supervisor")
    stolen = other.workplace.transport.access_token
    device.workplace.transport.access_token = stolen
    with pytest.raises(Refused) as refusal:
        device.workplace.engine.sync()
    assert refusal.value.code == "device_revoked"
    device.workplace.transport.access_token = None
    fleet.assert_converged()


# ---- two people, one installation


def test_another_person_signs_in_on_the_same_installation_and_neither_sees_the_others_store(fleet: Fleet) -> None:
    first = fleet.device("technician")
    with first.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "Still waiting while the other one works.")
    second = fleet.device("technician2", beside=first)
    with second.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[2], "The other one's work.")
    second.sync_well()
    assert first.waiting == 1
    assert second.get("work_order", fleet.small.order_ids[0]) is None
    assert {person.login for person in first.desk.installation.people()} == {"technician", "technician2"}
    paths = {device.workplace.replica.database.path for device in (first, second)}
    assert len(paths) == 2
    fleet.assert_converged()


def test_one_person_has_one_window_on_his_store(fleet: Fleet) -> None:
    device = fleet.device("technician")
    with pytest.raises(Exception, match="already"):
        device.desk.open("technician", PASSWORD)
    fleet.assert_converged()


def test_a_supervisor_signs_off_with_his_own_key_on_the_technicians_installation(fleet: Fleet) -> None:
    technician = fleet.device("technician")
    supervisor = fleet.device("supervisor", beside=technician)
    closed, returned = (Day(technician, order_id) for order_id in fleet.small.order_ids[:2])
    fleet.stoppable.stop()
    for day in (closed, returned):
        for _, step in day.steps():
            with technician.write() as write:
                step(write)
    hand = supervisor.workplace.hand
    with technician.write() as write:
        sign_off.approve(write, hand, closed.order_id)
    with technician.write() as write:
        sign_off.return_work(write, hand, returned.order_id, reason="The gasket leaks.")
    assert technician.see("work_order", closed.order_id)["status"] == "closed"
    fleet.stoppable.start()
    report = technician.sync()
    assert isinstance(report, Report)
    assert set(report.verdicts) <= {"applied", "merged"}
    fleet.assert_converged()
    assert fleet.office.order(closed.order_id)["status"] == "closed"
    order = fleet.office.order(returned.order_id)
    assert (order["status"], order["status_reason"]) == ("in_progress", "The gasket leaks.")
    approvals = [row for row in supervisor.rows("signature", closed.order_id) if row["meaning"] == "approved"]
    assert [row["signer_id"] for row in approvals] == [supervisor.person_id]


def test_nobody_signs_off_with_a_key_that_is_not_his(fleet: Fleet) -> None:
    """A technician's hand with the supervisor's name: the device refuses what it knows, the server the rest."""
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    day = Day(technician, fleet.small.order_ids[0])
    for _, step in day.steps():
        with technician.write() as write:
            step(write)
    own, his = technician.workplace.hand, supervisor.workplace.hand
    with pytest.raises(Refused), technician.write() as write:
        sign_off.approve(write, own, day.order_id)
    forged = type(his)(his.organization_id, his.person_id, his.device_id, own.sign)
    with technician.write() as write:
        sign_off.approve(write, forged, day.order_id)
    report = technician.sync()
    assert isinstance(report, Report)
    assert report.verdicts["rejected"] > 0
    assert fleet.office.order(day.order_id)["status"] == "completed"
    assert technician.see("work_order", day.order_id)["status"] == "completed"
    assert {entry.code for entry in technician.workplace.replica.outbox.parked()} == {
        "signature_invalid",
        "group_refused",
    }
    technician.withdraw_refused()
    fleet.assert_converged()


@pytest.mark.parametrize(("count", "at", "acknowledged"), [(1, "/v1/sync", 0), (AT_ONCE + 1, "/v1/pull", AT_ONCE + 1)])
def test_a_request_to_a_server_that_stops_in_the_middle_is_offline(
    fleet: Fleet, count: int, at: str, acknowledged: int
) -> None:
    device = fleet.device("technician")
    for _ in range(count):
        with device.write() as write:
            remarks.add_comment(write, fleet.small.order_ids[0], "In the middle.")

    device.weather.watch = lambda path: fleet.stoppable.stop() if path == at else None
    assert isinstance(device.sync(), ServerUnreachable)
    assert len(device.workplace.replica.outbox.acknowledged()) == acknowledged
    assert [row["text"] for row in device.rows("comment", fleet.small.order_ids[0])] == ["In the middle."] * count
    device.weather.watch = lambda path: None
    fleet.stoppable.start()
    fleet.assert_converged()
