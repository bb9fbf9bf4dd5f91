"""``keys.json``: damage is seen, and a crash at any moment leaves the old file or the new one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from cmms_desktop.credentials.key_file import (
    KeyFile,
    KeyFileDamaged,
    SealedKey,
    delete_key_file,
    read_key_file,
    write_key_file,
)
from cmms_desktop.credentials.keys import CHEAPEST, Argon2Profile, to_base64url
from cmms_desktop.errors import ContractMismatch, ReplicaUnavailable

ROOT = Path(__file__).resolve().parents[3]


def keys(login: str = "technician", *, argon2: Argon2Profile = CHEAPEST, salt: bytes = bytes(16)) -> KeyFile:
    return KeyFile(
        organization="north-works",
        person_id="0198f000-0000-7000-8000-000000000001",
        login=login,
        role="technician",
        device_id="0198f000-0000-7000-8000-000000000002",
        device_public_key="AAAA",
        argon2=argon2,
        salt=to_base64url(salt),
        wrapped="AAAA",
        recovery=SealedKey(recipient="AAAA", sealed="BBBB"),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "person" / "keys.json"


def test_what_is_written_is_read(path: Path) -> None:
    write_key_file(path, keys())
    assert read_key_file(path) == keys()
    assert json.loads(path.read_text())["keys"]["version"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX file modes")
def test_the_file_is_private_even_over_a_left_over_that_was_not(path: Path) -> None:
    path.parent.mkdir()
    left_over = path.with_name("keys.json.new")
    left_over.write_text("left over by a crash")
    left_over.chmod(0o666)
    write_key_file(path, keys())
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_every_flipped_byte_is_seen_as_damage_or_changes_nothing(path: Path) -> None:
    write_key_file(path, keys())
    content = path.read_bytes()
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        with pytest.raises(KeyFileDamaged):
            read_key_file(path)


def test_a_cut_an_empty_a_huge_or_a_missing_file_is_damage(path: Path) -> None:
    write_key_file(path, keys())
    content = path.read_bytes()
    for broken in (b"", content[:-1], content[: len(content) // 2], b"[]", b"null", content + b" " * 100_000):
        path.write_bytes(broken)
        with pytest.raises(KeyFileDamaged):
            read_key_file(path)
    path.unlink()
    with pytest.raises(KeyFileDamaged):
        read_key_file(path)


@pytest.mark.parametrize(
    "impossible",
    [
        keys(argon2=Argon2Profile(memory_kib=1 << 31, time_cost=3, lanes=4)),
        keys(argon2=Argon2Profile(memory_kib=8, time_cost=1 << 20, lanes=1)),
        keys(argon2=Argon2Profile(memory_kib=8, time_cost=1, lanes=0)),
        keys(salt=b"short"),
    ],
)
def test_values_that_would_hang_the_machine_are_damage_even_with_a_right_digest(
    path: Path, impossible: KeyFile
) -> None:
    write_key_file(path, impossible)
    with pytest.raises(KeyFileDamaged):
        read_key_file(path)


def test_a_file_of_a_newer_program_is_told_apart_from_damage(path: Path) -> None:
    write_key_file(path, msgspec.structs.replace(keys(), version=2))
    with pytest.raises(ContractMismatch):
        read_key_file(path)


@pytest.mark.parametrize("failing", ["fsync", "replace", "open"])
def test_a_full_or_broken_disk_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    write_key_file(path, keys("old"))

    def broken(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, broken)
        with pytest.raises(ReplicaUnavailable):
            write_key_file(path, keys("new"))
    assert read_key_file(path).login == "old"
    write_key_file(path, keys("new"))
    assert read_key_file(path).login == "new"


_KILLED_WRITER = """
import os, pathlib, signal, sys
import msgspec
from cmms_desktop.credentials import key_file

path, fatal = pathlib.Path(sys.argv[1]), int(sys.argv[2])
seen = 0

def counted(event, _arguments):
    global seen
    if event in {"open", "os.rename", "os.remove", "os.mkdir"}:
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

real_fsync = os.fsync

def fsync(descriptor):
    counted("open", ())
    real_fsync(descriptor)
    counted("open", ())

os.fsync = fsync
keys = msgspec.structs.replace(key_file.read_key_file(path), login="new")
sys.addaudithook(counted)
key_file.write_key_file(path, keys)
print("finished")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and audit events of POSIX")
def test_a_kill_at_any_step_of_the_rewrite_leaves_the_old_file_or_the_new_one(path: Path) -> None:
    write_key_file(path, keys("old"))
    outcomes = []
    for fatal in range(1, 40):
        done = subprocess.run(
            [sys.executable, "-c", _KILLED_WRITER, str(path), str(fatal)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        login = read_key_file(path).login
        outcomes.append(login)
        if done.returncode == 0:
            assert done.stdout.strip() == "finished"
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        if login == "new":
            write_key_file(path, keys("old"))
    assert len(outcomes) >= 6
    assert outcomes[0] == "old"
    assert outcomes[-1] == "new"
    assert outcomes == sorted(outcomes, reverse=True), "once the new file was there, the old one came back"
    delete_key_file(path)
    assert list(path.parent.iterdir()) == []


def test_deleting_destroys_left_overs_too_and_is_quiet_when_nothing_is_there(path: Path) -> None:
    delete_key_file(path)
    write_key_file(path, keys())
    path.with_name("keys.json.new").write_bytes(path.read_bytes())
    delete_key_file(path)
    delete_key_file(path)
    assert os.listdir(path.parent) == []
