"""Two records with one code: neither is refused, the later is marked, and the office renames or links one of them."""

import pytest

from cmms_desktop.application.commands import assets, sign_off
from cmms_desktop.application.commands.shared_codes import link_asset, rename_code
from cmms_desktop.application.queries.assets_page import asset_card
from cmms_desktop.application.queries.order import order_page
from cmms_desktop.errors import Refused
from tests.support.fault_transport import Fault
from tests.support.fleet import Fleet, FleetDevice
from tests.support.history_steps import INK
from tests.support.order_work import answer_all, finish, refused, start
from tests.support.second_site import add_second_site


def found(device: FleetDevice, code: str, name: str) -> str:
    """Somebody finds an asset that nobody knows, and makes a card for it."""
    with device.write() as write:
        return write.create("asset", {"site_id": device.fleet.small.site_id, "code": code, "name": name})


def deliver(fleet: Fleet, *devices: FleetDevice) -> None:
    """Send after days, every push twice; then everybody reads."""
    fleet.clock.advance(days=3)
    for device in devices:
        device.online()
        device.sync(Fault("none"), Fault("duplicate"))
        device.sync_well()
    for device in fleet.devices:
        device.sync_well()


def marks(fleet: Fleet) -> dict[str, bool]:
    return {str(row["name"]): bool(row["code_conflict"]) for row in fleet.organization.rows("asset")}


@pytest.mark.parametrize("first", ["One", "Two"])
def test_two_people_who_found_the_same_code_both_keep_their_card_and_the_office_renames_one(
    fleet: Fleet, first: str
) -> None:
    technician, supervisor, manager = (fleet.device(login) for login in ("technician", "supervisor", "manager"))
    for device in (technician, supervisor):
        device.offline()
    ids = {"One": found(technician, "X-9", "One"), "Two": found(supervisor, "X-9", "Two")}
    second = "Two" if first == "One" else "One"
    deliver(fleet, *((technician, supervisor) if first == "One" else (supervisor, technician)))
    assert (marks(fleet)[first], marks(fleet)[second]) == (False, True)
    with manager.workplace.replica.read() as reading:
        card = asset_card(reading, ids[second])
    assert card is not None
    assert (card.is_code_shared, card.may_rename, [twin.id for twin in card.twins]) == (True, True, [ids[first]])
    manager.offline()
    with manager.write() as write:
        rename_code(write, "asset", ids[first], "X-10")
    deliver(fleet, manager)
    assert not any(marks(fleet).values()), "who waited for the code has it now"
    assert manager.see("asset", ids[second])["code_conflict"] is False
    fleet.assert_converged()


def test_a_second_card_of_one_asset_is_linked_to_the_first_with_its_orders(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    small = fleet.small
    order_id = small.order_ids[0]
    technician.offline()
    second = found(technician, small.asset_code, "Pump one, again")
    with technician.write() as write:
        write.set("work_order", order_id, asset_id=second)
    deliver(fleet, technician)
    assert supervisor.see("asset", second)["code_conflict"] is True
    supervisor.offline()
    with supervisor.write() as write:
        assert link_asset(write, second, small.asset_id) == 1
    deliver(fleet, supervisor)
    assert fleet.office.order(order_id)["asset_id"] == small.asset_id
    with technician.workplace.replica.read() as reading:
        scanned = reading.cursor.execute(
            "SELECT asset_id FROM asset_stub WHERE deleted_at IS NULL AND code = ?", (small.asset_code,)
        ).fetchall()
    assert scanned == [(small.asset_id,)]
    fleet.assert_converged()


def test_what_was_signed_keeps_its_card_when_two_cards_become_one(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    small = fleet.small
    closed, signed, _, still_open = small.order_ids[:4]
    technician.offline()
    second = found(technician, small.asset_code, "Pump one, again")
    for order_id in (closed, signed):
        with technician.write() as write:
            write.set("work_order", order_id, asset_id=second)
    finish(technician, closed)
    start(technician, signed)
    answer_all(technician, signed)
    with technician.write() as write:
        sign_off.sign_performed(write, technician.workplace.hand, signed, strokes=INK)
    deliver(fleet, technician)
    with supervisor.write() as write:
        sign_off.approve(write, supervisor.workplace.hand, closed)
    with supervisor.write() as write:
        write.set("work_order", still_open, asset_id=second)
    with supervisor.write() as write:
        assert link_asset(write, second, small.asset_id) == 1
    deliver(fleet, supervisor)
    orders = [fleet.office.order(order_id) for order_id in (closed, signed, still_open)]
    assert [order["status"] for order in orders[:2]] == ["closed", "in_progress"]
    assert [order["asset_id"] for order in orders] == [second, second, small.asset_id]
    assert [order["is_signature_stale"] for order in orders] == [False, False, False]
    fleet.assert_converged()


def test_cards_of_two_sites_are_never_made_one(fleet: Fleet) -> None:
    """The office of one site would point its orders to what its site does not hold."""
    site_id = add_second_site(fleet.small)
    elsewhere = next(str(row["id"]) for row in fleet.organization.rows("asset") if row["site_id"] == site_id)
    manager = fleet.device("manager")
    second = found(manager, "PUMP-2", "Pump of this site")
    deliver(fleet, manager)
    assert manager.see("asset", second)["code_conflict"] is True
    for asset_id, other_id in ((second, elsewhere), (elsewhere, second)):
        with manager.workplace.replica.read() as reading:
            card = asset_card(reading, asset_id)
        assert card is not None
        assert (card.is_code_shared, card.may_rename, card.twins) == (True, True, ())
        refused(manager, "invalid_value", lambda write, a=asset_id, b=other_id: link_asset(write, a, b))
    assert manager.see("asset", elsewhere)["deleted_at"] is None


def test_two_orders_with_one_number_are_two_until_the_office_renames_one(fleet: Fleet) -> None:
    technician, supervisor = fleet.device("technician"), fleet.device("supervisor")
    values = {"number": "WO-77", "title": "Second", "site_id": fleet.small.site_id}
    with technician.write() as write:
        first = write.create("work_order", {**values, "title": "First"})
    with supervisor.write() as write:
        second = write.create("work_order", values)
    deliver(fleet, technician, supervisor)
    assert supervisor.see("work_order", second)["code_conflict"] is True
    with technician.write() as write, pytest.raises(Refused, match="Only the office"):
        rename_code(write, "work_order", first, "WO-78")
    with supervisor.write() as write, pytest.raises(Refused, match="Enter the new code"):
        rename_code(write, "work_order", second, "  ")
    supervisor.offline()
    with supervisor.write() as write:
        rename_code(write, "work_order", second, " WO-78 ")
    deliver(fleet, supervisor)
    stands = supervisor.see("work_order", second)
    assert (stands["number"], stands["code_conflict"]) == ("WO-78", False)
    assert technician.see("work_order", first)["number"] == "WO-77"
    fleet.assert_converged()


def test_an_order_about_a_deleted_asset_goes_on_and_says_what_it_is_about(fleet: Fleet) -> None:
    """A reference to what is deleted is kept: also by a device that never saw it, and by work that names it later."""
    technician = fleet.device("technician")
    small = fleet.small
    technician.offline()
    with technician.write() as write:
        identified = assets.identify(write, small.order_ids[1], small.asset_code)
        assets.link(write, small.order_ids[1], identified)
        write.set("work_order", small.order_ids[1], title="Work on it")
    fleet.office.delete("asset", small.asset_id)
    deliver(fleet, technician)
    newcomer = fleet.device("technician")
    for device in (technician, newcomer):
        for order_id in small.order_ids[:2]:
            order = device.see("work_order", order_id)
            assert order["asset_id"] == small.asset_id
            with device.workplace.replica.read() as reading:
                page = order_page(reading, order_id)
            assert page is not None
            assert page.asset_id == small.asset_id
    fleet.assert_converged()
