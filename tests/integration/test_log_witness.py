"""Devices keep the newest signed line of the activity log: one finds a log that was cut or written anew."""

from collections.abc import Callable

import msgspec
import pytest

from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.sync import log_witness
from sync_server.application import device_care
from sync_server.contract.log_lines import LogLine, LogNews
from sync_server.routines.activity_signing import sign_news
from sync_server.storage.activity_checkpoints import hash_of
from tests.support.activity import at_liberty, chained, said, write_anew
from tests.support.command_line import commands_of
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import comment
from tests.support.restoring import Backups
from tests.support.server_side import Organization, Scene, Server


@pytest.fixture
def device(fleet: Fleet) -> FleetDevice:
    """One that has heard the last line, and is away."""
    device = fleet.device("technician")
    sign(fleet)
    fleet.clock.advance(minutes=11)
    device.sync_well()
    assert state_of(device).log_line is not None
    device.offline()
    return device


def sign(fleet: Fleet) -> None:
    services = fleet.stoppable.server.services
    sign_news(services.database, services.server_key)


def state_of(device: FleetDevice) -> SyncState:
    return device.workplace.replica.state()


def heard_lately(device: FleetDevice) -> list[tuple[str, int]]:
    return [(each.kind, each.count) for each in state_of(device).notices if each.kind == log_witness.DIFFERS]


def told_of(fleet: Fleet, device: FleetDevice) -> int | None:
    facts = device_care.device_list(fleet.organization.database, fleet.organization.id)
    return next(each.log_differs_seq for each in facts if each.id == device.id)


def come_home(device: FleetDevice, *, text: str) -> None:
    """Work and sync, whatever was heard: nothing is kept from anybody."""
    device.fleet.clock.advance(minutes=11)
    device.online()
    comment(device, device.fleet.small.order_ids[0], text)
    assert device.sync_well().verdicts == {"applied": 1}


def test_a_device_keeps_the_newest_line_that_was_signed(fleet: Fleet, device: FleetDevice) -> None:
    first = state_of(device).log_line
    fleet.organization.site()
    come_home(device, text="Nothing signed since.")
    assert state_of(device).log_line == first
    sign(fleet)
    come_home(device, text="Another one.")
    last = said(fleet.organization)[-1]
    kept = state_of(device).log_line
    assert kept is not None
    assert (kept.seq, kept.hash) == (last["seq"], last["hash"])
    assert (heard_lately(device), told_of(fleet, device)) == ([], None)


def forget_signatures(fleet: Fleet) -> None:
    with at_liberty(fleet.organization) as act:
        act("delete from activity_checkpoint where organization_id = %s", fleet.organization.id)


def written_anew(fleet: Fleet) -> None:
    write_anew(fleet.organization)


def cut_off(fleet: Fleet) -> None:
    """The last line goes, and the head and the signatures tell nothing of it."""
    lines, there = said(fleet.organization), fleet.organization
    with at_liberty(there) as act:
        act("delete from activity_log where organization_id = %s and seq = %s", there.id, len(lines))
        act("delete from activity_value where organization_id = %s and activity_seq = %s", there.id, len(lines))
        sql = "update activity_head set seq = seq - 1, hash = %s where organization_id = %s"
        act(sql, lines[-1]["previous_hash"], there.id)


@pytest.mark.expects_warnings
@pytest.mark.parametrize("how", [written_anew, cut_off])
@pytest.mark.parametrize("is_signed_again", [True, False])
def test_a_log_that_is_not_what_it_was_is_told_by_a_device_that_goes_on_working(
    fleet: Fleet,
    device: FleetDevice,
    how: Callable[[Fleet], None],
    is_signed_again: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = state_of(device).log_line
    assert kept is not None
    how(fleet)
    forget_signatures(fleet)
    if is_signed_again:
        sign(fleet)
    for text in ("Back again.", "Once more."):
        come_home(device, text=text)
        assert heard_lately(device) == [("log_differs", kept.seq)]
        assert told_of(fleet, device) == kept.seq
        assert state_of(device).log_line == kept, "it is the evidence"
    told = [record for record in caplog.records if f"a device knows line {kept.seq}" in record.getMessage()]
    assert len(told) == 1
    fleet.assert_converged()


@pytest.mark.expects_warnings
def test_a_log_that_is_what_it_was_again_is_told_no_more(
    fleet: Fleet, device: FleetDevice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    organization, run = fleet.organization, commands_of(fleet.stoppable.server, monkeypatch, capsys)
    last = said(organization)[-1]
    with at_liberty(organization) as act:
        sql = "update activity_log set hash = %s where organization_id = %s and seq = %s"
        act(sql, "0" * 64, organization.id, last["seq"])
        come_home(device, text="Changed.")
        code, listed, _ = run("device", "list", "--organization", organization.slug)
        assert (code, listed.count(f"; knows line {last['seq']} of the activity log otherwise")) == (0, 1)
        act(sql, last["hash"], organization.id, last["seq"])
    come_home(device, text="Put right.")
    assert (state_of(device).log_differs, told_of(fleet, device)) == (False, None)


def test_after_a_restore_the_line_that_is_gone_is_kept_as_evidence_and_nobody_is_blamed(
    fleet: Fleet, backups: Backups
) -> None:
    device = fleet.device("technician")
    device.sync_well()
    backup = backups.take()
    fleet.organization.site()
    sign(fleet)
    come_home(device, text="Known.")
    known = state_of(device).log_line
    assert known is not None
    device.offline()
    backups.restore(backup)
    sign(fleet)
    fleet.clock.advance(minutes=11)
    device.online()
    device.sync_well()
    now = state_of(device).log_line
    assert now is not None
    assert now.hash == said(fleet.organization)[now.seq - 1]["hash"] != known.hash
    assert state_of(device).log_before_restore == known
    assert (heard_lately(device), told_of(fleet, device)) == ([], None)


# ---- what is asked, and what is believed


@pytest.fixture
def organization(server: Server) -> Organization:
    return Scene.of(server, is_synced=False).organization


def test_what_the_server_never_signed_is_held_against_nobody(server: Server) -> None:
    scene = Scene.of(server)
    services, there = server.services, scene.organization
    sign_news(services.database, services.server_key)
    epoch, line = scene.field.hello()["epoch"], scene.field.hello()["log"]["newest"]
    wrong = [{**line, "hash": "0" * 64}, {**line, "seq": 99_999}, {**line, "seq": 2**63 - 1}, {**line, "seq": -1}]
    for claim in wrong:
        assert scene.field.hello(epoch=epoch, log=claim)["log"]["hash"] in {"", line["hash"]}
    assert scene.field.hello(epoch=epoch, log=line)["log"] == {
        "newest": line,
        "asked": line["seq"],
        "hash": line["hash"],
    }
    assert [each.log_differs_seq for each in device_care.device_list(there.database, there.id)] == [None] * 2
    neighbour = Scene.of(server)
    theirs = neighbour.field.hello(log=line)["log"]
    assert theirs["hash"] != line["hash"], "one's own log is asked, whoever signed what"


def test_a_line_of_a_month_that_was_detached_is_known_by_its_signature(organization: Organization) -> None:
    chained(organization, month="2019_05", count=3)
    old = said(organization)[2]
    with at_liberty(organization) as act:
        sql = "insert into activity_checkpoint values (%s, %s, %s, now(), 'signed')"
        act(sql, organization.id, old["seq"], old["hash"])
        act("delete from activity_log where organization_id = %s and seq <= 3", organization.id)  # as if detached
    with organization.database.transaction("worker", organization.id) as connection:
        assert [hash_of(connection, organization.id, seq) for seq in (2, 3, 4)] == [
            "",
            old["hash"],
            said(organization)[0]["hash"],
        ]


class Kept:
    """A replica that only remembers."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.notices: list[str] = []

    def remember(self, **values: object) -> None:
        self.values |= values

    def notify(self, kind: str, *, count: int = 0) -> None:
        self.notices.append(f"{kind} {count}")


LINE = LogLine(seq=5, hash="a" * 64, signed_at="2026-03-02T08:00:00.000000Z", signature="x")


@pytest.mark.parametrize(
    "news",
    [
        None,  # of an older server
        LogNews(newest=LINE, asked=4, hash=""),  # an answer to an earlier question
        LogNews(newest=msgspec.structs.replace(LINE, seq=6), asked=5, hash=LINE.hash),  # signed by nobody
        LogNews(newest=None, asked=5, hash=LINE.hash),
    ],
)
def test_what_proves_nothing_changes_nothing(news: LogNews | None) -> None:
    kept = Kept()
    state = SyncState(epoch="E", log_line=LINE, server_key="A" * 43)
    log_witness.heard(kept, state, news, epoch="E")  # type: ignore[arg-type]
    assert (kept.values, kept.notices) == ({}, [])
