"""Whether an order that is new or assigned says so rightly: it is assigned as long as somebody has it (D-199).

Policies find rows by id and never see who else has an order, so what two people do about it at once is put right here,
under the lock of the order, in the same commit. Orders that are further on are left alone. What a company is called
that has an order no policy can know either: that is written here as well.
"""

from collections.abc import Iterable, Iterator

from sync_server.application import held_mutations
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.assigning import ASSIGNMENT
from sync_server.errors import Refused
from sync_server.storage.translation import IN_THE_WAY

WAITING = frozenset({"new", "assigned"})
"""States that follow from whether somebody has the order."""


def put_right(work: UnitOfWork, mutations: Iterable[Mutation], *, at: str) -> None:
    """Let the orders whose holders a group has changed, or that it makes new, say whether somebody has them."""
    concerned = tuple(dict.fromkeys(_concerned(work, mutations)))
    if concerned:  # an ordinary change looks at nothing
        _name_contractors(work)
    for order_id in concerned:
        key = ("work_order", order_id)
        order, given = work.get(*key), _changed(work, order_id)
        if order is None or order["status"] not in WAITING or not (given or key in work.changed):
            continue
        state = "assigned" if _is_somebodys(work, order_id, given) else "new"
        if order["status"] != state:
            work.put({key: {**order, "status": state, "updated_at": at, "updated_by": work.actor_id}})


def _name_contractors(work: UnitOfWork) -> None:
    """Write the name of its contractor into each assignment that has none yet: no device knows them (D-235).

    Raises:
        Refused: There is no such contractor, or it gets no orders any more.
    """
    nameless = {
        key: row
        for key, row in work.changed.items()
        if key[0] == ASSIGNMENT and row["contractor_id"] is not None and row["contractor_name"] is None
    }
    if not nameless:
        return
    found = work.connection.execute(
        "select id::text, name from contractor where organization_id = %s and id = any(%s::uuid[])"
        " and deleted_at is null",
        (work.organization_id, [row["contractor_id"] for row in nameless.values()]),
    )
    names: dict[object, str] = dict(found.fetchall())
    if any(row["contractor_id"] not in names for row in nameless.values()):
        raise Refused("conflicting_reference", IN_THE_WAY)
    work.put({key: {**row, "contractor_name": names.get(row["contractor_id"])} for key, row in nameless.items()})


def _changed(work: UnitOfWork, order_id: str) -> list[Row]:
    """Assignments of an order that are about to be written."""
    return [
        row for (entity, _), row in work.changed.items() if entity == ASSIGNMENT and row["aggregate_id"] == order_id
    ]


def _concerned(work: UnitOfWork, mutations: Iterable[Mutation]) -> Iterator[str]:
    for mutation in mutations:
        if mutation.entity == ASSIGNMENT or _makes_new(mutation):
            yield mutation.aggregate_id
        elif mutation.entity == "conflict":
            conflict = work.loaded.get(("conflict", mutation.id))
            if conflict is not None and (conflict["target_entity"] == ASSIGNMENT or conflict["field"] == "status"):
                yield mutation.aggregate_id
        elif mutation.entity == "held_mutation":
            yield from _concerned(work, held_mutations.bodies([work.loaded.get(("held_mutation", mutation.id))]))


def _makes_new(mutation: Mutation) -> bool:
    return mutation.type == "work_order.set" and mutation.set.get("status", (None, None))[1] == "new"


def _is_somebodys(work: UnitOfWork, order_id: str, given: Iterable[Row]) -> bool:
    """Whether anybody has an order once `given` is written."""
    found = work.connection.execute(
        "select id::text from work_order_assignment"
        " where organization_id = %s and work_order_id = %s and deleted_at is null",
        (work.organization_id, order_id),
    )
    live = {row_id for (row_id,) in found} - {str(row["id"]) for row in given}
    return bool(live) or any(row["deleted_at"] is None for row in given)
