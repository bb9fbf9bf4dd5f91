"""The administrator's commands about devices, as they are typed, beside a running server."""

import json
from pathlib import Path

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.errors import Recalled
from tests.support.command_line import Run, commands_of
from tests.support.fleet import Fleet


@pytest.fixture
def run(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(fleet.stoppable.server, monkeypatch, capsys)


def test_an_administrator_sees_locks_and_revokes_devices_and_takes_over_their_work(
    fleet: Fleet, run: Run, tmp_path: Path
) -> None:
    slug, key = fleet.organization.slug, tmp_path / "recovery.key"
    named = ("--organization", slug)
    assert "has no devices" in run("device", "list", *named)[1]
    assert run("organization", "recovery-key", slug, "--out", str(key))[0] == 0
    device = fleet.device("technician")
    device_id = device.workplace.identity.device_signer.device_id
    with device.write() as write:
        values = {"work_order_id": fleet.small.order_ids[0], "text": "Refused \x9bremark.", "written_at": write.now}
        author = {"author_id": fleet.small.people["planner"]}
        write.create("comment", {**values, **author}, aggregate_id=fleet.small.order_ids[0])
    device.sync_well()
    with device.write() as write:
        remarks.add_comment(write, fleet.small.order_ids[0], "A remark.")
    fleet.clock.advance(minutes=11)
    code, told, _ = run("device", "lock", device_id[:8], *named)
    assert (code, "asks for its person's password" in told) == (0, True)
    (listed,) = json.loads(run("device", "list", *named, "--json")[1])["devices"]
    assert (listed["id"], listed["app_version"], listed["commands"]) == (device_id, "0.1.0", ["lock"])
    assert (listed["person"], listed["pending"], listed["revoked_at"]) == ("The technician", 0, None)
    assert listed["clock_offset_ms"] is not None
    with pytest.raises(Recalled):
        device.sync()
    told = run("device", "list", *named)[1]
    assert f"{device_id}  The technician" in told
    assert "1 not sent, the oldest of " in told
    told = run("device", "revoke", device_id, *named)[1]
    assert "is revoked. At its next contact it hands in, sealed" in told
    assert "It had 1 change not sent when it was last heard" in told
    device.reopen()
    with pytest.raises(Recalled):
        device.sync()
    fleet.ledger.note_wiped(device.workplace.replica, is_lost=False)
    device.close()
    fleet.devices.remove(device)
    device.finish_wipes()
    told = run("device", "list", *named)[1]
    assert "2 handed in sealed, to be taken over" in told
    assert ", 0 changes lost" in told
    other = tmp_path / "other.key"
    assert run("organization", "recovery-key", slug, "--out", str(other), "--replace")[0] == 0
    code, told, _ = run("rescue", "import-sealed", *named, "--recovery-key", str(other))
    assert (code, "One stays as it is: " in told) == (1, True), "what is sealed to another key stays"
    assert "1 sealed outbox stays, untouched; run this again when the reason is gone." in told
    code, told, _ = run("rescue", "import-sealed", *named, "--recovery-key", str(other), "--json")
    assert (code, len(json.loads(told)["failed"])) == (1, 1)
    taken = json.loads(run("rescue", "import-sealed", *named, "--recovery-key", str(key), "--json")[1])
    assert (taken["outboxes"], taken["verdicts"], taken["failed"]) == (1, {"held": 1, "rejected": 1}, [])
    sealed = ("rescue", "import-sealed", *named, "--recovery-key", str(key))
    assert run(*sealed)[:2] == (0, "0 sealed outboxes taken over. Verdicts: none. Files stored: 0.\n")
    first, kept = run(*sealed, "--again")[1].splitlines()
    assert first.endswith("Files stored: 0. 1 change in it cannot be applied:")
    assert kept.startswith("parked ")
    assert "Refused  remark." in kept
    fleet.assert_converged()


def test_a_device_that_nobody_knows_and_a_key_that_opens_nothing_are_said(
    fleet: Fleet, run: Run, tmp_path: Path
) -> None:
    named = ("--organization", fleet.organization.slug)
    assert run("device", "wipe", "0000", *named) == (2, "", "There is no such device.\n")
    assert run("device", "revoke", "0" * 36, "--stolen", *named)[0] == 2
    code, _, said = run("rescue", "import-sealed", *named, "--recovery-key", str(tmp_path / "gone"))
    assert (code, "recovery key cannot be read" in said) == (2, True)
