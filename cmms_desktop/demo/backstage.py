"""What is done behind the pictures: answers, syncs and reads of the technician's day, by the commands of the client."""

from decimal import Decimal
from typing import Final

from cmms_desktop.app.at_work import AtWork
from cmms_desktop.application.commands import checklists
from cmms_desktop.application.queries.work import OrderCard, OrderDetail, my_day, order_detail
from cmms_desktop.demo.choices import TECHNICIAN
from cmms_desktop.demo.day import given_for
from cmms_desktop.demo.picture import png
from cmms_desktop.demo.world import DemoWorld
from cmms_desktop.errors import Bug
from cmms_desktop.sync.status import Connection
from sync_server.contract.fields import Row

EXCEEDED: Final = "Twice the limit, also after waiting."


class Backstage:
    """The technician of a world, whose replica is filled; his orders of the day, the richest checklist first."""

    def __init__(self, world: DemoWorld) -> None:
        """Note today's route before anything of it is done."""
        self._world = world
        self._shown: set[str] = set()

        def kinds(order_id: str) -> int:
            return len({item["kind"] for item in self.detail(order_id).rows["checklist_item"]})

        self.orders = tuple(sorted((card.id for card in self.cards()), key=kinds, reverse=True))

    @property
    def technician(self) -> AtWork:
        """Whose day it is."""
        return self._world.at_work(TECHNICIAN)

    def cards(self) -> tuple[OrderCard, ...]:
        """His open orders in route order."""
        with self.technician.session.reading() as reading:
            return my_day(reading, self.technician.session.signed_in.person_id)

    def detail(self, order_id: str) -> OrderDetail:
        """One order as it stands on the device."""
        with self.technician.session.reading() as reading:
            found = order_detail(reading, order_id)
        if found is None:
            raise Bug("An order of the day is not on the device.")
        return found

    def answer(self, order_id: str, *, leave: int) -> None:
        """Answer all but the last `leave` items: one fails and is followed up, one reading is out of its limits."""
        for _ in range(3):  # an answer may show further items
            items = [item for item in self.detail(order_id).rows["checklist_item"] if item["result"] is None]
            for item in items[: len(items) - leave]:
                self._answer_item(item)

    def _answer_item(self, item: Row) -> None:
        blobs, item_id = self.technician.session.blobs, str(item["id"])
        failing = item["kind"] == "pass_fail" and "failed" not in self._shown
        too_much = item["kind"] == "number" and item["maximum"] is not None and "exceeded" not in self._shown
        with self.technician.session.writing() as write:
            if item["kind"] == "photo" or too_much:
                said = (
                    {"value": f"{Decimal(str(item['maximum'])) * 2:f}".rstrip("0").rstrip("."), "note": EXCEEDED}
                    if too_much
                    else {}
                )
                checklists.add_item_photo(write, blobs, item_id, content=png(), media_type="image/png", **said)
            else:
                given = given_for(item, photo=None, failing=failing)
                checklists.complete_checklist_item(write, item_id, **given)
            if failing:
                checklists.follow_up(write, item_id)
        self._shown |= {"failed"} if failing else {"exceeded"} if too_much else set()


def is_synced(person: AtWork) -> bool:
    """Whether everything is sent and received."""
    status = person.scheduler.status
    return status.connection is Connection.ONLINE and status.waiting == 0 and status.photos == 0
