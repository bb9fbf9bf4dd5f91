"""What a test here needs that opens a window: no other thread finds what is left of it."""

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

    A window switches the collector off for the rest of its process (`app/garbage.py`), and a worker has many modules.
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    from cmms_desktop.ui.theme import theme

    yield qapp
    theme().dress_only(None)  # a process has one window; the next module makes another
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None: everybody's
    gc.unfreeze()
    gc.collect()
    gc.enable()
