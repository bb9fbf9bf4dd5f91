"""Searching and filtering what is on the device, and whether it can be done without a network."""

import pytest

from cmms_desktop.application.queries.assets_page import asset_card, assets
from cmms_desktop.application.queries.order_list import OrderFilter, all_orders, order_counts
from cmms_desktop.application.queries.parts_page import find_parts, part_by_code
from cmms_desktop.application.queries.readiness import readiness
from cmms_desktop.application.queries.search import Group, search, spans_of
from sync_server.contract.rules.draft import stub_id
from tests.support.replicas import SCOPE, Field, row, uid
from tests.ui.stage import Stage
from tests.unit.queries.working import ask, statements_of


def groups(stage: Stage, text: str, limit: int = 5) -> dict[str, Group]:
    found = ask(stage.replica, lambda reading: search(reading, text, limit))
    return {group.kind: group for group in found.groups}


def numbers(stage: Stage, **wanted: object) -> list[str]:
    chosen = OrderFilter(**wanted)  # type: ignore[arg-type]
    return [each.number for each in ask(stage.replica, lambda reading: all_orders(reading, chosen))]


# ---- search


def test_a_search_finds_orders_assets_and_parts_by_every_word(technician: Stage) -> None:
    found = groups(technician, "SENSOR n44")
    assert found["asset"].hits[0].title == "N-SENSOR-044 Sensor N44"
    assert {hit.title.split()[0] for hit in found["order"].hits} == {"WO-0035", "WO-0036"}
    assert found["asset"].hits[0].open_orders == 2
    assert "part" not in found
    assert groups(technician, "cable")["part"].total == 5


def test_a_search_puts_the_exact_number_first(technician: Stage) -> None:
    found = groups(technician, "wo-0036")["order"]
    assert (found.hits[0].title.split()[0], found.hits[0].status) == ("WO-0036", "assigned")


def test_a_search_marks_where_the_words_are(technician: Stage) -> None:
    hit = groups(technician, "n44 sensor")["asset"].hits[0]
    marked = [hit.title[start:end] for start, end in hit.title_spans]
    assert marked == ["SENSOR", "Sensor", "N44"]


@pytest.mark.parametrize(
    "text", ["", "   ", "nothing of the kind", "%", "_", "\\", "100%_\\", "'; DROP TABLE part", "\0"]
)
def test_a_search_for_nothing_that_is_there_finds_nothing(technician: Stage, text: str) -> None:
    assert groups(technician, text) == {}


def test_a_search_knows_every_script_without_its_case(field: Field) -> None:
    field.add_order(1, title="НАСОС в подвале")
    field.add_order(2, title="Straße 7, ÜBERDRUCK")
    field.pull()
    for text, number in (("насос", 1), ("ПОДВАЛ", 1), ("überdruck", 2), ("straße", 2), ("STRASSE", 2)):
        found = ask(field.replica, lambda reading, text=text: search(reading, text))
        assert [hit.id for group in found.groups for hit in group.hits] == [uid(number)]


def test_a_search_gives_at_most_the_limit_and_counts_the_rest(technician: Stage) -> None:
    found = groups(technician, "o", limit=3)
    assert all(len(group.hits) <= 3 for group in found.values())
    assert found["order"].total == len(technician.order_ids)


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("P-117 Booster pump", ["p-117"], ["P-117"]),
        ("aaaa", ["aa", "a"], ["aaaa"]),
        ("Straße", ["ss"], ["ß"]),
        ("ΑΒΓ", ["βγ"], ["ΒΓ"]),
        ("plain", ["x"], []),
        ("", ["a"], []),
    ],
)
def test_spans_are_those_of_the_text_as_it_is_written(text: str, words: list[str], marked: list[str]) -> None:
    assert [text[start:end] for start, end in spans_of(text, words)] == marked


def test_a_search_takes_the_same_statements_whatever_it_finds(technician: Stage) -> None:
    assert statements_of(technician.replica, lambda reading: search(reading, "o")) == 5


# ---- the list of orders


def test_orders_are_filtered_by_every_wish(supervisor: Stage) -> None:
    counts = ask(supervisor.replica, order_counts)
    assert sum(counts.by_status.values()) == counts.total == len(numbers(supervisor))
    assert len(numbers(supervisor, statuses=("completed", "closed"))) == (
        counts.by_status["completed"] + counts.by_status["closed"]
    )
    assert len(numbers(supervisor, site_ids=(counts.sites[0].id,))) == counts.sites[0].count
    both = numbers(supervisor, statuses=("completed",), priorities=("high",))
    assert set(both) == set(numbers(supervisor, statuses=("completed",))) & set(
        numbers(supervisor, priorities=("high",))
    )
    assert numbers(supervisor, text="wo-0036 sensor") == ["WO-0036"]
    assert numbers(supervisor, text="technician 1 wo-0036") == ["WO-0036"]
    assert numbers(supervisor, statuses=("of a newer server",)) == []


def test_open_orders_stand_before_those_that_are_done(supervisor: Stage) -> None:
    rows = ask(supervisor.replica, all_orders)
    done = [each.status in {"completed", "closed", "cancelled", "rejected"} for each in rows]
    assert done == sorted(done)
    assert len(ask(supervisor.replica, lambda reading: all_orders(reading, limit=7))) == 7


def test_an_order_of_an_unknown_site_is_counted_and_found(field: Field) -> None:
    field.add_order(1)
    field.pull()
    counts = ask(field.replica, order_counts)
    assert (counts.total, counts.sites[0].name, counts.sites[0].count) == (1, "", 1)


# ---- assets and parts


def test_assets_are_found_by_their_labels(technician: Stage) -> None:
    found = ask(technician.replica, lambda reading: assets(reading, "pump north"))
    assert found
    assert {each.site for each in found} == {"Site North"}
    assert all("PUMP" in each.code for each in found)
    (one,) = ask(technician.replica, lambda reading: assets(reading, "CMMS:demo-utilities:N-SENSOR-044"))
    card = ask(technician.replica, lambda reading: asset_card(reading, one.id))
    assert card is not None
    assert (card.code, card.type, card.status, card.is_here) == ("N-SENSOR-044", "Sensor", "operational", True)
    assert [each.number for each in card.orders] == ["WO-0035", "WO-0036"]


def test_an_asset_whose_label_alone_is_here_says_so(field: Field) -> None:
    stub = stub_id(uid(70))
    field.server.join(SCOPE, stub, "asset_stub")
    values = row("asset_stub", stub, None, asset_id=uid(70), site_id=uid(71), code="P-117", name="Booster pump")
    field.server.commit({("asset_stub", stub): values})
    field.pull()
    card = ask(field.replica, lambda reading: asset_card(reading, uid(70)))
    assert card is not None
    assert (card.code, card.site, card.status, card.is_here) == ("P-117", "", None, False)
    assert ask(field.replica, lambda reading: asset_card(reading, uid(72))) is None


def test_parts_in_the_own_van_come_first_and_a_code_is_exact(technician: Stage) -> None:
    with technician.session.reading() as reading:
        order = reading.get("work_order", technician.order_ids[0])
    assert order is not None
    reach = {"person_id": technician.person_id, "site_id": str(order["site_id"])}
    in_van = ask(technician.replica, lambda reading: find_parts(reading, "", **reach))
    assert in_van
    assert all(part.in_van > 0 for part in in_van)
    cables = ask(technician.replica, lambda reading: find_parts(reading, "CABLE size", **reach))
    assert [part.in_van > 0 for part in cables] == sorted((part.in_van > 0 for part in cables), reverse=True)
    (other_van,) = {line.place.kind for part in cables for line in part.stock if not line.place.is_own_van}
    assert other_van == "store"
    by_code = ask(technician.replica, lambda reading: part_by_code(reading, cables[0].code, **reach))
    by_barcode = ask(technician.replica, lambda reading: part_by_code(reading, str(cables[0].barcode), **reach))
    assert by_code == by_barcode == cables[0]
    assert ask(technician.replica, lambda reading: part_by_code(reading, "P-00", **reach)) is None


# ---- readiness


def test_everything_of_the_day_is_here_in_the_morning(technician: Stage) -> None:
    found = ask(technician.replica, lambda reading: readiness(reading, technician.order_ids))
    assert (found.ready, found.total, found.missing) == (25, 25, ())
    assert found.as_of == "2026-03-12T06:58:00.000000Z"
    assert found.size_bytes > 100_000


def test_what_is_not_here_is_named(field: Field) -> None:
    whole = field.add_order(1)
    lacking = field.add_order(2, asset_id=uid(50), asset_text="P-117", location_id=uid(51), site_id=uid(52))
    for order_id in (whole, lacking):
        field.add("checklist", int(order_id[-2:], 16) + 10, order_id, work_order_id=order_id, name="List")
    field.add("checklist_item", 21, whole, checklist_id=uid(11), key="a", kind="pass_fail", prompt="Tight?")
    field.add("work_order_part", 30, lacking, work_order_id=lacking, part_id=uid(53), quantity="1.0000")
    photo = {"sha256": "a" * 64, "media_type": "image/png", "size_bytes": 9, "caption": "Label"}
    field.add("attachment", 31, lacking, work_order_id=lacking, **photo)
    field.server.join(SCOPE, "00000000-0000-7000-8000-00000000b001", "site")
    site = row("site", "00000000-0000-7000-8000-00000000b001", name="Site", code="S")
    field.server.commit({("site", "00000000-0000-7000-8000-00000000b001"): site})
    field.pull()
    found = ask(field.replica, lambda reading: readiness(reading, [whole, lacking]))
    assert (found.ready, found.total) == (1, 2)
    assert found.lacks(whole) == ()
    assert {(each.kind, each.name) for each in found.lacks(lacking)} == {
        ("site", uid(52)),
        ("asset", "P-117"),
        ("location", uid(51)),
        ("part", uid(53)),
        ("photo", "Label"),
        ("checklist", "List"),
    }


def test_readiness_takes_the_same_statements_for_one_order_and_for_many(technician: Stage) -> None:
    few = statements_of(technician.replica, lambda reading: readiness(reading, technician.order_ids[:1]))
    many = statements_of(technician.replica, lambda reading: readiness(reading, technician.order_ids))
    assert few == many
