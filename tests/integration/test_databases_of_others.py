"""What a restore finds in place of the database that it replaces: another program's, one without a revision, none."""

from pathlib import Path

import pytest

from tests.integration.test_backup_commands import ask, backed_up, cluster_url, databases, installed, logins, work
from tests.integration.test_cli import Run, answer, assert_refused, environment, folder, run

__all__ = ["cluster_url", "environment", "folder", "installed", "run"]


def beside(url: str, name: str) -> str:
    """The URL of a new database in the same cluster."""
    ask(url, f"create database {name}")
    return url.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize(
    "statement",
    [
        "create table salary (id int)",
        "create schema payroll create table salary (id int)",
        "create table alembic_version (version_num text); create table salary (id int)",
        "create view salary as select 1 as id",
        "create sequence salary",
    ],
)
def test_a_database_of_another_program_is_never_replaced(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, statement: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    other = beside(cluster_url, "payroll")
    ask(other, statement)
    before = ask(other, "select relname from pg_class order by 1")
    named = environment | {"CMMS_DATABASE_URL": other}
    assert_refused(run(named, "restore", str(backup)), "of another program")
    assert databases(cluster_url) == {"postgres", "payroll"}
    assert ask(other, "select relname from pg_class order by 1") == before


@pytest.mark.parametrize("statement", ["drop table alembic_version", "delete from alembic_version"])
def test_a_database_that_lost_its_revision_is_kept_as_any_other(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str, statement: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    work(run, environment, "after")
    ask(cluster_url, statement)
    named = environment | {"CMMS_DATABASE_URL": cluster_url}
    former = answer(run(named, "restore", str(backup), "--json"))["former_database"]
    assert databases(cluster_url) == {"postgres", former}
    assert logins(cluster_url.replace("/postgres?", f"/{former}?")) == {"after"}


def test_an_empty_database_leaves_nothing_behind_though_it_has_an_extension(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    backup = backed_up(run, environment, folder / "backups")
    other = beside(cluster_url, "fresh")
    ask(other, "create extension pg_stat_statements")
    named = environment | {"CMMS_DATABASE_URL": other}
    assert answer(run(named, "restore", str(backup), "--json"))["former_database"] is None
    assert databases(cluster_url) == {"postgres", "fresh"}
