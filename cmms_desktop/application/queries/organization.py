"""How the organization appears here: what it says of itself, by sync. Nothing of it is trusted to be well formed."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.colours import colour_of

ENTITIES: Final = frozenset({"branding"})
"""What it is read from."""


@dataclass(frozen=True, slots=True)
class Organization:
    """What its people know. `colour` is `#rrggbb`; empty texts: nothing was said."""

    name: str = ""
    colour: str = ""
    help_text: str = ""


def organization(reading: Reading) -> Organization:
    """Give what was said last; nothing when nothing was."""
    found = reading.cursor.execute(
        "SELECT name, colour, help_text FROM branding WHERE deleted_at IS NULL ORDER BY updated_at DESC, id LIMIT 1"
    ).fetchone()
    if found is None:
        return Organization()
    name, colour, help_text = found
    return Organization(name or "", colour_of(colour) or "", help_text or "")
