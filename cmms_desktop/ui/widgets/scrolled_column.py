"""The content of a scroll area: one column that is exactly as high as its wrapped texts need at the present width."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme


class ScrolledColumn(QWidget):
    """Fill `column`.

    Its least height is nothing: a scroll area would give it the height that its texts need in narrow lines.
    """

    def __init__(self, *, gap: int = 4) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setSpacing(theme().space(gap))

    def set_margins(self, size_class: str) -> None:
        """Keep the distance to the edges that a size class asks for."""
        side = theme().space(4 if size_class == "compact" else 6)
        self.column.setContentsMargins(side, theme().space(4), side, theme().space(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)
