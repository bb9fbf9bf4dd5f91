"""The program dies at statement k of a transaction, for every k: the file holds the state before, whole (invariant 20).

The death is real: a child process opens the store and ends itself without closing anything, and the parent looks.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.database import ReplicaDatabase
from cmms_desktop.replica.tables import METADATA
from cmms_desktop.replica.transaction import Replica
from tests.support.replica_deaths import NEEDS_FORK, Step, deaths_in, fetch, pull
from tests.support.replicas import KEY, SCOPE, SITE, TECHNICIAN, Field, sign, uid

pytestmark = NEEDS_FORK

ORDER = uid(1)
BIG = "site:big"


def world(folder: Path) -> Field:
    """Orders with open, sealed and answered edits, one about to leave, news at the server, and a new scope."""
    field = Field(folder)
    for number in (1, 2, 3, 4):
        field.add_order(number)
    field.add("checklist_item", 11, ORDER, checklist_id=ORDER, key="a", kind="pass_fail", prompt="Tight?")
    field.pull()
    for number in (1, 2, 3):
        with field.replica.write() as write:
            write.set("work_order", uid(number), priority="critical")
    field.push()
    for number in (1, 2, 3):
        with field.replica.write() as write:
            write.set("work_order", uid(number), asset_text="P-5")
            values = {"work_order_id": uid(number), "author_id": TECHNICIAN, "text": "Hi", "written_at": write.now}
            write.create("comment", values)
    assert field.replica.outbox.seal_next(sign, limit=2) is not None
    field.server.change("work_order", ORDER, title="Newer", asset_text="P-9")
    field.server.leave(SCOPE, uid(3))
    field.server.leave(SCOPE, uid(4))
    field.server.join(SCOPE, uid(2), "work_order")
    field.server.allowed.append(BIG)
    for number in range(20, 24):
        field.add_order(number, scope=BIG)
    return field


def dump(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table of a closed store, which is checked on the way."""
    with ReplicaDatabase.open(folder / "replica.db", KEY) as database, database.reader() as handle:
        assert handle.cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name: sorted(handle.cursor.execute(f"SELECT * FROM {name}"), key=repr) for name in METADATA.tables}


def local_edit(field: Field, replica: Replica) -> None:
    with replica.write() as write:
        write.set("work_order", ORDER, priority="low", completion_note="Done")
        write.create("work_order", {"number": "WO-X", "title": "More", "site_id": SITE})
        write.add_blob("a" * 64, media_type="image/png", size_bytes=3)


def sealing(field: Field, replica: Replica) -> None:
    replica.outbox.seal_next(sign)


def verdicts(field: Field, replica: Replica) -> None:
    batch = replica.outbox.seal_next(sign)
    assert batch is not None
    field.server.refuse = {"comment.create"}
    replica.outbox.record_verdicts(field.server.push(each.sealed for each in batch.mutations))


def withdrawal(field: Field, replica: Replica) -> None:
    replica.outbox.withdraw(replica.outbox.waiting()[-1].mutation_id)


@pytest.mark.parametrize("step", [local_edit, sealing, pull, withdrawal], ids=lambda step: step.__name__)
def test_one_transaction_is_there_whole_or_not_at_all(tmp_path: Path, step: Step) -> None:
    made = world(tmp_path / "made")
    made.replica.close()
    before = dump(tmp_path / "made")
    deaths = 0
    for field, has_died in deaths_in(step, made, folder=tmp_path):
        if has_died:
            assert dump(field.folder) == before
            deaths += 1
    assert deaths > 3
    assert dump(field.folder) != before


@pytest.mark.parametrize(
    ("step", "is_staged"),
    [(verdicts, False), (partial(fetch, scope=BIG), False), (partial(fetch, scope=BIG), True)],
    ids=["verdicts", "small fetch", "staged fetch"],
)
def test_after_a_death_anywhere_the_day_goes_on(
    tmp_path: Path, step: Step, is_staged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several transactions follow one another: whichever was cut off, the next start ends where it would have."""
    monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1 if is_staged else 2_000)
    made = world(tmp_path / "made")
    made.replica.close()
    deaths = 0
    for field, has_died in deaths_in(step, made, folder=tmp_path):
        field.restart()
        field.sync()
        field.sync()
        field.assert_converged()
        assert not (field.folder / "bootstrap.db").exists()
        field.replica.close()
        deaths += has_died
    assert deaths > 3
