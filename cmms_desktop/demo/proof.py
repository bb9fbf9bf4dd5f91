"""What the demonstration claims at its end, read back from the files and from a replica that starts from nothing."""

import sqlite3
from pathlib import Path

from cmms_desktop.app.desk import Workplace
from sync_server.contract.entities import REGISTRY

PLAIN_HEADER = b"SQLite format 3\0"


def rows_of(workplace: Workplace) -> dict[str, list[tuple[object, ...]]]:
    """Give every synced row of a replica by entity, in order of id."""
    with workplace.replica.read() as reading:
        return {
            name: reading.cursor.execute(f"SELECT {', '.join(spec.names)} FROM {name} ORDER BY id").fetchall()
            for name, spec in REGISTRY.items()
        }


def differences(left: Workplace, right: Workplace) -> list[str]:
    """Name the entities whose live rows differ between two replicas of one person: none once both have all."""
    here, there = rows_of(left), rows_of(right)
    deleted = {name: spec.names.index("deleted_at") for name, spec in REGISTRY.items()}
    return [
        name
        for name in REGISTRY
        if [row for row in here[name] if row[deleted[name]] is None]
        != [row for row in there[name] if row[deleted[name]] is None]
    ]


def is_encrypted(store: Path, known_text: str) -> bool:
    """Whether a store shows nothing of itself: no SQLite header, no known text, and plain SQLite cannot read it."""
    files = [path for path in (store, store.with_name(store.name + "-wal")) if path.exists()]
    contents = [path.read_bytes() for path in files]
    if not contents or any(known_text.encode() in content for content in contents):
        return False
    return not contents[0].startswith(PLAIN_HEADER) and not _opens_plainly(store)


def _opens_plainly(store: Path) -> bool:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as plain:
        try:
            plain.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError:
            return False
    return True
