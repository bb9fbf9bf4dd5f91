"""What the office does in the demonstration when somebody presses a button: real edits by a planner at the server."""

from collections.abc import Callable
from typing import Final

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.demo.choices import BOTH, EDIT, MORE
from cmms_desktop.demo.office import Office
from cmms_desktop.errors import Refused
from sync_server.contract.fields import Row, Scalar

OFFICES_WORDS: Final = " (office)"
HERE_WORDS: Final = " (this device)"
MOST_EDITS: Final = 5
"""Of the office, until one of them is news to the device."""
NOTHING_NEW: Final = "The office has no further order for the sites of this person."


class OfficeTurn:
    """The office's turn: one method per button, each gives a sentence about what was done. Slow: real requests."""

    def __init__(self, office: Callable[[], Office], *, other_person_id: str) -> None:
        """`office` signs the planner in when he is first needed; orders given away go to `other_person_id`."""
        self._office = office
        self._other_person_id = other_person_id

    def take(self, turn: str, person: AtWork, order_id: str) -> str:
        """Do one of TURNS to an order of somebody at work."""
        if turn == MORE:
            return self._send_more(person)
        order = self._order(order_id)
        if turn == EDIT:
            return self._edit(order)
        if turn == BOTH:
            return self._edit_on_both_sides(order, person)
        self._office().assign(str(order["id"]), self._other_person_id)
        return f"The office gave {order['number']} to somebody else."

    def _order(self, order_id: str) -> Row:
        found: Row = self._office().order(order_id)["work_order"][0]
        return found

    def _edit(self, order: Row) -> str:
        old = (str(order["title"]), str(order["priority"]))
        priority = "high" if old[1] == "critical" else "critical"
        self._office().edit(str(order["id"]), title=(old[0], _in_offices_words(old[0])), priority=(old[1], priority))
        return f"The office changed title and priority of {order['number']}."

    def _edit_on_both_sides(self, order: Row, person: AtWork) -> str:
        """The office first, then this device, which does not know of it yet: nobody can be right alone.

        A device that has heard of it meanwhile, because it was just syncing, is surprised with another edit.
        """
        order_id, number, title = str(order["id"]), order["number"], str(order["title"])
        for _ in range(MOST_EDITS):
            known = _version_here(person, order_id, number)
            self._office().edit(order_id, title=(title, _in_offices_words(title)))
            title = _in_offices_words(title)
            if _edit_here(person, order_id, known):
                return f"The office and this device changed the title of {number}. See Inbox after the next sync."
        raise Refused("busy", f"This device hears of every change of {number} at once. Try again.")

    def _send_more(self, person: AtWork) -> str:
        with person.session.reading() as reading:
            lines = reading.cursor.execute("SELECT id FROM site WHERE deleted_at IS NULL").fetchall()
        sites = {site_id for (site_id,) in lines}
        order = next((row for row in self._office().orders(status="new") if row["site_id"] in sites), None)
        if order is None:
            return NOTHING_NEW
        self._office().assign(str(order["id"]), person.session.signed_in.person_id)
        return f"The office assigned {order['number']}."


def _in_offices_words(title: str) -> str:
    """A title as the office changes it: never the same one."""
    return title.removesuffix(OFFICES_WORDS) + ("" if title.endswith(OFFICES_WORDS) else OFFICES_WORDS)


def _version_here(person: AtWork, order_id: str, number: Scalar) -> int:
    """How new the device's row of an order is."""
    with person.session.reading() as reading:
        line = reading.cursor.execute("SELECT version FROM work_order WHERE id = ?", (order_id,)).fetchone()
    if line is None:
        raise Refused("not_found", f"{number} is not on this device.")
    return int(line[0])


def _edit_here(person: AtWork, order_id: str, known: int) -> bool:
    """Change the title on the device. False: its row is newer than it was."""
    with person.session.writing() as write:
        here = write.get("work_order", order_id)
        if here is None or here["version"] != known:
            return False
        write.set("work_order", order_id, title=f"{here['title']}{HERE_WORDS}")
    return True
