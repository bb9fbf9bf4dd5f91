"""Fetching scopes: whole or not at all, resumable, and never back behind what a pull has brought."""

from typing import Any

import pytest

from cmms_desktop.replica import bootstrap
from cmms_desktop.replica.apply import AnswerCutShort
from cmms_desktop.replica.staging import NAME
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.rules.draft import Key
from tests.support.replicas import SCOPE, Field, everything, uid

BIG = "site:big"
ORDERS = tuple(uid(n) for n in range(20, 27))


@pytest.fixture(params=["at once", "staged", "in place"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """All ways into the live tables: small scopes at once, everything through the staging file, or in the replica."""
    if request.param != "at once":
        monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1)
    if request.param == "in place":
        monkeypatch.setattr(Replica, "_staging_place", lambda replica: replica._staging_in_place)
    return str(request.param)


def open_big(field: Field) -> None:
    """A scope of seven orders that the device may hold from now on."""
    field.server.allowed.append(BIG)
    for number in range(20, 27):
        field.add_order(number, scope=BIG)


def slices(field: Field, *, limit: int = 3, stop_before: int | None = None) -> int:
    """Fetch slices until complete or stopped; give how many were taken."""
    with field.replica.bootstrapping(BIG) as fetch:
        taken = 0
        while not fetch.is_complete and taken != stop_before:
            fetch.add(field.server.bootstrap(BIG, fetch.token, field.replica.state().cursor, limit=limit))
            taken += 1
    return taken


def is_staged(field: Field) -> bool:
    """Whether anything is staged, in the file or in the replica."""
    with field.replica.read() as reading:
        found = reading.cursor.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'staged%'").fetchone()
    return (field.folder / NAME).exists() or found[0] > 0


def test_a_scope_arrives_whole_with_its_cursor(field: Field) -> None:
    open_big(field)
    field.pull_once()
    assert field.replica.state().bootstrap == (BIG,)
    slices(field, limit=10)
    assert field.replica.state().bootstrap == ()
    field.assert_converged()
    field.server.change("work_order", ORDERS[0], title="Newer")
    field.pull()
    field.assert_converged()
    assert not is_staged(field)


def test_nothing_is_visible_before_the_last_slice(field: Field) -> None:
    open_big(field)
    field.pull_once()
    before = everything(field.replica)
    cursor = field.replica.state().cursor
    assert slices(field, stop_before=2) == 2
    assert (everything(field.replica), field.replica.state().cursor) == (before, cursor)
    assert slices(field) == 1
    field.assert_converged()


def test_a_fetch_goes_on_where_it_stopped_also_after_a_restart(field: Field) -> None:
    open_big(field)
    field.pull_once()
    slices(field, stop_before=2)
    field.restart()
    assert slices(field) == 1
    field.assert_converged()


def test_a_cut_slice_is_asked_for_again(field: Field) -> None:
    open_big(field)
    field.pull_once()
    slices(field, stop_before=1)
    with field.replica.bootstrapping(BIG) as fetch:
        token = fetch.token
        lines = field.server.bootstrap(BIG, token, field.replica.state().cursor, limit=3)
        with pytest.raises(AnswerCutShort):
            fetch.add(lines[:-1])
        assert (fetch.token, fetch.is_complete) == (token, False)
    assert slices(field) == 2
    field.assert_converged()


def test_a_cut_first_slice_changes_nothing(field: Field) -> None:
    open_big(field)
    field.pull_once()
    with field.replica.bootstrapping(BIG) as fetch:
        lines = field.server.bootstrap(BIG, None, field.replica.state().cursor, limit=10)
        with pytest.raises(AnswerCutShort):
            fetch.add(lines[:-1])
        fetch.add(lines)
    field.assert_converged()


def test_a_server_that_begins_again_is_followed(field: Field) -> None:
    """Its token was too old: slices of two beginnings are never mixed."""
    open_big(field)
    field.pull_once()
    slices(field, stop_before=2)
    field.server.leave(BIG, ORDERS[0])
    with field.replica.bootstrapping(BIG) as fetch:
        fetch.add(field.server.bootstrap(BIG, None, field.replica.state().cursor, limit=3))
        assert (fetch.is_complete, fetch.token) == (False, None)
    assert not is_staged(field)
    slices(field)
    field.pull()
    field.assert_converged()


def test_a_scope_that_is_lost_leaves_nothing_staged(field: Field) -> None:
    """Invariant 7: what was fetched of it so far goes, too."""
    open_big(field)
    field.pull_once()
    slices(field, stop_before=2)
    assert is_staged(field)
    field.server.allowed.remove(BIG)
    field.pull()
    assert not is_staged(field)


def test_another_scope_throws_away_what_was_staged(field: Field) -> None:
    open_big(field)
    field.server.allowed.append("site:other")
    field.add_order(30, scope="site:other")
    field.pull_once()
    slices(field, stop_before=1)
    field.fetch("site:other")
    field.fetch(BIG)
    field.pull()
    field.assert_converged()


def test_pulls_between_slices_are_not_undone(field: Field) -> None:
    """The slices show an order that a pull of another scope has brought in a newer state since."""
    open_big(field)
    field.server.join(SCOPE, ORDERS[0], "work_order")
    field.pull_once()
    slices(field, stop_before=1)
    field.server.change("work_order", ORDERS[0], title="Newer")
    field.pull_once()
    slices(field)
    row = field.replica.get("work_order", ORDERS[0])
    assert row is not None
    assert row["title"] == "Newer"
    field.pull()
    field.assert_converged()


def test_what_changed_behind_the_first_slice_comes_with_the_next_pull(field: Field) -> None:
    open_big(field)
    field.pull_once()
    slices(field, stop_before=2)
    field.server.change("work_order", ORDERS[0], title="Newer")
    field.server.leave(BIG, ORDERS[1])
    field.add_order(31, scope=BIG)
    slices(field)
    field.pull_once()
    field.assert_converged()


def test_rows_beneath_open_edits_go_into_their_shadows(field: Field) -> None:
    open_big(field)
    field.server.join(SCOPE, ORDERS[0], "work_order")
    field.pull_once()
    with field.replica.write() as write:
        write.set("work_order", ORDERS[0], priority="critical")
        made = write.create("work_order", {"number": "X", "title": "Mine", "site_id": uid(5)})
    field.server.change("work_order", ORDERS[0], title="Newer", asset_text="P-4")
    slices(field, limit=10)
    row = field.replica.get("work_order", ORDERS[0])
    assert row is not None
    assert (row["title"], row["priority"], row["asset_text"]) == ("Newer", "critical", "P-4")
    assert field.replica.get("work_order", made) is not None
    field.sync()
    field.assert_converged()


def test_a_stale_slice_does_not_go_beneath_an_open_edit(field: Field) -> None:
    open_big(field)
    field.server.join(SCOPE, ORDERS[0], "work_order")
    field.pull_once()
    slices(field, stop_before=1)
    with field.replica.write() as write:
        write.set("work_order", ORDERS[0], priority="critical")
    field.server.change("work_order", ORDERS[0], title="Newer")
    field.pull_once()
    slices(field)
    row = field.replica.get("work_order", ORDERS[0])
    assert row is not None
    assert (row["title"], row["priority"]) == ("Newer", "critical")


def test_reading_a_scope_afresh_removes_what_is_gone(field: Field) -> None:
    """Invariant 26: after a cursor that was too old, nothing deleted comes back and nothing made here is lost."""
    open_big(field)
    field.pull()
    with field.replica.write() as write:
        write.set("work_order", ORDERS[2], priority="critical")
        write.set("work_order", ORDERS[3], priority="critical")
        remark = {"work_order_id": ORDERS[2], "author_id": uid(5), "text": "Mine", "written_at": write.now}
        comment = write.create("comment", remark)
    del field.server.scopes[BIG][ORDERS[0]]
    del field.server.scopes[BIG][ORDERS[3]]
    del field.server.rows["checklist_item", uid(11)]
    for order in (ORDERS[0], ORDERS[3]):
        del field.server.rows["work_order", order]
    field.replica.remember(cursor=None)
    field.pull()
    assert field.replica.get("work_order", ORDERS[0]) is None
    assert field.replica.get("work_order", ORDERS[3]) is None
    assert field.replica.get("checklist_item", uid(11)) is None
    assert field.replica.get("comment", comment) is not None
    field.sync()
    live = {key for key, one in field.visible().items() if one["deleted_at"] is None}
    assert live == set(field.expected())


def test_a_hidden_order_in_a_fetched_scope_is_shown_again(field: Field) -> None:
    field.add_order(20)
    field.pull()
    with field.replica.write() as write:
        write.set("work_order", ORDERS[0], priority="critical")
    field.server.leave(SCOPE, ORDERS[0])
    field.pull()
    assert field.replica.get("work_order", ORDERS[0]) is None
    field.server.allowed.append(BIG)
    field.server.join(BIG, ORDERS[0], "work_order")
    field.pull()
    row = field.replica.get("work_order", ORDERS[0])
    assert row is not None
    assert row["priority"] == "critical"
    field.sync()
    field.assert_converged()


def test_a_hidden_orders_rows_that_are_gone_do_not_come_back_with_it(field: Field) -> None:
    order, item = ORDERS[0], uid(290)
    field.add_order(20)
    for number in (290, 291):
        field.add("checklist_item", number, order, checklist_id=order, key="a", kind="pass_fail", prompt="Tight?")
    field.pull()
    with field.replica.write() as write:
        write.set("work_order", order, priority="critical")
        write.set("checklist_item", item, note="Loose")
    field.server.leave(SCOPE, order)
    field.pull()
    del field.server.rows["checklist_item", item]
    del field.server.rows["checklist_item", uid(291)]
    field.server.allowed.append(BIG)
    field.server.join(BIG, order, "work_order")
    field.pull()
    assert {key for key in field.visible() if key[0] == "checklist_item"} == {
        ("checklist_item", uid(11)),
        ("checklist_item", uid(12)),
    }


def test_reading_afresh_does_not_end_mutations_before_their_scope_is_back(field: Field) -> None:
    """The device still holds the order, but its row is not the one that the commit wrote (invariant 9)."""
    with field.replica.write() as write:
        write.set("work_order", uid(1), priority="critical")
    field.push()
    field.replica.remember(cursor=None)
    field.pull_once()
    row = field.replica.get("work_order", uid(1))
    assert row is not None
    assert row["priority"] == "critical"
    assert len(field.replica.outbox.acknowledged()) == 1
    field.fetch(SCOPE)
    field.pull_once()
    field.assert_converged()


def test_a_scope_that_was_begun_before_a_commit_does_not_end_it(field: Field) -> None:
    """The order moved scopes: its row comes back as the first slice saw it, with the device's own edit over it."""
    open_big(field)
    field.server.join(SCOPE, ORDERS[0], "work_order")
    field.pull_once()
    slices(field, stop_before=1)
    with field.replica.write() as write:
        write.set("work_order", ORDERS[0], priority="critical")
    field.push()
    field.server.leave(SCOPE, ORDERS[0])
    field.pull_once()
    slices(field)
    row = field.replica.get("work_order", ORDERS[0])
    assert row is not None
    assert row["priority"] == "critical"
    field.pull_once()
    field.assert_converged()


def test_an_empty_scope_is_complete(field: Field) -> None:
    field.server.allowed.append(BIG)
    field.pull()
    assert field.replica.state().bootstrap == ()
    field.assert_converged()


def test_unknown_entities_and_columns_are_passed_over(field: Field) -> None:
    open_big(field)
    field.pull_once()
    lines: list[list[Any]] = field.server.bootstrap(BIG, None, field.replica.state().cursor, limit=10)
    names = lines[0][1]["types"]["work_order"]
    places = [place for place, name in enumerate(names) if name not in {"type", "hazards"}]
    lines[0][1]["types"]["work_order"] = ["shoe_size", *(names[place] for place in places)]
    lines[0][1]["types"]["hologram"] = ["id", "aggregate_id", "sync_seq", "row_hash"]
    for line in lines:
        if line[:2] == ["rows", "work_order"]:
            line[2] = [[44, *(cells[place] for place in places)] for cells in line[2]]
    lines[1:1] = [["rows", "hologram", [[uid(7), uid(7), 1, 1]]], ["fanfare", "loud"]]
    with field.replica.bootstrapping(BIG) as fetch:
        fetch.add(lines)
    field.assert_converged()


def test_listeners_are_told_that_any_row_of_an_entity_may_be_new(field: Field) -> None:
    open_big(field)
    field.pull_once()
    touched: list[frozenset[Key]] = []
    field.replica.subscribe(touched.append)
    slices(field, limit=10)
    assert touched == [frozenset({("work_order", "")})]


def test_the_fetch_counts_its_rows(field: Field) -> None:
    open_big(field)
    field.pull_once()
    with field.replica.bootstrapping(BIG) as fetch:
        fetch.add(field.server.bootstrap(BIG, None, field.replica.state().cursor, limit=10))
    assert fetch.rows == len(ORDERS)
