"""Push and pull in one request: the verdicts first, then what changed, read after the push has committed."""

import json
from typing import Any

import httpx
import pytest

from tests.support.device_side import Client, lines_of
from tests.support.server_side import Scene, Server


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def ask(client: Client, sealed: list[bytes], **pull: Any) -> httpx.Response:
    """Ask for both, with the mirror's cursor or another."""
    asked = json.dumps({"cursor": client.mirror.cursor, **pull}).encode()
    body = b'{"push":' + client.body_of(sealed) + b',"pull":' + asked + b"}"
    return client.request("POST", "/v1/sync", content=body)


def test_the_pull_holds_what_the_push_has_just_committed(scene: Scene) -> None:
    sealed = scene.field.device.seal(scene.field.edit("work_order", scene.order, title="Mine"))
    scene.organization.change("work_order", scene.order["id"], priority="high")
    pushed, *pulled = lines_of(ask(scene.field, sealed))
    assert pushed[0] == "pushed"
    (verdict,) = pushed[1]["verdicts"]
    assert (verdict["status"], verdict["commit_seq"]) == ("merged", scene.organization.seq())
    assert pulled[-1][1]["seq"] == scene.organization.seq()
    scene.field.mirror.apply(pulled)
    order = scene.field.mirror.of("work_order")[scene.order["id"]]
    assert (order["title"], order["priority"]) == ("Mine", "high")


def test_the_verdicts_are_those_of_a_push_to_the_byte_however_they_are_asked_for(scene: Scene) -> None:
    """Invariant 3, for both ways to ask."""
    sealed = scene.field.device.seal(scene.field.comment(scene.order), scene.field.comment(scene.order, "Another."))
    first = lines_of(ask(scene.field, sealed))[0][1]["verdicts"]
    again = lines_of(ask(scene.field, sealed))[0][1]["verdicts"]
    alone = scene.field.push_sealed(sealed).json()["verdicts"]
    assert first == again == alone
    assert len(scene.organization.rows("comment")) == 2


def test_without_a_push_it_is_a_pull(scene: Scene) -> None:
    response = scene.field.post("/v1/sync", {"pull": {"cursor": scene.field.mirror.cursor}})
    lines = lines_of(response)
    assert [line[0] for line in lines] == ["header", "end"]


def test_a_refused_pull_leaves_the_push_done_and_its_verdict_is_there_to_be_asked_for(scene: Scene) -> None:
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    response = ask(scene.field, sealed, cursor="x")
    assert (response.status_code, response.json()["code"]) == (409, "cursor_invalid")
    assert len(scene.organization.rows("comment")) == 1
    assert scene.field.push_sealed(sealed).json()["verdicts"][0]["status"] == "applied"


def test_a_refused_push_pulls_nothing_and_says_why(scene: Scene) -> None:
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    body = b'{"push":' + scene.field.body_of(sealed, sig="AAAA") + b',"pull":{}}'
    response = scene.field.request("POST", "/v1/sync", content=body)
    assert response.json()["code"] == "signature_invalid"
    assert scene.organization.rows("comment") == []


def test_a_gap_in_the_chain_is_told_and_the_pull_comes_all_the_same(scene: Scene) -> None:
    scene.field.device.seal(scene.field.comment(scene.order, "This one is lost on the way."))
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    pushed, *pulled = lines_of(ask(scene.field, sealed))
    assert pushed[1]["resend_from"] == 1
    assert [verdict["status"] for verdict in pushed[1]["verdicts"]] == ["retry"]
    scene.field.mirror.apply(pulled)
    assert scene.field.mirror.of("work_order")[scene.order["id"]]["title"] == "By the office"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"push":{}}', b'{"push":[]}', b"[" * 100_000])
def test_what_cannot_be_read_is_refused(scene: Scene, body: bytes) -> None:
    response = scene.field.request("POST", "/v1/sync", content=body)
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
