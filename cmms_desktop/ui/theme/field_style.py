"""Fusion with the room our focus ring needs.

Everything visible is the style sheet's and the widgets'; this only answers two measures that no style sheet can.
"""

from __future__ import annotations

from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from cmms_desktop.ui.theme.tokens import load_tokens


class FieldStyle(QProxyStyle):
    """Fusion, but with a focus frame that stands off its control by the ring's gap and width (5 px)."""

    def __init__(self) -> None:
        super().__init__("Fusion")
        focus = load_tokens().focus
        self._focus_margin = focus.width + focus.gap

    def pixelMetric(  # noqa: N802  Qt's name
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric in (QStyle.PixelMetric.PM_FocusFrameHMargin, QStyle.PixelMetric.PM_FocusFrameVMargin):
            return self._focus_margin
        return super().pixelMetric(metric, option, widget)
