"""Menu entry, file type, manual page, scripts and recipes of the packages, and wrong calls of what builds them."""

from __future__ import annotations

import configparser
import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import build_packages
import pytest
from client_packages import file_tree
from client_packages.commands import clean_environment
from client_packages.portable import make_portable
from client_packages.release import Release

import cmms_desktop.__main__ as start
from cmms_desktop.application.rescue import SUFFIX
from sync_server.contract.rescue import MAGIC
from sync_server.contract.rules.profile import MOST_BYTES
from tests.architecture.source_tree import ROOT
from tests.support.qt_here import why_qt_is_missing

LINUX = ROOT / "packaging" / "linux"
RELEASE = Release("1.2.3", 7, 1_700_000_000, "x86_64")


def test_the_menu_entry_starts_what_is_installed() -> None:
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(LINUX / "cmms-field.desktop", "utf-8")
    assert entry["Desktop Entry"]["Exec"] == entry["Desktop Entry"]["Icon"] == "cmms-field"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "cmms-field" in project["scripts"]


def test_a_rescue_bundle_is_known_by_its_name_and_by_its_first_bytes() -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    (kind,) = ET.parse(LINUX / "cmms-field.xml").getroot()
    glob, match = kind.find(f"{space}glob"), kind.find(f"{space}magic/{space}match")
    assert glob is not None
    assert match is not None
    assert glob.get("pattern") == f"*{SUFFIX}"
    assert MAGIC.startswith((match.get("value") or "?").encode())
    icon = kind.find(f"{space}icon")
    assert icon is not None
    assert icon.get("name") == (kind.get("type") or "").replace("/", "-")


@pytest.mark.parametrize(
    "script", ["linux/debian/config", "linux/debian/postinst", "linux/debian/postrm", "macos/build.sh", "run"]
)
def test_every_script_is_read_by_a_plain_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", ROOT / "packaging" / script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("recipe", "sets"),
    [("macos/build.sh", r"^[^#\n]* {}=\S+( .*)? \\$"), ("windows/build.ps1", r"^\$env:{} = ")],
)
def test_a_recipe_gives_python_the_variables_of_the_build_for_linux(recipe: str, sets: str) -> None:
    before = (ROOT / "packaging" / recipe).read_text("utf-8").partition("-m PyInstaller")[0]
    names = [name for name in clean_environment(0) if name.startswith("PYTHON")]
    assert len(names) == 3
    assert [name for name in names if not re.search(sets.format(name), before, re.MULTILINE)] == []


@pytest.mark.parametrize("action", ["remove", "upgrade", "abort-install", "failed-upgrade", "disappear"])
def test_only_a_purge_ever_deletes_and_only_after_its_question(tmp_path: Path, action: str) -> None:
    script = (LINUX / "debian" / "postrm").read_text("utf-8")
    home = tmp_path / "home"
    (home / ".local/share/cmms-field").mkdir(parents=True)
    environment = {**os.environ, "PATH": f"{fake_programs(tmp_path, home)}:{os.environ['PATH']}"}
    ran = script.replace("/usr/share/debconf/confmodule", str(confmodule(tmp_path, "true")))
    assert run_script(ran, action, environment) == 0
    assert (home / ".local/share/cmms-field").exists(), action


@pytest.mark.parametrize(("answer", "stays"), [("true", False), ("false", True), ("", True)])
def test_a_purge_does_what_was_answered(tmp_path: Path, answer: str, stays: bool) -> None:
    script = (LINUX / "debian" / "postrm").read_text("utf-8")
    home = tmp_path / "home"
    (home / ".local/share/cmms-field/plant").mkdir(parents=True)
    (home / ".local/share/another").mkdir()
    environment = {**os.environ, "PATH": f"{fake_programs(tmp_path, home)}:{os.environ['PATH']}"}
    ran = script.replace("/usr/share/debconf/confmodule", str(confmodule(tmp_path, answer)))
    assert run_script(ran, "purge", environment) == 0
    assert (home / ".local/share/cmms-field").exists() == stays
    assert (home / ".local/share/another").exists()


def test_a_purge_without_debconf_leaves_everything(tmp_path: Path) -> None:
    script = (LINUX / "debian" / "postrm").read_text("utf-8")
    home = tmp_path / "home"
    (home / ".local/share/cmms-field").mkdir(parents=True)
    environment = {**os.environ, "PATH": f"{fake_programs(tmp_path, home)}:{os.environ['PATH']}"}
    assert run_script(script.replace("/usr/share/debconf/confmodule", "/nowhere"), "purge", environment) == 0
    assert (home / ".local/share/cmms-field").exists()


def fake_programs(folder: Path, home: Path) -> Path:
    """`getent` knows one person, and `runuser` runs as whoever runs this."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "getent").write_text(f"#!/bin/sh\necho anna:x:1000:1000::{home}:/bin/sh\n")
    (programs / "runuser").write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return programs


def confmodule(folder: Path, answer: str) -> Path:
    """Debconf as a script sees it, with an answer; empty: the question was never loaded."""
    file = folder / "confmodule"
    get = f"RET={answer}" if answer else "return 10"
    calls = [f"db_{name}() {{ :; }}" for name in ("fset", "input", "go", "purge", "stop")]
    file.write_text("\n".join([*calls, f"db_get() {{ {get}; }}"]) + "\n")
    return file


def run_script(text: str, action: str, environment: dict[str, str]) -> int:
    return subprocess.run(["sh", "-c", text, "postrm", action], env=environment, check=False).returncode


@pytest.mark.skipif(bool(why_qt_is_missing()), reason=why_qt_is_missing() or "Qt is here")
def test_the_tree_has_program_texts_icons_and_profile(tmp_path: Path) -> None:
    program = tmp_path / "program"
    (program / "_internal").mkdir(parents=True)
    (program / "cmms-field").touch(0o755)
    tree = tmp_path / "tree"
    file_tree.lay_files(tree, program, RELEASE, profile=b"{}")
    file_tree.settle(tree, RELEASE.epoch_s)
    assert (tree / "usr/bin/cmms-field").resolve() == tree / "usr/lib/cmms-field/cmms-field"
    assert (tree / "usr/lib/cmms-field/cmms-field.profile").read_bytes() == b"{}"
    manual = gzip.decompress((tree / "usr/share/man/man1/cmms-field.1.gz").read_bytes()).decode()
    assert '"2023-11-14" "cmms\\-field 1.2.3"' in manual
    icons = tree / "usr/share/icons/hicolor"
    assert (icons / "48x48/apps/cmms-field.png").read_bytes().startswith(b"\x89PNG")
    assert (icons / "256x256/mimetypes/application-vnd.cmms-field.rescue.png").exists()
    assert {path.lstat().st_mtime for path in tree.rglob("*")} == {RELEASE.epoch_s}
    assert {path.relative_to(tree).parts[0] for path in tree.rglob("*")} == {"usr"}


def test_two_portable_archives_of_the_same_files_are_the_same(tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        program = tmp_path / name / "cmms-field"
        program.mkdir(parents=True)
        for file in ("z", "a", "cmms-field") if name == "first" else ("cmms-field", "a", "z"):
            (program / file).write_text(file)
        os.utime(program / "a", (1, 1) if name == "first" else (2, 2))
        made.append(make_portable(program, RELEASE, profile=b"{}", target=tmp_path / name))
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as archive:
        names = archive.getnames()
    assert names == [*sorted(names[:-1]), "cmms-field-1.2.3/cmms-field.profile"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--profile", "nowhere.json"], "cannot be read"),
        (["--profile", "."], "cannot be read"),
        (["--profile", "list.json"], "This is no profile"),
        (["--profile", "large.json"], "is larger than 64 KiB"),
        (["--profile"], "expected one argument"),
        (["--key", "nowhere.pem"], "cannot be read"),
        (["--key", "list.json"], "Others may read the key"),
        (["--source", "."], "holds no source"),
        (["--out", "list.json"], "is no folder"),
        (["--out", "list.json/made"], "is no folder"),
        (["--only", "msi"], "invalid choice: 'msi'"),
        (["--new-key", "nowhere/key.pem"], "No key can be made"),
        (["--new-key", "list.json"], "is never overwritten"),
        (["--verify", "nowhere.deb"], "cannot be read"),
        (["--verify", "list.json", "--public-key", "nowhere.pub"], "cannot be read"),
        (["--verify"], "expected at least one argument"),
        (["--prove"], "Unrecognized arguments: --prove"),
        (["--prof", "list.json"], "Unrecognized arguments"),
        (["packages"], "Unrecognized arguments"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_one_sentence_and_makes_nothing(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(build_packages, "DEMONSTRATION_KEY", tmp_path / "demonstration.pem")
    monkeypatch.setattr(build_packages, "DEMONSTRATION_PROFILE_KEY", tmp_path / "demonstration.key")
    monkeypatch.setattr(build_packages, "make_bundle", None)  # no call here gets so far
    Path("list.json").write_text("[1]")
    Path("list.json").chmod(0o644)
    Path("large.json").write_text('{"a": "' + "x" * MOST_BYTES + '"}')
    before = {path.name for path in tmp_path.iterdir()}
    out = [] if "--out" in arguments or arguments[0] in {"--new-key", "--verify"} else ["--out", "made"]
    assert build_packages.main([*arguments, *out]) == 2
    said = capsys.readouterr().err.replace(
        "Signed with the demonstration key of this check-out; --key signs with your own.\n", ""
    )
    assert sentence in said
    assert said.count("\n") == 1, said
    assert {path.name for path in tmp_path.iterdir()} - before <= {"demonstration.pem"}


def test_a_folder_that_takes_nothing_is_told_before_minutes_of_building(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_packages.os, "access", lambda *_: False)  # root may write everywhere
    monkeypatch.setattr(build_packages, "make_bundle", None)
    assert build_packages.main(["--out", str(tmp_path / "new" / "made")]) == 2
    assert capsys.readouterr().err == f"Nothing may be written in {tmp_path}.\n"
    assert not (tmp_path / "new").exists()


def test_the_program_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["--version"]) == 0
    assert re.fullmatch(r"cmms-field \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_installed_program_says_that_it_has_no_demonstration() -> None:
    without = "import sys; sys.modules['cmms_desktop.demo'] = None; from cmms_desktop.__main__ import main"
    code = f"{without}; sys.exit(main(['demo']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The demonstration is not part")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(shutil.which("makensis") is None, reason="makensis is not installed here; apt-get install nsis")
def test_the_script_of_the_windows_installer_is_compiled(tmp_path: Path) -> None:
    program = tmp_path / "program"
    (program / "_internal").mkdir(parents=True)
    (program / "cmms-field.exe").write_bytes(b"MZ")
    defined = ["-DVERSION=1.2.3", f"-DPROGRAM={program}", f"-DOUT={tmp_path / 'cmms-field-setup.exe'}"]
    command = ["makensis", "-WX", *defined, str(ROOT / "packaging/windows/cmms-field.nsi")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "cmms-field-setup.exe").read_bytes().startswith(b"MZ")


def test_every_complaint_of_lintian_that_is_overridden_has_its_reason_in_the_line_before() -> None:
    lines = (LINUX / "debian" / "lintian-overrides").read_text("utf-8").splitlines()
    overridden = [number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")]
    assert overridden
    assert [lines[number] for number in overridden if number == 0 or not lines[number - 1].startswith("# ")] == []


@pytest.mark.parametrize("system", ["windows", "macos"])
def test_what_was_never_built_here_says_so(system: str) -> None:
    assert "not built here" in (ROOT / "packaging" / system / "README.md").read_text("utf-8").splitlines()[0]
