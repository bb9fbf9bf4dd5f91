"""What goes into a package, what it needs, and what it says of itself; nothing is built here."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from client_packages import bill, bundle, contents, deb, portable, rpm, shared_libraries
from client_packages.failures import PackagingError
from client_packages.release import Release, release_of
from jsonschema_rs import Draft7Validator

from cmms_desktop.credentials.keyring_store import ALLOWED
from tests.architecture.source_tree import ROOT

RELEASE = Release("1.2.3", 7, 1_700_000_000, "x86_64")
NEEDS = shared_libraries.Needs(frozenset({"libc.so.6", "libGL.so.1", "libxcb.so.1"}), 36)
needs_readelf = pytest.mark.skipif(
    shutil.which("readelf") is None, reason="readelf is not installed here; apt-get install binutils"
)


def qt_plugin(name: str) -> Path:
    found = importlib.util.find_spec("PySide6")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "Qt" / "plugins" / name


@needs_readelf
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this plugin")
def test_a_missing_library_fails_the_build_by_its_name(tmp_path: Path) -> None:
    shutil.copy(qt_plugin("platforms/libqxcb.so"), tmp_path)
    with pytest.raises(PackagingError, match=r"libQt6XcbQpa\.so\.6 \(wanted by libqxcb\.so\)"):
        shared_libraries.needs_of(tmp_path)


@needs_readelf
def test_a_library_that_is_cut_off_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "libcut.so").write_bytes(shared_libraries.ELF + b"\x02\x01\x01")
    with pytest.raises(PackagingError, match=r"cannot be read: readelf: .*libcut\.so"):
        shared_libraries.needs_of(tmp_path)


@needs_readelf
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this format")
def test_what_the_system_gives_becomes_a_dependency(tmp_path: Path) -> None:
    shutil.copy(Path("/bin/sh").resolve(), tmp_path / "sh")
    needs = shared_libraries.needs_of(tmp_path)
    assert needs.libraries == {"libc.so.6"}
    assert needs.glibc_minor >= 2
    assert needs.debian == [f"libc6 (>= 2.{needs.glibc_minor})"]


def test_a_module_that_pyinstaller_misses_fails_the_build() -> None:
    bundle.refuse_missing_modules('12 INFO: Building\n13 WARNING: Hidden import "MySQLdb" not found\n')
    with pytest.raises(PackagingError, match=r"keyring\.backends\.Gone"):
        bundle.refuse_missing_modules("12 ERROR: Hidden import 'keyring.backends.Gone' not found\n")


def test_every_keyring_that_the_client_allows_is_put_in() -> None:
    for allowed in ALLOWED:
        platforms = [name for name in contents.HIDDEN if name.startswith(allowed.platform)]
        assert platforms, allowed
        assert all(allowed.module in contents.HIDDEN[name] for name in platforms)


def test_every_module_that_only_a_revision_imports_is_put_in() -> None:
    wanted = set()
    for path in (ROOT / "cmms_desktop/replica/migrations/versions").glob("[0-9]*.py"):
        lines = [line.split() for line in path.read_text("utf-8").splitlines()]
        wanted |= {words[1] for words in lines if words[:1] in (["from"], ["import"])}
    assert wanted <= {*contents.FOR_REVISIONS, "__future__"}


def test_plugins_without_a_desktop_stay_out_and_those_of_a_desktop_stay_in() -> None:
    names = ["platforms/libqxcb.so", "platforms/libqwayland.so", "imageformats/libqjpeg.so", "platforms/libqvnc.so"]
    entries = [(f"{contents.PLUGINS}/{name}", name, "BINARY") for name in [*names, "platformthemes/libqgtk3.so"]]
    assert {Path(name).name for _, name, _ in contents.without_dropped(entries)} == {
        "libqxcb.so",
        "libqwayland.so",
        "libqjpeg.so",
    }


def test_no_metadata_tells_of_the_machine_that_built() -> None:
    (own,) = contents.distributions_of([], own="cmms-field")
    names = {Path(target).name for target, _, _ in contents.metadata_entries(own)}
    assert {"METADATA", "LICENSE"} <= names
    assert not names & {"RECORD", "direct_url.json", "INSTALLER", "uv_cache.json"}


def test_names_follow_what_each_system_expects() -> None:
    assert deb.deb_name(RELEASE) == "cmms-field_1.2.3-7_amd64.deb"
    assert rpm.rpm_name(RELEASE) == "cmms-field-1.2.3-7.x86_64.rpm"
    assert portable.portable_name(RELEASE) == "cmms-field-1.2.3-7-linux-x86_64.tar.gz"


def test_a_package_with_a_newer_profile_is_a_newer_package() -> None:
    first, second = replace(RELEASE, profile_serial=1_790_000_000), replace(RELEASE, profile_serial=1_790_000_001)
    later = replace(RELEASE, build=8)
    assert deb.deb_name(first) == "cmms-field_1.2.3-7+p1790000000_amd64.deb"
    assert rpm.rpm_name(first) == "cmms-field-1.2.3-7+p1790000000.x86_64.rpm"
    assert portable.portable_name(first) == "cmms-field-1.2.3-7+p1790000000-linux-x86_64.tar.gz"
    assert "\nRelease: 7+p1790000000\n" in rpm.spec_text(Path("nowhere"), NEEDS, first)
    if shutil.which("dpkg") is None:
        pytest.skip("Debian's own comparing is not here")
    rising = [each.debian_version for each in (RELEASE, first, second, later)]
    for older, newer in pairwise(rising):
        assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=False).returncode == 0


def test_the_control_file_names_what_the_folder_needs() -> None:
    fields = dict(line.split(": ", 1) for line in deb.control_text(NEEDS, RELEASE, 12).splitlines() if line[0] != " ")
    assert {"libc6 (>= 2.36)", "libgl1", "libxcb1", "xkb-data"} <= set(fields["Depends"].split(", "))
    assert fields["Version"] == "1.2.3-7"
    assert not fields["Description"].endswith(".")
    assert len(fields["Description"]) < 80
    assert deb.changelog_text(RELEASE).endswith("  Tue, 14 Nov 2023 22:13:20 +0000\n")


def test_the_recipe_of_rpm_names_every_file_and_nothing_of_others(tmp_path: Path) -> None:
    for name in ("usr/lib/cmms-field/_internal/a b.so", "usr/share/man/man1/cmms-field.1.gz"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    text = rpm.spec_text(tmp_path, NEEDS, RELEASE)
    assert "@" not in text.replace("packages@", "")
    assert '\n"/usr/lib/cmms-field/_internal/a b.so"\n' in text
    assert '%dir "/usr/lib/cmms-field/_internal"' in text
    assert '%dir "/usr/share/man"' not in text
    assert "Requires: libc.so.6(GLIBC_2.36)(64bit)" in text


def test_a_bill_is_valid_and_the_same_each_time() -> None:
    parts = bill.parts_of([Path(json.__file__), qt_plugin("../../QtCore.abi3.so")])
    assert {"python", "PySide6_Essentials"} <= {part.name for part in parts}
    text = bill.bill_of(parts, RELEASE, file_name="a.deb", sha256="0" * 64)
    assert [str(error) for error in bill_schema().iter_errors(json.loads(text))] == []
    assert bill.bill_of(parts, RELEASE, file_name="a.deb", sha256="0" * 64) == text
    assert json.loads(text)["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "0" * 64}]


def bill_schema() -> Draft7Validator:
    """CycloneDX's own schema, as the library that writes bills carries it."""
    found = importlib.util.find_spec("cyclonedx.schema")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "_res"
    schema = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_bytes())
    return Draft7Validator(schema, retriever=lambda uri: json.loads((folder / uri.rpartition("/")[2]).read_bytes()))


@pytest.mark.parametrize("wrong", [{"bomFormat": "other"}, {"components": [{"name": "without a type"}]}])
def test_the_schema_refuses_what_is_no_bill(wrong: dict[str, object]) -> None:
    good = json.loads(bill.bill_of([], RELEASE, file_name="a.deb", sha256="0" * 64))
    assert not bill_schema().is_valid(good | wrong)


def test_a_release_without_git_takes_its_moment_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "3.4"\n')
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert release_of(tmp_path).debian_version == "3.4-1"
    assert release_of(tmp_path).epoch_s == 1_700_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(PackagingError, match="whole number"):
        release_of(tmp_path)
    with pytest.raises(PackagingError, match="no source"):
        release_of(tmp_path / "nowhere")


@needs_readelf
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this format")
def test_libraries_that_nobody_wants_any_more_go_with_what_was_dropped(tmp_path: Path) -> None:
    plugin = qt_plugin("platforms/libqxcb.so")
    for name in ("libQt6XcbQpa.so.6", "libatk-1.0.so.0", "libpython3.11.so.1.0"):
        shutil.copy("/bin/true", tmp_path / name)
    libraries = [(path.name, str(path), "BINARY") for path in sorted(tmp_path.iterdir())]
    links = [("libatk-1.0.so", "libatk-1.0.so.0", "SYMLINK")]
    kept = contents.without_orphans([("PySide6/libqxcb.so", str(plugin), "BINARY"), *libraries, *links])
    assert {target for target, _, _ in kept} == {"PySide6/libqxcb.so", "libQt6XcbQpa.so.6", "libpython3.11.so.1.0"}


@needs_readelf
@pytest.mark.skipif(shutil.which("patchelf") is None, reason="patchelf is not installed here; apt-get install patchelf")
def test_no_library_looks_into_a_folder_of_the_machine_that_built(tmp_path: Path) -> None:
    for name, search_path in (("foreign.so", "/opt/python/lib"), ("own.so", "$ORIGIN/../lib")):
        shutil.copy(qt_plugin("platforms/libqminimal.so"), tmp_path / name)
        subprocess.run(["patchelf", "--set-rpath", search_path, tmp_path / name], check=True)
    files = shared_libraries.elf_files(tmp_path)
    assert shared_libraries.forget_build_paths(files) == [tmp_path / "foreign.so"]
    assert shared_libraries.forget_build_paths(files) == []
    assert b"$ORIGIN/../lib" in (tmp_path / "own.so").read_bytes()
