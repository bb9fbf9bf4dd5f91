"""Arriving: inside at once, outside with what is right, without a position all the same; nothing typed is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout
from pytestqt.qtbot import QtBot

from cmms_desktop.application.commands.visits import start_travel
from cmms_desktop.application.positions import Position
from cmms_desktop.application.queries.remarks import comment_lines
from cmms_desktop.application.queries.visits import VisitEvent, visit_lines
from cmms_desktop.application.session import NoPosition
from cmms_desktop.ui.bridge.background import QtBackground
from cmms_desktop.ui.screens.arrive.drawing import round_metres, scale_for
from cmms_desktop.ui.screens.arrive.states import Drawing
from cmms_desktop.ui.screens.arrive.view import ArriveSheet
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.sheet import Sheet
from tests.ui.rendered import nameless, out_of_window, small_targets, unreadable
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage, a_stage

LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 60.0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        made.stand_at(made.order_ids[0])
        yield made


@pytest.fixture
def log_id(stage: Stage) -> str:
    with stage.session.writing() as write:
        return start_travel(write, stage.order_ids[0])


@contextmanager
def opened(
    qtbot: QtBot, stage: Stage, log_id: str, *, size: tuple[int, int] = (1192, 752), context: Any = None
) -> Iterator[ArriveSheet]:
    area = QFrame()
    area.setProperty("kind", "page")
    QVBoxLayout(area)
    qtbot.addWidget(area)
    area.resize(*size)
    area.show()
    with qtbot.waitActive(area):
        area.activateWindow()
    sheet = Sheet(area)
    arrive = ArriveSheet(context or stage.context, log_id, stage.order_ids[0])
    arrive.arrived.connect(sheet.close_sheet)
    sheet.open(arrive, "Arrive at Site North", detail="WO-0035 Pump")
    sheet._slide.stop()
    sheet.setGeometry(sheet._resting_place())
    QApplication.processEvents()
    try:
        yield arrive
    finally:
        arrive.stop()
        sheet.close_sheet()
        arrive.deleteLater()


def events(stage: Stage) -> list[VisitEvent]:
    with stage.session.reading() as reading:
        (visit,) = visit_lines(reading, stage.order_ids[0])
    return [event for event in visit.events if event.kind == "arrive"]


def comments(stage: Stage) -> list[str]:
    with stage.session.reading() as reading:
        return [line.text for line in comment_lines(reading, stage.order_ids[0])]


def press(qtbot: QtBot, widget: Any) -> None:
    QApplication.processEvents()
    qtbot.waitUntil(widget.isVisible)
    qtbot.mouseClick(widget, LEFT)


def type_reason(qtbot: QtBot, sheet: ArriveSheet, text: str) -> None:
    sheet.reason.line.setFocus()
    qtbot.keyClicks(sheet.reason.line, text)


@pytest.mark.smoke
def test_inside_the_fence_one_press_records_the_arrival(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    with opened(qtbot, stage, log_id) as sheet, qtbot.waitSignal(sheet.arrived):
        assert not sheet._cards
        assert sheet.reason.isHidden()
        press(qtbot, sheet.footer.primary)
    (event,) = events(stage)
    assert (event.fence, event.reason, event.source) == ("inside", None, "nmea-file")
    assert event.distance_m == pytest.approx(10, abs=1)


def test_outside_the_fence_it_asks_what_is_right_and_never_says_no(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=390, accuracy_m=12)
    with opened(qtbot, stage, log_id) as sheet:
        assert "340 m outside" in sheet.banner._title.text()
        press(qtbot, sheet.footer.primary)
        assert sheet.reason.error
        assert not events(stage)
        press(qtbot, sheet.reasons.button("Parked away from site"))
        assert not sheet.reason.error
        type_reason(qtbot, sheet, "main gate is closed")
        press(qtbot, sheet.footer.primary)
    (event,) = events(stage)
    assert (event.fence, event.reason) == ("outside", "Parked away from site: main gate is closed")
    assert event.accuracy_m == 12


def test_a_wrong_address_is_recorded_and_asks_the_office_to_correct_it(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=5000)
    with opened(qtbot, stage, log_id) as sheet:
        press(qtbot, sheet.card("wrong_address"))
        assert sheet.card("wrong_address").isChecked()
        assert sheet.reasons.isHidden()
        type_reason(qtbot, sheet, "Mill Lane 4")
        press(qtbot, sheet.footer.primary)
    assert events(stage)[0].reason == "Wrong address: Mill Lane 4"
    (comment,) = [text for text in comments(stage) if text.startswith("Wrong address of ")]
    assert "Mill Lane 4. I am at " in comment


def test_a_correction_that_was_not_chosen_in_the_end_is_not_sent(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    before = comments(stage)
    stage.stand_at(stage.order_ids[0], metres_east=5000)
    with opened(qtbot, stage, log_id) as sheet:
        press(qtbot, sheet.card("wrong_address"))
        type_reason(qtbot, sheet, "no")
        press(qtbot, sheet.card("continue"))
        press(qtbot, sheet.footer.primary)
    assert (events(stage)[0].reason, comments(stage)) == ("no", before)


def test_without_a_position_the_receivers_own_sentence_says_why_and_work_begins(
    qtbot: QtBot, stage: Stage, log_id: str
) -> None:
    stage.receiver.position, stage.receiver.sentence = None, "No satellites here. Go to a window and try again."
    with opened(qtbot, stage, log_id) as sheet:
        assert sheet.banner._text.text() == stage.receiver.sentence
        press(qtbot, sheet.reasons.button("Below ground"))
        press(qtbot, sheet.footer.primary)
    (event,) = events(stage)
    assert (event.fence, event.latitude, event.reason) == ("unknown", None, "Below ground")


@pytest.mark.parametrize(
    ("position", "words"),
    [
        ({"accuracy_m": 90.0}, "near the edge"),
        ({"accuracy_m": None}, "does not say how exact"),
        ({"age_s": 200.0}, "The position is 3 min old"),
    ],
)
def test_a_position_that_proves_nothing_says_why(
    qtbot: QtBot, stage: Stage, log_id: str, position: dict[str, Any], words: str
) -> None:
    assert stage.receiver.position is not None
    stage.receiver.position = replace(stage.receiver.position, **position)
    with opened(qtbot, stage, log_id) as sheet:
        assert words in sheet.banner._title.text()
        assert sheet.card("continue").isChecked()


def test_a_site_without_a_fence_is_no_fault_of_anybody(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    order = stage.replica.get("work_order", stage.order_ids[0])
    assert order is not None
    bring(stage, edited(stage, "site", str(order["site_id"]), fence_radius_m=None))
    with opened(qtbot, stage, log_id) as sheet:
        assert sheet.banner._title.text() == "This site has no fence yet"
        type_reason(qtbot, sheet, "At the pump")
        press(qtbot, sheet.footer.primary)
    assert events(stage)[0].fence == "unknown"


def test_try_again_measures_again_at_once(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=900)
    with opened(qtbot, stage, log_id) as sheet:
        stage.stand_at(stage.order_ids[0])
        press(qtbot, sheet.card("again"))
        assert sheet.banner._title.text() == "You are at the site"
        press(qtbot, sheet.footer.primary)
    assert events(stage)[0].fence == "inside"


def test_a_position_that_grows_old_is_measured_again_beside_the_form(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    with opened(qtbot, stage, log_id) as sheet:
        stage.stand_at(stage.order_ids[0], metres_east=30)
        stage.clock.advance(minutes=0.9)
        sheet._timer.timeout.emit()
        press(qtbot, sheet.footer.primary)
    (event,) = events(stage)
    assert event.distance_m == pytest.approx(30, abs=1)
    assert event.fix_age_s is not None
    assert event.fix_age_s < 10


def test_an_age_is_counted_to_the_moment_of_recording(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    with opened(qtbot, stage, log_id) as sheet:
        stage.clock.advance(minutes=0.5)
        press(qtbot, sheet.footer.primary)
    assert events(stage)[0].fix_age_s == pytest.approx(32, abs=1)


def test_an_old_position_and_a_silent_receiver_are_said_and_asked_about(
    qtbot: QtBot, stage: Stage, log_id: str
) -> None:
    with opened(qtbot, stage, log_id) as sheet:
        stage.receiver.position = None
        stage.clock.advance(minutes=3)
        sheet._timer.timeout.emit()
        assert "old" in sheet.banner._title.text()
        press(qtbot, sheet.footer.primary)
        assert sheet.reason.error
        type_reason(qtbot, sheet, "Receiver died")
        press(qtbot, sheet.footer.primary)
    assert (events(stage)[0].fence, events(stage)[0].reason) == ("unknown", "Receiver died")


def test_what_was_typed_is_there_again_after_the_program_died(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=900)
    with opened(qtbot, stage, log_id) as sheet:
        press(qtbot, sheet.reasons.button("Fence is wrong"))
        type_reason(qtbot, sheet, "half a sen")
    kept = stage.session.notes()[f"arrive:{log_id}"]
    assert "half a sen" in kept
    with opened(qtbot, stage, log_id) as sheet:
        assert sheet.reason.text() == "half a sen"
        assert sheet.reasons.keys() == ("Fence is wrong",)
        press(qtbot, sheet.footer.primary)
    assert events(stage)[0].reason == "Fence is wrong: half a sen"
    assert f"arrive:{log_id}" not in stage.session.notes()


def test_a_draft_that_cannot_be_read_is_none(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.context.drafts.keep(f"arrive:{log_id}", "{not json")
    with opened(qtbot, stage, log_id) as sheet:
        press(qtbot, sheet.footer.primary)
    assert len(events(stage)) == 1


def test_a_second_press_records_nothing_twice(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    with opened(qtbot, stage, log_id) as sheet:
        sheet.footer.primary.click()
        sheet.footer.primary.click()
    assert len(events(stage)) == 1


class SlowReceiver:
    """A receiver that finds nothing until a test lets it."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked = 0
        self.position: Position | None = None

    def locate(self, *, within_s: float) -> Position:
        self.asked += 1
        self.go_on.wait(PATIENCE_S)
        if self.position is None:
            raise NoPosition("Nothing was found. Try again outside.")
        return self.position


def test_nobody_has_to_wait_for_a_receiver(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    receiver = SlowReceiver()
    receiver.position, stage.session.positions = stage.receiver.position, receiver
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, log_id, context=context) as sheet:
        assert not sheet.footer.primary.isVisible()
        press(qtbot, sheet.banner.action_button)
        press(qtbot, sheet.card("again"))
        press(qtbot, sheet.banner.action_button)
        assert receiver.asked <= 1  # the one that is being asked is waited for
        type_reason(qtbot, sheet, "No time to wait")
        with qtbot.waitSignal(sheet.arrived):
            press(qtbot, sheet.footer.primary)
        receiver.go_on.set()
    background.close()
    assert events(stage)[0].reason == "No time to wait"


def test_a_position_that_comes_late_is_used_by_who_tries_again(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    receiver = SlowReceiver()
    receiver.position, stage.session.positions = stage.receiver.position, receiver
    background = QtBackground(stage.session, complain=stage.navigator.complain)
    context = replace(stage.context, background=background)
    with opened(qtbot, stage, log_id, context=context) as sheet:
        press(qtbot, sheet.banner.action_button)
        press(qtbot, sheet.card("again"))
        receiver.go_on.set()
        qtbot.waitUntil(lambda: sheet.banner._title.text() == "You are at the site")
        assert QApplication.focusWidget() is sheet.footer.primary
    background.close()


def test_everything_is_reached_from_top_to_bottom_by_tab(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=900)
    with opened(qtbot, stage, log_id) as sheet:
        sheet.card("continue").setFocus()
        visited = []
        for _ in range(9):
            visited.append(QApplication.focusWidget())
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        heights = [widget.mapTo(sheet, widget.rect().topLeft()).y() for widget in visited]
        assert heights == sorted(heights)
        assert visited[-1] is sheet.footer.primary
        sheet.card("wrong_address").setFocus()
        qtbot.keyClick(sheet.card("wrong_address"), Qt.Key.Key_Space)
        assert sheet.card("wrong_address").isChecked()


def test_return_in_the_reason_records(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    stage.stand_at(stage.order_ids[0], metres_east=900)
    with opened(qtbot, stage, log_id) as sheet:
        type_reason(qtbot, sheet, "Here")
        qtbot.keyClick(sheet.reason.line, Qt.Key.Key_Return)
    assert events(stage)[0].reason == "Here"


@pytest.mark.parametrize(
    ("look", "size", "font"),
    [
        ("light", (1192, 752), "normal"),
        ("dark", (800, 372), "normal"),
        ("sunlight", (1192, 752), "normal"),
        ("sunlight", (800, 372), "largest"),
    ],
)
def test_it_can_be_hit_read_and_named(
    qtbot: QtBot, stage: Stage, log_id: str, look: str, size: tuple[int, int], font: str
) -> None:
    theme().use(name=look, font_setting=font)
    stage.stand_at(stage.order_ids[0], metres_east=900)
    with opened(qtbot, stage, log_id, size=size) as sheet:
        found = [*small_targets(sheet.window()), *nameless(sheet.window()), *out_of_window(sheet.window())]
        found += unreadable(sheet.window(), least=7.0 if look == "sunlight" else 4.5)
        assert not found, found


def test_a_long_site_and_right_to_left_break_nothing(qtbot: QtBot, stage: Stage, log_id: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    stage.stand_at(stage.order_ids[0], metres_east=900)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        with opened(qtbot, stage, log_id) as sheet:
            assert sheet.facts.x() > sheet._words.x()
            sheet.grab()
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_fence_and_device_fit_the_drawing_at_any_distance():
    from PySide6.QtCore import QRectF

    room = QRectF(0, 0, 300, 200)
    for far_m in (0.0, 40.0, 5_000.0, 9_000_000.0):
        drawing = Drawing(150.0, has_device=True, east_m=far_m, north_m=-far_m, accuracy_m=30.0)
        scale = scale_for(drawing, room)
        for east, north, radius in ((0.0, 0.0, 150.0), (far_m, -far_m, 30.0)):
            place = scale.at(east, north)
            reach = radius * scale.px_per_m
            assert room.adjusted(-0.01, -0.01, 0.01, 0.01).contains(
                QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach)
            )


@pytest.mark.parametrize(("at_least", "metres"), [(0.2, 1), (1, 1), (3, 5), (7, 10), (99, 100), (101, 200), (4e6, 5e6)])
def test_a_scale_bar_is_a_round_length(at_least: float, metres: float) -> None:
    assert round_metres(at_least) == metres
