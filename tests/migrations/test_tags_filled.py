"""Revision 0064 names in entries the tags that were on things before, while people go on tagging: none is missing."""

import time
from threading import Thread
from typing import Any

import psycopg

from sync_server.application.organizations import create_organization
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.rules.attaching import attached_id
from sync_server.storage.engine import Database
from sync_server.storage.migrating import head_revision, migrate
from tests.support.postgres import TEST_SECRET, both_postgres_ends
from tests.support.server_side import a_row

DIFFERENT = """
SELECT s.entity, s.id, s.words FROM search_entry AS s
WHERE tsvector_to_array(ts_filter(s.words, '{c}')) <> ARRAY(
  SELECT ('#' || e.tag_id) COLLATE "C" FROM entity_tag AS e
  WHERE e.organization_id = s.organization_id AND e.aggregate_id = s.id AND e.deleted_at IS NULL
    AND s.entity IN ('work_order', 'asset') ORDER BY 1)
"""
WAITS = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
PATIENCE_S = 3


def asked(owner_url: str, query: str) -> list[Any]:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def forget_tags(owner_url: str) -> None:
    """Put the entries back to where 0063 stood beside rows that were there before."""
    asked(owner_url, "UPDATE search_entry SET words = ts_filter(words, '{a,b}')")
    asked(owner_url, "UPDATE alembic_version SET version_num = '0063'")


def fill_tags(owner_url: str) -> None:
    """Run 0064 as `migrate` does, and say again that the rest is there."""
    migrate(owner_url, TEST_SECRET, revision="0064")
    asked(owner_url, f"UPDATE alembic_version SET version_num = '{head_revision()}'")


def tagging(tag: Row, order: Row) -> Row:
    named = {"tag_id": tag["id"], "work_order_id": order["id"], "aggregate_id": order["id"]}
    return a_row("entity_tag", id=attached_id("entity_tag", str(order["id"]), str(tag["id"])), **named)


def commit(database: Database, organization_id: str, *rows: tuple[str, Row]) -> None:
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.put({(entity, str(row["id"])): row for entity, row in rows})
        work.finish()


def furnished(database: Database, organization_id: str, count: int) -> tuple[list[Row], Row]:
    """Orders with a tag on each, and another tag that is on none."""
    site = a_row("site", code="S", name="Site", time_zone="UTC")
    tag, other = a_row("tag", name="One"), a_row("tag", name="Other")
    orders = [a_row("work_order", number=str(n), title="Order", site_id=site["id"]) for n in range(count)]
    commit(database, organization_id, ("site", site), ("tag", tag), ("tag", other))
    commit(database, organization_id, *(("work_order", order) for order in orders))
    commit(database, organization_id, *(("entity_tag", tagging(tag, order)) for order in orders))
    return orders, other


@both_postgres_ends
def test_tags_that_were_there_are_named_in_every_batch(database: Database, database_url: str) -> None:
    for slug, count in (("first", 100), ("second", 1_000)):
        furnished(database, create_organization(database, slug, slug), count)
    assert asked(database_url, DIFFERENT) == []
    forget_tags(database_url)
    assert len(asked(database_url, DIFFERENT)) == 1_100
    for _ in range(2):
        fill_tags(database_url)
        assert asked(database_url, DIFFERENT) == []
        asked(database_url, "UPDATE alembic_version SET version_num = '0063'")


@both_postgres_ends
def test_a_tag_that_is_put_on_meanwhile_is_not_written_over(database: Database, database_url: str) -> None:
    organization_id = create_organization(database, "furnished", "Furnished")
    (order,), other = furnished(database, organization_id, 1)
    forget_tags(database_url)
    filling = Thread(target=fill_tags, args=(database_url,))
    with database.transaction("app_sync", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        row = tagging(other, order)
        work.put({("entity_tag", str(row["id"])): row})
        work.finish()
        filling.start()
        end_s = time.monotonic() + PATIENCE_S
        while not asked(database_url, WAITS) and time.monotonic() < end_s:
            pass
    filling.join()
    assert asked(database_url, DIFFERENT) == []
    (words,) = asked(database_url, "SELECT tsvector_to_array(ts_filter(words, '{c}')) FROM search_entry")
    assert len(words[0]) == 2
