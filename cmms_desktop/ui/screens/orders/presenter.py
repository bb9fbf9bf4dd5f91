"""Every order on this device: searched, filtered, chosen. Rows are said in the background, so thousands are cheap."""

from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.queries.order_list import OrderCounts, all_orders, order_counts
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.orders.rows import (
    SCOPES,
    OrderListRow,
    OrdersFilter,
    chips_of,
    list_row,
    scope_counts,
)
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.entities import AGGREGATES

_SHOWN: Final = frozenset({*AGGREGATES["work_order"], "asset", "asset_stub", "site", "person", "team", "tag"})
MOST_ROWS: Final = 500
"""Rows that are shown; the rest is found by searching."""
SELECTED: Final = "orders:selected"
FILTER: Final = "orders:filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersState:
    """The page. `note`: how many are shown of how many."""

    rows: tuple[OrderListRow, ...]
    selected_id: str
    note: str
    scopes: dict[str, str]
    chips: tuple[tuple[str, str], ...]
    wanted: OrdersFilter
    empty: tuple[str, str]


class OrdersView(Protocol):
    """What shows it."""

    def show_state(self, state: OrdersState) -> None:
        """Show the orders."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[OrderListRow, ...]
    total: int
    counts: OrderCounts


class OrdersPresenter(Presenter):
    """The list and its filter; both are found again after a restart."""

    def __init__(self, context: ScreenContext, view: OrdersView) -> None:
        """Show orders in a view."""
        super().__init__(context)
        self._view = view
        self.selected_id = context.drafts.get(SELECTED) or ""
        self._wanted = _read_filter(context.drafts.get(FILTER))

    def start(self) -> None:
        """Show the orders, and again whenever one changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("orders", partial(self._read, wanted=self._wanted), self._found)

    def select(self, order_id: str) -> None:
        """Choose an order."""
        self.selected_id = order_id
        self.context.drafts.keep(SELECTED, order_id)

    def open(self, order_id: str) -> None:
        """Open an order as a page of its own."""
        self.select(order_id)
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def search(self, text: str) -> None:
        """Show only what says every word of a text."""
        self._filter(OrdersFilter(self._wanted.scope, text, self._wanted.keys))

    def choose_scope(self, scope: str) -> None:
        """Show open, done or all orders."""
        self._filter(OrdersFilter(scope, self._wanted.text, self._wanted.keys))

    def choose_chips(self, keys: tuple[str, ...]) -> None:
        """Show only what fits the chosen chips."""
        self._filter(OrdersFilter(self._wanted.scope, self._wanted.text, keys))

    def _filter(self, wanted: OrdersFilter) -> None:
        self._wanted = wanted
        text = "" if wanted == OrdersFilter() else msgspec.json.encode([wanted.scope, wanted.text, *wanted.keys])
        self.context.drafts.keep(FILTER, text.decode() if isinstance(text, bytes) else text)
        self.refresh()

    def _read(self, reading: Reading, wanted: OrdersFilter) -> _Found:
        found, now = all_orders(reading, wanted.for_query()), self.context.clock()
        return _Found(tuple(list_row(row, now=now) for row in found[:MOST_ROWS]), len(found), order_counts(reading))

    def _found(self, found: _Found) -> None:
        if self.selected_id not in {row.id for row in found.rows}:
            self.selected_id = found.rows[0].id if found.rows else ""
        shown = f"{len(found.rows)} of {counted(found.total, 'order')} shown. Search to find the others."
        self._view.show_state(
            OrdersState(
                rows=found.rows,
                selected_id=self.selected_id,
                note=shown if found.total > len(found.rows) else self._age(found.counts.total),
                scopes=scope_counts(found.counts),
                chips=chips_of(found.counts),
                wanted=self._wanted,
                empty=self._empty(),
            )
        )

    def _age(self, total: int) -> str:
        as_of = self.context.conversation.status.last_sync_at
        since = f"as of {Moments().time(as_of)}" if as_of else "never synced"
        return f"{counted(total, 'order')} on this device · {since}"

    def _empty(self) -> tuple[str, str]:
        if self._wanted.text or self._wanted.keys:
            return "No order fits", "Change the search or the filter to see others."
        return "No orders here", "Orders of others and older ones are not on this device."


def _read_filter(text: str | None) -> OrdersFilter:
    """Read a kept filter; what is not understood filters nothing."""
    try:
        words = msgspec.json.decode(text, type=list[str]) if text else []
    except msgspec.DecodeError:
        words = []
    if len(words) < len(("scope", "text")) or words[0] not in SCOPES:
        return OrdersFilter()
    return OrdersFilter(words[0], words[1], tuple(words[2:]))


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
