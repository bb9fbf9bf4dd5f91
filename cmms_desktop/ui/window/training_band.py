"""The band above every page of an installation for exercise. It says so in words and cannot be put away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_style
from cmms_desktop.ui.widgets.text import Text
from sync_server.contract.rules.profile import TRAINING


class TrainingBand(QFrame):
    """One sentence in the middle of a filled band; hidden until somebody shows it."""

    def __init__(self) -> None:
        super().__init__()
        set_style(self, kind="training-band")
        self.setAccessibleName(TRAINING)
        self.words = Text(TRAINING, role="card-body", tone="on-warning", weight="bold", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(*(theme().space(step) for step in (4, 1, 4, 1)))
        row.setSpacing(theme().space(2))
        row.addStretch(1)
        row.addWidget(IconLabel("hazard", color="on-warning", size="inline", line="card-body"), 0, _MIDDLE)
        row.addWidget(self.words, 0, _MIDDLE)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()


_MIDDLE = Qt.AlignmentFlag.AlignVCenter
