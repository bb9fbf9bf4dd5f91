"""Measures a whole day in the window: `gui_day SERVER_URL FOLDER ACCOUNTS.json [--explain]`.

A technician signs in on a new device and does his first order from setting out to the customer's signature, with every
page of the window on the way; then a supervisor signs in beside him and decides. Real server, real events.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.queries.day import DayCard, DaySpan, day_cards
from cmms_desktop.devices.positioning.recording import nmea_sentences
from tests.benchmarks.gui_app import Client
from tests.benchmarks.gui_person import CountedPerson
from tests.benchmarks.gui_window import answer, pause, resident_mb
from tests.benchmarks.heartbeat import THEME, Heartbeat, phases_of
from tests.ui import people
from tests.ui.technician import Technician

PHOTO_PX = (4000, 3000)
RECORDED_S = 20
SETTLED_S = 0.5
"""Until a list that changed stands still: a row that moves is not what is pressed."""
PLACES = ("Orders", "Assets", "Parts", "Inbox", "Sync", "Settings", "My day")
TABS = ("Summary", "Parts", "Time", "Photos", "Comments", "History", "Checklist")


class MeasuredDay:
    """One day of one window: two orders of a technician, then a supervisor's review of them."""

    def __init__(
        self, client: Client, folder: Path, accounts: dict[str, str], heart: Heartbeat, *, photo: Path
    ) -> None:
        self._client, self._folder, self._accounts, self._heart = client, folder, accounts, heart
        self._person = CountedPerson(client.opened.window, heart)
        self._technician = Technician(self._person, photo=photo)

    def run(self) -> None:
        """Do all of it."""
        with self._phase("sign in"):
            people.sign_in(self._person, "technician", self._accounts["technician"])
            self._person.until("the first sync is over", self._has_synced)
        first, second = self._cards()[:2]
        with self._phase("look around"):
            self._look_around()
        with self._phase("search"):
            self._search()
        self._do_first_order(first)
        with self._phase("second order"):
            self._do_second_order(second)
        with self._phase("sign out and in"):
            self._person.until("everything is sent", self._has_sent)
            people.sign_out(self._person, "Technician 1")
            people.sign_in(self._person, "supervisor", self._accounts["supervisor"])
            self._person.until("the first sync is over", self._has_synced)
        with self._phase("approve"):
            people.approve(self._person, first.number, self._accounts["supervisor"])
        with self._phase("return"):
            people.send_back(self._person, second.number, "Take a photo of the label.", self._accounts["supervisor"])

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
            self._arrive(order.id)
        with self._phase("checklist"):
            self._answer_all(order.id)
        with self._phase("tabs"):
            self._tabs()
        with self._phase("parts"):
            self._technician.use_part(self._code_of_a_part())
        with self._phase("comment"):
            self._technician.comment("The strainer was half blocked.")
        with self._phase("photo"):
            self._technician.add_photo("After the work")
        with self._phase("sign"):
            people.finish_and_sign(self._person, self._accounts["technician"])
        with self._phase("customer"):
            people.let_customer_accept(self._person, "Customer on site")

    def _do_second_order(self, order: DayCard) -> None:
        pause(SETTLED_S)
        self._technician.open_order(order.number)
        self._arrive(order.id)
        self._answer_all(order.id)
        people.finish_and_sign(self._person, self._accounts["technician"])
        people.let_customer_refuse(self._person, "Customer on site", "The pump is still loud.")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        print(name, file=sys.stderr, flush=True)
        self._heart.enter(name)
        yield

    def _has_synced(self) -> bool:
        person = self._client.opened.door.shown
        return person is not None and person.scheduler.status.last_sync_at is not None

    def _has_sent(self) -> bool:
        with self._client.person.session.reading() as reading:
            query = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed', 'acknowledged')"
            (waiting,) = reading.cursor.execute(query).fetchone()
        return not waiting

    def _cards(self) -> tuple[DayCard, ...]:
        session = self._client.person.session
        with session.reading() as reading:
            return day_cards(reading, session.signed_in.person_id, DaySpan.of(datetime.now().astimezone()))

    def _answer_all(self, order_id: str) -> None:
        """Answer every item that is asked, one after the other; an answer may ask for more."""
        answered: set[str] = set()
        while item := next((each for each in self._asked(order_id) if each.id not in answered), None):
            answered.add(item.id)
            self._technician.answer(item)

    def _asked(self, order_id: str) -> tuple[ItemLine, ...]:
        with self._heart.leaving_out(), self._client.person.session.reading() as reading:
            page = checklist_page(reading, order_id)
        return () if page is None else tuple(each for each in page.items if each.is_asked and not each.is_answered)

    def _look_around(self) -> None:
        for place in PLACES:
            self._person.press(place)
            pause(0.4)

    def _search(self) -> None:
        self._person.key(Qt.Key.Key_K, ctrl=True)
        self._person.until_sees("Search")
        self._person.write("pump", gap_ms=-1)
        pause(0.5)
        self._person.key(Qt.Key.Key_Escape)

    def _arrive(self, order_id: str) -> None:
        self._record_position(order_id)
        self._technician.travel()
        self._technician.arrive()

    def _record_position(self, order_id: str) -> None:
        """Write what a receiver at the site says, for the receiver that the preferences name."""
        query = "SELECT s.latitude, s.longitude FROM work_order w JOIN site s ON s.id = w.site_id WHERE w.id = ?"
        with self._client.person.session.reading() as reading:
            latitude, longitude = reading.cursor.execute(query, (order_id,)).fetchone()
        began = datetime.now(UTC) - timedelta(seconds=RECORDED_S)
        path = self._folder / "receiver.nmea"
        path.write_bytes(b"".join(nmea_sentences(latitude, longitude, started_at=began, seconds=RECORDED_S)))
        self._client.opened.preferences.change(positioning="nmea_file", nmea_file=str(path))

    def _tabs(self) -> None:
        for tab in TABS:
            self._technician.open_tab(tab)
            pause(0.4)

    def _code_of_a_part(self) -> str:
        query = (
            "SELECT p.code FROM stock_level l JOIN part p ON p.id = l.part_id JOIN stock_location s"
            " ON s.id = l.stock_location_id WHERE s.kind = 'van' AND CAST(l.quantity AS REAL) > 2 LIMIT 1"
        )
        with self._client.person.session.reading() as reading:
            (code,) = reading.cursor.execute(query).fetchone()
        return str(code)


def main() -> None:
    """Measure once."""
    server_url, folder, accounts = sys.argv[1], Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
    photo = _photo(folder / "photo.jpg")
    client = Client(folder, server_url, organization=accounts["organization"])
    heart = Heartbeat(explain="--explain" in sys.argv)
    heart.start("window")
    day = MeasuredDay(client, folder, accounts, heart, photo=photo)
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
    image.save(str(path), "JPEG", 85)
    return path


if __name__ == "__main__":
    main()
