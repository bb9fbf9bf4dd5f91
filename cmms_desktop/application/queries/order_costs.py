"""What an order cost, as far as this person sees it: his own lines, all lines for the office. Frozen rows."""

from dataclasses import dataclass
from typing import Final

from cmms_desktop.application.queries.lookups import state_of, text_of, text_or_none
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.costing import amount_text, sums
from sync_server.contract.rules.permission import Place, may

DEFAULT_CURRENCY: Final = "EUR"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One amount. `amount`: with its currency; `created_at` in wire form; `may_take_back`: by this person, here."""

    id: str
    kind: str
    amount: str
    note: str | None
    person: str | None
    created_at: str
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class OrderCosts:
    """The lines, the oldest first, with their sum in each currency; `currency`: the one that is entered next."""

    lines: tuple[CostLine, ...]
    totals: tuple[str, ...]
    currency: str
    may_add: bool
    sees_all: bool
    """Lines of everybody at the site are here, not his own alone."""


_LINES: Final = """
SELECT c.id, c.kind, c.amount_minor, c.currency, c.note, p.name, c.created_at, c.created_by, c.site_id
FROM work_order_cost c LEFT JOIN person p ON p.id = c.created_by
WHERE c.work_order_id = ? AND c.deleted_at IS NULL ORDER BY c.created_at, c.id"""
_LAST: Final = "SELECT currency FROM work_order_cost WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1"


def order_costs(reading: Reading, order_id: str) -> OrderCosts:
    """Read what is known on this device."""
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    order = reading.get("work_order", order_id) or {}
    found = reading.cursor.execute(_LINES, (order_id,)).fetchall()
    lines = []
    for id_, kind, minor, currency, note, person, created_at, author, site_id in found:
        is_his = author == state.person_id
        place = Place(site_id, is_held=is_his, is_own=is_his)
        may_take_back = may(actor, "work_order_cost", "delete", place) is None
        amount = amount_text(int(minor), text_of(currency))
        said = (text_or_none(note), text_or_none(person), text_of(created_at))
        lines.append(CostLine(text_of(id_), text_of(kind), amount, *said, may_take_back))
    total = sums({"currency": text_of(line[3]), "amount_minor": int(line[2])} for line in found)
    last = reading.cursor.execute(_LAST).fetchone()
    return OrderCosts(
        tuple(lines),
        tuple(amount_text(minor, currency) for currency, minor in sorted(total.items())),
        DEFAULT_CURRENCY if last is None else text_of(last[0]),
        may_add=may(actor, "work_order_cost", "create", Place(order.get("site_id"))) is None,
        sees_all=actor.is_office_at(order.get("site_id")),
    )
