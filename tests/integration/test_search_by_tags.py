"""The office finds orders and assets by the tags on them, after what their titles and texts say."""

import pytest

from sync_server.application.office_lists import whole_office_reading
from sync_server.application.office_search import found
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from sync_server.contract.fields import Row
from sync_server.contract.rules.attaching import attached_id
from tests.support.device_side import Client
from tests.support.server_side import NOW, Scene, Server, a_row


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


@pytest.fixture
def planner(scene: Scene) -> Client:
    return scene.organization.device(scene.organization.person("planner", scene.site))


def tagging(tag: Row, entity: str, thing: Row) -> Row:
    named = {"tag_id": tag["id"], f"{entity}_id": thing["id"]}
    return a_row("entity_tag", id=attached_id("entity_tag", thing["id"], tag["id"]), aggregate_id=thing["id"], **named)


def put(scene: Scene, tag: Row, entity: str, thing: Row) -> Row:
    row = tagging(tag, entity, thing)
    scene.organization.commit([("entity_tag", row)])
    return row


def titles(client: Client, words: str) -> list[str]:
    response = client.post("/v1/office/search", {"words": words})
    assert response.status_code == 200, response.text
    return [str(each["title"]) for each in response.json()]


def test_what_is_tagged_is_found_after_titles_and_texts(scene: Scene, planner: Client) -> None:
    there, site = scene.organization, scene.site["id"]
    tag = there.add("tag", name="Legionella/check")
    tagged = there.order(scene.site, title="Shower heads")
    there.order(scene.site, title="Legionella at the pool")
    there.order(scene.site, title="Samples", description="For legionella.")
    asset = there.add("asset", site_id=site, code="B1", name="Boiler")
    for entity, thing in (("work_order", tagged), ("asset", asset)):
        put(scene, tag, entity, thing)
    assert titles(planner, "legionella") == ["Legionella at the pool", "Samples", "Shower heads", "Boiler"]
    assert titles(planner, "CHECK legio") == ["Shower heads", "Boiler"], "beginnings and parts, as of all words"
    assert titles(planner, "legionella boiler") == ["Boiler"], "a word of the name and one of the tag"
    assert titles(planner, "legionella bearing") == []


def test_a_tag_that_is_renamed_deleted_or_taken_off_is_found_as_it_is_now(scene: Scene, planner: Client) -> None:
    there = scene.organization
    tag = there.add("tag", name="Molybdenum")
    row = put(scene, tag, "work_order", scene.order)
    change = there.change
    assert titles(planner, "molybdenum") == ["Order"]
    change("tag", tag["id"], name="Caesium")
    assert (titles(planner, "molybdenum"), titles(planner, "caesium")) == ([], ["Order"])
    change("tag", tag["id"], deleted_at=NOW)
    assert titles(planner, "caesium") == []
    change("tag", tag["id"], deleted_at=None)
    change("work_order", scene.order["id"], title="Retitled", description="Anything.")
    assert titles(planner, "caesium") == ["Retitled"], "another title keeps what is on it"
    change("entity_tag", row["id"], deleted_at=NOW)
    assert titles(planner, "caesium") == []
    assert titles(planner, "retitled anything") == ["Retitled"], "what is taken off takes no word along"
    change("entity_tag", row["id"], deleted_at=None)
    change("work_order", scene.order["id"], deleted_at=NOW)
    assert titles(planner, "caesium") == []
    change("work_order", scene.order["id"], deleted_at=None)
    assert titles(planner, "caesium") == ["Retitled"]


def test_two_tags_of_one_word_and_many_on_one_thing_are_all_found(scene: Scene, planner: Client) -> None:
    there = scene.organization
    twins = [there.add("tag", name="Twin") for _ in range(2)]
    others = [a_row("tag", name=f"Word{number:03}") for number in range(60)]
    there.commit([("tag", row) for row in others])
    second = there.order(scene.site, title="Second")
    put(scene, twins[0], "work_order", scene.order)
    put(scene, twins[1], "work_order", second)
    there.commit([("entity_tag", tagging(each, "work_order", scene.order)) for each in others])
    assert sorted(titles(planner, "twin")) == ["Order", "Second"]
    assert titles(planner, "word059 twin") == ["Order"]
    assert titles(planner, "word") == ["Order"], "of as many tags as begin so"


def test_an_order_that_is_made_with_its_tag_is_found(scene: Scene, planner: Client) -> None:
    tag = scene.organization.add("tag", name="Ruthenium")
    order = a_row("work_order", number="R-1", title="Made at once", site_id=scene.site["id"])
    scene.organization.commit([("entity_tag", tagging(tag, "work_order", order)), ("work_order", order)])
    assert titles(planner, "ruthenium") == ["Made at once"]


def test_tags_find_nothing_of_another_site_or_organization(scene: Scene, planner: Client, server: Server) -> None:
    foreign = Scene.of(server, is_synced=False)
    tag = foreign.organization.add("tag", name="Zirconium")
    put(foreign, tag, "work_order", foreign.order)
    elsewhere = scene.organization.site()
    mine = scene.organization.add("tag", name="Zirconium")
    put(scene, mine, "work_order", scene.organization.order(elsewhere, title="Elsewhere"))
    assert titles(planner, "zirconium") == []
    assert titles(scene.field, "zirconium") == []
    manager = scene.organization.device(scene.organization.person("manager"))
    assert titles(manager, "zirconium") == ["Elsewhere"]


@pytest.mark.parametrize("name", ["'", "' | 'x", "#", "a:*", "x" * 60, "🔧", "%s", "\\", "é", "مضخة"])
def test_no_name_of_a_tag_breaks_a_search(scene: Scene, planner: Client, name: str) -> None:
    put(scene, scene.organization.add("tag", name=name), "work_order", scene.order)
    for words in (name, "order", "pump"):
        assert isinstance(titles(planner, words), list)
    if name.isalnum():
        assert titles(planner, name) == ["Order"]


def test_nobody_asks_for_a_tag_by_what_the_entry_calls_it(scene: Scene, planner: Client) -> None:
    tag = scene.organization.add("tag", name="Tantalum")
    put(scene, tag, "work_order", scene.order)
    for words in (f"#{tag['id']}", str(tag["id"]), f"'#{tag['id']}'"):
        assert titles(planner, words) == []


def test_a_search_by_a_tag_goes_by_the_index(scene: Scene) -> None:
    there = scene.organization
    load_work_orders(there.database, there.id, list(synthetic_orders(2_000, site_id=str(scene.site["id"]))))
    put(scene, there.add("tag", name="Osmium"), "work_order", scene.order)
    there.ask("analyze search_entry")
    with whole_office_reading(there.database, there.id) as connection:
        (only,) = found(connection, there.id, "osmium", limit=10)
        asked = "explain (analyze, costs off) select id from search_entry where organization_id = %s"
        plan = [row[0] for row in connection.execute(asked, (there.id,))]
    assert only.id == scene.order["id"]
    assert "words @@" in next(line for line in plan if "Index Cond" in line)
    assert "rows=1" in plan[0]
