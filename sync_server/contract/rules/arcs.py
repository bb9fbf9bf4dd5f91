"""Rows that are about one thing out of several kinds: one reference for each kind, of which exactly one is named.

Pure. What a row is about is the root of its aggregate, so it is seen, kept and lost with it, and no row of a stranger's
can be pointed at.
"""

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Row
from sync_server.contract.messages import Mutation
from sync_server.contract.rules.draft import Draft, Key, roots_of


def check(spec: EntitySpec, values: Row, aggregate_id: str) -> None:
    """Check what a new row says that it is about.

    Raises:
        InvalidValueError: it is about nothing, about several things, or about another root than its own.
    """
    named = [name for name in spec.arc if values.get(name) is not None]
    if len(named) != 1:
        raise InvalidValueError("a record is about one thing")
    if values[named[0]] != aggregate_id:
        raise InvalidValueError("a record cannot belong to another thing than it is about")


def roots(mutation: Mutation) -> list[Key]:
    """Keys under which the root of a mutation may be found; only the kind that a new row names, where it names one."""
    keys, spec = roots_of(mutation.entity, mutation.aggregate_id), REGISTRY[mutation.entity]
    if not spec.arc:
        return keys  # nearly all: asked for each mutation of a push
    named = {spec.by_name[name].references for name in spec.arc if mutation.set.get(name, (None, None))[1] is not None}
    return [key for key in keys if key[0] in named] if named else keys


def hang_file(draft: Draft, row: Row) -> None:
    """Let a photo that was added to a remark which is not there, or is about something else, stand for itself.

    It stays with the thing, where everybody sees it, and nobody learns which of the two it was.
    """
    if row["comment_id"] is None:
        return
    remark = draft.get("comment", str(row["comment_id"]))
    if remark is None or remark["aggregate_id"] != row["aggregate_id"]:
        row["comment_id"] = None


def hang(draft: Draft, row: Row) -> None:
    """Hang a new remark where it is read: an answer to an answer goes to the same remark, so nothing grows deep.

    What answers a remark that is not there, or is about something else, stands alone: nobody learns which.
    """
    if row["parent_id"] is None:
        return
    answered = draft.get("comment", str(row["parent_id"]))
    is_there = answered is not None and answered["aggregate_id"] == row["aggregate_id"]
    if answered is None or not is_there or answered["id"] == row["id"]:
        row["parent_id"] = None
    elif answered["parent_id"] is not None:
        row["parent_id"] = answered["parent_id"]
