"""The technician's and the supervisor's day in the real window, on the demonstration's real server.

Everything is done by events: signing in, answering, scanning, drawing, deciding. Half-way the network is cut, or the
server's process is stopped; in the end everything is read back from the server.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.qt_here import why_qt_is_missing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from cmms_desktop.demo.world import DemoWorld
    from sync_server.contract.fields import Row
    from tests.ui.program import Program
    from tests.ui.whole_day import WholeDay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_qt_is_missing()), reason=why_qt_is_missing() or "Qt is here"),
    pytest.mark.skipif(sys.platform == "win32", reason="the embedded server does not run there"),
    pytest.mark.qt_log_level_fail("WARNING"),
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

DAYS = {
    "fair": ("WO-0036", "WO-0037", "WO-0038", "fair", "fair"),
    "bad": ("WO-0040", "WO-0041", "WO-0042", "stopped", "cut"),
}
"""Day → orders: done with everything, refused by the customer, changed on both sides; weather of the technician's half
and of the supervisor's. A client cannot tell a stopped server from a cut network, so each half sees one of both."""


@pytest.fixture(scope="module")
def world() -> Iterator[DemoWorld]:
    """One server for all days, and one device on which nobody has ever signed in."""
    from cmms_desktop.credentials import keys
    from cmms_desktop.demo.folder import held_folder
    from cmms_desktop.demo.world import DemoWorld

    with tempfile.TemporaryDirectory(prefix="cmms-test-") as made:
        Path(made).chmod(0o755)  # for the unprivileged user that PostgreSQL runs as when this is root
        with held_folder(Path(made) / "kept", is_fresh=True) as folder:
            running = DemoWorld(folder, profile=keys.CHEAPEST)
            running.start()
            try:
                yield running
            finally:
                running.close()


@pytest.fixture(scope="class", params=DAYS)
def day(
    request: pytest.FixtureRequest, world: DemoWorld, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WholeDay]:
    """One window for the whole day, in one weather."""
    from tests.ui.program import a_program
    from tests.ui.whole_day import Plan, WholeDay

    with a_program(world.desk, opener=world.sign_in) as program:
        assert qapp.platformName() == os.environ["QT_QPA_PLATFORM"]
        yield WholeDay(world, program, Plan(*DAYS[request.param]), tmp_path_factory.mktemp("day"))


class TestDay:
    """The technician first, then the supervisor in the same window."""

    def test_the_technician_does_two_orders_and_the_server_has_all_of_it(self, day: WholeDay, tmp_path: Path) -> None:
        from tests.ui import read_back

        day.technicians()
        require_accepted(day)
        require_refused(day)
        read_back.require_converged(day.world, day.program, tmp_path)

    def test_the_supervisor_decides_and_the_technician_sees_what_came_back(self, day: WholeDay, tmp_path: Path) -> None:
        from tests.ui import read_back

        day.supervisors()
        require_decided(day)
        read_back.require_converged(day.world, day.program, tmp_path / "supervisor")
        day.technician_looks_again()
        read_back.require_converged(day.world, day.program, tmp_path / "technician")


@pytest.fixture
def enrolled(world: DemoWorld) -> None:
    """Both people are known on the device, and neither is at work."""
    for login in ("technician", "supervisor"):
        world.at_work(login).close()


def test_a_visit_is_done_by_keyboard_alone(world: DemoWorld, enrolled: None, qapp: QApplication) -> None:
    from cmms_desktop.demo.choices import AT_SITE, PASSWORD
    from tests.ui import other_hands, read_back
    from tests.ui.program import a_program

    world.standing, number = AT_SITE, "WO-0054"
    with a_program(world.desk, opener=world.sign_in) as program:
        person = program.person
        other_hands.sign_in(person, "technician", PASSWORD)
        other_hands.open_order(person, number)
        other_hands.go_and_start(person)
        other_hands.answer(person, [item for item in read_back.items(program, number) if item.is_missing])
        other_hands.press_primary(person)
        person.until_sees("You sign exactly this")
        read_back.until_all_is_sent(program)
        require_answered(world, program, number)


def test_a_visit_is_done_with_one_finger_on_a_small_screen(
    world: DemoWorld, enrolled: None, qapp: QApplication
) -> None:
    from cmms_desktop.demo.choices import AT_SITE, PASSWORD
    from tests.ui import other_hands, people, read_back
    from tests.ui.hands import Finger
    from tests.ui.program import COMPACT, a_program
    from tests.ui.technician import Technician

    world.standing, number = AT_SITE, "WO-0058"
    with a_program(world.desk, opener=world.sign_in, size=COMPACT, hand=Finger()) as program:
        person, technician = program.person, Technician(program.person, photo=Path())
        people.sign_in(person, "technician", PASSWORD)
        person.until_sees("Online, synced")
        other_hands.go_home(person)
        other_hands.throw_list(person, f"{number},")
        person.press_row(f"{number},")
        technician.travel()
        technician.arrive()
        technician.answer_rest(read_back.items(program, number))
        person.press("Finish")
        person.until_sees("You sign exactly this")
        read_back.until_all_is_sent(program)
        require_answered(world, program, number)


def test_a_session_that_ends_in_the_middle_of_work_is_begun_again_with_the_password(
    world: DemoWorld, enrolled: None, qapp: QApplication
) -> None:
    from PySide6.QtCore import Qt

    from cmms_desktop.demo.choices import AT_SITE, PASSWORD
    from tests.ui import people, read_back
    from tests.ui.program import a_program
    from tests.ui.technician import Technician

    world.standing, number = AT_SITE, "WO-0055"
    with a_program(world.desk, opener=world.sign_in) as program:
        person, technician = program.person, Technician(program.person, photo=Path())
        people.sign_in(person, "technician", PASSWORD)
        person.until_sees("Online, synced")
        person.key(Qt.Key.Key_1, ctrl=True)
        technician.open_order(number)
        technician.travel()
        technician.arrive()
        read_back.until_all_is_sent(program)
        end_sessions(world, program)
        first, *others = (item for item in read_back.items(program, number) if item.is_missing)
        technician.answer(first)
        person.until_sees("Sign in again, work goes on")
        technician.answer_rest(others)
        person.press("Finish")
        person.until_sees("You sign exactly this")
        person.until_sees("Sign in again, work goes on", "waiting, saved on this device")
        person.press("Sign in")
        person.fill("Password of technician", PASSWORD)
        person.key(Qt.Key.Key_Return)
        read_back.until_all_is_sent(program)
        person.until_sees("You sign exactly this")
        require_answered(world, program, number)


def end_sessions(world: DemoWorld, program: Program) -> None:
    """Let the server take none of this device's tokens any more."""
    import psycopg

    with psycopg.connect(str(world.server.ready["database_url"]), autocommit=True) as connection:
        ended = connection.execute("update user_session set revoked_at = clock_timestamp() where revoked_at is null")
        assert ended.rowcount
    program.shown.workplace.transport.access_token = "over"


# ---- what the server has then


def require_answered(world: DemoWorld, program: Program, number: str) -> None:
    """The visit is over, and nothing that was asked is open."""
    from tests.ui import read_back

    order = read_back.at_server(world, program, number)
    assert [row["ended_at"] is not None for row in order["work_log"]] == [True]
    assert not [item for item in read_back.items(program, number) if item.is_missing]
    here = {(item.id, item.result) for item in read_back.items(program, number)}
    assert here <= {(row["id"], row["result"]) for row in order["checklist_item"]}


def require_accepted(day: WholeDay) -> None:
    """The order with everything: a failure with its follow-up, a reading too high, a part, a comment, photos, ink."""
    from tests.ui.technician import DRIPS, TOO_HIGH
    from tests.ui.whole_day import SAID

    order = rows_of(day, day.plan.accepted)
    (row,) = order["work_order"]
    assert row["status"] == "completed"
    assert [event["fence"] for event in order["work_log_event"] if event["kind"] == "arrive"] == ["inside"]
    by_note = {item["note"]: item for item in order["checklist_item"] if item["note"]}
    assert by_note.keys() == {DRIPS, TOO_HIGH}
    assert all(item["result"] == "fail" and item["photo_sha256"] for item in by_note.values())
    assert Decimal(str(by_note[TOO_HIGH]["value"])) > Decimal(str(by_note[TOO_HIGH]["maximum"]))
    open_items = [item for item in order["checklist_item"] if item["result"] is None]
    assert all(item["condition"] for item in open_items), "nothing that was asked is open"
    assert [order["number"] for order in day.world.office().orders() if order["parent_id"] == row["id"]]
    assert SAID in {comment["text"] for comment in order["comment"]}
    assert [(move["kind"], Decimal(str(move["quantity"]))) for move in order["stock_movement"]] == [
        ("usage", Decimal(-1))
    ]
    photos = {str(photo["sha256"]) for photo in order["attachment"]}
    assert len(order["attachment"]) >= 3
    assert all(has_bytes(day, sha256) for sha256 in photos)
    assert {signature["meaning"] for signature in order["signature"]} == {"performed", "accepted"}


def require_refused(day: WholeDay) -> None:
    """The order outside the fence, with both reasons."""
    from tests.ui.whole_day import PARKED, REFUSAL

    order = rows_of(day, day.plan.refused)
    assert order["work_order"][0]["status"] == "completed"
    (arrival,) = [event for event in order["work_log_event"] if event["kind"] == "arrive"]
    assert (arrival["fence"], arrival["reason"]) == ("outside", f"Parked away from site: {PARKED}")
    assert {signature["meaning"] for signature in order["signature"]} == {"performed", "refused"}
    assert any(REFUSAL in str(signature) for signature in order["signature"])


def require_decided(day: WholeDay) -> None:
    """One closed, one open again with its reason, one conflict settled for the technician."""
    from tests.ui.whole_day import TO_DO

    supervisor_id = day.world.account("supervisor").person_id
    closed, returned, disputed = (
        rows_of(day, number) for number in (day.plan.accepted, day.plan.refused, day.plan.disputed)
    )
    assert closed["work_order"][0]["status"] == "closed"
    approved = [signature for signature in closed["signature"] if signature["meaning"] == "approved"]
    assert [signature["signer_id"] for signature in approved] == [supervisor_id]
    row = returned["work_order"][0]
    assert (row["status"], row["status_reason"]) == ("in_progress", TO_DO)
    assert str(disputed["work_order"][0]["title"]).endswith("(this device)")
    assert [(conflict["field"], conflict["resolution"]) for conflict in disputed["conflict"]] == [("title", "mine")]


def rows_of(day: WholeDay, number: str) -> dict[str, list[Row]]:
    from tests.ui import read_back

    return read_back.at_server(day.world, day.program, number)


def has_bytes(day: WholeDay, sha256: str) -> bool:
    """Whether the server keeps the photo itself."""
    return any(Path(day.world.server.environment["CMMS_DATA"]).rglob(sha256))
