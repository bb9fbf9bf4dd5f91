"""What the demonstration organizations are planned to hold, before anything is written."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from sync_server.application.maintenance import recurrence
from sync_server.application.seeding.bulk import synthetic_orders
from sync_server.application.seeding.demonstration import Plan, plan_organization
from sync_server.application.seeding.files import paper, photo
from sync_server.application.seeding.paperwork import add_paperwork
from sync_server.application.seeding.people import plan_staff
from sync_server.application.seeding.profile import HOSPITAL, PROFILES, UTILITIES, Profile
from sync_server.application.seeding.sheet import WRITERS, Sheet
from sync_server.application.seeding.upkeep import add_of_extensions, add_upkeep
from sync_server.contract.entities import REGISTRY
from sync_server.contract.entities.checklists import ITEM_KINDS
from sync_server.contract.entities.people import ROLES
from sync_server.contract.entities.work_orders import STATES
from sync_server.contract.fields import Row
from sync_server.contract.rules.checklist import missing, read_items

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.slug)


PLANS = {profile.slug: plan_organization(profile, today=MONDAY) for profile in PROFILES}


def plan(profile: Profile) -> Plan:
    return PLANS[profile.slug]


def rows(profile: Profile, entity: str) -> list[Row]:
    return list(plan(profile).content.rows(entity))


def by_id(profile: Profile, entity: str) -> dict[object, Row]:
    return {row["id"]: row for row in rows(profile, entity)}


@every_profile
def test_the_same_day_gives_the_same_rows_in_the_same_units(profile: Profile) -> None:
    again = plan_organization(profile, today=MONDAY)
    assert again.content.units == plan(profile).content.units
    assert again.summary == plan(profile).summary


@every_profile
def test_another_day_gives_the_same_ids_at_other_instants(profile: Profile) -> None:
    other = plan_organization(profile, today=TUESDAY)
    assert [list(unit) for unit in other.content.units] == [list(unit) for unit in plan(profile).content.units]
    today = plan(profile).summary.today_order_ids[0]
    orders = {row["id"]: row for row in other.content.rows("work_order")}
    assert orders[today]["scheduled_at"] == "2026-03-03T07:00:00.000000Z"
    assert by_id(profile, "work_order")[today]["scheduled_at"] == "2026-03-02T07:00:00.000000Z"


def test_the_two_organizations_share_no_id() -> None:
    ids = [{key[1] for unit in plan(profile).content.units for key in unit} for profile in PROFILES]
    assert not ids[0] & ids[1]
    assert plan(UTILITIES).content.organization_id != plan(HOSPITAL).content.organization_id


def test_the_demonstration_is_as_large_as_promised() -> None:
    counted = {
        entity: len(rows(UTILITIES, entity)) for entity in ("site", "asset", "part", "checklist_template", "work_order")
    }
    assert counted == {"site": 4, "asset": 300, "part": 60, "checklist_template": 12, "work_order": 240}


@every_profile
def test_there_are_people_in_all_roles_with_role_words_for_names(profile: Profile) -> None:
    people = plan(profile).summary.people
    assert {person.role for person in people} == set(ROLES)
    assert {str(row["name"]).split()[0] for row in rows(profile, "person")} == {
        "Technician", "Supervisor", "Planner", "Manager", "Administrator", "Customer",
    }  # fmt: skip
    assert len({person.login for person in people}) == len(people)
    assert {role: plan(profile).summary.person(role).role for role in ROLES} == {role: role for role in ROLES}


@every_profile
def test_sites_have_positions_and_fences_and_a_tree_of_locations(profile: Profile) -> None:
    for site in rows(profile, "site"):
        assert site["latitude"] is not None
        assert site["longitude"] is not None
        assert 50 <= float(str(site["fence_radius_m"])) <= 150
    locations = by_id(profile, "location")
    for location in locations.values():
        above = locations.get(location["parent_id"])
        expected = {"building": None, "area": None, "floor": "building", "room": "floor"}[str(location["kind"])]
        assert (above["kind"] if above else None) == expected
        assert above is None or above["site_id"] == location["site_id"]


@every_profile
def test_assets_form_trees_with_types_serials_and_codes(profile: Profile) -> None:
    assets = by_id(profile, "asset")

    def ancestors(asset: Row) -> Iterator[Row]:
        while asset["parent_id"] is not None:
            asset = assets[asset["parent_id"]]
            yield asset

    assert {len(list(ancestors(asset))) for asset in assets.values()} == {0, 1, 2}
    assert all(above["site_id"] == asset["site_id"] for asset in assets.values() for above in ancestors(asset))
    for name in ("code", "serial", "qr_code"):
        assert len({asset[name] for asset in assets.values()}) == len(assets)
    assert all(asset["asset_type_id"] and asset["location_id"] for asset in assets.values())
    stubs = {stub["asset_id"]: stub for stub in rows(profile, "asset_stub")}
    assert {key: stub["qr_code"] for key, stub in stubs.items()} == {key: a["qr_code"] for key, a in assets.items()}


@every_profile
def test_every_store_holds_every_part_and_every_technician_has_a_van(profile: Profile) -> None:
    locations = by_id(profile, "stock_location")
    held = defaultdict(set)
    for level in rows(profile, "stock_level"):
        held[level["stock_location_id"]].add(level["part_id"])
    parts = set(by_id(profile, "part"))
    assert all(held[key] == parts for key, row in locations.items() if row["kind"] == "store")
    vans = {row["owner_id"]: held[key] for key, row in locations.items() if row["kind"] == "van"}
    technicians = {person.person_id for person in plan(profile).summary.people if person.role == "technician"}
    assert set(vans) == technicians
    assert all(vans.values())


@every_profile
def test_a_level_is_the_sum_of_its_movements_after_every_unit(profile: Profile) -> None:
    moved: Counter[tuple[object, object]] = Counter()
    levels: dict[tuple[object, object], Decimal] = {}
    for unit in plan(profile).content.units:
        for (entity, _), row in unit.items():
            place = (row.get("stock_location_id"), row.get("part_id"))
            if entity == "stock_movement":
                moved[place] += Decimal(str(row["quantity"]))  # type: ignore[assignment]
            if entity == "stock_level":
                levels[place] = Decimal(str(row["quantity"]))
        assert {place: level for place, level in levels.items() if level != moved[place]} == {}
    assert any(row["kind"] == "usage" and row["work_order_id"] for row in rows(profile, "stock_movement"))


@every_profile
def test_templates_can_be_read_and_use_every_kind_of_item(profile: Profile) -> None:
    items = [item for row in rows(profile, "checklist_template") for item in read_items(str(row["items"]))]
    assert {item.kind for item in items} == set(ITEM_KINDS)
    assert any(item.condition for item in items)
    assert any(item.section for item in items)
    assert any(item.unit and item.minimum is not None and item.maximum is not None for item in items)
    assert any(not item.is_mandatory for item in items)


@every_profile
def test_orders_stand_in_all_states_and_every_kind_of_item_is_issued(profile: Profile) -> None:
    assert {row["status"] for row in rows(profile, "work_order")} == set(STATES)
    assert {item["kind"] for item in rows(profile, "checklist_item")} == set(ITEM_KINDS)
    issued = {row["work_order_id"] for row in rows(profile, "checklist")}
    assert issued == set(by_id(profile, "work_order"))
    assert all(item["last_value"] for item in rows(profile, "checklist_item") if item["kind"] == "number")


@every_profile
def test_orders_that_are_done_lack_no_answer_and_claim_no_signature(profile: Profile) -> None:
    items = defaultdict(list)
    for item in rows(profile, "checklist_item"):
        items[item["aggregate_id"]].append(item)
    visited = {row["work_order_id"] for row in rows(profile, "work_log") if row["ended_at"]}
    for order in rows(profile, "work_order"):
        is_done = order["status"] in ("completed", "closed")
        assert order["requires_signature"] is not is_done
        assert order["performed_signature_id"] is None
        assert (order["completed_at"] is not None) is is_done
        assert (order["closed_at"] is not None) is (order["status"] == "closed")
        if is_done:
            assert missing(items[order["id"]]) == []
            assert order["id"] in visited
        if order["status"] in ("new", "assigned"):
            assert all(item["result"] is None for item in items[order["id"]])
    assert any(item["result"] == "fail" for item in rows(profile, "checklist_item"))


@pytest.mark.parametrize(("profile", "count"), [(UTILITIES, 25), (HOSPITAL, 6)])
def test_the_first_technician_has_nothing_but_today_in_route_order(profile: Profile, count: int) -> None:
    technician = plan(profile).summary.person("technician").person_id
    mine = [row["work_order_id"] for row in rows(profile, "work_order_assignment") if row["person_id"] == technician]
    orders = [by_id(profile, "work_order")[id_] for id_ in mine]
    assert mine == list(plan(profile).summary.today_order_ids)
    assert [order["route_position"] for order in orders] == list(range(1, count + 1))
    assert {order["status"] for order in orders} == {"assigned"}
    assert {str(order["scheduled_at"])[:10] for order in orders} == {"2026-03-02"}
    assert [order["scheduled_at"] for order in orders] == sorted(str(order["scheduled_at"]) for order in orders)
    allowed = {row["site_id"] for row in rows(profile, "site_access") if row["person_id"] == technician}
    assert {order["site_id"] for order in orders} <= allowed
    assert technician not in {row["person_id"] for row in rows(profile, "team_member")}


@every_profile
def test_the_first_team_has_orders_on_a_site_that_the_first_technician_may_enter(profile: Profile) -> None:
    summary = plan(profile).summary
    technician = summary.person("technician").person_id
    allowed = {row["site_id"] for row in rows(profile, "site_access") if row["person_id"] == technician}
    assert len(summary.team_order_ids) == profile.for_team
    assert {by_id(profile, "work_order")[id_]["site_id"] for id_ in summary.team_order_ids} <= allowed


@every_profile
def test_references_point_at_rows_that_are_there_already(profile: Profile) -> None:
    there: set[tuple[str, object]] = set()
    for unit in plan(profile).content.units:
        there |= set(unit)
        for (entity, _), row in unit.items():
            for column in REGISTRY[entity].columns:
                if column.references and row[column.name] is not None:
                    assert (column.references, row[column.name]) in there


@every_profile
def test_the_same_day_gives_the_same_rows_of_the_server_and_the_same_bytes(profile: Profile) -> None:
    def sheet() -> Sheet:
        made = Sheet(plan_organization(profile, today=MONDAY).content)
        add_upkeep(made, plan_staff(made.content, profile))
        add_paperwork(made)
        if profile.extends:
            add_of_extensions(made)
        return made

    first, again = sheet(), sheet()
    assert (first.rows, first.files) == (again.rows, again.files)
    assert {table for table, _ in first.rows} <= set[str]().union(*WRITERS.values())
    photographed = {row["sha256"] for row in rows(profile, "attachment")}
    assert photographed <= first.files.keys()
    assert all(file.sha256 == digest for digest, file in first.files.items())


def test_photos_and_papers_can_be_opened() -> None:
    assert photo("a") != photo("b")
    drawn, chunks = photo("a").content[8:], {}
    while drawn:
        length, body = int.from_bytes(drawn[:4], "big"), drawn[4:]
        assert zlib.crc32(body[: 4 + length]) == int.from_bytes(body[4 + length : 8 + length], "big")
        chunks[body[:4]], drawn = body[4 : 4 + length], body[8 + length :]
    width, height = (int.from_bytes(chunks[b"IHDR"][at : at + 4], "big") for at in (0, 4))
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + 3 * width)
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    content = paper("Lock and tag out").content
    start = int(content.split(b"startxref\n")[1].split()[0])
    assert content[start:].startswith(b"xref\n")
    for number, line in enumerate(content[start:].split(b"\n")[3:8], start=1):
        assert content[int(line.split()[0]) :].startswith(b"%d 0 obj" % number)


@every_profile
def test_schedules_stand_where_their_rules_come_next(profile: Profile) -> None:
    made = Sheet(plan(profile).content)
    add_upkeep(made, plan_staff(made.content, profile))
    (row,) = (row for table, row in made.rows if table == "maintenance_schedule" and row.get("rule"))
    first = recurrence.first_of(date.fromisoformat(str(row["starts_on"])), int(str(row["minute_of_day"])))
    assert recurrence.checked_rule(str(row["rule"]), first) == row["rule"]
    done = {str(row["occurrence"]) for table, row in made.rows if table == "maintenance_occurrence"}
    (last,) = (datetime.fromisoformat(each) for each in done)
    coming = recurrence.next_coming(str(row["rule"]), first, since=last + timedelta(minutes=1))
    assert coming is not None
    assert recurrence.key_of(coming) == row["next_local"]
    assert coming.date() > MONDAY + timedelta(days=13)
    assert recurrence.next_coming(str(row["rule"]), first, since=last) == last


def test_synthetic_orders_repeat_and_are_as_long_as_those_of_the_bare_pipe() -> None:
    made = list(synthetic_orders(50, site_id="5" * 36, asset_ids=["6" * 36]))
    assert made == list(synthetic_orders(50, site_id="5" * 36, asset_ids=["6" * 36]))
    assert len({row["id"] for row in made}) == len({row["number"] for row in made}) == 50
    average = sum(len(str(list(row.values()))) for row in made) / 50
    assert 600 < average < 900
