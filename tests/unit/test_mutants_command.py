"""`packaging/run mutants` tells after every mutant how many of all were noticed: one that hangs hides no other."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.mutant import Mutant
from tests.mutants.runs import Runs
from tests.mutants.tally import GREEN, RED, Told

PATIENCE_S = 60.0
BEFORE = Told("without a mutant", GREEN, "", 0)
NOTICED = Told("a", RED, "test_it", 0)
ALIVE = Told("b", GREEN, "", 0)
SKIPPED = Told("c", GREEN, "", 0, is_skipped=True)


def run(monkeypatch: pytest.MonkeyPatch, report: Path, **tells: Callable[[], Told]) -> int:
    """What comes of mutants whose tests end like that, one after the other."""

    class Trees:
        def __init__(self, folder: Path, count: int, runs: Runs) -> None: ...

        def run(self, name: str, mutant: Mutant | None, tests: Sequence[str]) -> Told:
            return tells[name]() if mutant else BEFORE

    monkeypatch.setattr(mutants, "Trees", Trees)
    return mutants.run([Mutant(name, "", (), ("a_test",)) for name in tells], jobs=1, report=report)


def counts(report: Path) -> tuple[int, int]:
    found = json.loads(report.read_text("utf-8"))
    return found["mutants_red"], found["mutants_total"]


def test_every_mutant_is_told_before_the_last_one_has_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    report, seen = tmp_path / "report", []

    def first() -> Told:
        seen.append(counts(report))
        return NOTICED

    def last() -> Told:
        until = time.monotonic() + PATIENCE_S
        while counts(report) != (1, 2):
            assert time.monotonic() < until, "the first is not told"
            time.sleep(0.01)
        return NOTICED

    assert run(monkeypatch, report, first=first, skipped=lambda: SKIPPED, last=last) == 0
    assert seen == [(0, 3)]
    assert counts(report) == (2, 2)


def test_one_that_lives_is_counted_among_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, tmp_path / "report", a=lambda: NOTICED, b=lambda: ALIVE) == 1
    assert counts(tmp_path / "report") == (1, 2)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"mutants_red": 1, "mutants_total": 2}


def test_where_every_mutant_is_skipped_nothing_is_proved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run(monkeypatch, tmp_path / "report", c=lambda: SKIPPED)
    assert counts(tmp_path / "report") == (0, 0)
