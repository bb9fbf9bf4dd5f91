"""A rescue file: everything unsent, in one file that only the organization opens, taken over once however often."""

import errno
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.application.rescue import NO_KEY, Rescued
from cmms_desktop.errors import Refused as RefusedHere
from sync_server.application import rescue
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.authz import recovery
from sync_server.cli import main
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from sync_server.errors import EnvironmentFailure, Refused, RetryLater
from tests.support.fleet import Fleet, FleetDevice, a_fleet
from tests.support.kept_logs import kept_logs
from tests.support.order_work import finish, travel
from tests.support.postgres import TEST_SECRET
from tests.support.rescue_desk import Desk, desk_of, write

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (BLOB_CHUNK_BYTES // 100)


@pytest.fixture
def desk(fleet: Fleet, tmp_path: Path) -> Desk:
    return desk_of(fleet, tmp_path)


@pytest.fixture
def device(desk: Desk) -> FleetDevice:
    return desk.fleet.device("technician")


def work(device: FleetDevice, order_id: str) -> str:
    """Travel, say something, take a photo; give the digest of the photo."""
    travel(device, order_id)
    with device.write() as writing:
        remarks.add_comment(writing, order_id, "The label is hard to read.")
        return remarks.add_photo(writing, device.workplace.blobs, order_id, content=PHOTO, media_type="image/png")


@pytest.fixture
def written(desk: Desk, device: FleetDevice, tmp_path: Path) -> Rescued:
    """A file of work that was done without a network."""
    device.offline()
    work(device, desk.fleet.small.order_ids[0])
    return write(device, tmp_path / "work.cmms-rescue")


def statuses(fleet: Fleet) -> list[tuple[str, int]]:
    return fleet.organization.ask(
        "select status, count(*) from applied_mutation where organization_id = %s group by status order by status",
        fleet.organization.id,
    )


def test_unsent_work_reaches_the_server_by_file_and_an_ordinary_sync_finds_it_taken(
    desk: Desk, device: FleetDevice, tmp_path: Path
) -> None:
    device.offline()
    sha256 = work(device, desk.fleet.small.order_ids[0])
    unsent = device.waiting
    written = write(device, tmp_path / "work.cmms-rescue")
    assert (written.changes, written.files, written.missing) == (unsent, 1, 0)
    assert unsent > 2

    taken = desk.take(Path(written.path))

    assert (taken.verdicts, taken.files) == ({"applied": unsent}, 1)
    before = statuses(desk.fleet)
    report = device.sync_well()
    assert report.pushed == unsent, "the device asks, and gets the same verdicts"
    assert statuses(desk.fleet) == before
    supervisor = desk.fleet.device("supervisor")
    assert supervisor.workplace.blobs.read(sha256) == PHOTO
    desk.fleet.assert_converged()


def test_a_file_comes_twice_and_after_the_device_itself(desk: Desk, device: FleetDevice, written: Rescued) -> None:
    device.sync_well()
    before = statuses(desk.fleet)
    assert desk.take(Path(written.path)).verdicts == desk.take(Path(written.path)).verdicts
    assert statuses(desk.fleet) == before
    desk.fleet.assert_converged()


def test_what_was_made_after_the_file_goes_on_from_it(desk: Desk, device: FleetDevice, tmp_path: Path) -> None:
    order_id = desk.fleet.small.order_ids[0]
    device.offline()
    work(device, order_id)
    written = write(device, tmp_path / "first.cmms-rescue")
    with device.write() as writing:
        remarks.add_comment(writing, order_id, "And the door sticks.")
    later = write(device, tmp_path / "second.cmms-rescue")
    desk.take(Path(later.path))
    desk.take(Path(written.path))
    device.sync_well()
    desk.fleet.assert_converged()


def test_work_of_a_revoked_device_is_held_for_a_person(desk: Desk, device: FleetDevice, written: Rescued) -> None:
    device_id = device.workplace.identity.device_signer.device_id
    desk.fleet.organization.ask(
        "update device set revoked_at = clock_timestamp() where organization_id = %s and id = %s returning 1",
        desk.fleet.organization.id,
        device_id,
    )
    taken = desk.take(Path(written.path))
    assert taken.verdicts == {"held": written.changes}


def test_changes_that_the_server_refused_are_in_the_file_to_be_read(
    desk: Desk, device: FleetDevice, tmp_path: Path
) -> None:
    order_id = desk.fleet.small.order_ids[0]
    finish(device, order_id)
    desk.fleet.office.edit(order_id, status="cancelled")
    device.sync_well()
    written = write(device, tmp_path / "work.cmms-rescue")
    kept = rescue.read_rescue(Path(written.path), desk.key).kept
    assert {(each.state, each.code) for each in kept} >= {("parked", "illegal_transition")}
    assert any("signature.create" in each.body for each in kept)
    assert desk.take(Path(written.path)).kept == tuple(kept)


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"x",
        lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
        lambda content: content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
        lambda _: b"",
        lambda _: b"not a rescue file at all",
    ],
    ids=["a byte short", "half", "a byte more", "box flipped", "frame flipped", "empty", "foreign"],
)
def test_a_damaged_file_changes_nothing(
    desk: Desk, tmp_path: Path, harm: Callable[[bytes], bytes], written: Rescued
) -> None:
    before = statuses(desk.fleet)
    damaged = tmp_path / "damaged.cmms-rescue"
    damaged.write_bytes(harm(Path(written.path).read_bytes()))
    with pytest.raises(Refused, match="Nothing was taken over"):
        desk.take(damaged)
    assert statuses(desk.fleet) == before


def test_frames_in_another_order_are_no_file(desk: Desk, tmp_path: Path, written: Rescued) -> None:
    content = Path(written.path).read_bytes()
    head, frame = len(recovery.MAGIC) + recovery.BOX_BYTES, 4 + recovery.FRAME_BYTES + recovery.TAG_BYTES
    first, second = content[head : head + frame], content[head + frame : head + 2 * frame]
    assert len(second) == frame, "the photo fills several frames"
    swapped = tmp_path / "swapped.cmms-rescue"
    swapped.write_bytes(content[:head] + second + first + content[head + 2 * frame :])
    with pytest.raises(Refused, match="Nothing was taken over"):
        desk.take(swapped)


def test_no_other_key_and_no_other_organization_opens_it(desk: Desk, written: Rescued) -> None:
    with pytest.raises(Refused, match="does not open"):
        Desk(desk.fleet, recovery.new_private_key()).take(Path(written.path))
    with a_fleet(desk.fleet.stoppable) as other, pytest.raises(Refused, match="another organization"):
        Desk(other, desk.key).take(Path(written.path))


def test_a_device_that_the_server_does_not_know_is_told_to_the_administrator(
    desk: Desk, device: FleetDevice, written: Rescued
) -> None:
    """As after a restore to before the device was enrolled."""
    organization, device_id = desk.fleet.organization, device.workplace.identity.device_signer.device_id
    for table in ("user_session", "device_scope", "device"):
        column = "id" if table == "device" else "device_id"
        organization.ask(
            f"delete from {table} where organization_id = %s and {column} = %s returning 1", organization.id, device_id
        )
    with pytest.raises(Refused) as refusal:
        desk.take(Path(written.path))
    assert refusal.value.sentence == rescue.NOT_ITS_DEVICE


def test_a_busy_server_says_so_and_takes_the_file_the_next_time(desk: Desk, written: Rescued) -> None:
    organization = desk.fleet.organization
    with organization.database.transaction("app_sync", organization.id) as other:
        other.execute("select 1 from org_clock where organization_id = %s for update", (organization.id,))
        with pytest.raises(RetryLater) as refusal:
            desk.take(Path(written.path))
    assert refusal.value.sentence == rescue.BUSY
    assert desk.take(Path(written.path)).verdicts == {"applied": written.changes}


def test_a_gap_in_the_chain_names_the_first_change_that_is_missing(
    desk: Desk, device: FleetDevice, tmp_path: Path
) -> None:
    device.offline()
    work(device, desk.fleet.small.order_ids[0])
    first = write(device, tmp_path / "first.cmms-rescue")
    with device.workplace.replica.database.writer() as handle:  # as if it had been purged
        handle.cursor.execute("DELETE FROM outbox WHERE device_seq = 1")
    second = write(device, tmp_path / "second.cmms-rescue")
    with pytest.raises(Refused, match="change 1 of this device first"):
        desk.take(Path(second.path))
    assert statuses(desk.fleet) == []
    desk.take(Path(first.path))
    assert desk.take(Path(second.path)).verdicts == {"applied": first.changes - 1}


def test_a_file_that_was_not_written_seals_nothing(desk: Desk, device: FleetDevice, tmp_path: Path) -> None:
    """What was typed can still be taken back."""
    device.offline()
    with device.write() as writing:
        remarks.add_comment(writing, desk.fleet.small.order_ids[0], "Wrong order.")
    (entry,) = device.workplace.replica.outbox.waiting()
    (tmp_path / "there").write_bytes(b"mine")
    with pytest.raises(RefusedHere, match="already"):
        write(device, tmp_path / "there")
    assert device.workplace.replica.outbox.withdraw(entry.mutation_id) == (entry.mutation_id,)


def test_nothing_of_the_work_can_be_read_in_the_file(desk: Desk, device: FleetDevice, tmp_path: Path) -> None:
    device.offline()
    work(device, desk.fleet.small.order_ids[0])
    content = Path(write(device, tmp_path / "work.cmms-rescue").path).read_bytes()
    assert b"label is hard" not in content
    assert PHOTO[:8] not in content
    assert b"manifest" not in content


def test_without_a_recovery_key_the_sentence_says_what_to_do(fleet: Fleet, tmp_path: Path) -> None:
    device = fleet.device("technician")
    with pytest.raises(RefusedHere) as refusal:
        write(device, tmp_path / "work.cmms-rescue")
    assert refusal.value.sentence == NO_KEY
    assert not list(tmp_path.iterdir())


def test_a_key_made_later_is_heard_of_with_the_next_session(fleet: Fleet, tmp_path: Path) -> None:
    device = fleet.device("technician")
    make_recovery_key(fleet.organization.database, fleet.organization.id, tmp_path / "recovery.key")
    device.reopen()
    device.sync_well()
    written = write(device, tmp_path / "work.cmms-rescue")
    contents = rescue.read_rescue(Path(written.path), recovery.read_private_key(tmp_path / "recovery.key"))
    assert contents.manifest is not None
    assert contents.manifest.changes == 0


def test_a_second_key_is_made_only_when_it_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    organization = desk.fleet.organization
    with pytest.raises(Refused, match="--replace"):
        make_recovery_key(organization.database, organization.id, tmp_path / "second.key")
    assert not (tmp_path / "second.key").exists()
    make_recovery_key(organization.database, organization.id, tmp_path / "second.key", replace=True)
    with pytest.raises(Refused, match="already"):
        make_recovery_key(organization.database, organization.id, tmp_path / "second.key", replace=True)


def test_a_full_disk_leaves_no_key(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organization, path = desk.fleet.organization, tmp_path / "second.key"

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(EnvironmentFailure, match="cannot be written"):
            make_recovery_key(organization.database, organization.id, path, replace=True)
    assert not path.exists()
    make_recovery_key(organization.database, organization.id, path, replace=True)


def test_a_place_that_takes_no_file_keeps_what_is_there(desk: Desk, device: FleetDevice, tmp_path: Path) -> None:
    device.offline()
    work(device, desk.fleet.small.order_ids[0])
    existing = tmp_path / "there.cmms-rescue"
    existing.write_bytes(b"mine")
    with pytest.raises(RefusedHere, match="already"):
        write(device, existing)
    assert existing.read_bytes() == b"mine"
    with pytest.raises(RefusedHere, match="does not exist"):
        write(device, tmp_path / "no folder" / "work.cmms-rescue")


def test_the_commands_of_the_administrator(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, slug = fleet.stoppable.server, fleet.organization.slug
    monkeypatch.setenv("CMMS_DATABASE_URL", server.owner_url)
    monkeypatch.setenv("CMMS_SECRET_KEY", urlsafe_b64encode(TEST_SECRET).decode().rstrip("="))
    monkeypatch.setenv("CMMS_DATA", str(server.blob_folder.parent))
    monkeypatch.setenv("CMMS_ALLOW_OLD_POSTGRES", "1")
    key, path = tmp_path / "recovery.key", tmp_path / "work.cmms-rescue"

    def run(*words: str) -> tuple[int, str, str]:
        with kept_logs():
            code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    def take(*words: str) -> tuple[int, str, str]:
        return run("rescue", "import", str(path), "--organization", slug, "--recovery-key", str(key), *words)

    code, told, _ = run("organization", "recovery-key", slug, "--out", str(key))
    assert (code, "Keep it away from the server" in told) == (0, True)
    device = fleet.device("technician")
    device.offline()
    work(device, fleet.small.order_ids[0])
    unsent = write(device, path).changes
    assert f"holds {unsent} unsent changes and 1 file." in take("--dry-run")[1]
    assert statuses(fleet) == []
    for _ in range(2):
        answer = json.loads(take("--json")[1])
        assert (answer["verdicts"], answer["files_stored"]) == ({"applied": unsent}, 1)
    assert (
        "cannot be read"
        in run("rescue", "import", str(tmp_path / "gone"), "--organization", slug, "--recovery-key", str(key))[2]
    )
    path.write_bytes(b"rubbish")
    assert take() == (2, "", f"{recovery.DAMAGED}\n")
    key.write_text("rubbish")
    assert take() == (2, "", f"{recovery.NO_KEY}\n")
    device.sync_well()
    fleet.assert_converged()
