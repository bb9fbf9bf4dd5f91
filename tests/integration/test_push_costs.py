"""What an edit costs the server: rows and indexes by PostgreSQL's own counters, and statements. Never a time."""

from collections import Counter

import msgspec
import pytest
from psycopg import Connection

from sync_server.application.apply_unit import apply_unit
from sync_server.application.incoming import groups_of, parse
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from sync_server.authz.visibility import Caller
from sync_server.contract.fields import Row
from sync_server.storage import devices
from sync_server.storage.wire_rows import ask_rows, rows_of
from tests.support.read_counters import ROWS_READ
from tests.support.server_side import Scene, Server, new_id

MANY = 3_000
MOST_ROWS = 20
"""An edit's order, its lines and heads in two scopes, device, person and accesses, clock; some of them twice."""
MOST_STATEMENTS = 7
"""Lock the device; lock the order; read what else stands; clock; row; index; verdict with the chain."""
HOT_EDITS = b"""
select inhrelid::regclass::text, pg_stat_get_xact_tuples_hot_updated(inhrelid) from pg_inherits
where inhparent = 'work_order'::regclass"""
"""Rows of orders that this transaction has edited within their page, so that no index was written."""
GENERIC_AFTER = 7
"""Edits after which every statement is prepared and has the plan it keeps."""


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def counted(scene: Scene, title: str, query: bytes = ROWS_READ, order: Row | None = None) -> int:
    """Apply an edit of an order, the scene's or another, as a unit; give by how much counters rose."""
    field = scene.field
    sealed = field.device.seal(field.edit("work_order", order or scene.now(), title=title))
    caller = Caller(scene.organization.id, field.person_id, field.device.id)
    batch = parse([msgspec.Raw(each) for each in sealed], device_id=caller.device_id, person_id=caller.person_id)
    with scene.organization.database.transaction("app_sync", caller.organization_id) as connection:
        before = Counter(dict(connection.execute(query).fetchall()))
        device = devices.lock(connection, caller.organization_id, caller.device_id)
        texts, _ = apply_unit(connection, caller, groups_of(batch), device=device)
        read = Counter(dict(connection.execute(query).fetchall())) - before
    assert '"applied"' in texts[0]
    return read.total()


def test_an_edit_among_many_orders_reads_what_it_names(scene: Scene) -> None:
    rows = list(synthetic_orders(MANY, site_id=str(scene.site["id"]), seed=1))
    technician_id = str(scene.technician["id"])
    load_work_orders(scene.organization.database, scene.organization.id, rows, assignee_id=technician_id)
    scene.organization.ask("analyze")
    found = [counted(scene, f"Title {number}") for number in range(GENERIC_AFTER)]
    assert max(found) <= MOST_ROWS


def test_an_edit_in_a_page_full_of_orders_writes_no_index(scene: Scene) -> None:
    """Orders loaded after it filled its page: what room is left there was left for edits."""
    rows = list(synthetic_orders(100, site_id=str(scene.site["id"]), seed=2))
    load_work_orders(scene.organization.database, scene.organization.id, rows, assignee_id=str(scene.technician["id"]))
    order = next(each for each in scene.organization.rows("work_order") if each["id"] == rows[20]["id"])
    assert counted(scene, f"{order['title']}, the second of two", HOT_EDITS, order) == 1


def test_the_rows_of_a_unit_come_as_one_message(scene: Scene) -> None:
    """Of a message each, whoever waits for them is woken again and again."""
    organization = scene.organization
    made = {str(order["id"]): order for order in (organization.order(scene.site) for _ in range(20))}
    with organization.database.transaction("app_sync", organization.id) as connection:
        asked = ask_rows(connection, organization.id, entity="work_order", ids=[*made, new_id()], lock=True)
        assert asked.rowcount == 1
        assert rows_of("work_order", asked) == {row_id: organization.stands("work_order", row_id) for row_id in made}
        nothing = ask_rows(connection, organization.id, entity="work_order", ids=[new_id()], lock=True)
        assert rows_of("work_order", nothing) == {}


def test_an_edit_is_few_statements(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a message there and back, and a plan, for every edit of every device."""
    asked: list[object] = []
    execute = Connection.execute

    def noted(connection: Connection, query: object, *rest: object, **more: object) -> object:  # type: ignore[type-arg]
        asked.append(query)
        return execute(connection, query, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "execute", noted)
    counted(scene, "Once")
    within = asked[asked.index(ROWS_READ) + 1 : len(asked) - 1 - asked[::-1].index(ROWS_READ)]
    assert len(within) <= MOST_STATEMENTS, within
