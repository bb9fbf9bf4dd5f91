"""Tells the office of papers that expire soon, once each, and takes notifications that are old from devices.

What is old is deleted by a commit, long before its month is detached: no device holds what the server has put away.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.incoming import NIL
from sync_server.application.notices import Notice, office_of, rows_of
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key
from sync_server.contract.rules.notifying import NOTIFICATION
from sync_server.routines.steps import Rest, rested, without_rest
from sync_server.storage.engine import Database

SOON = timedelta(days=30)
"""So long before its last day a paper is told."""
KEPT = timedelta(days=90)
BATCH = 100
"""Papers, or notifications, of one commit."""

_EXPIRING = """
select d.id::text, d.title, d.expires_on::text, a.id::text, a.site_id::text, a.code || ' ' || a.name
from asset_document d join asset a on a.organization_id = %(organization)s and a.id = d.asset_id
where d.organization_id = %(organization)s and d.id > %(after)s and d.deleted_at is null and a.deleted_at is null
  and d.expires_on between %(today)s and %(until)s
order by d.id limit %(limit)s"""
_OLD = """
select id::text from notification where organization_id = %(organization)s and received_on < %(before)s
  and deleted_at is null order by id limit %(limit)s"""


@dataclass(frozen=True, slots=True)
class Done:
    """`told`: notifications that were written; `cleared`: those that left."""

    told: int
    cleared: int


def tell_and_clear(database: Database, organization_id: str, *, at: datetime, rest: Rest = without_rest) -> Done:
    """Do both for one organization, as of a moment, with a rest after each commit. Rows say when they were written."""
    told, after = 0, NIL
    while after:
        count, after = rested(lambda: _tell(database, organization_id, at, after), rest)  # noqa: B023 - called at once
        told += count
    cleared = 0
    while count := rested(lambda: _clear(database, organization_id, at), rest):
        cleared += count
    return Done(told, cleared)


def _tell(database: Database, organization_id: str, at: datetime, after: str) -> tuple[int, str]:
    """Tell of some papers; give how many were told anew, and after which paper to go on. "": it was the last."""
    today = at.date()
    asked = {"organization": organization_id, "after": after, "today": today, "until": today + SOON, "limit": BATCH}
    with database.transaction("worker", organization_id) as connection:
        papers = connection.execute(_EXPIRING.encode(), asked).fetchall()
        rows = rows_of(_of_papers(connection, organization_id, papers), at=datetime.now(UTC))
        work = UnitOfWork(connection, organization_id, None)
        work.read(rows)
        new = {key: row for key, row in rows.items() if work.get(*key) is None}
        if new:
            work.put(new)
            work.finish()
    return len(new), papers[-1][0] if len(papers) == BATCH else ""


def _of_papers(connection: Connection[TupleRow], organization_id: str, papers: list[tuple[str, ...]]) -> list[Notice]:
    """Give what is told of each paper, once for each last day that it has."""
    offices: dict[str, tuple[str, ...]] = {}
    for paper in papers:
        if paper[4] not in offices:
            offices[paper[4]] = office_of(connection, organization_id, paper[4])
    return [
        Notice(
            offices[site_id],
            "document_expires",
            "asset",
            subject_id=asset_id,
            site_id=site_id,
            title=asset,
            row_id=paper_id,
            occasion=expires_on,
            detail=f"{title}: {expires_on}",
        )
        for paper_id, title, expires_on, asset_id, site_id, asset in papers
    ]


def _clear(database: Database, organization_id: str, at: datetime) -> int:
    """Delete some that are old; give how many."""
    before = at.date() - KEPT
    asked = {"organization": organization_id, "before": before, "limit": BATCH}
    with database.transaction("worker", organization_id) as connection:
        keys: list[Key] = [(NOTIFICATION, row_id) for (row_id,) in connection.execute(_OLD.encode(), asked)]
        if not keys:
            return 0
        work = UnitOfWork(connection, organization_id, None)
        work.lock(keys)
        now = instant_text(datetime.now(UTC))
        gone: dict[Key, Row] = {}
        for key in keys:
            row = work.get(*key)
            if row is not None:
                gone[key] = {**row, "deleted_at": now, "updated_at": now, "updated_by": None}
        work.put(gone)
        work.finish()
    return len(gone)
