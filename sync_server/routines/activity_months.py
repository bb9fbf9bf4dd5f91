"""Months of the activity log: made ahead; before old ones are detached, each organization's log says where it is cut.

What it tells, number and hash of the last line that leaves, is what a detached month is held to later (D-172).
"""

from datetime import date

from sync_server.contract.fields import Scalar
from sync_server.storage import activity_log, old_months, routine_runs
from sync_server.storage.activity_log import DETACHED, Entry, append
from sync_server.storage.engine import Database

_LAST_OLD = (
    "select seq, hash, 'activity_log_' || to_char(received_on, 'YYYY_MM') from activity_log"
    " where organization_id = %(organization)s and received_on < %(oldest)s order by seq desc limit 1"
)
_TOLD = (
    "select exists (select from activity_log where organization_id = %(organization)s and act = %(act)s"
    " and (body::json -> 'new' ->> 'upto_seq')::bigint >= %(seq)s)"
)


def make_months(database: Database) -> int:
    """Make the months that are missing, this one and those ahead; give how many."""
    with database.transaction("worker", None) as connection:
        return activity_log.make_months(connection)


def tell_ends(database: Database, *, on: date) -> None:
    """Let each log tell with which line it is about to be cut, where something of it is too old on a day."""
    with database.transaction("worker", None) as connection:
        is_due = bool(old_months.due(connection, "activity_log", on=on))
        organizations = routine_runs.organizations(connection) if is_due else []
    for organization_id in organizations:
        _tell(database, organization_id, on=on)


def _tell(database: Database, organization_id: str, *, on: date) -> None:
    """Let the log say with which line it was cut, once: a run that was interrupted before is gone on with."""
    oldest = old_months.oldest_kept(on)
    asked: dict[str, object] = {"organization": organization_id, "oldest": oldest, "act": DETACHED}
    with database.transaction("worker", organization_id) as connection:
        last = connection.execute(_LAST_OLD.encode(), asked).fetchone()
        if last is None:
            return
        (is_told,) = connection.execute(_TOLD.encode(), {**asked, "seq": last[0]}).fetchone() or (False,)
        if not is_told:
            cut: dict[str, Scalar] = {"upto_seq": int(last[0]), "upto_hash": str(last[1]), "month": str(last[2])}
            append(connection, [Entry(DETACHED, new=cut)])
