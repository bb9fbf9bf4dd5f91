"""A second site beside the small one: a technician of its own, a pump, a van, two orders. The manager sees both."""

from sync_server.application.organizations import Login, set_passwords
from sync_server.authz.passwords import Passwords
from sync_server.contract.fields import Row
from tests.support.server_side import a_row
from tests.support.small_site import PASSWORD, VAN_STOCK, SmallSite, checklist_of, purchase

LOGIN = "technician3"


def add_second_site(small: SmallSite) -> str:
    """Write it through the unit of work and enter it in `small`; give the site's id."""
    organization = small.organization
    site = a_row("site", code="S2", name="Far site", time_zone="UTC")
    site_id = str(site["id"])
    person = a_row("person", name=f"The {LOGIN}", role="technician")
    person_id = small.people[LOGIN] = str(person["id"])
    access = a_row("site_access", aggregate_id=person_id, person_id=person_id, site_id=site_id, role="technician")
    van = a_row("stock_location", site_id=site_id, owner_id=person_id, kind="van", code="VAN-3", name="Van three")
    small.van_ids[LOGIN] = str(van["id"])
    asset = a_row("asset", site_id=site_id, code="PUMP-2", name="Pump two", status="operational")
    organization.commit([("site", site), ("person", person), ("site_access", access), ("asset", asset)])
    organization.commit([("stock_location", van)])
    for part_id in small.part_ids:
        organization.commit(purchase(small.van_ids[LOGIN], part_id, VAN_STOCK))
    for number in (6, 7):
        organization.commit(_order(small, number, site_id=site_id, asset_id=str(asset["id"])))
    login = Login(person_id, LOGIN, PASSWORD)
    set_passwords(organization.database, organization.id, logins=[login], passwords=Passwords(cheap=True))
    return site_id


def _order(small: SmallSite, number: int, *, site_id: str, asset_id: str) -> list[tuple[str, Row]]:
    order = a_row(
        "work_order",
        number=f"WO-{number:04}",
        title=f"Order {number}",
        description=f"Order {number} as planned.",
        status="assigned",
        site_id=site_id,
        asset_id=asset_id,
        route_position=number,
    )
    order_id = str(order["id"])
    small.order_ids.append(order_id)
    assignment = a_row(
        "work_order_assignment", aggregate_id=order_id, work_order_id=order_id, person_id=small.people[LOGIN]
    )
    return [("work_order", order), ("work_order_assignment", assignment), *checklist_of(order_id)]
