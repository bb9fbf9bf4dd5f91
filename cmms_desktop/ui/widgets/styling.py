"""Dynamic properties that the style sheet selects by, and texts that stay as they are. It writes no colour or size."""

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import QWidget


def set_style(widget: QWidget, **properties: str | bool | None) -> None:
    """Set properties such as `role="primary"` or `error=True` and restyle the widget when one changed.

    Booleans become the words the style sheet compares with; None takes a property away.
    """
    changed = False
    for name, value in properties.items():
        text = _as_text(value)
        if widget.property(name) != text:
            widget.setProperty(name, text)
            changed = True
    # Before its first polish a widget picks its properties up by itself; polishing early costs a second pass.
    if changed and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.updateGeometry()
        widget.update()


def set_shown(widget: QWidget, is_shown: bool) -> None:
    """Show or hide a part that may not stand in its place yet: without a parent `setVisible` would open a window."""
    if is_shown and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)  # shown together with its parent
    else:
        widget.setVisible(is_shown)


def set_tip(widget: QWidget, text: str) -> None:
    """Show a text where the mouse rests, letter for letter: Qt takes what looks like HTML for HTML, pictures too."""
    widget.setToolTip(RichText.convertFromPlainText(text) if RichText.mightBeRichText(text) else text)


def without_shortcut(text: str) -> str:
    """Write a text for a button so that Qt shows its "&" and makes no shortcut of it."""
    return text.replace("&", "&&")


def _as_text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
