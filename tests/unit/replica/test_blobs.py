"""Files beside the replica: durable before they are named, encrypted, found by their digest."""

import hashlib
import os
from pathlib import Path

import pytest

from cmms_desktop.errors import Refused, ReplicaUnavailable
from cmms_desktop.replica import blobs
from cmms_desktop.replica.blobs import BlobFolder, BlobMissing
from sync_server.contract.messages import MAX_BLOB_BYTES
from tests.support.replicas import KEY, Field

PHOTO = b"\x89PNG\r\n\x1a\n" + b"pump" * 1_000


@pytest.fixture
def folder(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "blobs", KEY)


def test_a_file_comes_back_as_it_went_in(folder: BlobFolder) -> None:
    sha256 = folder.keep(PHOTO)
    assert sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert folder.read(sha256) == PHOTO


def test_nothing_readable_lies_on_the_disk(folder: BlobFolder, tmp_path: Path) -> None:
    sha256 = folder.keep(PHOTO)
    (path,) = (tmp_path / "blobs").iterdir()
    assert path.name == sha256
    assert b"pump" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_keeping_a_file_again_changes_nothing(folder: BlobFolder, tmp_path: Path) -> None:
    path = tmp_path / "blobs" / folder.keep(PHOTO)
    before = path.read_bytes()
    folder.keep(PHOTO)
    assert path.read_bytes() == before


def test_another_replicas_key_does_not_open_it(folder: BlobFolder, tmp_path: Path) -> None:
    sha256 = folder.keep(PHOTO)
    with pytest.raises(BlobMissing):
        BlobFolder(tmp_path / "blobs", bytes(range(1, 33))).read(sha256)


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_flipped_bit_is_noticed(folder: BlobFolder, tmp_path: Path, place: int) -> None:
    path = tmp_path / "blobs" / folder.keep(PHOTO)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(BlobMissing):
        folder.read(path.name)


def test_a_file_under_another_ones_name_is_noticed(folder: BlobFolder, tmp_path: Path) -> None:
    first, second = folder.keep(PHOTO), folder.keep(b"other")
    os.replace(tmp_path / "blobs" / first, tmp_path / "blobs" / second)
    with pytest.raises(BlobMissing):
        folder.read(second)


def test_a_missing_file_is_said_to_be_missing(folder: BlobFolder) -> None:
    assert not folder.has("0" * 64)
    with pytest.raises(BlobMissing):
        folder.read("0" * 64)


@pytest.mark.parametrize("size", [0, MAX_BLOB_BYTES + 1])
def test_a_file_has_a_size_within_bounds(folder: BlobFolder, tmp_path: Path, size: int) -> None:
    with pytest.raises(Refused):
        folder.keep(bytes(size))
    assert not (tmp_path / "blobs").exists()


def test_a_disk_that_refuses_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    folder = BlobFolder(tmp_path / "blobs", KEY)
    monkeypatch.setattr("cmms_desktop.replica.blobs.os.fsync", refuse)
    with pytest.raises(ReplicaUnavailable):
        folder.keep(PHOTO)
    assert list((tmp_path / "blobs").iterdir()) == []


def test_the_queue_names_what_is_still_to_be_sent_oldest_first(field: Field) -> None:
    for letter in "ba":
        with field.replica.write() as write:
            write.add_blob(letter * 64, media_type="image/png", size_bytes=3)
    database = field.replica.database
    assert blobs.to_send(database) == [("b" * 64, 3), ("a" * 64, 3)]
    blobs.note_sent(database, "b" * 64)
    assert blobs.to_send(database) == [("a" * 64, 3)]
