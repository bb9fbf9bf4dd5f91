"""My day: the person's orders in route order, filtered as he likes, and whether all of them can be done offline."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final, Protocol

import msgspec

from cmms_desktop.application.queries.calendar import CalendarEvent, calendar_events
from cmms_desktop.application.queries.day import DayCard, DaySpan, day_cards
from cmms_desktop.application.queries.readiness import Readiness, readiness
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.my_day.cards import DayRow, day_rows
from cmms_desktop.ui.screens.my_day.filtering import DayFilter, chips_of, kept_cards
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.numbers import counted, size
from cmms_desktop.ui.text.order_words import missing_words, readiness_text, readiness_title
from sync_server.contract.entities import AGGREGATES

_SHOWN: Final = frozenset(
    {*AGGREGATES["work_order"], "asset", "asset_stub", "site", "location", "part", "calendar_event", "team"}
)
DAYS_AHEAD: Final = 6
"""So many days after today are looked ahead in the calendar."""
SELECTED: Final = "my_day:selected"
FILTER: Final = "my_day:filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessState:
    """Whether the day can be done without a network. `missing`: one line for each thing that is not here."""

    is_ready: bool
    title: str
    text: str
    short: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyDayState:
    """The page. `empty`: what to say when there are no rows; `chips`: key and word of what can be filtered by."""

    day: str
    short_day: str
    readiness: ReadinessState
    rows: tuple[DayRow | SectionRow, ...]
    selected_id: str
    chips: tuple[tuple[str, str], ...]
    wanted: DayFilter
    empty: tuple[str, str] | None


class MyDayView(Protocol):
    """What shows it."""

    def show_state(self, state: MyDayState) -> None:
        """Show the day."""
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    cards: tuple[DayCard, ...]
    readiness: Readiness
    events: tuple[CalendarEvent, ...]
    today: DaySpan


class MyDayPresenter(Presenter):
    """The day of the signed-in person."""

    def __init__(self, context: ScreenContext, view: MyDayView, order_id: str) -> None:
        """Show the day in a view; `order_id` is to be chosen, "" for the one that was chosen last."""
        super().__init__(context)
        self._view = view
        self.selected_id = order_id or context.drafts.get(SELECTED) or ""
        self._wanted = _read_filter(context.drafts.get(FILTER))
        self._found: _Found | None = None
        self._is_compact = False
        self._day: date | None = None
        self._synced_at = context.conversation.status.last_sync_at

    # ---- showing

    def start(self) -> None:
        """Show the day, and again whenever something of it changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.follow(self._heard)
        self.refresh()

    def refresh(self) -> None:
        """Read the day again."""
        now = Moments().local(self.context.clock())
        self._day = now.date()
        ahead = DaySpan.of(now + timedelta(days=DAYS_AHEAD)).ends_at
        self.ask("day", partial(self._read, today=DaySpan.of(now), ahead=ahead), self._show_found)

    def tick(self) -> None:
        """Some time went by: after midnight it is another day."""
        if Moments().local(self.context.clock()).date() != self._day:
            self.refresh()

    def arrange(self, *, is_compact: bool) -> None:
        """Say less in each card where the window is small."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._show()

    def _read(self, reading: Reading, today: DaySpan, ahead: str) -> _Found:
        person_id = self.context.session.signed_in.person_id
        cards = day_cards(reading, person_id, today)
        ready = readiness(reading, [card.id for card in cards if not card.is_done])
        events = calendar_events(reading, person_id, after=today.starts_at, before=ahead)
        return _Found(cards, ready, events, today)

    def _show_found(self, found: _Found) -> None:
        self._found = found
        self._show()

    def _show(self) -> None:
        if self._found is None:
            return
        now, cards = self.context.clock(), self._found.cards
        rows = day_rows(
            kept_cards(cards, self._wanted),
            now=now,
            is_compact=self._is_compact,
            events=() if self._wanted.count else self._found.events,  # who filters looks for orders
            ends_at=self._found.today.ends_at,
        )
        ids = [row.id for row in rows if isinstance(row, DayRow)]
        if self.selected_id not in ids:
            self.selected_id = ids[0] if ids else ""
        heading, today = Moments().heading(now), [card for card in cards if card.is_today]
        orders, sites = counted(len(today), "order"), counted(len({card.site for card in today}), "site")
        weekday, rest = heading.split(" ", 1)
        self._view.show_state(
            MyDayState(
                day=f"{heading} · {orders} · {sites}",
                short_day=f"{weekday[:3]} {rest} · {orders}",
                readiness=self._readiness(self._found.readiness),
                rows=rows,
                selected_id=self.selected_id,
                chips=chips_of(cards),
                wanted=self._wanted,
                empty=None if rows else self._empty(cards),
            )
        )

    def _readiness(self, found: Readiness) -> ReadinessState:
        now = self.context.clock()
        return ReadinessState(
            is_ready=not found.missing and found.as_of is not None,
            title=readiness_title(found),
            text=readiness_text(found, Moments(), now),
            short=f"{found.ready}/{found.total} ready, {size(found.size_bytes)}",
            missing=tuple(dict.fromkeys(missing_words(each) for each in found.missing)),
        )

    def _empty(self, cards: tuple[DayCard, ...]) -> tuple[str, str]:
        if cards:
            return "No order fits the filter", "Change the filter to see the others."
        as_of = self.context.conversation.status.last_sync_at
        since = f"As of {Moments().time(as_of)}." if as_of else "Never synced on this device."
        return "No orders for you today", f"{since} New orders appear here by themselves."

    def _heard(self, status: SyncStatus) -> None:
        if status.last_sync_at != self._synced_at:
            self._synced_at = status.last_sync_at
            self.refresh()

    # ---- what a person does

    def select(self, order_id: str) -> None:
        """Choose an order; it is chosen again after a restart."""
        self.selected_id = order_id
        self.context.drafts.keep(SELECTED, order_id)

    def open(self, order_id: str) -> None:
        """Open an order as a page of its own."""
        self.select(order_id)
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def search(self, text: str) -> None:
        """Show only what says every word of a text."""
        self._filter(DayFilter(text, self._wanted.keys))

    def choose_chips(self, keys: tuple[str, ...]) -> None:
        """Show only what fits the chosen chips."""
        self._filter(DayFilter(self._wanted.text, keys))

    def check(self) -> None:
        """Check again whether everything is here, and fetch what is not."""
        self.context.conversation.sync_now()
        self.refresh()

    def _filter(self, wanted: DayFilter) -> None:
        self._wanted = wanted
        text = "" if wanted == DayFilter() else msgspec.json.encode([wanted.text, *wanted.keys]).decode()
        self.context.drafts.keep(FILTER, text)
        self._show()


def _read_filter(text: str | None) -> DayFilter:
    """Read a kept filter; what is not understood filters nothing."""
    try:
        words = msgspec.json.decode(text, type=list[str]) if text else []
    except msgspec.DecodeError:
        words = []
    return DayFilter(words[0], tuple(words[1:])) if words else DayFilter()


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
