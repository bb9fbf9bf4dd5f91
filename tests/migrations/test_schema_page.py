"""SCHEMA.md is what the declarations and the migrated database say, and tells of everything that is there."""

from pathlib import Path

import psycopg
import pytest

import sync_server
from sync_server.cli.command import main
from sync_server.storage.schema_page.page import page
from sync_server.storage.schema_page.rooms import ROOMS
from sync_server.storage.schema_page.rules import shortened
from sync_server.storage.tables import metadata
from tests.support.postgres import both_postgres_ends

PAGE = Path(sync_server.__file__).parent / "SCHEMA.md"


def written(url: str) -> str:
    with psycopg.connect(url) as connection:
        return page(connection)


@both_postgres_ends
def test_the_page_is_what_a_migrated_database_says(database_url: str) -> None:
    stale = "run `.venv/bin/python -m sync_server schema-page sync_server/SCHEMA.md`, and look at what changes"
    assert PAGE.read_text("utf-8") == written(database_url), stale


def test_a_door_that_is_opened_in_the_database_is_on_the_page(database_url: str) -> None:
    """The page shows what is true, not what was meant."""
    before = written(database_url)
    doors = (
        "CREATE POLICY all_rows ON signature FOR SELECT TO cmms_readonly USING (true)",
        "GRANT DELETE ON signature TO cmms_app_sync",
        "DROP POLICY site_only ON signature",
        "CREATE FUNCTION look(uuid) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT NULL'",
    )
    for door in doors:
        with psycopg.connect(database_url) as connection:
            connection.execute(door.encode())
        after = written(database_url)
        assert after != before, door
        before = after


def test_every_table_stands_in_one_room() -> None:
    told = [table for room in ROOMS for table in room.tables]
    assert sorted(told) == sorted(metadata.tables)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("true", "true"),
        ("((a = 1) OR (b = 2))", "(a = 1) OR (b = 2)"),
        ("(a = 1) OR (b = 2)", "(a = 1) OR (b = 2)"),
        (
            "(organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)",
            "organization_id = THIS_ORGANIZATION",
        ),
        (
            "(EXISTS ( SELECT\n   FROM work_order r\n  WHERE ((r.organization_id = comment.organization_id)"
            " AND (r.id = comment.aggregate_id))))",
            "aggregate_id OF work_order",
        ),
        (
            "(EXISTS ( SELECT FROM work_order r WHERE ((r.organization_id = comment.organization_id)"
            " OR (r.id = comment.aggregate_id))))",
            "EXISTS ( SELECT FROM work_order r WHERE ((r.organization_id = comment.organization_id)"
            " OR (r.id = comment.aggregate_id)))",
        ),
    ],
)
def test_a_rule_is_shortened_only_where_it_says_exactly_that(rule: str, said: str) -> None:
    assert shortened(rule) == said


def test_the_command_writes_the_page_and_says_whether_it_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "SCHEMA.md"
    assert main(["schema-page", str(file)]) == 0
    assert file.read_text("utf-8") == PAGE.read_text("utf-8")
    assert "is written" in capsys.readouterr().out
    assert main(["schema-page", str(tmp_path / "nowhere" / "SCHEMA.md")]) == 2
    assert "cannot be written" in capsys.readouterr().err
