"""Reading the inbox away from the GUI thread: the rows, and the marks of every value, which cost time to find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cmms_desktop.application.queries.inbox import ConflictLine
from cmms_desktop.application.queries.settling import InboxPage, inbox_page
from cmms_desktop.application.session import Reading
from cmms_desktop.ui.screens.inbox.states import ValueFace
from cmms_desktop.ui.screens.inbox.values import value_faces
from cmms_desktop.ui.text.moments import Moments

Faces = tuple[ValueFace, ValueFace, ValueFace]
"""Before, author and office."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows with their faces. Faces are told with the day of `day`: "Today 09:30"."""

    page: InboxPage
    faces: Mapping[ConflictLine, Faces] = field(default_factory=dict)
    day: str = ""


def load(reading: Reading, *, now: datetime, known: Loaded | None) -> Loaded:
    """Read everything; faces of lines that did not change are taken over."""
    page, moments = inbox_page(reading), Moments()
    day = moments.heading(now)
    kept = known.faces if known is not None and known.day == day else {}
    lines = [line for group in (*page.inbox.open, *page.inbox.settled) for line in group.conflicts]
    faces = {line: kept.get(line) or value_faces(line, moments, now) for line in lines}
    return Loaded(page, faces, day)
