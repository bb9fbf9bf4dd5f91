"""Passwords in the window: signing in again with a code, and choosing one where digits were enough so far."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cmms_desktop.errors import CmmsError, MustWait, Refused, ServerUnreachable
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.text.code_words import NO_CODE, PASSWORD_COUNTS
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from cmms_desktop.ui.window.password_form import EMPTY, NO_PROOF, NO_SECRET, NOT_THE_SAME, WHY, PasswordForm
from cmms_desktop.ui.window.sheets import OR_CODE, PersonCard, SignInAgain
from sync_server.contract.rules.enrolment import shown_code, whole_code
from tests.ui.stage import Stage, a_stage

CODE = shown_code(whole_code("0123456789ABCDEFGHJKMNPQRST"))
ONLINE, OFFLINE = SyncStatus(connection=Connection.ONLINE), SyncStatus(connection=Connection.OFFLINE)
NEW = "a tower of lamps"
Opening = Callable[..., tuple[MainWindow, Frame]]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        made.conversation.status = OFFLINE
        yield made


@pytest.fixture
def opening(stage: Stage, qtbot: QtBot) -> Iterator[Opening]:
    windows: list[MainWindow] = []

    def open_window(*, must_choose: bool = True, size: tuple[int, int] = (1280, 800)) -> tuple[MainWindow, Frame]:
        stage.session.signed_in = replace(stage.session.signed_in, must_choose_password=must_choose)
        window = MainWindow()
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(*size)
        frame = Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
        window.show_frame(frame)
        window.show()
        qtbot.waitUntil(lambda: frame.page is not None)
        return window, frame

    yield open_window
    for window in windows:
        window.take_frame()


def form_of(window: MainWindow) -> PasswordForm | None:
    return next((form for form in window.findChildren(PasswordForm) if form.isVisible()), None)


def asked(window: MainWindow, stage: Stage) -> PasswordForm:
    stage.conversation.say(ONLINE)
    form = form_of(window)
    assert form is not None
    return form


def fill(qtbot: QtBot, form: PasswordForm, now: str = "493027", new: str = NEW, again: str | None = None) -> None:
    for field, text in ((form.now, now), (form.new, new), (form.again, new if again is None else again)):
        field.line.clear()
        qtbot.keyClicks(field.line, text)
    qtbot.keyClick(form.again.line, Qt.Key.Key_Return)


def test_he_is_asked_when_the_server_is_there_and_once_until_he_unlocks_again(
    opening: Opening, stage: Stage, qtbot: QtBot
) -> None:
    window, frame = opening()
    assert form_of(window) is None, "in a basement nobody can choose one"
    stage.conversation.say(replace(OFFLINE, waiting=1))
    assert form_of(window) is None
    assert asked(window, stage).now.line.hasFocus()
    frame.back()
    assert not frame.is_sheet_open, "his work goes on"
    stage.conversation.say(replace(ONLINE, waiting=2))
    assert form_of(window) is None, "asked once is enough for a shift"


def test_nobody_is_asked_who_need_not_choose(opening: Opening, stage: Stage) -> None:
    window, frame = opening(must_choose=False)
    stage.conversation.say(ONLINE)
    assert form_of(window) is None
    frame._choose("person")
    (card,) = window.findChildren(PersonCard)
    assert not card.password.isVisible()


def test_he_is_not_asked_in_the_middle_of_something(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, frame = opening()
    frame.open(Place.of("order", order_id=stage.order_ids[0], tab="comments"))
    stage.conversation.say(ONLINE)
    assert form_of(window) is None
    frame.open(Place.of("sync"))
    frame.open_search()
    stage.conversation.say(replace(ONLINE, waiting=1))
    assert form_of(window) is None
    frame.back()
    assert asked(window, stage).isVisible()


def test_who_put_it_off_finds_it_where_he_is_signed_in(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, frame = opening()
    asked(window, stage)
    frame.back()
    frame._choose("person")
    (card,) = window.findChildren(PersonCard)
    qtbot.mouseClick(card.password, Qt.MouseButton.LeftButton)
    assert form_of(window) is not None


def test_what_is_missing_or_not_the_same_is_said_where_it_is_and_asks_nobody(
    opening: Opening, stage: Stage, qtbot: QtBot
) -> None:
    window, _ = opening()
    form = asked(window, stage)
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert (form.now.error, form.new.error) == (NO_SECRET, EMPTY)
    fill(qtbot, form, again="a tower of lambs")
    assert form.again.error == NOT_THE_SAME
    assert form.again.line.hasFocus()
    assert stage.conversation.wanted == []


@pytest.mark.parametrize("problem", [
    Refused("wrong_secret", "That is not right. 4 tries are left."), MustWait(7), Refused("secret_too_weak", "Longer."),
    ServerUnreachable("The server cannot be reached."),
])  # fmt: skip
def test_what_is_refused_is_said_in_its_place_and_what_was_typed_stays(
    opening: Opening, stage: Stage, qtbot: QtBot, problem: CmmsError
) -> None:
    window, frame = opening()
    form = asked(window, stage)
    stage.conversation.refuse_password = problem
    fill(qtbot, form)
    said = {
        "wrong_secret": lambda: form.now.error,
        "wait": lambda: form.now.error,
        "secret_too_weak": lambda: form.new.error,
    }.get(getattr(problem, "code", ""), form._failure.text)
    assert said() == problem.sentence
    assert (form.now.text(), form.new.text()) == ("493027", NEW)
    assert not form.at_server.isVisible()
    stage.conversation.refuse_password = None
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert [each.new for each in stage.conversation.wanted] == [NEW, NEW]
    assert not frame.is_sheet_open
    assert PASSWORD_COUNTS in frame.toast_shown.text
    assert stage.conversation.asked[-1] == "sync"


def test_where_the_server_takes_another_password_it_is_asked_for_or_a_code(
    opening: Opening, stage: Stage, qtbot: QtBot
) -> None:
    window, _ = opening()
    form = asked(window, stage)
    stage.conversation.refuse_password = Refused("server_password_needed", "The server takes another password.")
    fill(qtbot, form)
    assert (form.at_server.isVisible(), form.code.isVisible()) == (True, True)
    assert form.at_server.error == "The server takes another password."
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert form.at_server.error == NO_PROOF
    qtbot.keyClicks(form.code.line, "NOT-A-CODE")
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert form.code.error == NO_CODE
    assert len(stage.conversation.wanted) == 1
    form.code.set_text(CODE)
    stage.conversation.refuse_password = Refused("code_needed", "The code is used.")
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert form.code.error == "The code is used."
    assert (stage.conversation.wanted[-1].code, stage.conversation.wanted[-1].at_server) == (CODE, None)


def test_who_closed_it_meanwhile_hears_all_the_same(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, frame = opening()
    form = asked(window, stage)
    later: list[Callable[[CmmsError], None]] = []
    stage.conversation.choose_password = lambda wanted, *, then, refused: later.append(refused)  # type: ignore[method-assign]
    fill(qtbot, form)
    frame.back()
    later[0](Refused("wrong_secret", "That is not right."))
    assert frame.complaint.isVisible()


def test_what_was_typed_is_not_in_the_text_form_of_anything(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, _ = opening()
    fill(qtbot, asked(window, stage))
    (wanted,) = stage.conversation.wanted
    assert NEW not in repr(wanted)
    assert "493027" not in repr(wanted)
    assert all(line.text() == "" for line in window.findChildren(QLineEdit) if line.isVisible())


@pytest.mark.parametrize("size", [(800, 480), (1280, 800)], ids=["800", "1280"])
def test_the_button_and_the_field_that_is_typed_in_are_in_sight(
    opening: Opening, stage: Stage, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window, _ = opening(size=size)
    form = asked(window, stage)
    stage.conversation.refuse_password = Refused("server_password_needed", "The server takes another password.")
    fill(qtbot, form)
    for part in (form.button, form.at_server.line):
        qtbot.waitUntil(lambda part=part: part.visibleRegion().boundingRect().height() == part.height())  # type: ignore[misc]
    assert form._failure.text() == WHY


LONG = "That is not the right password or PIN. 4 tries are left; after that this device asks the server again."


@pytest.mark.parametrize("code", ["wrong_secret", "secret_too_weak", "server_password_needed"])
@pytest.mark.parametrize("font", ["normal", "largest"])
def test_on_a_small_window_what_is_wrong_is_read_without_scrolling(
    opening: Opening, stage: Stage, qtbot: QtBot, font: str, code: str
) -> None:
    theme().use(font_setting=font)
    window, _ = opening(size=(800, 480))
    form = asked(window, stage)
    stage.conversation.refuse_password = Refused(code, LONG)
    fill(qtbot, form)
    wrong = {"wrong_secret": form.now, "secret_too_weak": form.new}.get(code, form.at_server)
    assert wrong.error == LONG
    qtbot.waitUntil(lambda: is_whole(wrong._error))
    assert wrong.editor.hasFocus()


@pytest.mark.parametrize("font", ["normal", "largest"])
def test_on_a_small_window_why_he_is_not_signed_in_again_is_read_without_scrolling(
    opening: Opening, stage: Stage, qtbot: QtBot, font: str
) -> None:
    theme().use(font_setting=font)
    window, frame = opening(must_choose=False, size=(800, 480))
    stage.conversation.refuse_sign_in = LONG
    frame.open_sign_in()
    (sheet,) = window.findChildren(SignInAgain)
    qtbot.keyClicks(sheet.field.line, NEW)
    sheet.code.set_text(CODE)
    sheet.code.line.setFocus()
    qtbot.keyClick(sheet.code.line, Qt.Key.Key_Return)
    assert sheet.field.error == f"{LONG} {OR_CODE}"
    qtbot.waitUntil(lambda: is_whole(sheet.field._error))


def is_whole(part: QWidget) -> bool:
    """Whether it has its height, and nothing of it is scrolled out of sight."""
    has_height = part.height() >= part.heightForWidth(part.width())
    return part.isVisible() and has_height and part.visibleRegion().boundingRect().height() == part.height()


def test_signing_in_again_takes_a_code_of_the_office(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, frame = opening(must_choose=False)
    stage.conversation.refuse_sign_in = "Name or password is wrong."
    stage.conversation.say(SyncStatus(connection=Connection.SIGN_IN, waiting=3))
    frame.open_sign_in()
    (sheet,) = window.findChildren(SignInAgain)
    qtbot.keyClicks(sheet.field.line, NEW)
    qtbot.keyClicks(sheet.code.line, "NOT-A-CODE")
    qtbot.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sheet.code.error == NO_CODE
    assert stage.conversation.asked == []
    sheet.code.set_text(CODE)
    qtbot.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sheet.field.error == f"Name or password is wrong. {OR_CODE}"
    stage.conversation.refuse_sign_in = None
    qtbot.keyClick(sheet.code.line, Qt.Key.Key_Return)
    assert stage.conversation.asked == ["sign in with a code", "sign in with a code", "sync"]
    assert not frame.is_sheet_open


def test_without_a_code_signing_in_again_is_as_it_was(opening: Opening, stage: Stage, qtbot: QtBot) -> None:
    window, frame = opening(must_choose=False)
    frame.open_sign_in()
    (sheet,) = window.findChildren(SignInAgain)
    qtbot.mouseClick(sheet.button, Qt.MouseButton.LeftButton)
    assert sheet.field.error == "Enter your password."
    qtbot.keyClicks(sheet.field.line, NEW)
    qtbot.keyClick(sheet.field.line, Qt.Key.Key_Return)
    assert stage.conversation.asked == ["sign in", "sync"]
