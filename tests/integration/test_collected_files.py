"""What the night takes out of the store of photos: uploads that were given up, and contents without a row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_server.contract.messages import BLOB_CHUNK_BYTES
from sync_server.routines import uploads
from sync_server.routines.nightly import ROUTINES, run_for, with_files
from sync_server.routines.uploads import CollectedFiles, collect_files
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.blobs import Owned
from tests.support.blob_requests import attach, content, download, owned, patch, stands, upload
from tests.support.bucket import bucket
from tests.support.photo_servers import server
from tests.support.server_side import Scene, Server

NOTHING = CollectedFiles(uploads=0, nameless=0)

__all__ = ["bucket", "server"]


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def night(scene: Scene, *, days: float) -> CollectedFiles:
    """The night so many days from now."""
    organization = scene.organization
    return collect_files(organization.database, organization.id, store=store_of(scene), at=in_days(days))


def store_of(scene: Scene) -> BlobStore:
    return scene.organization.server.services.blobs


def seen(scene: Scene, *, days: float) -> None:
    """Let the technician's device be in touch so many days from now."""
    device_id = scene.field.device.id
    scene.organization.ask("update device set last_seen_at = %s where id = %s", in_days(days), device_id)


def begun(scene: Scene) -> tuple[bytes, Owned]:
    """An upload of which the first chunk has come."""
    data, sha256 = content()
    assert patch(scene.field, sha256, data[:BLOB_CHUNK_BYTES], at=0, size=len(data)).status_code == 204
    return data, owned(scene.field, sha256)


def pieces(scene: Scene, of: Owned) -> int:
    return len(store_of(scene).sizes(of.parts))


# ---- uploads


def test_an_upload_that_nobody_went_on_with_is_collected_and_can_begin_again(scene: Scene) -> None:
    data, of = begun(scene)
    seen(scene, days=14.1)
    assert night(scene, days=13.9) == NOTHING
    assert night(scene, days=14.2) == CollectedFiles(uploads=1, nameless=0)
    assert pieces(scene, of) == 0
    assert night(scene, days=14.2) == NOTHING
    assert stands(scene.field, of.sha256) == 0
    assert download(scene.field, upload(scene.field, data)) == (200, data)


def test_a_device_that_has_been_away_since_goes_on_where_it_stopped(scene: Scene) -> None:
    """However long it was: on a shelf, or on a ship."""
    data, of = begun(scene)
    seen(scene, days=13.9)
    assert night(scene, days=300) == NOTHING
    assert stands(scene.field, of.sha256) == BLOB_CHUNK_BYTES
    for at in range(BLOB_CHUNK_BYTES, len(data), BLOB_CHUNK_BYTES):
        assert patch(scene.field, of.sha256, data[at : at + BLOB_CHUNK_BYTES], at=at, size=len(data)).status_code == 204
    assert download(scene.field, of.sha256) == (200, data)


def test_nobody_waits_for_a_device_that_counts_no_more(scene: Scene) -> None:
    _, of = begun(scene)
    scene.organization.ask("update device set revoked_at = now() where id = %s", scene.field.device.id)
    assert night(scene, days=14.2).uploads == 1
    assert pieces(scene, of) == 0


def test_an_upload_that_goes_on_while_it_is_looked_at_is_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    data, of = begun(scene)
    seen(scene, days=14.1)
    below = BlobStore.below

    def looked_at(store: BlobStore, folder: str) -> Iterator[Any]:
        yield from list(below(store, folder))
        if folder.startswith("uploads/"):
            chunk = data[BLOB_CHUNK_BYTES : 2 * BLOB_CHUNK_BYTES]
            assert patch(scene.field, of.sha256, chunk, at=BLOB_CHUNK_BYTES, size=len(data)).status_code == 204

    monkeypatch.setattr(BlobStore, "below", looked_at)
    assert night(scene, days=14.2) == NOTHING
    assert stands(scene.field, of.sha256) == 2 * BLOB_CHUNK_BYTES


def test_what_is_left_of_a_finished_upload_goes_and_the_file_stays(scene: Scene) -> None:
    data, _ = content()
    of = owned(scene.field, upload(scene.field, data))
    store_of(scene).put(f"{of.parts}/0000000000-3-{of.sha256}", b"abc")
    assert night(scene, days=14.2) == CollectedFiles(uploads=1, nameless=0)
    assert pieces(scene, of) == 0
    assert download(scene.field, of.sha256) == (200, data)


def test_the_night_of_a_server_collects_too(scene: Scene) -> None:
    _, of = begun(scene)
    seen(scene, days=14.1)
    organization, routines = scene.organization, with_files(store_of(scene))
    assert run_for(organization.database, organization.id, now=in_days(16), routines=routines) == [*ROUTINES, "files"]
    assert pieces(scene, of) == 0


# ---- contents


def test_a_content_that_a_row_names_is_never_collected(scene: Scene) -> None:
    """Attached or not, of whomever."""
    (attached, first), (alone, second) = content(), content()
    for data in (attached, alone):
        upload(scene.field, data)
    attach(scene.field, scene.order, first)
    assert night(scene, days=4000) == NOTHING
    assert (download(scene.field, first), download(scene.field, second)) == ((200, attached), (200, alone))


@pytest.mark.parametrize("name", ["name", "former_name"])
def test_a_content_that_no_row_names_is_collected_after_30_days(scene: Scene, name: str) -> None:
    """As a restore to a time before it leaves it; nothing of another organization is looked at."""
    of, other = owned(scene.field, content()[1]), Scene.of(scene.organization.server, is_synced=False)
    foreign = owned(other.field, content()[1])
    for each in (of, foreign):
        store_of(scene).put(getattr(each, name), b"bytes")
    assert night(scene, days=29.9) == NOTHING
    assert night(scene, days=30.1) == CollectedFiles(uploads=0, nameless=1)
    assert store_of(scene).size(getattr(of, name)) is None
    assert store_of(scene).size(getattr(foreign, name)) == 5
    assert list(store_of(scene).below(uploads.ASIDE)) == []


def test_bytes_that_somebody_sends_at_the_same_moment_stay(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """His upload has found them there, and relies on them."""
    data, sha256 = content()
    of = owned(scene.field, sha256)
    store_of(scene).put(of.name, data)
    move, is_first = BlobStore.move, [True]

    def sent_meanwhile(store: BlobStore, name: str, to: str) -> None:
        if is_first.pop() if is_first else False:
            upload(scene.field, data)
        move(store, name, to)

    monkeypatch.setattr(BlobStore, "move", sent_meanwhile)
    assert night(scene, days=30.1) == NOTHING
    assert download(scene.field, sha256) == (200, data)


def test_it_rests_after_each_content_that_goes(scene: Scene) -> None:
    """Its claim is renewed there: however many there are, no other process begins beside it."""
    names = [owned(scene.field, content()[1]).name for _ in range(4)]
    store, organization = store_of(scene), scene.organization
    for name in names:
        store.put(name, b"bytes")
    for name in names[:2]:
        store.move(name, f"{uploads.ASIDE}/{name}")
    left: list[int] = []

    def rest(_: float) -> None:
        left.append(sum(store.size(each) is not None for name in names for each in (name, f"{uploads.ASIDE}/{name}")))

    collect_files(organization.database, organization.id, store=store, at=in_days(30.1), rest=rest)
    assert left == [3, 2, 2, 1, 0]  # the one between: those without a row are looked for together


@pytest.mark.parametrize("is_named", [False, True])
def test_what_a_night_that_died_left_aside_is_settled_by_the_next(scene: Scene, is_named: bool) -> None:
    data, sha256 = content()
    of = owned(scene.field, sha256)
    if is_named:
        upload(scene.field, data)
        store_of(scene).move(of.name, f"{uploads.ASIDE}/{of.name}")
    else:
        store_of(scene).put(f"{uploads.ASIDE}/{of.name}", data)
    assert night(scene, days=0) == NOTHING
    assert list(store_of(scene).below(f"{uploads.ASIDE}/{scene.organization.id}")) == []
    assert (download(scene.field, sha256)[0], store_of(scene).size(of.name)) == (
        (200, len(data)) if is_named else (404, None)
    )
