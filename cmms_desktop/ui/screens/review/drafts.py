"""A decision that was begun, kept at each change: which one, and its reason. Never a password."""

from typing import get_args

from cmms_desktop.ui.bridge.doors import Drafts
from cmms_desktop.ui.screens.review.state import Mode


class DecisionDrafts:
    """Drafts by order."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts

    def mode(self, order_id: str) -> Mode:
        """Give what was begun."""
        kept = self._drafts.get(f"review-mode:{order_id}") or ""
        modes: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
        return modes.get(kept, "")

    def reason(self, order_id: str) -> str:
        """Give the reason as far as it was typed."""
        return self._drafts.get(f"review-reason:{order_id}") or ""

    def keep_mode(self, order_id: str, mode: Mode) -> None:
        """Keep what was begun."""
        self._drafts.keep(f"review-mode:{order_id}", mode)

    def keep_reason(self, order_id: str, reason: str) -> None:
        """Keep the reason."""
        self._drafts.keep(f"review-reason:{order_id}", reason)

    def drop(self, order_id: str) -> None:
        """Forget both: it was signed."""
        for name in draft_names(order_id):
            self._drafts.drop(name)


def draft_names(order_id: str) -> tuple[str, str]:
    """Names of the drafts of one order."""
    return f"review-mode:{order_id}", f"review-reason:{order_id}"
