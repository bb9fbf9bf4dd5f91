"""Rules of an organization, as they lie in the database. Decides nothing and follows none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

COLUMNS = (
    "id::text, name, event, conditions, action, tag_id::text, priority, work_order_template_id::text, off_at,"
    " off_because"
)
_LIVE = f"""
select {COLUMNS} from rule where organization_id = %s and off_at is null and event = any(%s)
order by created_at, id"""
_ALL = f"select {COLUMNS} from rule where organization_id = %s order by off_at is not null, created_at, id"


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One rule. `off_at`: None: it is on."""

    id: str
    name: str
    event: str
    conditions: str
    action: str
    tag_id: str | None = None
    priority: str | None = None
    work_order_template_id: str | None = None
    off_at: datetime | None = None
    off_because: str | None = None


def live(connection: Connection[TupleRow], organization_id: str, events: Collection[str]) -> list[OwnRule]:
    """Give those that are on and look at any of some events, the oldest first."""
    with connection.cursor(row_factory=class_row(OwnRule)) as cursor:
        return cursor.execute(_LIVE.encode(), (organization_id, sorted(events))).fetchall()


def listed(connection: Connection[TupleRow], organization_id: str) -> list[OwnRule]:
    """Give all of them, those that are on first."""
    with connection.cursor(row_factory=class_row(OwnRule)) as cursor:
        return cursor.execute(_ALL.encode(), (organization_id,)).fetchall()


def insert(connection: Connection[TupleRow], organization_id: str, rule: OwnRule) -> None:
    """Write a new one down."""
    connection.execute(
        "insert into rule (organization_id, id, name, event, conditions, action, tag_id, priority,"
        " work_order_template_id, created_at, updated_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), clock_timestamp())",
        (
            organization_id,
            rule.id,
            rule.name,
            rule.event,
            rule.conditions,
            rule.action,
            rule.tag_id,
            rule.priority,
            rule.work_order_template_id,
        ),
    )


def switch_off(connection: Connection[TupleRow], organization_id: str, rule_id: str, *, because: str) -> bool:
    """Switch one off for good; False: it was off before."""
    done = connection.execute(
        "update rule set off_at = clock_timestamp(), off_because = %s, updated_at = clock_timestamp()"
        " where organization_id = %s and id = %s and off_at is null",
        (because, organization_id, rule_id),
    )
    return done.rowcount == 1
