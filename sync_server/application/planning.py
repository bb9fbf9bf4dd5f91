"""What the office does: edit, assign and reassign orders, and who is in a team. The same policies as for a device.

Each act is one commit. Lists and details are read in office_lists.py, under the office's own role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.access import not_found
from sync_server.application.apply_unit import decide_all
from sync_server.application.incoming import received
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID
from sync_server.contract.fields import Scalar
from sync_server.contract.messages import Base, Clock, Mutation, Verdict
from sync_server.contract.version import MUTATION
from sync_server.errors import Refused, RetryLater
from sync_server.storage.engine import Database

Changes = Mapping[str, tuple[Scalar, Scalar]]
"""Field → (old value that the person saw, new value)."""
TRIES = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation of an office act."""

    type: str
    aggregate_id: str
    id: str
    set: Changes

    @property
    def entity(self) -> str:
        """Entity that the type names."""
        return self.type.rpartition(".")[0]


Steps = Callable[[Connection[TupleRow]], list[Step]]
"""Gives the steps of an act, read in its own transaction."""
Along = Callable[[Connection[TupleRow]], None]
"""Writes what goes along with an act, in its transaction."""


def act(database: Database, caller: Caller, steps: list[Step], *, at: str, along: Along | None = None) -> list[Verdict]:
    """Carry out steps as one group. Raises Refused with the first refusal, having written nothing."""
    return _act_on(database, caller, lambda _: steps, at, along=along)


def must_be_id(text: str) -> None:
    """What an address names by something that is no id is not there."""
    if not GUID.fullmatch(text):
        raise not_found()


def _act_on(database: Database, caller: Caller, steps: Steps, at: str, *, along: Along | None = None) -> list[Verdict]:
    for attempt in range(1, TRIES + 1):
        try:
            with database.transaction("app_sync", caller.organization_id) as connection:
                verdicts = _act(connection, caller, steps(connection), at)
                if along is not None:
                    along(connection)
                return verdicts
        except RetryLater:
            if attempt == TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def _act(connection: Connection[TupleRow], caller: Caller, steps: list[Step], at: str) -> list[Verdict]:
    group = str(uuid7())
    mutations = [_mutation(caller, step, group, at) for step in steps]
    batch = [received(mutation) for mutation in mutations]
    commit, verdicts = decide_all(connection, caller, [batch])
    for mutation, verdict in zip(mutations, verdicts, strict=True):
        is_request = verdict.status == "conflict" and mutation.entity == "work_order_assignment"
        if verdict.status == "held":  # what he has no more is not there for him; here nothing can be lost by saying so
            raise not_found()
        if is_request:  # an order is given here; whoever may only ask does so on his device
            raise Refused("not_allowed", "You may not change this record.")
        if verdict.status == "rejected" and verdict.code != "group_refused":
            raise Refused(verdict.code or "bad_request", verdict.reason or "")
    return [msgspec.structs.replace(verdict, commit_seq=commit.seq) for verdict in verdicts]


def _mutation(caller: Caller, step: Step, group: str, at: str) -> Mutation:
    return Mutation(
        mutation_id=str(uuid7()),
        device=caller.device_id,
        user=caller.person_id,
        group=group,
        type=step.type,
        v=MUTATION,
        aggregate_id=step.aggregate_id,
        entity=step.entity,
        id=step.id,
        base=Base(epoch="", version=2**31 - 1, seq=0),
        set=dict(step.set),
        at=Clock(device=at),
    )


def edit_order(database: Database, caller: Caller, order_id: str, changes: Changes, *, at: str) -> list[Verdict]:
    """Change fields of an order, three-way like everybody else's edit."""
    must_be_id(order_id)
    return act(database, caller, [Step("work_order.set", order_id, order_id, changes)], at=at)


def assign(
    database: Database,
    caller: Caller,
    order_id: str,
    *,
    person_id: str | None = None,
    team_id: str | None = None,
    contractor_id: str | None = None,
    at: str,
) -> list[Verdict]:
    """Give an order to a person, a team or a company and to nobody else; a new order becomes assigned."""
    must_be_id(order_id)

    def steps(connection: Connection[TupleRow]) -> list[Step]:
        current, status = _assignments(connection, caller, order_id)
        found = [Step("work_order_assignment.delete", order_id, id_, {}) for id_ in current]
        whom = {"person_id": person_id, "team_id": team_id, "contractor_id": contractor_id}
        new: Changes = {"work_order_id": (None, order_id), **{name: (None, value) for name, value in whom.items()}}
        found.append(Step("work_order_assignment.create", order_id, str(uuid7()), new))
        if status == "new":
            found.append(Step("work_order.set", order_id, order_id, {"status": ("new", "assigned")}))
        return found

    return _act_on(database, caller, steps, at)


def _assignments(connection: Connection[TupleRow], caller: Caller, order_id: str) -> tuple[list[str], str]:
    """Lock an order, so that nobody else assigns it meanwhile; read its live assignments and its state."""
    order = connection.execute(
        "select status from work_order where organization_id = %s and id = %s for no key update",
        (caller.organization_id, order_id),
    ).fetchone()
    if order is None:
        raise not_found()
    found = connection.execute(
        "select id::text from work_order_assignment where organization_id = %s and work_order_id = %s"
        " and deleted_at is null order by 1",
        (caller.organization_id, order_id),
    ).fetchall()
    return [row[0] for row in found], order[0]


def join_team(database: Database, caller: Caller, team_id: str, person_id: str, *, at: str) -> list[Verdict]:
    """Put a person into a team; its orders are his from now on."""
    must_be_id(team_id)
    values: Changes = {"team_id": (None, team_id), "person_id": (None, person_id)}
    return act(database, caller, [Step("team_member.create", team_id, str(uuid7()), values)], at=at)
