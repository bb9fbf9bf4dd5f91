"""Months of the activity log: made ahead, and detached when they are old, each organization's log told beforehand.

What it tells, number and hash of the last line that leaves, is what a detached month is held to later (D-172).
"""

from sync_server.contract.fields import Scalar
from sync_server.storage import activity_log, routine_runs
from sync_server.storage.activity_log import DETACHED, MONTHS_KEPT, Entry, append
from sync_server.storage.engine import Database

_OLDEST_KEPT = "(date_trunc('month', now() at time zone 'UTC') - make_interval(months => %(kept)s))::date"
_OLD_MONTHS = (
    "select exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid"
    " where i.inhparent = 'activity_log'::regclass"
    f" and c.relname < 'activity_log_' || to_char({_OLDEST_KEPT}, 'YYYY_MM'))"
)
_LAST_OLD = (
    "select seq, hash, 'activity_log_' || to_char(received_on, 'YYYY_MM') from activity_log"
    " where organization_id = %(organization)s"
    f" and received_on < {_OLDEST_KEPT} order by seq desc limit 1"
)
_TOLD = (
    "select exists (select from activity_log where organization_id = %(organization)s and act = %(act)s"
    " and (body::json -> 'new' ->> 'upto_seq')::bigint >= %(seq)s)"
)


def make_months(database: Database) -> int:
    """Make the months that are missing, this one and those ahead; give how many."""
    with database.transaction("worker", None) as connection:
        return activity_log.make_months(connection)


def detach_months(database: Database) -> int:
    """Detach the months that are too old to be looked through every day; give how many.

    They stay in the database and in backups, and are verified as long as they are there.
    """
    if not tell_ends(database):
        return 0
    with database.transaction("worker", None) as connection:
        (detached,) = connection.execute("select detach_activity_months(%s)", (MONTHS_KEPT,)).fetchone() or (0,)
    return int(detached)


def tell_ends(database: Database) -> bool:
    """Let each log tell with which line it is about to be cut; say whether there is anything to detach."""
    with database.transaction("worker", None) as connection:
        (is_due,) = connection.execute(_OLD_MONTHS.encode(), {"kept": MONTHS_KEPT}).fetchone() or (False,)
        organizations = routine_runs.organizations(connection) if is_due else []
    for organization_id in organizations:
        _tell(database, organization_id)
    return bool(is_due)


def _tell(database: Database, organization_id: str) -> None:
    """Let the log say with which line it was cut, once: a run that was interrupted before is gone on with."""
    asked: dict[str, object] = {"organization": organization_id, "kept": MONTHS_KEPT, "act": DETACHED}
    with database.transaction("worker", organization_id) as connection:
        last = connection.execute(_LAST_OLD.encode(), asked).fetchone()
        if last is None:
            return
        (is_told,) = connection.execute(_TOLD.encode(), {**asked, "seq": last[0]}).fetchone() or (False,)
        if not is_told:
            cut: dict[str, Scalar] = {"upto_seq": int(last[0]), "upto_hash": str(last[1]), "month": str(last[2])}
            append(connection, [Entry(DETACHED, new=cut)])
