"""A store that refuses for a while, because its disk is full or not to be written to, or because it was stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from cmms_desktop.replica.driver_errors import ReplicaDamaged
from tests.ui.stage import Stage

FULL, READ_ONLY, STOPPED = "full", "read_only", "stopped"
DAMAGED: Final = "Your local store could not be read or written safely, so it was stopped."
SAYS: Final = {FULL: "There is no room left on this device.", READ_ONLY: "Check the data folder.", STOPPED: DAMAGED}
"""What the person reads."""
_WRITTEN: Final = ("outbox", "screen_note")


@contextmanager
def a_disk_that_is(trouble: str, stage: Stage) -> Iterator[None]:
    """Refuse whatever the person writes until it is left."""
    _let(trouble, stage, is_refusing=True)
    try:
        yield
    finally:
        _let(trouble, stage, is_refusing=False)


def _let(trouble: str, stage: Stage, *, is_refusing: bool) -> None:
    database = stage.replica.database
    with database._writing:
        raw: Any = database._writer_connection().connection.dbapi_connection
        if trouble == STOPPED:
            database._stopped = ReplicaDamaged(DAMAGED) if is_refusing else None
        elif trouble == READ_ONLY:
            raw.execute(f"PRAGMA query_only = {int(is_refusing)}")
        else:
            _fill(raw) if is_refusing else _empty(raw)


def _fill(raw: Any) -> None:
    """Let every new row want more pages than there are; a small one finds room in a page that is there already."""
    raw.execute("CREATE TEMP TABLE no_room (bytes BLOB)")
    raw.execute("PRAGMA temp.max_page_count = 8")
    for table in _WRITTEN:
        raw.execute(
            f"CREATE TEMP TRIGGER no_room_{table} BEFORE INSERT ON main.{table}"
            " BEGIN INSERT INTO no_room VALUES (zeroblob(1000000)); END"
        )


def _empty(raw: Any) -> None:
    for table in _WRITTEN:
        raw.execute(f"DROP TRIGGER no_room_{table}")
    raw.execute("DROP TABLE no_room")
