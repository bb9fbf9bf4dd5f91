"""The technician's and the supervisor's day on the demonstration's server, by events alone, in good or bad weather.

What there is to answer is read from the replica, as a person reads it from the screen; nothing else goes past the
window.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import Qt

from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.demo.choices import AT_SITE, BOTH, OUTSIDE, PASSWORD
from cmms_desktop.demo.picture import png
from cmms_desktop.demo.world import DemoWorld
from tests.ui import eyes, people, read_back
from tests.ui.program import Program
from tests.ui.technician import Technician

CUSTOMER: Final = "Customer on site"
REFUSAL: Final = "It still leaks at the flange."
PARKED: Final = "Parked in the next street."
TO_DO: Final = "Show the new pressure."
SAID: Final = "The label is hard to read."
PART: Final = "P-0022"
Weather = Literal["fair", "cut", "stopped"]


@dataclass(frozen=True)
class Plan:
    """Orders by number (done with everything, refused by the customer, changed on both sides), and what goes wrong."""

    accepted: str
    refused: str
    disputed: str
    technicians_weather: Weather
    supervisors_weather: Weather


class WholeDay:
    """One day in one window. `technicians` comes first."""

    def __init__(self, world: DemoWorld, program: Program, plan: Plan, folder: Path) -> None:
        self.world, self.program, self.plan = world, program, plan
        self.person = program.person
        photo = folder / "photo.png"
        photo.write_bytes(png())
        self.technician = Technician(self.person, photo=photo)

    def technicians(self) -> None:
        """Two orders, the second one outside the fence and refused."""
        self._sign_in("technician")
        self.world.standing = AT_SITE
        self.technician.open_order(self.plan.accepted)
        self.technician.travel()
        self.technician.arrive()
        with self._weather(self.plan.technicians_weather):
            self._do_everything(self.plan.accepted)
            people.finish_and_sign(self.person, PASSWORD)
            people.let_customer_accept(self.person, CUSTOMER)
        self.world.standing = OUTSIDE
        self.technician.open_order(self.plan.refused)
        self.technician.travel()
        self.technician.arrive_outside(PARKED)
        self.technician.set_all_ok()
        self._answer_rest(self.plan.refused)
        people.finish_and_sign(self.person, PASSWORD)
        people.let_customer_refuse(self.person, CUSTOMER, REFUSAL)
        read_back.until_all_is_sent(self.program)

    def supervisors(self) -> None:
        """One order approved, one returned, one conflict settled; then the technician looks at what came back."""
        self._change_title_on_both_sides()
        people.sign_out(self.person, "Technician 1")
        self._sign_in("supervisor")
        people.go_to_review(self.person, self.plan.refused)
        self.person.until("the conflict is known here", lambda: self.person.can_press("Inbox, *"))
        with self._weather(self.plan.supervisors_weather):
            people.approve(self.person, self.plan.accepted, PASSWORD)
            people.send_back(self.person, self.plan.refused, TO_DO, PASSWORD)
            people.keep_technicians_value(self.person, self.plan.disputed)
        read_back.until_all_is_sent(self.program)

    def technician_looks_again(self) -> None:
        """The returned order is open again, with what has to be done on top of it."""
        people.sign_out(self.person, "Supervisor North")
        self._sign_in("technician")
        self.person.until("it says so on its card", lambda: "Returned" in self._card(self.plan.refused))
        self.technician.open_order(self.plan.refused)
        self.person.until_sees(f"Returned by the supervisor. “{TO_DO}”")
        read_back.until_all_is_sent(self.program)

    # ---- parts of it

    def _sign_in(self, login: str) -> None:
        """Sign in, wait for what is new, and go home: the window shows where he was last time."""
        people.sign_in(self.person, login, PASSWORD)
        self.person.until_sees("Online, synced")
        self.person.key(Qt.Key.Key_1, ctrl=True)

    def _do_everything(self, number: str) -> None:
        """Scan, fail, read too high, set all, answer the rest; a part, a comment, a photo."""
        self.person.scan(read_back.label(self.program, number))
        self.person.until_sees("Asset confirmed")
        items = self._open_items(number)
        self.technician.fail(next(item for item in items if item.kind == "pass_fail"))
        self.technician.read_too_high(next(item for item in items if item.kind == "number" and item.maximum))
        self.technician.set_all_ok()
        self._answer_rest(number)
        self.technician.use_part(PART)
        self.technician.comment(SAID)
        self.technician.add_photo("The whole unit")

    def _answer_rest(self, number: str) -> None:
        """Answer until nothing is asked any more; an answer may ask for another one."""
        while items := self._open_items(number):
            self.technician.answer_rest(items)
            self._until_saved(number, {item.id for item in items})

    def _until_saved(self, number: str, item_ids: set[str]) -> None:
        self.person.until(
            "the answers are saved", lambda: item_ids.isdisjoint(item.id for item in self._open_items(number))
        )

    def _open_items(self, number: str) -> list[ItemLine]:
        return [item for item in read_back.items(self.program, number) if not item.is_answered]

    def _change_title_on_both_sides(self) -> None:
        with self.program.shown.session.reading() as reading:
            order_id = read_back.order_id(reading, self.plan.disputed)
        self.world.office_turn().take(BOTH, self.program.shown, order_id)
        self.person.key(Qt.Key.Key_F5)
        self.person.until("the conflict is known here", lambda: "1 conflict" in self._card(self.plan.disputed))
        read_back.until_all_is_sent(self.program)

    def _card(self, number: str) -> str:
        return " ".join(eyes.said(row) for row in self.person.rows_saying(f"{number},"))

    @contextmanager
    def _weather(self, weather: Weather) -> Iterator[None]:
        """Half of the day without the server; the strip says so, and how much waits."""
        if weather == "fair":
            yield
            return
        if weather == "cut":
            self.world.go_offline()
        else:
            self.world.server.stop()
        try:
            self.person.key(Qt.Key.Key_F5)
            self.person.until_sees("Offline, last synced")
            yield
            self.person.until_sees("waiting, saved on this device. Open Sync")
        finally:  # the next day shall not suffer from this one
            if weather == "cut":
                self.world.go_online()
            else:
                self.world.server.start()
        self.person.key(Qt.Key.Key_F5)
        self.person.until_sees("Online, synced")
