"""The office searches weighted words of orders, assets, papers and remarks, and finds only what it may see."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_lists import whole_office_reading
from sync_server.application.office_search import MOST, found
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from tests.migrations.filling import NORTH, fill
from tests.support.device_side import Client
from tests.support.postgres import both_postgres_ends
from tests.support.server_side import NOW, Organization, Scene, Server

SEARCH = "/v1/office/search"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


@pytest.fixture
def planner(scene: Scene) -> Client:
    return scene.organization.device(scene.organization.person("planner", scene.site))


@pytest.fixture
def seen(scene: Scene) -> Iterator[Connection[TupleRow]]:
    with whole_office_reading(scene.organization.database, scene.organization.id) as connection:
        yield connection


def searched(client: Client, words: str, **more: int) -> list[tuple[str, str, str | None]]:
    """Entity, title and text of what is found, in order."""
    response = client.post(SEARCH, {"words": words, **more})
    assert response.status_code == 200, response.text
    return [(each["entity"], each["title"], each["text"]) for each in response.json()]


def ids(client: Client, words: str) -> set[str]:
    return {each["id"] for each in client.post(SEARCH, {"words": words}).json()}


def test_words_of_every_kind_are_found_and_titles_come_first(scene: Scene, planner: Client) -> None:
    there, site = scene.organization, scene.site
    by_title = there.order(site, title="Replace gasket")
    there.order(site, title="Leak", description="The gasket of pump 7 is worn.")
    asset = there.add("asset", site_id=site["id"], code="GB-17", name="Gearbox", notes="gasket renewed in spring")
    there.add(
        "asset_document", aggregate_id=asset["id"], asset_id=asset["id"], kind="manual", title="Gasket set, drawing"
    )
    scene.inside("comment", author_id=scene.technician["id"], text="Ordered a gasket today.", written_at=NOW)
    assert searched(planner, "gasket") == [
        ("work_order", "Replace gasket", None),
        ("asset_document", "Gearbox", "Gasket set, drawing"),
        *sorted(
            [("work_order", "Leak", None), ("comment", "Order", "Ordered a gasket today."), ("asset", "Gearbox", None)],
            key=lambda each: each[0],
            reverse=True,
        ),
    ]
    assert ids(planner, str(by_title["number"])) == {by_title["id"]}


@pytest.mark.parametrize(
    "words", ["gas", "GASKET", "Gasket replace", "replace  gasket!", "17 gasket", "wo-17", "Größe"]
)
def test_beginnings_cases_orders_and_parts_of_codes_are_one_question(scene: Scene, planner: Client, words: str) -> None:
    order = scene.organization.order(scene.site, number="WO-17", title="Replace/gasket", description="größe 4")
    scene.organization.order(scene.site, number="WO-18", title="Something else")
    assert ids(planner, words) == {order["id"]}


def test_all_words_have_to_be_there(scene: Scene, planner: Client) -> None:
    scene.organization.order(scene.site, title="Replace bearing")
    assert searched(planner, "replace coupling") == []


def test_other_sites_and_organizations_are_neither_found_nor_counted(
    scene: Scene, planner: Client, server: Server
) -> None:
    foreign = Scene.of(server, is_synced=False)
    foreign.organization.order(foreign.site, title="Zirconium")
    elsewhere = scene.organization.site()
    asset = scene.organization.add("asset", site_id=elsewhere["id"], code="Z", name="Zirconium")
    scene.organization.add("asset_document", aggregate_id=asset["id"], asset_id=asset["id"], title="Zirconium")
    order = scene.organization.order(elsewhere, title="Zirconium")
    scene.organization.add(
        "comment", aggregate_id=order["id"], work_order_id=order["id"], author_id=scene.technician["id"],
        text="Zirconium", written_at=NOW,
    )  # fmt: skip
    own = scene.organization.order(scene.site, title="Inspection", description="zirconium")
    assert ids(planner, "zirconium") == {own["id"]}
    assert len(searched(planner, "zirconium", limit=1)) == 1
    manager = scene.organization.device(scene.organization.person("manager"))
    assert len(ids(manager, "zirconium")) == 5
    assert searched(scene.field, "zirconium") == []


def test_an_order_takes_its_remarks_to_another_site(scene: Scene, planner: Client) -> None:
    scene.inside("comment", author_id=scene.technician["id"], text="Molybdenum", written_at=NOW)
    assert len(searched(planner, "molybdenum")) == 1
    elsewhere = scene.organization.site()
    scene.organization.change("work_order", scene.order["id"], site_id=elsewhere["id"])
    assert searched(planner, "molybdenum") == []
    there = scene.organization.device(scene.organization.person("planner", elsewhere))
    assert len(searched(there, "molybdenum")) == 1


def test_a_remark_on_an_asset_is_found_where_the_asset_stands(scene: Scene, planner: Client) -> None:
    there, away = scene.organization, scene.organization.site()
    asset = there.add("asset", site_id=scene.site["id"], code="GB-17", name="Gearbox")
    said = {"asset_id": asset["id"], "author_id": scene.technician["id"], "text": "Yttrium", "written_at": NOW}
    there.add("comment", aggregate_id=asset["id"], **said)
    assert searched(planner, "yttrium") == [("comment", "Gearbox", "Yttrium")]
    there.change("asset", asset["id"], site_id=away["id"])
    assert searched(planner, "yttrium") == []


def test_what_is_deleted_is_not_found_until_it_is_restored(scene: Scene, planner: Client) -> None:
    asset = scene.organization.add("asset", site_id=scene.site["id"], code="T", name="Tungsten")
    paper = scene.organization.add("asset_document", aggregate_id=asset["id"], asset_id=asset["id"], title="Tungsten")
    for entity, row, others in (("asset_document", paper, {asset["id"]}), ("asset", asset, set[object]())):
        scene.organization.change(entity, row["id"], deleted_at=NOW)
        assert ids(planner, "tungsten") == others
        scene.organization.change(entity, row["id"], deleted_at=None)
        assert ids(planner, "tungsten") == {asset["id"], paper["id"]}
    scene.organization.change("asset_document", paper["id"], deleted_at=NOW)
    scene.organization.change("asset", asset["id"], deleted_at=NOW)
    scene.organization.change("asset", asset["id"], deleted_at=None)
    assert ids(planner, "tungsten") == {asset["id"]}


def test_a_changed_text_is_found_by_its_new_words_alone(scene: Scene, planner: Client) -> None:
    order = scene.organization.order(scene.site, title="Beryllium")
    scene.organization.change("work_order", order["id"], title="Caesium", description="soft")
    assert searched(planner, "beryllium") == []
    assert ids(planner, "caesium soft") == {order["id"]}


HOSTILE = [
    *("", " ", "'", "''", "\\", "'\\'", "& | ! ( ) <-> :*", "bearing:*", "!bearing", "bearing <-> fan", "a' | 'b"),
    *("%' or 1=1 --", "x" * 10_000, "bearing " * 1_000, "\x00bearing\x00", "\ud83d", "🔧", "🔧bearing🔧", "مضخة"),
    *("\u202ebearing\u202c", "Ω≈ç√∫", "１２３", "%s %(x)s {0} $1", "\n\t\r", "<b>bearing</b>", "é" * 500),
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_typed_breaks_a_search(seen: Connection[TupleRow], scene: Scene, words: str) -> None:
    """Each is a question like any other: it finds, or does not, and the next one is answered."""
    results = found(seen, scene.organization.id, words, limit=10)
    assert {each.entity for each in results} <= {"work_order", "asset", "asset_document", "comment"}
    assert found(seen, scene.organization.id, str(scene.order["number"]), limit=10) != []


def test_operators_are_words_like_others(scene: Scene, planner: Client) -> None:
    order = scene.organization.order(scene.site, title="Bearing")
    scene.organization.order(scene.site, title="Coupling")
    for words in ("!bearing", "bearing:*", "'bearing'", "(bearing)", "<b>bearing</b>"):
        wanted = {order["id"]} if "b>" not in words else set()
        assert ids(planner, words) == wanted, words
    arabic = scene.organization.order(scene.site, title="إصلاح مضخة المياه")
    assert ids(planner, "مضخة") == {arabic["id"]}


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"limit": "x"}', b'{"words": ["a", "b"]}', b'{"words": "\\u0000\xff"}'),
        *(b'{"words": "order", "limit": 1e30}', b"{}", b""),
    ],
)
def test_a_question_that_cannot_be_breaks_nothing(planner: Client, body: bytes) -> None:
    assert planner.request("POST", SEARCH, content=body).status_code < 500


def test_no_word_travels_in_an_address(planner: Client) -> None:
    """Addresses are written down by whatever lies between, and words name people."""
    assert planner.request("GET", f"{SEARCH}?words=Order").status_code == 405
    answer = planner.request("POST", f"{SEARCH}?words=Order", content=b"{}")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_limit_is_kept_within_bounds(seen: Connection[TupleRow], scene: Scene) -> None:
    fill_orders(scene.organization, scene.site["id"], MOST + 5)
    assert len(found(seen, scene.organization.id, "many", limit=10**6)) == MOST
    assert len(found(seen, scene.organization.id, "many", limit=-3)) == 1


def test_a_text_longer_than_postgresql_keeps_words_of_is_written_all_the_same(scene: Scene, planner: Client) -> None:
    long = " ".join(f"word{number:09}" for number in range(120_000))
    order = scene.organization.order(scene.site, title="Long", description=long)
    assert ids(planner, "word000000001") == {order["id"]}
    scene.organization.change("work_order", order["id"], description=long + " more", title="x" * 200)
    assert ids(planner, "word000000001") == {order["id"]}


def fill_orders(organization: Organization, site_id: object, count: int) -> None:
    rows = [
        {**row, "title": f"Many {number}"} for number, row in enumerate(synthetic_orders(count, site_id=str(site_id)))
    ]
    load_work_orders(organization.database, organization.id, rows)


def test_the_index_answers_behind_the_walls_of_both_policies(scene: Scene) -> None:
    """Were the question no policy, its operator would be asked of every row of the organization."""
    fill_orders(scene.organization, scene.site["id"], 2_000)
    rare = scene.organization.order(scene.site, title="Unobtainium")
    scene.organization.ask("analyze search_entry")
    with whole_office_reading(scene.organization.database, scene.organization.id) as connection:
        (only,) = found(connection, scene.organization.id, "unobtainium", limit=10)
        plan = "\n".join(
            row[0]
            for row in connection.execute(
                "explain (analyze, costs off) select id from search_entry where organization_id = %s",
                (scene.organization.id,),
            )
        )
    assert only.id == rare["id"]
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "words @@" in condition
    assert "organization_id =" in condition
    assert "rows=1" in plan.splitlines()[0]


@both_postgres_ends
@pytest.mark.parametrize(("asked", "is_seen"), [("", False), ("'its own words'", True), ("'nothing'", False)])
def test_who_asks_nothing_sees_no_words(database_url: str, asked: str, is_seen: bool) -> None:
    fill(database_url, NORTH)
    with psycopg.connect(database_url) as connection:
        (site,) = connection.execute("select site_id::text from search_entry").fetchone() or ("",)
        connection.execute("set role cmms_app_office")
        for name, value in (("organization_id", str(NORTH)), ("site_ids", site), ("search", asked)):
            connection.execute("select set_config('app.' || %s, %s, true)", (name, value))
        assert connection.execute("select count(*) from search_entry").fetchone() == (int(is_seen),)


def test_the_office_is_told_its_nearest_assets_and_no_others(scene: Scene, planner: Client) -> None:
    add, site = scene.organization.add, scene.site["id"]
    near = add("asset", site_id=site, code="N", name="Near", latitude=-17.0, longitude=180.0)
    far = add("asset", site_id=site, code="F", name="Far", latitude=-17.0, longitude=-179.0)
    add("asset", site_id=scene.organization.site()["id"], code="E", name="Elsewhere", latitude=-17.0, longitude=-180.0)
    gone = add("asset", site_id=site, code="G", name="Gone", latitude=-17.0, longitude=179.9)
    scene.organization.change("asset", gone["id"], deleted_at=NOW)
    response = planner.request("GET", "/v1/office/assets/nearest?latitude=-17&longitude=179.99")
    assert [(each["id"], round(each["distance_m"])) for each in response.json()] == [
        (near["id"], 1063),
        (far["id"], 107_400),
    ]
    scene.organization.change("asset", far["id"], longitude=179.99)
    response = planner.request("GET", "/v1/office/assets/nearest?latitude=-17&longitude=179.99&limit=1")
    assert [each["id"] for each in response.json()] == [far["id"]]
    for query in ("", "?latitude=91&longitude=0", "?latitude=1"):
        assert planner.request("GET", f"/v1/office/assets/nearest{query}").json()["code"] == "invalid_value"
    assert planner.request("GET", "/v1/office/assets/nearest?latitude=nan&longitude=x").status_code < 500
