"""Visits of an order in words: how long each step took, where it happened, and the two times of every event."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.costs import take_back
from cmms_desktop.application.queries.order_costs import OrderCosts, order_costs
from cmms_desktop.application.queries.visits import VisitEvent, VisitLine, visit_lines
from cmms_desktop.application.session import Key, Reading
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext
from cmms_desktop.ui.screens.order_visits.cost_words import NO_COSTS, CostsState, costs_state
from cmms_desktop.ui.text import words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import fence_badge, late_badge
from cmms_desktop.ui.text.moments import Moments, clock_offset, duration, seconds

_SHOWN: Final = frozenset({"work_log", "work_log_event", "person", "work_order_cost"})
_ICONS: Final = {
    "travel": "travel",
    "arrive": "arrive",
    "start": "start",
    "pause": "state-on-hold",
    "resume": "start",
    "finish": "finish",
    "leave": "log-out",
    "manual": "note",
}
NOT_RECEIVED: Final = "Waiting"
"""Where the time of reception would stand: the event is on this device only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something that happened on a visit. `received`: when the server had it."""

    id: str
    icon: str
    text: str
    detail: str
    badges: tuple[BadgeSpec, ...]
    device_time: str
    received: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit. `facts`: captions with values."""

    id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    events: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class VisitsState:
    """The page: all visits, the newest first, and their sums."""

    totals: tuple[tuple[str, str], ...]
    visits: tuple[VisitRow, ...]
    costs: CostsState = NO_COSTS


class VisitsView(Protocol):
    """What shows it."""

    def show_state(self, state: VisitsState) -> None:
        """Show the visits."""
        ...


class VisitsPresenter(Presenter):
    """Reads the visits of one order, again whenever one changes."""

    def __init__(self, context: ScreenContext, view: VisitsView, order_id: str) -> None:
        """Show one order's visits in a view."""
        super().__init__(context)
        self._view, self._order_id = view, order_id

    def start(self) -> None:
        """Show what is there."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("visits", self._read, self._found)

    def take_back(self, cost_id: str) -> None:
        """Take a cost back that was wrong."""
        self.context.background.write(
            partial(take_back, cost_id=cost_id), lambda _: None, refused=self.context.navigator.complain
        )

    def _read(self, reading: Reading) -> "_Found":
        order = reading.get("work_order", self._order_id) or {}
        planned = order.get("estimated_minutes")
        lines = visit_lines(reading, self._order_id)
        return _Found(planned if isinstance(planned, int) else None, lines, order_costs(reading, self._order_id))

    def _found(self, found: "_Found") -> None:
        now = self.context.clock()
        state = visits_state(found.lines, planned_minutes=found.planned_minutes, now=now)
        self._view.show_state(replace(state, costs=costs_state(found.costs, now)))


@dataclass(frozen=True, slots=True)
class _Found:
    planned_minutes: int | None
    lines: tuple[VisitLine, ...]
    costs: OrderCosts


def visits_state(lines: tuple[VisitLine, ...], *, planned_minutes: int | None, now: datetime) -> VisitsState:
    """Say it in words."""
    travel = sum(line.travel_minutes or 0 for line in lines)
    work = sum(_work_minutes(line, now) for line in lines)
    totals = (
        ("Planned time", duration(planned_minutes) or "Not planned"),
        ("Travel", duration(travel)),
        ("Work", duration(work)),
        ("Visits", str(len(lines))),
    )
    return VisitsState(totals, tuple(_visit(line, now) for line in reversed(lines)))


def _work_minutes(line: VisitLine, now: datetime) -> int:
    """Minutes of work, up to now while it goes on."""
    began = Moments().read(line.started_at)
    if line.work_minutes is not None or began is None or line.ended_at is not None:
        return line.work_minutes or 0
    return max(0, int((now - began).total_seconds() // 60))


def _visit(line: VisitLine, now: datetime) -> VisitRow:
    around = Moments()
    began = line.travel_at or line.arrived_at or line.started_at
    title = " · ".join(part for part in (around.day(began, now), line.person or "Unknown person") if part)
    facts = (
        ("Travel", _span(line.travel_at, line.arrived_at, line.travel_minutes)),
        ("Work", _span(line.started_at, line.ended_at, line.work_minutes)),
        ("Break", duration(line.pause_minutes) if line.pause_minutes else "None"),
    )
    return VisitRow(line.id, title, facts, tuple(_event(event, now) for event in line.events))


def _span(began: str | None, ended: str | None, minutes: int | None) -> str:
    around = Moments()
    if began is None:
        return "Not yet"
    if ended is None:
        return f"since {around.time(began)}"
    return f"{duration(minutes)}, {around.time(began)}–{around.time(ended)}" if minutes is not None else "Not known"


def _event(event: VisitEvent, now: datetime) -> EventRow:
    around = Moments()
    badges = [fence_badge(event.fence, event.distance_m)] if event.fence else []
    badges += [BadgeSpec("danger", "hazard", "Mock position")] if event.is_mock else []
    badges += [late_badge()] if event.is_late else []
    return EventRow(
        id=event.id,
        icon="fence" if event.fence in {"outside", "unknown"} else _ICONS.get(event.kind, "info"),
        text=words.word(words.EVENT, event.kind),
        detail=_evidence(event),
        badges=tuple(badges),
        device_time=around.time_with_seconds(event.device_at),
        received=around.short(event.received_at, now) if event.received_at else NOT_RECEIVED,
    )


def _evidence(event: VisitEvent) -> str:
    """How the position was measured and why: "± 4 m, 2 s old, Recorded positions. “Gate closed”"."""
    parts = [f"± {event.accuracy_m:.0f} m"] if event.accuracy_m is not None else []
    parts += [f"{seconds(event.fix_age_s)} old"] if event.fix_age_s is not None and event.latitude is not None else []
    parts += [words.word(words.SOURCE, event.source)] if event.source else []
    if event.offset_ms is not None and event.fence:
        parts.append(f"clock {words.lower(clock_offset(event.offset_ms))}")
    reason = f"“{event.reason}”" if event.reason else ""
    return " ".join(part for part in (", ".join(parts), reason) if part)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
