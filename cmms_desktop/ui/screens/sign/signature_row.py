"""One signed statement in a list: meaning and role, who and when, and the digits that name its bytes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.ui.screens.sign.state import SignatureFace
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.text import ElidedText, Text


class SignatureRow(QWidget):
    """Shows a SignatureFace."""

    def __init__(self, face: SignatureFace) -> None:
        super().__init__()
        self._icon = IconLabel(face.icon, color=face.tone, size="strip")
        self._title = ElidedText("", role="card-body", weight="semibold")
        self._detail = Text("", role="small", tone="muted", wrap=True)
        self._digits = Text("", role="small", tone="muted", tabular=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().space(2), 0, theme().space(2))
        row.setSpacing(theme().space(3))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._digits, 0, Qt.AlignmentFlag.AlignTop)
        self.show_face(face)

    def show_face(self, face: SignatureFace) -> None:
        self._icon.set_icon(face.icon, color=face.tone)
        self._title.setText(face.title)
        self._detail.setText(face.detail)
        self._digits.setText(f"Record {face.digits}")
