"""The same work without a mouse: entirely by keyboard, and entirely by finger on a small screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.ui.screens.checklist.row import ItemRow, row_of
from cmms_desktop.ui.screens.sign_in.person_choice import PersonChoice
from tests.ui.hands import Finger
from tests.ui.person import Person

MOST_STOPS, MOST_THROWS = 80, 20


# ---- the keyboard alone


def sign_in(person: Person, login: str, password: str) -> None:
    """Go to the people with Tab, to one's own name with the arrows, choose it with Space, type the password, Enter."""
    person.until_sees("Somebody else")
    _tab_to(person, lambda: isinstance(QApplication.focusWidget(), PersonChoice))
    (wanted,) = person.find(PersonChoice, login)
    for _ in range(MOST_STOPS):
        focus = QApplication.focusWidget()
        if focus is None or focus is wanted:
            break
        person.key(Qt.Key.Key_Down if wanted.y() > focus.y() else Qt.Key.Key_Up)
    person.key(Qt.Key.Key_Space)
    person.until("the password is asked for", lambda: person.has_cursor(f"Password or PIN of {login}"))
    person.write(password)
    person.key(Qt.Key.Key_Return)
    person.until_sees("Online, synced")


def open_order(person: Person, number: str) -> None:
    """Go down My day with the arrows, and in with Enter."""
    person.key(Qt.Key.Key_1, ctrl=True)
    person.until("the list has the keyboard", lambda: person.has_cursor("Orders of the day"))
    person.until(f"{number} is in the list", lambda: person.rows_saying(f"{number},"))
    person.key(Qt.Key.Key_Home)
    for _ in range(MOST_STOPS):
        view, wanted = person.rows_saying(f"{number},")[0]
        if view.currentIndex() == wanted:
            break
        person.key(Qt.Key.Key_Down if view.currentIndex().row() < wanted.row() else Qt.Key.Key_Up)
    person.key(Qt.Key.Key_Return)
    person.until("the order is open", lambda: person.can_press("Back"))


def go_and_start(person: Person) -> None:
    """Every step of a visit with Ctrl+Enter."""
    for step in ("Travel", "Arrive", "Record arrival", "Start"):
        person.until(f"it is time for {step}", lambda step=step: person.can_press(step))  # type: ignore[misc]
        person.rest()
        press_primary(person)
    person.until_sees("Saved at each tap")


def press_primary(person: Person) -> None:
    """Do what the button at the bottom says."""
    person.key(Qt.Key.Key_Return, ctrl=True)


def answer(person: Person, items: Iterable[ItemLine]) -> None:
    """M leads to what is missing; 1 passes and chooses, 3 fails and asks for a note, Enter goes into a field."""
    has_failed = False
    for _ in items:
        person.write("m")
        person.until("a row has the keyboard", lambda: _row() is not None)
        row = _row()
        assert row is not None
        state = row.state
        if state.kind == "pass_fail" and not has_failed:
            has_failed = True
            person.write("3")
            person.until("the note is open", lambda: person.has_cursor("Note, *"))
            person.write("Drips once a second.")
            person.key(Qt.Key.Key_Tab)
        elif state.kind in {"pass_fail", "choice"}:
            person.write("1")
        else:
            person.key(Qt.Key.Key_Return)
            person.write(state.minimum or state.maximum or "Nothing unusual.")
            person.key(Qt.Key.Key_Tab)
        person.until(f"{state.prompt} is saved", lambda number=state.number: not _is_missing(person, number))  # type: ignore[misc]


def _row() -> ItemRow | None:
    return row_of(QApplication.focusWidget())


def _is_missing(person: Person, number: str) -> bool:
    return person.can_press(f"Go to {number} *")


def _tab_to(person: Person, is_there: Callable[[], bool]) -> None:
    for _ in range(MOST_STOPS):
        if is_there():
            return
        person.key(Qt.Key.Key_Tab)
    raise AssertionError("Tab does not lead there")


# ---- a finger alone, on a small screen


def go_home(person: Person) -> None:
    """Press the arrow back until My day is there."""
    for _ in range(MOST_STOPS):
        if person.soon(lambda: person.sees("Orders of the day"), within_s=1.0):
            return
        person.press("Back")
    raise AssertionError("Back does not lead home")


def throw_list(person: Person, words: str) -> None:
    """Throw the list that has a row with these words from its top; it goes on by itself after the finger is lifted."""
    assert isinstance(person.hand, Finger)
    person.until(f"“{words}” is in the list", lambda: person.rows_saying(words))
    view = person.rows_saying(words)[0][0]
    bar, half_a_screen = view.verticalScrollBar(), view.viewport().height() // 2
    for _ in range(MOST_THROWS):
        person.scroll_to_top(view)
        person.until("the list is long enough to be thrown", lambda: bar.maximum() > 4 * half_a_screen)
        lifted_at = person.hand.throw(view)
        if lifted_at is not None:
            person.until("the list goes on by itself", lambda at=lifted_at: bar.value() > at + half_a_screen)  # type: ignore[misc]
            person.until_still(view)
            return
        person.until_still(view)
    raise AssertionError("this machine is too busy for a throw")
