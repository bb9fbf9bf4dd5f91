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
WITHOUT_QT = f"""#!/bin/sh
case "$*" in *"-m pip"* | *ensurepip*) exit 1 ;; esac
[ "$1" = - ] || exec {sys.executable} "$@"
shift
exec {sys.executable} -c '
import ctypes, sys
class Missing:
    def __init__(self, name): raise OSError(name)
ctypes.CDLL = Missing
exec(sys.stdin.read())' "$@"
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

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(self.project / "packaging" / "run"), *arguments],
            env={"PATH": str(self.programs), "HOME": str(self.project), **environment},
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


OFFSCREEN_LIBRARIES = {"libgl1", "libegl1", "libglib2.0-0", "libxkbcommon0", "libfontconfig1"}
WINDOW_LIBRARIES = {"libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxkbcommon-x11-0", "libxcb-xkb1"}
A_SCREEN = {"DISPLAY": ":0"}


def asked_for(answer: subprocess.CompletedProcess[str]) -> set[str]:
    """The packages in the line for the administrator."""
    assert answer.returncode == 3, answer.stderr
    assert answer.stdout == ""
    (line,) = [line for line in answer.stderr.splitlines() if "apt-get install" in line]
    return set(line.partition("--no-install-recommends ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [("demo", "--headless"), ("demo", "--json"), ("demo", "--json", "--import", "orders.csv"), ("setup",), ("lint",)],
    ids=" ".join,
)
def test_what_opens_no_window_needs_no_library_of_qt(machine: Machine, arguments: tuple[str, ...]) -> None:
    machine.install("python3", WITHOUT_QT)
    assert asked_for(machine.run(*arguments, **A_SCREEN)) == {"python3-pip"}


def test_the_window_of_the_demo_needs_what_a_display_needs(machine: Machine) -> None:
    machine.install("python3", WITHOUT_QT)
    for screen in (A_SCREEN, {"WAYLAND_DISPLAY": "wayland-0"}):
        assert asked_for(machine.run("demo", **screen)) > OFFSCREEN_LIBRARIES | WINDOW_LIBRARIES


def test_a_demo_without_a_display_installs_nothing_that_could_not_help(machine: Machine) -> None:
    machine.install("python3", WITHOUT_QT)
    assert asked_for(machine.run("demo")) == {"python3-pip"}


def test_pictures_of_the_window_and_tests_need_no_display(machine: Machine) -> None:
    machine.install("python3", WITHOUT_QT)
    for answer in (
        machine.run("demo", "--screenshots", "pictures"),
        machine.run("demo", "--screenshots=pictures", "--json", **A_SCREEN),
        machine.run("demo", **A_SCREEN, QT_QPA_PLATFORM="offscreen"),
        machine.run("test"),
        machine.run("check"),
    ):
        assert asked_for(answer) > OFFSCREEN_LIBRARIES
        assert not asked_for(answer) & WINDOW_LIBRARIES


def already_installed(machine: Machine) -> None:
    """A machine on which only the tests are left to be run, and which has no display server."""
    machine.install("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    venv = machine.project / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text('#!/bin/sh\n[ "$1" != -m ] || echo tests ran\n')
    (venv / "bin" / "python").chmod(0o755)
    (venv / ".no-postgresql-15").touch()
    (venv / ".no-disk").touch()
    (venv / ".no-pgbouncer").touch()
    stamp = [str(machine.project.resolve()), f"{sys.version} {sys.base_prefix}"]
    stamp += [(machine.project / name).read_text() for name in ("packaging/requirements.lock", "pyproject.toml")]
    (venv / ".installed").write_text("\n".join(stamp[:2]) + "\n" + "".join(stamp[2:]))


def test_tests_run_where_no_display_may_be_installed(machine: Machine) -> None:
    already_installed(machine)
    answer = machine.run("test")
    assert (answer.returncode, answer.stdout) == (0, "tests ran\n"), answer.stderr
    assert "apt-get" not in answer.stderr


def test_packages_need_what_a_window_needs_because_it_goes_into_them(machine: Machine) -> None:
    machine.install("python3", WITHOUT_QT)
    assert asked_for(machine.run("package")) > OFFSCREEN_LIBRARIES | WINDOW_LIBRARIES
    for arguments in (("--verify", "a.deb"), ("--new-key", "key.pem"), ("--help",)):
        assert asked_for(machine.run("package", *arguments)) == {"python3-pip"}


def test_tools_that_build_packages_are_named_for_the_administrator(machine: Machine) -> None:
    already_installed(machine)
    machine.install("python3", f'#!/bin/sh\n[ "$1" != - ] || exit 0\nexec {sys.executable} "$@"\n')
    answer = machine.run("package")
    assert asked_for(answer) == {"binutils", "dpkg", "patchelf", "rpm"}
    assert asked_for(machine.run("package", "--prove")) > {"rpm", "lintian", "minisign"}
    assert machine.run("package", "--verify", "a.deb").returncode == 0


def test_a_display_that_cannot_be_had_is_asked_for_once(machine: Machine) -> None:
    already_installed(machine)
    machine.install("id", "#!/bin/sh\necho 0\n")
    first, second = machine.run("test"), machine.run("test")
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, "tests ran\n"), first.stderr
    assert "xvfb" in first.stderr
    assert "xvfb" not in second.stderr


def test_a_display_for_the_tests_is_installed_where_that_is_allowed(machine: Machine) -> None:
    already_installed(machine)
    machine.install("id", "#!/bin/sh\necho 0\n")
    machine.install("apt-get", '#!/bin/sh\necho "apt-get $*"\n')
    answer = machine.run("test")
    assert (answer.returncode, answer.stdout) == (0, "tests ran\n"), answer.stderr
    (line,) = [line for line in answer.stderr.splitlines() if "-y --no-install-recommends" in line]
    assert "xvfb" in line.split()


def test_a_disk_for_the_power_cuts_is_installed_where_that_is_allowed(machine: Machine) -> None:
    already_installed(machine)
    (machine.project / ".venv" / ".no-disk").unlink()
    (machine.project / ".venv" / ".no-display").touch()
    machine.install("id", "#!/bin/sh\necho 0\n")
    machine.install(
        "python3",
        f"""#!/bin/sh
case "$*" in *libfuse*) exit 1 ;; esac
exec {sys.executable} "$@"
""",
    )
    first, second = machine.run("test"), machine.run("test")
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, "tests ran\n"), first.stderr
    assert ("fuse3" in first.stderr) == Path("/dev/fuse").exists()
    assert "fuse3" not in second.stderr


def test_lists_that_cannot_be_fetched_are_waited_for_once(machine: Machine) -> None:
    already_installed(machine)
    (machine.project / ".venv" / ".no-postgresql-15").unlink()
    machine.install("id", "#!/bin/sh\necho 0\n")
    machine.install("apt-get", '#!/bin/sh\necho "apt-get $*"\nexit 100\n')
    machine.install("sed", REFUSING)
    for name in ("mkdir", "tee"):
        machine.install(name, "#!/bin/sh\nexit 0\n")
    answer = machine.run("test")
    assert (answer.returncode, answer.stdout) == (0, "tests ran\n"), answer.stderr
    assert [line.split()[-1] for line in answer.stderr.splitlines() if line.startswith("apt-get")] == ["update"]
