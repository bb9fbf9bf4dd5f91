"""Bytes of attachments: resumable, checked whole, and no capability in knowing a digest."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_server.contract.messages import BLOB_CHUNK_BYTES, MAX_BLOB_BYTES
from sync_server.storage import blobs
from tests.support.device_side import Client
from tests.support.postgres import Clusters
from tests.support.server_side import NOW, Scene, Server, a_server


@pytest.fixture(scope="module")
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    with a_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def content(size: int = 2_500_000) -> tuple[bytes, str]:
    data = secrets.token_bytes(size)
    return data, hashlib.sha256(data).hexdigest()


def patch(client: Client, sha256: str, chunk: bytes, *, at: object, size: object) -> httpx.Response:
    headers = {"Upload-Offset": str(at), "Upload-Length": str(size), "Content-Type": "application/offset+octet-stream"}
    return client.request("PATCH", f"/v1/blobs/{sha256}", content=chunk, headers=headers)


def stands(client: Client, sha256: str) -> int:
    response = client.request("HEAD", f"/v1/blobs/{sha256}")
    assert (response.status_code, response.content) == (200, b"")
    return int(response.headers["Upload-Offset"])


def upload(client: Client, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    for at in range(0, len(data), BLOB_CHUNK_BYTES):
        chunk = data[at : at + BLOB_CHUNK_BYTES]
        response = patch(client, sha256, chunk, at=at, size=len(data))
        assert (response.status_code, response.headers["Upload-Offset"]) == (204, str(at + len(chunk)))
    return sha256


def download(client: Client, sha256: str) -> tuple[int, bytes]:
    response = client.request("GET", f"/v1/blobs/{sha256}")
    return response.status_code, response.content


def attach(client: Client, order: dict[str, Any], sha256: str, **values: Any) -> str:
    said = {"work_order_id": order["id"], "author_id": client.person_id, "sha256": sha256, "media_type": "image/png"}
    said |= {"size_bytes": 1, "taken_at": NOW}
    mutation = client.create("attachment", aggregate_id=order["id"], **{**said, **values})
    return str(client.push_one(mutation)["status"])


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def colleague(scene: Scene) -> tuple[Client, dict[str, Any]]:
    """Another technician of the site, with an order of his own."""
    person = scene.organization.person("technician", scene.site)
    order = scene.organization.order(scene.site, person)
    device = scene.organization.device(person)
    device.sync()
    return device, order


def test_an_upload_goes_on_where_it_stopped(scene: Scene) -> None:
    data, sha256 = content()
    assert stands(scene.field, sha256) == 0
    assert patch(scene.field, sha256, data[:1_000], at=0, size=len(data)).status_code == 204
    assert stands(scene.field, sha256) == 1_000
    assert code(patch(scene.field, sha256, data[:1_000], at=0, size=len(data))) == (400, "bad_request")
    assert patch(scene.field, sha256, data[1_000:1_000_000], at=1_000, size=len(data)).status_code == 204
    assert patch(scene.field, sha256, b"", at=1_000_000, size=len(data)).status_code == 204
    assert patch(scene.field, sha256, data[1_000_000:2_000_000], at=1_000_000, size=len(data)).status_code == 204
    assert download(scene.field, sha256)[0] == 404
    assert patch(scene.field, sha256, data[2_000_000:], at=2_000_000, size=len(data)).status_code == 204
    assert download(scene.field, sha256) == (200, data)
    late = patch(scene.field, sha256, data[:10], at=0, size=len(data))
    assert (late.status_code, late.headers["Upload-Offset"]) == (204, str(len(data)))
    assert download(scene.field, sha256) == (200, data)


def test_bytes_that_are_not_what_was_promised_begin_again(scene: Scene) -> None:
    data, sha256 = content(5_000)
    assert patch(scene.field, sha256, data[:1_000], at=0, size=5_000).status_code == 204
    assert code(patch(scene.field, sha256, bytes(4_000), at=1_000, size=5_000)) == (422, "invalid_value")
    assert stands(scene.field, sha256) == 0
    assert download(scene.field, sha256)[0] == 404
    upload(scene.field, data)
    assert download(scene.field, sha256) == (200, data)


@pytest.mark.parametrize(
    ("at", "size"),
    [
        ("", "10"),
        ("-1", "10"),
        ("0", "-1"),
        ("0", ""),
        ("x", "10"),
        ("1e3", "10"),
        ("0x0", "10"),
        ("0", "9" * 40),
        ("9" * 40, "10"),
        ("0", "0"),
        ("0", "5"),
        ("7", "10"),
        ("0", str(MAX_BLOB_BYTES + 1)),
        ("\u0661", "10"),
    ],
)
def test_an_upload_says_where_it_stands(scene: Scene, at: str, size: str) -> None:
    _, sha256 = content(10)
    headers = {"Upload-Offset": at.encode(), "Upload-Length": size.encode()}
    sent = {**{name: value.encode() for name, value in scene.field.credentials().items()}, **headers}
    url = f"{scene.field.url}/v1/blobs/{sha256}"
    response = scene.field.http.request("PATCH", url, content=b"0123456789", headers=sent)
    assert code(response)[1] in {"bad_request", "too_large"}
    assert stands(scene.field, sha256) == 0


def test_a_chunk_has_a_bound(scene: Scene) -> None:
    data, sha256 = content(BLOB_CHUNK_BYTES + 1)
    assert code(patch(scene.field, sha256, data, at=0, size=len(data))) == (413, "too_large")
    assert stands(scene.field, sha256) == 0


@pytest.mark.parametrize(
    "sha256", ["x", "A" * 64, "0" * 63, "0" * 65, "..%2f..%2fetc%2fpasswd", "0" * 63 + "%0a", "%00" * 64]
)
def test_what_is_no_digest_is_not_there(scene: Scene, sha256: str) -> None:
    assert scene.field.request("HEAD", f"/v1/blobs/{sha256}").status_code == 404
    assert code(scene.field.request("GET", f"/v1/blobs/{sha256}")) == (404, "not_found")
    assert code(patch(scene.field, sha256, b"x", at=0, size=1)) == (404, "not_found")


def test_two_requests_with_one_chunk_store_it_once(scene: Scene) -> None:
    data, sha256 = content(900_000)
    with ThreadPoolExecutor(4) as many:
        sent = [many.submit(patch, scene.field, sha256, data[:450_000], at=0, size=len(data)) for _ in range(4)]
        statuses = sorted(each.result().status_code for each in sent)
    assert statuses == [204, 400, 400, 400]
    assert patch(scene.field, sha256, data[450_000:], at=450_000, size=len(data)).status_code == 204
    assert download(scene.field, sha256) == (200, data)


def test_who_sees_the_attachment_reads_the_bytes(scene: Scene) -> None:
    data, sha256 = content(1_000)
    assert attach(scene.field, scene.order, sha256) == "applied"
    assert download(scene.office, sha256)[0] == 404
    upload(scene.field, data)
    assert download(scene.office, sha256) == (200, data)


def test_who_does_not_see_it_does_not(scene: Scene) -> None:
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    other, _ = colleague(scene)
    assert download(scene.office, sha256)[0] == 404
    assert attach(scene.field, scene.order, sha256) == "applied"
    assert download(scene.office, sha256)[0] == 200
    assert download(other, sha256)[0] == 404
    assert stands(other, sha256) == 0


def test_a_digest_is_no_capability(scene: Scene) -> None:
    """Naming another's bytes in an attachment of one's own makes them readable only after sending them oneself."""
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    assert attach(scene.field, scene.order, sha256) == "applied"
    other, order = colleague(scene)
    assert attach(other, order, sha256) == "applied"
    assert download(other, sha256)[0] == 404
    assert attach(other, order, sha256, author_id=scene.field.person_id) == "rejected"
    assert download(other, sha256)[0] == 404
    forged = scene.organization.add(
        "attachment",
        aggregate_id=order["id"],
        work_order_id=order["id"],
        author_id=scene.technician["id"],
        created_by=other.person_id,
        sha256=sha256,
        media_type="image/png",
        size_bytes=1,
        taken_at=NOW,
    )
    assert forged["created_by"] == other.person_id
    assert download(other, sha256)[0] == 404
    upload(other, data)
    assert download(other, sha256) == (200, data)


def test_who_loses_the_order_loses_its_bytes(scene: Scene) -> None:
    data, _ = content(1_000)
    helper = scene.organization.person("technician", scene.site)
    assignment = scene.inside("work_order_assignment", person_id=helper["id"])
    device = scene.organization.device(helper)
    sha256 = upload(scene.field, data)
    attach(scene.field, scene.order, sha256)
    assert download(device, sha256) == (200, data)
    scene.organization.change("work_order_assignment", assignment["id"], deleted_at=NOW)
    assert download(device, sha256)[0] == 404


def test_another_organization_gets_nothing(scene: Scene, server: Server) -> None:
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    attach(scene.field, scene.order, sha256)
    stranger = Scene.of(server, is_synced=False)
    assert stands(stranger.office, sha256) == 0
    known, unknown = (stranger.office.request("GET", f"/v1/blobs/{each}") for each in (sha256, "0" * 64))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (404, known.content)
    assert upload(stranger.field, data) == sha256
    assert download(stranger.field, sha256) == (200, data)


@pytest.mark.expects_warnings
def test_bytes_that_are_gone_from_the_disk_are_not_there(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    folder = scene.organization.server.services.blob_folder
    blobs.path_of(folder, scene.organization.id, scene.field.person_id, sha256).unlink()
    assert download(scene.field, sha256)[0] == 404
    assert "missing" in caplog.text


@pytest.mark.parametrize("left", [0, 700])
@pytest.mark.parametrize("sent", [1_000, 5_000], ids=["under way", "complete"])
def test_an_upload_whose_bytes_are_gone_begins_again_where_they_end(scene: Scene, sent: int, left: int) -> None:
    data, sha256 = content(5_000)
    assert patch(scene.field, sha256, data[:sent], at=0, size=5_000).status_code == 204
    folder = scene.organization.server.services.blob_folder
    path = blobs.path_of(folder, scene.organization.id, scene.field.person_id, sha256)
    if left:
        os.truncate(path, left)
    else:
        path.unlink()
    assert stands(scene.field, sha256) == left
    assert code(patch(scene.field, sha256, data[sent:] or b"x", at=sent - 1, size=5_000)) == (400, "bad_request")
    assert patch(scene.field, sha256, data[left:2_000], at=left, size=5_000).status_code == 204
    assert (stands(scene.field, sha256), download(scene.field, sha256)[0]) == (2_000, 404)
    assert patch(scene.field, sha256, data[2_000:], at=2_000, size=5_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)


def test_nobody_else_on_the_machine_reads_them(scene: Scene) -> None:
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    folder = scene.organization.server.services.blob_folder
    path = blobs.path_of(folder, scene.organization.id, scene.field.person_id, sha256)
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_little_at_a_time_gets_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, data, at: pwrite(descriptor, data[:7], at))
    path = tmp_path / "a" / "b" / "c" / "d" / "file"
    blobs.write_chunk(path, 0, b"0123456789" * 10)
    blobs.write_chunk(path, 100, b"abc" * 10)
    assert path.read_bytes() == b"0123456789" * 10 + b"abc" * 10


def test_a_download_goes_on_from_a_byte(scene: Scene) -> None:
    data, sha256 = content(600_000)
    upload(scene.field, data)

    def ask(range_: str) -> httpx.Response:
        headers = {**scene.field.credentials(), "Range": range_}
        return scene.field.http.get(f"{scene.field.url}/v1/blobs/{sha256}", headers=headers)

    rest = ask("bytes=250000-")
    assert (rest.status_code, rest.content) == (206, data[250_000:])
    assert rest.headers["Content-Range"] == "bytes 250000-599999/600000"
    assert code(ask("bytes=600000-")) == (400, "bad_request")
    for other in ("bytes=0-10", "bytes=-5", "bytes=1-,3-", "lines=1-", "bytes=\u0661-", ""):
        whole = scene.field.http.get(
            f"{scene.field.url}/v1/blobs/{sha256}", headers={**scene.field.credentials(), "Range": other.encode()}
        )
        assert (whole.status_code, whole.content) == (200, data)
