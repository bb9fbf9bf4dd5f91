"""The client of each saved release, its own code in a process of its own, against the server of today."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.replica.sync_state import Filling
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.version import MUTATION, ROWS
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.order_work import comment, use
from tests.support.saved_release import FIRST, LedgerOfToday, OldClient, SavedRelease
from tests.support.server_side import NOW

pair = pytest.mark.parametrize("release", [FIRST], ids=lambda release: release.name)


def old_client(fleet: Fleet, release: SavedRelease, folder: Path) -> OldClient:
    fleet.ledger = fleet.office.ledger = LedgerOfToday(fleet.organization)
    url, slug = fleet.stoppable.url, fleet.organization.slug
    return OldClient(release, folder, url=url, organization=slug, login="technician")


def today(fleet: Fleet, old: OldClient) -> FleetDevice:
    """The same installation, its program updated."""
    device = FleetDevice(fleet, "technician", old.device_folder, store=old.secrets(), skew=timedelta())
    fleet.devices.append(device)
    return device


def results(fleet: Fleet) -> list[tuple[Any, ...]]:
    query = "select mutation_id::text, status, result from applied_mutation where organization_id = %s order by 1"
    return fleet.organization.ask(query, fleet.organization.id)


def require_same_as_server(fleet: Fleet, told: dict[str, Row], entity: str) -> None:
    """Every column that the old program knows has the server's value."""
    assert told
    for row_id, row in told.items():
        there = fleet.organization.stands(entity, row_id)
        assert {name: there[name] for name in row} == row


@pair
def test_invariant_27_every_old_client_new_server_pair_keeps_1_to_4(
    fleet: Fleet, release: SavedRelease, tmp_path: Path
) -> None:
    """1: nothing of its work is lost; 2, 3: sent twice it counts once, with the same verdicts; 4: both are the same."""
    orders, van = fleet.small.order_ids, fleet.small.van_ids["technician"]
    old = old_client(fleet, release, tmp_path)
    first, versions = old.run(("sync",), ("versions",))
    assert first["rows"] > 0
    assert versions["mutation"] < MUTATION
    assert versions["rows"] < ROWS
    office = fleet.device("supervisor")
    comment(office, orders[0], "From the office, with columns that the old program does not know.")
    office.sync_well()
    work = (
        *(("title", orders[0], "Old title"), ("comment", orders[0], "Old remark"), ("answers", orders[0])),
        ("use", orders[0], fleet.small.part_ids[0], van),
    )
    assert old.run(*work) == [None] * 4
    shutil.copytree(tmp_path / "device", tmp_path / "before")
    sent = old.run(("sync",), ("sync",), ("states",))
    assert sent[0]["verdicts"] == {"applied": 4}
    assert sent[1:] == [{"verdicts": {}, "rows": 0, "healed": 0, "pushed": 0}, {}]
    before = results(fleet)
    shutil.rmtree(tmp_path / "device")
    (tmp_path / "before").rename(tmp_path / "device")  # as if no answer had ever come
    entities = ("work_order", "comment", "checklist_item", "stock_movement", "stock_level")
    again = old.run(("sync",), ("sync",), ("states",), *(("rows", entity) for entity in entities))
    assert again[:3] == sent
    assert results(fleet) == before
    texts = [row["text"] for row in fleet.organization.rows("comment")]
    assert texts.count("Old remark") == 1
    for entity, told in zip(entities, again[3:], strict=True):
        require_same_as_server(fleet, told, entity)
    fleet.assert_converged()


@pair
def test_an_old_installation_that_is_updated_gets_the_new_columns_of_what_it_has_and_nothing_else(
    fleet: Fleet, release: SavedRelease, tmp_path: Path
) -> None:
    order_id = fleet.small.order_ids[0]
    office = fleet.device("technician2")
    fleet.office.assign(order_id, for_team=True)
    for login in ("technician", "technician2"):
        fleet.office.join_team(login)
    office.sync_well()
    comment(office, order_id, "Made with today's program.")
    use(office, order_id, 1)
    office.sync_well()
    old = old_client(fleet, release, tmp_path)
    old.run(("sync",), ("comment", order_id, "Waits while the program is updated."))
    device = today(fleet, old)
    lacking = [row["offset_ms"] for row in device.rows("comment", order_id)]
    assert lacking == [None, None]
    report = device.sync_well()
    assert (report.bootstrapped, report.healed, report.pushed) == ([], 0, 1)
    assert report.pulled_rows <= 3, "its own remark, and what comes with it"
    assert report.filled == len([1 for entity in REGISTRY for row in _says_more(fleet, entity)])
    texts = {row["text"]: row["offset_ms"] for row in device.rows("comment", order_id)}
    assert None not in texts.values()
    assert device.workplace.replica.state().rows == ROWS
    assert device.sync_well().filled == 0
    fleet.assert_converged()


@pair
def test_an_old_program_goes_on_with_the_rows_that_it_knows_of_an_asset_with_meters(
    fleet: Fleet, release: SavedRelease, tmp_path: Path
) -> None:
    """It cannot count rows of a kind that it does not know: it fetches the asset again when that changes."""
    named = {"asset_id": fleet.small.asset_id, "aggregate_id": fleet.small.asset_id}
    meter = fleet.organization.add("meter", name="Pressure", unit="bar", **named)
    old = old_client(fleet, release, tmp_path)
    first, *others, assets = old.run(*(("sync",) for _ in range(4)), ("rows", "asset"))
    assert first["rows"] > 0
    assert [each["pushed"] for each in others] == [0, 0, 0]
    assert max(each["rows"] for each in others) <= 2
    require_same_as_server(fleet, assets, "asset")
    assert old.run(("comment", fleet.small.order_ids[0], "Work goes on."), ("sync",))[1]["verdicts"] == {"applied": 1}
    device = today(fleet, old)
    device.sync_well()
    assert device.see("meter", str(meter["id"]))["name"] == "Pressure"
    fleet.assert_converged()


@pair
def test_invariant_7_remarks_that_an_old_program_took_in_leave_with_their_asset_once_it_is_updated(
    fleet: Fleet, release: SavedRelease, tmp_path: Path
) -> None:
    """One asset left while the old program ran, one leaves later; it holds rows that it does not count to an asset."""
    gone, stays = (
        fleet.organization.stands("asset", fleet.small.asset_id),
        fleet.organization.add("asset", site_id=fleet.small.site_id, code="P-2", name="Pump 2"),
    )
    orders, author_id = fleet.small.order_ids, fleet.small.people["technician"]
    fleet.organization.change("work_order", orders[1], asset_id=stays["id"])
    for asset in (gone, stays):
        said = dict.fromkeys(("asset_id", "aggregate_id"), asset["id"])
        fleet.organization.add("comment", text=asset["code"], author_id=author_id, written_at=NOW, **said)
    old = old_client(fleet, release, tmp_path)
    old.run(("sync",))
    for order_id in orders:
        if fleet.organization.stands("work_order", order_id)["asset_id"] == gone["id"]:
            fleet.organization.change("work_order", order_id, asset_id=None)
    _, told = old.run(("sync",), ("rows", "comment"))
    assert {row["text"] for row in told.values() if row["work_order_id"] is None} == {gone["code"], stays["code"]}
    device = today(fleet, old)
    device.sync_well()
    assert device.rows("comment", str(gone["id"])) == []
    assert [row["asset_id"] for row in device.rows("comment", str(stays["id"]))] == [stays["id"]]
    fleet.organization.change("work_order", orders[1], asset_id=None)
    device.sync_well()
    assert device.rows("comment", str(stays["id"])) == []
    fleet.assert_converged()


def _says_more(fleet: Fleet, entity: str) -> list[Row]:
    """Rows with a value in a column of today."""
    names = [column.name for column in REGISTRY[entity].added(since=1, upto=ROWS)]
    return [row for row in fleet.organization.rows(entity) if any(row[name] is not None for name in names)]


def test_a_fill_that_is_cut_anywhere_goes_on_where_it_was(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.application.filling.SLICE_AGGREGATES", 2)
    office = fleet.device("supervisor")
    for order_id in fleet.small.order_ids[:2]:
        comment(office, order_id, "One more.")
    office.sync_well()
    old = old_client(fleet, FIRST, tmp_path)
    old.run(("sync",))
    device = today(fleet, old)
    seen: list[Filling | None] = []
    for whole in range(60):
        fault = Fault(("drop_answer", "kill_after", "truncate")[whole % 3])
        outcome = device.sync(*[Fault("none")] * (whole % 6), fault)
        seen.append(device.workplace.replica.state().filling)
        if getattr(outcome, "filled", None) == 0 and seen[-1] is None:
            break
    device.sync_well()
    assert device.workplace.replica.state().rows == ROWS
    assert len({filling.after for filling in seen if filling is not None}) > 1, "it was never cut in the middle"
    fleet.assert_converged()
