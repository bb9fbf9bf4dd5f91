"""Bytes of attachments: resumable, checked whole, no capability in knowing a digest; folder and bucket."""

import base64
import hashlib
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sync_server.application import attachments
from sync_server.contract.messages import BLOB_CHUNK_BYTES, MAX_BLOB_BYTES
from tests.support.blob_requests import attach, code, content, download, owned, patch, stands, upload
from tests.support.bucket import bucket
from tests.support.device_side import Client
from tests.support.photo_servers import server
from tests.support.server_side import NOW, Scene, Server

__all__ = ["bucket", "server"]


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


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


@pytest.mark.expects_warnings
def test_bytes_that_are_gone_from_the_store_are_not_there(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    data, _ = content(1_000)
    sha256 = upload(scene.field, data)
    scene.organization.server.services.blobs.remove([owned(scene.field, sha256).name])
    assert download(scene.field, sha256)[0] == 404
    assert "missing" in caplog.text


def test_a_complete_upload_whose_bytes_are_gone_or_cut_begins_again(scene: Scene) -> None:
    store = scene.organization.server.services.blobs
    for left in (b"", b"a part of it"):
        data, sha256 = content(5_000)
        upload(scene.field, data)
        name = owned(scene.field, sha256).name
        store.remove([name])
        if left:
            store.put(name, left)
        assert stands(scene.field, sha256) == 0
        assert code(patch(scene.field, sha256, b"x", at=4_999, size=5_000)) == (400, "bad_request")
        assert patch(scene.field, sha256, data[:2_000], at=0, size=5_000).status_code == 204
        assert (stands(scene.field, sha256), download(scene.field, sha256)[0]) == (2_000, 404)
        assert patch(scene.field, sha256, data[2_000:], at=2_000, size=5_000).status_code == 204
        assert download(scene.field, sha256) == (200, data)


def test_an_upload_under_way_whose_pieces_are_gone_goes_on_where_they_end(scene: Scene) -> None:
    store = scene.organization.server.services.blobs
    data, sha256 = content(5_000)
    for at in (0, 1_000, 2_000):
        patch(scene.field, sha256, data[at : at + 1_000], at=at, size=5_000)
    folder = owned(scene.field, sha256).parts
    second = sorted(store.sizes(folder))[1]
    store.remove([f"{folder}/{second}"])
    assert stands(scene.field, sha256) == 1_000
    assert patch(scene.field, sha256, data[1_000:], at=1_000, size=5_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)


def test_what_came_before_contents_were_shared_is_still_read(scene: Scene) -> None:
    store = scene.organization.server.services.blobs
    data, sha256 = content(1_000)
    upload(scene.field, data)
    at = owned(scene.field, sha256)
    store.remove([at.name])
    store.put(at.former_name, data)
    assert (stands(scene.field, sha256), download(scene.field, sha256)) == (1_000, (200, data))


def test_two_authors_of_one_content_are_one_object(scene: Scene) -> None:
    """Each has sent every byte; the store keeps them once, and nothing of the ways there."""
    store = scene.organization.server.services.blobs
    data, sha256 = content(1_500_000)
    other, _ = colleague(scene)
    for client in (scene.field, other):
        assert stands(client, sha256) == 0
        upload(client, data)
        assert download(client, sha256) == (200, data)
        assert store.sizes(owned(client, sha256).parts) == {}
    assert store.sizes(f"{scene.organization.id}/{sha256[:2]}") == {sha256: 1_500_000}


def test_a_chunk_that_was_damaged_on_the_way_does_not_count(scene: Scene) -> None:
    data, sha256 = content(5_000)
    promise = f"sha256 {base64.b64encode(hashlib.sha256(data[:2_000]).digest()).decode()}"
    headers = {"Upload-Offset": "0", "Upload-Length": "5000", "Upload-Checksum": promise}
    for chunk in (data[1:2_001], data[:1_999], b"", bytes([data[0] ^ 1]) + data[1:2_000]):
        damaged = scene.field.request("PATCH", f"/v1/blobs/{sha256}", content=chunk, headers=headers)
        assert code(damaged) == (400, "chunk_damaged")
        assert stands(scene.field, sha256) == 0
    whole = scene.field.request("PATCH", f"/v1/blobs/{sha256}", content=data[:2_000], headers=headers)
    assert (whole.status_code, stands(scene.field, sha256)) == (204, 2_000)


@pytest.mark.parametrize("checksum", ["", "sha256", "md5 AAAA", "sha256 \xff", "sha256 AAAA", "sha1 " + "A" * 28])
def test_a_checksum_that_says_nothing_is_a_damaged_chunk(scene: Scene, checksum: str) -> None:
    data, sha256 = content(100)
    sent = {name: value.encode() for name, value in scene.field.credentials().items()}
    sent |= {"Upload-Offset": b"0", "Upload-Length": b"100", "Upload-Checksum": checksum.encode("latin-1")}
    response = scene.field.http.request("PATCH", f"{scene.field.url}/v1/blobs/{sha256}", content=data, headers=sent)
    assert code(response) == (400, "chunk_damaged")
    assert stands(scene.field, sha256) == 0


def test_a_chunk_that_is_cut_at_any_byte_does_not_count(scene: Scene) -> None:
    """The connection ends before all bytes that were announced; what came of them is nothing."""
    data, sha256 = content(50_000)
    assert patch(scene.field, sha256, data[:10_000], at=0, size=50_000).status_code == 204
    host, port = re.match(r"http://(.+):(\d+)", scene.field.url).groups()  # type: ignore[union-attr]
    lines = [f"PATCH /v1/blobs/{sha256} HTTP/1.1", f"Host: {host}", "Upload-Offset: 10000", "Upload-Length: 50000"]
    lines += [f"{name}: {value}" for name, value in scene.field.credentials().items()]
    head = "\r\n".join([*lines, "Content-Length: 40000", "", ""]).encode()
    for sent in (0, 1, 17, 16_384, 39_999):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(head + data[10_000 : 10_000 + sent])
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4_096):
                pass
        assert stands(scene.field, sha256) == 10_000
    assert patch(scene.field, sha256, data[10_000:], at=10_000, size=50_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)


def test_chunks_out_of_order_are_told_where_the_upload_stands(scene: Scene) -> None:
    data, sha256 = content(3_000)
    assert patch(scene.field, sha256, data[:1_000], at=0, size=3_000).status_code == 204
    for at in (2_000, 0, 999, 1_001):
        refused = patch(scene.field, sha256, data[at : at + 1_000], at=at, size=3_000)
        assert code(refused) == (400, "bad_request")
        assert "1000" in refused.json()["detail"]
    assert patch(scene.field, sha256, data[1_000:], at=1_000, size=3_000).status_code == 204
    assert download(scene.field, sha256) == (200, data)


def test_an_upload_comes_in_a_bounded_number_of_pieces(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_PARTS", 3)
    data, sha256 = content(100)
    for at in range(3):
        assert patch(scene.field, sha256, data[at : at + 1], at=at, size=100).status_code == 204
    assert code(patch(scene.field, sha256, data[3:4], at=3, size=100)) == (413, "too_large")


def test_two_requests_with_the_last_chunk_make_one_file(scene: Scene) -> None:
    data, sha256 = content(900_000)
    assert patch(scene.field, sha256, data[:450_000], at=0, size=len(data)).status_code == 204
    with ThreadPoolExecutor(4) as many:
        sent = [many.submit(patch, scene.field, sha256, data[450_000:], at=450_000, size=len(data)) for _ in range(4)]
        statuses = {each.result().status_code for each in sent}
    assert statuses <= {204, 400, 503}
    assert 204 in statuses
    assert download(scene.field, sha256) == (200, data)
