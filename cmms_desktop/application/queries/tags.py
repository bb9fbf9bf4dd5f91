"""Tags on this device: what is on a thing, and what there is to choose from. Two tags with one word count as one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import AMONG, packed, state_of, text_of
from cmms_desktop.application.queries.own_work import Thing, may_do_all
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.permission import Place, may

MOST_OFFERED: Final = 12
"""Words that are offered at once; any other is typed."""
_ON: Final = "entity_tag e JOIN tag t ON t.id = e.tag_id AND t.deleted_at IS NULL"
_OF: Final = f"""
SELECT DISTINCT e.aggregate_id, t.name FROM {_ON}
WHERE e.aggregate_id {AMONG} AND e.deleted_at IS NULL ORDER BY t.name"""
_OFFERED: Final = """
SELECT t.name FROM tag t LEFT JOIN entity_tag e ON e.tag_id = t.id AND e.deleted_at IS NULL
WHERE t.deleted_at IS NULL GROUP BY t.name ORDER BY count(e.id) DESC, t.name LIMIT ?"""
_ON_ORDERS: Final = f"""
SELECT t.name, count(DISTINCT w.id) FROM {_ON} JOIN work_order w ON w.id = e.work_order_id AND w.deleted_at IS NULL
WHERE e.deleted_at IS NULL GROUP BY t.name ORDER BY t.name"""


@dataclass(frozen=True, slots=True)
class TagChoice:
    """The words on a thing, those that are offered besides, and whether the person puts on and takes off."""

    on: tuple[str, ...]
    offered: tuple[str, ...]
    may_tag: bool
    may_invent: bool
    """He may make a tag of a new word."""


def tags_of(reading: Reading, about_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Thing → the words on it, in alphabetical order; things without one are left out."""
    found: dict[str, list[str]] = {}
    for about_id, name in reading.cursor.execute(_OF, (packed(about_ids),)).fetchall():
        found.setdefault(about_id, []).append(text_of(name))
    return {about_id: tuple(names) for about_id, names in found.items()}


def tag_choice(reading: Reading, about: Thing, about_id: str) -> TagChoice:
    """What can be chosen for an order or an asset; the words that are used most are offered first."""
    on = tags_of(reading, (about_id,)).get(about_id, ())
    most = MOST_OFFERED + len(on)
    names = [text_of(name) for (name,) in reading.cursor.execute(_OFFERED, (most,)).fetchall()]
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    return TagChoice(
        on,
        tuple(name for name in names if name not in on)[:MOST_OFFERED],
        may_tag=may_do_all(reading, about, about_id, ("entity_tag", "create"), ("entity_tag", "delete")),
        may_invent=may(actor, "tag", "create", Place(None)) is None,
    )


def tags_on_orders(reading: Reading) -> dict[str, int]:
    """Word → how many orders on this device have it."""
    return {text_of(name): count for name, count in reading.cursor.execute(_ON_ORDERS).fetchall()}
