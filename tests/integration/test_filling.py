"""Fill: what a device has learnt by an update, and nothing that it holds already."""

from dataclasses import replace
from typing import Any

import pytest

from sync_server.application import filling
from sync_server.contract.entities import REGISTRY
from tests.support.device_side import Client, lines_of
from tests.support.server_side import Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    """Two remarks that were read: one says how far its clock was off."""
    made = Scene.of(server)
    for offset_ms in (-340, None):
        made.inside("comment", author_id=made.technician["id"], text="A", written_at=AT, offset_ms=offset_ms)
    made.field.sync()
    return made


AT = "2026-03-02T08:00:00.000000Z"


def ask(client: Client, scope: str, *, rows: int = 1, upto: int = 2, **more: Any) -> list[list[Any]]:
    said = {"scope": scope, "cursor": client.mirror.cursor, "rows": rows, "upto": upto, **more}
    return lines_of(client.post("/v1/fill", said))


def own(scene: Scene) -> str:
    return f"user:{scene.technician['id']}"


def test_only_values_that_say_something_travel_with_the_version_of_their_row(scene: Scene) -> None:
    header, *lines, end = ask(scene.field, own(scene))
    (told,) = [row for row in scene.organization.rows("comment") if row["offset_ms"] is not None]
    assert header[1]["types"]["comment"] == ["id", "row_hash", "offset_ms"]
    assert lines == [["fill", "comment", [[told["id"], told["row_hash"], -340]]]]
    assert end == ["end", {"scope": own(scene), "rows": 1, "upto": 2, "asked": None, "after": None}]


def test_nothing_is_added_to_what_is_complete(scene: Scene) -> None:
    assert [line[0] for line in ask(scene.field, own(scene), rows=2)] == ["header", "end"]
    assert ask(scene.field, own(scene), rows=2)[0][1]["types"] == {}


def test_a_row_that_changed_since_is_left_to_the_next_pull(scene: Scene) -> None:
    scene.inside("comment", author_id=scene.technician["id"], text="New", written_at=AT, offset_ms=5)
    (line,) = ask(scene.field, own(scene))[1:-1]
    assert [cells[2] for cells in line[2]] == [-340]


def test_a_scope_is_given_slice_by_slice(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "SLICE_AGGREGATES", 1)
    for number in range(3):
        order = scene.organization.order(scene.site, scene.technician, title=f"Order {number}")
        values = {"work_order_id": order["id"], "author_id": scene.technician["id"], "text": "B", "written_at": AT}
        scene.organization.add("comment", aggregate_id=order["id"], offset_ms=number, **values)
    scene.field.sync()
    after, found = None, []
    for _ in range(50):
        *lines, end = ask(scene.field, own(scene), after=after)
        found += [cells[2] for line in lines[1:] for cells in line[2]]
        after = end[1]["after"]
        if after is None:
            break
    assert sorted(found) == [-340, 0, 1, 2]


def test_an_entity_that_the_device_did_not_know_comes_whole(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "comment", replace(REGISTRY["comment"], since=3))
    header, line, _ = ask(scene.field, own(scene), rows=2, upto=3)
    assert header[1]["types"] == {"comment": list(REGISTRY["comment"].names)}
    assert line[:2] == ["rows", "comment"]
    texts = [dict(zip(REGISTRY["comment"].names, cells, strict=True))["text"] for cells in line[2]]
    assert texts == ["A", "A"]


@pytest.mark.parametrize("default", [True, False])
def test_a_default_is_not_sent(scene: Scene, monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    spec = REGISTRY["comment"]
    late = replace(spec.by_name["is_late"], since=3, default=default)
    columns = tuple(late if column.name == "is_late" else column for column in spec.columns)
    monkeypatch.setitem(REGISTRY, "comment", replace(spec, columns=columns))
    lines = ask(scene.field, own(scene), rows=2, upto=3)[1:-1]
    assert [cells[2] for line in lines for cells in line[2]] == ([False, False] if default else [])


def test_a_scope_that_the_cursor_does_not_hold_is_not_given(scene: Scene) -> None:
    for scope in ("org:catalog", f"user:{scene.supervisor['id']}"):
        said = {"scope": scope, "cursor": scene.office.mirror.cursor, "rows": 1, "upto": 2}
        answer = scene.office.post("/v1/fill", said)
        assert answer.status_code == 200, "his own"
        assert scene.field.post("/v1/fill", said).json()["code"] == "cursor_invalid", "another device's cursor"
    said = {"scope": f"user:{scene.supervisor['id']}", "cursor": scene.field.mirror.cursor, "rows": 1, "upto": 2}
    assert scene.field.post("/v1/fill", said).json()["code"] == "not_found"


def test_a_place_that_is_no_id_is_refused(scene: Scene) -> None:
    said = {"scope": own(scene), "cursor": scene.field.mirror.cursor, "rows": 1, "upto": 2, "after": "x"}
    assert scene.field.post("/v1/fill", said).json()["code"] == "bad_request"
