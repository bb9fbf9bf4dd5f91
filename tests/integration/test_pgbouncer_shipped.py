"""The PgBouncer settings that are shipped, and the users that the command writes: a device works through them."""

import os
import signal
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from sync_server.app import make_app
from sync_server.application.organizations import create_organization, create_person, set_password
from sync_server.authz.passwords import Passwords
from sync_server.storage.child_process import KeptChild, run_as
from tests.support.command_line import commands_of
from tests.support.device_side import Client, Device
from tests.support.free_port import free_port
from tests.support.nginx import SHIPPED
from tests.support.pgbouncer import PATIENCE_S, PROGRAM, wait_for_pgbouncer
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import PASSWORD, Server, services_for, serving

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer")


def ini_for(folder: Path, port: int, database: str, host: str, server_port: str) -> str:
    text = (SHIPPED / "pgbouncer.ini").read_text()
    for shipped, here in (
        ("cmms_field = host=127.0.0.1 port=5432", f"{database} = host={host} port={server_port}"),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("/etc/cmms-sync-server/", f"{folder}/"),
    ):
        assert shipped in text, f"{shipped} is not in the shipped file"
        text = text.replace(shipped, here)
    return text


def test_a_device_signs_in_and_syncs_through_the_shipped_settings(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = commands_of(server, monkeypatch, capsys)
    target = conninfo_to_dict(server.owner_url)
    with tempfile.TemporaryDirectory(prefix="cmms-pgbouncer-") as name:
        folder, port = Path(name), free_port()
        users = folder / "pgbouncer-users.txt"
        assert run("pgbouncer-users", str(users))[0] == 0
        assert stat.S_IMODE(users.stat().st_mode) == 0o640
        database, host = str(target["dbname"]), str(target["host"])
        ini = folder / "pgbouncer.ini"
        ini.write_text(ini_for(folder, port, database, host, str(target.get("port", 5432))))
        user = run_as(folder / "nobody yet")
        for path in (folder, users, ini):
            if user.changes:
                os.chown(path, user.uid, user.gid)
        with (folder / "log").open("wb") as log:
            child = KeptChild([PROGRAM or "", "-q", ini], user, log=log, held_files=())
        try:
            url = f"postgresql:///{quote(database)}?host=127.0.0.1&port={port}"
            wait_for_pgbouncer(url, TEST_SECRET, child, folder / "log")
            _work_through(url, server, folder / "data")
        finally:
            if child.is_running():
                child.signal_and_wait(signal.SIGTERM, timeout_s=PATIENCE_S)


def _work_through(url: str, server: Server, data: Path) -> None:
    services = services_for(url, data, behind_pgbouncer=True)
    with (
        services.database as database,
        serving(make_app(services), end_streams=services.pokes.close) as server_url,
        httpx.Client(timeout=30) as http,
    ):
        slug = f"pooled-{Device().id[:8]}"
        organization_id = create_organization(server.database, slug, "Pooled")
        person_id = create_person(server.database, organization_id, name="Anna", role="technician")
        set_password(
            server.database,
            organization_id,
            person_id=person_id,
            login="anna",
            password=PASSWORD,
            passwords=Passwords(cheap=True),
        )
        client = Client(url=server_url, slug=slug, login="anna", http=http, device=Device())
        client.sign_in(PASSWORD)
        client.sync()
        assert http.get(f"{server_url}/readyz").status_code == 200
        assert database is services.database


def test_users_that_cannot_be_written_are_one_sentence(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, complaint = commands_of(server, monkeypatch, capsys)("pgbouncer-users", "/dev/null/users.txt")
    assert (code, told, len(complaint.splitlines())) == (2, "", 1)
