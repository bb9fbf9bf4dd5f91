"""Checklist items, orders and timelines in words."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cmms_desktop.application.queries.checklist_page import Because, ItemLine
from cmms_desktop.application.queries.history import TimelineEntry
from cmms_desktop.application.queries.readiness import MissingThing, Readiness
from cmms_desktop.ui.text import checklist_words, order_words
from cmms_desktop.ui.text.moments import Moments
from cmms_desktop.ui.text.timeline_words import entry_icon, entry_tone, entry_words, timeline_face

MOMENTS, NOW = Moments(UTC), datetime(2026, 3, 12, 9, tzinfo=UTC)
READING = ItemLine(
    id="1",
    checklist_id="2",
    key="pressure",
    number="3.1",
    kind="number",
    prompt="Discharge pressure",
    unit="bar",
    minimum=Decimal("4.0000"),
    maximum=Decimal("6.0000"),
    choices=(),
    is_mandatory=True,
    last_value="5.2",
    result="fail",
    value="6.8",
    note="Switch set too high.",
    photos=("a",),
    answered_at="2026-03-12T09:22:00.000000Z",
    is_asked=True,
    because=None,
    excess=Decimal("0.8"),
    follow_up=None,
    is_unsent=True,
    conflicts=0,
)


def test_a_reading_out_of_range_in_words() -> None:
    assert checklist_words.limits_words(READING) == "Limits 4 to 6 bar"
    assert checklist_words.last_words(READING) == "Last 5.2 bar"
    assert checklist_words.item_title(READING) == "3.1 Discharge pressure"
    assert checklist_words.saved_words(READING, MOMENTS) == "Saved on this device 09:22"
    assert checklist_words.saved_words(replace(READING, is_unsent=False), MOMENTS) == "Accepted by the office"


def test_an_item_without_an_answer_is_saved_nowhere() -> None:
    text = replace(READING, kind="text", result="pass", value="Nothing.", excess=None, note=None, photos=())
    assert checklist_words.saved_words(replace(text, result=None), MOMENTS) == ""


def test_why_an_item_is_shown() -> None:
    assert checklist_words.because_words(Because("2.4", "fail")) == "Shown because 2.4 failed"
    assert checklist_words.because_words(Because("1.2", "damp")) == "Shown because 1.2 is damp"


def test_readiness_in_words() -> None:
    ready = Readiness(12, 12, (), 41_000_000, "2026-03-12T06:58:00.000000Z")
    assert order_words.readiness_title(ready) == "Ready for offline: 12/12 orders, 41 MB"
    assert order_words.readiness_text(ready, MOMENTS, NOW) == "Synced 06:58"
    lacking = replace(ready, ready=10, missing=(MissingThing("1", "part", "P-1"), MissingThing("2", "part", "P-2")))
    assert order_words.readiness_text(lacking, MOMENTS, NOW) == "Synced 06:58. Not here: 2 planned parts"
    assert order_words.readiness_text(replace(ready, as_of=None), MOMENTS, NOW) == "Never synced on this device"
    assert order_words.missing_words(lacking.missing[0]) == "Planned part P-1 is not on this device"
    assert order_words.missing_words(MissingThing("1", "asset", "P-117")) == "Asset P-117 is not on this device"
    foreign = order_words.missing_words(MissingThing("1", "asset", ""))
    assert foreign == order_words.NO_CARD_OF


def test_stock_and_places_in_words() -> None:
    assert order_words.stock_as_of("2026-03-12T06:58:00.000000Z", MOMENTS, NOW) == "stock as of 06:58"
    assert order_words.stock_as_of("2026-03-09T06:58:00.000000Z", MOMENTS, NOW) == "stock as of 9 March 06:58"
    assert order_words.stock_as_of(None, MOMENTS, NOW) == "stock never synced"
    assert order_words.place_words("Alder Works", "Basement B1, Pump room") == "Alder Works, Basement B1, Pump room"
    assert order_words.place_words("", None) == ""
    assert order_words.part_words("", "") == "Part that is not on this device"


def entry(kind: str, word: str = "", **more: object) -> TimelineEntry:
    plain = {"id": "1", "at": "2026-03-12T08:14:00.000000Z", "received_at": None, "person": ""}
    return TimelineEntry(kind=kind, word=word, **(plain | more))  # type: ignore[arg-type]


READ = entry("reading", "fail", text="Pressure", value="6.80", unit="bar")
USED = entry("movement", "usage", text="Seal kit MS-32", value="1.0000", unit="each")
DISPUTED = entry("conflict", "priority", text="work_order")


@pytest.mark.parametrize(
    ("happened", "words", "icon", "tone"),
    [
        (entry("created", person="Planner"), "Reported by Planner", "clipboard-plus", None),
        (entry("visit", "travel"), "Travel started", "travel", None),
        (entry("visit", "arrive", fence="inside"), "Arrived", "arrive", None),
        (
            entry("visit", "arrive", fence="outside", distance_m=340.0),
            "Arrived, outside the fence, 340 m away",
            "fence",
            "warning",
        ),
        (entry("visit", "arrive", fence="unknown"), "Arrived, position not certain", "fence", "warning"),
        (entry("answers", "14"), "14 items answered", "finish", None),
        (entry("item", "fail", text="Seal"), "Seal: fail", "fail", "danger"),
        (READ, "6.8 bar read: Pressure", "out-of-range", "danger"),
        (entry("signature", "performed"), "Signed: performed", "sign", None),
        (entry("signature", "refused"), "Customer refused", "refused", "danger"),
        (USED, "Used: Seal kit MS-32, 1 piece", "parts", None),
        (DISPUTED, "Priority was changed by two people", "conflict", "state-conflict"),
        (entry("settled", "priority", text="work_order"), "Priority was settled", "merged", "success"),
        (entry("status", "closed"), "Closed", "state-closed", None),
        (entry("comment", person="Planner"), "Comment by Planner", "message-square", None),
        (entry("photo", text="Label"), "Photo: Label", "image", None),
        (entry("visit", "teleport"), "Teleport", "info", None),
        (entry("of_a_newer_version"), "Of a newer version", "info", None),
    ],
)
def test_what_happened_in_words(happened: TimelineEntry, words: str, icon: str, tone: str | None) -> None:
    assert (entry_words(happened), entry_icon(happened), entry_tone(happened)) == (words, icon, tone)


def test_two_times_of_an_event() -> None:
    face = timeline_face(entry("visit", "travel", received_at="2026-03-11T10:07:00.000000Z"), MOMENTS, NOW)
    assert (face.device_time, face.received_time) == ("08:14", "Yesterday 10:07")
    assert timeline_face(entry("visit", "travel"), MOMENTS, NOW).received_time == ""
