"""An order made of a template at the server is one commit, reaches devices whole, and forgets the template."""

import pytest

from sync_server.application.making_orders import make_of_template
from sync_server.errors import Refused
from tests.support.fleet import Fleet
from tests.support.scope_oracle import assert_index_is_right

ITEMS = '[{"key":"a","kind":"pass_fail","prompt":"Tight"},{"key":"b","kind":"text","prompt":"Seen"}]'


def test_an_order_of_a_template_is_made_whole_in_one_commit_and_stays_what_it_was(fleet: Fleet) -> None:
    small, organization = fleet.small, fleet.organization
    site, asset = organization.stands("site", small.site_id), organization.stands("asset", small.asset_id)
    checklist = organization.add("checklist_template", code="C", name="Check", items=ITEMS)
    template = organization.add(
        "work_order_template",
        name="Round",
        title="Monthly round",
        estimated_minutes=30,
        checklist_template_id=checklist["id"],
    )
    organization.add(
        "work_order_template_part",
        aggregate_id=template["id"],
        work_order_template_id=template["id"],
        part_id=small.part_ids[0],
        quantity="3.0000",
    )
    before = organization.seq()
    order_id, number = make_of_template(
        organization.database, organization.id, template_name="Round", site_code=site["code"], asset_code=asset["code"]
    )
    assert organization.seq() == before + 1
    organization.change("work_order_template", template["id"], title="Another round")
    device = fleet.device("supervisor")
    device.sync_well()
    order = device.see("work_order", order_id)
    assert (order["number"], order["title"], order["estimated_minutes"]) == (number, "Monthly round", 30)
    assert (order["asset_id"], order["site_id"]) == (small.asset_id, small.site_id)
    (part,) = [row for row in organization.rows("work_order_part") if row["aggregate_id"] == order_id]
    assert (part["part_id"], part["quantity"]) == (small.part_ids[0], "3.0000")
    items = [row for row in organization.rows("checklist_item") if row["aggregate_id"] == order_id]
    assert sorted(row["prompt"] for row in items) == ["Seen", "Tight"]
    assert_index_is_right(organization)
    fleet.assert_mirrored(fresh=())


@pytest.mark.parametrize("wrong", ["template", "site", "asset"])
def test_what_is_not_there_is_named_and_nothing_is_made(fleet: Fleet, wrong: str) -> None:
    small, organization = fleet.small, fleet.organization
    site, asset = organization.stands("site", small.site_id), organization.stands("asset", small.asset_id)
    organization.add("work_order_template", name="Round", title="Round")
    named = {"template": "Round", "site": str(site["code"]), "asset": str(asset["code"])}
    named[wrong] = "NONE"
    before = organization.seq()
    with pytest.raises(Refused, match="NONE"):
        make_of_template(
            organization.database,
            organization.id,
            template_name=named["template"],
            site_code=named["site"],
            asset_code=named["asset"],
        )
    assert organization.seq() == before
