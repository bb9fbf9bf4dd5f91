"""What an update adds to rows that are here: laid into the version that it belongs to, and into no other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.errors import ContractMismatch
from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.filling import is_answer
from cmms_desktop.replica.staging import NAME
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, Row
from sync_server.contract.messages import FillRequest
from sync_server.contract.version import ROWS
from tests.support.outbox_steps import comment
from tests.support.replicas import SCOPE, Field, row, uid

ORDER, FIRST, SECOND = uid(1), uid(11), uid(12)
COLUMNS = ("id", "row_hash", "offset_ms")


@pytest.fixture
def updated(field: Field) -> Field:
    """A device with two remarks that were read before its program knew how far clocks are off."""
    field.add_order(1)
    for number in (11, 12):
        field.add("comment", number, ORDER, **comment(f"Remark {number}"))
    field.pull()
    update(field)
    return field


def update(field: Field) -> None:
    """The program and the server learn version 2."""
    assert (field.replica.state().rows, field.replica.state().server_rows) == (1, 1)
    field.replica.remember(server_rows=2)


def asked(field: Field) -> FillRequest:
    request = field.replica.fill_request()
    assert request is not None
    return request


def answer(
    field: Field, request: FillRequest, *lines: list[Any], names: tuple[str, ...] = COLUMNS, after: str | None = None
) -> list[list[Any]]:
    header = {"protocol": 1, "rows": 2, "epoch": field.server.epoch, "types": {"comment": names, "part_request": names}}
    end = {"scope": request.scope, "rows": request.rows, "upto": request.upto, "asked": request.after, "after": after}
    return [["header", header], *lines, ["end", end]]


def remark(field: Field, row_id: str) -> Row:
    found = field.replica.get("comment", row_id)
    assert found is not None
    return found


def here(field: Field, row_id: str) -> int:
    return int(field.server.rows["comment", row_id]["row_hash"] or 0)


def test_a_new_column_is_laid_into_the_rows_that_are_here(updated: Field) -> None:
    request = asked(updated)
    assert (request.scope, request.rows, request.upto, request.after) == (SCOPE, 1, 2, None)
    lines = answer(updated, request, ["fill", "comment", [[FIRST, here(updated, FIRST), -340]]])
    assert is_answer(lines, request, updated.replica.state())
    assert updated.replica.apply_fill(lines, request) == 1
    assert (remark(updated, FIRST)["offset_ms"], remark(updated, SECOND)["offset_ms"]) == (-340, None)
    assert updated.replica.state().rows == 2
    assert updated.replica.fill_request() is None


def test_a_row_in_another_version_than_the_one_that_is_here_stays_what_it_is(updated: Field) -> None:
    request = asked(updated)
    lines = answer(updated, request, ["fill", "comment", [[FIRST, here(updated, FIRST) + 1, -340], [uid(99), 1, 2]]])
    updated.replica.apply_fill(lines, request)
    assert remark(updated, FIRST)["offset_ms"] is None
    assert updated.replica.get("comment", uid(99)) is None


def test_beneath_an_open_edit_it_arrives_in_the_servers_row(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody typed stays, and the new column of the row comes through."""
    renamed = replace(REGISTRY["work_order"].by_name["completion_note"], since=2)
    with_added(monkeypatch, "work_order", renamed)
    field.add_order(1)
    field.pull()
    with field.replica.write() as write:
        write.set("work_order", ORDER, title="Mine")
    update(field)
    request = asked(field)
    names = ("id", "row_hash", "completion_note")
    row_hash = field.server.rows["work_order", ORDER]["row_hash"]
    lines = answer(field, request, ["fill", "work_order", [[ORDER, row_hash, "Done."]]])
    lines[0][1]["types"] = {"work_order": names}
    field.replica.apply_fill(lines, request)
    visible = field.replica.get("work_order", ORDER)
    assert visible is not None
    assert (visible["title"], visible["completion_note"]) == ("Mine", "Done.")
    field.server.rows["work_order", ORDER]["completion_note"] = "Done."
    field.sync()
    field.assert_converged()


def with_added(monkeypatch: pytest.MonkeyPatch, entity: str, *columns: ColumnSpec, since: int = 1) -> None:
    """Let columns, or a whole entity, be of a later version than they are."""
    spec = REGISTRY[entity]
    changed = {column.name: column for column in columns}
    replaced = tuple(changed.get(column.name, column) for column in spec.columns)
    monkeypatch.setitem(REGISTRY, entity, replace(spec, columns=replaced, since=since))


def test_rows_from_before_get_the_default_of_a_column_that_has_one(
    updated: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_added(monkeypatch, "comment", replace(REGISTRY["comment"].by_name["is_late"], since=2))
    with updated.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE comment SET is_late = NULL")
    request = asked(updated)
    assert [remark(updated, each)["is_late"] for each in (FIRST, SECOND)] == [False, False]
    lines = answer(updated, request, ["fill", "comment", [[FIRST, here(updated, FIRST), True]]])
    lines[0][1]["types"]["comment"] = ("id", "row_hash", "is_late")
    updated.replica.apply_fill(lines, request)
    assert [remark(updated, each)["is_late"] for each in (FIRST, SECOND)] == [True, False]


def test_rows_of_an_entity_that_was_passed_over_come_whole_and_newer_ones_stay(updated: Field) -> None:
    request = asked(updated)
    names = REGISTRY["part_request"].names
    old, newer = (row("part_request", uid(n), ORDER, quantity="1.0000", sync_seq=3, row_hash=n) for n in (31, 32))
    with updated.replica.database.writer() as handle:
        marks = ", ".join("?" * len(names))
        values = [{**newer, "sync_seq": 9, "quantity": "5.0000"}[name] for name in names]
        handle.cursor.execute(f"INSERT INTO part_request ({', '.join(names)}) VALUES ({marks})", values)
    lines = answer(
        updated, request, ["rows", "part_request", [[each[name] for name in names] for each in (old, newer)]]
    )
    lines[0][1]["types"]["part_request"] = names
    updated.replica.apply_fill(lines, request)
    quantities = [(updated.replica.get("part_request", uid(n)) or {}).get("quantity") for n in (31, 32)]
    assert quantities == ["1.0000", "5.0000"]


def test_it_goes_on_where_it_was_after_the_program_was_started_again(updated: Field) -> None:
    request = asked(updated)
    updated.replica.apply_fill(answer(updated, request, after=uid(5)), request)
    updated.restart()
    following = asked(updated)
    assert (following.scope, following.after) == (SCOPE, uid(5))
    with pytest.raises(ContractMismatch, match="nobody asked for"):
        updated.replica.apply_fill(answer(updated, request), request)
    updated.replica.apply_fill(answer(updated, following), following)
    assert updated.replica.state().rows == 2


@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda _: [],
        lambda lines: [["header", {**lines[0][1], "epoch": "another"}], *lines[1:]],
        *(lambda lines, name=name: [*lines[:-1], ["end", {**lines[-1][1], name: "x"}]] for name in ("scope", "asked")),
    ],
    ids=["cut", "no header", "empty", "another history", "another scope", "another slice"],
)
def test_an_answer_to_something_else_is_not_used(updated: Field, harm: Any) -> None:
    request = asked(updated)
    lines = answer(updated, request)
    assert is_answer(lines, request, updated.replica.state())
    assert not is_answer(harm(lines), request, updated.replica.state())


def test_a_scope_that_was_lost_meanwhile_is_not_asked_for(updated: Field) -> None:
    asked(updated)
    updated.server.allowed.clear()
    updated.pull()
    updated.replica.remember(server_rows=2)
    assert updated.replica.fill_request() is None
    assert updated.replica.state().rows == 2


def test_an_older_server_is_asked_for_nothing_and_a_newer_one_later(field: Field) -> None:
    field.add_order(1)
    field.pull()
    assert field.replica.fill_request() is None
    field.replica.remember(server_rows=7)
    assert asked(field).upto == ROWS


def test_a_new_device_lacks_nothing(tmp_path: Path) -> None:
    """What it reads first has every column already."""
    new = Field(tmp_path / "new")
    new.server.header_rows = 2
    new.add_order(1)
    new.pull()
    assert (new.replica.state().rows, new.replica.fill_request()) == (2, None)
    new.replica.close()


def test_a_server_that_went_back_and_forth_is_asked_again(field: Field) -> None:
    """While it was older, rows came without the column."""
    field.replica.remember(rows=2)
    field.server.header_rows = 1
    field.server.change("work_order", ORDER, title="Older server")
    field.pull()
    field.server.header_rows = 2
    field.server.change("work_order", ORDER, title="Newer server")
    field.pull()
    assert asked(field).rows == 1


def test_a_scope_that_was_half_fetched_with_other_columns_is_fetched_again(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1)
    big = "site:big"
    field.server.allowed.append(big)
    for number in range(20, 27):
        field.add_order(number, scope=big)
    field.pull_once()

    def fetch(token: str | None) -> list[Any]:
        return field.server.bootstrap(big, token, field.replica.state().cursor, limit=3)

    field.fetch(SCOPE)
    with field.replica.bootstrapping(big) as before:
        before.add(fetch(before.token))
    field.server.header_rows = 2
    with field.replica.bootstrapping(big) as after:
        assert after.token is not None
        after.add(fetch(after.token))
        assert after.token is None
        assert not (field.folder / NAME).exists()
        while not after.is_complete:
            after.add(fetch(after.token))
    field.pull()
    field.assert_converged()
