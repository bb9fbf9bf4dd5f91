"""What a row of a list shows, in words that are ready to draw. Plain values: presenters make them, delegates paint."""

from dataclasses import dataclass

from cmms_desktop.ui.text.badge import BadgeSpec

FaceRole = 0x0101
"""Item data role (Qt.ItemDataRole.UserRole + 1) under which a model offers the face of a row."""


@dataclass(frozen=True)
class SectionRow:
    """A heading among the rows, such as "With exceptions, 4"; it cannot be chosen. `count` None: no number."""

    id: str
    title: str
    count: int | None = None

    @property
    def text(self) -> str:
        return self.title if self.count is None else f"{self.title}, {self.count}"


@dataclass(frozen=True)
class EventRow(SectionRow):
    """What is on the person's calendar among his orders: read, never chosen. `time` is short: `10:00 to 12:00`."""

    time: str = ""

    @property
    def text(self) -> str:
        return f"{self.title}, {self.time}"


@dataclass(frozen=True)
class OrderCardFace:
    """One work order of a day. `route` is its number on the way, "" without one; a check stands there when done."""

    route: str
    title: str
    time: str
    asset: str
    place: str
    badges: tuple[BadgeSpec, ...] = ()
    is_done: bool = False


@dataclass(frozen=True)
class ReviewRowFace:
    """One signed work order for the supervisor: `detail` is "WO-24126 · P-117 Booster pump"."""

    title: str
    time: str
    detail: str
    badges: tuple[BadgeSpec, ...] = ()


@dataclass(frozen=True)
class TimelineFace:
    """One thing that happened, with the time of the device and the time the office received it ("" if not yet)."""

    icon: str
    event: str
    device_time: str
    received_time: str = ""
    tone: str | None = None
    details: tuple[str, ...] = ()
    """What stands below, each from a line of its own on: values that lost, and why."""
