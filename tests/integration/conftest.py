"""What a test here needs that opens a window: the collector stays away from other threads as long as one is about."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # needs Qt, which may be missing
    from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="module")
def qapp(qapp: QApplication) -> Iterator[QApplication]:
    """The usual one. What the windows of a module leave ends in the GUI thread, before another thread may find it.

    A window takes the collector over as long as it is open (`app/garbage.py`); what is left of it is garbage later.
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    from cmms_desktop.ui.theme import theme

    gc.disable()
    yield qapp
    theme().dress_only(None)  # a process has one window; the next module makes another
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None: everybody's
    gc.collect()
    gc.enable()
