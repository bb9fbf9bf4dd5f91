"""`packaging/run faults` never says that all is well when a part failed, or did nothing."""

import json
import sys
from pathlib import Path

import pytest

from tests.faults import __main__ as faults

MUTANTS = """print('{"mutants_red": 2, "mutants_total": 2}')"""


def told(monkeypatch: pytest.MonkeyPatch, **scripts: str) -> dict[str, int]:
    """What comes of parts that are such scripts; `report` is the file in which they count."""

    def parts(amounts: faults.Amounts, report: Path, ledger: Path | None) -> dict[str, list[str]]:
        return {
            name: [sys.executable, "-c", f"import sys; report = {str(report)!r}\n{text}"]
            for name, text in scripts.items()
        }

    monkeypatch.setattr(faults, "parts", parts)
    return faults.run(faults.QUICK, None)


def counting(**counts: int) -> str:
    return f"open(report, 'w').write({json.dumps(counts)!r})"


def test_what_the_parts_did_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, kills=counting(kills=30, violations=0, other=1), mutants=MUTANTS)
    assert found == {**dict.fromkeys(faults.LIKE, 0), "kills": 30, "mutants_red": 2, "mutants_total": 2}


@pytest.mark.parametrize(
    "script",
    [
        "sys.exit(1)",
        counting(kills=30, violations=0) + "; sys.exit(1)",
        counting(kills=30, violations=1) + "; sys.exit(1)",
        counting(kills=0, violations=0),
        "pass",
    ],
)
def test_a_part_that_failed_or_did_nothing_is_one_violation(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    assert told(monkeypatch, kills=script, mutants=MUTANTS)["violations"] == 1


@pytest.mark.parametrize("script", ["sys.exit(1)", MUTANTS + "; sys.exit(1)", "print('no object'); sys.exit(1)"])
def test_mutants_that_did_not_run_are_a_violation(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    assert told(monkeypatch, mutants=script)["violations"] == 1
