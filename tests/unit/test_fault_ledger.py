"""What a large run claims is what it did: a shard that fails, or ends early, is written down with what it found."""

import json
from pathlib import Path

import pytest

from tests.support import fault_ledger
from tests.support.fault_ledger import COLUMNS, FaultLedger, Shard, last_seed_of


def ledger(tmp_path: Path) -> FaultLedger:
    return FaultLedger(tmp_path / "LEDGER.tsv", tmp_path / "report.json")


def lines(written: FaultLedger) -> list[dict[str, str]]:
    assert written.ledger is not None
    head, *rest = [line.split("\t") for line in written.ledger.read_text().splitlines()]
    assert tuple(head) == COLUMNS
    return [dict(zip(head, line, strict=True)) for line in rest]


def test_a_shard_is_one_line_that_names_commit_and_versions(tmp_path: Path) -> None:
    written = ledger(tmp_path)
    for first in (1, 11):
        with written.shard("kills", first_seed=first, last_seed=first + 9) as shard:
            shard.count += 10
            shard.duplicates += 2
    told = lines(written)
    assert [(line["kind"], line["seeds"], line["count"], line["violations"]) for line in told] == [
        ("kills", "1-10", "10", "0"),
        ("kills", "11-20", "10", "0"),
    ]
    for name in ("python", "postgresql", "sqlcipher", "sqlite"):
        assert f"{name}-" in told[0]["versions"]
    assert written.report is not None
    assert json.loads(written.report.read_text()) == {"kills": 20, "violations": 0, "duplicates": 4}


def test_a_run_that_is_written_down_goes_on_after_its_last_seed(tmp_path: Path) -> None:
    written = ledger(tmp_path)
    assert written.ledger is not None
    assert last_seed_of("histories", written.ledger) == 0
    for kind, first, last in (("histories", 1, 4), ("histories", 5, 8), ("kills", 9, 99)):
        with written.shard(kind, first_seed=first, last_seed=last):
            pass
    assert last_seed_of("histories", written.ledger) == 8


def test_a_line_names_the_commit_on_which_its_shard_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = ledger(tmp_path)
    monkeypatch.setattr(fault_ledger, "commit", lambda: "before")
    with written.shard("kills", first_seed=1, last_seed=1):
        monkeypatch.setattr(fault_ledger, "commit", lambda: "afterwards")
    assert [line["commit"] for line in lines(written)] == ["before"]


def test_a_shard_that_fails_says_so_with_what_it_had_done(tmp_path: Path) -> None:
    written = ledger(tmp_path)

    def failing(shard: Shard) -> None:
        shard.count += 3
        raise AssertionError("an edit is gone")

    with pytest.raises(AssertionError), written.shard("kills", first_seed=5, last_seed=9) as shard:
        failing(shard)
    assert [(line["count"], line["violations"]) for line in lines(written)] == [("3", "1")]
    assert written.report is not None
    assert json.loads(written.report.read_text())["violations"] == 1


def test_nothing_is_written_where_no_file_was_named(tmp_path: Path) -> None:
    with FaultLedger().shard("kills", first_seed=1, last_seed=1) as shard:
        shard.count += 1
    assert list(tmp_path.iterdir()) == []
