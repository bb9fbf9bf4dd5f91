"""What a person has chosen and typed for one order's conflicts and not settled yet. A draft, never a mutation."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import msgspec

from cmms_desktop.ui.screens.inbox.states import Choice


@dataclass(frozen=True, slots=True)
class Choices:
    """By conflict: what to keep, and the text of a third value. One reason for all of them."""

    keep: dict[str, Choice] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @classmethod
    def from_draft(cls, draft: str | None) -> "Choices":
        """Read a draft; what cannot be read is nothing."""
        try:
            return msgspec.json.decode(draft, type=cls) if draft else cls()
        except msgspec.DecodeError:
            return cls()

    def as_draft(self) -> str:
        """Write the draft; empty when there is nothing to keep."""
        return msgspec.json.encode(self).decode() if self.keep or self.text or self.reason else ""

    def with_choice(self, conflict_id: str, choice: Choice) -> "Choices":
        """Choose; the same choice again takes it back."""
        is_again = self.keep.get(conflict_id) == choice
        return replace(self, keep={**self.keep, conflict_id: "" if is_again else choice})

    def with_text(self, conflict_id: str, text: str) -> "Choices":
        """Type a third value, which chooses it."""
        return replace(self, keep={**self.keep, conflict_id: "edited"}, text={**self.text, conflict_id: text})

    def with_reason(self, reason: str) -> "Choices":
        """Say why."""
        return replace(self, reason=reason)

    def decided(self, conflict_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of some conflicts for which something is chosen, in their order."""
        return tuple(each for each in conflict_ids if self.keep.get(each))
