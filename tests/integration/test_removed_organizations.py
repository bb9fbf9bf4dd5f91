"""An organization is removed with everything it has, wherever the removal is cut off, and its neighbour stays whole."""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from sync_server.application import device_care, sealed
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.sessions import FAILED
from sync_server.application.tenants import overview, removing, suspending
from sync_server.contract.standing import SealedPart
from sync_server.errors import Refused, RetryLater
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.tables import ABOVE_TENANTS, metadata
from sync_server.storage.tenant_connection import TenantConnection
from tests.migrations.filling import NORTH, SOUTH, fill
from tests.support.blob_requests import patch as send_chunk
from tests.support.command_line import Run, commands_of
from tests.support.device_side import Client, Json
from tests.support.kept_logs import kept_logs
from tests.support.postgres import both_postgres_ends
from tests.support.server_side import PASSWORD, Scene, Server
from tests.support.standing_side import hand_in, part_of, sealed_bytes, standing_of

BYTES = b"A picture."
REASON = "The tablets were burned with the plant."
HOLDERS = """
SELECT c.table_name FROM information_schema.columns AS c
JOIN pg_class AS r ON r.oid = format('%I', c.table_name)::regclass
WHERE c.table_schema = 'public' AND c.column_name = 'organization_id' AND r.relkind IN ('r', 'p') ORDER BY 1
"""
"""Every table and every part of one, those that stand alone too: asked otherwise than the removal asks."""


def rows_of(url: str, organization_id: object) -> dict[str, list[str]]:
    """Table → rows of an organization, as texts."""
    found = {}
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(HOLDERS).fetchall()]
        for name, key in [*((name, "organization_id") for name in names), ("organization", "id")]:
            query = sql.SQL("SELECT t::text FROM {} AS t WHERE {} = %s ORDER BY 1").format(
                sql.Identifier(name), sql.Identifier(key)
            )
            found[name] = [text for (text,) in connection.execute(query, (organization_id,)).fetchall()]
    return found


def a_store() -> BlobStore:
    store = BlobStore.in_memory()
    for organization_id in (NORTH, SOUTH):
        for start in removing.BELOW:
            store.put(f"{start}{organization_id}/ab/picture", BYTES)
    return store


def files_of(store: BlobStore, organization_id: object) -> list[str]:
    return [kept.name for start in removing.BELOW for kept in store.below(f"{start}{organization_id}")]


def slug_of(database: Database, organization_id: object) -> str:
    (found,) = [each for each in overview.organizations(database) if each.organization_id == str(organization_id)]
    return found.slug


@pytest.fixture
def filled(database_url: str, database: Database) -> str:
    """Two organizations with a row in every table, one of them in a month that stands alone by now."""
    for organization_id in (NORTH, SOUTH):
        fill(database_url, organization_id)
    with psycopg.connect(database_url) as connection:
        (month,) = connection.execute("SELECT min(tableoid::regclass::text) FROM meter_reading").fetchone() or ("",)
        connection.execute(sql.SQL("ALTER TABLE meter_reading DETACH PARTITION {}").format(sql.Identifier(month)))
        connection.execute("UPDATE device SET outbox_count = 0, wiped_at = NULL")
        connection.execute("UPDATE sealed_outbox SET taken_over_at = clock_timestamp()")
    return database_url


@both_postgres_ends
def test_a_removal_leaves_nothing_of_one_organization_and_everything_of_its_neighbour(
    filled: str, database: Database
) -> None:
    store, before = a_store(), rows_of(filled, SOUTH)
    filled_tables = {name for name, rows in rows_of(filled, NORTH).items() if rows}
    assert filled_tables >= set(metadata.tables) - {"meter_reading"} - ABOVE_TENANTS
    assert [name for name in filled_tables if name.startswith("meter_reading_")], "a month stands alone"
    slug = slug_of(database, NORTH)
    removed = removing.remove(database, str(NORTH), slug=slug, store=store)
    assert {name: rows for name, rows in rows_of(filled, NORTH).items() if rows} == {}
    assert files_of(store, NORTH) == []
    assert removed.files == len(removing.BELOW)
    assert rows_of(filled, SOUTH) == before
    assert len(files_of(store, SOUTH)) == len(removing.BELOW)
    assert [each.organization_id for each in overview.organizations(database)] == [str(SOUTH)]
    with pytest.raises(Refused, match="There is no organization"):
        overview.organization(database, slug)


class Killed(BaseException):
    """The process ends here."""


def kill_at(patch: pytest.MonkeyPatch, statement: int) -> None:
    """Let a process die in front of its n-th statement; what it had begun is rolled back with its connection."""
    execute: Any = TenantConnection.execute
    count = 0

    def dying(connection: Any, *given: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        if count == statement:
            raise Killed
        return execute(connection, *given, **more)

    patch.setattr(TenantConnection, "execute", dying)


def test_a_removal_that_is_killed_at_any_statement_is_gone_on_with(
    filled: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run dies a little later than the one before, the first ones at each statement; what is done stays done."""
    store, before = a_store(), rows_of(filled, SOUTH)
    slug = slug_of(database, NORTH)
    for statement in (*range(1, 16), *range(16, 1_000, 5)):
        with monkeypatch.context() as patch:
            kill_at(patch, statement)
            try:
                removing.remove(database, str(NORTH), slug=slug, store=store)
            except Killed:
                assert overview.organization(database, slug).organization_id == str(NORTH), "it can be named again"
            else:
                break
    assert statement > len(metadata.tables)
    assert {name: rows for name, rows in rows_of(filled, NORTH).items() if rows} == {}
    assert files_of(store, NORTH) == []
    assert rows_of(filled, SOUTH) == before


def test_rows_that_name_each_other_in_a_ring_are_removed_too(filled: str, database: Database) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("SELECT set_config('app.commit_seq', '1', true)")
        connection.execute("UPDATE asset SET parent_id = id WHERE organization_id = %s", (NORTH,))
    removing.remove(database, str(NORTH), slug=slug_of(database, NORTH), store=a_store())
    assert rows_of(filled, NORTH)["asset"] == []


@pytest.mark.parametrize(
    ("statement", "who", "code"),
    [
        ("UPDATE device SET outbox_count = 3 WHERE organization_id = %s", "3 on ", "not_allowed"),
        ("UPDATE sealed_outbox SET taken_over_at = NULL WHERE organization_id = %s", "1 on ", "not_allowed"),
    ],
    ids=["waiting on a device", "handed in and not taken over"],
)
def test_work_that_has_not_arrived_is_lost_only_with_a_sentence(
    filled: str, database: Database, statement: str, who: str, code: str
) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute(statement.encode(), (NORTH,))
    before, slug = rows_of(filled, NORTH), slug_of(database, NORTH)
    with pytest.raises(Refused, match="has not arrived") as refused:
        removing.remove(database, str(NORTH), slug=slug, store=a_store())
    assert (refused.value.code, who in refused.value.sentence) == (code, True)
    for no_sentence in ("", " ", "yes", "x " * 400):
        with pytest.raises(Refused, match="reason is a sentence"):
            removing.remove(database, str(NORTH), slug=slug, store=a_store(), lose_unsent=no_sentence)
    assert rows_of(filled, NORTH) == before
    with kept_logs():
        removing.remove(database, str(NORTH), slug=slug, store=a_store(), lose_unsent=REASON)
    assert {name for name, rows in rows_of(filled, NORTH).items() if rows} == set()


def test_another_slug_removes_nothing(filled: str, database: Database) -> None:
    before = rows_of(filled, NORTH)
    for slug in ("", slug_of(database, SOUTH), slug_of(database, NORTH).upper()):
        with pytest.raises(Refused, match="Nothing was removed"):
            removing.remove(database, str(NORTH), slug=slug, store=a_store())
    assert rows_of(filled, NORTH) == before


def test_rows_go_only_with_their_organization_and_by_the_hand_of_their_owner(filled: str) -> None:
    """The guard of synced rows lets neither a superuser nor the owner remove any while the organization stays."""
    began = "UPDATE organization SET removal_began_at = now() WHERE id = %s"
    with psycopg.connect(filled) as connection:
        for role, organization_id, is_removed in (
            (None, NORTH, True),
            ("cmms_migrator", NORTH, True),
            ("cmms_owner", NORTH, False),
            ("cmms_owner", SOUTH, True),
        ):
            connection.execute(began, (NORTH if is_removed else None,))
            connection.execute("SELECT set_config('app.organization_id', %s, true)", (str(organization_id),))
            if role is not None:
                connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            with pytest.raises(errors.RaiseException, match="never removed"):
                connection.execute("DELETE FROM comment")
            connection.rollback()


# ---- beside a server at work


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_devices_of_a_removed_organization_are_refused_and_its_name_is_free(server: Server, run: Run) -> None:
    scene, neighbour = Scene.of(server), Scene.of(server)
    slug = scene.organization.slug
    assert run("organization", "remove", slug, stdin="something\n")[::2] == (
        2,
        "That is not its slug. Nothing was removed.\n",
    )
    scene.field.sync()
    code, told, said = run("organization", "remove", slug, stdin=f"{slug}\n")
    assert (code, said) == (0, "")
    assert told.startswith(f"{slug} is removed: ")
    assert run("organization", "remove", slug, stdin=f"{slug}\n")[0] == 2
    answers = [
        scene.field.push_sealed(scene.field.device.seal(scene.field.comment(scene.order))),
        scene.field.post("/v1/pull", {"cursor": scene.field.mirror.cursor}),
        scene.field.refresh(),
        scene.field.request("HEAD", f"/v1/blobs/{'0' * 64}"),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert signing_in(scene.field, PASSWORD) == (401, FAILED)
    neighbour.field.sync()
    again = server.organization(slug)
    assert again.id != scene.organization.id
    assert again.rows("work_order") == []


def cut_off(monkeypatch: pytest.MonkeyPatch, scene: Scene) -> None:
    """Begin to remove an organization, and die once it is closed."""

    def dying(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(removing, "_remove_rows", dying)
        with pytest.raises(Killed):
            remove_now(scene)


def remove_now(scene: Scene) -> None:
    organization = scene.organization
    removing.remove(organization.database, organization.id, slug=organization.slug, store=BlobStore.in_memory())


def sealed_of(scene: Scene) -> Json:
    return part_of(scene.field.device, scene.organization.id, sealed_bytes())


def test_no_receipt_is_given_for_what_a_removal_would_take(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device destroys what it has a receipt for: while its organization goes, and after, it keeps its work."""
    scene = Scene.of(server, is_synced=False)
    part = sealed_of(scene)
    cut_off(monkeypatch, scene)
    meanwhile = hand_in(scene.field, part)
    kept = scene.organization.ask("SELECT FROM sealed_outbox WHERE organization_id = %s", scene.organization.id)
    remove_now(scene)
    afterwards = hand_in(scene.field, part)
    assert (meanwhile.status_code, meanwhile.json()) == (afterwards.status_code, afterwards.json())
    assert meanwhile.json()["code"] == "not_allowed"
    assert kept == []


def told(scene: Scene) -> list[str]:
    """What a device that was refused is told to do."""
    return [each["kind"] for each in standing_of(scene.field, scene.organization.id).json()["commands"]]


@pytest.mark.parametrize(("kind", "meanwhile"), [("wipe", []), ("wipe_now", ["wipe_now"])])
def test_no_device_is_told_to_hand_in_what_a_removal_would_take(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, meanwhile: list[str]
) -> None:
    """It would be refused for good, and wiped at once when its lease is over, with work that nobody has taken."""
    scene = Scene.of(server, is_synced=False)
    organization, device_id = scene.organization, scene.field.device.id
    make_recovery_key(organization.database, organization.id, tmp_path / "recovery.key")
    device_care.revoke(organization.database, organization.id, device_id, is_stolen=kind == "wipe_now")
    assert told(scene) == [kind]
    cut_off(monkeypatch, scene)
    for _ in range(2):
        assert told(scene) == meanwhile
        organization.ask(
            "update device_command set told_at = told_at - interval '15 days',"
            " queued_at = queued_at - interval '15 days' where device_id = %s",
            device_id,
        )


@pytest.mark.parametrize("chunks", [1, 2], ids=["the last chunk", "a chunk in the middle"])
def test_an_upload_that_a_removal_meets_leaves_nothing_in_the_store(
    server: Server, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    """The bytes arrive when rows and files of the organization are gone: nobody would ever look for them there."""
    scene = Scene.of(server, is_synced=False)
    store, put = server.services.blobs, BlobStore.put
    met: list[str] = []

    def late(self: BlobStore, name: str, content: Any) -> None:
        if not met:
            met.append(name)
            organization = scene.organization
            removing.remove(server.database, organization.id, slug=organization.slug, store=store)
        put(self, name, content)

    monkeypatch.setattr(BlobStore, "put", late)
    answer = send_chunk(scene.field, hashlib.sha256(BYTES * chunks).hexdigest(), BYTES, at=0, size=len(BYTES) * chunks)
    assert (len(met), answer.is_success) == (1, False)
    assert files_of(store, scene.organization.id) == []


def test_a_removal_waits_for_what_is_being_handed_in_and_sees_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene.of(server, is_synced=False)
    require_sound = sealed._require_sound
    met: list[str] = []

    def in_the_middle(part: SealedPart) -> None:
        with pytest.raises(RetryLater):
            remove_now(scene)
        met.append(part.sha256)
        require_sound(part)

    with monkeypatch.context() as patch:
        patch.setattr(removing, "TRIES", 1)
        patch.setattr(sealed, "_require_sound", in_the_middle)
        assert hand_in(scene.field, sealed_of(scene)).json()["receipt"] is not None
    assert len(met) == 1
    with pytest.raises(Refused, match="has not arrived"):
        remove_now(scene)


def test_nobody_signs_in_to_a_suspended_organization_and_who_is_there_goes_on_sending(server: Server, run: Run) -> None:
    scene = Scene.of(server)
    slug = scene.organization.slug
    assert run("organization", "suspend", slug, "--reason", "paid")[0] == 2
    assert run("organization", "suspend", "nowhere", "--reason", "The bill is not paid.")[0] == 2
    code, told, _ = run("organization", "suspend", slug, "--reason", "The bill is not paid.")
    assert (code, told) == (
        0,
        f"Nobody signs in to {slug} anew. Who is signed in goes on sending what he records.\n",
    )
    assert signing_in(scene.field, PASSWORD) == (403, suspending.SUSPENDED)
    assert "The bill is not paid." in run("organization", "show", slug)[1]
    assert f"{slug}  Organization; suspended; " in run("organization", "list")[1]
    assert scene.field.push_one(scene.field.comment(scene.order))["status"] == "applied"
    scene.field.refresh()
    scene.field.sync()
    assert run("organization", "resume", slug)[0] == 0
    scene.organization.device(scene.technician).sync()


def signing_in(client: Client, password: str) -> tuple[int, str]:
    """What somebody who signs in by hand is told: code of the answer, and its sentence."""
    identity = {"id": client.device.id, "public_key": client.device.public_key, "name": "Tablet", "app_version": "0.1"}
    body = {"organization": client.slug, "login": client.login, "password": password, "device": identity}
    answer = client.post("/v1/sign-in", body)
    return answer.status_code, str(answer.json().get("detail", ""))


def test_a_wrong_password_is_told_nothing_of_a_suspension(server: Server) -> None:
    scene = Scene.of(server, is_synced=False)
    suspending.suspend(server.database, scene.organization.id, reason="The bill is not paid.")
    assert signing_in(scene.field, "a wrong password") == (401, FAILED)
    assert signing_in(scene.field, PASSWORD) == (403, suspending.SUSPENDED)
