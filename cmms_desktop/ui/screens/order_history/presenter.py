"""Everything that happened to an order, in words, the newest last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cmms_desktop.application.queries.history import Timeline, TimelineEntry, timeline
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.text.faces import SectionRow, TimelineFace
from cmms_desktop.ui.text.moments import Moments, clock_offset
from cmms_desktop.ui.text.timeline_words import entry_details, entry_icon, entry_tone, timeline_face
from cmms_desktop.ui.text.words import lower
from sync_server.contract.entities import AGGREGATES

_SHOWN: Final = frozenset({*AGGREGATES["work_order"], "person"})


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line, ready to draw; `said` reads it as one sentence, with what was said and who did it."""

    id: str
    face: TimelineFace
    said: str


@dataclass(frozen=True, slots=True)
class HistoryState:
    """The page. `clock`: how far the device's clock was off."""

    rows: tuple[HistoryRow | SectionRow, ...]
    clock: str


class HistoryView(Protocol):
    """What shows it."""

    def show_state(self, state: HistoryState) -> None:
        """Show the lines."""
        ...


class HistoryPresenter(Presenter):
    """Reads the timeline of one order, again whenever something happens."""

    def __init__(self, context: ScreenContext, view: HistoryView, order_id: str) -> None:
        """Show one order's history in a view."""
        super().__init__(context)
        self._view, self._order_id = view, order_id

    def start(self) -> None:
        """Show what is there."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("history", self._read, self._found)

    def _read(self, reading: Reading) -> Timeline | None:
        return timeline(reading, self._order_id)

    def _found(self, found: Timeline | None) -> None:
        if found is not None:
            rows = by_day(found.entries, now=self.context.clock())
            self._view.show_state(HistoryState(rows, f"Device clock: {lower(clock_offset(found.offset_ms))}"))


def by_day(entries: tuple[TimelineEntry, ...], *, now: datetime) -> tuple[HistoryRow | SectionRow, ...]:
    """Say what happened, under the day of the device on which it happened."""
    rows: list[HistoryRow | SectionRow] = []
    shown = ""
    for entry in entries:
        day = Moments().day(entry.at, now)
        if day != shown:
            rows.append(SectionRow(f"day:{len(rows)}", day))
            shown = day
        rows.append(_row(entry, now))
    return tuple(rows)


def _row(entry: TimelineEntry, now: datetime) -> HistoryRow:
    around = Moments()
    said = {"comment": entry.text, "photo": None}.get(entry.kind, entry.note)
    event = timeline_face(entry, around, now).event + (f": “{said}”" if said else "")
    received = around.time(entry.received_at)
    if entry.received_at is not None and around.day(entry.received_at, now) != around.day(entry.at, now):
        received = around.short(entry.received_at, now)
    details = entry_details(entry, around, now)
    tone = entry_tone(entry)
    face = TimelineFace(entry_icon(entry), event, around.time(entry.at), received or "waiting", tone, details)
    about = (
        event,
        *details,
        entry.person,
        f"device {face.device_time}",
        f"received {received}" if received else "not sent yet",
    )
    return HistoryRow(entry.id, face, ", ".join(part for part in about if part))


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
