"""Dynamic properties that the style sheet selects by. It never writes a colour or a size."""

from PySide6.QtCore import Qt
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


def _as_text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
