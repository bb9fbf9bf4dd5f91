"""Signing in: an enrolled person is chosen with one press, a refusal stands at its field, a secret is never kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cmms_desktop.application.rescue import Rescued
from cmms_desktop.application.session import EnrolledHere
from cmms_desktop.errors import (
    CmmsError,
    ContractMismatch,
    KeyringUnavailable,
    LeaseOver,
    MustWait,
    Refused,
    ServerUnreachable,
)
from cmms_desktop.ui.screens.sign_in.presenter import CONNECT, LOCKED, READY, TWO_SECRETS, UNREACHABLE
from cmms_desktop.ui.screens.sign_in.view import SignInPage
from cmms_desktop.ui.text.code_words import NO_CODE
from cmms_desktop.ui.theme import theme
from sync_server.contract.rules.enrolment import read_code, shown_code, whole_code
from sync_server.contract.rules.profile import PLAIN, Branding

CODE = shown_code(whole_code("0123456789ABCDEFGHJKMNPQRST"))
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
    at_server: str | None = None
    code: str | None = None
    rescued: list[tuple[str, str]] = field(default_factory=list)

    said = ""
    notes: tuple[str, ...] = ()
    branding: Branding = PLAIN
    has_profile: bool = False
    takes_profiles: bool = False
    asked_for_profile: int = 0

    def ask_for_profile(self) -> None:
        self.asked_for_profile += 1

    def enrolled(self) -> tuple[EnrolledHere, ...]:
        return self.people

    def open(
        self,
        login: str,
        password: str,
        *,
        at_server: str | None,
        code: str | None,
        then: Callable[[None], None],
        refused: Callable[[CmmsError], None],
    ) -> None:
        self.tries.append((login, password))
        self.at_server, self.code = at_server, code

        def answer() -> None:
            if self.problem is not None:
                refused(self.problem)
            else:
                self.opened += 1
                then(None)

        self.finish = answer
        if not self.is_slow:
            answer()

    def rescue(
        self,
        login: str,
        password: str,
        *,
        then: Callable[[Rescued], None],
        refused: Callable[[CmmsError], None],
    ) -> None:
        self.rescued.append((login, password))
        self.finish = lambda: then(Rescued("Documents/technician.cmms-rescue", 12, 2, 0))
        if not self.is_slow:
            self.finish()


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


def test_a_locked_device_says_what_to_do_and_gives_unsent_work_away(qtbot: QtBot) -> None:
    desk = NotedDesk((TECHNICIAN, SUPERVISOR), problem=LeaseOver())
    page = open_page(qtbot, desk)
    press(qtbot, choice(page, "technician"))
    assert not page._rescue.isVisible()
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert (page._notice._title.text(), page._notice._text.text()) == (LOCKED, CONNECT.format("14 days"))
    assert not page._at_server.isVisible()
    desk.is_slow = True
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._rescue)
    press(qtbot, page._open)
    assert (desk.rescued, len(desk.tries)) == ([("technician", "secret")], 1), "one after the other"
    assert desk.finish is not None
    desk.finish()
    assert "12 changes and 2 photos saved as Documents/technician.cmms-rescue." in page._notice._title.text()
    assert not page._secret.text()
    press(qtbot, choice(page, "supervisor"))
    assert not page._rescue.isVisible()


def test_a_locked_device_that_is_refused_for_another_reason_gives_unsent_work_away_too(qtbot: QtBot) -> None:
    problem = ContractMismatch()
    problem.is_locked = True
    desk = NotedDesk((TECHNICIAN,), problem=problem)
    page = open_page(qtbot, desk)
    for _ in range(2):
        qtbot.keyClicks(page._secret.line, "secret")
        press(qtbot, page._open)
        assert page._notice._title.text() == problem.sentence
        assert page._rescue.isVisible()
        desk.problem = ContractMismatch()  # the second does not know it again


def test_where_the_server_wants_another_password_both_are_asked_for(qtbot: QtBot) -> None:
    desk = NotedDesk((TECHNICIAN,), problem=LeaseOver(asks_for_password=True))
    page = open_page(qtbot, desk)
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert (desk.at_server, page._notice._text.text()) == (None, TWO_SECRETS.format("14 days"))
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert page._at_server.error == "Enter your password at the server."
    assert len(desk.tries) == 1
    desk.problem = None
    qtbot.keyClicks(page._at_server.line, "other")
    qtbot.keyClick(page._at_server.line, Qt.Key.Key_Return)
    assert (desk.tries[-1], desk.at_server) == (("technician", "secret"), "other")
    assert not page._at_server.text(), "forgotten as well"


@pytest.mark.parametrize("size", [(800, 480), (1280, 800)], ids=["800", "1280"])
def test_who_has_forgotten_his_password_at_the_server_opens_a_locked_device_with_a_code(
    qtbot: QtBot, size: tuple[int, int]
) -> None:
    desk = NotedDesk((TECHNICIAN,), problem=LeaseOver(asks_for_password=True))
    page = open_page(qtbot, desk, size)
    assert not page._code.isVisible(), "nobody needs one to unlock"
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert page._code.isVisible()
    for secret in (page._secret.line, page._at_server.line):
        assert secret.width() >= secret.fontMetrics().horizontalAdvance("●" * 8) + 32
    desk.problem = None
    qtbot.keyClicks(page._secret.line, "secret")
    qtbot.keyClicks(page._at_server.line, "a tower of lamps")
    qtbot.keyClicks(page._code.line, CODE)
    qtbot.keyClick(page._code.line, Qt.Key.Key_Return)
    assert (desk.at_server, desk.code) == ("a tower of lamps", CODE)


def test_a_code_goes_with_the_first_sign_in_and_a_slip_of_the_finger_asks_no_server(qtbot: QtBot) -> None:
    desk = NotedDesk(())
    page = open_page(qtbot, desk)
    qtbot.keyClicks(page._login.line, "technician")
    qtbot.keyClicks(page._secret.line, "secret")
    qtbot.keyClicks(page._code.line, f"{CODE[:-1]}{'0' if CODE[-1] != '0' else '1'}")
    press(qtbot, page._open)
    assert (page._code.error, desk.tries) == (NO_CODE, [])
    page._code.set_text(f" https://sync.example/enrol#login=technician&code={CODE} ")
    desk.problem = Refused("code_needed", "The enrolment code is wrong, used, or older than 15 minutes.")
    qtbot.keyClick(page._code.line, Qt.Key.Key_Return)
    assert read_code(desk.code or "") == CODE.replace("-", "")
    assert page._code.error == desk.problem.sentence, "said where the code was typed"
    assert not page._secret.error


def test_who_has_no_code_signs_in_without_and_who_is_enrolled_is_not_asked_for_one(qtbot: QtBot) -> None:
    desk = NotedDesk((TECHNICIAN, SUPERVISOR))
    page = open_page(qtbot, desk)
    press(qtbot, choice(page, None))
    assert page._code.isVisible()
    qtbot.keyClicks(page._code.line, "half a code")
    press(qtbot, choice(page, "technician"))
    assert not page._code.isVisible()
    qtbot.keyClicks(page._secret.line, "secret")
    press(qtbot, page._open)
    assert (desk.tries, desk.code, page._code.text()) == ([("technician", "secret")], None, "")


def test_on_a_small_window_a_password_is_seen_to_be_typed_beside_the_code(qtbot: QtBot) -> None:
    page = open_page(qtbot, NotedDesk((TECHNICIAN, SUPERVISOR)), (800, 480))
    press(qtbot, choice(page, None))
    line, code = page._secret.line, page._code.line
    assert line.width() >= line.fontMetrics().horizontalAdvance("●" * 8) + 32
    placeholder = code.fontMetrics().horizontalAdvance(code.placeholderText())
    assert code.width() >= placeholder + 32


WIPED = (
    "Your organization has taken this device back, and everything on it was removed. 12 changes handed in; a "
    "supervisor decides. 2 changes could not be handed in."
)


@pytest.mark.parametrize("people", [(), (TECHNICIAN,), (TECHNICIAN, SUPERVISOR)], ids=len)
def test_on_a_small_window_what_is_said_and_all_that_is_asked_stand_above_the_footer(
    qtbot: QtBot, people: tuple[EnrolledHere, ...]
) -> None:
    desk = NotedDesk(people)
    desk.said = WIPED
    page = open_page(qtbot, desk, (800, 480))
    for part in (page._notice, *page._choices, page._login, page._secret, page._code, page._facts):
        if part.isVisible():
            bottom = part.mapTo(page, part.rect().bottomLeft()).y()
            assert 0 < bottom < page._footer.y(), f"{part} lies under the footer"
    assert page._notice._title.text() == WIPED
    page.resize(1280, 800)
    page.follow_size()
    assert page._title.isVisible()
    assert not page._footer.isVisible()
