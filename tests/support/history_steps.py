"""What people with a device do in a history made by chance: each a step that a rule may refuse.

Values are never the same twice where the ledger follows them (titles, notes, lines of texts).
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, Final

from cmms_desktop.application.commands import checklists, conflicts, parts, remarks, sign_off, visits
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Row
from tests.support.fleet import Fleet, FleetDevice
from tests.support.mutation_ledger import MERGED, token

INK: Final = (((0, 0, 0), (40, 30, 12), (80, 5, 25)),)
TEXTS: Final = tuple(name for _, name in MERGED)
PRIORITIES: Final = ("low", "medium", "high", "critical")


class HistorySteps:
    """Everybody's steps over the orders of one fleet. `amount` makes the choices inside a step."""

    def __init__(self, fleet: Fleet, orders: list[str]) -> None:
        self.fleet = fleet
        self.orders = orders
        self._numbers = count(1)

    def next_number(self) -> int:
        """Give a number that nobody had; also to threads."""
        return next(self._numbers)

    def seen(self, device: FleetDevice) -> list[Row]:
        """Orders that are visible on a device."""
        return [row for each in self.orders if (row := device.get("work_order", each)) is not None]

    @staticmethod
    def act(device: FleetDevice, step: Callable[[LocalWrite], Any]) -> bool:
        """Take a step in one commit; when a rule refuses it, nothing of it stays."""
        try:
            with device.write() as write:
                step(write)
        except Refused:
            return False
        return True

    # ---- people with a device

    def edit_title(self, device: FleetDevice, order: Row, amount: int) -> None:
        order_id, title = str(order["id"]), f"T{self.next_number()}"
        if self.act(device, lambda write: write.set("work_order", order_id, title=title)):
            assert device.see("work_order", order_id)["title"] == title, "an edit is visible at once (invariant 10)"

    def edit_two_fields(self, device: FleetDevice, order: Row, amount: int) -> None:
        title = f"T{self.next_number()}"
        self.act(
            device,
            lambda write: write.set("work_order", str(order["id"]), title=title, priority=PRIORITIES[amount % 4]),
        )

    def ask_for_another_day(self, device: FleetDevice, order: Row, amount: int) -> None:
        due_at = f"2026-04-{amount % 28 + 1:02}T08:00:00.000000Z"
        self.act(device, lambda write: write.set("work_order", str(order["id"]), due_at=due_at))

    def add_line(self, device: FleetDevice, order: Row, amount: int) -> None:
        name = TEXTS[amount % 2]
        lines = [str(order[name] or ""), token(self.next_number())]
        value: dict[str, Any] = {name: "\n".join(reversed(lines) if amount % 3 else lines)}
        self.act(device, lambda write: write.set("work_order", str(order["id"]), **value))

    def answer(self, device: FleetDevice, order: Row, amount: int) -> None:
        items = device.rows("checklist_item", str(order["id"]))
        if items:
            self.act(device, lambda write: self._answer(device, write, items[amount % len(items)], flag=amount % 2 > 0))

    def _answer(self, device: FleetDevice, write: LocalWrite, item: Row, *, flag: bool) -> None:
        number = self.next_number()
        given: dict[str, Any] = {
            "pass_fail": {"result": "flag" if flag else "pass"},
            "number": {"value": f"{2 + number % 4}.5"},
            "text": {"value": f"seen {number}"},
            "choice": {"value": "dark" if flag else "clear"},
            "photo": {"photo_sha256": device.workplace.blobs.keep(f"photo {number}".encode())},
        }[str(item["kind"])]
        checklists.complete_checklist_item(write, str(item["id"]), note=f"N{number}", **given)

    def set_all_ok(self, device: FleetDevice, order: Row, amount: int) -> None:
        for checklist in device.rows("checklist", str(order["id"])):
            self.act(device, partial(checklists.pass_remaining, checklist_id=str(checklist["id"])))

    def use_part(self, device: FleetDevice, order: Row, amount: int) -> None:
        small = self.fleet.small
        location_id = small.van_ids.get(device.login, small.store_id) if amount % 3 else small.store_id
        self.act(
            device,
            lambda write: parts.use_part(
                write,
                str(order["id"]),
                small.part_ids[amount % 2],
                stock_location_id=location_id,
                quantity=Decimal(amount % 4 + 1),
            ),
        )

    def comment(self, device: FleetDevice, order: Row, amount: int) -> None:
        self.act(device, lambda write: remarks.add_comment(write, str(order["id"]), f"C{self.next_number()}"))

    def photograph(self, device: FleetDevice, order: Row, amount: int) -> None:
        content = f"picture {self.next_number()}".encode()
        self.act(
            device,
            lambda write: remarks.add_photo(
                write, device.workplace.blobs, str(order["id"]), content=content, media_type="image/png"
            ),
        )

    def follow_up(self, device: FleetDevice, order: Row, amount: int) -> None:
        """Something is found at an item, and an order made for it, in one commit."""
        items = device.rows("checklist_item", str(order["id"]))
        flagged = [item for item in items if item["kind"] == "pass_fail"]
        made: list[str] = []

        def step(write: LocalWrite) -> None:
            item = flagged[amount % len(flagged)]
            self._answer(device, write, item, flag=True)
            made.append(checklists.follow_up(write, str(item["id"])))

        if flagged and self.act(device, step):
            self.orders += made

    # ---- the states of an order

    def start(self, device: FleetDevice, order: Row, amount: int) -> None:
        logs: list[str] = []
        if self.act(device, lambda write: logs.append(visits.start_travel(write, str(order["id"])))):
            self.act(device, lambda write: visits.arrive(write, logs[0], None, reason="No satellites."))
            self.act(device, lambda write: visits.start_work(write, logs[0]))

    def hold_or_resume(self, device: FleetDevice, order: Row, amount: int) -> None:
        logs = device.rows("work_log", str(order["id"]))
        if logs and order["status"] == "on_hold":
            self.act(device, lambda write: visits.resume_work(write, str(logs[-1]["id"])))
        elif logs:
            self.act(device, lambda write: visits.pause_work(write, str(logs[-1]["id"]), reason="A part is missing."))

    def finish(self, device: FleetDevice, order: Row, amount: int) -> None:
        """Take an order from where it stands to the supervisor: start, answer what is missing, sign, complete."""
        order_id = str(order["id"])
        if order["status"] == "assigned":
            self.start(device, order, amount)
        if order["status"] == "on_hold":
            self.hold_or_resume(device, order, amount)
        for item in device.rows("checklist_item", order_id):
            if item["result"] is None:
                self.act(device, partial(self._answer, device, item=item, flag=False))
        self.act(device, lambda write: self._sign(device, write, order_id))

    @staticmethod
    def _sign(device: FleetDevice, write: LocalWrite, order_id: str) -> None:
        hand = device.workplace.hand
        sign_off.sign_performed(write, hand, order_id, strokes=INK)
        sign_off.customer_accepts(write, hand, order_id, printed_name="Customer", strokes=INK)
        sign_off.complete(write, order_id)

    def review(self, device: FleetDevice, order: Row, amount: int) -> None:
        """The supervisor reviews a completed order on his own device, or with his own key on a technician's."""
        done = [row for row in self.seen(device) if row["status"] == "completed"]
        if not done:
            return
        order_id = str(done[amount % len(done)]["id"])
        hand = next(each for each in self.fleet.devices if each.login == "supervisor").workplace.hand
        if amount % 2:
            self.act(device, lambda write: sign_off.approve(write, hand, order_id))
        else:
            self.act(device, lambda write: sign_off.return_work(write, hand, order_id, reason="Do it again."))

    # ---- what people settle

    def settle_conflict(self, device: FleetDevice, order: Row, amount: int) -> None:
        found = device.rows("conflict", str(order["id"]))
        unsettled = [each for each in found if each["resolution"] is None and each["target_entity"] == "work_order"]
        if unsettled:
            conflict = min(unsettled, key=lambda each: (str(each["created_at"]), str(each["field"])))
            self.act(device, lambda write: self._settle(write, conflict, order, amount))

    def _settle(self, write: LocalWrite, conflict: Row, order: Row, amount: int) -> None:
        """Texts keep all their lines, whoever settles; otherwise the loser, what stands now, or a third value wins."""
        name = str(conflict["field"])
        if name in TEXTS:
            text = "\n".join([str(order[name] or ""), token(self.next_number())])
            conflicts.settle(write, str(conflict["id"]), "edited", value=text)
        elif amount % 3 == 0:
            conflicts.settle(write, str(conflict["id"]), "mine")
        elif amount % 3 == 1 or name != "title":
            conflicts.settle(write, str(conflict["id"]), "edited", value=order[name])
        else:
            conflicts.settle(write, str(conflict["id"]), "edited", value=f"T{self.next_number()}")

    def withdraw(self, device: FleetDevice, order: Row, amount: int) -> None:
        device.withdraw_refused()


WORK: Final = (
    *("edit_title", "finish", "review", "settle_conflict") * 3,
    *("edit_two_fields", "add_line", "answer", "use_part", "comment", "start") * 2,
    *("ask_for_another_day", "set_all_ok", "photograph", "follow_up", "hold_or_resume", "withdraw"),
)
"""Steps of people with a device, the telling ones more often."""
