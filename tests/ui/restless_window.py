"""A window that taps and types by itself and says what it has saved: run as a process of its own, to be killed.

    python -m tests.ui.restless_window FOLDER SEED

Each line of standard output is JSON, written once the replica holds what it tells.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit

from cmms_desktop.app.garbage import GarbageTurns
from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.theme import install
from cmms_desktop.ui.window.frame import Frame
from cmms_desktop.ui.window.main_window import MainWindow
from cmms_desktop.ui.window.trail import NOTE
from tests.ui.stage import Stage, a_stage

PATIENCE_S = 60.0
WORDS = "the strainer was half blocked and is clean now "


def found(stage: Stage) -> tuple[set[str], list[str], dict[str, str]]:
    """What a replica holds: items with an answer, comments half written, and the place on top."""
    with stage.session.reading() as reading:
        lines = reading.cursor.execute("SELECT id FROM checklist_item WHERE result IS NOT NULL").fetchall()
    notes = stage.session.notes()
    drafts = [text for name, text in notes.items() if name.startswith("comment:")]
    steps = json.loads(notes.get(NOTE, "[]"))
    page, values = steps[-1] if steps else ("", [])
    return {line[0] for line in lines}, drafts, {"kind": "at", "page": page, **dict(values)}


class Restless:
    """Goes between a checklist and a comment of one order, by chance."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage, self._chance = stage, chance
        self._window = MainWindow()
        self._window.show_frame(
            Frame(stage.session, stage.conversation, clock=stage.clock, preferences=stage.context.preferences)
        )
        self._window.show()

    def work(self) -> None:
        """Never ends by itself."""
        while True:
            self._go(self._chance.choice(self._stage.order_ids[:4]), self._chance.choice(("checklist", "comments")))

    def _go(self, order_id: str, tab: str) -> None:
        frame = self._window.frame
        assert frame is not None
        place = Place.of("order", order_id=order_id, tab=tab)
        wanted = {"kind": "at", "page": "order", "order_id": order_id, "tab": tab}
        self._say({**wanted, "kind": "going"})
        frame.open(place)
        self._until(lambda: found(self._stage)[2] == wanted)
        self._say(wanted)
        for _ in range(self._chance.randint(1, 3)):
            if tab == "checklist":
                self._tap()
            else:
                self._type()

    def _tap(self) -> None:
        """Press an answer that is not given yet; a checklist whose rows on the screen are all answered is left."""
        before = found(self._stage)[0]
        self._until(lambda: bool(self._answers()))
        free = [each for each in self._answers() if not each.isChecked() and each.isEnabled()]
        if free:
            self._chance.choice(free).click()
            self._until(lambda: found(self._stage)[0] > before)
            self._say({"kind": "answered", "items": sorted(found(self._stage)[0])})

    def _answers(self) -> list[QAbstractButton]:
        buttons = self._window.findChildren(QAbstractButton)
        return [each for each in buttons if each.isVisible() and each.text() == "Pass"]

    def _type(self) -> None:
        fields: list[QPlainTextEdit] = []

        def look() -> bool:
            fields[:] = [each for each in self._window.findChildren(QPlainTextEdit) if each.isVisible()]
            return bool(fields)

        self._until(look)
        for letter in WORDS[: self._chance.randint(3, 12)]:
            QTest.keyClick(fields[0], letter)
        text = fields[0].toPlainText()
        self._until(lambda: text in found(self._stage)[1])
        self._say({"kind": "typed", "text": text})

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "what was done did not come to be saved"
            QTest.qWait(10)

    @staticmethod
    def _say(told: dict[str, object]) -> None:
        print(json.dumps(told), flush=True)


def main() -> None:
    """Work until killed."""
    app = QApplication(sys.argv[:1])
    turns = GarbageTurns()
    install(app)
    with a_stage(Path(sys.argv[1]), fresh=False) as stage:
        Restless(stage, random.Random(sys.argv[2])).work()
    turns.close()


if __name__ == "__main__":
    main()
