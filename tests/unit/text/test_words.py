"""Words, badges and values: every word of the contract has one of ours, and every badge has a kind and an icon."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.application.queries.values import FieldValue
from cmms_desktop.ui.text import badges, words
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.text.fields import EMPTY, LABELS, field_label, value_words
from cmms_desktop.ui.text.moments import Moments
from sync_server.contract.entities import REGISTRY, checklists, equipment, people, records, stock, visits, work_orders
from sync_server.contract.fields import Merge, Scalar

TOKENS = json.loads((Path(__file__).parents[3] / "resources" / "styles" / "tokens.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
KINDS = {
    *("neutral", "accent", "success", "warning", "danger", "danger-fill", "info"),
    *("state-pending", "state-syncing", "state-synced", "state-failed", "state-conflict", "state-offline"),
}
HOSTILE = ("of_a_newer_server", "<b>bold</b>", "x" * 500, "…")
CONTRACT = [
    (words.STATUS, work_orders.STATES),
    (words.PRIORITY, work_orders.PRIORITIES),
    (words.TYPE, work_orders.TYPES),
    (words.ROLE, people.ROLES),
    (words.MEANING, records.MEANINGS),
    (words.RESULT, checklists.RESULTS),
    (words.EVENT, visits.EVENTS),
    (words.MOVEMENT, stock.MOVEMENTS),
    (words.ASSET_STATUS, equipment.AssetFields.status.column.info["words"]),  # type: ignore[attr-defined]
    (words.REQUEST, stock.PartRequestFields.status.column.info["words"]),  # type: ignore[attr-defined]
]


@pytest.mark.parametrize(("ours", "theirs"), CONTRACT)
def test_every_word_of_the_contract_has_one_of_ours(ours: dict[str, str], theirs: tuple[str, ...]) -> None:
    assert set(ours) == set(theirs)


def test_a_word_of_a_newer_server_is_shown_as_text() -> None:
    assert words.word(words.STATUS, "waiting_for_parts") == "Waiting for parts"
    assert words.word(words.STATUS, "<b>x</b>") == "<b>x</b>"
    assert (words.word(words.STATUS, None), words.word(words.STATUS, "")) == ("", "")


def test_words_inside_a_sentence() -> None:
    assert (words.lower("Title"), words.lower("QR code"), words.lower("")) == ("title", "QR code", "")
    assert [words.joined(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def made_by(make: Callable[[str], BadgeSpec], keys: Iterable[str]) -> list[BadgeSpec]:
    return [make(key) for key in (*keys, *HOSTILE)]


BADGES = [
    *made_by(badges.status_badge, words.STATUS),
    *made_by(badges.priority_badge, words.PRIORITY),
    *made_by(badges.type_badge, words.TYPE),
    *made_by(badges.result_badge, words.RESULT),
    *made_by(badges.photo_badge, words.PHOTO_STATE),
    *made_by(badges.request_badge, words.REQUEST),
    *made_by(badges.asset_badge, words.ASSET_STATUS),
    *made_by(badges.fence_badge, words.FENCE),
    *(badges.tally_badge(each, 3) for each in ("pass", "flag", "fail", "na", "reading", *HOSTILE)),
    *(badges.fence_badge("outside", 340.0), badges.range_badge(1), badges.hazards_badge(2), badges.missing_badge(3)),
    *(badges.conflicts_badge(1), badges.waiting_badge(3), badges.refused_badge(), badges.refused_badge(2)),
    *(badges.held_badge(), badges.returned_badge(), badges.stale_badge(), badges.unsigned_badge()),
    *(badges.refusal_badge(), badges.photos_badge(2)),
    *(badges.ready_badge(0), badges.ready_badge(2), badges.late_badge()),
]


@pytest.mark.parametrize("badge", BADGES)
def test_every_badge_has_a_word_an_icon_and_a_kind(badge: BadgeSpec) -> None:
    assert badge.text
    assert badge.kind in KINDS
    assert badge.icon in TOKENS["icon"]["names"]


def test_badges_follow_the_tokens() -> None:
    for status, kind in TOKENS["badge"]["order-state"].items():
        assert badges.status_badge(status).kind == kind
    for priority, kind in TOKENS["badge"]["priority"].items():
        assert badges.priority_badge(priority).kind == kind


def test_badges_count_and_measure() -> None:
    assert badges.conflicts_badge(2, "field").text == "2 fields"
    assert badges.fence_badge("outside", 340.0).text == "Outside, 340 m"
    assert badges.photos_badge(1).text == "1 photo on the way"
    assert badges.tally_badge("pass", 14).text == "14 pass"


# ---- fields and values


def said(entity: str, field: str, raw: Scalar, **more: Any) -> str:
    unit = more.pop("unit", None)
    return value_words(FieldValue(entity, field, raw, **more), Moments(UTC), NOW, unit=unit)


def test_every_field_that_people_change_has_a_label() -> None:
    editable = {
        column.name
        for spec in (REGISTRY[name] for name in ("work_order", "checklist_item", "work_log", "asset", "meter"))
        for column in spec.columns
        if column.merge not in {Merge.DERIVED, Merge.FIXED}
    }
    assert editable - set(LABELS) <= {
        "answered_at",
        "answered_by",
        "answered_offset_ms",
        "latitude",
        "longitude",
        "parent_id",
        "asset_type_id",
    }


def test_labels_of_unknown_fields_are_their_names() -> None:
    assert field_label("work_order", "paint_colour") == "Paint colour"
    assert field_label("asset", "status") == "Condition"
    assert field_label("", "") == ""


@pytest.mark.parametrize(
    ("entity", "field", "raw", "text"),
    [
        ("work_order", "priority", "high", "High"),
        ("work_order", "priority", "blocker", "Blocker"),
        ("work_order", "status", "in_progress", "In progress"),
        ("work_order", "due_at", "2026-03-12T09:30:00.000000Z", "Today 09:30"),
        ("work_order", "title", "Pump drips", "Pump drips"),
        ("work_order", "estimated_minutes", 90, "1 h 30 min"),
        ("work_order", "cost", "12.5000", "12.5"),
        ("work_order", "requires_signature", 1, "Yes"),
        ("work_order", "requires_signature", False, "No"),
        ("asset", "warranty_until", "2026-11-30", "30 Nov 2026"),
        ("asset", "status", "down", "Down"),
        ("checklist_item", "photo_sha256", "a" * 64, "Photo"),
        ("work_order", "description", None, EMPTY),
        ("work_order", "description", "", EMPTY),
        ("robot", "arm", "[1, 2]", "[1, 2]"),
        ("work_order", "colour", 7, "7"),
    ],
)
def test_values_are_words_of_their_field(entity: str, field: str, raw: Scalar, text: str) -> None:
    assert said(entity, field, raw) == text


def test_a_reading_has_its_unit_and_a_reference_its_name() -> None:
    assert said("checklist_item", "value", "4.20", unit="mm/s") == "4.2 mm/s"
    assert said("work_order", "site_id", "an id", name="Site North") == "Site North"
    assert said("work_order", "site_id", "an id") == "Site that is not on this device"


def test_waiting_never_looks_like_something_wrong() -> None:
    assert badges.waiting_badge(3).kind == "state-pending"
