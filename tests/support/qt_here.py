"""Whether this machine can load Qt at all: a server's machine need not, and its tests run all the same."""

from __future__ import annotations

from functools import cache


@cache
def why_qt_is_missing() -> str:
    """The reason why no window can be tested here, or nothing when it can."""
    try:
        from PySide6 import QtSvg, QtTest, QtWidgets
    except ImportError as missing:
        return f"Qt cannot be loaded here ({missing}); `sh packaging/run test` says or installs what it needs"
    del QtSvg, QtTest, QtWidgets
    return ""
