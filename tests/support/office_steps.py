"""What the office and the administrator do in a history made by chance: each a step that a rule may refuse.

Several may act at once, each in a thread of his own.
"""

from contextlib import suppress
from typing import Final

from sync_server.errors import Refused, RetryLater
from tests.support.history_steps import PRIORITIES, HistorySteps
from tests.support.mutation_ledger import token
from tests.support.server_side import NOW, a_row

Step = tuple[str, int, int]
"""What, on which of the orders, with which choices."""


class OfficeSteps:
    """The office of the fleet in which the others take their steps."""

    def __init__(self, steps: HistorySteps, site_ids: list[str]) -> None:
        self.steps = steps
        self.fleet = steps.fleet
        self.site_ids = site_ids

    def act(self, step: Step) -> None:
        """Take a step on one of the orders that have reached the server."""
        name, order, amount = step
        known = self._known()
        self.act_on(known[order % len(known)], name, amount)

    def act_on(self, order_id: str, name: str, amount: int) -> None:
        """Take a step on an order, if it has reached the server; rules may refuse it, or the clock be taken."""
        if order_id in self._known():
            with suppress(Refused, RetryLater):
                getattr(self, name)(order_id, amount)

    def _known(self) -> list[str]:
        at_server = {str(row["id"]) for row in self.fleet.organization.rows("work_order")}
        return [each for each in self.steps.orders if each in at_server]

    # ---- planning

    def edits(self, order_id: str, amount: int) -> None:
        number = self.steps.next_number()
        office = self.fleet.office
        name, value = (
            ("title", f"O{number}"),
            ("priority", PRIORITIES[number % 4]),
            ("description", f"{token(number)}\n{office.order(order_id)['description'] or ''}"),
            ("due_at", f"2026-05-{number % 28 + 1:02}T08:00:00.000000Z"),
        )[amount % 4]
        office.edit(order_id, **{name: value})

    def assigns(self, order_id: str, amount: int) -> None:
        login = ("technician", "technician2", None, "technician3")[amount % 4]
        self.fleet.office.assign(order_id, login=login, for_team=login is None)

    def cancels(self, order_id: str, amount: int) -> None:
        self.fleet.office.edit(order_id, status="cancelled")

    def changes_the_team(self, order_id: str, amount: int) -> None:
        login = ("technician", "technician2", "technician3")[amount % 3]
        if amount % 2:
            self.fleet.office.leave_team(login)
        else:
            self.fleet.office.join_team(login)

    # ---- administration

    def changes_an_access(self, order_id: str, amount: int) -> None:
        """Somebody loses a site, or may enter it from now on, as a technician or as a supervisor."""
        login = ("technician2", "technician3", "supervisor")[amount % 3]
        site_id, role = self.site_ids[amount // 3 % 2], ("technician", "supervisor")[amount // 6 % 2]
        person_id, organization = self.fleet.small.people[login], self.fleet.organization
        live = [
            row
            for row in organization.rows("site_access")
            if (row["person_id"], row["site_id"], row["deleted_at"]) == (person_id, site_id, None)
        ]
        if not live:
            row = a_row("site_access", aggregate_id=person_id, person_id=person_id, site_id=site_id, role=role)
            organization.commit([("site_access", row)])
        elif live[0]["role"] == role:
            organization.change("site_access", live[0]["id"], deleted_at=NOW)
        else:
            organization.change("site_access", live[0]["id"], role=role)


OFFICE: Final = (*("edits", "assigns") * 3, *("changes_the_team",) * 2, "cancels", "changes_an_access")
"""Steps of the office, the telling ones more often."""
