"""The app offers what the matrix of permissions gives, for each role, near and far. The server asks the same matrix."""

from uuid import UUID, uuid5

import pytest

from cmms_desktop.application.queries.order import order_page
from cmms_desktop.application.queries.own_work import order_rights
from cmms_desktop.application.queries.review_right import review_right
from cmms_desktop.ui.screens.order.steps import FooterState, footer_of
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.people import ROLES
from sync_server.contract.fields import Row
from sync_server.contract.rules.matrix import MATRIX
from tests.support.matrix_world import EVERYWHERE, PLACES, REACH
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage
from tests.unit.queries.working import ask

AT = "2026-03-12T06:00:00.000000Z"
GUEST = "guest"
"""He holds the order, and has no role at its site."""
WORKS = {"travel", "arrive", "start", "resume", "finish", "sign", "pause", "leave", "scan"}


def stand(stage: Stage, role: str, place: str, status: str) -> str:
    """Give the person of the stage a role in a place, and his order a state; give the order's id."""
    order_id = stage.order_ids[0]
    order = stage.replica.get("work_order", order_id)
    assert order is not None
    rows = [edited(stage, "person", stage.person_id, role=role), edited(stage, "work_order", order_id, status=status)]
    with stage.replica.read() as reading:
        asked = "SELECT id, site_id FROM site_access WHERE person_id = ?"
        accesses = reading.cursor.execute(asked, (stage.person_id,)).fetchall()
    for access_id, site_id in accesses:
        is_there = site_id == order["site_id"] and place in {"holder", "at_site"}
        gone = None if is_there else AT
        rows.append(edited(stage, "site_access", access_id, role=role, deleted_at=gone))
    bring(stage, *rows)
    if place in {"at_site", "elsewhere"}:
        let_go(stage, order_id)
    return order_id


def let_go(stage: Stage, order_id: str) -> None:
    """Let the order be on the device for a review only: not assigned to him or a team of his."""
    with stage.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE member SET scope_id = 'review:elsewhere' WHERE aggregate_id = ?", (order_id,))
        gone = "UPDATE work_order_assignment SET deleted_at = '2026-03-12T06:00:00.000000Z' WHERE aggregate_id = ?"
        handle.cursor.execute(gone, (order_id,))


def given(role: str, place: str, resource: str, action: str) -> bool:
    """Whether the matrix gives it, said anew."""
    works_as = "technician" if place == GUEST and role not in EVERYWHERE | {"customer"} else role
    scope = MATRIX[resource].actions[action].get(works_as)
    if scope == "organization" and role in EVERYWHERE:
        return True
    return scope in (REACH["holder"] if place == GUEST else REACH[place])


def footer(stage: Stage, order_id: str) -> FooterState:
    page = ask(stage.replica, lambda reading: order_page(reading, order_id))
    assert page is not None
    rights = ask(stage.replica, lambda reading: order_rights(reading, order_id))
    return footer_of(page, rights, tab="summary", on_site=False)


def offered(state: FooterState) -> set[str]:
    return {action.key for action in (state.primary, state.secondary, *state.more) if action is not None}


@pytest.mark.parametrize("place", [*PLACES, GUEST])
@pytest.mark.parametrize("role", ROLES)
def test_the_app_offers_exactly_what_the_matrix_gives(technician: Stage, role: str, place: str) -> None:
    order_id = stand(technician, role, place, "assigned")
    rights = ask(technician.replica, lambda reading: order_rights(reading, order_id))
    keys = offered(footer(technician, order_id))
    is_here = place in {"holder", "at_site"} or role in EVERYWHERE
    may_make = given(role, place, "work_order", "create") and is_here
    assert rights.may_follow_up == ("follow_up" in keys) == may_make
    may_enter = given(role, place, "work_order_cost", "create") and is_here
    assert rights.may_enter_costs == ("cost" in keys) == may_enter
    remarks = given(role, place, "comment", "create") and given(role, place, "attachment", "create")
    assert rights.may_remark == remarks
    works = all(
        given(role, place, resource, action)
        for resource, action in (
            ("work_order", "work"),
            ("work_order", "complete"),
            ("work_log", "create"),
            ("checklist_item", "change"),
            ("signature", "create"),
        )
    )
    assert rights.may_work == bool(keys & WORKS) == (works and place in {"holder", GUEST})


@pytest.mark.parametrize("place", [*PLACES, GUEST])
@pytest.mark.parametrize("role", ROLES)
def test_a_review_is_offered_to_who_may_sign_off_there(technician: Stage, role: str, place: str) -> None:
    order_id = stand(technician, role, place, "completed")
    assert ("review" in offered(footer(technician, order_id))) == given(role, place, "work_order", "review")


def test_a_lost_role_is_offered_nothing_more_with_the_next_pull(technician: Stage) -> None:
    """A permission that is taken is gone from the screen as soon as the row is here."""
    order_id = stand(technician, "technician", "holder", "assigned")
    assert offered(footer(technician, order_id)) & WORKS
    bring(technician, edited(technician, "person", technician.person_id, role="customer"))
    access = [row for row in accesses(technician) if row[1] is None]
    bring(technician, *(edited(technician, "site_access", id_, role="customer") for id_, _ in access))
    assert offered(footer(technician, order_id)) == set()


def accesses(stage: Stage) -> list[tuple[str, str | None]]:
    with stage.replica.read() as reading:
        asked = "SELECT id, deleted_at FROM site_access WHERE person_id = ?"
        return [(id_, gone) for id_, gone in reading.cursor.execute(asked, (stage.person_id,)).fetchall()]


# ---- what somebody was given besides


def extra(stage: Stage, resource: str, action: str, scope: str, *, gone: str | None = None) -> tuple[str, Row]:
    row_id = str(uuid5(UUID(stage.person_id), f"{resource}.{action}"))
    values: Row = {"person_id": stage.person_id, "resource": resource, "action": action, "scope": scope}
    stamps: Row = {"created_at": AT, "updated_at": AT, "deleted_at": gone, "version": 1 if gone is None else 2}
    named: Row = {"id": row_id, "aggregate_id": row_id, **stamps, **values}
    return "person_permission", completed(REGISTRY["person_permission"], named)


def test_what_a_person_was_given_is_offered_as_soon_as_it_is_here_and_gone_when_it_is_taken(technician: Stage) -> None:
    order_id = stand(technician, "technician", "holder", "completed")
    assert "review" not in offered(footer(technician, order_id))
    right = ask(technician.replica, lambda reading: review_right(reading, order_id, technician.person_id))
    assert right is not None
    assert right.refusal == "Only a supervisor of this site can sign the work off."
    bring(technician, extra(technician, "work_order", "review", "team"))
    assert "review" in offered(footer(technician, order_id))
    given_right = ask(technician.replica, lambda reading: review_right(reading, order_id, technician.person_id))
    assert given_right is not None
    assert given_right.refusal == ""
    bring(technician, extra(technician, "work_order", "review", "team", gone=AT))
    assert "review" not in offered(footer(technician, order_id))


def test_a_guest_who_may_make_orders_of_the_organization_may_follow_up(technician: Stage) -> None:
    order_id = stand(technician, "technician", GUEST, "assigned")
    assert "follow_up" not in offered(footer(technician, order_id))
    bring(technician, extra(technician, "work_order", "create", "organization"))
    assert "follow_up" not in offered(footer(technician, order_id)), "he has no role there: it would be refused"


def test_a_person_s_permission_of_another_kind_changes_no_offer(technician: Stage) -> None:
    order_id = stand(technician, "technician", "holder", "assigned")
    before = footer(technician, order_id)
    bring(technician, extra(technician, "part", "change", "organization"), extra(technician, "meter", "burn", "site"))
    assert footer(technician, order_id) == before
