"""What stands around a field: its label above, and below the hint, the reason it is locked or what to enter instead."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.icon_label import IconLabel
from cmms_desktop.ui.widgets.styling import set_shown, set_style
from cmms_desktop.ui.widgets.text import Text


class FieldFrame(QWidget):
    """Label, editor and the sentence below it. `editor` is the widget that takes the keyboard."""

    def __init__(
        self, label: str, editor: QWidget, *, hint: str | None = None, name: str = "", row: QWidget | None = None
    ) -> None:
        """Frame an editor.

        Args:
            name: what a screen reader says where no label is shown.
            row: what stands in the line when it is more than the editor.
        """
        super().__init__()
        self.editor = editor
        self._hint_text = hint or ""
        self._label = Text(label, role="label")
        self._label.setBuddy(editor)
        set_shown(self._label, bool(label))
        editor.setAccessibleName(label or name)
        editor.setAccessibleDescription(self._hint_text)
        self._hint = Text(self._hint_text, role="small", tone="muted", wrap=True)
        set_shown(self._hint, bool(hint))
        self._error = _Sentence()
        self._error.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().space(1))
        for part in (self._label, row or editor, self._error, self._hint):
            self._column.addWidget(part)
        self.setFocusProxy(editor)
        # Not Fixed: Qt would cut a sentence off that needs another line at this width.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_label(self, label: str) -> None:
        self._label.setText(label)
        self._label.setVisible(bool(label))
        self.editor.setAccessibleName(label)

    def set_hint(self, hint: str) -> None:
        self._hint_text = hint
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint) and self._error.isHidden())
        self.editor.setAccessibleDescription(self.error or hint)

    def set_error(self, sentence: str | None) -> None:
        """Say what to enter instead, with the red frame; None takes both away."""
        self._error.set_sentence(sentence or "")
        self._error.setVisible(bool(sentence))
        self._hint.setVisible(bool(self._hint_text) and not sentence)
        self.editor.setAccessibleDescription(sentence or self._hint_text)
        set_style(self.editor, error=bool(sentence))

    @property
    def error(self) -> str:
        """The sentence shown in red, "" for none."""
        return self._error.sentence

    def add_below(self, widget: QWidget) -> None:
        self._column.addWidget(widget)


class _Sentence(QWidget):
    """A red icon and what to enter instead."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Text("", role="small", tone="danger", wrap=True, weight="semibold")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().space(2))
        row.addWidget(
            IconLabel("out-of-range", color="danger", size="inline", line="small"), 0, Qt.AlignmentFlag.AlignTop
        )
        row.addWidget(self._words, 1)

    @property
    def sentence(self) -> str:
        return "" if self.isHidden() else self._words.text()

    def set_sentence(self, sentence: str) -> None:
        self._words.setText(sentence)
