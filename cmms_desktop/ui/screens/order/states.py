"""What the page of an order shows, as frozen values in words. Made by `facts` and `steps`, painted by the views."""

from dataclasses import dataclass

from cmms_desktop.ui.screens.order.steps import FooterState
from cmms_desktop.ui.text.badge import BadgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderState:
    """Who it is. `about`: asset and place; `timer` "" while nothing runs."""

    number: str
    title: str
    about: str
    badges: tuple[BadgeSpec, ...]
    timer: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that has to be known first. `id` says which; `action` is what its button says."""

    id: str
    kind: str
    title: str
    text: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class StockRow:
    """A part to take along. `badge`: what is wrong with it, such as that the van has none."""

    id: str
    text: str
    stock: str
    badge: BadgeSpec | None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Another order, or an asset, to go to."""

    id: str
    caption: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryState:
    """The Summary page. `texts`: headings over what the office or the technician wrote."""

    notices: tuple[Notice, ...]
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    parts: tuple[StockRow, ...]
    stock_as_of: str
    links: tuple[LinkRow, ...]
    assets: tuple[LinkRow, ...]
    """Assets beside the one in the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """The whole page. `counts`: numbers beside the tabs, nothing for 0; `tab`: which of them is shown."""

    order_id: str
    header: HeaderState
    counts: dict[str, int]
    tab: str
    summary: SummaryState
    footer: FooterState
    is_locked: bool
