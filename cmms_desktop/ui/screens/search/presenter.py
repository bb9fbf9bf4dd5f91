"""Searching while somebody types: what was found as rows, and where each one leads. Plain Python."""

from dataclasses import dataclass
from typing import Final, Protocol

from cmms_desktop.application.queries.search import Found, Hit, Span, search
from cmms_desktop.application.session import Reading
from cmms_desktop.ui.bridge.doors import Place, Presenter, ScreenContext
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.badges import status_badge
from cmms_desktop.ui.text.faces import SectionRow
from cmms_desktop.ui.text.moments import Moments

EVERYTHING: Final = "all"
FEW, MANY = 5, 50
"""Hits of each kind among all, and of one kind alone."""
ICONS: Final = {"asset": "assets", "order": "orders", "part": "parts"}
TITLES: Final = {"asset": "Assets", "order": "Orders", "part": "Parts"}


@dataclass(frozen=True, slots=True)
class HitFace:
    """One hit, ready to draw. Spans are marked."""

    id: str
    icon: str
    title: str
    title_spans: tuple[Span, ...]
    detail: str
    detail_spans: tuple[Span, ...]
    badge: BadgeSpec | None
    place: Place

    @property
    def sentence(self) -> str:
        """For a screen reader."""
        return ", ".join(part for part in (self.title, self.detail, self.badge.text if self.badge else "") if part)


@dataclass(frozen=True, slots=True)
class SearchState:
    """What the palette shows. `kinds`: filter chips with their numbers."""

    rows: tuple[HitFace | SectionRow, ...]
    kinds: tuple[tuple[str, str], ...]
    chosen: str
    scope: str
    is_asked: bool


class SearchView(Protocol):
    """What the presenter asks of the palette."""

    def show_found(self, state: SearchState) -> None:
        """Show what was found."""
        ...


class SearchPresenter(Presenter):
    """Asks at every key; only the answer to the newest text is shown."""

    def __init__(self, context: ScreenContext, view: SearchView) -> None:
        super().__init__(context)
        self._view = view
        self._text, self._kind = "", EVERYTHING

    def start(self) -> None:
        """Show how much there is to search."""
        self._ask()

    def type(self, text: str) -> None:
        """Search for a text."""
        self._text = text.strip()
        self._ask()

    def choose_kind(self, kind: str) -> None:
        """Show one kind alone, or all."""
        self._kind = kind
        self._ask()

    def go(self, hit: HitFace) -> None:
        """Go to what was found."""
        self.context.navigator.open(hit.place)

    def _ask(self) -> None:
        text, limit = self._text, FEW if self._kind == EVERYTHING else MANY

        def query(reading: Reading) -> Found:
            return search(reading, text, limit)

        self.ask("search", query, self._show)

    def _show(self, found: Found) -> None:
        totals = {group.kind: group.total for group in found.groups}
        if self._kind not in totals:
            self._kind = EVERYTHING
        rows: list[HitFace | SectionRow] = []
        for group in found.groups:
            if self._kind in (EVERYTHING, group.kind):
                rows.append(SectionRow(group.kind, TITLES[group.kind], group.total))
                rows += [_face(hit) for hit in group.hits]
        kinds = ((EVERYTHING, f"All {sum(totals.values())}"), *((k, f"{TITLES[k]} {n}") for k, n in totals.items()))
        age = f", as of {Moments().time(found.as_of)}" if found.as_of else ""
        scope = f"Searches this device: {found.orders:,} orders, {found.assets:,} assets, {found.parts:,} parts{age}"
        self._view.show_found(SearchState(tuple(rows), kinds if totals else (), self._kind, scope, bool(self._text)))


def _face(hit: Hit) -> HitFace:
    badge = None
    if hit.kind == "order" and hit.status:
        badge = status_badge(hit.status)
    elif hit.open_orders:
        badge = BadgeSpec("warning", "orders", f"{hit.open_orders} open order{'' if hit.open_orders == 1 else 's'}")
    place = {
        "order": Place.of("order", order_id=hit.id, tab="summary"),
        "asset": Place.of("assets", asset_id=hit.id),
        "part": Place.of("parts", part_id=hit.id),
    }[hit.kind]
    spans = (hit.title, hit.title_spans, hit.detail, hit.detail_spans)
    return HitFace(f"{hit.kind}:{hit.id}", ICONS[hit.kind], *spans, badge, place)
