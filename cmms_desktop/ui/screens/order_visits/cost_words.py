"""What an order cost, in words: one row an amount. Plain Python."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cmms_desktop.application.queries.order_costs import CostLine, OrderCosts
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.moments import Moments


@dataclass(frozen=True, slots=True)
class CostRow:
    """One amount in words."""

    id: str
    text: str
    detail: str
    amount: str
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class CostsState:
    """All of them; `title` says whose they are, where they are not everybody's."""

    title: str
    rows: tuple[CostRow, ...]
    total: str


NO_COSTS: Final = CostsState("Costs", (), "")


def costs_state(costs: OrderCosts, now: datetime) -> CostsState:
    """Say it in words."""
    title = "Costs" if costs.sees_all else "Costs that you entered"
    return CostsState(title, tuple(_row(line, now) for line in costs.lines), " + ".join(costs.totals))


def _row(line: CostLine, now: datetime) -> CostRow:
    kind = words.word(words.COST, line.kind)
    detail = " · ".join(part for part in (line.person, Moments().when(line.created_at, now)) if part)
    return CostRow(line.id, f"{kind}: {line.note}" if line.note else kind, detail, line.amount, line.may_take_back)
