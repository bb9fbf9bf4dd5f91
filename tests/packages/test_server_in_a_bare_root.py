"""The server's .deb on a bare Debian with systemd: a pilot as its page tells, a device, an update, removal, purge.

In order: each test finds what those before it left. The administrator there types the pages' own lines, with sudo.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.source_tree import ROOT
from tests.packages.bare_root import BareRoot, may_make_one
from tests.packages.booted import Booted, booted, why_not
from tests.packages.built import SERVER_REVISIONS, check_out_older, git
from tests.packages.desk_inside import wait_for
from tests.support.admin_pages import SERVER, commands

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(bool(may_make_one() or why_not()), reason=may_make_one() or why_not() or "one can be made"),
]
INIT: Final = ("systemd", "systemd-sysv", "dbus", "sudo")
FROM_DEBIAN: Final = ("nginx-light", "postgresql", "pgbouncer")
ADMIN: Final = "/home/admin"
HOST: Final = "sync.north.example"
HOSTS: Final = f"127.0.0.1 localhost bare {HOST}\n"
UNIT: Final = "cmms-sync-server"
SETTINGS: Final = f"/etc/{UNIT}/server.env"
DEVICE: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cmms_desktop.app.desk import Desk
from cmms_desktop.config import settings_from_profile
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.profile.taking import Profiles
folder, profile, code = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), sys.argv[3]
profiles = Profiles(folder, (), clock=lambda: datetime.now(UTC))
taken = profiles.take(profiles.offer(profile))
settings = settings_from_profile(taken, {"CMMS_DATA_FOLDER": str(folder)}, home=folder)
desk = Desk(settings, MemoryStore(), profile=keys.CHEAPEST)
with desk.open("ben", "a password of his own", code=code) as workplace:
    workplace.engine.sync(with_photos=False)
    print(workplace.identity.device_signer.device_id)
"""


class Pilot:
    """The machine, its administrator, and what he was shown."""

    def __init__(self, machine: Booted, packages: tuple[Path, Path]) -> None:
        self.machine, (self.older, self.newer) = machine, packages
        self.shown: list[str] = []

    def type(self, line: str, *, installs: Path | None = None) -> str:
        """Type a line as the administrator, in his home; `installs` is the file that NEW stands for."""
        if installs is not None:
            shutil.copy(installs, self.machine.root.folder / ADMIN.lstrip("/") / "cmms-sync-server_NEW_amd64.deb")
        done = self.machine.type(f"cd {ADMIN} && exec runuser -u admin -- sh -c {shlex.quote(line)}")
        self.shown += done.stdout.splitlines()
        return done.stdout

    def unit(self, name: str) -> str:
        """A property of the unit, as systemd shows it."""
        return self.machine.type(f"systemctl show --value -p {name} {UNIT}").stdout.strip()

    def answers(self) -> bool:
        """Whether the server answers through the proxy, with a certificate that the pilot's authority has signed."""
        asked = (
            f"import ssl, urllib.request as u; c = ssl.create_default_context(cafile='/etc/{UNIT}/tls/ca.crt');"
            f" print(u.urlopen('https://{HOST}/readyz', context=c, timeout=10).status)"
        )
        return self.machine.type(f"python3 -c {shlex.quote(asked)}", may_fail=True).stdout.strip() == "200"

    def schema(self) -> str:
        query = "select version_num from alembic_version"
        return self.type(f"sudo -u postgres psql -At -d cmms_field -c {shlex.quote(query)}").strip()


@pytest.fixture(scope="module")
def packages(proving: Path) -> Iterator[tuple[Path, Path]]:
    """The server of before the newest revision of its database, and today's."""
    source = proving / "older-server-source"
    check_out_older(source, SERVER_REVISIONS)
    script = "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:2]; import build_deb; "
    script += "print(build_deb.build(Path(sys.argv[2]), Path(sys.argv[3])))"
    made = []
    try:
        for name, tree in (("older-server", source), ("server", ROOT)):
            command = [sys.executable, "-c", script, ROOT / "packaging/server", proving / name, tree]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            made.append(Path(done.stdout.strip()))
        yield made[0], made[1]
    finally:
        git("worktree", "remove", "--force", str(source))


@pytest.fixture(scope="module")
def pilot(bare: BareRoot, proving: Path, packages: tuple[Path, Path]) -> Iterator[Pilot]:
    root = bare.copied(proving / "server-root")
    try:
        root.run("apt-get", "install", "-y", "--no-install-recommends", *INIT)
        root.run("useradd", "--create-home", "--shell", "/bin/sh", "admin")
        (root.folder / "etc/sudoers.d/admin").write_text("admin ALL=(ALL:ALL) NOPASSWD: ALL\n")
        (root.folder / "etc/hostname").write_text("bare\n")
        (root.folder / "etc/hosts").write_text(HOSTS)
        # Started, it has a network of its own that leads nowhere: what Debian gives is there before.
        root.run("apt-get", "install", "-y", "--download-only", root.take_in(packages[1]), *FROM_DEBIAN)
        with booted(root, proving / "server-boot.log") as machine:
            yield Pilot(machine, packages)
    finally:
        root.remove()


def test_the_pilots_page_sets_it_up_under_systemd(pilot: Pilot) -> None:
    for line in commands("pilot.md"):
        pilot.type(line, installs=pilot.older)
    assert pilot.unit("ActiveState") == "active"
    assert pilot.type("systemctl is-enabled cmms-sync-server || true").strip() == "enabled"
    wait_for("an answer through the proxy", pilot.answers)
    assert [line for line in pilot.shown if line.startswith(f"https://{HOST}/enrol#")]
    assert "ben" in pilot.type("sudo cmms-sync-server activity list --organization north")


def test_its_process_may_do_next_to_nothing(pilot: Pilot) -> None:
    status = pilot.machine.type(f"cat /proc/{pilot.unit('MainPID')}/status").stdout
    said = dict(re.findall(r"^(\w+):\s+(.*)$", status, re.MULTILINE))
    assert (said["NoNewPrivs"], said["Seccomp"]) == ("1", "2")
    assert {said[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert said["Uid"].split()[0] == pilot.machine.type(f"id -u {UNIT}").stdout.strip() != "0"
    seen = f"/proc/{pilot.unit('MainPID')}/root"
    assert pilot.machine.type(f"ls -A {seen}{ADMIN}", may_fail=True).returncode != 0, "no home of anybody"
    for place in ("/usr/lib/cmms-sync-server", "/etc/cmms-sync-server", "/var/lib"):
        refused = pilot.machine.type(f"touch {seen}{place}/tried", may_fail=True)
        assert "Read-only" in refused.stderr, place
    assert pilot.machine.type(f"ls {seen}/dev/tty0 {seen}/dev/vda", may_fail=True).returncode != 0
    assert pilot.unit("MemoryDenyWriteExecute") == "yes"
    judged = pilot.machine.type(f"systemd-analyze security --threshold=15 --no-pager {UNIT}.service", may_fail=True)
    assert judged.returncode == 0, judged.stdout[-400:]


def test_a_device_with_the_pages_profile_and_link_signs_in_and_synchronizes(pilot: Pilot, proving: Path) -> None:
    profile = pilot.machine.root.folder / "etc/cmms-field/cmms-field.profile"
    link = [line for line in pilot.shown if "login=ben" in line][-1]
    folder = proving / "ben"
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {DEVICE}"
    done = pilot.machine.outside(sys.executable, "-c", script, str(folder), str(profile), link, hosts=HOSTS)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() in pilot.type("sudo cmms-sync-server device list --organization north")


def test_an_update_as_the_page_tells_changes_the_schema_and_keeps_everything(pilot: Pilot) -> None:
    before, devices = pilot.schema(), pilot.type("sudo cmms-sync-server device list --organization north")
    lines = commands("rollout.md", SERVER)
    first = max(number for number, line in enumerate(lines) if "cmms-sync-server_NEW" in line)
    assert "restart cmms-sync-server" in lines[-1]
    for line in lines[first:]:
        pilot.type(line, installs=pilot.newer)
    assert pilot.schema() > before
    wait_for("an answer of the newer one", pilot.answers)
    assert pilot.type("sudo cmms-sync-server device list --organization north") == devices
    assert pilot.unit("NRestarts") == "0"


def test_behind_pgbouncer_it_answers_as_before(pilot: Pilot) -> None:
    lines = [line for line in commands("rollout.md", SERVER) if "pgbouncer" in line.lower()]
    assert len(lines) == 6
    for line in lines:
        pilot.type(line)
    pilot.type("sudo systemctl restart cmms-sync-server")
    wait_for("an answer through PgBouncer", pilot.answers)
    assert "6432" in pilot.type(f"sudo grep PGBOUNCER {SETTINGS}")


def test_removing_keeps_settings_keys_and_data(pilot: Pilot) -> None:
    kept = kept_files(pilot)
    pilot.type("sudo apt-get remove -y cmms-sync-server")
    assert not (pilot.machine.root.folder / "usr/lib/cmms-sync-server").exists(), "compiled modules are gone, too"
    assert pilot.machine.type("systemctl is-active cmms-sync-server", may_fail=True).stdout.strip() == "inactive"
    assert not list((pilot.machine.root.folder / "etc/systemd/system").rglob(f"{UNIT}.service"))
    assert kept_files(pilot) == kept
    pilot.type(f"sudo apt-get install -y {ADMIN}/cmms-sync-server_NEW_amd64.deb")
    pilot.type("sudo systemctl enable --now cmms-sync-server")
    wait_for("an answer after it came back", pilot.answers)


def test_a_purge_leaves_the_other_sites_of_the_proxy_alone_and_the_data_too(pilot: Pilot) -> None:
    kept = kept_files(pilot)
    pilot.type("sudo apt-get purge -y cmms-sync-server")
    assert kept_files(pilot) == kept
    pilot.type("sudo nginx -t")
    assert pilot.machine.type("systemctl --failed --no-legend --plain").stdout == ""
    told: Callable[[str], str] = lambda path: pilot.machine.type(f"ls {path}", may_fail=True).stdout  # noqa: E731
    assert UNIT not in told("/etc/nginx/sites-available") + told("/etc/nginx/sites-enabled")


def kept_files(pilot: Pilot) -> str:
    """Digests of settings, keys and data. The server stands still, or writes nothing while nobody is there."""
    places = f"/etc/{UNIT} /var/lib/{UNIT}"
    listed = pilot.machine.type(f"find {places} -type f -exec sha256sum {{}} + | sort -k 2").stdout
    assert SETTINGS in listed
    assert "secret" in listed or "key" in listed
    return listed
