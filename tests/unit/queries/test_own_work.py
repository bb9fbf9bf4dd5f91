"""Whose order it is, where parts lie, and following an order up: what the pages ask beside the order itself."""

from decimal import Decimal

import pytest

from cmms_desktop.application.commands.follow_ups import raise_follow_up
from cmms_desktop.application.commands.parts import use_part
from cmms_desktop.application.queries.own_work import order_rights
from cmms_desktop.application.queries.parts_list import part_card, parts_list
from cmms_desktop.application.queries.parts_page import parts_page
from cmms_desktop.errors import Refused
from cmms_desktop.ui.screens.order_parts.listing import net, used_parts
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from tests.ui.screens.office_news import bring
from tests.ui.stage import Stage
from tests.unit.queries.working import act, ask, statements_of

# ---- rights


def test_a_technician_works_on_what_is_assigned_to_him(technician: Stage) -> None:
    rights = ask(technician.replica, lambda reading: order_rights(reading, technician.order_ids[0]))
    assert (rights.is_assigned, rights.may_work, rights.may_remark) == (True, True, True)


def test_a_supervisor_reads_and_remarks_on_what_others_do(supervisor: Stage) -> None:
    rights = ask(supervisor.replica, lambda reading: order_rights(reading, supervisor.order_ids[0]))
    assert (rights.is_assigned, rights.may_work, rights.may_remark) == (False, False, True)


def test_an_order_made_here_is_his_before_the_server_knows_it(technician: Stage) -> None:
    made = act(technician, lambda write: raise_follow_up(write, technician.order_ids[0], title="Replace the seal"))
    assert ask(technician.replica, lambda reading: order_rights(reading, made)).may_work


def test_the_order_of_a_team_is_that_of_its_members(technician: Stage) -> None:
    team_id, order_id = "00000000-0000-7000-8000-00000000aa01", _foreign_order(technician)
    assert not ask(technician.replica, lambda reading: order_rights(reading, order_id)).may_work
    bring(technician, *_team(technician, team_id, order_id))
    assert ask(technician.replica, lambda reading: order_rights(reading, order_id)).may_work


def test_an_order_that_is_not_here_gives_no_rights(technician: Stage) -> None:
    nobody = "00000000-0000-7000-8000-00000000ffff"
    assert not ask(technician.replica, lambda reading: order_rights(reading, nobody)).may_remark


# ---- follow-ups


def test_a_follow_up_stands_at_the_same_asset_with_an_offline_number(technician: Stage) -> None:
    order_id = technician.order_ids[0]
    made = act(technician, lambda write: raise_follow_up(write, order_id, title=" Replace the seal ", priority="high"))
    order, parent = technician.replica.get("work_order", made), technician.replica.get("work_order", order_id)
    assert order is not None
    assert parent is not None
    assert (order["title"], order["priority"], order["status"]) == ("Replace the seal", "high", "new")
    assert (order["asset_id"], order["parent_id"]) == (parent["asset_id"], order_id)
    assert str(order["number"]).startswith("WO-")


@pytest.mark.parametrize("title", ["", "   "])
def test_a_follow_up_says_what_has_to_be_done(technician: Stage, title: str) -> None:
    with pytest.raises(Refused, match="what has to be done"):
        act(technician, lambda write: raise_follow_up(write, technician.order_ids[0], title=title))


# ---- parts


def test_the_own_van_comes_before_the_stores_and_other_vans_are_left_out(technician: Stage) -> None:
    found = ask(technician.replica, lambda reading: parts_list(reading, "p-0055"))
    (part,) = found.rows
    assert [line.place.name for line in part.stock] == ["Van of Technician 1", "Store East", "Store North"]
    assert (str(part.in_van.normalize()), found.has_van) == ("3", True)


def test_the_list_of_the_van_holds_what_is_in_it(technician: Stage) -> None:
    found = ask(technician.replica, lambda reading: parts_list(reading, only_van=True, limit=5))
    assert (len(found.rows), found.total) == (5, 20)
    assert all(row.in_van > 0 for row in found.rows)


def test_a_card_names_the_open_orders_that_plan_the_part(technician: Stage) -> None:
    part_id = ask(technician.replica, lambda reading: parts_list(reading, "p-0055")).rows[0].id
    card = ask(technician.replica, lambda reading: part_card(reading, part_id))
    assert card is not None
    assert technician.order_ids[1] in {link.id for link in card.orders}
    assert ask(technician.replica, lambda reading: part_card(reading, "unknown")) is None


def test_the_list_needs_the_same_statements_for_one_and_for_all_parts(technician: Stage) -> None:
    one = statements_of(technician.replica, lambda reading: parts_list(reading, "p-0055"))
    assert statements_of(technician.replica, parts_list) == one


def test_used_parts_are_summed_by_part_and_place(technician: Stage) -> None:
    order_id = technician.order_ids[1]
    part = ask(technician.replica, lambda reading: parts_list(reading, "p-0055")).rows[0]
    for place, quantity in ((0, 2), (1, 1), (0, 1)):
        location_id = part.stock[place].place.id
        with technician.session.writing() as write:
            use_part(write, order_id, part.id, stock_location_id=location_id, quantity=Decimal(quantity))
    page = ask(technician.replica, lambda reading: parts_page(reading, order_id))
    assert page is not None
    assert [int(net(moves)) for moves in used_parts(page.movements)] == [3, 1]


def _foreign_order(stage: Stage) -> str:
    """An order that is on the device, and not as one of his own: made by the office without a server in between."""
    order_id = "00000000-0000-7000-8000-00000000bb01"
    like = stage.replica.get("work_order", stage.order_ids[0])
    assert like is not None
    values = {**like, "id": order_id, "aggregate_id": order_id, "number": "WO-FOREIGN"}
    bring(stage, ("work_order", completed(REGISTRY["work_order"], values)))
    with stage.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE member SET scope_id = 'review:elsewhere' WHERE aggregate_id = ?", (order_id,))
    return order_id


def _team(stage: Stage, team_id: str, order_id: str) -> list[tuple[str, Row]]:
    def made(entity: str, number: int, root: str, **values: Scalar) -> tuple[str, Row]:
        row_id = team_id if entity == "team" else f"00000000-0000-7000-8000-00000000cc{number:02x}"
        at = {"created_at": "2026-03-12T06:00:00.000000Z", "updated_at": "2026-03-12T06:00:00.000000Z", "version": 1}
        return entity, completed(REGISTRY[entity], {**at, "id": row_id, "aggregate_id": root, **values})

    return [
        made("team", 0, team_id, name="Night shift"),
        made("team_member", 1, team_id, team_id=team_id, person_id=stage.person_id),
        made("work_order_assignment", 2, order_id, work_order_id=order_id, team_id=team_id),
    ]
