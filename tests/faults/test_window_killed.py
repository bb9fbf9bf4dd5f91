"""The window is killed at random moments while somebody taps and types: the next start shows the same page and work.

A process of its own opens the real window over a filled replica and says, on its standard output, what has been saved
so far; it is killed with SIGKILL and started again over the same folder, a dozen times.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source_tree import ROOT
from tests.support.qt_here import why_qt_is_missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_qt_is_missing()), reason=why_qt_is_missing() or "Qt is here"),
]
KILLS = 12
MOST_STEPS = 9
"""Things said by the window before it is killed; what it is doing then is left to chance."""


@dataclass
class Said:
    """What the window said that it has saved, newest last."""

    answered: set[str] = field(default_factory=set)
    typed: str = ""
    place: dict[str, Any] = field(default_factory=dict)
    next_place: dict[str, Any] = field(default_factory=dict)
    """Where it was going; it may have been killed between being there and saying so."""

    def take(self, line: str) -> None:
        told = json.loads(line)
        if told["kind"] == "answered":
            self.answered |= set(told["items"])
        elif told["kind"] == "typed":
            self.typed = told["text"]
        elif told["kind"] == "going":
            self.next_place = {**told, "kind": "at"}
        else:
            self.place = told


def run_and_kill(folder: Path, said: Said, chance: random.Random) -> None:
    """Start the window over the folder, listen for a while, kill it, and hear what it still said."""
    command = [sys.executable, "-m", "tests.ui.restless_window", str(folder), str(chance.random())]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        for _ in range(chance.randint(2, MOST_STEPS)):
            line = window.stdout.readline()
            assert line, "the window ended by itself"
            said.take(line)
        window.kill()
        for line in window.stdout:
            if line.endswith("\n"):
                said.take(line)


def test_what_was_tapped_and_typed_is_there_after_every_kill(tmp_path: Path) -> None:
    from tests.ui.restless_window import found
    from tests.ui.stage import a_stage

    chance = random.Random(20261128)
    folder, said = tmp_path / "store", Said()
    with a_stage(folder):
        pass
    for number in range(KILLS):
        run_and_kill(folder, said, chance)
        with a_stage(folder, fresh=False) as stage:
            answered, drafts, place = found(stage)
            assert answered >= said.answered, f"kill {number}: an answer is lost"
            assert any(said.typed in text for text in ["", *drafts]), (
                f"kill {number}: typed text is lost: {said.typed!r} not in {drafts!r}"
            )
            assert place in (said.place, said.next_place), f"kill {number}: another page"
            waiting = {entry.row_id for entry in stage.session.outbox.waiting()}
            assert answered <= waiting, f"kill {number}: an answer without its mutation"
    assert len(said.answered) >= 4
    assert said.typed
