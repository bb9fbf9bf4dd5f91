"""Save a release as it stands: a device with work in every state, its server's database, and the client's own code.

Run once a release, in a check-out of it, and never changed afterwards:

    PYTHONPATH=CHECK-OUT python tests/releases/save_release.py CHECK-OUT tests/releases/0001

The secrets in it are those of a made-up organization, kept in the open like its password. What the day holds is
written in README.md; every test of an upgrade starts from it.
"""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cmms_desktop.application.commands import checklists, remarks
from cmms_desktop.replica import bootstrap
from cmms_desktop.sync import blob_transfer
from cmms_desktop.sync.engine import Report
from sync_server.application import pull
from sync_server.storage.migrating import current_revision
from sync_server.storage.postgres_binaries import choose_binaries
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import answer, comment, finish, retitle, start, travel, use
from tests.support.postgres import EMBEDDED, Clusters
from tests.support.server_side import a_row
from tests.support.stoppable_server import a_stoppable_server

PHOTO: Final = bytes(range(256)) * 32
CHUNK_BYTES: Final = 2_048
"""So that an upload can stop in the middle of a small photo."""
STAGED: Final = 12
"""Assets of the site that is half fetched."""
CLIENT: Final = (
    *("cmms_desktop/__init__.py", "cmms_desktop/config.py", "cmms_desktop/errors.py", "cmms_desktop/application"),
    *("cmms_desktop/credentials", "cmms_desktop/replica", "cmms_desktop/sync"),
    *("cmms_desktop/app/__init__.py", "cmms_desktop/app/desk.py"),
    *("sync_server/__init__.py", "sync_server/contract"),
)
"""The parts of the client that talk to a server; no screens."""


def a_day(fleet: Fleet) -> FleetDevice:
    """Work until something is in every state that the outbox knows; the device is closed as it stands then."""
    orders = fleet.small.order_ids
    for order_id in orders[:4]:
        fleet.office.assign(order_id, login="technician")
    device = fleet.device("technician")
    retitle(device, orders[1], "Title of the first day")
    use(device, orders[1], 2)
    answer(device, orders[1], "bar", value="4.2")
    device.sync_well()  # done
    fleet.office.edit(orders[0], description="Changed by the office.")
    finish(device, orders[2])
    fleet.office.edit(orders[2], status="cancelled")
    retitle(device, orders[0], "Edited after it was given away")
    fleet.office.assign(orders[0], login="technician2")
    device.sync_well()  # parked, held, and one in conflict
    _photo(device, orders[1])
    _stage(fleet, device)
    comment(device, orders[1], "Accepted, and not pulled yet.")
    device.workplace.engine._push_all(Report())  # acknowledged
    log_id = start(device, orders[1])
    with device.write() as write:
        checklists.pass_remaining(write, str(device.rows("checklist", orders[1])[0]["id"]))
    device.workplace.replica.seal_next(device.workplace.identity.device_signer.sign_statement)  # sealed, not sent
    comment(device, orders[1], "Waits, and was never sent.")
    with device.write() as write:
        write.set("work_log", log_id, travel_minutes=12)
    travel(device, orders[3])
    device.workplace.replica.keep_screen_notes({f"comment:{orders[1]}": "Half a remark", "page": "my_day"})
    device.close()
    return device


def _photo(device: FleetDevice, order_id: str) -> None:
    """A photo of which the server has a part."""
    with device.write() as write:
        remarks.add_photo(write, device.workplace.blobs, order_id, content=PHOTO, media_type="image/png")
    blob_transfer.BLOB_CHUNK_BYTES = CHUNK_BYTES  # type: ignore[misc]
    half = "select 1 from blob where organization_id = %s and received_bytes > 0 and complete_at is null"
    organization = device.fleet.organization
    _cut_until(device, lambda: bool(organization.ask(half, organization.id)))


def _stage(fleet: Fleet, device: FleetDevice) -> None:
    """A second site, of which the device has fetched the first slice and was cut off at the second."""
    organization = fleet.organization
    site = a_row("site", code="S2", name="Second site", time_zone="UTC")
    access = a_row(
        "site_access",
        aggregate_id=device.person_id,
        person_id=device.person_id,
        site_id=site["id"],
        role="technician",
    )
    organization.commit([("site", site), ("site_access", access)])
    for number in range(STAGED):
        asset_id = a_row("asset", site_id=site["id"])["id"]
        shared = {"site_id": site["id"], "code": f"X-{number}", "name": f"Extra {number}"}
        stub = a_row("asset_stub", asset_id=asset_id, **shared)
        asset = a_row("asset", id=asset_id, status="operational", **shared)
        organization.commit([("asset", asset), ("asset_stub", stub)])
    bootstrap.SMALL_ROWS, pull.SLICE_AGGREGATES = 0, 5  # type: ignore[misc]
    _cut_until(device, lambda: _is_half(device))


def _cut_until(device: FleetDevice, is_there: Callable[[], bool]) -> None:
    """Sync, and lose the answer to the first, second … request, until it is in the middle of something."""
    for whole in range(60):
        device.sync(*[Fault("none")] * whole, Fault("drop_answer"))
        if is_there():
            return
    raise SystemExit("the day did not come to that point")


def _is_half(device: FleetDevice) -> bool:
    staged = device.workplace.replica._staging.staged()
    device.workplace.replica._staging.close()
    return staged is not None and staged.token is not None


def _server_rows(owner_url: str) -> bytes:
    """Every row of the database, as statements that any PostgreSQL reads."""
    where = conninfo_to_dict(owner_url)
    words = ("--data-only", "--column-inserts", "--rows-per-insert=200", "--load-via-partition-root", "--no-owner")
    program = choose_binaries().folder / "pg_dump"
    command = [program, "--dbname", make_conninfo("", **where), *words, "--exclude-table=alembic_version"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _pack(target: Path, files: dict[str, bytes]) -> None:
    """Write files into one archive that says nothing of when and by whom."""
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def _under(folder: Path, *, suffix: str = "") -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob(f"*{suffix}")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if path.suffix != ".pyc"}


def _client_code(check_out: Path) -> dict[str, bytes]:
    return {
        name: content
        for part in CLIENT
        for name, content in (
            _under(check_out / part, suffix=".py")
            if (check_out / part).is_dir()
            else {"": (check_out / part).read_bytes()}
        ).items()
        for name in [f"{part}/{name}".rstrip("/")]
    }


def save(check_out: Path, target: Path) -> None:
    """Play the day and write what is left of it."""
    target.mkdir(parents=True)
    clusters = Clusters()
    with (
        tempfile.TemporaryDirectory() as folder,
        a_stoppable_server(clusters, EMBEDDED) as server,
        Fleet(server, Path(folder) / "devices") as fleet,
    ):
        device = a_day(fleet)
        files = server._services.blob_folder.parent
        facts: dict[str, Any] = {
            "organization": fleet.organization.slug,
            "login": device.login,
            "server_revision": current_revision(server._owner_url),
            "site": {
                each.name: getattr(fleet.small, each.name)
                for each in fields(fleet.small)
                if each.name != "organization"
            },
            "now": fleet.clock().isoformat(),
            "secrets": [(*name, secret.hex()) for name, secret in device.store._secrets.items()],
        }
        said = json.dumps(facts, indent=1, sort_keys=True).encode()
        _pack(target / "device.tar.xz", {f"files/{name}": each for name, each in _under(device.folder).items()})
        (target / "facts.json").write_bytes(said)
        held = {f"files/{name}": each for name, each in _under(files).items() if name.startswith("blobs")}
        _pack(target / "server.tar.xz", {"rows.sql": _server_rows(server._owner_url), **held})
        _pack(target / "client.tar.xz", _client_code(check_out))
    clusters.stop()


if __name__ == "__main__":
    save(Path(sys.argv[1]), Path(sys.argv[2]))
