"""Who acts, as the replica's own rows say it."""

from typing import Final

from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.sync_state import SyncState
from sync_server.contract.rules.draft import FROM_LEAST_TO_GREATEST, Actor, Extra

ACTOR_ENTITIES: Final = frozenset({"person", "site_access", "person_permission"})
"""Entities that say who may do what."""


def actor_of(store: RowStore, person_id: str, state: SyncState) -> Actor:
    """Give a person with his roles and what he was given; what signing in told stands in for rows not yet pulled."""
    person = store.get("person", person_id)
    told = state.role if person_id == state.person_id else ""
    role = told if person is None else str(person["role"])
    lines = store.cursor.execute(
        "SELECT site_id, role FROM site_access WHERE person_id = ? AND deleted_at IS NULL", (person_id,)
    ).fetchall()
    lines.sort(key=lambda line: FROM_LEAST_TO_GREATEST.index(line[1]))
    given = store.cursor.execute(
        "SELECT resource, action, scope, site_id FROM person_permission WHERE person_id = ? AND deleted_at IS NULL",
        (person_id,),
    ).fetchall()
    return Actor(person_id, role, dict(lines), tuple(Extra(*each) for each in given))


class Actors:
    """The people of one open transaction, each read once."""

    def __init__(self, store: RowStore, state: SyncState, *, known: dict[str, Actor] | None = None) -> None:
        self._store = store
        self._state = state
        self._known = {} if known is None else known

    def get(self, person_id: str) -> Actor:
        """Give somebody; a stranger has the empty role, which no rule lets write."""
        if person_id not in self._known:
            self._known[person_id] = actor_of(self._store, person_id, self._state)
        return self._known[person_id]
