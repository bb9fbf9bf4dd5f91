"""What was half entered about things that left: told as far as somebody typed a word, counted exactly as it is told."""

import json

import pytest

from cmms_desktop.application.queries.counts import place_counts
from cmms_desktop.application.queries.half_entered import left_texts, wordless_drafts
from cmms_desktop.application.queries.sync_page import sync_page
from tests.support.replicas import uid
from tests.ui.stage import Stage
from tests.unit.queries.working import ask

GONE = uid(4711)


def kept(technician: Stage, kind: str, value: str, thing: str = GONE) -> str:
    technician.session.keep_notes({f"{kind}:{thing}": value, f"about:{kind}:{thing}": "WO-0001 Pump drips"})
    return f"{kind}:{thing}"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("comment", "The seal", ("The seal",)),
        ("answer", json.dumps({"result": "fail", "value": "4.2", "note": " Drips "}), ("4.2", "Drips")),
        ("arrive", json.dumps({"choice": "continue", "chip": "No satellites", "text": ""}), ("No satellites",)),
        ("follow-up", json.dumps({"title": "Guard", "description": "", "priority": "high"}), ("Guard",)),
        (
            "cost",
            json.dumps({"kind": "travel", "amount": "12.50", "currency": "EUR", "note": "Ferry"}),
            ("12.50", "Ferry"),
        ),
        ("answer", "{of an older version", ("{of an older version",)),
        ("answer", json.dumps({"result": 1}), (json.dumps({"result": 1}),)),
    ],
)
def test_every_word_about_what_left_is_told_and_counted(
    technician: Stage, kind: str, value: str, words: tuple[str, ...]
) -> None:
    name = kept(technician, kind, value)
    (left,) = ask(technician.replica, left_texts)
    assert (left.name, left.kind, left.about, left.words) == (name, kind, "WO-0001 Pump drips", words)
    assert ask(technician.replica, wordless_drafts) == ()
    assert ask(technician.replica, lambda reading: place_counts(reading, technician.person_id)).left == 1
    assert ask(technician.replica, sync_page).attention == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("answer", json.dumps({"result": "fail"})),
        ("answer", json.dumps({"value": "", "note": "  "})),
        ("arrive", json.dumps({"choice": "wrong_address", "chip": "", "text": ""})),
        ("follow-up", json.dumps({"title": "", "description": "", "priority": "high"})),
        ("comment", " \n"),
    ],
)
def test_what_has_no_word_is_neither_told_nor_counted(technician: Stage, kind: str, value: str) -> None:
    name = kept(technician, kind, value)
    assert ask(technician.replica, left_texts) == ()
    assert ask(technician.replica, wordless_drafts) == (name,)
    assert ask(technician.replica, lambda reading: place_counts(reading, technician.person_id)).left == 0
    assert ask(technician.replica, sync_page).attention == 0


def test_drafts_of_orders_that_are_here_are_not_touched(technician: Stage) -> None:
    kept(technician, "follow-up", json.dumps({"priority": "high"}), technician.order_ids[0])
    kept(technician, "comment", "Half a", technician.order_ids[0])
    assert ask(technician.replica, left_texts) == ()
    assert ask(technician.replica, wordless_drafts) == ()
