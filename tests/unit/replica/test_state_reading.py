"""What the conversation knows is read from the file once, and again after every write, whoever made it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cmms_desktop.errors import Bug
from cmms_desktop.replica import sync_state
from cmms_desktop.replica.database import ReplicaHandle
from tests.support.replicas import Field


def test_it_is_read_once_while_nobody_writes(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    known = field.replica.state()
    monkeypatch.setattr(sync_state, "load", lambda cursor: pytest.fail("read again"))
    assert field.replica.state() is known


def test_every_kind_of_write_is_seen_at_once(field: Field) -> None:
    before = field.replica.state()
    field.replica.remember(offset_ms=7)
    assert field.replica.state().offset_ms == 7
    with field.replica.database.writer() as handle:
        sync_state.store(handle.cursor, offset_ms=8)
    assert field.replica.state().offset_ms == 8
    field.server.change("work_order", next(iter(field.server.scopes.values())).popitem()[0], title="Newer")
    field.pull_once()
    assert field.replica.state().pulled_seq > before.pulled_seq


def test_a_write_that_changes_nothing_lets_it_be(field: Field) -> None:
    known = field.replica.state()
    with field.replica.database.writer() as handle:
        handle.cursor.execute("SELECT count(*) FROM work_order").fetchone()
    assert field.replica.state() is known


def test_a_write_that_was_rolled_back_is_not_seen(field: Field) -> None:
    with pytest.raises(RuntimeError):
        store_and_fail(field)
    assert field.replica.state().offset_ms != 9


def store_and_fail(field: Field) -> None:
    with field.replica.database.writer() as handle:
        sync_state.store(handle.cursor, offset_ms=9)
        raise RuntimeError


def test_a_commit_while_it_is_read_makes_it_be_read_again(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot is from before the commit: whoever asks afterwards must not be given it."""
    database = field.replica.database
    reader = database.reader
    field.replica.remember(offset_ms=1)

    @contextmanager
    def slow() -> Iterator[ReplicaHandle]:
        with reader() as handle:
            handle.cursor.execute("SELECT count(*) FROM sync_state").fetchone()  # the snapshot begins here
            monkeypatch.setattr(database, "reader", reader)
            field.replica.remember(offset_ms=2)
            yield handle

    monkeypatch.setattr(database, "reader", slow)
    assert field.replica.state().offset_ms == 1
    assert field.replica.state().offset_ms == 2


def test_a_closed_store_tells_nothing(field: Field) -> None:
    field.replica.state()
    field.replica.close()
    with pytest.raises(Bug):
        field.replica.state()
