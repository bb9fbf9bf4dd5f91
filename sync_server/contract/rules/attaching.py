"""What is on a thing at most once, whoever puts it there first: its id follows from the thing and what is put on it.

Pure. Two devices without network make the same row; the second one to arrive finds it there, and nobody is refused.
"""

from collections.abc import Mapping
from typing import Final

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Actor, Draft, derived_id

ATTACHED: Final[Mapping[str, str]] = {"entity_tag": "tag_id", "custom_field_value": "field_id"}
"""Entity → the column that says what is put on the thing; there is one row for each pair."""


def attached_id(entity: str, about_id: str, what_id: str) -> str:
    """Id of the row by which something is on a thing."""
    return derived_id(about_id, f"{entity}:{what_id}")


def check_id(entity: str, row: Row) -> None:
    """Check that a new row has the id that follows from what it says.

    Raises:
        InvalidValueError: it has another one.
    """
    if row["id"] != attached_id(entity, str(row["aggregate_id"]), str(row[ATTACHED[entity]])):
        raise InvalidValueError("the id of a record must follow from what it is about")


def put_again(draft: Draft, entity: str, *, standing: Row, actor: Actor, at: str) -> Row:
    """Let what was taken off be there again; what is there stays as it is."""
    if standing["deleted_at"] is None:
        return standing
    return draft.change(entity, standing, deleted_at=None, updated_at=at, updated_by=actor.person_id)
