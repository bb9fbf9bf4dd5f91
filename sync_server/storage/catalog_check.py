"""Asks a database about every door of `catalog_doors` at once. Only reads; what it finds open it never shuts itself."""

from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection

from sync_server.errors import EnvironmentFailure
from sync_server.storage.catalog_doors import DOORS
from sync_server.storage.catalog_facts import FACTS, Door

MOST_THINGS: Final = 20
"""So many open things of all doors together are told; who has shut them hears of the next."""

_BEFORE: Final = "SET LOCAL search_path = ''; SET LOCAL jit = off; SET LOCAL enable_seqscan = on; "
"""Names and expressions come back in one form whatever the search path of the role: what is not PostgreSQL's own is
told with its schema. The rest takes back what suits the server's own statements and not these. All goes in one message,
which is one transaction by itself."""


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A door that stands open, and what holds it open."""

    door: Door
    thing: str

    def sentence(self) -> str:
        """Return what an administrator reads."""
        return self.door.sentence.format(thing=self.thing)


def open_doors(connection: Connection[Any], *, is_own_schema: bool = True) -> list[OpenDoor]:
    """Ask about all doors in one message.

    Args:
        connection: Of any role; what is set stays in its transaction.
        is_own_schema: The schema is of this very release. Otherwise doors that a later release may open for a reason
            are left out, so that a server serves on while the next one's migrations run.

    Returns:
        In the order of `DOORS`, then by name; at most `MOST_THINGS`. Empty: all are shut.
    """
    asked = " UNION ALL ".join(
        f"SELECT {number}, thing FROM ({door.query}) AS door{number} (thing)"
        for number, door in enumerate(DOORS)
        if is_own_schema or not door.follows_release
    )
    ask = f"WITH {FACTS} {asked} ORDER BY 1, 2 LIMIT {MOST_THINGS}"
    with connection.cursor() as cursor:
        cursor.execute((_BEFORE + ask).encode(), prepare=False)
        while cursor.description is None:
            cursor.nextset()
        return [OpenDoor(DOORS[number], thing) for number, thing in cursor.fetchall()]


def check_catalog(connection: Connection[Any], *, is_own_schema: bool = True) -> None:
    """Refuse a database in which one organization could look at another.

    Args:
        connection: As for `open_doors`.
        is_own_schema: As for `open_doors`.

    Raises:
        EnvironmentFailure: Of the first open door what it is and how it is shut, and how many more there are.
    """
    found = open_doors(connection, is_own_schema=is_own_schema)
    if not found:
        return
    others = len(found) - 1
    more = f" ({others} more to be told of.)" if others else ""
    raise EnvironmentFailure(f"{found[0].sentence()} The server does not serve until then.{more}")
