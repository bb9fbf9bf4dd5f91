"""What loses is kept: conflict rows as the policies write them, in the aggregate of what they are about.

Ids follow from what made them, so that a delivery repeated makes no second one. Never settles anything (settling.py)
and never says why in words (why.py).
"""

import msgspec

from sync_server.contract.codec import completed, json_scalar
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.rules import clocks
from sync_server.contract.rules.draft import Actor, Draft, Key, derived_id
from sync_server.contract.rules.merge import is_same

WHOLE_ROW = "deleted_at"
"""Field of a conflict about whether a row is there at all."""
SOFT = "merged"
"""Kind of a conflict row that asks nobody anything."""


class Pair(msgspec.Struct, frozen=True):
    """What a mutation wants for one field: the value that its author saw, and the one that he chose."""

    column: ColumnSpec
    old: Scalar
    new: Scalar


def keep_conflict(
    mutation: Mutation, draft: Draft, *, row: Row, pair: Pair, kind: str, cause: str, actor: Actor, at: str
) -> None:
    """Keep the losing value. `row`: as it stood before the mutation."""
    values = _values(mutation, row, pair, actor)
    keep(mutation, draft, actor=actor, at=at, kind=kind, cause=cause, **values)


def keep_merge(
    mutation: Mutation, draft: Draft, *, row: Row, pair: Pair, merged: Scalar, actor: Actor, at: str
) -> None:
    """Keep both texts of a merge, settled as it was made: nobody is asked, everybody can read it later."""
    values = _values(mutation, row, pair, actor) | {"resolution": "edited", "resolved_value": json_scalar(merged)}
    keep(mutation, draft, actor=actor, at=at, kind=SOFT, cause="merged", resolved_at=at, **values)


def _values(mutation: Mutation, row: Row, pair: Pair, actor: Actor) -> Row:
    is_exact = row["version"] == mutation.base.version + 1 and row["updated_by"] != actor.person_id
    is_of_row = row["id"] == mutation.id  # *set all OK* names many, and its base is the checklist's
    return {
        "target_entity": mutation.entity if is_of_row else "checklist_item",
        "target_id": row["id"],
        "field": pair.column.name,
        "base_value": json_scalar(pair.old),
        "mine_value": json_scalar(pair.new),
        "theirs_value": json_scalar(row[pair.column.name]),
        "theirs_by": row["updated_by"] if is_exact and is_of_row else None,
        "theirs_at": row["updated_at"] if is_exact and is_of_row else None,
    }


def keep_edit_of_deleted(mutation: Mutation, draft: Draft, *, row: Row, actor: Actor, at: str) -> None:
    """Somebody deleted the row meanwhile: it stays deleted, the edit is kept for *restore*."""
    known = REGISTRY[mutation.entity].by_name
    for name, (old, new) in mutation.set.items():
        if name in known and not is_same(known[name], new, old):  # no newer client's column, and edited
            values = {**_deleted(mutation.entity, row), "field": name}
            values |= {"base_value": json_scalar(old), "mine_value": json_scalar(new)}
            keep(mutation, draft, actor=actor, at=at, **values)


def keep_answer_of_deleted(
    mutation: Mutation, draft: Draft, *, row: Row, result: tuple[Scalar, Scalar], actor: Actor, at: str
) -> None:
    """Keep what *set all OK* said about an item that is gone, unless that is what it said before."""
    if row["result"] != result[1]:
        values = {**_deleted("checklist_item", row), "field": "result"}
        values |= {"base_value": json_scalar(result[0]), "mine_value": json_scalar(result[1])}
        keep(mutation, draft, actor=actor, at=at, **values)


def keep_work_on_deleted(mutation: Mutation, draft: Draft, *, root: Key, actor: Actor, at: str) -> None:
    """Work arrived for something that was deleted as a whole: it counts where it belongs, and one row asks about it.

    One for each author and deletion, however much he did.
    """
    row = draft.get(*root)
    if row is None or row["deleted_at"] is None or root[1] == mutation.id:
        return
    conflict_id = derived_id(str(row["id"]), f"work on deleted:{row['deleted_at']}:{actor.person_id}")
    if draft.get("conflict", conflict_id) is None and all(each["id"] != conflict_id for each in draft.conflicts):
        keep(mutation, draft, actor=actor, at=at, id=conflict_id, **_gone(root[0], row))


def keep_deletion_of_edited(mutation: Mutation, draft: Draft, *, row: Row, actor: Actor, at: str) -> None:
    """Somebody deletes a row that another has changed since: it is deleted, and the change is asked about.

    `row`: as it stood, its `updated_by` the author of what the deletion did not know.
    """
    if int(row["version"] or 0) > mutation.base.version and row["updated_by"] not in {None, actor.person_id}:
        deleted = {**row, "deleted_at": at, "updated_by": actor.person_id}
        gone = {**_gone(mutation.entity, deleted), "author_id": row["updated_by"]}
        keep(mutation, draft, actor=actor, at=at, **gone)


def _deleted(entity: str, row: Row) -> Row:
    """Deleting was the last that happened to a deleted row: its stamps say by whom and when."""
    return {
        "target_entity": entity,
        "target_id": row["id"],
        "kind": "deleted",
        "cause": "deleted",
        "theirs_by": row["updated_by"],
        "theirs_at": row["deleted_at"],
    }


def _gone(entity: str, row: Row) -> Row:
    values: Row = {"base_value": json_scalar(None), "mine_value": json_scalar(None)}
    return {**_deleted(entity, row), "field": WHOLE_ROW, "theirs_value": json_scalar(row["deleted_at"]), **values}


def keep(mutation: Mutation, draft: Draft, *, actor: Actor, at: str, **values: Scalar) -> None:
    """Keep a conflict row of these values; its id follows from the mutation, what it is about and the field."""
    conflict_id = derived_id(mutation.mutation_id, f"conflict:{values['target_id']}:{values['field']}")
    audit = {"created_at": at, "created_by": actor.person_id, "updated_at": at, "updated_by": actor.person_id}
    row: Row = {"id": conflict_id, "aggregate_id": mutation.aggregate_id, "mutation_id": mutation.mutation_id}
    row |= {"device_at": clocks.device_at(mutation), "offset_ms": clocks.offset_of(mutation)}
    draft.conflicts.append(completed(REGISTRY["conflict"], {**row, **audit, "author_id": actor.person_id, **values}))
