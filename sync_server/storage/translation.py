"""Turns psycopg's exceptions into the server's own, by SQLSTATE (PostgreSQL manual, appendix A).

No sentence carries a value, a table or a constraint: a violated key of another organization must
look like any other refusal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from sync_server.errors import Bug, CmmsError, EnvironmentFailure, NamesGone, Refused, RetryLater

IN_THE_WAY: Final = "Another record stands in the way, or one that is named is not there."
"""The one sentence for keys that are taken and names of nothing, whoever finds out first."""
_RETRY_AFTER_S = {
    "08006": 2,  # connection_failure
    "40001": 1,  # serialization_failure
    "40P01": 1,  # deadlock_detected
    "55P03": 1,  # lock_not_available: lock_timeout
    "57014": 5,  # query_canceled: statement_timeout
    "25P03": 5,  # idle_in_transaction_session_timeout
    "53300": 5,  # too_many_connections
    "57P01": 2,  # admin_shutdown
    "57P02": 2,  # crash_shutdown
    "57P03": 2,  # cannot_connect_now
}
_NAMES_GONE = frozenset({"26000", "42P05"})
"""invalid_sql_statement_name, duplicate_prepared_statement: somebody has cleared what was prepared (prepared.py)."""
_CONFLICTING = frozenset({"23000", "23001", "23503", "23505", "23P01"})
"""integrity_constraint_violation, restrict_violation (of PostgreSQL 18 on, where it was 23503), foreign_key_violation,
unique_violation, exclusion_violation: one neutral answer."""
_INVALID = frozenset({"23502", "23514", "44000", "54000"})
"""not_null_violation, check_violation, with_check_option_violation, program_limit_exceeded (a value too long for its
index)."""
_ADMINISTRATOR = {
    "28000": "The database refused this server's role. Run the migrate command with this server's secret key.",
    "28P01": "The database refused this server's password. Run the migrate command with this server's secret key.",
    "3D000": "The database named in CMMS_DATABASE_URL does not exist.",
    "53100": "The database's disk is full.",
    "53200": "The database is out of memory.",
    "58030": "The database cannot read or write its files.",
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise the server's own exception in place of any of psycopg's."""
    try:
        yield
    except psycopg.Error as exc:
        raise translation(exc) from exc


def is_changed_shape(exc: psycopg.Error) -> bool:
    """Whether a migration has changed a table under a plan that was kept: PostgreSQL has no code for just that."""
    return isinstance(exc, psycopg.errors.FeatureNotSupported) and exc.diag.source_function == "RevalidateCachedQuery"


def is_missing_part(exc: psycopg.Error) -> bool:
    """Whether a table has no partition for a row: PostgreSQL calls it a violated check, as it does a wrong value."""
    return isinstance(exc, psycopg.errors.CheckViolation) and exc.diag.source_function == "ExecFindPartition"


def translation(exc: psycopg.Error) -> CmmsError:
    """Return the exception to raise instead; `from exc` is the caller's part."""
    state = exc.sqlstate
    if state is None:
        return _without_state(exc)
    if state in _RETRY_AFTER_S:
        return RetryLater("The database is busy; nothing was kept.", retry_after_s=_RETRY_AFTER_S[state])
    if state in _NAMES_GONE or is_changed_shape(exc):
        return NamesGone("The database was changed meanwhile; nothing was kept.", retry_after_s=1)
    if state in _CONFLICTING:
        return Refused("conflicting_reference", IN_THE_WAY)
    if is_missing_part(exc):
        return RetryLater("This month is not prepared yet; nothing was kept.", retry_after_s=60)
    if state in _INVALID or state.startswith("22"):
        return _invalid_value()
    if state in _ADMINISTRATOR:
        return EnvironmentFailure(_ADMINISTRATOR[state])
    return Bug(f"The database refused a statement (SQLSTATE {state}).")


def _without_state(exc: psycopg.Error) -> CmmsError:
    """Translate what psycopg itself found, before or instead of an answer from the database."""
    if isinstance(exc, psycopg.OperationalError):  # lost or never made; also the pool's time-out
        return RetryLater("The database cannot be reached.", retry_after_s=2)
    if isinstance(exc, psycopg.DataError):  # a NUL in a text, an integer beyond 64 bits
        return _invalid_value()
    return Bug("The database driver was used wrongly.")


def _invalid_value() -> Refused:
    return Refused("invalid_value", "A value cannot be stored in its field.")
