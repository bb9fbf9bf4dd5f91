"""Where records of the office are written: one transaction of one person, with his rights and what is to be told of it.

Every act is one transaction as `app_sync`; the lines of the activity log are its last statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.application.office_lists import office_reading
from sync_server.authz.visibility import Caller, load_actors
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import Place, may
from sync_server.errors import Refused
from sync_server.storage import activity_log, office_records
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.record_kinds import RecordKind


@dataclass(slots=True)
class Desk:
    """One person at work in one transaction.

    Attributes:
        at: Instant of all that he writes, by the server's clock.
        told: Lines for the activity log.
    """

    connection: Connection[TupleRow]
    organization_id: str
    actor: Actor
    at: str
    told: list[Entry] = field(default_factory=list)

    def require(self, resource: str, action: str, place: Place | None = None) -> None:
        """Refuse what the matrix does not let him do; without a place: of all sites."""
        refuse(may(self.actor, resource, action, place or Place(None)))

    def seen(self, kind: RecordKind, row_id: object) -> Row:
        """Read a live row without holding it. Raises Refused when there is none."""
        is_id = GUID.fullmatch(str(row_id)) is not None
        found = is_id and office_records.rows(self.connection, self.organization_id, kind, {"id": str(row_id)}, limit=1)
        if not found:
            raise not_found()
        return found[0]

    def locked(self, kind: RecordKind, row_id: object) -> Row:
        """Read a row that he is about to change. Raises Refused when there is none, or it is deleted."""
        found = self.locked_or_deleted(kind, row_id)
        if found.get("deleted_at") is not None:
            raise not_found()
        return found

    def locked_or_deleted(self, kind: RecordKind, row_id: object) -> Row:
        """Read a row that he is about to change, deleted or not. Raises Refused when there is none."""
        if not GUID.fullmatch(str(row_id)):
            raise not_found()
        found = office_records.locked(self.connection, self.organization_id, kind, row_id)
        if found is None:
            raise not_found()
        return found

    def change(self, kind: RecordKind, row: Row, **values: Scalar) -> None:
        """Write other values into a row."""
        stamps: Row = {"updated_at": self.at, "updated_by": self.actor.person_id}
        office_records.change(self.connection, self.organization_id, kind, row["id"], {**values, **stamps})

    def site_of(self, entity: str, row_id: object) -> str:
        """Give the site of an order or asset that he may know of. Raises Refused for any other, and for none."""
        is_id = GUID.fullmatch(str(row_id)) is not None
        site_id = office_records.site_of(self.connection, self.organization_id, entity, row_id) if is_id else None
        if site_id is None or self.actor.role_at(site_id) is None:
            raise not_found()
        return site_id

    def tell(self, act: str, row: Row, *, old: Row | None = None, new: Row | None = None) -> None:
        """Note a line for the activity log."""
        entry = Entry(act, row_id=str(row["id"]), actor_id=self.actor.person_id, old=old or {}, new=new or {})
        self.told.append(entry)


def refuse(problem: Problem | None) -> None:
    """Raise what a rule said, if it said anything."""
    if problem is not None:
        raise Refused(problem.code, problem.sentence)


@contextmanager
def writing(database: Database, author: Caller) -> Iterator[Desk]:
    """Open a desk for somebody; what he did there counts when the block ends."""
    with database.transaction("app_sync", author.organization_id) as connection:
        actor = load_actors(connection, author.organization_id, [author.person_id]).get(author.person_id)
        if actor is None:
            raise not_found()
        desk = Desk(connection, author.organization_id, actor, instant_text(datetime.now(UTC)))
        yield desk
        activity_log.append(connection, desk.told)


@contextmanager
def reading(database: Database, caller: Caller) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that reads what the office may see at the caller's sites. Raises Refused for anybody else."""
    with office_reading(database, caller) as connection:
        actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
        if actor is None or not is_office(actor):
            raise Refused("not_allowed", "Only the office reads these records.")
        yield connection


def is_office(actor: Actor) -> bool:
    """Whether somebody belongs to the office anywhere."""
    return any(actor.is_office_at(site_id) for site_id in (None, *actor.site_roles))
