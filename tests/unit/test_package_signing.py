"""Signatures beside packages: minisign's own format, refused for anything but the file that was signed."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from client_packages import beside, signing
from client_packages.failures import PackagingError
from client_packages.release import Release
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = signing.public_text(KEY)
CONTENT = b"a package"
SIGNED = signing.signature_text(KEY, CONTENT, about="file:a.deb")
RELEASE = Release("1.2.3", 7, 1_700_000_000, "x86_64")


def test_a_signature_tells_what_was_signed_with_it() -> None:
    assert signing.verify(PUBLIC, CONTENT, SIGNED) == "file:a.deb"


def test_the_same_file_has_the_same_signature() -> None:
    assert signing.signature_text(KEY, CONTENT, about="file:a.deb") == SIGNED


@pytest.mark.parametrize(
    ("content", "signature"),
    [
        (CONTENT + b"!", SIGNED),
        (CONTENT, SIGNED.replace("file:a.deb", "file:b.deb")),
        (CONTENT, signing.signature_text(KEY, b"another", about="file:a.deb")),
    ],
    ids=["changed file", "changed comment", "signature of another file"],
)
def test_what_was_changed_is_refused(content: bytes, signature: str) -> None:
    with pytest.raises(PackagingError, match="was changed"):
        signing.verify(PUBLIC, content, signature)


def test_another_key_is_refused() -> None:
    other = signing.public_text(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(PackagingError, match="another key"):
        signing.verify(other, CONTENT, SIGNED)


@given(st.integers(0, len(SIGNED) - 1), st.characters(codec="ascii"))
def test_no_character_of_a_signature_can_be_exchanged(at: int, letter: str) -> None:
    line = SIGNED[:at].count("\n")
    changed = SIGNED[:at] + letter + SIGNED[at + 1 :]
    if changed == SIGNED or line == 0:  # the first line is for people and is not signed
        return
    try:
        about = signing.verify(PUBLIC, CONTENT, changed)
    except PackagingError:
        return
    assert (about, signing_bytes(changed)) == ("file:a.deb", signing_bytes(SIGNED)), "other text, the same bytes"


def signing_bytes(text: str) -> tuple[bytes, bytes]:
    lines = text.splitlines()
    return base64.b64decode(lines[1]), base64.b64decode(lines[3])


@given(st.text(max_size=200))
def test_rubbish_is_no_signature_and_no_key(rubbish: str) -> None:
    with pytest.raises(PackagingError):
        signing.verify(PUBLIC, CONTENT, rubbish)
    with pytest.raises(PackagingError):
        signing.verify(rubbish, CONTENT, SIGNED)


def test_a_key_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signing.make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(PackagingError, match="never overwritten"):
        signing.make_key(path)
    assert path.read_bytes() == before
    assert signing.verify(signing.public_text(signing.read_key(path)), b"", sign_with(path)) == "x"
    path.chmod(0o644)
    with pytest.raises(PackagingError, match="Others may read"):
        signing.read_key(path)


def sign_with(path: Path) -> str:
    return signing.signature_text(signing.read_key(path), b"", about="x")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(X25519PrivateKey.generate().private_bytes(pem, pkcs8, serialization.NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(PackagingError, match="another kind"):
        signing.read_key(path)
    path.write_text("no key")
    with pytest.raises(PackagingError, match="holds no Ed25519 key"):
        signing.read_key(path)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A file with everything beside it."""
    file = tmp_path / "cmms-field_1.2.3-7_amd64.deb"
    file.write_bytes(CONTENT)
    beside.put_beside(file, [], RELEASE, KEY)
    (tmp_path / beside.PUBLIC_KEY).write_text(PUBLIC)
    return file


def test_a_package_is_checked_against_what_lies_beside_it(package: Path) -> None:
    about = beside.verify_file(package, package.parent / beside.PUBLIC_KEY)
    assert f"file:{package.name}" in about.split("\t")
    package.write_bytes(b"something else")
    with pytest.raises(PackagingError, match="digest"):
        beside.verify_file(package, package.parent / beside.PUBLIC_KEY)


def test_an_older_package_under_a_newer_name_is_refused(package: Path) -> None:
    renamed = package.with_name("cmms-field_9.9.9-1_amd64.deb")
    for suffix in ("", ".sha256", ".minisig"):
        shutil.copy(str(package) + suffix, str(renamed) + suffix)
    with pytest.raises(PackagingError, match="another name"):
        beside.verify_file(renamed, package.parent / beside.PUBLIC_KEY)


def test_what_is_missing_is_named(package: Path) -> None:
    (package.parent / f"{package.name}.minisig").unlink()
    with pytest.raises(PackagingError, match="minisig cannot be read"):
        beside.verify_file(package, package.parent / beside.PUBLIC_KEY)


@pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed here; apt-get install minisign")
def test_minisign_itself_takes_the_signature_and_refuses_a_changed_file(package: Path) -> None:
    command = ["minisign", "-V", "-p", str(package.parent / beside.PUBLIC_KEY), "-m", str(package)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    assert f"file:{package.name}" in good.stdout
    package.write_bytes(CONTENT + b"!")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
