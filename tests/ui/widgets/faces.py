"""Rows with faces for tests and pictures of lists."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import sin

from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import OrderCardFace, ReviewRowFace, SectionRow, TimelineFace


@dataclass(frozen=True)
class Faced:
    """A row that carries its own face."""

    id: str
    face: OrderCardFace | ReviewRowFace | TimelineFace

    def look(self) -> object:
        return self.face

    def sentence(self) -> str:
        values = (getattr(self.face, field.name) for field in fields(self.face))
        return ", ".join(value for value in values if isinstance(value, str) and value)


HIGH = BadgeSpec("danger", "priority-high", "High")
MEDIUM = BadgeSpec("neutral", "priority-medium", "Medium")
REPAIR = BadgeSpec("neutral", "type-repair", "Repair")
HAZARDS = BadgeSpec("warning", "hazard", "2 hazards")
CONFLICT = BadgeSpec("state-conflict", "conflict", "1 conflict")
FAIL = BadgeSpec("danger", "fail", "1 fail")


def order(number: int, title: str, *badges: BadgeSpec, is_done: bool = False) -> Faced:
    face = OrderCardFace(
        route=str(number),
        title=title,
        time=f"{8 + number:02}:30",
        asset="P-117 Booster pump",
        place="Alder Works · Basement B1",
        badges=badges,
        is_done=is_done,
    )
    return Faced(f"order-{number}", face)


ORDERS = (
    order(1, "Pressure drops overnight", HIGH, REPAIR, HAZARDS),
    order(2, "Quarterly service of everything that turns on the roof and below", MEDIUM, REPAIR, CONFLICT, HAZARDS),
    order(3, "Door 4 does not close fully", MEDIUM, REPAIR, is_done=True),
    order(4, "Monthly extinguisher check", MEDIUM),
)

REVIEWS: tuple[Faced | SectionRow, ...] = (
    Faced("a", ReviewRowFace("Pressure drops overnight", "10:07", "WO-24126 · P-117 Booster pump", (FAIL, HAZARDS))),
    SectionRow("none", "No exceptions", 2),
    Faced("b", ReviewRowFace("Roof drain inspection", "10:02", "WO-24111 · RD-11 Roof drain")),
    Faced("c", ReviewRowFace("Fire door check", "Yesterday", "WO-24112 · FD group, 16 doors")),
)

TIMELINE = (
    Faced("1", TimelineFace("travel", "Travel started", "07:56", "10:07")),
    Faced("2", TimelineFace("fence", "Arrived, outside fence", "08:14", "10:07", "warning")),
    Faced("3", TimelineFace("refused", "Seal failed", "09:22", "", "danger")),
)


def signature() -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """A wavy line as a person would draw it, in quarters of a px."""
    wave = tuple((400 + 24 * step, 420 + round(150 * sin(step / 3)), 16 * step) for step in range(40))
    return (wave, ((1300, 300, 900), (1420, 520, 980)))
