"""`packaging/run faults` never says that all is well when a part failed, hung or did nothing, nor claims old runs."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults import __main__ as faults
from tests.faults.claims import claims, last_commits
from tests.faults.parts import PYTEST, QUICK, WHOLE, Amounts, Part, parts
from tests.support.fault_ledger import COLUMNS

PATIENCE_S = 60.0


def counting(**counts: int) -> str:
    return f"open(report, 'w').write({json.dumps(counts)!r})"


MUTANTS = counting(mutants_red=2, mutants_total=2)


def told(monkeypatch: pytest.MonkeyPatch, *, limit_s: float = PATIENCE_S, **scripts: str) -> faults.Found:
    """What comes of parts that are such scripts; `report` is the file in which they count."""

    def made(amounts: Amounts, report: Path, ledger: Path | None) -> list[Part]:
        begin = f"import sys; report = {str(report)!r}\n"
        return [Part(name, (sys.executable, "-c", begin + text), limit_s) for name, text in scripts.items()]

    monkeypatch.setattr(faults, "parts", made)
    return faults.run_all(QUICK, None)


def test_what_the_parts_did_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, kills=counting(kills=30, violations=0, other=1), mutants=MUTANTS)
    assert found.counts == {**dict.fromkeys(faults.LIKE, 0), "kills": 30, "mutants_red": 2, "mutants_total": 2}
    assert (found.is_good, found.said) == (True, [])


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
    found = told(monkeypatch, kills=script, mutants=MUTANTS)
    assert (found.counts["violations"], found.is_good) == (1, False)
    assert [sentence.split(":")[0] for sentence in found.said] == ["kills"]


@pytest.mark.parametrize("script", ["sys.exit(1)", MUTANTS + "; sys.exit(1)"])
def test_mutants_that_did_not_run_are_a_violation(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    found = told(monkeypatch, mutants=script)
    assert (found.counts["violations"], found.is_good) == (1, False)


def test_a_mutant_that_lives_closes_the_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(monkeypatch, mutants=counting(mutants_red=1, mutants_total=2) + "; sys.exit(1)")
    assert faults.tell(found) == 1
    sentence, last = capsys.readouterr().out.splitlines()[-2:]
    assert sentence == "mutants: 1 of 2 lived or were not judged; the table above says which."
    assert json.loads(last) == {**dict.fromkeys(faults.LIKE, 0), "mutants_red": 1, "mutants_total": 2}


def test_a_part_that_this_machine_cannot_do_counts_nothing_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "why_not", lambda name: "there is no disk here")
    found = told(monkeypatch, power_cuts="pass", mutants=MUTANTS)
    assert (found.is_good, found.counts["power_cuts"]) == (True, 0)
    assert found.said == ["power_cuts: left out. There is no disk here."]


HANGS = """
import subprocess, time
held = "import fcntl, time; file = open({lock!r}); fcntl.flock(file, 2); print('held', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE)
child.stdout.readline()
open({began!r}, "w").close()
time.sleep(600)
"""


def test_a_part_that_hangs_is_ended_with_all_that_it_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock, began = tmp_path / "lock", tmp_path / "began"
    lock.touch()
    script = HANGS.format(lock=str(lock), began=str(began))
    limit_s = 2.0
    while not began.exists():  # a slow machine: it was ended before it came so far
        assert limit_s < PATIENCE_S
        found = told(monkeypatch, limit_s=limit_s, kills=script, mutants=MUTANTS)
        limit_s *= 2
    assert found.said[0].startswith("kills: it hung")
    assert (found.counts["violations"], found.is_good) == (1, False)
    with lock.open() as file:
        until = time.monotonic() + PATIENCE_S
        while not is_free(file.fileno()):
            assert time.monotonic() < until, "a process of the part lives on"
            time.sleep(0.01)


def is_free(number: int) -> bool:
    import fcntl  # Windows has none, and no large runs

    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_a_test_that_hangs_is_shown_and_ended(tmp_path: Path) -> None:
    """With the words that every part is given, but for the time."""
    given = parts(QUICK, tmp_path / "report", None)[0].command
    options = [re.sub(r"_timeout=\d+", "_timeout=3", word) for word in given if word.startswith("faulthandler_")]
    assert len(options) == 2
    hanging = tmp_path / "test_hanging.py"
    hanging.write_text("import threading\n\n\ndef test_it():\n    threading.Event().wait(600)\n")
    done = subprocess.run(
        [
            *PYTEST,
            *(word for each in options for word in ("-o", each)),
            "-p",
            "no:cacheprovider",
            "-p",
            "no:pytest-qt",  # would look for Qt, which may be missing
            "--rootdir",
            str(tmp_path),
            str(hanging),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_S,
        check=False,
    )
    assert done.returncode != 0
    assert 'test_hanging.py", line 5 in test_it' in done.stderr


def test_quick_runs_are_the_same_every_time_and_whole_ones_go_on(tmp_path: Path) -> None:
    ledger = tmp_path / "LEDGER.tsv"
    lines = [("kills server", "1-33"), ("kills client", "101-134"), ("power_cuts", "1-50"), ("histories", "7-7")]
    rest = ("c", "v", "1", "1", "0")
    ledger.write_text("\n".join("\t".join(each) for each in (COLUMNS, *((*line, *rest) for line in lines))) + "\n")
    assert {(name, seed) for name, seed, _ in seeds(QUICK, ledger)} == {
        ("kills", 1),
        ("power_cuts", 1),
        ("duplicates", 1),
        ("histories", 1),
    }
    whole = seeds(WHOLE, ledger)
    assert [(seed, size) for name, seed, size in whole if name == "kills"] == [(135 + 100 * n, 100) for n in range(10)]
    assert [(seed, size) for name, seed, size in whole if name == "power_cuts"] == [(51 + 50 * n, 50) for n in range(4)]
    assert [(seed, size) for name, seed, size in whole if name == "histories"] == [(8, 1_000)]


def seeds(amounts: Amounts, ledger: Path) -> list[tuple[str, int, int]]:
    """(part, first seed, how many) of each shard."""
    found = []
    for part in parts(amounts, ledger.parent / "report", ledger):
        words = dict(word.split("=", 1) for word in part.command if word.startswith("--") and "=" in word)
        if part.name != "mutants":
            amount = int(words[f"--{part.name.replace('_', '-')}"])
            found.append((part.name, int(words["--first-seed"]), amount))
    return found


def test_only_lines_of_the_last_commits_are_claimed(tmp_path: Path) -> None:
    lines = [
        ("kills client", "1-34", "new", "v", "34", "50", "0"),
        ("kills client", "35-68", "newer", "v", "34", "51", "2"),
        ("kills client", "69-99", "new+", "v", "31", "1", "0"),
        ("power_cuts", "1-50", "old", "v", "50", "1", "0"),
    ]
    text = "\n".join("\t".join(line) for line in (COLUMNS, *lines)) + "\n"
    assert claims(text, ["newer", "new"]) == {"kills client": {"count": 68, "seconds": 101, "violations": 2}}


@pytest.mark.parametrize("kept", ["", "old"])
def test_where_nothing_may_be_claimed_the_gate_is_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kept: str
) -> None:
    ledger = tmp_path / "LEDGER.tsv"
    line = "\t".join(("power_cuts", "1-50", kept, "v", "50", "1", "0"))
    ledger.write_text("\n".join(("\t".join(COLUMNS), *([line] if kept else []))) + "\n")
    monkeypatch.setattr(faults, "last_commits", lambda: ["newer", "new"])
    assert faults.tell_claims(ledger) == 1
    said, last = capsys.readouterr().out.splitlines()[-2:]
    assert said.startswith("Nothing may be claimed")
    assert json.loads(last) == {}


def test_the_last_commits_are_the_newest(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
        return subprocess.run(
            ["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    made = []
    for number in range(3):
        git("commit", "-q", "--allow-empty", "-m", f"Commit {number}.")
        made.append(git("rev-parse", "--short=12", "HEAD"))
    assert last_commits(tmp_path, count=2) == [made[2], made[1]]
