"""What must hold of a replica that was opened after a death, whatever had happened: file, rows, outbox, photos."""

import json

from cmms_desktop.app.desk import Workplace
from tests.support import convergence


def kept_mutations(workplace: Workplace) -> set[str]:
    """Ids of the mutations that a replica remembers."""
    with workplace.replica.read() as reading:
        return {
            mutation_id
            for table in ("outbox", "outbox_done")
            for (mutation_id,) in reading.cursor.execute(f"SELECT mutation_id FROM {table}").fetchall()
        }


def missing_photos(workplace: Workplace) -> set[str]:
    """Digests of photos that a mutation names and that cannot be read."""
    with workplace.replica.read() as reading:
        bodies = [
            json.loads(body)
            for table in ("outbox", "outbox_done")
            for (body,) in reading.cursor.execute(f"SELECT body FROM {table} WHERE entity = 'attachment'").fetchall()
        ]
    named = {sha256 for body in bodies for sha256 in body.get("blobs") or ()}
    return {sha256 for sha256 in named if not workplace.blobs.has(sha256) or not workplace.blobs.read(sha256)}


def require_sound(workplace: Workplace, promised: set[str]) -> None:
    """The file is whole, what was promised is in it, rows rest on mutations, and photos lie where they are named."""
    convergence.require_rows_rest_on_outbox(workplace.replica)
    with workplace.replica.read() as reading:
        assert reading.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert reading.cursor.execute("PRAGMA cipher_integrity_check").fetchall() == []
    lost = promised - kept_mutations(workplace)
    assert not lost, f"{len(lost)} edits were promised and are gone"
    assert missing_photos(workplace) == set()
