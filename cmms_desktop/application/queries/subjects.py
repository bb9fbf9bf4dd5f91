"""What a mutation or a conflict is about, for people: the order or asset, and the checklist item inside it. Frozen.

One statement for each kind of thing, whatever their number. A thing that left the device is known by its id only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import packed, rows_of, text_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row

Target = tuple[str, str, str]
"""Entity, id and aggregate id of a row."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is about.

    `name`: number of the order, or code and name of anything else; empty: it is not here any more. `item`: number of
    the checklist item, such as "2.4", `prompt` its question; empty for everything else. `unit`: of its reading.
    """

    entity: str
    id: str
    aggregate_id: str
    name: str
    title: str
    item: str = ""
    prompt: str = ""
    unit: str = ""


_ROOTS: Final = """
SELECT id, number, title FROM work_order WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, code, name FROM asset WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, code, name FROM part WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, code, name FROM site WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, code, name FROM location WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, '', name FROM person WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, '', name FROM team WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT c.id, w.number, w.title FROM work_order_cost c JOIN work_order w ON w.id = c.work_order_id
  WHERE c.id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, '', title FROM service_request WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, '', name FROM tag WHERE id IN (SELECT value FROM json_each(?1))
UNION ALL SELECT id, '', name FROM custom_field WHERE id IN (SELECT value FROM json_each(?1))"""


def subjects(reading: Reading, targets: Iterable[Target]) -> dict[tuple[str, str], Subject]:
    """What rows are about, by entity and id; every target that was asked for is in the answer."""
    wanted = list(targets)
    roots = {
        line[0]: (text_of(line[1]), text_of(line[2]))
        for line in reading.cursor.execute(_ROOTS, (packed(each[2] for each in wanted),)).fetchall()
    }
    is_item = {"checklist_item", "checklist"}
    items = item_numbers(reading, {each[2] for each in wanted if each[0] in is_item})
    return {(entity, id_): _subject(entity, id_, root_id, roots, items) for entity, id_, root_id in wanted}


def _subject(
    entity: str,
    id_: str,
    aggregate_id: str,
    roots: dict[str, tuple[str, str]],
    items: dict[str, tuple[str, Row]],
) -> Subject:
    name, title = roots.get(aggregate_id, ("", ""))
    if entity == "checklist_item" and id_ in items:
        number, row = items[id_]
        return Subject(entity, id_, aggregate_id, name, title, number, text_of(row["prompt"]), text_of(row["unit"]))
    return Subject(entity, id_, aggregate_id, name or title, title)


def item_numbers(reading: Reading, order_ids: Iterable[str]) -> dict[str, tuple[str, Row]]:
    """Item → its number, such as "2.4", as checklist_page.py counts it, and its row."""
    wanted = list(order_ids)
    if not wanted:
        return {}
    lists = rows_of(reading, "checklist", wanted)
    rows = rows_of(reading, "checklist_item", wanted)
    numbered: dict[str, tuple[str, Row]] = {}
    for order_id, items in rows.items():
        numbered |= number_items(lists.get(order_id, []), items)
    return numbered


def number_items(lists: Iterable[Row], items: Iterable[Row]) -> dict[str, tuple[str, Row]]:
    """Number the items of one order: section, counted through all its checklists, and place inside it.

    Items stand under the title of their section, in order of the titles' first places; those without one under the
    name of their checklist. Hidden items count, so that a number never changes while somebody answers.
    """
    kept = list(items)
    numbered: dict[str, tuple[str, Row]] = {}
    after = 0
    for each in lists:
        titled: dict[str, list[Row]] = {}
        for row in sorted((row for row in kept if row["checklist_id"] == each["id"]), key=place_of):
            titled.setdefault(section_of(row, each), []).append(row)
        for index, members in enumerate(titled.values(), start=after + 1):
            for place, row in enumerate(members, start=1):
                numbered[text_of(row["id"])] = (f"{index}.{place}", row)
        after += len(titled)
    return numbered


def section_of(item: Row, checklist: Row) -> str:
    """The title under which an item stands."""
    return text_of(item["section"]) or text_of(checklist["name"])


def place_of(row: Row) -> tuple[int, str]:
    """Place of an item in its checklist, to sort by."""
    position = row["position"]
    return position if isinstance(position, int) else 0, text_of(row["key"])
