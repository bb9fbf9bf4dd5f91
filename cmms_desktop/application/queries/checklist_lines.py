"""The frozen rows of the checklist page: items, sections, the whole. Counts only what is said in the rows."""

from dataclasses import dataclass
from decimal import Decimal

from cmms_desktop.application.queries.lookups import OrderLink


@dataclass(frozen=True, slots=True)
class Because:
    """Why a conditional item is asked: the item it hangs on, and what that one says now (a result or a value)."""

    number: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item. `number` is "2.4"; `key` its name inside the template; instants in wire form."""

    id: str
    checklist_id: str
    key: str
    number: str
    kind: str
    prompt: str
    unit: str | None
    minimum: Decimal | None
    maximum: Decimal | None
    choices: tuple[str, ...]
    is_mandatory: bool
    last_value: str | None
    result: str | None
    value: str | None
    note: str | None
    photos: tuple[str, ...]
    """SHA-256 of the photos of this item, the answer's first."""
    answered_at: str | None
    is_asked: bool
    because: Because | None
    excess: Decimal | None
    """How far the reading lies above its maximum, or (negative) below its minimum; None: within, or no reading."""
    follow_up: OrderLink | None
    is_unsent: bool
    conflicts: int

    @property
    def is_answered(self) -> bool:
        """Whether the item has a result."""
        return self.result is not None

    @property
    def is_missing(self) -> bool:
        """Whether it has to be answered before the work is signed."""
        return self.is_asked and self.is_mandatory and not self.is_answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Items under one title, all of one checklist; counts are those of the items that are asked."""

    index: int
    title: str
    checklist_id: str
    checklist: str
    items: tuple[ItemLine, ...]
    answered: int
    total: int
    failed: int
    flagged: int
    out_of_range: int

    @property
    def passable(self) -> tuple[str, ...]:
        """Ids of the items that *set all OK* answers here."""
        return tuple(i.id for i in self.items if i.is_asked and i.kind == "pass_fail" and not i.is_answered)


@dataclass(frozen=True, slots=True)
class ChecklistName:
    """An issued checklist and the version of the template that it keeps."""

    id: str
    name: str
    template_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistPage:
    """All checklists of an order; sections are numbered through, so that "2.4" names one item of the order."""

    order_id: str
    is_locked: bool
    checklists: tuple[ChecklistName, ...]
    sections: tuple[Section, ...]
    answered: int
    total: int
    failed: int

    @property
    def items(self) -> tuple[ItemLine, ...]:
        """All items in order, hidden ones too."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def missing(self) -> tuple[ItemLine, ...]:
        """Mandatory items without an answer, in order."""
        return tuple(item for item in self.items if item.is_missing)
