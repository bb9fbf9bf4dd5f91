"""An order on the screen: reads it, says what stands in the way, and remembers what stands open over it.

The steps of a visit, scanning and follow-ups are apart. Shows one order after the other; nothing waits for a network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from cmms_desktop.application.queries.half_entered import left_texts
from cmms_desktop.application.queries.order import OrderPage, order_page
from cmms_desktop.application.queries.own_work import NO_RIGHTS, OrderRights, order_rights
from cmms_desktop.application.queries.readiness import MissingThing, readiness
from cmms_desktop.application.queries.record import ConflictLine, conflicts
from cmms_desktop.application.session import EnrolledHere, Key, Reading
from cmms_desktop.sync.status import SyncStatus
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.screens.order.facts import header_state, summary_state, timer_of
from cmms_desktop.ui.screens.order.requesting import RequestSteps
from cmms_desktop.ui.screens.order.states import OrderState
from cmms_desktop.ui.screens.order.steps import footer_of
from cmms_desktop.ui.screens.order.view_door import OrderView
from cmms_desktop.ui.screens.order.visiting import VisitSteps
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.rules.sign_off import REVIEWERS

_SHOWN: Final = frozenset({*AGGREGATES["work_order"], "asset", "asset_stub", "site", "location", "part", "stock_level"})
FORMS: Final = ("pause", "scan", "cost", "follow_up", "hand_on", "arrive", "on_site")
"""What can stand open over the page; kept, so that it is open again after a restart."""
TABS: Final = ("summary", "checklist", "parts", "time", "photos", "comments", "history")


@dataclass(frozen=True, slots=True)
class _Found:
    page: OrderPage | None
    rights: OrderRights
    lacking: tuple[MissingThing, ...]
    has_texts: bool = False
    """It left, and something that was half written about an order that left is still here."""


_NOTHING: Final = _Found(None, NO_RIGHTS, ())


class OrderPresenter(Presenter):
    """One order at a time. `tell_tab` hears which of its pages is shown, for the place to come back to."""

    def __init__(self, context: ScreenContext, view: OrderView, *, tell_tab: Callable[[str], None]) -> None:
        """Show orders in a view."""
        super().__init__(context)
        self.view, self._tell_tab = view, tell_tab
        self.order_id, self.tab = "", "summary"
        self._found = _NOTHING
        self._is_restored = False
        self._synced_at = context.conversation.status.last_sync_at
        self._may_sign_on_site = False
        self.steps = VisitSteps(self)
        self.requests = RequestSteps(self)

    @property
    def page(self) -> OrderPage | None:
        """The order as it was read last."""
        return self._found.page

    @property
    def is_closed(self) -> bool:
        """Nothing is shown any more."""
        return self._is_closed

    # ---- showing

    def start(self) -> None:
        """Show the order again whenever it changes."""
        self.watch(self.refresh, concerns=_concerns)
        self.follow(self._heard)
        self.context.background.run(self.context.session.people.enrolled, self._knows_people)

    def open(self, order_id: str, tab: str) -> None:
        """Show an order at one of TABS; showing the same one again only changes the page."""
        if order_id == self.order_id:
            self.choose_tab(tab)
            return
        self.order_id, self.tab = order_id, tab if tab in TABS else "summary"
        self._found, self._is_restored = _NOTHING, False
        self.refresh()

    def refresh(self) -> None:
        """Read the order again."""
        if self.order_id:
            self.ask("order", self._read, self._show_found)

    def take_up(self) -> None:
        """Another page showed the order meanwhile: open again what stands open there, from its drafts."""
        self._is_restored = False
        self.refresh()

    def tick(self) -> None:
        """Some seconds went by: the timer may say another minute."""
        if self.page is not None:
            self.view.show_timer(timer_of(self.page, self.context.clock()))

    def choose_tab(self, tab: str) -> None:
        """Show another page of the order."""
        if tab in TABS and tab != self.tab:
            self.tab = tab
            self._tell_tab(tab)
            self._show()

    def _read(self, reading: Reading) -> _Found:
        page = order_page(reading, self.order_id)
        if page is None:
            return _Found(None, NO_RIGHTS, (), has_texts=bool(left_texts(reading)))
        return _Found(page, order_rights(reading, self.order_id), readiness(reading, (self.order_id,)).missing)

    def _show_found(self, found: _Found) -> None:
        self._found = found
        if found.page is None:
            self.view.show_gone(has_texts=found.has_texts)
            return
        self._show()
        self.steps.follow(found.page)
        if not self._is_restored:
            self._is_restored = True
            self._restore(found.page, self.context.drafts.get(self._form_note) or "")

    def _show(self) -> None:
        page, rights, lacking = self.page, self._found.rights, self._found.lacking
        if page is None:
            return
        now, counts = self.context.clock(), page.counts
        self.view.show_state(
            OrderState(
                order_id=page.id,
                header=header_state(page, now=now, lacking=lacking),
                counts={
                    "checklist": counts.checklist,
                    "parts": counts.parts,
                    "photos": counts.photos,
                    "comments": counts.comments,
                },
                tab=self.tab,
                summary=summary_state(page, now=now, lacking=lacking, may_work=rights.may_work),
                footer=footer_of(page, rights, tab=self.tab, on_site=self._may_sign_on_site),
                is_locked=page.is_locked or not rights.may_work,
            )
        )

    def _heard(self, status: SyncStatus) -> None:
        if status.last_sync_at != self._synced_at:
            self._synced_at = status.last_sync_at
            self.refresh()

    def _knows_people(self, people: tuple[EnrolledHere, ...]) -> None:
        me = self.context.session.signed_in.person_id
        self._may_sign_on_site = any(who.role in REVIEWERS and who.person_id != me for who in people)
        if not self._is_closed:
            self._show()

    # ---- what else can be done

    def choose(self, key: str) -> None:
        """Do one of the further things of the footer."""
        self.view.show_trouble(None)
        match key:
            case "travel":
                self.steps.travel()
            case "leave":
                self.steps.leave()
            case "missing":
                self.steps.show_missing()
            case _:
                self.open_form(key)

    def act(self, notice_id: str) -> None:
        """Do what a notice offers."""
        if notice_id == "conflict":
            self.ask("conflict", partial(conflicts, order_id=self.order_id), self._compare)
        elif notice_id == "parked":
            self.context.navigator.open(Place.of("sync"))
        elif self.page is not None:
            self.requests.act(self.page, notice_id)

    def _compare(self, found: tuple[ConflictLine, ...]) -> None:
        is_open = [line.id for line in found if line.resolution is None]
        self.context.navigator.open(Place.of("inbox", conflict_id=is_open[0]) if is_open else Place.of("inbox"))

    def open_order(self, order_id: str) -> None:
        """Go to another order."""
        self.context.navigator.open(Place.of("order", order_id=order_id))

    def open_asset(self, asset_id: str) -> None:
        """Go to the card of an asset of the order."""
        self.context.navigator.open(Place.of("assets", asset_id=asset_id))

    # ---- what stands open over the page

    def open_form(self, name: str) -> None:
        """Open a form; it is open again after a restart."""
        visit = self.page.visit if self.page else None
        if name in FORMS and (name not in {"arrive", "pause"} or visit is not None):
            self.context.drafts.keep(self._form_note, name)
            self.view.open_form(name, visit.id if visit else "")

    def close_form(self) -> None:
        """Close it; what was entered stays a draft."""
        self.context.drafts.drop(self._form_note)
        self.view.show_trouble(None)
        self.view.close_form()

    def draft(self, name: str) -> str:
        """Give what was half entered in a form of this order."""
        return self.context.drafts.get(f"{name}:{self.order_id}") or ""

    def keep_draft(self, name: str, text: str) -> None:
        """Keep what is being entered."""
        self.context.drafts.keep(f"{name}:{self.order_id}", text)

    def note_missing(self, is_wanted: bool) -> None:
        """Remember that what is missing is to be listed by whatever shows the checklist next."""
        self.context.drafts.keep(self._form_note, "missing" if is_wanted else "")

    @property
    def _form_note(self) -> str:
        return f"form:{self.order_id}"

    def _restore(self, page: OrderPage, name: str) -> None:
        """Open again what stood open, when it still makes sense."""
        if name == "missing" and self.tab == "checklist":
            self.steps.list_missing()
            return
        step = {"arrive": "arrive", "pause": "finish"}.get(name, page.next_step)
        if name and page.next_step == step:
            self.open_form(name)
        elif name:
            self.context.drafts.drop(self._form_note)


def _concerns(keys: frozenset[Key]) -> bool:
    return any(entity in _SHOWN for entity, _ in keys)
