"""Files of a backup: when it says that they are there, a power cut takes neither bytes nor names."""

import hashlib
import os
from pathlib import Path

import pytest

from sync_server.storage import backup_blobs, backup_folder
from sync_server.storage.blob_store import BlobStore

FILES = [b"one", b"two", b"three"]


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    """Files below `source`, as the server keeps them."""
    found = []
    for content in FILES:
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / "source" / "organization" / "author" / digest[:2] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found.append(str(path.relative_to(tmp_path / "source")))
    return found


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> dict[int, set[str]]:
    """What a power cut would leave: number of a folder → the names in it when it was last brought to the disk."""
    seen: dict[int, set[str]] = {}
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        if os.path.isdir(f"/dev/fd/{descriptor}"):
            seen[os.fstat(descriptor).st_ino] = set(os.listdir(descriptor))

    monkeypatch.setattr(os, "fsync", watched)
    return seen


@pytest.mark.parametrize("is_left", [False, True], ids=["fresh", "after an interrupted copy"])
def test_names_of_copied_files_and_of_their_folders_are_durable(
    tmp_path: Path, names: list[str], durable: dict[int, set[str]], is_left: bool
) -> None:
    target = tmp_path / "data" / "blobs"
    store = BlobStore.in_folder(tmp_path / "source")
    if is_left:
        backup_blobs.fetch(store, target, names[:1])
        durable.clear()
    assert set(backup_blobs.fetch(store, target, names)) == set(names)
    folders = [target.parent, target, *(path for path in target.rglob("*") if path.is_dir())]
    assert len(folders) == 4 + len({name.split("/")[2] for name in names})
    assert [durable.get(folder.stat().st_ino) for folder in folders] == [set(os.listdir(folder)) for folder in folders]


def test_a_list_is_durable_by_name(tmp_path: Path, durable: dict[int, set[str]]) -> None:
    manifest = backup_folder.Manifest(
        format=backup_folder.FORMAT, made_at="2026-03-02T08:15:00Z", revision="0001", postgres=18, clocks={}, files={}
    )
    backup_folder.write(tmp_path, manifest)
    assert backup_folder.read(tmp_path) == manifest
    assert durable[tmp_path.stat().st_ino] == {backup_folder.MANIFEST}
