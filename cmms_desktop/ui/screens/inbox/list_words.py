"""The list of the inbox in words: counts, rows, sections, and what stands there when there is nothing."""

from typing import Final

from cmms_desktop.ui.screens.inbox.conflict_words import Teller
from cmms_desktop.ui.screens.inbox.held_words import held_row
from cmms_desktop.ui.screens.inbox.listing import Listing
from cmms_desktop.ui.screens.inbox.states import InboxRow, InboxState
from cmms_desktop.ui.text.faces import SectionRow

NOTE: Final = "Work goes on while a conflict is open. The order shows the office value until you settle it."
READABLE: Final = "Both values of a settled conflict stay readable here."


def list_state(listing: Listing, teller: Teller) -> InboxState:
    """The state of the page without a selection."""
    page, is_open = listing.page, listing.tab == "open"
    conflicts: tuple[InboxRow | SectionRow, ...] = tuple(teller.row(group) for group in listing.groups)
    held = tuple(held_row(line, teller.moments, teller.now) for line in listing.held)
    section = (SectionRow("held", "With the supervisor" if is_open else "Decided", len(held)),) if held else ()
    as_of = f"As of {teller.moments.time(page.last_sync_at)}. New ones appear here by themselves."
    return InboxState(
        tab=listing.tab,
        open_words=f"Open {len(Listing(page, 'open').ids)}",
        settled_words=f"Settled {len(Listing(page, 'settled').ids)}",
        rows=(*conflicts, *section, *held),
        empty_title="Nothing in conflict" if is_open else "Nothing settled yet",
        empty_text=as_of if is_open else READABLE,
        note=NOTE if is_open and conflicts else "",
    )
