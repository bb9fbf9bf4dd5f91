"""The activity log for an administrator: what was done, with what is still known of it, and forgetting people in it."""

from dataclasses import dataclass
from typing import Any

import msgspec

from sync_server.contract.codec import GUID
from sync_server.errors import Refused
from sync_server.storage import activity_log
from sync_server.storage.activity_lines import Line, newest_lines
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database

FORGOTTEN = "(forgotten)"


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it can be told today: its body with what commitments stand for, or that it is forgotten."""

    seq: int
    at: str
    hash: str
    body: dict[str, Any]
    actor: str | None
    """Name of who did it, as the organization calls him now."""


def told(
    database: Database,
    organization_id: str,
    *,
    act: str | None = None,
    concerning: str | None = None,
    since: str | None = None,
    count: int,
) -> list[Told]:
    """Give the newest lines that are asked for, the oldest first. Arguments as for `newest_lines`.

    Raises:
        Refused: `concerning` is no id.
    """
    if concerning is not None and not GUID.fullmatch(concerning):
        raise Refused("bad_request", "An id is written as in the list, all of it.")
    with database.transaction("worker", organization_id, read_only=True) as connection:
        lines = newest_lines(connection, organization_id, act=act, concerning=concerning, since=since, count=count)
        found = connection.execute(
            "select id::text, name from person where organization_id = %s and id = any(%s::uuid[])",
            (organization_id, sorted({line.actor_id for line in lines if line.actor_id})),
        )
        names = {str(id_): str(name) for id_, name in found}
    return [_told(line, names) for line in lines]


def forget(database: Database, organization_id: str, person_id: str) -> int:
    """Forget what the log has of a person; give how many values. The log itself says that it was done, and holds."""
    with database.transaction("worker", organization_id) as connection:
        (count,) = connection.execute("select forget_activity(%s)", (person_id,)).fetchone() or (0,)
        if count:
            activity_log.append(connection, [Entry("activity.forgotten", row_id=person_id, new={"values": count})])
    return int(count)


def _told(line: Line, names: dict[str, str]) -> Told:
    body: dict[str, Any] = msgspec.json.decode(line.body)
    known = {each.path: FORGOTTEN if each.value is None else msgspec.json.decode(each.value) for each in line.values}
    for name in ("account", "address"):
        body[name] = known.get(f"/{name}", FORGOTTEN if body[name] else None)
    for side in ("old", "new"):
        body[side] = {
            name: known.get(f"/{side}/{name}", FORGOTTEN) if isinstance(value, dict) and "c" in value else value
            for name, value in body[side].items()
        }
    return Told(line.seq, line.received_at, line.hash, body, names.get(line.actor_id or ""))
