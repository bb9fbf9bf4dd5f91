"""One interface, three stores: whatever a folder promises, a bucket and the memory promise as well."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure, RetryLater
from sync_server.storage.blob_store import PIECE_BYTES, BlobStore
from tests.support.bucket import Bucket, bucket
from tests.support.small_disk import a_small_disk, why_no_small_disk

__all__ = ["bucket"]

LARGE = bytes(range(256)) * (PIECE_BYTES // 64)
"""Four pieces."""
ROOM_BYTES = 2 * 1024 * 1024


class TestEveryStore:
    """What the rest of the server builds on."""

    @pytest.fixture(params=["folder", "bucket", "memory"])
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
        if request.param == "bucket":
            bucket: Bucket = request.getfixturevalue("bucket")
            return bucket.store()
        return BlobStore.in_memory() if request.param == "memory" else BlobStore.in_folder(tmp_path / "blobs")

    def test_what_was_put_is_there_byte_for_byte(self, store: BlobStore) -> None:
        for name, content in (("a/b/small", b"x"), ("a/b/large", LARGE), ("top", b"y" * 1_000)):
            store.put(name, content)
            assert store.size(name) == len(content)
            assert b"".join(store.pieces(name, size=len(content))) == content

    def test_a_stream_is_one_object(self, store: BlobStore) -> None:
        store.put("a/stream", (LARGE[at : at + 1_000_000] for at in range(0, len(LARGE), 1_000_000)))
        assert store.size("a/stream") == len(LARGE)
        assert b"".join(store.pieces("a/stream", size=len(LARGE))) == LARGE

    def test_a_stream_that_breaks_off_leaves_nothing(self, store: BlobStore) -> None:
        def broken() -> Iterator[bytes]:
            yield LARGE
            raise RetryLater("The source is away.")

        with pytest.raises(RetryLater):
            store.put("a/broken", broken())
        assert store.size("a/broken") is None

    def test_a_stream_that_breaks_off_leaves_what_was_there(self, store: BlobStore) -> None:
        def broken() -> Iterator[bytes]:
            yield LARGE
            raise RetryLater("The source is away.")

        store.put("a/kept", b"before")
        with pytest.raises(RetryLater):
            store.put("a/kept", broken())
        assert b"".join(store.pieces("a/kept", size=6)) == b"before"

    def test_the_last_one_counts(self, store: BlobStore) -> None:
        store.put("a/b", b"the first, which is longer")
        store.put("a/b", b"the second")
        assert (store.size("a/b"), b"".join(store.pieces("a/b", size=10))) == (10, b"the second")

    @pytest.mark.parametrize("at", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, len(LARGE) - 1, len(LARGE)])
    def test_it_is_read_from_any_byte(self, store: BlobStore, at: int) -> None:
        store.put("a/large", LARGE)
        pieces = list(store.pieces("a/large", size=len(LARGE), at=at))
        assert b"".join(pieces) == LARGE[at:]
        assert all(0 < len(piece) <= PIECE_BYTES for piece in pieces)

    def test_what_is_not_there_is_not_there(self, store: BlobStore) -> None:
        assert store.size("a/b") is None
        assert store.sizes("a") == {}
        with pytest.raises(FileNotFoundError):
            next(store.pieces("a/b", size=1))

    def test_the_sizes_of_a_folder_are_those_right_below_it(self, store: BlobStore) -> None:
        for name, size in (("a/b/1", 1), ("a/b/2", 2), ("a/b/deeper/3", 3), ("a/bc/4", 4), ("a/5", 5)):
            store.put(name, bytes(size))
        assert store.sizes("a/b") == {"1": 1, "2": 2}

    def test_what_is_removed_is_gone_and_the_others_stay(self, store: BlobStore) -> None:
        for name in ("a/b/1", "a/b/2", "a/c"):
            store.put(name, b"x")
        store.remove(["a/b/1", "a/b/never", "a/b/2"])
        assert (store.size("a/b/1"), store.size("a/b/2"), store.size("a/c")) == (None, None, 1)
        store.put("a/b/1", b"again")
        assert store.size("a/b/1") == 5


def test_nobody_else_on_the_machine_reads_a_file(tmp_path: Path) -> None:
    store = BlobStore.in_folder(tmp_path / "blobs")
    store.put("a/b/c", b"x")
    path = tmp_path / "blobs" / "a" / "b" / "c"
    assert [each.stat().st_mode & 0o077 for each in (path, path.parent, tmp_path / "blobs")] == [0, 0, 0]


def test_a_file_and_its_names_are_on_the_disk_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    BlobStore.in_folder(tmp_path / "blobs").put("a/b/c", b"x")
    folder = tmp_path / "blobs"
    assert {str(folder / "a" / "b" / "c"), str(folder / "a" / "b"), str(folder / "a"), str(folder)} <= set(synced)


@pytest.mark.expects_warnings
def test_a_disk_that_refuses_to_sync_has_not_kept_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, "no")

    store = BlobStore.in_folder(tmp_path / "blobs")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RetryLater):
        store.put("a/b", b"x")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB."""
    if why := why_no_small_disk():
        pytest.skip(why)
    with a_small_disk(tmp_path / "small", ROOM_BYTES) as disk:
        yield disk.folder


@pytest.mark.expects_warnings
def test_a_full_disk_keeps_what_it_has_and_takes_more_when_there_is_room(small_disk: Path) -> None:
    store = BlobStore.in_folder(small_disk / "blobs")
    store.put("a/first", LARGE[: PIECE_BYTES + 1])
    for content in (LARGE[:PIECE_BYTES], iter([LARGE[:PIECE_BYTES]])):
        with pytest.raises(RetryLater) as refused:
            store.put("a/second", content)
        assert refused.value.retry_after_s == 30
        assert store.size("a/second") is None
    assert b"".join(store.pieces("a/first", size=PIECE_BYTES + 1)) == LARGE[: PIECE_BYTES + 1]
    store.remove(["a/first"])
    store.put("a/second", LARGE[:PIECE_BYTES])
    assert store.size("a/second") == PIECE_BYTES


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.put("a/b", b"x"),
        lambda store: store.put("a/b", iter([b"x"])),
        lambda store: store.size("a/b"),
        lambda store: store.sizes("a"),
        lambda store: next(store.pieces("a/b", size=1)),
    ],
    ids=["put", "stream", "size", "sizes", "pieces"],
)
def test_a_bucket_that_does_not_answer_is_asked_later(bucket: Bucket, ask: Callable[[BlobStore], object]) -> None:
    store = bucket.store()
    bucket.go_away()
    try:
        with pytest.raises(RetryLater):
            ask(store)
        store.remove(["a/b"])
    finally:
        bucket.come_back()
    store.put("a/b", b"x")
    assert store.size("a/b") == 1


def test_two_stores_at_one_place_see_each_other(bucket: Bucket) -> None:
    place = bucket.a_place()
    one, other = (BlobStore.in_bucket(place, bucket.access) for _ in range(2))
    one.put("a/b", b"x")
    assert other.size("a/b") == 1
    assert bucket.store().size("a/b") is None


def test_a_bucket_is_named_by_the_environment(bucket: Bucket, tmp_path: Path) -> None:
    place = bucket.a_place()
    settings = ServerSettings.from_environment({"CMMS_DATA": str(tmp_path), "CMMS_BLOBS": place, **bucket.access})
    assert (settings.blob_bucket, settings.bucket_access) == (place, bucket.access)
    assert bucket.access["AWS_SECRET_ACCESS_KEY"] not in repr(settings)
    with pytest.raises(EnvironmentFailure):
        ServerSettings.from_environment({"CMMS_DATA": str(tmp_path), "CMMS_BLOBS": "ftp://photos"})


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailure):
        BlobStore.in_folder(tmp_path / "file" / "blobs")
