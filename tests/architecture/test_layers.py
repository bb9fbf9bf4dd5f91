"""The layers of the house hold, and the contracts that say so have teeth."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT

LINT_IMPORTS = Path(sysconfig.get_path("scripts")) / "lint-imports"


def lint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LINT_IMPORTS), "--no-logo", "--no-cache", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)


def test_every_contract_is_kept() -> None:
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_room_that_exists_is_required() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    built = [
        f"{container}.{name}: take its parentheses off in pyproject.toml"
        for contract in settings["tool"]["importlinter"]["contracts"]
        for container in contract.get("containers", [])
        for layer in contract["layers"]
        for name in (part.strip(" ()") for part in layer.split("|") if "(" in part)
        if room_exists(ROOT.joinpath(*container.split(".")), name)
    ]
    assert built == []


def room_exists(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() or any((folder / name).glob("**/*.py"))


@dataclass(frozen=True)
class Violation:
    """A line that must not be, the file where it is planted, and the contract that sees it."""

    contract: str
    path: str
    line: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.path}"


VIOLATIONS = [
    Violation("desktop-layers", "cmms_desktop/utils.py", ""),
    Violation("desktop-layers", "cmms_desktop/replica/planted.py", "import cmms_desktop.sync"),
    Violation("desktop-layers", "cmms_desktop/application/planted_transport.py", "import cmms_desktop.sync.transport"),
    Violation("desktop-layers", "cmms_desktop/devices/planted.py", "import cmms_desktop.sync.transport"),
    Violation("server-layers", "sync_server/helpers.py", ""),
    Violation("server-layers", "sync_server/storage/planted.py", "import sync_server.application.push"),
    Violation("server-layers", "sync_server/contract/rules/planted.py", "import sync_server.storage.engine"),
    Violation("contract-layers", "sync_server/contract/entities/planted.py", "import sync_server.contract.messages"),
    Violation("contract-alone", "sync_server/contract/rules/planted_client.py", "import httpx"),
    Violation("desktop-sees-contract", "cmms_desktop/sync/planted_engine.py", "import sync_server.storage.engine"),
    Violation("desktop-libraries", "cmms_desktop/sync/planted_driver.py", "import psycopg"),
    Violation("server-without-desktop", "sync_server/http/planted.py", "import cmms_desktop.replica"),
    Violation("replica-callers", "cmms_desktop/ui/planted.py", "import cmms_desktop.replica.database"),
    Violation("plain-presenters", "cmms_desktop/ui/screens/planted/presenter.py", "from PySide6 import QtCore"),
    Violation("door-httpx", "cmms_desktop/sync/planted_client.py", "import httpx"),
    Violation("door-keyring", "cmms_desktop/application/planted_keyring.py", "import keyring"),
    Violation("door-qt", "cmms_desktop/application/planted_qt.py", "from PySide6.QtCore import QObject"),
    Violation("door-sqlcipher", "cmms_desktop/application/planted_database.py", "import sqlcipher3"),
    Violation("door-receivers", "cmms_desktop/application/planted_receiver.py", "import serial"),
    Violation("door-dateutil", "sync_server/routines/planted.py", "from dateutil.rrule import rrule"),
    Violation("door-litestar", "sync_server/application/planted.py", "from litestar import get"),
]


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, house / package, ignore=shutil.ignore_patterns("__pycache__"))
    return house


def plant(house: Path, violation: Violation) -> list[Path]:
    """Writes the violation and whatever package folders it needs; returns what was written."""
    path = house / violation.path
    written = [path]
    for folder in path.relative_to(house).parents:
        marker = house / folder / "__init__.py"
        if folder != Path() and not marker.exists() and not marker.parent.with_suffix(".py").exists():
            written.append(marker)
    for made in written:
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text("")
    path.write_text(f'"""Planted."""\n{violation.line}\n')
    return written


@pytest.fixture(scope="module")
def reports(copied_house: Path) -> dict[str, str]:
    """What each broken contract says when every violation is there at once, by the contract's id."""
    written = [path for violation in VIOLATIONS for path in plant(copied_house, violation)]
    chosen = {violation.contract for violation in VIOLATIONS}
    try:
        answer = lint(copied_house, *(word for contract in sorted(chosen) for word in ("--contract", contract)))
    finally:
        for path in written:
            path.unlink()
    assert answer.returncode == 1, answer.stdout + answer.stderr
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    ids = {contract["name"]: contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}
    _, *parts = re.split(r"^(.+)\n-+$", answer.stdout.partition("Broken contracts")[2], flags=re.MULTILINE)
    return {ids[name]: said for name, said in zip(parts[::2], parts[1::2], strict=True)}


def test_one_module_is_planted_for_each_violation() -> None:
    assert len({violation.path for violation in VIOLATIONS}) == len(VIOLATIONS)


@pytest.mark.parametrize("violation", VIOLATIONS, ids=str)
def test_a_planted_violation_turns_its_contract_red(reports: dict[str, str], violation: Violation) -> None:
    module = violation.path.removesuffix(".py").replace("/", ".")
    assert re.search(rf"{re.escape(module)}\b", reports[violation.contract]), reports[violation.contract]


def test_a_planted_circle_is_seen(copied_house: Path) -> None:
    folder = copied_house / "sync_server" / "storage"
    one, other = folder / "planted_hen.py", folder / "planted_egg.py"
    one.write_text("import sync_server.storage.planted_egg\n")
    other.write_text("import sync_server.storage.planted_hen\n")
    try:
        answer = lint(copied_house, "--contract", "no-cycles")
    finally:
        one.unlink()
        other.unlink()
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "planted_hen" in answer.stdout
