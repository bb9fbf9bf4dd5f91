"""How long finished orders stay with people: which have been finished for long, and that they have left.

An order leaves the scopes of its people and later those of the review so many days after it ended as its organization
wants. That it has left is written down with the moment in which it had ended, so that membership follows from rows
alone, whatever the time is, and an order that is reopened comes back by itself; what has left stays away when windows
become longer. Windows are ended under the clock of the organization only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.storage.membership import ENDED

_OVER = f"""
select o.id, o.ended, case when o.ended <= %(review)s then 2 else 1 end as stage
from (select w.id, {ENDED} as ended from work_order w
  where w.organization_id = %(organization)s and {{which}}) o
where o.ended <= %(user)s"""
_DUE = f"""
select o.id::text from ({_OVER.format(which="w.id > %(after)s")}) o
where not exists (select from scope_window x where x.organization_id = %(organization)s and x.work_order_id = o.id
  and x.ended_at = o.ended and x.stage >= o.stage)
order by o.id limit %(limit)s"""
_END = f"""
insert into scope_window as x (organization_id, work_order_id, ended_at, stage)
select %(organization)s, o.id, o.ended, o.stage from ({_OVER.format(which="w.id = any(%(ids)s::uuid[])")}) o
on conflict (organization_id, work_order_id) do update set ended_at = excluded.ended_at, stage = excluded.stage
where (x.ended_at, x.stage) is distinct from (excluded.ended_at, excluded.stage)
returning work_order_id::text"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Orders that ended at these moments or before have left."""

    user: datetime
    review: datetime

    @classmethod
    def at(cls, moment: datetime, *, days_with_people: int = 14, days_in_review: int = 90) -> "Bounds":
        """Where windows of so many days end at a moment."""
        return cls(user=moment - timedelta(days=days_with_people), review=moment - timedelta(days=days_in_review))


def bounds(connection: Connection[TupleRow], organization_id: str, *, at: datetime) -> Bounds:
    """Where the windows of an organization end at a moment."""
    found = connection.execute(
        "select days_with_people, days_in_review from organization where id = %s", (organization_id,)
    ).fetchone()
    return Bounds.at(at) if found is None else Bounds.at(at, days_with_people=found[0], days_in_review=found[1])


def due(connection: Connection[TupleRow], organization_id: str, bounds: Bounds, *, after: str, limit: int) -> list[str]:
    """Give orders that should have left and have not, in order of ids, after an id."""
    values = {"organization": organization_id, "user": bounds.user, "review": bounds.review}
    found = connection.execute(_DUE.encode(), {**values, "after": after, "limit": limit})
    return [row[0] for row in found]


def end(connection: Connection[TupleRow], organization_id: str, bounds: Bounds, *, ids: Sequence[str]) -> list[str]:
    """Write down that those of some orders have left which are still due; give them. Needs the clock."""
    values = {"organization": organization_id, "user": bounds.user, "review": bounds.review}
    return [row[0] for row in connection.execute(_END.encode(), {**values, "ids": list(ids)})]
