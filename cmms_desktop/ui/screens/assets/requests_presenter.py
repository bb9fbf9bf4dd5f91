"""What was asked for at one asset, in words, and taking an own request back."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from cmms_desktop.application.commands.service_requests import withdraw
from cmms_desktop.application.queries.service_requests import AssetRequests, RequestLine, asset_requests
from cmms_desktop.application.session import Key
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text import badges
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.moments import Moments

_SHOWN: Final = frozenset(
    {"service_request", "asset", "asset_stub", "work_order", "person", "site_access", "person_permission"}
)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in words. `order_id`: to be opened, or ""."""

    id: str
    text: str
    detail: str
    badges: tuple[BadgeSpec, ...]
    may_withdraw: bool
    order_id: str


class RequestsView(Protocol):
    """What shows it."""

    def show_requests(self, rows: tuple[RequestRow, ...], *, title: str, may_ask: bool) -> None:
        """Show these."""
        ...


class RequestsPresenter(Presenter):
    """Requests about one asset."""

    def __init__(self, context: ScreenContext, view: RequestsView, asset_id: str) -> None:
        """Show them in a view."""
        super().__init__(context)
        self._view, self._asset_id = view, asset_id

    def start(self) -> None:
        """Show what there is."""
        self.watch(self.refresh, concerns=_concerns)
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        self.ask("requests", partial(asset_requests, asset_id=self._asset_id), self._found)

    def withdraw(self, request_id: str) -> None:
        """Take one back."""
        command = partial(withdraw, request_id=request_id)
        self.context.background.write(command, self._withdrawn, refused=self._refused)

    def open_order(self, order_id: str) -> None:
        """Go to the order that came of one."""
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def _found(self, found: AssetRequests) -> None:
        now = self.context.clock()
        title = "Problems reported" if found.sees_all else "Problems you reported"
        self._view.show_requests(tuple(_row(each, now) for each in found.lines), title=title, may_ask=found.may_ask)

    def _withdrawn(self, _: None) -> None:
        self.context.navigator.toast("Request withdrawn.")

    def _refused(self, problem: CmmsError) -> None:
        self.context.navigator.complain(problem)


def _row(line: RequestLine, now: datetime) -> RequestRow:
    who = "" if line.is_mine else line.person or ""
    made = f"Order {line.number}" if line.number else ""
    said = (who, Moments().when(line.created_at, now), made, line.reason or "")
    is_under_way = line.status == "new" and not line.is_sent  # nobody there knows of it yet
    stands = badges.waiting_badge(1) if is_under_way else badges.service_request_badge(line.status)
    return RequestRow(
        line.id,
        line.title,
        " · ".join(part for part in said if part),
        (stands, badges.priority_badge(line.urgency)),
        line.may_withdraw,
        line.order_id or "",
    )


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
