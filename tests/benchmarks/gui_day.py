"""Measures a whole day in the window: `gui_day SERVER_URL FOLDER ACCOUNTS.json [--explain]`.

A technician signs in on a new device and does his first order from setting out to the customer's signature, with every
page of the window on the way; then a supervisor signs in beside him and decides. Real server, real events.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from cmms_desktop.application.queries.day import DayCard
from tests.benchmarks.gui_acts import SETTLED_S, Acts
from tests.benchmarks.gui_app import Client
from tests.benchmarks.gui_window import answer, pause, resident_mb
from tests.benchmarks.heartbeat import THEME, Heartbeat, phases_of
from tests.ui import people

PHOTO_PX = (4000, 3000)
TECHNICIAN, SUPERVISOR = "technician", "supervisor"


class MeasuredDay:
    """One day of one window: two orders of a technician, then a supervisor's review of them."""

    def __init__(self, acts: Acts, accounts: dict[str, str], heart: Heartbeat) -> None:
        self._acts, self._accounts, self._heart = acts, accounts, heart
        self._person, self._technician = acts.person, acts.technician

    def run(self) -> None:
        """Do all of it."""
        with self._phase("sign in"):
            people.sign_in(self._person, TECHNICIAN, self._accounts[TECHNICIAN])
            self._person.until("the first sync is over", self._acts.has_synced)
        first, second = self._acts.cards()[:2]
        with self._phase("look around"):
            self._acts.look_around()
        with self._phase("search"):
            self._acts.search()
        self._do_first_order(first)
        with self._phase("second order"):
            self._do_second_order(second)
        with self._phase("sign out and in"):
            self._person.until("everything is sent", self._acts.has_sent)
            people.sign_out(self._person, "Technician 1")
            people.sign_in(self._person, SUPERVISOR, self._accounts[SUPERVISOR])
            self._person.until("the first sync is over", self._acts.has_synced)
        with self._phase("approve"):
            people.approve(self._person, first.number, self._accounts[SUPERVISOR])
        with self._phase("return"):
            people.send_back(self._person, second.number, "Take a photo of the label.", self._accounts[SUPERVISOR])

    def change_theme(self) -> None:
        """Go once round the themes; told apart, because every widget is dressed anew."""
        with self._phase(THEME):
            for _ in range(3):
                self._person.key(Qt.Key.Key_L, ctrl=True, shift=True)
                pause(SETTLED_S)

    def _do_first_order(self, order: DayCard) -> None:
        """Everything that there is to do with an order, page by page."""
        with self._phase("open order"):
            self._technician.open_order(order.number)
        with self._phase("travel and arrive"):
            self._acts.arrive(order.id)
        with self._phase("checklist"):
            self._acts.answer_all(order.id)
        with self._phase("tabs"):
            self._acts.open_tabs()
        with self._phase("parts"):
            self._technician.use_part(self._acts.code_of_a_part())
        with self._phase("comment"):
            self._technician.comment("The strainer was half blocked.")
        with self._phase("photo"):
            self._technician.add_photo("After the work")
        with self._phase("sign"):
            people.finish_and_sign(self._person, self._accounts[TECHNICIAN])
        with self._phase("customer"):
            people.let_customer_accept(self._person, "Customer on site")

    def _do_second_order(self, order: DayCard) -> None:
        pause(SETTLED_S)
        self._technician.open_order(order.number)
        self._acts.arrive(order.id)
        self._acts.answer_all(order.id)
        people.finish_and_sign(self._person, self._accounts[TECHNICIAN])
        people.let_customer_refuse(self._person, "Customer on site", "The pump is still loud.")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        print(name, file=sys.stderr, flush=True)
        self._heart.enter(name)
        yield


def main() -> None:
    """Measure once."""
    server_url, folder, accounts = sys.argv[1], Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
    photo = _photo(folder / "photo.jpg")
    client = Client(folder, server_url, organization=accounts["organization"])
    heart = Heartbeat(explain="--explain" in sys.argv)
    heart.start("window")
    day = MeasuredDay(Acts(client, folder, heart, photo=photo), accounts, heart)
    day.run()
    figures: dict[str, object] = {"stall_ms": heart.stall_ms, "busy_ms": heart.busy_ms, "memory_mb": resident_mb()}
    day.change_theme()
    heart.stop()
    answer({**figures, "phases": phases_of(heart)})
    client.close()


def _photo(path: Path) -> Path:
    """Make a picture as large as a camera's."""
    image = QImage(*PHOTO_PX, QImage.Format.Format_RGB32)
    painter, colours = QPainter(image), QLinearGradient(0, 0, *PHOTO_PX)
    for number in range(40):
        colours.setColorAt(number / 40, QColor.fromHsv(number * 9, 160, 90 + number * 4))
    painter.fillRect(image.rect(), colours)
    painter.end()
    image.save(str(path), "JPEG", 85)  # type: ignore[call-overload]  # PySide6 6.11 takes text only; its stub asks for bytes
    return path


if __name__ == "__main__":
    main()
