"""Imports the pages of an order before somebody presses their tabs, in a thread of its own and never in one go.

An import keeps the interpreter to itself for milliseconds; after each the window gets as much time as it took.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

QUICK_S: Final = 0.001
"""An import that takes less was done before."""


def _record() -> None:
    import cmms_desktop.application.queries.history
    import cmms_desktop.application.queries.visits
    import cmms_desktop.ui.text.timeline_words  # noqa: F401


def _history() -> None:
    import cmms_desktop.ui.screens.order_history.view
    import cmms_desktop.ui.screens.order_visits.view  # noqa: F401


def _remarks() -> None:
    import cmms_desktop.ui.screens.order_comments.view  # noqa: F401


def _parts() -> None:
    import cmms_desktop.ui.screens.order_parts.view  # noqa: F401


def _photos() -> None:
    import cmms_desktop.ui.screens.order_photos.view  # noqa: F401


def _checklist_words() -> None:
    import cmms_desktop.application.commands.checklists
    import cmms_desktop.application.queries.checklist_page  # noqa: F401


def _checklist_answers() -> None:
    import cmms_desktop.ui.screens.checklist.presenter  # noqa: F401


def _checklist_rows() -> None:
    import cmms_desktop.ui.screens.checklist.row  # noqa: F401


def _checklist() -> None:
    import cmms_desktop.ui.screens.checklist.view  # noqa: F401


def _arrive() -> None:
    import cmms_desktop.ui.screens.arrive.view  # noqa: F401


_STEPS: Final[tuple[Callable[[], None], ...]] = (
    *(_checklist_words, _checklist_answers, _checklist_rows, _checklist, _arrive),
    *(_parts, _record, _history, _remarks, _photos),
)


def preload() -> None:
    """Import what is not here yet."""
    for step in _STEPS:
        began = time.monotonic()
        step()
        took = time.monotonic() - began
        if took > QUICK_S and threading.current_thread() is not threading.main_thread():
            time.sleep(took)
