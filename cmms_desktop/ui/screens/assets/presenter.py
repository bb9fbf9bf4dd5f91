"""Assets of the sites on this device: found by code, name or serial, and the card of the chosen one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.meters import read_meter
from cmms_desktop.application.commands.shared_codes import link_asset, rename_code
from cmms_desktop.application.queries.assets_page import AssetCard, AssetLine, asset_card, assets
from cmms_desktop.application.queries.order_list import OrderRow
from cmms_desktop.application.session import Key, LocalWrite, Reading
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.assets.detail_sections import NOTHING, DetailSections, detail_sections
from cmms_desktop.ui.screens.assets.meter_rows import MeterRow, meter_rows
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.faces import ReviewRowFace
from cmms_desktop.ui.text.meter_words import reading_saved
from cmms_desktop.ui.text.moments import Moments, date_words
from cmms_desktop.ui.text.numbers import counted
from sync_server.contract.rules.metering import State

_SHOWN: Final = frozenset(
    {"asset", "asset_stub", "asset_type", "site", "location", "work_order", "conflict", "meter"}
    | {"asset_specification", "asset_document", "asset_relation"}
)
MOST_ROWS: Final = 500
SELECTED: Final = "assets:selected"
SEARCH: Final = "assets:search"


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset, ready to draw."""

    id: str
    face: ReviewRowFace
    said: str


@dataclass(frozen=True, slots=True)
class AssetOrderRow:
    """An order of the chosen asset."""

    id: str
    text: str
    detail: str
    badges: tuple[BadgeSpec, ...]


@dataclass(frozen=True, slots=True)
class TwinRow:
    """Another asset with the code. `question`, `act`: asked before both become one."""

    id: str
    text: str
    question: str
    act: str


@dataclass(frozen=True, slots=True)
class SharedCode:
    """`may_act`: the person renames and links; else he only reads it."""

    text: str
    twins: tuple[TwinRow, ...]
    may_act: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardState:
    """The chosen asset. `notice`: what to know about what is shown, title and text."""

    id: str
    title: str
    about: str
    badges: tuple[BadgeSpec, ...]
    notice: tuple[str, str] | None
    facts: tuple[tuple[str, str], ...]
    notes: str
    orders: tuple[AssetOrderRow, ...]
    meters: tuple[MeterRow, ...] = ()
    details: DetailSections = NOTHING
    shared: SharedCode | None = None
    """Another asset has its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsState:
    """The list."""

    rows: tuple[AssetRow, ...]
    selected_id: str
    note: str
    search: str
    empty: tuple[str, str]


class AssetsView(Protocol):
    """What shows it."""

    def show_state(self, state: AssetsState) -> None:
        """Show the list."""
        ...

    def show_card(self, card: CardState | None) -> None:
        """Show one asset; None: none is chosen, or it is not here."""
        ...

    def forget_code(self) -> None:
        """Empty the field of the new code."""
        ...

    def forget_reading(self, meter_id: str) -> None:
        """Empty the field of a meter."""
        ...


class AssetsPresenter(Presenter):
    """The list and the card; search and choice are found again after a restart."""

    def __init__(self, context: ScreenContext, view: AssetsView, asset_id: str) -> None:
        """Show assets in a view; `asset_id` is to be chosen, "" for the one that was chosen last."""
        super().__init__(context)
        self._view = view
        self._units: dict[str, str] = {}
        self.selected_id = asset_id or context.drafts.get(SELECTED) or ""
        self._search = "" if asset_id else context.drafts.get(SEARCH) or ""

    def start(self) -> None:
        """Show the list, and again whenever something of it changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("assets", partial(self._read, text=self._search), self._show)

    def search(self, text: str) -> None:
        """Show only what says every word of a text."""
        self._search = text
        self.context.drafts.keep(SEARCH, text)
        self.refresh()

    def select(self, asset_id: str) -> None:
        """Choose an asset."""
        self.selected_id = asset_id
        self.context.drafts.keep(SELECTED, asset_id)
        self._ask_card()

    def open_order(self, order_id: str) -> None:
        """Go to an order of the asset."""
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def rename(self, code: str) -> None:
        """Give the chosen asset another code."""
        command = partial(rename_code, entity="asset", row_id=self.selected_id, code=code)
        self._write(command, "Asset renamed")

    def link(self, kept_id: str) -> None:
        """Say that the chosen asset is a second card of another one, and show that one."""
        command = partial(link_asset, asset_id=self.selected_id, kept_id=kept_id)
        self._write(command, "Two cards are one asset now", then_id=kept_id)

    def read(self, meter_id: str, value: str) -> None:
        """Take a reading of one of the chosen asset's meters; what it means is said at once, network or not."""
        done = partial(self._was_read, meter_id, value)
        command = partial(read_meter, meter_id=meter_id, value=value)
        self.context.background.write(command, done, refused=self.context.navigator.complain)

    def _was_read(self, meter_id: str, value: str, state: State) -> None:
        said = reading_saved(value, self._units.get(meter_id, ""), state)
        self.context.navigator.toast(said, needs_attention=state != "normal")
        if not self._is_closed:
            self._view.forget_reading(meter_id)
            self._ask_card()

    def _write(self, command: Callable[[LocalWrite], object], what: str, *, then_id: str = "") -> None:
        done = partial(self._written, what, then_id or self.selected_id)
        self.context.background.write(command, done, refused=self.context.navigator.complain)

    def _written(self, what: str, asset_id: str, _: object) -> None:
        self.context.navigator.toast(what)
        if self._is_closed:
            return
        self._view.forget_code()
        self.select(asset_id)
        self.refresh()

    def _read(self, reading: Reading, text: str) -> tuple[AssetRow, ...]:
        return tuple(_row(line) for line in assets(reading, text, limit=MOST_ROWS))

    def _show(self, rows: tuple[AssetRow, ...]) -> None:
        is_listed = any(row.id == self.selected_id for row in rows)
        if rows and not is_listed and (self._search or not self.selected_id):
            self.selected_id = rows[0].id  # else it is one that a scan found, beyond what is listed
        most = f"The first {MOST_ROWS} are shown. Search to find the others."
        as_of = self.context.conversation.status.last_sync_at
        since = f"as of {Moments().time(as_of)}" if as_of else "never synced"
        self._view.show_state(
            AssetsState(
                rows=rows,
                selected_id=self.selected_id,
                note=most if len(rows) == MOST_ROWS else f"{counted(len(rows), 'asset')} · {since}",
                search=self._search,
                empty=("No asset says that", "Try its code, or scan its label."),
            )
        )
        self._ask_card()

    def _ask_card(self) -> None:
        self.ask("card", partial(_read_card, asset_id=self.selected_id), self._show_card)

    def _show_card(self, card: AssetCard | None) -> None:
        self._units = {} if card is None else {line.id: line.unit for line in card.meters}
        self._view.show_card(None if card is None else card_state(card, now=self.context.clock()))


def _read_card(reading: Reading, asset_id: str) -> AssetCard | None:
    return asset_card(reading, asset_id) if asset_id else None


def _row(line: AssetLine) -> AssetRow:
    detail = " · ".join(part for part in (line.site, f"serial {line.serial}" if line.serial else "") if part)
    shown = [BadgeSpec("neutral", "assets", line.type or "Asset")]
    if line.open_orders:
        shown.append(BadgeSpec("warning", "orders", counted(line.open_orders, "open order")))
    face = ReviewRowFace(_name(line.code, line.name), "", detail, tuple(shown))
    return AssetRow(line.id, face, ", ".join((face.title, detail, *(badge.text for badge in shown))))


def _name(code: str, name: str) -> str:
    return " ".join(part for part in (code, name) if part) or "Asset without a name"


def card_state(card: AssetCard, *, now: datetime) -> CardState:
    """Say what is known of an asset."""
    shown = [badges.asset_badge(card.status)] if card.status else []
    shown += [badges.conflicts_badge(card.conflicts)] if card.conflicts else []
    shared = _shared(card)
    shown += [badges.shared_code_badge()] if shared is not None else []
    label_only = ("Only its label is on this device", "The card comes when an order of it is yours.")
    return CardState(
        id=card.id,
        title=_name(card.code, card.name),
        about=", ".join(part for part in (card.site, card.location) if part),
        badges=tuple(shown),
        notice=None if card.is_here else label_only,
        facts=_facts(card, now),
        notes=card.notes or "",
        orders=tuple(_order(row, now) for row in card.orders),
        meters=meter_rows(card.meters, now),
        details=detail_sections(card.details, Moments().local(now).date()),
        shared=shared,
    )


def _shared(card: AssetCard) -> SharedCode | None:
    """Say who else has the code. Only cards of one site can be one asset."""
    if not card.is_code_shared:
        return None
    question = "Unsigned orders move, this card goes"
    twins = tuple(TwinRow(each.id, _name(each.code, each.name), question, "Make them one") for each in card.twins)
    where = "" if twins else " It is on another site, or not on this device."
    who = f"Another asset has the code {card.code} too.{where}"
    return SharedCode(who if card.may_rename else f"{who} The office renames one of them.", twins, card.may_rename)


def _facts(card: AssetCard, now: datetime) -> tuple[tuple[str, str], ...]:
    maker = " ".join(part for part in (card.manufacturer, card.model) if part)
    is_over = card.warranty_until is not None and card.warranty_until < Moments().local(now).date().isoformat()
    warranty = f"{'Ended' if is_over else 'Until'} {date_words(card.warranty_until)}" if card.warranty_until else ""
    facts = (
        ("Type", card.type or ""),
        ("Serial", card.serial or ""),
        ("Registration", card.registration_number or ""),
        ("Label", card.qr_code or ""),
        ("Made by", maker),
        ("Installed", date_words(card.installed_on)),
        ("Warranty", warranty),
        ("Health", f"{card.health_score} of 100" if card.health_score is not None else ""),
        ("Part of", card.parent or ""),
    )
    return tuple((caption, value) for caption, value in facts if value)


def _order(row: OrderRow, now: datetime) -> AssetOrderRow:
    due = Moments().when(row.due_at, now)
    detail = " · ".join(part for part in (f"due {due}" if due else "", row.people) if part)
    shown = (badges.status_badge(row.status), badges.priority_badge(row.priority))
    return AssetOrderRow(row.id, f"{row.number} {row.title}", detail, shown)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
