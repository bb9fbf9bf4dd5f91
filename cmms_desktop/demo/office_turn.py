"""What the office does in the demonstration when somebody presses a button: real edits by a planner at the server."""

from collections.abc import Callable
from typing import Final

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.demo.choices import BOTH, EDIT, MORE
from cmms_desktop.demo.office import Office
from cmms_desktop.errors import Refused
from sync_server.contract.fields import Row

OFFICES_WORDS: Final = " (office)"
HERE_WORDS: Final = " (this device)"
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
        title = old[0].removesuffix(OFFICES_WORDS) + ("" if old[0].endswith(OFFICES_WORDS) else OFFICES_WORDS)
        priority = "high" if old[1] == "critical" else "critical"
        self._office().edit(str(order["id"]), title=(old[0], title), priority=(old[1], priority))
        return f"The office changed title and priority of {order['number']}."

    def _edit_on_both_sides(self, order: Row, person: AtWork) -> str:
        """The office first, then this device, which does not know of it yet: nobody can be right alone."""
        title = str(order["title"])
        self._office().edit(str(order["id"]), title=(title, f"{title}{OFFICES_WORDS}"))
        with person.session.writing() as write:
            here = write.get("work_order", str(order["id"]))
            if here is None:
                raise Refused("not_found", f"{order['number']} is not on this device.")
            write.set("work_order", str(order["id"]), title=f"{here['title']}{HERE_WORDS}")
        return f"The office and this device changed the title of {order['number']}. See Inbox after the next sync."

    def _send_more(self, person: AtWork) -> str:
        with person.session.reading() as reading:
            lines = reading.cursor.execute("SELECT id FROM site WHERE deleted_at IS NULL").fetchall()
        sites = {site_id for (site_id,) in lines}
        order = next((row for row in self._office().orders(status="new") if row["site_id"] in sites), None)
        if order is None:
            return NOTHING_NEW
        self._office().assign(str(order["id"]), person.session.signed_in.person_id)
        return f"The office assigned {order['number']}."
