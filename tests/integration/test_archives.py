"""What was detached or handed out leaves a record that still says what it was when nobody remembers."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from sync_server.application.tenants import exporting
from sync_server.errors import RetryLater
from sync_server.routines import archiving
from sync_server.storage import archives, old_months
from sync_server.storage.archives import BY_MONTH, Archive
from sync_server.storage.blob_store import BlobStore
from tests.support.command_line import Run, commands_of
from tests.support.server_side import Organization, Scene, Server, new_id

MONTH = "meter_reading_2020_12"
LIKE_A_MONTH = f"""
create table {MONTH} (like meter_reading including defaults including constraints);
alter table {MONTH} owner to cmms_owner;
alter table {MONTH} enable row level security, force row level security;
create policy organization_only on {MONTH}
  using (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid);
alter table meter_reading attach partition {MONTH} for values from ('2020-12-01') to ('2021-01-01')"""
READING = """
insert into meter_reading (organization_id, id, received_on, meter_id, value, state, received_at, read_by, note)
values (%s, %s, %s, %s, 4, 'normal', '2020-12-05 10:00+01', %s, 'Loud — "very".')"""


def metered(scene: Scene, *days: str) -> None:
    """Readings of an asset's meter on some days of long ago."""
    organization = scene.organization
    asset = organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    named = {"asset_id": str(asset["id"]), "aggregate_id": str(asset["id"])}
    meter = organization.add("meter", name="Pressure", unit="bar", **named)
    for day in days:
        organization.ask(READING, organization.id, new_id(), day, meter["id"], scene.technician["id"])


@pytest.fixture
def month(server: Server) -> Iterator[str]:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute(LIKE_A_MONTH.encode())
        yield MONTH
        connection.execute(f"drop table if exists {MONTH}".encode())


def kept(organization: Organization) -> list[Archive]:
    with organization.database.transaction("readonly", organization.id) as connection:
        return archives.listed(connection, organization.id)


def lines_of(organization: Organization, table: str) -> list[bytes]:
    """The rows of an organization as lines, read past all roles once nobody else can."""
    with psycopg.connect(organization.server.owner_url) as connection:
        connection.execute("set timezone to 'UTC'")
        query = f"select row_to_json(t)::text from {table} t where organization_id = %s order by id, received_on"
        return [text.encode() + b"\n" for (text,) in connection.execute(query.encode(), (organization.id,))]


def test_a_month_that_is_detached_leaves_each_organization_a_record_of_its_own_rows(server: Server, month: str) -> None:
    one, two, none = Scene.of(server), Scene.of(server), server.organization()
    metered(one, "2020-12-05", "2020-12-31", "2020-12-01")
    metered(two, "2020-12-05")
    assert archiving.detach_old_months(server.database) == 1
    (record,) = kept(one.organization)
    assert (record.kind, record.kept_in, record.row_count) == ("readings", month, 3)
    assert (record.from_on, record.until_on) == (date(2020, 12, 1), date(2020, 12, 31))
    lines = lines_of(one.organization, month)
    assert record.sha256 == hashlib.sha256(b"".join(lines)).hexdigest()
    assert len(lines) == 3
    (other,) = kept(two.organization)
    assert (other.row_count, other.sha256 == record.sha256) == (1, False)
    assert kept(none) == []
    assert archiving.detach_old_months(server.database) == 0
    assert kept(one.organization) == [record]


def test_a_record_is_written_once_however_often_the_routine_is_cut_off(server: Server, month: str) -> None:
    scene = Scene.of(server)
    metered(scene, "2020-12-05")
    assert [
        archiving.record_months(server.database, "meter_reading", on=datetime.now(UTC).date()) for _ in range(3)
    ] == [1, 0, 0]
    assert archiving.detach_old_months(server.database) == 1
    assert len(kept(scene.organization)) == 1


def test_a_month_that_could_not_be_recorded_is_not_detached(
    server: Server, month: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene.of(server)
    metered(scene, "2020-12-05")

    def busy(*_: object, **__: object) -> None:
        raise RetryLater("The database is busy.")

    monkeypatch.setattr(archives, "insert", busy)
    with pytest.raises(RetryLater):
        archiving.detach_old_months(server.database)
    attached = "select count(*) from pg_inherits where inhrelid = %s::regclass"
    assert scene.organization.ask(attached, month) == [(1,)]
    monkeypatch.undo()
    assert archiving.detach_old_months(server.database) == 1


@pytest.mark.parametrize("table", sorted(BY_MONTH))
def test_a_month_that_becomes_too_old_while_others_are_prepared_waits_for_the_next_night(
    server: Server, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of a month begins between the records and the detaching: nobody has a record of the next month yet."""
    first_of_month = datetime.now(UTC).date().replace(day=1)
    yesterday = first_of_month - timedelta(days=1)
    since, before = old_months.oldest_kept(yesterday), old_months.oldest_kept(first_of_month)
    part = f"{table}_{since:%Y_%m}"
    attached = "select count(*) from pg_inherits where inhrelid = %s::regclass"
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute(f"create table {part} (like {table} including defaults including constraints)".encode())
        owner.execute(f"alter table {part} owner to cmms_owner".encode())
        owner.execute(
            f"alter table {table} attach partition {part} for values from ('{since}') to ('{before}')".encode()
        )
        try:
            with monkeypatch.context() as patch:
                patch.setattr(old_months, "today", lambda _: yesterday)
                assert archiving.detach_old_months(server.database) == 0
            assert owner.execute(attached, (part,)).fetchone() == (1,)
            assert archiving.detach_old_months(server.database) == 1
            assert owner.execute(attached, (part,)).fetchone() == (0,)
        finally:
            owner.execute(f"drop table {part}".encode())


TOLD = """
insert into notification (organization_id, id, aggregate_id, version, sync_seq, row_hash, created_at, updated_at,
  person_id, kind, subject, subject_id, title, received_on)
values (%(organization)s, %(id)s, %(id)s, 1, 1, 1, now(), now(), %(person)s, 'assigned', 'work_order', %(id)s,
  'WO-1', %(day)s)"""
TOLD_MONTH = "notification_2020_12"


@pytest.fixture
def told_month(server: Server) -> Iterator[str]:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute(LIKE_A_MONTH.replace("meter_reading", "notification").encode())
        yield TOLD_MONTH
        connection.execute(f"drop table if exists {TOLD_MONTH}".encode())


def test_a_month_of_notifications_that_is_detached_leaves_a_record_too(server: Server, told_month: str) -> None:
    one, none = Scene.of(server), server.organization()
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("set local app.commit_seq = '1'")
        for day in ("2020-12-01", "2020-12-31"):
            asked = {"organization": one.organization.id, "id": new_id(), "day": day, "person": one.technician["id"]}
            connection.execute(TOLD.encode(), asked)
    assert archiving.detach_old_months(server.database) == 1
    (record,) = kept(one.organization)
    assert (record.kind, record.kept_in, record.row_count) == ("notifications", told_month, 2)
    assert (record.from_on, record.until_on) == (date(2020, 12, 1), date(2020, 12, 31))
    assert record.sha256 == hashlib.sha256(b"".join(lines_of(one.organization, told_month))).hexdigest()
    assert kept(none) == []
    assert archiving.detach_old_months(server.database) == 0


def test_what_is_handed_out_leaves_a_record_that_the_file_answers_to(server: Server, tmp_path: Path) -> None:
    scene = Scene.of(server)
    organization = scene.organization
    file = tmp_path / "north.tar.gz"
    made = exporting.export(
        organization.database, organization.id, slug=organization.slug, store=BlobStore.in_memory(), file=file
    )
    (record,) = kept(organization)
    assert (record.kind, record.kept_in, record.from_on) == ("export", "north.tar.gz", None)
    assert record.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert record.row_count == sum(part.rows for part in made.files.values()) > 0
    exporting.export(
        organization.database,
        organization.id,
        slug=organization.slug,
        store=BlobStore.in_memory(),
        file=tmp_path / "again.tar.gz",
    )
    with tarfile.open(tmp_path / "again.tar.gz") as archive:
        found = archive.extractfile("archive/0001.jsonl")
        assert found is not None
        assert [json.loads(line)["kept_in"] for line in found] == ["north.tar.gz"]


@pytest.mark.parametrize("role", ["cmms_app_sync", "cmms_app_office", "cmms_authn", "cmms_worker", "cmms_readonly"])
def test_nobody_who_serves_changes_a_record(server: Server, role: str) -> None:
    with psycopg.connect(server.owner_url) as connection:
        asked = "select has_any_column_privilege(%s, 'archive', 'UPDATE'), has_table_privilege(%s, 'archive', 'DELETE')"
        assert connection.execute(asked, (role, role)).fetchone() == (False, False)


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("activity_log_2024_01", (date(2024, 1, 1), date(2024, 2, 1))),
        ("meter_reading_2020_12", (date(2020, 12, 1), date(2021, 1, 1))),
    ],
)
def test_a_month_is_read_from_its_name(name: str, days: tuple[date, date]) -> None:
    assert archives.month_of(name) == days


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_an_administrator_lists_archives(server: Server, run: Run, tmp_path: Path) -> None:
    slug = server.organization().slug
    assert run("organization", "archives", slug)[1] == f"Nothing of {slug} is archived.\n"
    assert run("organization", "export", slug, str(tmp_path / "all.tar.gz"))[0] == 0
    assert run("organization", "archives", slug)[1].startswith("all.tar.gz  export; until ")
    (found,) = json.loads(run("organization", "archives", slug, "--json")[1])["archives"]
    assert (found["kind"], found["from"]) == ("export", None)
    assert run("organization", "archives", "nowhere")[::2] == (2, "There is no organization called nowhere.\n")
