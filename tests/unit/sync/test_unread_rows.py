"""Records of a newer server: what this program cannot read counts as it stands, and nothing is fetched for it twice."""

import pytest

from cmms_desktop.replica import bootstrap
from sync_server.contract.fields import Scalar
from tests.support.replicas import SCOPE, uid
from tests.unit.sync.wire import Wire

NOVELTY = "work_order_weather"
COLUMNS = ("id", "aggregate_id", "version", "sync_seq", "row_hash", "created_at", "updated_at", "deleted_at", "sky")


@pytest.fixture(params=["at once", "staged"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of a new scope into the store."""
    if request.param == "staged":
        monkeypatch.setattr(bootstrap, "SMALL_ROWS", -1)


@pytest.fixture
def order(wire: Wire) -> str:
    """An order with a part that only newer programs know, on the device for the first time."""
    wire.server.newer[NOVELTY] = COLUMNS
    made = wire.field.add_order(1)
    weather(wire, made, sky="rain")
    wire.engine.sync()
    return made


def weather(wire: Wire, order: str, *, number: int = 500, **values: Scalar) -> None:
    row_id = uid(number)
    row: dict[str, Scalar] = dict.fromkeys(COLUMNS)
    wire.server.commit({(NOVELTY, row_id): {**row, "id": row_id, "aggregate_id": order, **values}})


def cycles(wire: Wire, count: int = 3) -> list[str]:
    """What is asked within some cycles, the pulls left out."""
    wire.new_asked()
    for _ in range(count):
        wire.engine.sync()
    return [each for each in wire.new_asked() if each != "pull"]


def test_what_was_fetched_with_it_is_the_same_as_the_server_has(wire: Wire, order: str) -> None:
    assert cycles(wire) == []
    assert wire.field.replica.digests_of(SCOPE)[order] != 0
    assert wire.field.replica.state().heals == ()


def test_changes_of_what_is_known_and_what_is_not_fetch_nothing_again(wire: Wire, order: str) -> None:
    for number in range(4):
        wire.server.change("work_order", order, title=f"Title {number}")
        weather(wire, order, sky=f"sky {number}")
        weather(wire, order, number=510 + number, sky="new")
        assert cycles(wire) == []
    wire.server.change(NOVELTY, uid(500), deleted_at="2026-03-02T09:00:00.000000Z")
    wire.server.change(NOVELTY, uid(511), deleted_at="2026-03-02T09:00:00.000000Z")
    assert cycles(wire) == []
    assert wire.field.replica.state().heals == ()


def test_an_aggregate_of_a_kind_that_is_not_known_counts_as_well(wire: Wire, order: str) -> None:
    wire.server.join(SCOPE, uid(600), "weather_station")
    weather(wire, uid(600), number=601, sky="clear")
    assert cycles(wire) == []
    assert wire.field.replica.digests_of(SCOPE)[uid(600)] != 0


def test_a_store_of_a_program_that_noted_nothing_fetches_once(wire: Wire, order: str) -> None:
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("DELETE FROM unread_row")
    wire.server.change("work_order", order, title="Another")
    assert cycles(wire) == ["verify"]
    for number in range(4):
        wire.server.change("work_order", order, title=f"Title {number}")
        assert cycles(wire) == []
    assert len(wire.field.replica.state().heals) == 1


def test_it_leaves_with_its_aggregate_and_comes_back_with_it(wire: Wire, order: str) -> None:
    wire.server.leave(SCOPE, order)
    assert cycles(wire) == []
    with wire.field.replica.database.reader() as handle:
        assert handle.cursor.execute("SELECT * FROM unread_row").fetchall() == []
    weather(wire, order, sky="meanwhile")
    wire.server.join(SCOPE, order, "work_order")
    assert cycles(wire) == []


def test_what_a_join_does_not_name_is_gone(wire: Wire, order: str) -> None:
    weather(wire, order, number=501, sky="second")
    wire.engine.sync()
    del wire.server.rows[NOVELTY, uid(501)]
    wire.server.leave(SCOPE, order)
    wire.server.join(SCOPE, order, "work_order")
    assert cycles(wire) == []


def test_a_scope_that_is_fetched_afresh_is_the_same_again(wire: Wire, order: str) -> None:
    weather(wire, order, number=501, sky="gone when it is fetched again")
    wire.engine.sync()
    del wire.server.rows[NOVELTY, uid(501)]
    wire.field.replica.remember(cursor=None)
    weather(wire, order, sky="meanwhile")
    for number in range(2, 6):
        weather(wire, wire.field.add_order(number), number=500 + 10 * number, sky="new")
    assert "verify" not in cycles(wire)
    assert wire.field.replica.state().heals == ()


def test_what_differs_beside_it_is_healed_and_a_storm_is_told(wire: Wire, order: str) -> None:
    for number in range(3):
        with wire.field.replica.database.writer() as handle:
            handle.cursor.execute("UPDATE work_order SET row_hash = ? WHERE id = ?", (number, order))
        wire.server.change("work_order", uid(1), title=f"Title {number}")
        with wire.field.replica.database.writer() as handle:
            handle.cursor.execute("UPDATE unread_row SET row_hash = ? WHERE row_id = ?", (number, uid(500)))
        assert cycles(wire) == ["verify"]
    assert [(each.kind, each.count) for each in wire.field.replica.state().notices] == [("healing", 3)]


def test_rows_of_a_kind_that_is_known_by_now_do_not_count_twice(wire: Wire, order: str) -> None:
    before = wire.field.replica.digests_of(SCOPE)
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("INSERT INTO unread_row VALUES ('comment', ?, ?, 12345, 1)", (uid(700), order))
    assert wire.field.replica.digests_of(SCOPE) == before
