"""The frame around every page: places, the way back, keys, scanner, sheets, and what a restart finds."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView
from pytestqt.qtbot import QtBot

from cmms_desktop.errors import Refused
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.screens.checklist.row import ItemRow
from cmms_desktop.ui.screens.search.view import SearchPalette
from cmms_desktop.ui.widgets.key_cap import KeyCap
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.keys import KEYS, KeyList
from cmms_desktop.ui.window.main_window import MainWindow
from cmms_desktop.ui.window.nav_button import NavButton
from cmms_desktop.ui.window.sheets import SignInAgain
from tests.ui.stage import Stage, a_stage

PATIENCE_MS = 60_000
"""As long as a busy machine may need."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    shown = open_on(stage, qtbot)
    yield shown
    shown.take_frame()


def open_on(stage: Stage, qtbot: QtBot, size: tuple[int, int] = (1280, 800)) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(*size)
    window.show_frame(
        Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
    )
    window.show()
    with_keyboard(window, qtbot)
    return window


def with_keyboard(window: MainWindow, qtbot: QtBot) -> QWindow:
    """Wait until keys go to the window: the scanner is watched for where the keyboard is, not where a test posts."""
    window.activateWindow()
    handle = window.windowHandle()
    assert handle is not None
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is handle and handle.isExposed(), timeout=PATIENCE_MS)
    return handle


def frame_of(window: MainWindow) -> Frame:
    assert window.frame is not None
    return window.frame


def press(window: MainWindow, word: str, qtbot: QtBot) -> None:
    button = next(each for each in window.findChildren(NavButton) if each.isVisible() and each.text() == word)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def key(window: MainWindow, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.activateWindow()
    handle = window.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, which, modifier)


def scan(handle: QWindow, code: str, *, after: int = 0, until: int | None = None) -> None:
    """What a wedge scanner sends: keys 5 ms apart, then Enter, waiting in the window system's queue; or some of it."""
    for number, letter in [*enumerate(f"{code}\r")][after:until]:
        which = Qt.Key.Key_Return if letter == "\r" else Qt.Key(ord(letter.upper()))
        press = QKeyEvent(QEvent.Type.KeyPress, which, Qt.KeyboardModifier.NoModifier, letter)
        press.setTimestamp(1_000 + 5 * number)
        QCoreApplication.postEvent(handle, press)


@pytest.mark.smoke
def test_a_place_of_the_rail_is_opened_by_mouse_and_by_number(window: MainWindow, qtbot: QtBot) -> None:
    press(window, "Sync", qtbot)
    assert frame_of(window).place.page == "sync"
    key(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert frame_of(window).place.page == "orders"


def test_escape_and_alt_left_lead_back(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.open(Place.of("order", order_id=stage.order_ids[0], tab="summary"))
    key(window, Qt.Key.Key_Escape)
    assert frame.place.page == "my_day"
    frame.open(Place.of("settings"))
    key(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert frame.place.page == "my_day"


def test_keys_are_heard_while_nothing_has_the_focus(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.open(Place.of("order", order_id=stage.order_ids[0], tab="summary"))
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
    assert QApplication.focusWidget() is None
    key(window, Qt.Key.Key_Escape)
    assert frame.place.page == "my_day"


def test_a_page_of_the_rail_keeps_what_it_showed(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.open(Place.of("my_day", order_id=stage.order_ids[3]))
    page = frame.page
    press(window, "Sync", qtbot)
    press(window, "My day", qtbot)
    assert frame.page is page
    assert frame.place.get("order_id") == stage.order_ids[3]


def test_a_page_behind_asks_nothing_and_shows_what_changed_when_it_is_seen_again(
    window: MainWindow, stage: Stage, qtbot: QtBot
) -> None:
    press(window, "Orders", qtbot)
    press(window, "Settings", qtbot)
    assert [attention.is_seen for attention in frame_of(window).pages._attention.values()].count(True) == 1
    with stage.session.writing() as write:
        write.set("work_order", stage.order_ids[0], title="Named anew")
    press(window, "Orders", qtbot)
    page = frame_of(window).page
    assert page is not None
    views = page.findChildren(QListView)
    qtbot.waitUntil(
        lambda: any(
            "Named anew" in str(view.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))
            for view in views
            for row in range(view.model().rowCount())
        )
    )


def test_pages_do_not_pile_up(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame = frame_of(window)
    for order_id in stage.order_ids[:6]:
        frame.open(Place.of("order", order_id=order_id, tab="summary"))
    assert frame.pages.count() == 2  # My day and the order on top


def test_a_restart_finds_the_same_page(stage: Stage, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_on(stage, qtbot)
    place = Place.of("order", order_id=stage.order_ids[2], tab="comments")
    frame_of(window).open(place)
    window.take_frame()
    again = open_on(stage, qtbot)
    assert frame_of(again).place == place
    again.take_frame()


def test_search_finds_and_goes_there_by_keyboard_alone(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(SearchPalette)
    assert palette is not None
    qtbot.keyClicks(palette.field, "wo-0037")
    qtbot.waitUntil(lambda: palette.model.rowCount() == 2)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert frame_of(window).place.get("order_id") == stage.order_ids[2]


def test_a_search_that_finds_nothing_says_so(window: MainWindow, qtbot: QtBot) -> None:
    frame_of(window).open_search()
    palette = window.findChild(SearchPalette)
    assert palette is not None
    qtbot.keyClicks(palette.field, "no such thing")
    qtbot.waitUntil(lambda: palette.is_empty_shown("Nothing on this device says that"))


def test_a_scanned_label_is_looked_up_from_anywhere(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.open(Place.of("sync"))
    asset = stage.replica.get("asset_stub", next(stub_ids(stage)))
    assert asset is not None
    handle = with_keyboard(window, qtbot)
    scan(handle, str(asset["qr_code"]))
    qtbot.waitUntil(lambda: frame.place.get("asset_id") == asset["asset_id"], timeout=PATIENCE_MS)


def test_a_burst_that_meets_a_busy_moment_stays_one_burst(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    """Keys that waited while the window was busy are looked at late, and one after another."""
    frame = frame_of(window)
    handle = with_keyboard(window, qtbot)
    scan(handle, "WO-0037")
    time.sleep(0.2)  # the busy moment itself
    qtbot.waitUntil(lambda: frame.place.get("order_id") == stage.order_ids[2], timeout=PATIENCE_MS)


def test_a_burst_that_is_torn_by_a_busy_moment_stays_one_burst(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    """The first keys were looked at already when the window became busy; the others waited until it was over."""
    frame = frame_of(window)
    handle = with_keyboard(window, qtbot)
    scan(handle, "WO-0037", until=3)
    QCoreApplication.sendPostedEvents()
    scan(handle, "WO-0037", after=3)
    time.sleep(0.2)  # the busy moment itself
    qtbot.waitUntil(lambda: frame.place.get("order_id") == stage.order_ids[2], timeout=PATIENCE_MS)


def stub_ids(stage: Stage) -> Iterator[str]:
    with stage.session.reading() as reading:
        lines = reading.cursor.execute("SELECT id FROM asset_stub WHERE qr_code IS NOT NULL LIMIT 1").fetchall()
    return iter(line[0] for line in lines)


def test_an_unknown_label_is_said_and_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.open(Place.of("sync"))
    frame.take_scan("NOBODY-KNOWS-ME")
    qtbot.waitUntil(lambda: "NOBODY-KNOWS-ME" in frame.toast_shown.text)
    assert frame.place.page == "sync"


def test_the_strip_says_that_the_session_is_over_and_takes_the_password_in_place(
    window: MainWindow, stage: Stage, qtbot: QtBot
) -> None:
    frame = frame_of(window)
    stage.conversation.refuse_sign_in = "That is not right. 4 tries are left."
    stage.conversation.say(SyncStatus(connection=Connection.SIGN_IN, waiting=3))
    frame.open_sign_in()
    sheet = window.findChild(SignInAgain)
    assert sheet is not None
    qtbot.keyClicks(sheet.field.line, "wrong")
    qtbot.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sheet.field.text() == "wrong"
    stage.conversation.refuse_sign_in = None
    qtbot.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert not frame.is_sheet_open
    assert stage.conversation.asked[-1] == "sync"


def test_a_complaint_stays_until_it_was_seen(window: MainWindow, qtbot: QtBot) -> None:
    frame = frame_of(window)
    frame.complain(Refused("not_allowed", "Only a supervisor may do that."))
    assert frame.complaint.isVisible()
    frame.complaint.acted.emit()
    assert not frame.complaint.isVisible()


def test_complaints_that_come_together_are_read_one_after_the_other(window: MainWindow, qtbot: QtBot) -> None:
    frame = frame_of(window)
    sentences = ["Only a supervisor may do that.", "The disk is full.", "The photo is too large."]
    for sentence in (*sentences, sentences[1]):
        frame.complain(Refused("not_allowed", sentence))
    read = []
    while frame.complaint.isVisible():
        assert len(read) < len(sentences), "said twice"
        read.append(frame.complaint.sentence)
        more = len(sentences) - len(read)
        assert frame.complaint.action_button.text() == (f"Next, {more} more" if more else "Got it")
        qtbot.mouseClick(frame.complaint.action_button, Qt.MouseButton.LeftButton)
    assert sorted(read) == sorted(sentences)
    assert read[0] == "The disk is full.", "what was said last is what he just did"


@pytest.mark.parametrize(("size", "is_compact"), [((1280, 800), False), ((800, 480), True)])
def test_the_bottom_bar_stands_where_the_rail_has_no_room(
    stage: Stage, qtbot: QtBot, size: tuple[int, int], is_compact: bool
) -> None:
    window = open_on(stage, qtbot, size)
    frame = frame_of(window)
    assert frame.bottom_bar.isVisible() is is_compact
    assert frame.rail.isVisible() is not is_compact
    frame.open(Place.of("order", order_id=stage.order_ids[0], tab="summary"))
    assert not frame.bottom_bar.isVisible()
    window.take_frame()


def test_f5_asks_for_a_sync(window: MainWindow, stage: Stage) -> None:
    key(window, Qt.Key.Key_F5)
    assert stage.conversation.asked == ["sync"]


def test_a_key_held_down_answers_once(window: MainWindow, stage: Stage, qtbot: QtBot) -> None:
    frame_of(window).open(Place.of("order", order_id=stage.order_ids[0], tab="checklist"))
    qtbot.waitUntil(lambda: bool(window.findChildren(ItemRow)))
    qtbot.waitUntil(lambda: any(row.state.kind == "pass_fail" for row in window.findChildren(ItemRow)))
    row = next(row for row in window.findChildren(ItemRow) if row.state.kind == "pass_fail")
    window.activateWindow()
    row.setFocus()
    for is_repeated in (False, True, True, True):
        pressed = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", autorep=is_repeated
        )
        QCoreApplication.sendEvent(row, pressed)
    qtbot.waitUntil(lambda: row.state.saved != "")
    with stage.session.reading() as reading:
        (count,) = reading.cursor.execute("SELECT count(*) FROM outbox WHERE row_id = ?", (row.item_id,)).fetchone()
    assert (row.state.answer, count) == ("pass", 1)


def test_every_key_can_be_read_in_the_smallest_window(window: MainWindow, qtbot: QtBot) -> None:
    """Lines that have no room scroll; none is squeezed."""
    window.resize(800, 400)
    key(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: bool(window.findChildren(KeyList)))
    QCoreApplication.processEvents()
    (listed,) = window.findChildren(KeyList)
    caps = listed.findChildren(KeyCap)
    assert len(caps) == len(KEYS)
    assert [each.text() for each in caps if each.height() < each.sizeHint().height()] == []
    key(window, Qt.Key.Key_Escape)


def test_f1_shows_the_keys(window: MainWindow) -> None:
    key(window, Qt.Key.Key_F1)
    assert frame_of(window).is_sheet_open
    key(window, Qt.Key.Key_Escape)
    assert not frame_of(window).is_sheet_open
