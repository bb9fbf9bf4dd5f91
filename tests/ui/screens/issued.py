"""Checklists that the office issues for an order of a stage, as a pull brings them."""

import json
from typing import Any

from sync_server.contract import codec
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.template import instantiate
from tests.ui.screens.office_news import bring
from tests.ui.stage import MORNING, Stage, person

BEFORE, CASING, READINGS, POWER, CLOSE = "Before you start", "Casing and seal", "Readings", "Electrical", "Close-out"

BOOSTER: list[dict[str, Any]] = [
    {"key": "lockout", "kind": "pass_fail", "prompt": "Supply locked out at LP-2", "section": BEFORE},
    {"key": "area", "kind": "choice", "prompt": "Work area", "section": BEFORE,
     "choices": ["Dry", "Damp", "Flooded", "Not reached"]},
    {"key": "valves", "kind": "pass_fail", "prompt": "Both valves closed", "section": BEFORE},
    {"key": "base", "kind": "pass_fail", "prompt": "Base and feet without cracks", "section": CASING},
    {"key": "paint", "kind": "pass_fail", "prompt": "Paint and label readable", "section": CASING},
    {"key": "bolts", "kind": "pass_fail", "prompt": "Casing bolts tight, no corrosion", "section": CASING},
    {"key": "seal", "kind": "pass_fail", "prompt": "Shaft seal free of leaks", "section": CASING},
    {"key": "tray", "kind": "photo", "prompt": "Photo of the drip tray", "section": CASING,
     "condition": {"item": "seal", "is": "fail"}},
    {"key": "discharge", "kind": "number", "prompt": "Discharge pressure", "section": READINGS, "unit": "bar",
     "minimum": "4.0", "maximum": "6.0"},
    {"key": "suction", "kind": "number", "prompt": "Suction pressure", "section": READINGS, "unit": "bar",
     "minimum": "0.8", "maximum": "2.2"},
    {"key": "vibration", "kind": "number", "prompt": "Vibration, drive end", "section": READINGS, "unit": "mm/s",
     "maximum": "4.5"},
    {"key": "hours", "kind": "number", "prompt": "Operating hours", "section": READINGS, "unit": "h",
     "is_mandatory": False},
    {"key": "terminals", "kind": "pass_fail", "prompt": "Terminals tight", "section": POWER},
    {"key": "earth", "kind": "pass_fail", "prompt": "Earth conductor whole", "section": POWER},
    {"key": "current", "kind": "number", "prompt": "Current under load", "section": POWER, "unit": "A",
     "minimum": "4", "maximum": "12"},
    {"key": "serial", "kind": "text", "prompt": "Serial on the motor plate", "section": POWER},
    {"key": "casing_photo", "kind": "photo", "prompt": "Photo of the closed casing", "section": CLOSE},
    {"key": "clean", "kind": "pass_fail", "prompt": "Area left clean", "section": CLOSE},
    {"key": "informed", "kind": "pass_fail", "prompt": "Operator informed", "section": CLOSE},
    {"key": "remark", "kind": "text", "prompt": "Anything the next visitor should know", "section": CLOSE,
     "is_mandatory": False},
]  # fmt: skip
LAST = {"discharge": "5.2", "suction": "1.4", "vibration": "2.1", "hours": "18240", "current": "8.5"}


def issue(
    stage: Stage,
    order_id: str,
    items: list[dict[str, Any]],
    *,
    number: int = 1,
    name: str = "Booster pump, yearly",
    last: dict[str, str] | None = None,
    replace: bool = True,
) -> dict[str, str]:
    """Issue a checklist for an order, instead of those it has (or beside them). Gives key → id of the item."""
    template: Row = {"id": None, "template_version": 7, "name": name, "items": json.dumps(items)}
    checklist_id = f"00000000-0000-7000-8000-0000a{number:03x}0000"
    ids = [f"00000000-0000-7000-8000-0000a{number:03x}{place + 1:04x}" for place in range(len(items))]
    checklist, rows = instantiate(
        template,
        work_order_id=order_id,
        checklist_id=checklist_id,
        item_ids=ids,
        position=number,
        last_values=LAST if last is None else last,
    )
    gone = _gone(stage, order_id) if replace else []
    made = [("checklist_item", _row(order_id, id_, "checklist_item", row)) for id_, row in zip(ids, rows, strict=True)]
    bring(stage, *gone, ("checklist", _row(order_id, checklist_id, "checklist", checklist)), *made)
    return {str(row["key"]): id_ for id_, row in zip(ids, rows, strict=True)}


def _row(order_id: str, id_: str, entity: str, values: Row) -> Row:
    at, who = instant_text(MORNING), person("planner").person_id
    audit: Row = {"created_at": at, "created_by": who, "updated_at": at, "updated_by": who, "version": 1}
    return codec.completed(REGISTRY[entity], {**audit, "id": id_, "aggregate_id": order_id, **values})


def _gone(stage: Stage, order_id: str) -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = []
    for entity in ("checklist", "checklist_item"):
        names = REGISTRY[entity].names
        with stage.session.reading() as reading:
            lines = reading.cursor.execute(
                f"SELECT {', '.join(names)} FROM {entity} WHERE aggregate_id = ?", (order_id,)
            ).fetchall()
        for line in lines:
            row = dict(zip(names, line, strict=True))
            found.append((entity, {**row, "deleted_at": instant_text(MORNING), "version": int(row["version"]) + 1}))
    return found
