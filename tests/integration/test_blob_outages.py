"""Photos while their storage is away or full: devices wait with them, nothing is lost, and text goes on."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_server.app import make_app
from sync_server.http.side_lane import THREADS
from sync_server.storage import blobs
from sync_server.storage.blob_store import BlobStore
from tests.support.blob_requests import code, content, download, owned, patch, stands, upload
from tests.support.bucket import Bucket, bucket
from tests.support.device_side import Client
from tests.support.postgres import Clusters
from tests.support.server_side import Scene, Server, a_server, services_for, serving
from tests.support.small_disk import a_small_disk, why_no_small_disk

__all__ = ["bucket"]

PATIENCE_S = 60.0
ROOM_BYTES = 2 * 1024 * 1024


@pytest.fixture(scope="module")
def server(bucket: Bucket, clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    more: dict[str, Any] = {"blob_bucket": bucket.a_place(), "bucket_access": bucket.access}
    with a_server(clusters, request.config.getoption("--postgres"), **more) as running:
        yield running


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def comment(client: Client, scene: Scene) -> str:
    return str(client.push_one(client.comment(scene.order))["status"])


@pytest.mark.expects_warnings
def test_a_bucket_that_goes_away_in_the_middle_keeps_photos_waiting_and_no_text(scene: Scene, bucket: Bucket) -> None:
    data, sha256 = content(3_000)
    assert patch(scene.field, sha256, data[:1_000], at=0, size=3_000).status_code == 204
    bucket.go_away()
    try:
        for chunk, at in ((data[1_000:2_000], 1_000), (data[1_000:], 1_000)):
            refused = patch(scene.field, sha256, chunk, at=at, size=3_000)
            assert (code(refused), refused.headers["Retry-After"]) == ((503, "busy"), "30")
        assert scene.field.request("HEAD", f"/v1/blobs/{sha256}").status_code == 503
        assert comment(scene.field, scene) == "applied"
    finally:
        bucket.come_back()
    assert stands(scene.field, sha256) == 1_000
    assert patch(scene.field, sha256, data[1_000:], at=1_000, size=3_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)


@pytest.mark.expects_warnings
def test_a_download_whose_bucket_goes_away_ends_early_and_goes_on_later(
    scene: Scene, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, sha256 = content(3_000_000)
    upload(scene.field, data)
    pieces = BlobStore.pieces

    def cut(self: BlobStore, name: str, *, size: int, at: int = 0) -> Iterator[bytes]:
        for piece in pieces(self, name, size=size, at=at):
            yield piece
            bucket.go_away()

    with monkeypatch.context() as broken:
        broken.setattr(BlobStore, "pieces", cut)
        try:
            status, came = download(scene.field, sha256)
        finally:
            bucket.come_back()
    assert (status, came) == (200, data[: len(came)])
    assert 0 < len(came) < len(data)
    assert download(scene.field, sha256) == (200, data)


@pytest.mark.expects_warnings
def test_uploads_that_hang_hold_no_connection_of_the_database(
    scene: Scene, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All threads of the photos wait for the store, and more uploads for a thread: text is answered meanwhile."""
    let_go, many = threading.Event(), 2 * THREADS
    hanging = threading.Semaphore(0)
    put = BlobStore.put

    def slow(self: BlobStore, name: str, given: Any) -> None:
        hanging.release()
        assert let_go.wait(PATIENCE_S)
        put(self, name, given)

    monkeypatch.setattr(BlobStore, "put", slow)
    data = [content(1_000) for _ in range(many)]
    answers: list[int] = []

    def send(which: int) -> None:
        with httpx.Client(timeout=PATIENCE_S) as http:
            headers = {**scene.field.credentials(), "Upload-Offset": "0", "Upload-Length": "1000"}
            url = f"{scene.field.url}/v1/blobs/{data[which][1]}"
            answers.append(http.patch(url, content=data[which][0], headers=headers).status_code)

    threads = [threading.Thread(target=send, args=(which,)) for which in range(many)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(THREADS):
            assert hanging.acquire(timeout=PATIENCE_S)
        assert comment(scene.field, scene) == "applied"
    finally:
        let_go.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert answers == [204] * many


def test_an_upload_begun_at_one_server_goes_on_at_another(scene: Scene, server: Server, tmp_path: Path) -> None:
    """Nothing of it lies in a server: two of them, with data folders of their own, one database and one bucket."""
    data, sha256 = content(3_000)
    services = replace(services_for(server.owner_url, tmp_path), blobs=server.services.blobs)
    with serving(make_app(services), end_streams=services.pokes.close) as url:
        here = scene.field
        there = Client(url, here.slug, here.login, here.http, here.device, here.session)
        assert patch(here, sha256, data[:1_000], at=0, size=3_000).status_code == 204
        assert stands(there, sha256) == 1_000
        assert patch(there, sha256, data[1_000:2_000], at=1_000, size=3_000).status_code == 204
        assert patch(here, sha256, data[2_000:], at=2_000, size=3_000).status_code == 204
        assert download(there, sha256) == download(here, sha256) == (200, data)


@pytest.mark.expects_warnings
def test_a_crash_between_the_object_and_its_row_costs_the_last_chunk(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, sha256 = content(2_000)
    assert patch(scene.field, sha256, data[:1_000], at=0, size=2_000).status_code == 204

    def crash(*_: object, **__: object) -> bool:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(blobs, "note", crash)
        assert patch(scene.field, sha256, data[1_000:], at=1_000, size=2_000).status_code == 500
    assert (stands(scene.field, sha256), download(scene.field, sha256)[0]) == (1_000, 404)
    assert patch(scene.field, sha256, data[1_000:], at=1_000, size=2_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)
    store = scene.organization.server.services.blobs
    assert store.sizes(owned(scene.field, sha256).parts) == {}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB."""
    if why := why_no_small_disk():
        pytest.skip(why)
    with a_small_disk(tmp_path / "small", ROOM_BYTES) as disk:
        yield disk.folder


@pytest.mark.expects_warnings
def test_a_full_disk_of_the_server_keeps_photos_waiting_and_no_text(
    clusters: Clusters, request: pytest.FixtureRequest, small_disk: Path
) -> None:
    with a_server(clusters, request.config.getoption("--postgres"), data_folder=small_disk) as server:
        scene = Scene.of(server)
        filler = small_disk / "filler"
        data, sha256 = content(700_000)
        assert patch(scene.field, sha256, data[:300_000], at=0, size=700_000).status_code == 204
        filler.write_bytes(bytes(1_600_000))
        for _ in range(2):
            assert code(patch(scene.field, sha256, data[300_000:], at=300_000, size=700_000)) == (503, "busy")
            assert stands(scene.field, sha256) == 300_000
        assert comment(scene.field, scene) == "applied"
        filler.unlink()
        assert patch(scene.field, sha256, data[300_000:], at=300_000, size=700_000).status_code == 204
        assert download(scene.field, sha256) == (200, data)
        upload(scene.field, content(400_000)[0])
