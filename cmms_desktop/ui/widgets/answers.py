"""The three large answers of a checklist item: Pass, Flag, Fail. It stores nothing; a press is told at once."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.button_icon import GAP, button_icon, icon_px
from cmms_desktop.ui.widgets.segmented import join
from cmms_desktop.ui.widgets.styling import set_style

_WORDS = {"pass": "Pass", "flag": "Flag", "fail": "Fail"}
_ON_FILL = {"pass": "on-success", "flag": "on-warning", "fail": "on-danger"}


class AnswerButton(QPushButton):
    """One answer, at least 88 × 52."""

    def __init__(self, result: str) -> None:
        super().__init__(_WORDS.get(result, result))
        self.result = result
        self.setCheckable(True)
        self.setAccessibleName(self.text())
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        set_style(self, role=f"answer-{result}")
        theme().changed.connect(self._render)
        self._render()

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(theme().target("answer_width"), theme().target("answer")))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @Slot()
    def _render(self) -> None:
        size = icon_px("control")
        checked = _ON_FILL.get(self.result, "on-accent")
        ratio = self.devicePixelRatioF()
        self.setIcon(button_icon(self.result, color="text", checked=checked, size=size, gap=GAP, ratio=ratio))
        self.setIconSize(QSize(size + GAP, size))


class AnswerButtons(QWidget):
    """Joined answers, at most one checked; pressing the checked one again takes it back (`answered("")`)."""

    answered = Signal(str)

    def __init__(self, results: tuple[str, ...] = ("pass", "flag", "fail"), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._buttons = {result: AnswerButton(result) for result in results}
        for button in self._buttons.values():
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            button.clicked.connect(self._tell)
        join([*self._buttons.values()])

    @property
    def answer(self) -> str:
        """The checked answer, "" for none."""
        return next((result for result, button in self._buttons.items() if button.isChecked()), "")

    def set_answer(self, result: str) -> None:
        """Show an answer without telling; "" shows none."""
        for each, button in self._buttons.items():
            button.setChecked(each == result)

    def press(self, result: str) -> None:
        """Answer as if pressed, for the keys 1, 2 and 3."""
        self._buttons[result].click()

    def button(self, result: str) -> QPushButton:
        return self._buttons[result]

    def set_subject(self, subject: str) -> None:
        """Name what is answered, for screen readers: "Pass, Shaft seal free of leaks"."""
        for button in self._buttons.values():
            button.setAccessibleName(f"{button.text()}, {subject}")

    @Slot()
    def _tell(self) -> None:
        pressed = self.sender()
        if isinstance(pressed, AnswerButton):
            self.set_answer(pressed.result if pressed.isChecked() else "")
            self.answered.emit(self.answer)
