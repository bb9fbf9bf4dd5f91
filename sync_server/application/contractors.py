"""Companies whose people work on orders: kept by command, and shown to the office with what they have open.

Orders are given to its people and teams as ever, or to the company itself, whoever comes then; so the office sees whose
insurance ends before the work is due. Nothing here gives or takes an order.
"""

import uuid
from datetime import UTC, date, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.named_rows import TEAM, only
from sync_server.application.office_lists import office_reading
from sync_server.application.permissions import person_with_login
from sync_server.authz.visibility import Caller
from sync_server.errors import Refused
from sync_server.storage.engine import Database
from sync_server.storage.membership import FINISHED

_KNOWN = "select id::text from contractor where organization_id = %s and code = %s and deleted_at is null"
_OPEN = """
select count(distinct o.id) from work_order_assignment a
join work_order o on o.organization_id = %(organization)s and o.id = a.work_order_id
where a.organization_id = %(organization)s and a.contractor_id = %(id)s and a.deleted_at is null
  and o.deleted_at is null and o.status <> all (%(finished)s)
"""
_TOLD = """
with everybody as (
  select m.contractor_id, m.person_id from contractor_member m
  where m.organization_id = %(organization)s and m.person_id is not null
  union select m.contractor_id, t.person_id from contractor_member m
  join team_member t on t.organization_id = %(organization)s and t.team_id = m.team_id and t.deleted_at is null
  where m.organization_id = %(organization)s),
given as (
  select e.contractor_id, a.work_order_id from everybody e join work_order_assignment a
    on a.organization_id = %(organization)s and a.person_id = e.person_id and a.deleted_at is null
  union select m.contractor_id, a.work_order_id from contractor_member m join work_order_assignment a
    on a.organization_id = %(organization)s and a.team_id = m.team_id and a.deleted_at is null
  where m.organization_id = %(organization)s
  union select a.contractor_id, a.work_order_id from work_order_assignment a
  where a.organization_id = %(organization)s and a.contractor_id is not null and a.deleted_at is null),
theirs as (
  select g.contractor_id, greatest(o.due_at, %(now)s) as due_at from given g
  join work_order o on o.organization_id = %(organization)s and o.id = g.work_order_id
  where o.deleted_at is null and o.status <> all (%(finished)s))
select c.id::text, c.code, c.name, c.insured_until::text,
  (select count(*) from everybody e where e.contractor_id = c.id),
  count(o.due_at), count(o.due_at) filter (where (o.due_at at time zone 'UTC')::date > c.insured_until),
  c.deleted_at is not null
from contractor c left join theirs o on o.contractor_id = c.id where c.organization_id = %(organization)s
group by c.id, c.code, c.name, c.insured_until, c.deleted_at having c.deleted_at is null or count(o.due_at) > 0
order by c.code, c.deleted_at nulls first, c.id
"""


class Contractor(msgspec.Struct, frozen=True):
    """A company: its last insured day, how many people it has, and orders that they have open at sites that are seen.

    `uninsured_orders`: those that are due, or open still, after that day; none while nobody said which it is.
    `has_ended`: it gets no orders any more, and is told as long as it has open ones.
    """

    id: str
    code: str
    name: str
    insured_until: str | None
    people: int
    open_orders: int
    uninsured_orders: int
    has_ended: bool = False


def contractors(database: Database, caller: Caller) -> list[Contractor]:
    """Give the companies by code, with the open orders at the caller's sites. Who is in no office sees none."""
    with office_reading(database, caller) as connection:
        (sites,) = connection.execute("select current_setting('app.site_ids', true)").fetchone() or ("",)
        return told(connection, caller.organization_id, now=datetime.now(UTC)) if sites else []


def told(connection: Connection[TupleRow], organization_id: str, *, now: datetime) -> list[Contractor]:
    """Tell as `contractors` does, with a connection that sees some sites."""
    asked = {"organization": organization_id, "now": now, "finished": list(FINISHED)}
    return [Contractor(*row) for row in connection.execute(_TOLD.encode(), asked)]


def put_contractor(
    database: Database, organization_id: str, code: str, *, name: str | None = None, insured_until: date | None = None
) -> None:
    """Make a company, or change the one with its code; what is None stays as it was.

    Raises:
        Refused: A value cannot be, or a new one has no name.
    """
    for value, called, most in ((code, "The code", 60), (name, "The name", 200)):
        if value is not None and not (1 <= len(value.strip()) <= most and value.strip().isprintable()):
            raise Refused("invalid_value", f"{called} must have 1 to {most} characters.")
    asked = {
        "organization": organization_id,
        "id": str(uuid.uuid4()),
        "code": code.strip(),
        "name": None if name is None else name.strip(),
        "until": insured_until,
    }
    with database.transaction("worker", organization_id) as connection:
        changed = connection.execute(
            "update contractor set name = coalesce(%(name)s, name), insured_until = coalesce(%(until)s, insured_until),"
            " updated_at = clock_timestamp() where organization_id = %(organization)s and code = %(code)s"
            " and deleted_at is null",
            asked,
        )
        if changed.rowcount:
            return
        if name is None:
            raise Refused("invalid_value", "Say first what people call the contractor, with --name.")
        connection.execute(
            "insert into contractor (organization_id, id, code, name, insured_until, created_at, updated_at) values"
            " (%(organization)s, %(id)s, %(code)s, %(name)s, %(until)s, clock_timestamp(), clock_timestamp())",
            asked,
        )


def belongs(
    database: Database, organization_id: str, code: str, *, login: str | None = None, team: str | None = None
) -> None:
    """Let a person or a team belong to a company. Again changes nothing.

    Raises:
        Refused: There is no such company, person or team, or it belongs to another one.
    """
    person_id = None if login is None else person_with_login(database, organization_id, login)
    with database.transaction("worker", organization_id) as connection:
        (contractor_id,) = only(connection, f"{_KNOWN} for share", organization_id, code, called=f"contractor {code}")
        team_id = None
        if team is not None:
            (team_id,) = only(connection, TEAM, organization_id, team, called=f"team called {team}")
        connection.execute(
            "insert into contractor_member (organization_id, id, contractor_id, person_id, team_id, created_at)"
            " values (%s, %s, %s, %s, %s, clock_timestamp()) on conflict do nothing",
            (organization_id, str(uuid.uuid4()), contractor_id, person_id, team_id),
        )
        standing = connection.execute(
            "select contractor_id::text from contractor_member where organization_id = %s"
            " and (person_id = %s or team_id = %s)",
            (organization_id, person_id, team_id),
        ).fetchone()
        if standing is None or standing[0] != contractor_id:
            raise Refused("not_allowed", f"{login or team} belongs to another contractor. Take it out there first.")


def end(database: Database, organization_id: str, code: str) -> int:
    """Let a contractor get no orders and have no people any more; give how many orders it has open.

    Raises:
        Refused: There is no such contractor.
    """
    with database.transaction("worker", organization_id) as connection:
        (contractor_id,) = only(connection, f"{_KNOWN} for update", organization_id, code, called=f"contractor {code}")
        named = {"organization": organization_id, "id": contractor_id, "finished": list(FINISHED)}
        connection.execute(
            "delete from contractor_member where organization_id = %(organization)s and contractor_id = %(id)s", named
        )
        connection.execute(
            "update contractor set deleted_at = clock_timestamp(), updated_at = clock_timestamp()"
            " where organization_id = %(organization)s and id = %(id)s",
            named,
        )
        (count,) = connection.execute(_OPEN.encode(), named).fetchone() or (0,)
    return int(count)


def leaves(database: Database, organization_id: str, *, login: str | None = None, team: str | None = None) -> None:
    """Let a person or a team belong to no company. Raises Refused when there is no such person or team."""
    person_id = None if login is None else person_with_login(database, organization_id, login)
    with database.transaction("worker", organization_id) as connection:
        team_id = None
        if team is not None:
            (team_id,) = only(connection, TEAM, organization_id, team, called=f"team called {team}")
        connection.execute(
            "delete from contractor_member where organization_id = %s and (person_id = %s or team_id = %s)",
            (organization_id, person_id, team_id),
        )
