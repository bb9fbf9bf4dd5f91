"""Signing in: an enrolled person is chosen with one press, a refusal stands at its field, a secret is never kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.errors import CmmsError, KeyringUnavailable, MustWait, Refused, ServerUnreachable
from cmms_desktop.ui.screens.sign_in.presenter import READY, UNREACHABLE
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from cmms_desktop.ui.theme import theme

TECHNICIAN = EnrolledHere("00000000-0000-7000-8000-00000000a001", "technician", "technician")
SUPERVISOR = EnrolledHere("00000000-0000-7000-8000-00000000a002", "supervisor", "supervisor")


@dataclass
class NotedDesk:
    """A desk that answers when it is told to."""

    people: tuple[EnrolledHere, ...] = (TECHNICIAN, SUPERVISOR)
    organization: str = "north-utilities"
    server: str = "https://sync.north-utilities.example"
    tries: list[tuple[str, str]] = field(default_factory=list)
    problem: CmmsError | None = None
    is_slow: bool = False
    finish: Callable[[], None] | None = None
    opened: int = 0

    said = ""

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        return self.people

    def open(
        self, login: str, password: str, *, then: Callable[[None], None], refused: Callable[[CmmsError], None]
    ) -> None:
        self.tries.append((login, password))

        def answer() -> None:
            if self.problem is not None:
                refused(self.problem)
            else:
                self.opened += 1
                then(None)

        self.finish = answer
        if not self.is_slow:
            answer()


def open_page(qtbot: QtBot, desk: NotedDesk, size: tuple[int, int] = (1280, 800)) -> SignInPage:
    page = SignInPage(desk)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.follow_size()
    page.start()
    QApplication.processEvents()
    return page


def choice(page: SignInPage, login: str | None) -> object:
    return next(each for each in page._choices if each.login == login)


def press(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]


@pytest.mark.smoke
def test_an_enrolled_person_unlocks_with_one_press_and_his_secret(qtbot: QtBot) -> None:
    desk = NotedDesk()
    page = open_page(qtbot, desk)
    press(qtbot, choice(page, "supervisor"))
    assert page.focusWidget() is page._secret.line
    assert page._open.text() == "Unlock"
    assert not page._login.isVisible()
    qtbot.keyClicks(page._secret.line, "a secret")
    qtbot.keyClick(page._secret.line, Qt.Key.Key_Return)
    assert desk.tries == [("supervisor", "a secret")]
    assert desk.opened == 1
    assert not page._secret.text(), "the secret is forgotten"


def test_with_one_person_there_is_nothing_to_choose(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((TECHNICIAN,)))
    assert choice(page, "technician").isChecked()  # type: ignore[attr-defined]
    assert page.focusWidget() is page._secret.line


def test_the_first_person_signs_in_by_keyboard_alone(qtbot: QtBot) -> None:
    desk = NotedDesk(())
    page = open_page(qtbot, desk)
    assert page.focusWidget() is page._login.line
    qtbot.keyClicks(page._login.line, " technician ")
    qtbot.keyClick(page._login.line, Qt.Key.Key_Return)
    assert page.focusWidget() is page._secret.line
    qtbot.keyClicks(page._secret.line, "pass word")
    qtbot.keyClick(page._secret.line, Qt.Key.Key_Return)
    assert desk.tries == [("technician", "pass word")]
    assert desk.problem is None


@pytest.mark.parametrize(("login", "secret", "at_login", "at_secret"), [
    ("", "", "Enter your login.", "Enter your password or PIN."),
    ("me", "", "", "Enter your password or PIN."),
    (" ", "x", "Enter your login.", ""),
])  # fmt: skip
def test_what_is_missing_is_said_at_its_field(
    qtbot: QtBot, login: str, secret: str, at_login: str, at_secret: str
) -> None:
    desk = NotedDesk(())
    page = open_page(qtbot, desk)
    qtbot.keyClicks(page._login.line, login)
    qtbot.keyClicks(page._secret.line, secret)
    press(qtbot, page._open)
    assert (page._login.error, page._secret.error) == (at_login, at_secret)
    assert not desk.tries


def test_a_wrong_secret_is_told_with_the_tries_left_and_typed_anew(qtbot: QtBot) -> None:
    sentence = "That is not the right password or PIN. 7 tries are left."
    page = open_page(qtbot, NotedDesk((TECHNICIAN,), problem=Refused("wrong_secret", sentence)))
    qtbot.keyClicks(page._secret.line, "wrong")
    press(qtbot, page._open)
    assert page._secret.error == sentence
    assert not page._secret.text()
    assert page.focusWidget() is page._secret.line


def test_the_wait_after_wrong_tries_counts_down(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((TECHNICIAN,), problem=MustWait(2)))
    qtbot.keyClicks(page._secret.line, "wrong")
    press(qtbot, page._open)
    assert page._secret.error == "Please wait 2 seconds before the next try."
    page._clock.setInterval(1)
    qtbot.waitUntil(lambda: page._secret.error == READY)
    assert not page._clock.isActive()


def test_a_first_sign_in_without_network_says_what_to_do(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((), problem=ServerUnreachable()))
    qtbot.keyClicks(page._login.line, "technician")
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert page._notice.isVisible()
    assert page._notice._text.text() == UNREACHABLE
    assert page._login.text() == "technician", "the login stays"


def test_other_failures_are_told_in_their_own_sentence(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((TECHNICIAN,), problem=KeyringUnavailable("The keyring is locked. Open it.")))
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert page._notice._title.text() == "The keyring is locked. Open it."


def test_while_it_unlocks_a_second_press_does_nothing(qtbot: QtBot) -> None:
    desk = NotedDesk((TECHNICIAN, SUPERVISOR), is_slow=True)
    page = open_page(qtbot, desk)
    press(qtbot, choice(page, "technician"))
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    press(qtbot, page._open)
    qtbot.keyClick(page._secret.line, Qt.Key.Key_Return)
    press(qtbot, choice(page, "supervisor"))
    assert len(desk.tries) == 1
    assert choice(page, "technician").isChecked()  # type: ignore[attr-defined]


def test_an_answer_after_the_page_is_gone_is_not_shown(qtbot: QtBot) -> None:
    desk = NotedDesk((TECHNICIAN,), is_slow=True, problem=Refused("wrong_secret", "No."))
    page = open_page(qtbot, desk)
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    page.stop()
    assert desk.finish is not None
    desk.finish()
    assert not page._secret.error


def test_organization_and_server_are_facts_that_nobody_edits(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk())
    shown = [each.text() for each in page._facts.findChildren(type(page._title))]
    assert any("north-utilities on https://sync.north-utilities.example" in text for text in shown)


@pytest.mark.parametrize("look", ["light", "sunlight"])
def test_at_the_largest_text_on_a_small_window_the_button_stays_in_reach(qtbot: QtBot, look: str) -> None:
    theme().use(name=look, font_setting="largest")
    page = open_page(qtbot, NotedDesk(), (800, 480))
    assert page.size_class == "compact"
    assert page.rect().contains(page._open.geometry().translated(page._footer.pos()).center())
    assert page._open.height() >= 56
    page._secret.line.setFocus()
    assert all(each.height() >= 44 for each in page._choices)
