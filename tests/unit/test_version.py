"""The program's version is written once: what is installed, packaged, told and compared is that one."""

import ast
import tomllib
from importlib import metadata

import pytest
from client_packages.contents import distributions_of, metadata_entries

from cmms_desktop import __main__, version
from cmms_desktop.app.profile_door import TOO_OLD, notes_of
from cmms_desktop.application import installed
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.profile.taking import Start
from cmms_desktop.version import NOT_INSTALLED, PROGRAM, app_version
from sync_server.contract.rules.profile_checks import version_of
from tests.architecture.source_tree import ROOT
from tests.support.profiles import profile

WRITTEN = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_what_is_installed_is_the_version_of_the_source() -> None:
    assert WRITTEN["name"] == PROGRAM
    assert app_version() == WRITTEN["version"], "run `packaging/run setup` after another version was written"
    assert version_of(app_version()) > version_of(NOT_INSTALLED), "a profile's minimum_version can be compared with it"


def test_no_module_of_the_client_writes_a_version_of_its_own() -> None:
    twice = {
        path.name
        for path in sorted((ROOT / "cmms_desktop").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value == WRITTEN["version"]
    }
    assert not twice


def test_a_package_carries_the_file_that_the_version_is_read_from() -> None:
    (own,) = distributions_of((), own=PROGRAM)
    carried = {target: source for target, source, _ in metadata_entries(own)}
    (of_own,) = (source for target, source in carried.items() if target.endswith(".dist-info/METADATA"))
    with open(of_own, encoding="utf-8") as file:
        assert f"Version: {WRITTEN['version']}\n" in file


def test_a_program_that_was_not_installed_is_older_than_all_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: str) -> str:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(version.metadata, "version", missing)
    app_version.cache_clear()
    try:
        assert installed.version() == installed.UNKNOWN
        assert __main__.main(["--version"]) == 0
        taken = genuine(profile(policies={"minimum_version": "0.0.1"})).profile
        told = notes_of(Start(taken), taken, app_version())
    finally:
        app_version.cache_clear()
    assert capsys.readouterr().out == f"{PROGRAM} {installed.UNKNOWN}\n"
    assert told == (TOO_OLD.format("0.0.1", NOT_INSTALLED),)
