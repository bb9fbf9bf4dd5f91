"""Vendors, what is to be reordered, and where there is room: said at the office, known on devices, never in the way."""

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from cmms_desktop.application.queries.parts_list import part_card
from sync_server.application import stocking, vendors
from sync_server.application.office_stock import proposed
from sync_server.application.stocking import Reordering
from sync_server.application.vendors import Contact, Vendor
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import level_id
from sync_server.errors import Refused
from sync_server.storage.engine import SERVING_ROLES
from tests.support.command_line import Run, commands_of
from tests.support.device_side import Client
from tests.support.fleet import Fleet
from tests.support.server_side import NOW, Organization, Scene, Server, a_row, new_id

LOW, PURCHASES = "/v1/office/stock/low", "/v1/office/stock/purchases"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


@pytest.fixture
def planner(scene: Scene) -> Client:
    return scene.organization.device(scene.organization.person("planner", scene.site))


def a_place(organization: Organization, site: Row, kind: str = "store", **values: Scalar) -> Row:
    code = f"L-{new_id()[-8:]}"
    values = {"code": code, "name": f"Place {code}", **values}
    return organization.add("stock_location", site_id=site["id"], kind=kind, **values)


def a_part(organization: Organization, code: str, **values: Scalar) -> Row:
    return organization.add("part", code=code, name=f"Part {code}", **values)


def put(organization: Organization, part: Row, place: Row, quantity: str) -> None:
    """Let so much of a part lie at a place where none has been."""
    level = level_id(str(place["id"]), str(part["id"]))
    there = {"aggregate_id": level, "stock_location_id": place["id"], "part_id": part["id"], "quantity": quantity}
    rows = [("stock_level", a_row("stock_level", id=level, **there))]
    if quantity != "0":  # no movement moves nothing
        rows.append(("stock_movement", a_row("stock_movement", **there, kind="adjustment", moved_at=NOW)))
    organization.commit(rows)


def low(client: Client) -> list[tuple[str, str, str, str | None, str | None]]:
    """What runs low: code, how much is there and on its way, how much to order, and from whom."""
    response = client.request("GET", LOW)
    assert response.status_code == 200, response.text
    names = ("code", "quantity", "on_its_way", "to_order", "vendor")
    return [tuple(each[name] for name in names) for each in response.json()]  # type: ignore[misc]


def bought(client: Client, part: Row, place: Row, quantity: str, **more: Any) -> Any:
    body = {"part_id": part["id"], "stock_location_id": place["id"], "quantity": quantity, **more}
    return client.post(PURCHASES, body)


# ---- what is to be reordered


def test_what_stores_and_bins_of_a_site_hold_together_is_compared_with_the_point(scene: Scene, planner: Client) -> None:
    there, site = scene.organization, scene.site
    vendor = there.add("vendor", code="V1", name="Bearings Ltd")
    said = {"reorder_point": "5", "reorder_quantity": "4", "vendor_id": vendor["id"]}
    store, shelf, van = a_place(there, site), a_place(there, site, "bin"), a_place(there, site, "van")
    low_one, enough, unsaid = (a_part(there, code, **said) for code in ("LOW", "ENOUGH", "UNSAID"))
    there.change("part", unsaid["id"], reorder_point=None)
    put(there, low_one, store, "3")
    put(there, low_one, shelf, "2")
    put(there, low_one, van, "90")  # in somebody's van it is nobody else's stock
    put(there, enough, store, "3")
    put(there, enough, shelf, "2.0001")
    put(there, unsaid, store, "0")
    assert low(planner) == [("LOW", "5", "0", "4", "Bearings Ltd")]
    there.change("vendor", vendor["id"], deleted_at=NOW)
    there.change("part", low_one["id"], reorder_quantity=None)
    assert low(planner) == [("LOW", "5", "0", None, None)]
    there.change("stock_location", shelf["id"], deleted_at=NOW)
    assert [each[:2] for each in low(planner)] == [("ENOUGH", "3"), ("LOW", "3")]
    there.change("part", low_one["id"], deleted_at=NOW)
    assert [each[0] for each in low(planner)] == ["ENOUGH"]


def test_what_was_ordered_for_orders_is_on_its_way(scene: Scene, planner: Client) -> None:
    there = scene.organization
    store, part = a_place(there, scene.site), a_part(there, "P", reorder_point="2", reorder_quantity="10")
    put(there, part, store, "-1")
    asked = {"part_id": part["id"], "stock_location_id": store["id"], "quantity": "4"}
    request = scene.inside("part_request", **asked, status="open")
    for status, told in (("open", "0"), ("ordered", "4"), ("received", "0"), ("cancelled", "0")):
        there.change("part_request", request["id"], status=status)
        assert [each[2] for each in low(planner)] == ([] if status == "ordered" else [told])
    there.change("part_request", request["id"], status="ordered", quantity="3")
    assert low(planner) == [("P", "-1", "3", "10", None)]


@pytest.mark.parametrize(
    ("missing", "at_once", "order"), [("0", "4", "4"), ("3.9999", "4", "4"), ("4", "4", "8"), ("101", "10", "110")]
)
def test_whole_orders_are_proposed_until_it_is_above_the_point(missing: str, at_once: str, order: str) -> None:
    given = proposed(Decimal(missing), at_once=Decimal(at_once))
    assert given == Decimal(order)
    assert given > Decimal(missing) >= given - Decimal(at_once)


def test_each_site_is_told_to_its_own_office_only(scene: Scene) -> None:
    there, here = scene.organization, scene.site
    elsewhere = there.site()
    part = a_part(there, "P", reorder_point="5")
    for site in (here, elsewhere):
        put(there, part, a_place(there, site), "1")
    seen = {}
    for role in ("technician", "supervisor", "planner", "manager", "admin", "customer"):
        seen[role] = len(low(there.device(there.person(role, here))))
    assert seen == {"technician": 0, "supervisor": 1, "planner": 1, "manager": 2, "admin": 2, "customer": 0}
    outsider = Scene.of(scene.organization.server, is_synced=False).organization
    assert low(outsider.device(outsider.person("admin"))) == []


# ---- what is bought


def test_what_is_bought_is_a_movement_that_names_its_vendor(scene: Scene, planner: Client) -> None:
    there = scene.organization
    vendor, part, store = there.add("vendor", code="V", name="V"), a_part(there, "P"), a_place(there, scene.site)
    for quantity in ("2", "0.5"):
        response = bought(planner, part, store, quantity, vendor_id=vendor["id"], note="By van.")
        assert [each["status"] for each in response.json()] == ["applied"], response.text
    moved = [row for row in there.rows("stock_movement") if row["part_id"] == part["id"]]
    assert {(row["kind"], row["vendor_id"], row["created_by"]) for row in moved} == {
        ("purchase", vendor["id"], planner.person_id)
    }
    (level,) = there.rows("stock_level")
    assert level["quantity"] == "2.5000"


def test_a_place_that_has_no_room_is_told_of_and_takes_it_anyway(scene: Scene, planner: Client) -> None:
    there = scene.organization
    part, other = a_part(there, "P"), a_part(there, "Q")
    store = a_place(there, scene.site, capacity="10")
    put(there, other, store, "7.5")
    refused = bought(planner, part, store, "2.5001")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
    assert f"{store['name']} has room for 10 and holds 7.5." in refused.text
    assert bought(planner, part, store, "2.5").status_code == 200
    assert bought(planner, part, store, "1").status_code == 422
    assert bought(planner, part, store, "1", anyway=True).status_code == 200
    assert sorted(str(row["quantity"]) for row in there.rows("stock_level")) == ["3.5000", "7.5000"]
    there.change("stock_location", store["id"], capacity=None)
    assert bought(planner, part, store, "1000").status_code == 200


def test_work_is_never_refused_for_want_of_room(scene: Scene) -> None:
    """What comes from the field happened already."""
    there = scene.organization
    part, store = a_part(there, "P"), a_place(there, scene.site, capacity="1")
    scene.field.sync()
    back = scene.field.movement(store["id"], part["id"], "5", order_id=scene.order["id"], kind="return")
    assert scene.field.push_one(back)["status"] == "applied"


@pytest.mark.parametrize("quantity", ["0", "-1", "0.00004", "nan", "", "1e3", "99999999999"])
def test_a_quantity_that_is_none_is_refused(scene: Scene, planner: Client, quantity: str) -> None:
    there = scene.organization
    refused = bought(planner, a_part(there, "P"), a_place(there, scene.site), quantity)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
    assert there.rows("stock_movement") == []


def test_who_may_not_post_at_a_site_buys_nothing_there_and_learns_nothing_of_its_room(scene: Scene) -> None:
    there = scene.organization
    part, elsewhere = a_part(there, "P"), there.site()
    full, free = a_place(there, elsewhere, capacity="1"), a_place(there, elsewhere)
    client = there.device(there.person("planner", scene.site))
    answers = [bought(client, part, place, "5") for place in (full, free)]
    assert [each.status_code for each in answers] == [403, 403] or [each.status_code for each in answers] == [404, 404]
    assert answers[0].json()["code"] == answers[1].json()["code"]
    assert "room" not in answers[0].text
    assert there.rows("stock_movement") == []


# ---- vendors


def test_a_vendor_reaches_devices_and_its_contacts_reach_none(server: Server) -> None:
    scene = Scene.of(server)
    organization, database = scene.organization, server.database
    vendors.put_vendor(database, organization.id, Vendor("V1", "Bearings Ltd", "EUR"))
    vendors.put_contact(database, organization.id, "V1", Contact("Counter", "+49 30 1", "counter@vendor.example"))
    held = [row for (entity, _), row in scene.field.sync().rows.items() if entity == "vendor"]
    assert [(row["code"], row["name"], row["currency"]) for row in held] == [("V1", "Bearings Ltd", "EUR")]
    assert "counter" not in json.dumps(list(scene.field.mirror.rows.values())).lower()
    vendors.put_vendor(database, organization.id, Vendor("V1", currency=""))
    vendors.put_vendor(database, organization.id, Vendor("V1", "Bearings"))
    (row,) = organization.rows("vendor")
    assert (row["name"], row["currency"], row["version"]) == ("Bearings", None, 3)
    vendors.put_contact(database, organization.id, "V1", Contact("Counter", "+49 30 2"))
    assert vendors.vendors(database, organization.id) == [
        (Vendor("V1", "Bearings", None), [Contact("Counter", "+49 30 2", None)])
    ]


def test_somebody_at_a_vendor_is_removed_for_good(server: Server) -> None:
    organization, database = server.organization(), server.database
    vendors.put_vendor(database, organization.id, Vendor("V1", "Bearings Ltd"))
    vendors.put_contact(database, organization.id, "V1", Contact("Counter"))
    vendors.forget_contact(database, organization.id, "V1", "Counter")
    assert organization.ask("select 1 from vendor_contact where organization_id = %s", organization.id) == []
    with pytest.raises(Refused, match="Nobody of that name"):
        vendors.forget_contact(database, organization.id, "V1", "Counter")


def test_only_the_role_of_the_sign_in_sees_whom_to_ask_and_only_its_own_organization(server: Server) -> None:
    victim, attacker = server.organization(), server.organization()
    for each in (victim, attacker):
        vendors.put_vendor(server.database, each.id, Vendor("V1", "Bearings Ltd"))
    vendors.put_contact(server.database, victim.id, "V1", Contact("Counter"))
    seen = {}
    for role in SERVING_ROLES:
        for here in (victim.id, attacker.id):
            with psycopg.connect(server.owner_url) as connection:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"cmms_{role}")))
                connection.execute("SELECT set_config('app.organization_id', %s, true)", (here,))
                try:
                    found = connection.execute("SELECT count(*) FROM vendor_contact").fetchone()
                    seen[role, here] = found[0] if found else None
                except errors.InsufficientPrivilege:
                    pass
                connection.rollback()
    assert seen == {("authn", victim.id): 1, ("authn", attacker.id): 0}
    assert [contacts for _, contacts in vendors.vendors(server.database, attacker.id)] == [[]]


@pytest.mark.parametrize(
    "said",
    [
        Vendor(" ", "Bearings"),
        Vendor("V" * 61, "Bearings"),
        Vendor("V1"),
        Vendor("V1", " "),
        Vendor("V1", "B\x00"),
        Vendor("V1", "Bearings", "Euro"),
    ],
)
def test_a_vendor_that_cannot_be_is_refused_and_nothing_is_written(server: Server, said: Vendor) -> None:
    organization = server.organization()
    with pytest.raises(Refused) as refused:
        vendors.put_vendor(server.database, organization.id, said)
    assert refused.value.code == "invalid_value"
    assert (organization.rows("vendor"), organization.seq()) == ([], 0)


def test_what_is_said_of_parts_and_places_reaches_devices_once(server: Server) -> None:
    scene = Scene.of(server)
    there, database = scene.organization, server.database
    vendor = there.add("vendor", code="V1", name="V")
    part, store = a_part(there, "P"), a_place(there, scene.site, capacity="1")
    said = Reordering(Decimal(5), Decimal("2.5"), "V1")
    for _ in range(2):
        stocking.set_reordering(database, there.id, "P", said)
        place = {"site_code": str(scene.site["code"]), "place_code": str(store["code"])}
        stocking.set_capacity(database, there.id, **place, capacity=Decimal(40))
    rows = scene.field.sync().rows
    known = rows["part", str(part["id"])]
    assert [known[name] for name in ("reorder_point", "reorder_quantity", "vendor_id", "version")] == [
        *("5.0000", "2.5000"),
        vendor["id"],
        2,
    ]
    assert rows["stock_location", str(store["id"])]["capacity"] == "40.0000"
    stocking.set_reordering(database, there.id, "P", Reordering(None))
    known = scene.field.sync().rows["part", str(part["id"])]
    assert [known[name] for name in ("reorder_point", "reorder_quantity", "vendor_id")] == [None, None, None]
    a_place(there, scene.site, code=store["code"])
    with pytest.raises(Refused, match="more than one stock location"):
        stocking.set_capacity(database, there.id, **place, capacity=None)
    for wrong in (Reordering(Decimal(-1)), Reordering(Decimal(1), Decimal(0)), Reordering(Decimal("NaN"))):
        with pytest.raises(Refused) as refused:
            stocking.set_reordering(database, there.id, "P", wrong)
        assert refused.value.code == "invalid_value"


def test_a_manager_says_it_on_his_device_and_reads_it_on_the_card(fleet: Fleet) -> None:
    """Without network: the card says it at once, the server takes it, and the office lists by it."""
    organization, part = fleet.organization, fleet.small.part_ids[0]
    device = fleet.device("manager")
    device.sync_well()
    device.offline()
    with device.workplace.replica.write() as write:
        vendor = write.create("vendor", {"code": "V7", "name": "Bearings Ltd", "currency": "EUR"})
        write.set("part", part, vendor_id=vendor, reorder_point=Decimal(1000), reorder_quantity=Decimal(10))

    def said() -> tuple[object, ...]:
        with device.workplace.replica.read() as reading:
            card = part_card(reading, part)
        assert card is not None
        return card.vendor, card.reorder_point, card.reorder_quantity

    assert said() == ("Bearings Ltd", 1000, 10)
    device.sync_well()
    assert said() == ("Bearings Ltd", 1000, 10)
    assert organization.stands("part", part)["vendor_id"] == organization.rows("vendor")[0]["id"] == vendor
    admin = organization.device(organization.person("admin"))
    assert {each[4] for each in low(admin)} == {"Bearings Ltd"}


# ---- as it is typed


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_an_administrator_keeps_vendors_and_says_when_to_reorder(scene: Scene, run: Run) -> None:
    there = scene.organization
    of = ("--organization", there.slug)
    part, store = a_part(there, "P1"), a_place(there, scene.site)
    put(there, part, store, "3")
    assert run("vendor", "set", "V1", "--name", "Bearings Ltd", "--currency", "EUR", *of)[0] == 0
    assert run("vendor", "contact", "V1", "Counter", "--phone", "+49 30 1", *of)[0] == 0
    assert run("vendor", "list", *of)[1] == "V1  Bearings Ltd; EUR\n  Counter, +49 30 1\n"
    assert run("stock", "low", *of)[1] == "Nothing is to be reordered.\n"
    said = ("--at", "5", "--quantity", "4", "--vendor", "V1")
    assert run("stock", "reorder", "P1", *said, *of)[1] == "P1 is reordered at 5.\n"
    assert run("stock", "low", *of)[1] == (
        f"{scene.site['code']}  P1  Part P1: 3 each there, 0 on its way, to be reordered at 5;"
        " order 4 from Bearings Ltd\n"
    )
    (line,) = json.loads(run("stock", "low", *of, "--json")[1])["low"]
    assert (line["to_order"], line["part_id"]) == ("4", part["id"])
    where = ("--site", str(scene.site["code"]))
    code = str(store["code"])
    assert run("stock", "room", code, *where, "--for", "40", *of)[1] == f"{code} has room for 40.\n"
    assert there.stands("stock_location", store["id"])["capacity"] == "40.0000"
    assert run("vendor", "contact", "V1", "Counter", "--forget", *of)[0] == 0
    assert run("vendor", "list", *of)[1] == "V1  Bearings Ltd; EUR\n"


@pytest.mark.parametrize(
    "words",
    [
        ("vendor", "set", "V9"),
        ("vendor", "set", "V9", "--name", "N", "--currency", "Euro"),
        ("vendor", "contact", "V9", "Counter"),
        ("vendor", "contact", "V9", "Counter", "--forget"),
        ("stock", "reorder", "P9", "--at", "1"),
        ("stock", "reorder", "P1", "--at", "1", "--vendor", "V9"),
        ("stock", "reorder", "P1", "--at", "many"),
        ("stock", "reorder", "P1", "--at", "1", "--quantity", "0"),
        ("stock", "room", "L9", "--site", "S9", "--for", "1"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_nothing_is_written(
    scene: Scene, run: Run, words: tuple[str, ...]
) -> None:
    there = scene.organization
    a_part(there, "P1")
    seq = there.seq()
    code, told, said = run(*words, "--organization", there.slug)
    assert (code, told, said.count("\n")) == (2, "", 1)
    assert "Traceback" not in said
    assert (there.rows("vendor"), there.seq()) == ([], seq)
