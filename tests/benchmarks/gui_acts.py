"""What there is to do in a day of the window beside the acts of the window's tests: looking around, a receiver, parts.

What there is to answer or to take is read from the replica, as a label or a colleague would tell it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt

from cmms_desktop.application.queries.checklist_lines import ItemLine
from cmms_desktop.application.queries.checklist_page import checklist_page
from cmms_desktop.application.queries.day import DayCard, DaySpan, day_cards
from cmms_desktop.devices.positioning.recording import nmea_sentences
from tests.benchmarks.gui_app import Client
from tests.benchmarks.gui_person import CountedPerson
from tests.benchmarks.gui_window import pause
from tests.benchmarks.heartbeat import Heartbeat
from tests.ui.technician import Technician

RECORDED_S = 20
SEEN_S = 0.4
"""How long a page is looked at."""
SETTLED_S = 0.5
"""Until a list that changed stands still: a row that moves is not what is pressed."""
PLACES = ("Orders", "Assets", "Parts", "Inbox", "Sync", "Settings", "My day")
TABS = ("Summary", "Parts", "Time", "Photos", "Comments", "History", "Checklist")


class Acts:
    """Acts of whoever stands in front of a client's window."""

    def __init__(self, client: Client, folder: Path, heart: Heartbeat, *, photo: Path) -> None:
        self._client, self._folder, self._heart = client, folder, heart
        self.person = CountedPerson(client.opened.window, heart)
        self.technician = Technician(self.person, photo=photo)

    def has_synced(self) -> bool:
        person = self._client.opened.door.shown
        return person is not None and person.scheduler.status.last_sync_at is not None

    def has_sent(self) -> bool:
        with self._client.person.session.reading() as reading:
            query = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sealed', 'acknowledged')"
            (waiting,) = reading.cursor.execute(query).fetchone()
        return not waiting

    def cards(self) -> tuple[DayCard, ...]:
        session = self._client.person.session
        with self._heart.leaving_out(), session.reading() as reading:
            return day_cards(reading, session.signed_in.person_id, DaySpan.of(datetime.now().astimezone()))

    def answer_all(self, order_id: str) -> None:
        """Answer every item that is asked, one after the other; an answer may ask for more."""
        answered: set[str] = set()
        while item := next((each for each in self._asked(order_id) if each.id not in answered), None):
            answered.add(item.id)
            self.technician.answer(item)

    def _asked(self, order_id: str) -> tuple[ItemLine, ...]:
        with self._heart.leaving_out(), self._client.person.session.reading() as reading:
            page = checklist_page(reading, order_id)
        return () if page is None else tuple(each for each in page.items if each.is_asked and not each.is_answered)

    def look_around(self) -> None:
        for place in PLACES:
            self.person.press(place)
            pause(SEEN_S)

    def search(self) -> None:
        self.person.key(Qt.Key.Key_K, ctrl=True)
        self.person.until_sees("Search")
        self.person.write("pump")
        pause(SETTLED_S)
        self.person.key(Qt.Key.Key_Escape)

    def arrive(self, order_id: str) -> None:
        self._record_position(order_id)
        self.technician.travel()
        self.technician.arrive()

    def _record_position(self, order_id: str) -> None:
        """Write what a receiver at the site says, for the receiver that the preferences name."""
        query = "SELECT s.latitude, s.longitude FROM work_order w JOIN site s ON s.id = w.site_id WHERE w.id = ?"
        with self._heart.leaving_out(), self._client.person.session.reading() as reading:
            latitude, longitude = reading.cursor.execute(query, (order_id,)).fetchone()
        began = datetime.now(UTC) - timedelta(seconds=RECORDED_S)
        path = self._folder / "receiver.nmea"
        path.write_bytes(b"".join(nmea_sentences(latitude, longitude, started_at=began, seconds=RECORDED_S)))
        self._client.opened.preferences.change(positioning="nmea_file", nmea_file=str(path))

    def open_tabs(self) -> None:
        for tab in TABS:
            self.technician.open_tab(tab)
            pause(SEEN_S)

    def code_of_a_part(self) -> str:
        query = (
            "SELECT p.code FROM stock_level l JOIN part p ON p.id = l.part_id JOIN stock_location s"
            " ON s.id = l.stock_location_id WHERE s.kind = 'van' AND CAST(l.quantity AS REAL) > 2 LIMIT 1"
        )
        with self._heart.leaving_out(), self._client.person.session.reading() as reading:
            (code,) = reading.cursor.execute(query).fetchone()
        return str(code)
