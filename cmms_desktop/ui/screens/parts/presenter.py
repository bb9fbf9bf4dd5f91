"""Parts and where they lie: the own van and the stores of the sites, searched; and the card of the chosen part."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.queries.parts_list import PartCard, PartsList, part_card, parts_list
from cmms_desktop.application.queries.stock_lines import PartLine, StockPlace
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, with_unit
from cmms_desktop.ui.text.order_words import part_words, stock_as_of
from cmms_desktop.ui.text.words import STATUS, STOCK_PLACE, word

_SHOWN: Final = frozenset(
    {"part", "stock_level", "stock_location", "stock_movement", "work_order_part", "work_order", "vendor"}
)
SELECTED: Final = "parts:selected"
SEARCH: Final = "parts:search"
SCOPE: Final = "parts:scope"
MOST_PLACES: Final = 2
"""Places that a row names."""


@dataclass(frozen=True, slots=True)
class PartListRow:
    """One part, ready to draw."""

    id: str
    face: ReviewRowFace
    said: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A place with its level, or an order: what it is, something beside it, and a badge."""

    id: str
    text: str
    detail: str
    value: str
    badge: BadgeSpec | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardState:
    """The chosen part. `about`: how much lies within reach."""

    id: str
    title: str
    about: str
    facts: tuple[tuple[str, str], ...]
    places: tuple[LineRow, ...]
    as_of: str
    orders: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsState:
    """The list. `has_van`: it can be narrowed to the own van."""

    rows: tuple[PartListRow, ...]
    selected_id: str
    note: str
    search: str
    scope: str
    has_van: bool
    empty: tuple[str, str]


class PartsView(Protocol):
    """What shows it."""

    def show_state(self, state: PartsState) -> None:
        """Show the list."""
        ...

    def show_card(self, card: CardState | None) -> None:
        """Show one part; None: none is chosen, or it is not here."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[PartListRow, ...]
    list: PartsList


class PartsPresenter(Presenter):
    """The list and the card; search, scope and choice are found again after a restart."""

    def __init__(self, context: ScreenContext, view: PartsView, part_id: str) -> None:
        """Show parts in a view; `part_id` is to be chosen, "" for the one that was chosen last."""
        super().__init__(context)
        self._view = view
        self.selected_id = part_id or context.drafts.get(SELECTED) or ""
        self._search = "" if part_id else context.drafts.get(SEARCH) or ""
        self._scope = "all" if part_id or context.drafts.get(SCOPE) == "all" else "van"

    def start(self) -> None:
        """Show the list, and again whenever something of it changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("parts", partial(_read, text=self._search, scope=self._scope), self._show)

    def search(self, text: str) -> None:
        """Show only what says every word of a text."""
        self._search = text
        self.context.drafts.keep(SEARCH, text)
        self.refresh()

    def choose_scope(self, scope: str) -> None:
        """Show what the own van holds, or all parts."""
        self._scope = scope
        self.context.drafts.keep(SCOPE, "" if scope == "van" else scope)
        self.refresh()

    def select(self, part_id: str) -> None:
        """Choose a part."""
        self.selected_id = part_id
        self.context.drafts.keep(SELECTED, part_id)
        self._ask_card()

    def open_order(self, order_id: str) -> None:
        """Go to an order that the part is planned for."""
        self.context.navigator.open(Place.of("order", order_id=order_id, tab="parts"))

    def _show(self, found: _Found) -> None:
        rows, now = found.rows, self.context.clock()
        is_listed = any(row.id == self.selected_id for row in rows)
        if rows and not is_listed and (self._search or not self.selected_id):
            self.selected_id = rows[0].id  # else it is one that a scan found, beyond what is listed
        age = stock_as_of(found.list.as_of, Moments(), now)
        more = f"The first {len(rows)} are shown. Search to find the others."
        in_van = self._scope == "van" and found.list.has_van and not self._search
        self._view.show_state(
            PartsState(
                rows=rows,
                selected_id=self.selected_id,
                note=more if found.list.total > len(rows) else f"{counted(len(rows), 'part')} · {age}",
                search=self._search,
                scope=self._scope if found.list.has_van else "all",
                has_van=found.list.has_van,
                empty=("Your van is empty", age.capitalize() + ".")
                if in_van
                else ("No part says that", "Try its code."),
            )
        )
        self._ask_card()

    def _ask_card(self) -> None:
        self.ask("card", partial(_read_card, part_id=self.selected_id), self._show_card)

    def _show_card(self, card: PartCard | None) -> None:
        if card is None:
            self._view.show_card(None)
            return
        part = card.part
        facts = (("Code", part.code), ("Barcode", part.barcode or ""), ("Counted in", part.unit), *_buying(card))
        self._view.show_card(
            CardState(
                id=part.id,
                title=part.name or part.code or "Part without a name",
                about=_in_reach(part),
                facts=tuple((caption, value) for caption, value in facts if value),
                places=tuple(_places(part)),
                as_of=stock_as_of(card.as_of, Moments(), self.context.clock()),
                orders=tuple(
                    LineRow(link.id, f"{link.number} {link.title}", word(STATUS, link.status), "", None)
                    for link in card.orders
                ),
            )
        )


def _buying(card: PartCard) -> tuple[tuple[str, str], ...]:
    """From whom it is bought, and when and how much; "" where nobody said."""
    point, at_once = (
        "" if each is None else with_unit(each, card.part.unit) for each in (card.reorder_point, card.reorder_quantity)
    )
    return (("Bought from", card.vendor), ("Reordered at", point), ("Ordered at once", at_once))


def _read(reading: Reading, text: str, scope: str) -> _Found:
    found = parts_list(reading, text, only_van=scope == "van")
    if scope == "van" and not found.has_van:
        found = parts_list(reading, text)
    return _Found(tuple(_row(row) for row in found.rows), found)


def _read_card(reading: Reading, part_id: str) -> PartCard | None:
    return part_card(reading, part_id) if part_id else None


def _row(row: PartLine) -> PartListRow:
    stores = [line for line in row.stock if not line.place.is_own_van and line.quantity > 0]
    named = [f"{line.place.name}: {with_unit(line.quantity, None)}" for line in stores[:MOST_PLACES]]
    rest = [f"and {len(stores) - MOST_PLACES} more"] if len(stores) > MOST_PLACES else []
    in_van = with_unit(row.in_van, row.unit)
    detail = " · ".join((*named, *rest)) or "In no store"
    face = ReviewRowFace(part_words(row.name, row.code), in_van, detail)
    return PartListRow(row.id, face, f"{face.title}, in your van {in_van}, {detail}")


def _in_reach(part: PartLine) -> str:
    stores = sum((line.quantity for line in part.stock if not line.place.is_own_van), Decimal(0))
    return f"{with_unit(part.in_van, part.unit)} in your van, {with_unit(stores, part.unit)} in stores"


def _places(part: PartLine) -> list[LineRow]:
    return [
        LineRow(
            line.place.id,
            line.place.name,
            _place_words(line.place),
            with_unit(line.quantity, part.unit),
            BadgeSpec("warning", "hazard", "Short") if line.quantity < 0 else None,
        )
        for line in part.stock
    ]


def _place_words(place: StockPlace) -> str:
    said = "Your van" if place.is_own_van else word(STOCK_PLACE, place.kind)
    return said if place.capacity is None else f"{said} · room for {with_unit(place.capacity, None)}"


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
