"""The page for profiles: a scan is looked at, told, and taken with a yes; a refusal stands at the field."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cmms_desktop.errors import CmmsError, EnvironmentFailure, Refused
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.in_force import NOT_KEPT
from cmms_desktop.profile.taking import Offer
from cmms_desktop.ui.screens.profile.presenter import CHANGE, COMPARE, KNOWN, NOTHING, SET_UP
from cmms_desktop.ui.screens.profile.view import ProfilePage
from cmms_desktop.ui.widgets.wedge import WedgeFilter
from sync_server.contract.rules.profile_reading import text_of
from tests.support.profiles import profile

TEXT = text_of(profile())
OFFER = Offer(genuine(profile(policies={"offline_lease_days": 1, "minimum_version": "0.2.0"})), is_known_key=False)


@dataclass
class NotedDesk:
    """A desk that answers at once, or when it is told to."""

    is_first: bool = True
    notes: tuple[str, ...] = ()
    waiting: Offer | None = None
    problem: CmmsError | None = None
    is_slow: bool = False
    looked: list[str] = field(default_factory=list)
    taken: list[Offer] = field(default_factory=list)
    left: int = 0
    finish: Callable[[], None] | None = None

    def look(self, text: str, *, then: Callable[[Offer], None], refused: Callable[[CmmsError], None]) -> None:
        self.looked.append(text)
        problem = self.problem
        self.finish = (lambda: then(OFFER)) if problem is None else (lambda: refused(problem))
        if not self.is_slow:
            self.finish()

    def take(self, offer: Offer, *, refused: Callable[[CmmsError], None]) -> None:
        self.taken.append(offer)
        if self.problem is not None:
            refused(self.problem)

    def leave(self) -> None:
        self.left += 1


def open_page(qtbot: QtBot, desk: NotedDesk) -> ProfilePage:
    page = ProfilePage(desk)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    page.start()
    QApplication.processEvents()
    return page


def press(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]


def said(page: ProfilePage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


@pytest.mark.smoke
def test_a_scan_is_looked_at_with_its_enter_and_taken_with_one_press(qtbot: QtBot) -> None:
    desk = NotedDesk()
    page = open_page(qtbot, desk)
    assert page.focusWidget() is page.field.line
    assert SET_UP in said(page)
    page.field.line.setText(TEXT[:-4])
    qtbot.keyClicks(page.field.line, TEXT[-4:])
    qtbot.keyClick(page.field.line, Qt.Key.Key_Return)
    assert desk.looked == [TEXT]
    told = said(page)
    for fact in (
        "north-works",
        "https://sync.north-works.example",
        OFFER.fingerprint,
        "1 day at most",
        "0.2.0",
        COMPARE,
    ):
        assert fact in told
    assert not desk.taken, "looking takes nothing"
    press(qtbot, page.take)
    assert desk.taken == [OFFER]
    press(qtbot, page.take)
    assert desk.taken == [OFFER], "once"


def test_a_wedge_scanner_types_into_the_field_what_it_reads_to_the_last_letter(qtbot: QtBot) -> None:
    desk = NotedDesk()
    page = open_page(qtbot, desk)
    page.activateWindow()
    wedge = WedgeFilter(QApplication.instance(), parent=page)  # type: ignore[arg-type]
    wedge.start()
    qtbot.keyClicks(page.field.line, TEXT)
    qtbot.keyClick(page.field.line, Qt.Key.Key_Return)
    wedge.stop()
    assert desk.looked == [TEXT]


def test_a_refusal_stands_at_the_field_and_goes_with_the_next_letter(qtbot: QtBot) -> None:
    desk = NotedDesk(problem=Refused("profile_older", "This profile is older."))
    page = open_page(qtbot, desk)
    page.field.line.setText("x")
    press(qtbot, page.look)
    assert page.field.error == "This profile is older."
    assert not page.take.isVisible()
    qtbot.keyClicks(page.field.line, "y")
    assert not page.field.error


def test_another_text_is_not_taken_with_the_yes_for_the_one_before(qtbot: QtBot) -> None:
    desk = NotedDesk()
    page = open_page(qtbot, desk)
    page.field.line.setText(TEXT)
    press(qtbot, page.look)
    qtbot.keyClicks(page.field.line, "A")
    assert not page.take.isVisible()
    page._presenter.take()
    assert not desk.taken


def test_an_empty_field_asks_for_a_profile(qtbot: QtBot) -> None:
    desk = NotedDesk()
    page = open_page(qtbot, desk)
    press(qtbot, page.look)
    assert page.field.error == NOTHING
    assert not desk.looked


def test_a_disk_that_does_not_take_it_is_told_and_it_can_be_tried_again(qtbot: QtBot) -> None:
    desk = NotedDesk(waiting=OFFER, problem=EnvironmentFailure(NOT_KEPT))
    page = open_page(qtbot, desk)
    press(qtbot, page.take)
    assert NOT_KEPT in said(page)
    press(qtbot, page.take)
    assert len(desk.taken) == 2


def test_what_was_dropped_for_this_account_waits_for_a_yes(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk(waiting=OFFER, notes=("Something else was refused.",)))
    assert page.take.isVisible()
    assert "Something else was refused." in said(page)


def test_a_key_that_is_trusted_already_needs_no_comparing(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk(waiting=Offer(OFFER.signed, is_known_key=True)))
    assert KNOWN in said(page)
    assert COMPARE not in said(page)


def test_there_is_a_way_back_where_there_was_something_before(qtbot: QtBot) -> None:
    desk = NotedDesk(is_first=False)
    page = open_page(qtbot, desk)
    assert CHANGE in said(page)
    press(qtbot, page.back)
    assert desk.left == 1
    first = open_page(qtbot, NotedDesk())
    assert not first.back.isVisible()


def test_an_answer_after_the_page_is_gone_is_not_shown(qtbot: QtBot) -> None:
    desk = NotedDesk(is_slow=True)
    page = open_page(qtbot, desk)
    page.field.line.setText(TEXT)
    press(qtbot, page.look)
    press(qtbot, page.look)
    assert len(desk.looked) == 1
    page.stop()
    assert desk.finish is not None
    desk.finish()
    assert not page.take.isVisible()
