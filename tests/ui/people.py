"""What several people do in front of the window: sign in and out, sign records, review them, settle conflicts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt

from tests.ui.person import Person

INK: Final = tuple(tuple(QPoint(30 + 3 * step, 60 + rise * (step % 5)) for step in range(24)) for rise in (4, 9))
"""Two strokes that fit on every pad."""


def sign_in(person: Person, login: str, password: str) -> None:
    """Type who it is, or choose him where he is known here, then his password."""
    person.until_sees("Sign in", "Password")
    if person.can_press(login):
        person.press(login)
    else:
        if person.can_press("Somebody else"):
            person.press("Somebody else")
        person.fill("Login", login)
    person.fill("Password*", password)
    person.key(Qt.Key.Key_Return)
    person.until("the frame is shown", lambda: person.can_press("Search"))


def sign_out(person: Person, name: str) -> None:
    """Leave by the card behind one's name on the rail."""
    person.press(name)
    person.press("Sign out")
    person.until_sees("Somebody else")


# ---- signing a record


def finish_and_sign(person: Person, password: str) -> None:
    """End the visit, read the record, draw, and prove who signs; read and sign again what has changed meanwhile."""
    person.press("Finish")
    person.draw("Signature", INK)
    for _ in range(MOST_READINGS):
        person.until_gone("Gets its number when you draw")
        person.fill("Your password or PIN", password)
        person.press("Sign and lock")
        if person.soon(lambda: person.sees("What does the customer say?")):
            return
    raise AssertionError(f"the record changes again and again: {person.reads()}")


def let_customer_accept(person: Person, name: str) -> None:
    """The customer signs."""
    person.press("Accepts the work")
    person.fill("Name of the customer", name)
    person.draw("Signature of the customer", INK)
    person.press("Customer accepts")
    person.press("Next order")


def let_customer_refuse(person: Person, name: str, reason: str) -> None:
    """The customer refuses; his reason was forgotten at first."""
    person.press("Refuses the work")
    person.fill("Name of the customer", name)
    person.press("Record refusal")
    person.until_sees("in his words")
    person.fill("Why the customer refuses, in his words", reason)
    person.press("Record refusal")
    person.press("Next order")


# ---- the supervisor, by keyboard


def go_to_review(person: Person, number: str) -> None:
    """Go down or up the queue with J and K until an order is shown."""
    person.until_sees("Orders to review")
    for _ in range(MOST_ORDERS):
        person.until(f"{number} waits for a review", lambda: person.rows_saying(f"{number} "))
        view, wanted = person.rows_saying(f"{number} ")[0]
        if view.currentIndex() == wanted:
            break
        person.write("j" if view.currentIndex().row() < wanted.row() else "k")
        person.rest()
    person.until(f"{number} is shown", lambda: number in person.reads())


def approve(person: Person, number: str, password: str) -> None:
    """Open everything, approve, prove who it is."""
    go_to_review(person, number)
    person.write("e")
    person.write("a")
    person.until("the password is asked for", lambda: person.has_cursor("Your password"))
    person.write(password)
    person.key(Qt.Key.Key_Return)
    person.until(f"{number} has left the queue", lambda: not person.rows_saying(f"{number} "))


def send_back(person: Person, number: str, reason: str, password: str) -> None:
    """Return an order with what has to be done."""
    go_to_review(person, number)
    person.write("r")
    person.until("the reason is asked for", lambda: person.has_cursor("What has to be done"))
    person.write(reason)
    person.fill("Your password", password)
    person.key(Qt.Key.Key_Return)
    person.until(f"{number} has left the queue", lambda: not person.rows_saying(f"{number} "))


def keep_technicians_value(person: Person, number: str) -> None:
    """Compare in the inbox, keep the technician's value with T, settle."""
    person.press("Inbox*")
    person.press("Open [0-9]*")
    person.press_row(f"{number} ")
    person.until_sees("Keep")
    person.write("t")
    person.key(Qt.Key.Key_Return, ctrl=True)
    person.until_sees("1 field settled")


MOST_ORDERS, MOST_READINGS = 40, 5
