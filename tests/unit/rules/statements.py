"""Builders of signed statements for the tests of this folder: one finished order with everything on it."""

import itertools
from collections.abc import Callable
from typing import Any

from sync_server.contract.problems import Problem
from sync_server.contract.rules.signed_body import SignedBody, Statement, build_signed_body

INK = [[(10, 10, 0), (20, 15, 16), (30, 12, 33)], [(5, 40, 400), (60, 41, 450)]]


def an_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def salts() -> Callable[[], bytes]:
    """Sixteen bytes that differ at every call and are the same in every run."""
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(16)


def an_order(**changes: Any) -> dict[str, Any]:
    order = {
        "id": an_id(1),
        "number": "WO-1001",
        "title": "Inspect pump",
        "type": "inspection",
        "site_id": an_id(2),
        "asset_id": an_id(3),
        "asset_text": None,
        "completion_note": "Gasket replaced.",
        "version": 4,
        "status": "in_progress",
    }
    return {**order, **changes}


def an_item(number: int, **changes: Any) -> dict[str, Any]:
    item = {
        "id": an_id(100 + number),
        "checklist_id": an_id(10),
        "key": f"item{number}",
        "section": None,
        "position": number,
        "kind": "pass_fail",
        "prompt": f"Question {number}",
        "unit": None,
        "minimum": None,
        "maximum": None,
        "choices": None,
        "condition": None,
        "is_mandatory": True,
        "last_value": None,
        "result": None,
        "value": None,
        "note": None,
        "photo_sha256": None,
        "answered_at": None,
        "deleted_at": None,
    }
    return {**item, **changes}


def a_statement(**changes: Any) -> Statement:
    reading = an_item(
        2,
        kind="number",
        prompt="Pressure",
        unit="bar",
        minimum="2.0000",
        maximum="4.5000",
        result="fail",
        value="5.10",
        note="Valve stuck",
        photo_sha256="a" * 64,
        answered_at="2026-03-01T09:00:00.000000Z",
    )
    hidden = an_item(3, condition='{"item":"item1","is":"fail"}')
    checklist = {"id": an_id(10), "template_id": an_id(11), "template_version": 3, "name": "Pump", "position": 0}
    movement = {
        "id": an_id(20),
        "part_id": an_id(21),
        "kind": "usage",
        "quantity": "-2.0000",
        "moved_at": "2026-03-01T09:10:00.000000Z",
    }
    visit = {"id": an_id(30), "person_id": an_id(4), "started_at": "2026-03-01T08:30:00.000000Z", "work_minutes": 45}
    arrival = {
        "id": an_id(31),
        "device_at": "2026-03-01T08:20:00.000000Z",
        "offset_ms": -340,
        "latitude": 52.5200066,
        "longitude": 13.404954,
        "accuracy_m": 4.0,
        "distance_m": 12.345678901234,
        "fix_age_s": 1.5,
        "source": "nmea-file",
        "is_mock": False,
        "fence": "inside",
        "reason": None,
    }
    values: dict[str, Any] = {
        "organization_id": an_id(5),
        "device_id": an_id(6),
        "user_id": an_id(4),
        "role": "technician",
        "meaning": "performed",
        "printed_name": "Technician One",
        "device_at": "2026-03-01T09:30:00.000000Z",
        "offset_ms": -340,
        "order": an_order(),
        "checklists": [(checklist, [hidden, reading, an_item(1, result="pass")])],
        "movements": [movement],
        "parts": {an_id(21): {"code": "G-7", "name": "Gasket", "unit": "each"}},
        "photos": [{"id": an_id(40), "sha256": "b" * 64, "taken_at": "2026-03-01T09:05:00.000000Z"}],
        "visits": [visit],
        "arrival": arrival,
        "ink": INK,
        "contact": "front desk, extension 12",
        "not_yet_included": ["2 photos not sent yet"],
    }
    return Statement(**{**values, **changes})


def a_signed_body(**changes: Any) -> SignedBody:
    built = build_signed_body(a_statement(**changes), new_salt=salts())
    assert isinstance(built, SignedBody), built
    return built


def the_problem(**changes: Any) -> Problem:
    built = build_signed_body(a_statement(**changes), new_salt=salts())
    assert isinstance(built, Problem), built
    return built
