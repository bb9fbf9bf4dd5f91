"""The arrangement of a form in a sheet: fields that scroll, and below them what happens, and the one button."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.cards import Divider
from cmms_desktop.ui.widgets.scrolling import scroll_area


def lay_out_form(form: QWidget, fields: QWidget, *, name: str, explains: QWidget, button: QPushButton) -> None:
    """Put the parts of a form into it. `name`: what a screen reader calls the fields."""
    column = QVBoxLayout(form)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(scroll_area(fields, name=name), 1)
    column.addWidget(Divider())
    row = QHBoxLayout()
    row.setContentsMargins(theme().space(6), theme().space(3), theme().space(4), theme().space(3))
    row.setSpacing(theme().space(3))
    row.addWidget(explains, 1)
    row.addWidget(button)
    column.addLayout(row)
