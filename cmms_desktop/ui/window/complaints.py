"""What was refused or failed, above the page until the person has read all of it. It decides nothing."""

from PySide6.QtCore import Slot

from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.widgets.banner import Banner

KEPT = "What was saved before is kept."
READ = "Got it"
MOST_LINES = 3
"""So that the page below stays usable."""


class Complaints(Banner):
    """Shows the newest first; a press shows the one before, until none is left. The same is not said twice."""

    def __init__(self) -> None:
        super().__init__("danger", "", action=READ, most_lines=MOST_LINES)
        self._sentences: list[str] = []
        self.hide()
        self.acted.connect(self._go_on)

    @property
    def sentence(self) -> str:
        """What is shown; "" for nothing."""
        return self._sentences[-1] if self._sentences else ""

    def add(self, problem: CmmsError) -> None:
        """Say it now; what was not read yet is said afterwards."""
        self._sentences = [each for each in self._sentences if each != problem.sentence]
        self._sentences.append(problem.sentence)
        self._show_last()

    @Slot()
    def _go_on(self) -> None:
        self._sentences = self._sentences[:-1]
        self._show_last()

    def _show_last(self) -> None:
        more = len(self._sentences) - 1
        self.setVisible(more >= 0)
        if more >= 0:
            self.show_message("danger", self.sentence, KEPT, action=f"Next, {more} more" if more else READ)
