"""The benchmarks run to their end and answer in their shape; what they measure here means nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.bare_pipe import BESIDE_CHECKOUT
from tests.benchmarks.load import broken
from tests.support.pgbouncer import PROGRAM
from tests.support.qt_here import why_qt_is_missing

ROOT = Path(__file__).resolve().parents[2]
SYNC = ROOT / "tests" / "benchmarks" / "sync.py"
GUI = ROOT / "tests" / "benchmarks" / "gui.py"
LOAD = ROOT / "tests" / "benchmarks" / "load.py"
LIVE = ROOT / "tests" / "benchmarks" / "live.py"
LARGE_SCOPE = ROOT / "tests" / "benchmarks" / "large_scope.py"
TIMEOUT_S = 300.0


def run(*arguments: str, script: Path = SYNC) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@pytest.mark.slow
def test_the_benchmark_measures_both_sides_and_ends_with_one_object() -> None:
    if not BESIDE_CHECKOUT.is_file():
        pytest.skip("the floor program is not beside this checkout")
    done = run("--rows", "500", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert set(answer) == {"initial", "no_change", "push", "local_edit", "quiet", "rows", "rounds", "machine"}
    assert answer["quiet"]["ratio"] == pytest.approx(answer["quiet"]["ours"] / answer["quiet"]["bare"], rel=0.05)
    for name in ("initial", "no_change", "push", "local_edit"):
        found = answer[name]
        assert set(found) == {"ours", "floor", "ratio"}
        assert min(found.values()) > 0
    quiet = answer["no_change"]
    assert quiet["ratio"] == pytest.approx(quiet["floor"] / quiet["ours"], rel=0.05)
    assert (answer["rows"], answer["rounds"]) == (500, 1)
    assert set(answer["machine"]) == {"cores", "python", "postgres"}


def test_without_the_floor_it_says_where_it_looked(tmp_path: Path) -> None:
    done = run("--floor", str(tmp_path / "floor.py"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().startswith(f"The floor program is not at {tmp_path / 'floor.py'}.")


@pytest.mark.slow
def test_the_window_is_measured_beside_the_bare_one() -> None:
    if not BESIDE_CHECKOUT.is_file() or why_qt_is_missing():
        pytest.skip("the floor program is not beside this checkout, or Qt is not here")
    done = run("--rows", "300", "--rounds", "1", "--json", script=GUI)
    answer = json.loads(done.stdout.splitlines()[-1])
    figures = {"day_stall_ms", "sync_stall_ms", "first_row_ms", "memory_mb", "memory_after_day_mb"}
    assert set(answer) == {*figures, "rows", "rounds", "machine"}
    for name in figures:
        assert set(answer[name]) - {"bound"} == {"ours", "bare", "ratio"}
        assert min(answer[name].values()) > 0
    bounded = [answer["day_stall_ms"], answer["sync_stall_ms"]]
    assert [each["bound"] for each in bounded] == [50, 50]
    assert done.returncode == any(each["ours"] > each["bound"] for each in bounded), done.stderr


@pytest.mark.slow
def test_an_edit_is_timed_from_one_device_to_another() -> None:
    if not BESIDE_CHECKOUT.is_file():
        pytest.skip("the floor program is not beside this checkout")
    done = run("--rows", "200", "--edits", "3", "--json", script=LIVE)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == (answer["p95"]["ours"] > answer["p95"]["bound"]), done.stderr
    assert set(answer) == {"p50", "p95", "mean", "rows", "edits", "machine"}
    assert min(answer["p50"].values()) > 0


@pytest.mark.slow
def test_own_orders_are_timed_while_a_scope_comes() -> None:
    if not BESIDE_CHECKOUT.is_file():
        pytest.skip("the floor program is not beside this checkout")
    done = run("--rows", "300", "--quiet-edits", "1", "--json", script=LARGE_SCOPE)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert set(answer) == {"scope_s", "news", "own", "rows", "machine"}
    assert all(answer[name][when]["n"] > 0 for name in ("news", "own") for when in ("quiet", "meanwhile"))


@pytest.mark.slow
def test_a_small_load_is_carried_without_an_error() -> None:
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    done = run("--quick", "--json", script=LOAD)
    assert done.stdout, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    parts = {"streams", "sync_ms", "a_sync", "changed_rows", "connections", "errors"}
    assert set(answer) == {*parts, "server_core_share", "server_megabytes", "asked", "machine"}
    assert answer["errors"] == {}
    assert (answer["streams"]["count"], answer["asked"]["active"]) == (200, 12)
    assert answer["sync_ms"]["count"] == 24
    assert answer["changed_rows"] > 0
    costs = answer["a_sync"]
    assert set(costs) == {"server_ms", "postgres_ms", "pooler_ms", "all_ms", "waits", "transactions"}
    assert costs["waits"] > costs["transactions"] > 1, costs  # times are of a few ticks here, and say nothing
    assert 0 < answer["connections"] <= 50


def test_the_bounds_of_the_load_are_those_of_the_issue() -> None:
    streams = {"count": 5, "opened_within_s": 60.0}
    good = {"streams": streams, "sync_ms": {"p95": 300.0}, "connections": 50, "errors": {}, "asked": {"idle": 5}}
    assert broken(good) == []
    worse = {
        "all streams within 60 s": [
            {"streams": streams | {"count": 4}},
            {"streams": streams | {"opened_within_s": 61}},
        ],
        "p95 ≤ 300 ms": [{"sync_ms": {"p95": 300.1}}],
        "≤ 50 connections": [{"connections": 51}],
        "0 errors": [{"errors": {"stream lost": 1}}],
    }
    for name, changes in worse.items():
        for change in changes:
            assert broken({**good, **change}) == [name]
