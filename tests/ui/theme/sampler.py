"""One page with every thing that the style sheet knows, to be looked at beside the mockups and measured by tests.

`QT_QPA_PLATFORM=offscreen python -m tests.ui.theme.sampler FOLDER` draws it in every theme.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cmms_desktop.ui.theme import THEMES, install, theme

W = TypeVar("W", bound=QWidget)
LABEL_ROLES = [
    "display", "title", "heading", "card-title", "body", "card-body", "item", "label", "small", "caption", "badge",
    "nav", "reading", "figure", "button",
]  # fmt: skip
TONES = [
    "text", "muted", "accent", "success", "warning", "danger", "info", "conflict", "pending", "offline",
]  # fmt: skip
BANNERS = {
    "warning": ("hazard", "warning", "Lock out the supply at LP-2", "Before opening the casing."),
    "waiting": ("waiting", "state-pending", "3 changes wait for coverage", "Saved on this device. Nothing to do."),
    "conflict": (
        "conflict", "state-conflict", "You and the office changed the priority", "Work goes on.",
    ),
    "danger": ("refused", "danger", "Disk is full, the photo was not saved", "Free 20 MB, then take it again."),
    "info": ("info", "info", "Returned by the supervisor", "“Show the pressure after the new setting.”"),
    "success": ("accepted", "success", "Nothing left to review", "As of 10:31."),
}  # fmt: skip
KINDS = [
    "page", "card", "card-selected", "card-danger", "confirm", "sunken", "strip", "strip-offline", "header",
    "footer", "rail", "bottom-bar", "sheet", "toast", "paper", "demo-band", "drop", "divider", "divider-vertical",
    *(f"banner-{name}" for name in BANNERS),
]  # fmt: skip
BUTTON_ROLES = [
    "primary", "secondary", "quiet", "danger", "danger-fill", "icon", "segment", "answer-pass", "answer-flag",
    "answer-fail", "chip", "strip", "tab", "row", "photo",
]  # fmt: skip


def with_properties(widget: W, **properties: object) -> W:
    for name, value in properties.items():
        widget.setProperty(name, value)
    return widget


def label(text: str, role: str, tone: str = "text") -> QLabel:
    return with_properties(QLabel(text), role=role, tone=tone)


def button(
    text: str, role: str, *, icon: str = "", color: str = "text", checked: bool = False, **more: object
) -> QPushButton:
    made = with_properties(QPushButton(text), role=role, **more)
    if checked or role in ("chip", "segment", "tab", "row") or role.startswith("answer"):
        made.setCheckable(True)
        made.setChecked(checked)
    if icon:
        size = theme().icon_size("control")
        made.setIcon(theme().icon(icon, color, size, gap=4 if text else 0))
        made.setIconSize(QSize(size + (4 if text else 0), size))
    return made


def row(*widgets: QWidget, gap: int = 8) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(gap)
    for widget in widgets:
        made.addWidget(widget)
    made.addStretch(1)
    return made


def frame(kind: str, *, margins: tuple[int, int, int, int] = (16, 12, 16, 12)) -> tuple[QFrame, QVBoxLayout]:
    made = with_properties(QFrame(), kind=kind)
    inside = QVBoxLayout(made)
    inside.setContentsMargins(*margins)
    inside.setSpacing(4)
    return made, inside


class Sampler(QWidget):
    """Everything at once, 1280 wide."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[QButtonGroup] = []
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for kind, icon, color, word in (
            ("strip", "online", "success", "Online"),
            ("strip-offline", "offline", "state-offline", "Offline"),
            ("demo-band", "hazard", "warning", "Demonstration"),
        ):
            whole.addWidget(self._strip(kind, icon, color, word))
        bar = with_properties(QProgressBar(), role="strip")
        bar.setValue(57)
        bar.setTextVisible(False)
        whole.addWidget(bar)
        columns = QGridLayout()
        columns.setContentsMargins(24, 16, 24, 16)
        columns.setHorizontalSpacing(32)
        columns.addLayout(self._left(), 0, 0)
        columns.addLayout(self._right(), 0, 1)
        whole.addLayout(columns)
        self.setFixedWidth(1280)

    def _strip(self, kind: str, icon: str, color: str, word: str) -> QFrame:
        made = with_properties(QFrame(), kind=kind)
        made.setFixedHeight(48)
        inside = QHBoxLayout(made)
        inside.setContentsMargins(16, 0, 16, 0)
        picture = QLabel()
        picture.setPixmap(theme().pixmap(icon, color, 22))
        inside.addWidget(picture)
        inside.addWidget(label(word, "label", "success" if word == "Online" else "offline"))
        inside.addWidget(label("· synced 06:58 · 0 waiting", "card-body", "muted"))
        inside.addStretch(1)
        inside.addWidget(button("Search", "strip", icon="search"))
        inside.addWidget(label("Ctrl K", "key"))
        return made

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(row(*(label(role, role) for role in LABEL_ROLES[:7])))
        column.addLayout(row(*(label(role, role) for role in LABEL_ROLES[7:])))
        column.addLayout(row(*(label(tone, "label", tone) for tone in TONES)))
        column.addLayout(row(*self._answers(None), *self._answers("answer-pass"), gap=0))
        column.addLayout(row(*self._answers("answer-flag"), *self._answers("answer-fail"), gap=0))
        for kind in ("card", "card-selected", "card-danger"):
            card, inside = frame(kind)
            inside.addWidget(label("Serial on the motor plate", "card-title"))
            inside.addWidget(label("Mandatory", "caption", "muted"))
            column.addWidget(card)
        for name, (icon, color, bold, plain) in BANNERS.items():
            column.addWidget(self._banner(name, icon, color, bold, plain))
        for kind in ("sunken", "paper", "drop", "sheet", "header", "footer", "rail", "bottom-bar"):
            box, inside = frame(kind)
            inside.addWidget(QLabel(kind))
            column.addWidget(box)
        column.addStretch(1)
        return column

    def _answers(self, checked: str | None) -> list[QPushButton]:
        group = QButtonGroup(self)
        self.groups.append(group)
        made = []
        for role, word, icon, on, place in (
            ("answer-pass", "Pass", "pass", "on-success", "first"),
            ("answer-flag", "Flag", "flag", "on-warning", "middle"),
            ("answer-fail", "Fail", "fail", "on-danger", "last"),
        ):
            is_checked = role == checked
            color = on if is_checked else "text"
            made.append(button(word, role, icon=icon, color=color, checked=is_checked, position=place))
            group.addButton(made[-1])
        return made

    def _banner(self, name: str, icon: str, color: str, bold: str, plain: str) -> QFrame:
        made = with_properties(QFrame(), kind=f"banner-{name}")
        inside = QGridLayout(made)
        inside.setContentsMargins(16, 12, 16, 12)
        picture = QLabel()
        picture.setPixmap(theme().pixmap(icon, color, 22))
        inside.addWidget(picture, 0, 0)
        inside.addWidget(label(bold, "label"), 0, 1)
        inside.addWidget(label(plain, "card-body"), 1, 1)
        inside.addWidget(button("Compare", "secondary"), 0, 2, 2, 1)
        inside.setColumnStretch(1, 1)
        return made

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self._add_buttons(column)
        self._add_fields(column)
        confirm, inside = frame("confirm")
        inside.addLayout(
            row(
                label("Delete this photo?", "label"),
                button("Keep it", "secondary"),
                button("Delete photo", "danger-fill"),
            )
        )
        column.addWidget(confirm)
        toast, inside = frame("toast", margins=(16, 4, 16, 4))
        inside.addLayout(row(QLabel("18 items set OK"), button("Undo", "quiet")))
        column.addWidget(toast)
        bar = QProgressBar()
        bar.setValue(58)
        bar.setTextVisible(False)
        column.addWidget(bar)
        column.addWidget(with_properties(QFrame(), kind="divider"))
        table = QTableWidget(3, 3)
        table.setHorizontalHeaderLabels(["Device", "Used by", "Site"])
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme().target("table_row"))
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        for line in range(3):
            for place, text in enumerate((f"TAB-{line}", "Technician 14", "Birch Quay")):
                table.setItem(line, place, QTableWidgetItem(text))
        table.selectRow(1)
        table.setFixedHeight(196)
        column.addWidget(table)
        scroll = QScrollBar(Qt.Orientation.Horizontal)
        scroll.setRange(0, 100)
        column.addWidget(scroll)
        column.addStretch(1)
        return column

    def _add_buttons(self, column: QVBoxLayout) -> None:
        disabled = button("Finish", "primary")
        disabled.setEnabled(False)
        small = button("Enrol a device", "primary", scale="small", icon="plus", color="on-accent")
        column.addLayout(row(button("Finish", "primary", icon="finish", color="on-accent"), disabled, small))
        column.addLayout(
            row(
                button("Return", "secondary", icon="return"),
                button("Show 3 missing", "secondary", scale="large"),
                button("Open", "quiet"),
                button("", "icon", icon="x"),
            )
        )
        column.addLayout(
            row(
                button("Delete", "danger", icon="trash-2", color="danger"),
                button("Revoke TAB-19", "danger-fill"),
                button("Photo", "photo", icon="camera"),
                button("Photo", "secondary", error=True),
            )
        )
        segments = [
            button("Pending 7", "segment", position="first", checked=True),
            button("Returned 2", "segment", position="middle"),
            button("Approved 31", "segment", position="last"),
        ]
        radio = QRadioButton("Day")
        radio.setChecked(True)
        column.addLayout(row(*segments, radio, QRadioButton("Week"), gap=0))
        check, partly = QCheckBox("Ready"), QCheckBox("Partly")
        check.setChecked(True)
        partly.setTristate(True)
        partly.setCheckState(Qt.CheckState.PartiallyChecked)
        column.addLayout(
            row(
                label("1", "number"),
                button("Chosen", "chip", icon="check", color="accent", checked=True),
                button("Not chosen", "chip"),
                check,
                partly,
            )
        )
        column.addLayout(row(button("Summary", "tab"), button("Checklist 20", "tab", checked=True), gap=0))
        column.addWidget(button("1 Before you start", "row"))
        column.addWidget(button("2 Casing and seal", "row", checked=True))

    def _add_fields(self, column: QVBoxLayout) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        wrong = with_properties(QLineEdit("−2"), error=True)
        locked = with_properties(QLineEdit("Booster pump v7"), locked=True)
        locked.setReadOnly(True)
        choice = QComboBox()
        choice.addItems(["Gate closed", "Nobody there"])
        reading = with_properties(QLineEdit("6.8"), role="reading", error=True)
        empty = QLineEdit()
        empty.setPlaceholderText("Device, person, site")
        note = QPlainTextEdit("Drips about once a second at the drive end.")
        note.setFixedHeight(80)
        for place, widget in enumerate((QLineEdit("18 240 h"), wrong, locked, choice, reading, empty, note)):
            grid.addWidget(widget, place // 2, place % 2)
        column.addLayout(grid)


def draw(folder: Path) -> None:
    app = QApplication(sys.argv[:1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in THEMES:
        install(app, name=name)
        page = Sampler()
        page.show()
        app.processEvents()
        page.grab().save(str(folder / f"sampler-{name}.png"))
        page.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
