"""`sh packaging/run` on machines that lack something: it says who must do what, and keeps standard output clean."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

TOOLS = ("cat", "cmp", "cp", "dirname", "env", "head", "id", "rm", "uname")
WITHOUT_PIP = f"""#!/bin/sh
case "$*" in *"-m pip"* | *ensurepip*) exit 1 ;; esac
exec {sys.executable} "$@"
"""
OFFLINE_PIP = f"""#!/bin/sh
case "$*" in *"-m pip --version") exit 0 ;; *"-m pip "*) exit 1 ;; esac
exec {sys.executable} "$@"
"""
REFUSING = "#!/bin/sh\nexit 1\n"


class Machine:
    """A copy of the project and the only programs that its command can find."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.programs / name).symlink_to(found)
        shutil.copytree(ROOT / "packaging", self.project / "packaging")
        shutil.copy(ROOT / "pyproject.toml", self.project)

    def install(self, name: str, script: str) -> None:
        program = self.programs / name
        program.unlink(missing_ok=True)
        program.write_text(script)
        program.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(self.project / "packaging" / "run"), *arguments],
            env={"PATH": str(self.programs), "HOME": str(self.project)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.install("id", "#!/bin/sh\necho 1000\n")
    made.install("sudo", REFUSING)
    made.install("apt-get", REFUSING)
    made.install("python3", WITHOUT_PIP)
    return made


def test_without_rights_it_names_the_line_for_the_administrator(machine: Machine) -> None:
    answer = machine.run("setup")
    assert answer.returncode == 3, answer.stderr
    assert "  apt-get update && apt-get install -y --no-install-recommends python3-pip\n" in answer.stderr
    assert answer.stdout == ""
    assert not (machine.project / ".venv").exists()


def test_with_rights_a_failing_apt_ends_with_the_line_to_run_by_hand(machine: Machine) -> None:
    machine.install("id", "#!/bin/sh\necho 0\n")
    answer = machine.run("demo", "--json")
    assert answer.returncode == 3, answer.stderr
    assert "could not install" in answer.stderr
    assert "apt-get install -y --no-install-recommends python3-pip" in answer.stderr
    assert answer.stdout == ""


def test_without_apt_it_names_the_packages(machine: Machine) -> None:
    (machine.programs / "apt-get").unlink()
    answer = machine.run("setup")
    assert answer.returncode == 3, answer.stderr
    assert "python3-pip" in answer.stderr


def test_an_old_python_is_refused_with_the_version_that_is_needed(machine: Machine) -> None:
    machine.install("python3", REFUSING)
    answer = machine.run("test")
    assert answer.returncode == 3, answer.stderr
    assert "Python 3.11 or newer" in answer.stderr


def test_an_unreachable_index_ends_with_a_sentence(machine: Machine) -> None:
    machine.install("python3", OFFLINE_PIP)
    answer = machine.run("setup")
    assert answer.returncode == 3, answer.stderr
    assert "could not be fetched" in answer.stderr
    assert not (machine.project / ".venv" / ".installed").exists()


def test_an_unknown_task_is_a_wrong_call(machine: Machine) -> None:
    answer = machine.run("everything")
    assert answer.returncode == 2
    assert "sh packaging/run TASK" in answer.stderr


def test_help_needs_nothing_installed(machine: Machine) -> None:
    (machine.programs / "python3").unlink()
    answer = machine.run("help")
    assert answer.returncode == 0
    assert "sh packaging/run TASK" in answer.stderr
