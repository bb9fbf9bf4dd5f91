"""Revision 0019 adds the words of rows that were there, in batches, while people go on writing: nothing is lost."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from sync_server.application.organizations import create_organization
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.errors import CmmsError
from sync_server.storage.engine import Database
from sync_server.storage.migrating import head_revision, migrate
from sync_server.storage.tables_search import SEARCHED
from tests.migrations.filling import NORTH, fill
from tests.support.postgres import TEST_SECRET, both_postgres_ends
from tests.support.server_side import NOW, new_id, read_rows

ORDERS = 2_400
PATIENCE_S = 60
DIFFERENT = """
WITH meant AS (
  SELECT organization_id, 'work_order' AS entity, id, id AS aggregate_id, site_id, deleted_at IS NULL AS live,
    setweight(search_words(concat_ws(' ', number, title)), 'A')
      || setweight(search_words(concat_ws(' ', description, asset_text)), 'B') AS words FROM work_order
  UNION ALL
  SELECT c.organization_id, 'comment', c.id, c.aggregate_id, o.site_id, o.deleted_at IS NULL,
    setweight(search_words(c.text), 'B')
  FROM comment AS c JOIN work_order AS o ON o.organization_id = c.organization_id AND o.id = c.aggregate_id
  UNION ALL
  SELECT organization_id, 'asset', id, id, site_id, deleted_at IS NULL,
    setweight(search_words(concat_ws(' ', code, name)), 'A')
      || setweight(search_words(concat_ws(' ', serial, registration_number, manufacturer, model, notes)), 'B')
  FROM asset
  UNION ALL
  SELECT d.organization_id, 'asset_document', d.id, d.aggregate_id, a.site_id, a.deleted_at IS NULL,
    CASE WHEN d.deleted_at IS NULL THEN setweight(search_words(concat_ws(' ', d.title, d.reference)), 'A')
      || setweight(search_words(concat_ws(' ', d.kept_at)), 'B') ELSE '' END
  FROM asset_document AS d JOIN asset AS a ON a.organization_id = d.organization_id AND a.id = d.aggregate_id)
(TABLE meant EXCEPT SELECT organization_id, entity, id, aggregate_id, site_id, live, words FROM search_entry)
UNION ALL
(SELECT organization_id, entity, id, aggregate_id, site_id, live, words FROM search_entry EXCEPT TABLE meant)
"""


def different(owner_url: str) -> list[Any]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(DIFFERENT).fetchall()


def forget_words(owner_url: str, *entities: str) -> None:
    """Put the database back to where 0018 stood beside rows that were there before; of some entities only: half-way."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("DELETE FROM search_entry WHERE entity = ANY (%s)", (list(entities or SEARCHED),))
        connection.execute("UPDATE alembic_version SET version_num = '0018'")


def fill_words(owner_url: str, *, revision: str = "0019") -> None:
    """Run 0019 as `migrate` does, and say again that the rest is there."""
    migrate(owner_url, TEST_SECRET, revision=revision)
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", (head_revision(),))


class Writers:
    """Somebody who changes titles, moves orders, deletes and restores them and remarks on them, without a rest."""

    def __init__(self, database: Database, organization_id: str, sites: list[str], person_id: str) -> None:
        self.database, self.organization_id, self.sites, self.person_id = database, organization_id, sites, person_id
        self.written, self.failures, self.is_over = 0, list[BaseException](), Event()

    def run(self, orders: list[str]) -> None:
        """Work on some orders, from the last to the first and again, until it is over."""
        acts: tuple[Callable[[Row, int], None], ...] = (self.retitle, self.move, self.delete, self.remark)
        while not self.is_over.is_set():
            for number, order_id in enumerate(reversed(orders)):
                if self.is_over.is_set():
                    return
                try:
                    self.act(order_id, acts[number % len(acts)], number)
                    self.written += 1
                except CmmsError as error:  # asked to come again: the back-fill holds the order for a moment
                    self.failures.append(error)

    def act(self, order_id: str, act: Callable[[Row, int], None], number: int) -> None:
        with self.database.transaction("app_sync", self.organization_id) as connection:
            self.work = UnitOfWork(connection, self.organization_id, None)
            self.work.lock([("work_order", order_id)])
            row = self.work.get("work_order", order_id)
            assert row is not None
            act(row, number)
            self.work.finish()

    def change(self, row: Row, **values: Scalar) -> None:
        self.work.put({("work_order", str(row["id"])): {**row, **values}})

    def retitle(self, row: Row, number: int) -> None:
        self.change(row, title=f"Retitled {number} {self.written}")

    def move(self, row: Row, number: int) -> None:
        self.change(row, site_id=self.sites[(self.written + number) % len(self.sites)])

    def delete(self, row: Row, number: int) -> None:
        self.change(row, deleted_at=None if row["deleted_at"] else NOW)

    def remark(self, row: Row, number: int) -> None:
        id_ = new_id()
        self.work.put({("comment", id_): comment(id_, str(row["id"]), self.person_id, text=f"Remark {number}")})


def comment(id_: str, order_id: str, person_id: str, *, text: str) -> Row:
    named: Row = {"id": id_, "aggregate_id": order_id, "work_order_id": order_id, "author_id": person_id, "text": text}
    return completed(REGISTRY["comment"], {**named, "written_at": NOW, "created_at": NOW, "updated_at": NOW})


def a_row(entity: str, **values: Scalar) -> tuple[tuple[str, str], Row]:
    id_ = new_id()
    audit: Row = {"id": id_, "aggregate_id": id_, "created_at": NOW, "updated_at": NOW}
    return (entity, id_), completed(REGISTRY[entity], {**audit, **values})


def filled_organization(database: Database) -> tuple[str, list[str], str, list[str]]:
    """An organization with two sites, a person, and orders with a remark each: ids of all of them."""
    organization_id = create_organization(database, "filled", "Filled")
    sites = [a_row("site", code=f"S{number}", name="Site", time_zone="UTC") for number in range(2)]
    person = a_row("person", name="Technician", role="technician")
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.put(dict([*sites, person]))
        work.finish()
    site_ids, person_id = [key[1] for key, _ in sites], person[0][1]
    rows = list(synthetic_orders(ORDERS, site_id=site_ids[0]))
    load_work_orders(database, organization_id, rows)
    remarks = {
        ("comment", id_): comment(id_, str(row["id"]), person_id, text="A pump") for row in rows if (id_ := new_id())
    }
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.put(remarks)
        work.finish()
    return organization_id, site_ids, person_id, [str(row["id"]) for row in rows]


@both_postgres_ends
def test_words_are_filled_while_people_write_and_none_is_old_or_missing(database: Database, database_url: str) -> None:
    organization_id, sites, person_id, orders = filled_organization(database)
    assert different(database_url) == []
    forget_words(database_url)
    writers = [Writers(database, organization_id, sites, person_id) for _ in range(2)]
    threads = [
        Thread(target=writer.run, args=(sorted(orders)[number::2],), daemon=True)
        for number, writer in enumerate(writers)
    ]
    for thread in threads:
        thread.start()
    try:
        fill_words(database_url)
    finally:
        for writer in writers:
            writer.is_over.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert all(writer.written for writer in writers), "nobody wrote meanwhile"
    assert sum(len(writer.failures) for writer in writers) <= 2, writers[0].failures[:1]
    assert different(database_url) == []


def test_a_move_between_reading_and_filling_waits(database: Database, database_url: str) -> None:
    """The fault that it would be: a remark filled under the site that its order has just left."""
    organization_id, sites, _, orders = filled_organization(database)
    forget_words(database_url, "comment")
    with database.transaction("app_sync", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock([("work_order", orders[0])])
        row = read_rows(connection, organization_id, entity="work_order", ids=orders[:1])[orders[0]]
        work.put({("work_order", orders[0]): {**row, "site_id": sites[1]}})
        work.finish()
        filling = Thread(target=fill_words, args=(database_url,), daemon=True)
        filling.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%search_entry%'"
        with psycopg.connect(database_url, autocommit=True) as looking:
            for _ in range(PATIENCE_S * 1_000):
                if looking.execute(waits).fetchone() == (1,) or not filling.is_alive():
                    break
                Event().wait(0.001)
    filling.join(PATIENCE_S)
    assert not filling.is_alive()
    assert different(database_url) == []


def test_a_run_that_was_ended_half_way_goes_on(database_url: str) -> None:
    fill(database_url, NORTH)
    forget_words(database_url)
    fill_words(database_url)
    assert different(database_url) == []
    forget_words(database_url, "comment", "asset")
    fill_words(database_url)
    assert different(database_url) == []


def test_the_time_limits_of_migrations_hold_for_each_batch(database_url: str) -> None:
    fill(database_url, NORTH)
    forget_words(database_url)
    limits: list[tuple[str, ...]] = []

    def note(_connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("INSERT INTO search_entry"):
            asked = cursor.connection.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
            )
            limits.extend(asked.fetchall())

    event.listen(Engine, "before_cursor_execute", note)
    try:
        fill_words(database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert limits == [("4s", "15min")] * 4
