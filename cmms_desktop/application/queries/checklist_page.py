"""The checklists of an order as sections of numbered items, with what was answered and what is missing. Frozen rows.

Which items are asked is decided by rules/checklist.py; hidden ones keep their numbers, so that a number never changes
while somebody answers. Words for what is structured here are made in ui/text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from cmms_desktop.application.queries.checklist_lines import (
    Because,
    ChecklistName,
    ChecklistPage,
    ItemLine,
    Section,
)
from cmms_desktop.application.queries.item_links import ItemLinks, item_links
from cmms_desktop.application.queries.lookups import rows_of, text_of, text_or_none, unsettled_rows
from cmms_desktop.application.queries.order_assets import asset_labels
from cmms_desktop.application.queries.subjects import number_items, place_of, section_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Row
from sync_server.contract.rules import checklist, sign_off
from sync_server.contract.rules.answer import choices_of
from sync_server.contract.rules.reading import limits_of, parse_decimal
from sync_server.contract.rules.template import Condition

__all__ = ["Because", "ChecklistName", "ChecklistPage", "ItemLine", "Section", "checklist_page", "excess_of"]


def checklist_page(reading: Reading, order_id: str) -> ChecklistPage | None:
    """Checklists of an order; None: the order is not here."""
    order = reading.get("work_order", order_id)
    if order is None or order["deleted_at"] is not None:
        return None
    lists = rows_of(reading, "checklist", (order_id,)).get(order_id, [])
    rows = rows_of(reading, "checklist_item", (order_id,)).get(order_id, [])
    about = _About(
        item_links(reading, order_id, rows),
        number_items(lists, rows),
        unsettled_rows(reading, order_id),
        _conflicts(reading, order_id),
        asset_labels(reading, {row["asset_id"] for row in lists}),
    )
    sections: list[Section] = []
    for each in lists:
        sections += _sections(each, [row for row in rows if row["checklist_id"] == each["id"]], about)
    progress = checklist.progress(rows)
    return ChecklistPage(
        order_id=order_id,
        is_locked=sign_off.is_locked(order),
        checklists=tuple(_name(row, about) for row in lists),
        sections=tuple(sections),
        answered=progress.answered,
        total=progress.total,
        failed=progress.failed,
    )


@dataclass(frozen=True, slots=True)
class _About:
    """What is known about items beside their rows."""

    links: ItemLinks
    numbers: Mapping[str, tuple[str, Row]]
    unsent: frozenset[str]
    conflicts: Mapping[str, int]
    assets: Mapping[str, str]
    """Asset → label, of those that single lists are about."""

    def list_name(self, row: Row) -> str:
        """Name of a checklist, with the asset that it is about."""
        label = self.assets.get(text_of(row["asset_id"]))
        return text_of(row["name"]) if label is None else f"{text_of(row['name'])}: {label}"


def _conflicts(reading: Reading, order_id: str) -> dict[str, int]:
    found = reading.cursor.execute(
        "SELECT target_id, count(*) FROM conflict WHERE aggregate_id = ? AND target_entity = 'checklist_item'"
        " AND resolution IS NULL AND deleted_at IS NULL GROUP BY target_id",
        (order_id,),
    ).fetchall()
    return dict(found)


def _name(row: Row, about: _About) -> ChecklistName:
    version = row["template_version"]
    return ChecklistName(text_of(row["id"]), about.list_name(row), version if isinstance(version, int) else 0)


def _sections(list_row: Row, rows: Sequence[Row], about: _About) -> list[Section]:
    """Items by their section, as subjects.py numbers them."""
    by_key = {text_of(row["key"]): row for row in rows}
    titled: dict[str, list[Row]] = {}
    for row in sorted(rows, key=place_of):
        titled.setdefault(section_of(row, list_row), []).append(row)
    return [
        _section(title, list_row, about.list_name(list_row), [_item(row, by_key, about) for row in members])
        for title, members in titled.items()
    ]


def _section(title: str, list_row: Row, called: str, items: Sequence[ItemLine]) -> Section:
    asked = [item for item in items if item.is_asked]
    return Section(
        index=int(items[0].number.partition(".")[0]),
        title=title,
        checklist_id=text_of(list_row["id"]),
        checklist=called,
        items=tuple(items),
        answered=sum(item.is_answered for item in asked),
        total=len(asked),
        failed=sum(item.result == "fail" for item in asked),
        flagged=sum(item.result == "flag" for item in asked),
        out_of_range=sum(item.excess is not None for item in asked),
    )


def _item(row: Row, by_key: Mapping[str, Row], about: _About) -> ItemLine:
    item_id, key = text_of(row["id"]), text_of(row["key"])
    low, high = limits_of(row)
    is_asked = checklist.is_visible(row, by_key)
    return ItemLine(
        id=item_id,
        checklist_id=text_of(row["checklist_id"]),
        key=key,
        number=about.numbers[item_id][0],
        kind=text_of(row["kind"]),
        prompt=text_of(row["prompt"]) or key,
        unit=text_or_none(row["unit"]),
        minimum=low,
        maximum=high,
        choices=choices_of(row),
        is_mandatory=bool(row["is_mandatory"]),
        last_value=text_or_none(row["last_value"]),
        result=text_or_none(row["result"]),
        value=text_or_none(row["value"]),
        note=text_or_none(row["note"]),
        photos=about.links.photos.get(item_id, ()),
        answered_at=text_or_none(row["answered_at"]),
        is_asked=is_asked,
        because=_because(row, by_key, about) if is_asked else None,
        excess=excess_of(row),
        follow_up=about.links.follow_ups.get(item_id),
        is_unsent=item_id in about.unsent,
        conflicts=about.conflicts.get(item_id, 0),
    )


def excess_of(row: Row) -> Decimal | None:
    """How far a reading lies above its maximum, or (negative) below its minimum; None: within, or no reading."""
    number = parse_decimal(text_of(row["value"])) if row["kind"] == "number" else None
    low, high = limits_of(row)
    if number is not None and high is not None and number > high:
        return number - high
    return number - low if number is not None and low is not None and number < low else None


def _because(row: Row, by_key: Mapping[str, Row], about: _About) -> Because | None:
    try:
        condition = None if row["condition"] is None else msgspec.json.decode(str(row["condition"]), type=Condition)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    other = None if condition is None else by_key.get(condition.item)
    if condition is None or other is None:
        return None
    result, number = text_of(other["result"]), about.numbers[text_of(other["id"])][0]
    return Because(number, result if result in condition.answers else text_of(other["value"]))
