"""Rows that no server of ours would send: nothing in them may keep a screen from opening."""

from collections.abc import Callable
from typing import Any

import pytest

from cmms_desktop.application.queries import checklist_page as checklists
from cmms_desktop.application.queries import order as orders
from cmms_desktop.application.queries.assets_page import asset_card, assets
from cmms_desktop.application.queries.day import DaySpan, day_cards
from cmms_desktop.application.queries.held import held_lines
from cmms_desktop.application.queries.history import timeline
from cmms_desktop.application.queries.inbox import inbox
from cmms_desktop.application.queries.order_list import all_orders, order_counts
from cmms_desktop.application.queries.parts_page import find_parts, part_by_code, parts_page
from cmms_desktop.application.queries.readiness import readiness
from cmms_desktop.application.queries.remarks import comment_lines, photo_lines
from cmms_desktop.application.queries.review import review_queue
from cmms_desktop.application.queries.review_page import review_page
from cmms_desktop.application.queries.search import search
from cmms_desktop.application.queries.sync_page import sync_page
from cmms_desktop.application.queries.visits import visit_lines
from cmms_desktop.application.session import Reading
from cmms_desktop.replica.rows import SQL
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from tests.support.replicas import SCOPE, SITE, TECHNICIAN, Field, row, uid
from tests.unit.queries.working import ask

ORDER, ASSET, PART = uid(1), uid(2), uid(3)
NUMBERS = {"integer", "bigint", "double", "boolean"}
QUERIES: dict[str, Callable[[Reading], Any]] = {
    "day": lambda reading: day_cards(reading, TECHNICIAN, DaySpan("", "9")),
    "readiness": lambda reading: readiness(reading, [ORDER, uid(99)]),
    "orders": lambda reading: (all_orders(reading), order_counts(reading)),
    "search": lambda reading: search(reading, "a"),
    "order": lambda reading: orders.order_page(reading, ORDER),
    "checklist": lambda reading: checklists.checklist_page(reading, ORDER),
    "parts": lambda reading: (parts_page(reading, ORDER), part_by_code(reading, "x", person_id="", site_id="")),
    "find parts": lambda reading: find_parts(reading, "a", person_id=TECHNICIAN, site_id=SITE),
    "visits": lambda reading: visit_lines(reading, ORDER),
    "timeline": lambda reading: timeline(reading, ORDER),
    "remarks": lambda reading: (comment_lines(reading, ORDER), photo_lines(reading, ORDER)),
    "inbox": inbox,
    "sync": sync_page,
    "held": held_lines,
    "review": lambda reading: review_queue(reading, TECHNICIAN, approved_since=""),
    "review page": lambda reading: review_page(reading, ORDER),
    "assets": lambda reading: (assets(reading), asset_card(reading, ASSET)),
}


def root_of(entity: str) -> str:
    aggregates = REGISTRY[entity].aggregates
    return ORDER if "work_order" in aggregates else {"asset": ASSET, "part": PART}.get(entity, uid(50))


def fill(field: Field, value_of: Callable[[str, str], Scalar]) -> None:
    """Two rows of every entity, each column with what a function makes of its name and kind."""
    with field.replica.database.writer() as handle:
        for place, (entity, spec) in enumerate(REGISTRY.items()):
            for number in range(2):
                own = root_of(entity) if spec.is_root and number == 0 else uid(1000 + 10 * place + number)
                made: Row = {column.name: value_of(column.name, column.kind) for column in spec.columns}
                made |= {"id": own, "aggregate_id": root_of(entity), "version": number, "sync_seq": 0, "row_hash": 0}
                made["deleted_at"] = None
                handle.cursor.execute(SQL[entity].insert, SQL[entity].values(made))
        handle.cursor.execute("INSERT INTO member VALUES (?, ?, 'work_order')", (SCOPE, ORDER))


def nothing(name: str, kind: str) -> Scalar:
    """A row of a server that knows none of our columns."""
    return None


def other_things(name: str, kind: str) -> Scalar:
    """A row of a server to which our columns mean something else."""
    return 7 if kind in NUMBERS else "of something else"


def deep_things(name: str, kind: str) -> Scalar:
    """JSON where text is expected, and JSON that nests without an end."""
    return 0 if kind in NUMBERS else "[" * 5_000


def pointing(name: str, kind: str) -> Scalar:
    """Every reference points at the order itself, every text is an odd one."""
    return 1 if kind in NUMBERS else ORDER if kind == "guid" else "\u202e<script>\n\t"


@pytest.mark.parametrize("value_of", [nothing, other_things, deep_things, pointing])
@pytest.mark.parametrize("name", QUERIES)
def test_a_screen_opens_on_rows_that_make_no_sense(
    field: Field, name: str, value_of: Callable[[str, str], Scalar]
) -> None:
    fill(field, value_of)
    ask(field.replica, QUERIES[name])


def test_a_pause_at_no_moment_lasts_no_time(field: Field) -> None:
    order_id = field.add_order(1)
    field.add("work_log", 40, order_id, work_order_id=order_id, person_id=TECHNICIAN)
    for number, (kind, at) in enumerate((("pause", "noon"), ("resume", "later"), ("pause", "")), start=41):
        field.add("work_log_event", number, order_id, work_log_id=uid(40), kind=kind, device_at=at)
    field.pull()
    (visit,) = ask(field.replica, lambda reading: visit_lines(reading, order_id))
    assert (visit.pause_minutes, len(visit.events)) == (0, 3)


def test_a_circle_of_locations_ends(field: Field) -> None:
    order_id = field.add_order(1, location_id=uid(60))
    for here, there in ((60, 61), (61, 60)):
        field.server.join(SCOPE, uid(here), "location")
        values = row("location", uid(here), None, name=f"Room {here}", parent_id=uid(there), kind="room", code="R")
        field.server.commit({("location", uid(here)): values})
    field.pull()
    (card,) = ask(field.replica, lambda reading: day_cards(reading, TECHNICIAN, DaySpan("", "9")))
    assert card.id == order_id
    assert str(card.location).endswith("Room 61, Room 60")


def test_texts_of_the_server_come_out_as_they_went_in(field: Field) -> None:
    said = "<b>bold</b> & \u202eright to left\u202c 名 " + "x" * 50_000
    field.add_order(1, title=said, hazards=f"{said}\n\n  second  \n", description=said)
    field.pull()
    page = ask(field.replica, lambda reading: orders.order_page(reading, ORDER))
    assert page is not None
    assert (page.title, page.description, page.hazards) == (said, said, (said, "second"))
