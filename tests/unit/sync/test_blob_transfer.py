"""Bytes of photos: byte for byte, from where the last try ended, and none in the way of the others."""

import base64
import hashlib

import httpx
import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.replica import blobs
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from tests.unit.sync.wire import Wire, problem

LARGE = bytes(range(256)) * (BLOB_CHUNK_BYTES // 128 + 1)
"""A little more than two chunks."""


def keep(wire: Wire, content: bytes) -> str:
    sha256 = wire.blobs.keep(content)
    with wire.field.replica.write() as write:
        write.add_blob(sha256, media_type="image/png", size_bytes=len(content))
    return sha256


def waiting(wire: Wire) -> list[str]:
    return [sha256 for sha256, _ in blobs.to_send(wire.field.replica.database)]


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("the answer was lost")


def test_a_file_arrives_byte_for_byte_in_chunks(wire: Wire) -> None:
    sha256 = keep(wire, LARGE)
    assert wire.transfer.send_all() == 1
    assert wire.uploads[sha256] == LARGE
    assert wire.new_asked() == ["blobs"] * 4
    assert waiting(wire) == []


def test_an_upload_goes_on_where_it_was_broken_off(wire: Wire) -> None:
    sha256 = keep(wire, LARGE)
    wire.uploads[sha256] = LARGE[:BLOB_CHUNK_BYTES]
    wire.transfer.send_all()
    assert wire.uploads[sha256] == LARGE
    assert wire.new_asked() == ["blobs"] * 3


def test_a_file_that_is_complete_already_is_only_noted(wire: Wire) -> None:
    sha256 = keep(wire, LARGE)
    wire.uploads[sha256] = LARGE
    assert wire.transfer.send_all() == 1
    assert wire.new_asked() == ["blobs"]


def test_a_lost_answer_stops_the_round_and_the_next_one_finds_the_bytes(wire: Wire) -> None:
    sha256 = keep(wire, LARGE)
    wire.once("blobs", lost)
    with pytest.raises(ServerUnreachable):
        wire.transfer.send_all()
    assert wire.transfer.send_all() == 1
    assert wire.uploads[sha256] == LARGE


def test_a_line_that_carries_no_large_chunk_carries_small_ones(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    take, large = wire._blobs, BLOB_CHUNK_BYTES // 8

    def slow(request: httpx.Request) -> httpx.Response:
        return take(request) if len(request.content) < large else lost(request)

    sha256 = keep(wire, LARGE)
    monkeypatch.setattr(wire, "_blobs", slow)
    with pytest.raises(ServerUnreachable):
        wire.transfer.send_all()
    assert wire.transfer.send_all() == 1
    assert wire.uploads[sha256] == LARGE
    monkeypatch.setattr(wire, "_blobs", take)
    wire.transfer.ask_again()
    wire.new_asked()
    keep(wire, LARGE[1:])
    assert wire.transfer.send_all() == 1
    assert wire.new_asked() == ["blobs"] * 4, "as on a good line"


def test_every_chunk_carries_the_digest_of_its_bytes_and_a_damaged_one_is_sent_again(wire: Wire) -> None:
    sha256, promised = keep(wire, LARGE), []

    def damaged(request: httpx.Request) -> httpx.Response:
        promised.append(request.headers["Upload-Checksum"])
        return problem("chunk_damaged", 400)

    wire.once("blobs", head_of_nothing, damaged)
    with pytest.raises(ServerUnreachable):
        wire.transfer.send_all()
    digest = hashlib.sha256(LARGE[:BLOB_CHUNK_BYTES]).digest()
    assert promised == [f"sha256 {base64.b64encode(digest).decode()}"]
    assert wire.transfer.problems == {}
    assert wire.transfer.send_all() == 1
    assert wire.uploads[sha256] == LARGE


def head_of_nothing(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Upload-Offset": "0"})


def test_a_portal_in_the_middle_of_an_upload_is_offline_and_ends_the_round(wire: Wire) -> None:
    keep(wire, LARGE)
    head = lambda request: httpx.Response(200, headers={"Upload-Offset": "0"})  # noqa: E731
    page = lambda request: httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"Sign in")  # noqa: E731
    wire.once("blobs", head, page)
    with pytest.raises(ServerUnreachable):
        wire.transfer.send_all()


def test_a_server_that_never_takes_a_byte_ends_the_upload(wire: Wire) -> None:
    sha256 = keep(wire, LARGE)
    wire.once("blobs", *[lambda request: httpx.Response(200, headers={"Upload-Offset": "0"})] * 9)
    assert wire.transfer.send_all() == 0
    assert sha256 in wire.transfer.problems


def test_a_refused_upload_keeps_no_other_back(wire: Wire) -> None:
    first, second = keep(wire, b"first"), keep(wire, b"second")
    wire.once("blobs", lambda request: problem("too_large", 413, detail="Too large."))
    assert wire.transfer.send_all() == 1
    refused, sent = (first, second) if second in wire.uploads else (second, first)
    assert wire.transfer.problems == {refused: "Too large."}
    assert (waiting(wire), sent in wire.uploads) == ([refused], True)


def test_a_missing_or_damaged_file_keeps_no_other_back(wire: Wire) -> None:
    gone, damaged, sound = keep(wire, b"gone"), keep(wire, b"damaged"), keep(wire, b"sound")
    (wire.folder / "blobs" / gone).unlink()
    (wire.folder / "blobs" / damaged).write_bytes(b"rubbish")
    assert wire.transfer.send_all() == 1
    assert wire.transfer.problems.keys() == {gone, damaged}
    assert wire.uploads[sound] == b"sound"
    assert set(waiting(wire)) == {gone, damaged}


def test_an_upload_renews_a_session_that_is_over(wire: Wire) -> None:
    keep(wire, b"photo")
    wire.valid.clear()
    assert wire.transfer.send_all() == 1
    assert wire.new_asked() == ["blobs", "refresh", "blobs", "blobs"]
