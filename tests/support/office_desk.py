"""The office of a fleet: a planner who works in the server's database, through the same functions as its routes."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from sync_server.application import planning
from sync_server.application.planning import Changes, Step
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Verdict
from tests.support.mutation_ledger import Clock, Ledger
from tests.support.small_site import SmallSite


@dataclass
class OfficeDesk:
    """What the office does, with everything that it writes noted in the ledger."""

    small: SmallSite
    ledger: Ledger
    clock: Clock
    verdicts: list[Verdict] = field(default_factory=list)
    _assigning: Lock = field(default_factory=Lock)

    @property
    def _caller(self) -> Caller:
        return Caller(self.small.organization.id, self.small.people["planner"], str(uuid4()))

    def order(self, order_id: str) -> Row:
        """The order as it stands on the server."""
        return self.small.organization.stands("work_order", order_id)

    def edit(self, order_id: str, **values: Scalar) -> None:
        """Change fields of an order from what stands."""
        row = self.order(order_id)
        self.change(order_id, {name: (row[name], value) for name, value in values.items()})

    def change(self, order_id: str, changes: Changes) -> None:
        """Change fields from values that the office saw, perhaps some time ago."""
        database = self.small.organization.database
        # A state that changes between the question of `assign` and its act would be noted as what it was.
        with self._assigning if "status" in changes else nullcontext():
            done = planning.edit_order(database, self._caller, order_id, changes, at=self._at())
        self._note(done, order_id, changes)

    def delete(self, entity: str, row_id: str, aggregate_id: str | None = None) -> None:
        """Delete a record; one inside an order names the order."""
        root_id = aggregate_id or row_id
        steps = [Step(f"{entity}.delete", root_id, row_id, {})]
        done = planning.act(self.small.organization.database, self._caller, steps, at=self._at())
        self._note(done, root_id if entity == "work_order" else "", {})

    def assign(self, order_id: str, *, login: str | None = None, for_team: bool = False) -> None:
        """Give an order to a person or to the team, and to nobody else."""
        person_id = self.small.people[login] if login else None
        team_id = self.small.team_id if for_team else None
        database = self.small.organization.database
        with self._assigning:  # whether it becomes assigned by this act is asked before
            before = self.order(order_id)["status"]
            done = planning.assign(
                database, self._caller, order_id, person_id=person_id, team_id=team_id, at=self._at()
            )
        changes: Changes = {"status": ("new", "assigned")} if before == "new" else {}
        self._note(done[-1:], order_id, changes)

    def access_of(self, login: str) -> Row:
        """Somebody's access to the site, taken back or not."""
        (access,) = [
            row
            for row in self.small.organization.rows("site_access")
            if row["person_id"] == self.small.people[login] and row["site_id"] == self.small.site_id
        ]
        return access

    def give_role(self, login: str, role: str) -> None:
        """Another role, at the site and everywhere; written as an import does."""
        person = self.small.organization.stands("person", self.small.people[login])
        changed = [("person", {**person, "role": role}), ("site_access", {**self.access_of(login), "role": role})]
        self.small.organization.commit(changed)

    def join_team(self, login: str) -> None:
        """Put somebody into the team, unless he is in it."""
        if not self._memberships(login):
            database, person_id = self.small.organization.database, self.small.people[login]
            self._note(planning.join_team(database, self._caller, self.small.team_id, person_id, at=self._at()), "", {})

    def leave_team(self, login: str) -> None:
        """Take somebody out of the team."""
        steps = [Step("team_member.delete", self.small.team_id, row_id, {}) for row_id in self._memberships(login)]
        if steps:
            self._note(planning.act(self.small.organization.database, self._caller, steps, at=self._at()), "", {})

    def _memberships(self, login: str) -> list[str]:
        rows = self.small.organization.rows("team_member")
        person_id = self.small.people[login]
        return [str(row["id"]) for row in rows if row["person_id"] == person_id and row["deleted_at"] is None]

    def _at(self) -> str:
        return instant_text(self.clock())

    def _note(self, done: list[Verdict], order_id: str, changes: Changes) -> None:
        self.verdicts += done
        seq = done[-1].commit_seq
        assert seq is not None
        self.ledger.note_office(seq, done[-1].mutation_id, order_id, dict(changes))
