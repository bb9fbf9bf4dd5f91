"""What screens remember for one person on this device: the place where he was, and drafts that are no mutation yet.

Encrypted like everything else in the file, never sent. Knows no screen: names and values are theirs.
"""

from collections.abc import Mapping
from typing import Any


def load(cursor: Any) -> dict[str, str]:
    """Give all notes by name."""
    return dict(cursor.execute("SELECT name, value FROM screen_note").fetchall())


def store(cursor: Any, notes: Mapping[str, str | None]) -> None:
    """Keep some notes; None forgets one."""
    kept = [(name, value) for name, value in notes.items() if value is not None]
    cursor.executemany("INSERT OR REPLACE INTO screen_note VALUES (?, ?)", kept)
    cursor.executemany("DELETE FROM screen_note WHERE name = ?", [(name,) for name in notes.keys() - dict(kept).keys()])
