"""The .deb in a bare Debian: installed in silence, upgraded under a full outbox, refused backwards, removed.

In order: each test finds what those before it left.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.identity import Installation
from cmms_desktop.replica import migrate
from cmms_desktop.replica.database import ReplicaDatabase
from tests.packages.bare_root import BareRoot, may_make_one
from tests.packages.built import Built
from tests.packages.desk_inside import DATA, HOME, DeskInside, wait_for
from tests.packages.screen import Screen
from tests.support.fleet import a_fleet
from tests.support.postgres import Clusters
from tests.support.saved_release import LedgerOfToday, OldClient
from tests.support.small_site import PASSWORD
from tests.support.stoppable_server import StoppableServer, a_stoppable_server

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(bool(may_make_one()), reason=may_make_one() or "a root can be made"),
]
INSTALL: Final = ("apt-get", "install", "-y", "--no-install-recommends", "--allow-downgrades")
"""The line for a rollout, without `--allow-downgrades`."""
SECRETS: Final = ("gnome-keyring", "dbus-daemon", "dbus", "libsecret-tools")
WORK: Final = 60
"""Remarks, besides other work, that wait when the program is upgraded."""
LOADED_S: Final = 6.0
"""The page takes the keyboard when everything behind it is loaded, and nothing outside of it can see that."""


@pytest.fixture(scope="module")
def root(bare: BareRoot, proving: Path) -> Iterator[BareRoot]:
    made = bare.copied(proving / "root")
    yield made
    made.remove()
    assert not made.folder.exists()


@pytest.fixture(scope="module")
def stoppable(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[StoppableServer]:
    with a_stoppable_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


class World:
    """A technician with a device full of work that an older program made, in the root."""

    def __init__(self, root: BareRoot, fleet: Any, older_source: Path, folder: Path) -> None:
        fleet.ledger = fleet.office.ledger = LedgerOfToday(fleet.organization)
        self.fleet = fleet
        (folder / "code").symlink_to(older_source)
        release: Any = None  # its code is there already, nothing is unpacked
        url, slug = fleet.stoppable.url, fleet.organization.slug
        self.old = OldClient(release, folder, url=url, organization=slug, login="technician")
        self.desk = DeskInside(root, server_url=url, organization=slug)
        self.settings = ClientSettings(self.desk.folder, url, slug)

    def fill_outbox(self) -> None:
        """Let the older program fetch a day, and work on it without a network."""
        orders, van = self.fleet.small.order_ids, self.fleet.small.van_ids["technician"]
        self.old.run(("sync",))
        self.fleet.stoppable.stop()
        work = [("comment", orders[0], f"Remark {number}") for number in range(WORK)]
        work += [("title", orders[0], "Named before the upgrade"), ("answers", orders[0])]
        self.old.run(*work, ("use", orders[0], self.fleet.small.part_ids[0], van))
        self.desk.bring(self.old.device_folder)
        file = Path(self.old.device_folder).parent / "secrets.json"
        named = {tuple(name.split(" ", 1)): bytes.fromhex(text) for name, text in json.loads(file.read_bytes()).items()}
        self.desk.keep_secrets(named)

    def replica(self) -> tuple[Path, bytes]:
        here = Installation(self.settings, self.old.secrets(), clock=self.fleet.clock, profile=keys.CHEAPEST)
        (person,) = here.people()
        key = here.unlock(person.person_id, PASSWORD).replica_key
        return self.settings.replica_path(person.person_id), key

    def ask(self, query: str) -> list[Any]:
        """Ask a copy of the replica, so that nothing of it is touched."""
        path, key = self.replica()
        copy = self.desk.root.folder.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(path.parent, copy)
        with ReplicaDatabase.open(copy / path.name, key) as database, database.reader() as handle:
            return handle.cursor.execute(query).fetchall()

    def waiting(self) -> list[Any]:
        return self.ask("SELECT mutation_id, body FROM outbox ORDER BY mutation_id")

    def revision(self) -> str:
        return str(self.ask("SELECT version_num FROM alembic_version")[0][0])

    def digests(self) -> dict[str, str]:
        files = [path for path in sorted(self.desk.folder.rglob("*")) if path.is_file() and "-shm" not in path.name]
        return {
            str(path.relative_to(self.desk.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }


@pytest.fixture(scope="module")
def world(root: BareRoot, stoppable: StoppableServer, older: tuple[Built, Path], proving: Path) -> Iterator[World]:
    folder = proving / "old-client"
    folder.mkdir()
    with a_fleet(stoppable) as fleet:
        yield World(root, fleet, older[1], folder)


def installed(root: BareRoot) -> str:
    return root.run("dpkg-query", "-W", "-f=${Version} ${Status}", "cmms-field", may_fail=True).stdout


def install(root: BareRoot, built: Built) -> None:
    root.run(*INSTALL, root.take_in(built.deb))
    assert installed(root) == f"{built.version} install ok installed"


def test_one_silent_line_installs_it_and_nothing_of_it_lies_outside_of_usr(root: BareRoot, built: Built) -> None:
    install(root, built)
    assert root.run("cmms-field", "--version").stdout == f"cmms-field {built.version.split('-')[0]}\n"
    files = root.run("dpkg", "-L", "cmms-field").stdout.splitlines()
    assert [path for path in files if not path.startswith("/usr") and path != "/."] == []
    assert {"/usr/bin/cmms-field", "/usr/share/applications/cmms-field.desktop"} <= set(files)
    assert root.run("apt-get", "check").returncode == 0


def test_without_settings_or_display_it_says_so_in_one_sentence(root: BareRoot) -> None:
    settings = {"CMMS_SERVER_URL": "https://127.0.0.1:1", "CMMS_ORGANIZATION": "plant"}
    for env in ({}, settings):
        done = root.run("cmms-field", env=env, may_fail=True)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "no display" in done.stderr


def test_its_window_opens_with_what_the_package_depends_on_and_no_more(
    root: BareRoot, screen: Screen, proving: Path, pictures: Path
) -> None:
    env = {
        "DISPLAY": screen.name,
        "CMMS_SERVER_URL": "https://127.0.0.1:1",
        "CMMS_ORGANIZATION": "plant",
        "HOME": "/srv",
    }
    log = proving / "bare.log"
    running = root.start("cmms-field", env=env, log=log)
    try:
        screen.window()
        wait_for("the page", lambda: (root.folder / "srv" / DATA).exists() or running.poll() is None, within_s=5)
        pictures.mkdir(parents=True, exist_ok=True)
        screen.picture(pictures / "bare.png")
        assert running.poll() is None, log.read_text()
    finally:
        running.kill()
        running.wait()
    assert "Traceback" not in log.read_text()


def test_menu_entry_file_type_and_manual_page_are_good(root: BareRoot) -> None:
    root.run(*INSTALL, "desktop-file-utils", "shared-mime-info", "man-db", "libglib2.0-bin")
    root.run("desktop-file-validate", "/usr/share/applications/cmms-field.desktop")
    (root.folder / "srv/anna-2026-11-29.cmms-rescue").write_bytes(b"cmms-rescue/1\n")
    told = root.run("gio", "info", "-a", "standard::content-type", "/srv/anna-2026-11-29.cmms-rescue").stdout
    assert "application/vnd.cmms-field.rescue" in told
    page = root.run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "/usr/share/man/man1/cmms-field.1.gz")
    assert "Work orders" in page.stdout.title().replace("Work Orders", "Work orders")
    assert page.stderr == ""


def test_a_purge_without_people_leaves_nothing(root: BareRoot) -> None:
    root.run("apt-get", "purge", "-y", "cmms-field")
    assert installed(root) == ""
    assert not (root.folder / "usr/lib/cmms-field").exists()


def test_an_older_program_opens_the_work_that_it_has_made(
    world: World, older: tuple[Built, Path], screen: Screen, proving: Path, pictures: Path
) -> None:
    root = world.desk.root
    root.run(*INSTALL, *SECRETS)
    install(root, older[0])
    world.fill_outbox()
    assert len(world.waiting()) >= WORK
    with world.desk.at_work(screen, proving / "older.log"):
        sign_in(world, screen, pictures / "older.png")
    assert len(world.waiting()) >= WORK


def test_an_upgrade_in_place_keeps_every_change_that_waits(
    world: World, built: Built, screen: Screen, proving: Path, pictures: Path
) -> None:
    before, files, revision = world.waiting(), world.digests(), world.revision()
    install(world.desk.root, built)
    assert world.digests() == files, "the package touches nothing of a person"
    with world.desk.at_work(screen, proving / "upgraded.log"):
        sign_in(world, screen, pictures / "upgraded.png")
    assert world.revision() == migrate.newest(migrate.MIGRATIONS) > revision
    assert world.waiting() == before


def test_an_older_program_refuses_the_newer_store_and_leaves_it_untouched(
    world: World, older: tuple[Built, Path], screen: Screen, proving: Path, pictures: Path
) -> None:
    install(world.desk.root, older[0])
    before, files = world.waiting(), world.digests()
    with world.desk.at_work(screen, proving / "downgraded.log"):
        sign_in(world, screen, pictures / "downgraded.png", opens=False)
    changed = {name for name, digest in world.digests().items() if files.get(name) != digest}
    assert {name for name in changed if "replica.db" in name} == set()
    assert world.waiting() == before


def test_a_program_that_is_replaced_while_its_window_is_open_says_so_and_touches_nothing(
    world: World, older: tuple[Built, Path], built: Built, screen: Screen, proving: Path, pictures: Path
) -> None:
    install(world.desk.root, built)
    files = world.digests()
    with world.desk.at_work(screen, proving / "replaced.log"):
        time.sleep(LOADED_S)
        install(world.desk.root, older[0])
        sign_in(world, screen, pictures / "replaced.png", opens=False)
    changed = {name for name, digest in world.digests().items() if files.get(name) != digest}
    assert {name for name in changed if "replica.db" in name} == set()


def test_after_the_next_upgrade_all_of_it_reaches_the_server(
    world: World, built: Built, screen: Screen, proving: Path, pictures: Path
) -> None:
    install(world.desk.root, built)
    made = {mutation_id for mutation_id, _ in world.waiting()}
    query = "select mutation_id::text from applied_mutation where organization_id = %s"
    organization = world.fleet.organization

    def answered() -> set[str]:
        return {mutation_id for (mutation_id,) in organization.ask(query, organization.id)}

    assert not made & answered()
    world.fleet.stoppable.start()
    with world.desk.at_work(screen, proving / "sent.log"):
        sign_in(world, screen, pictures / "sent.png")
        wait_for("the whole outbox at the server", lambda: made <= answered())
    texts = [row["text"] for row in organization.rows("comment")]
    assert sorted(text for text in texts if text.startswith("Remark ")) == sorted(f"Remark {n}" for n in range(WORK))


def test_removing_keeps_the_work_of_people_and_so_does_a_purge_that_nobody_answers(world: World, built: Built) -> None:
    root, files = world.desk.root, world.digests()
    root.run("apt-get", "remove", "-y", "cmms-field")
    assert not (root.folder / "usr/lib/cmms-field").exists()
    assert world.digests() == files
    root.run("apt-get", "purge", "-y", "cmms-field")
    assert world.digests() == files
    assert installed(root) == ""


def test_a_purge_that_is_told_so_deletes_the_work_of_people_and_nothing_else_of_theirs(
    world: World, built: Built
) -> None:
    root = world.desk.root
    install(root, built)
    (root.folder / HOME.lstrip("/") / "own.txt").write_text("hers")
    root.run("debconf-set-selections", text="cmms-field cmms-field/forget-people boolean true\n")
    root.run("apt-get", "purge", "-y", "cmms-field")
    assert not world.desk.folder.exists()
    assert (root.folder / HOME.lstrip("/") / "own.txt").exists()


def sign_in(world: World, screen: Screen, picture: Path, *, opens: bool = True) -> None:
    """Type the one person's password; her store is opened then, or it is not and the page says why."""
    window = screen.window()
    time.sleep(LOADED_S)
    screen.type(window, PASSWORD)
    if opens:
        wait_for("her store", lambda: any(world.desk.folder.rglob("replica.db-wal")))
    time.sleep(LOADED_S)
    screen.picture(picture)
    assert any(world.desk.folder.rglob("replica.db-wal")) == opens
