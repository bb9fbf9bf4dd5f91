"""Push: second deliveries, chains of sealed changes, and changes that only an attacker or a broken app sends."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest

from sync_server.application import apply_unit, push
from sync_server.contract.messages import MAX_PUSH_BYTES
from sync_server.contract.problems import CODES
from tests.support.device_side import Device, together, verdicts_of
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"].startswith("application/problem+json")
    said = response.json()
    assert CODES[said["code"]] == said["status"] == response.status_code
    return response.status_code, said["code"]


def everything(scene: Scene) -> list[Any]:
    """All that a push may write, but for the clock."""
    tables = ("work_order", "comment", "conflict", "held_mutation", "stock_movement", "stock_level")
    stored = scene.organization.ask("select mutation_id from applied_mutation where organization_id = %s order by 1",
                                    scene.organization.id)  # fmt: skip
    return [stored, *(scene.organization.rows(table) for table in tables)]


def count_commits(scene: Scene) -> int:
    found = scene.organization.ask("select count(*) from org_commit where organization_id = %s", scene.organization.id)
    return int(found[0][0])


def test_invariant_3_a_second_delivery_gets_the_same_bytes_and_has_no_effect(scene: Scene) -> None:
    other = scene.organization.order(scene.site, scene.technician)
    scene.field.sync()
    scene.organization.change("work_order", scene.order["id"], title="By the office")
    for row in scene.organization.rows("work_order_assignment"):
        if row["work_order_id"] == other["id"]:
            scene.organization.change("work_order_assignment", row["id"], deleted_at=NOW)
    mutations = [
        scene.field.comment(scene.order),
        scene.field.edit("work_order", scene.order, title="By the technician"),
        scene.field.edit("work_order", scene.order, priority="whenever"),
        scene.field.edit("work_order", other, title="Late"),
    ]
    sealed = scene.field.device.seal(*mutations)
    first = verdicts_of(scene.field.push_sealed(sealed))
    assert [json.loads(text)["status"] for text in first] == ["applied", "conflict", "rejected", "held"]
    after, commits = everything(scene), count_commits(scene)
    for _ in range(3):
        assert verdicts_of(scene.field.push_sealed(sealed)) == first
    assert (everything(scene), count_commits(scene)) == (after, commits)
    assert_index_is_right(scene.organization)


def test_a_batch_that_was_partly_received_continues_where_it_stopped(scene: Scene) -> None:
    sealed = scene.field.device.seal(*(scene.field.comment(scene.order, f"{n}") for n in range(120)))
    first = verdicts_of(scene.field.push_sealed(sealed[:70], last_seq=70))
    assert verdicts_of(scene.field.push_sealed(sealed))[:70] == first
    assert verdicts_of(scene.field.push_sealed(sealed[30:80], last_seq=80))[:40] == first[30:]
    assert {row["text"] for row in scene.organization.rows("comment")} == {f"{n}" for n in range(120)}
    assert len(scene.organization.rows("comment")) == 120
    places = scene.organization.ask(
        "select device_seq from applied_mutation where organization_id = %s order by 1", scene.organization.id
    )
    assert [seq for (seq,) in places] == list(range(1, 121))


@pytest.mark.expects_warnings
def test_an_id_used_again_for_another_change_is_refused_with_an_alarm(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    first = scene.field.comment(scene.order, "first")
    assert scene.field.push_one(first)["status"] == "applied"
    again = {**scene.field.comment(scene.order, "second"), "mutation_id": first["mutation_id"]}
    sealed = scene.field.device.seal(again)
    (text,) = verdicts_of(scene.field.push_sealed(sealed))
    assert json.loads(text)["code"] == "mutation_reused"
    assert verdicts_of(scene.field.push_sealed(sealed)) == [text]
    assert scene.field.push_one(scene.field.comment(scene.order, "third"))["status"] == "applied"
    assert {row["text"] for row in scene.organization.rows("comment")} == {"first", "third"}
    assert "used again" in caplog.text


@pytest.mark.expects_warnings
def test_an_id_used_twice_in_one_batch_counts_once(scene: Scene) -> None:
    one = scene.field.comment(scene.order, "one")
    two = {**scene.field.comment(scene.order, "two"), "mutation_id": one["mutation_id"]}
    verdicts = scene.field.push(one, two)
    assert [verdict["code"] for verdict in verdicts] == [None, "mutation_reused"]
    assert [row["text"] for row in scene.organization.rows("comment")] == ["one"]


@pytest.mark.expects_warnings
def test_a_group_with_a_used_id_in_it_is_refused_whole(scene: Scene) -> None:
    first = scene.field.comment(scene.order, "first")
    scene.field.push_one(first)
    group = together(
        scene.field.comment(scene.order, "lost"),
        {**scene.field.comment(scene.order, "other"), "mutation_id": first["mutation_id"]},
    )
    assert [verdict["code"] for verdict in scene.field.push(*group)] == ["group_refused", "mutation_reused"]
    assert [row["text"] for row in scene.organization.rows("comment")] == ["first"]


@pytest.mark.expects_warnings
def test_another_devices_id_is_not_taken_over(scene: Scene) -> None:
    mine = scene.field.comment(scene.order, "mine")
    scene.field.push_one(mine)
    stolen = {**scene.office.comment(scene.order, "stolen"), "mutation_id": mine["mutation_id"]}
    assert scene.office.push_one(stolen)["code"] == "mutation_reused"
    assert [row["text"] for row in scene.organization.rows("comment")] == ["mine"]


def test_a_gap_names_the_first_missing_change_and_stores_nothing(scene: Scene) -> None:
    sealed = scene.field.device.seal(*(scene.field.comment(scene.order, f"{n}") for n in range(5)))
    scene.field.push_sealed(sealed[:2], last_seq=2)
    before = everything(scene)
    answer = scene.field.push_sealed(sealed[3:], last_seq=5).json()
    assert [verdict["status"] for verdict in answer["verdicts"]] == ["retry", "retry"]
    assert (answer["resend_from"], answer["chain_seq"]) == (3, 2)
    assert everything(scene) == before
    answer = scene.field.push_sealed(sealed[2:], last_seq=5).json()
    assert ([verdict["status"] for verdict in answer["verdicts"]], answer["chain_seq"]) == (["applied"] * 3, 5)


def test_a_chain_that_does_not_fit_is_refused(scene: Scene) -> None:
    scene.field.push_one(scene.field.comment(scene.order, "first"))
    before = everything(scene)
    scene.field.device.head = "f" * 64
    sealed = scene.field.device.seal(scene.field.comment(scene.order, "second"))
    assert problem(scene.field.push_sealed(sealed)) == (409, "chain_broken")
    assert everything(scene) == before


def test_other_changes_at_places_already_taken_are_refused(scene: Scene) -> None:
    """A copied replica, or a device that was set back: its chain is not the one that the server has."""
    scene.field.push(*(scene.field.comment(scene.order, f"{n}") for n in range(3)))
    before = everything(scene)
    copied = Device(id=scene.field.device.id, key=scene.field.device.key, seq=1, head="a" * 64)
    scene.field.device = copied
    sealed = copied.seal(scene.field.comment(scene.order, "forged"))
    assert problem(scene.field.push_sealed(sealed)) == (409, "chain_broken")
    assert everything(scene) == before


def test_a_chain_inside_one_batch_has_to_hold(scene: Scene) -> None:
    one = scene.field.device.seal(scene.field.comment(scene.order, "one"))
    scene.field.device.head = "0" * 64
    two = scene.field.device.seal(scene.field.comment(scene.order, "two"))
    assert problem(scene.field.push_sealed(one + two)) == (409, "chain_broken")
    assert scene.organization.rows("comment") == []


@pytest.mark.parametrize(
    ("seal", "code"),
    [
        ({"sig": "A" * 86}, "signature_invalid"),
        ({"sig": ""}, "signature_invalid"),
        ({"sig": "🔏"}, "signature_invalid"),
        ({"head": "0" * 64}, "chain_broken"),
        ({"from_seq": 0}, "chain_broken"),
        ({"to_seq": 2}, "chain_broken"),
        ({"from_seq": -(2**70), "to_seq": 2**70}, "chain_broken"),
    ],
)
def test_a_seal_that_is_not_this_devices_is_refused(scene: Scene, seal: dict[str, Any], code: str) -> None:
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    assert problem(scene.field.push_sealed(sealed, **seal))[1] == code
    assert scene.organization.rows("comment") == []


def test_another_devices_seal_is_refused(scene: Scene) -> None:
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    forged = Device(id=scene.field.device.id, seq=scene.field.device.seq, head=scene.field.device.head)
    assert problem(scene.field.push_sealed(sealed, sig=forged.seal_of(sealed)["sig"])) == (422, "signature_invalid")


@pytest.mark.parametrize("field", ["device", "user"])
def test_a_device_sends_its_own_changes_only(scene: Scene, field: str) -> None:
    for stranger in (scene.office.device.id, scene.office.person_id, new_id()):
        sealed = scene.field.device.seal({**scene.field.comment(scene.order), field: stranger})
        assert problem(scene.field.push_sealed(sealed)) == (403, "not_allowed")
    assert scene.organization.rows("comment") == []


def test_a_push_has_bounds(scene: Scene) -> None:
    seal = {"from_seq": 1, "to_seq": 1, "head": "0" * 64, "sig": ""}
    assert problem(scene.field.post("/v1/push", {"seal": seal, "mutations": []})) == (413, "too_large")
    many = [b"{}"] * 501
    assert problem(scene.field.push_sealed(many, sig="", from_seq=1, last_seq=501)) == (413, "too_large")
    large = scene.field.device.seal(scene.field.comment(scene.order, "x" * MAX_PUSH_BYTES))
    assert problem(scene.field.push_sealed(large)) == (413, "too_large")
    flood = b'{"seal":{},"mutations":[' + b"1," * (5 << 20) + b"1]}"
    assert problem(scene.field.request("POST", "/v1/push", content=flood)) == (413, "too_large")


def test_a_group_that_is_too_large_is_refused_alone(scene: Scene) -> None:
    many = together(*(scene.field.comment(scene.order, f"{n}") for n in range(51)))
    heavy = together(*(scene.field.comment(scene.order, "x" * 100_000) for _ in range(3)))
    good = scene.field.comment(scene.order, "good")
    verdicts = scene.field.push(*many, good, *heavy)
    assert {verdict["code"] for verdict in (*verdicts[:51], *verdicts[52:])} == {"too_large"}
    assert verdicts[51]["status"] == "applied"
    assert [row["text"] for row in scene.organization.rows("comment")] == ["good"]


POISON = {
    "a list as value": '{"set": {"text": [null, ["a", "b"]]}}',
    "a number beyond all": '{"set": {"text": [null, "1e999"]}}',
    "three values": '{"set": {"text": [1, 2, 3]}}',
    "no set": '{"set": null}',
    "set is a list": '{"set": []}',
    "a NUL": '{"set": {"text": [null, "a\\u0000b"]}}',
    "half a character as it is": '{"set": {"text": [null, "\ud800"]}}',
    "a NUL in a name": '{"set": {"te\\u0000xt": [null, "a"]}}',
    "the version is text": '{"v": "one"}',
    "the base is missing": '{"base": {}}',
    "an endless version": '{"base": {"epoch": "", "version": 99999999999999999999999, "seq": 1}}',
    "the clock is a number": '{"at": 12}',
    "another kind of signer": '{"signer": "me"}',
    "a signer without ids": '{"signer": {"user": "x", "device": "y"}}',
    "an endless number": '{"set": {"written_at": [null, 123456789012345678901234567890]}}',
    "an unknown entity": '{"entity": "wormhole", "type": "wormhole.create"}',
    "an entity of another type": '{"entity": "work_log"}',
    "an id in capitals": '{"id": "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"}',
    "an aggregate that is none": '{"aggregate_id": "x"}',
    "a date far away": '{"set": {"written_at": [null, "99999-01-01T00:00:00.000000Z"]}}',
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_poison_at_the_head_is_refused_alone(scene: Scene, poison: str) -> None:
    bad = {**scene.field.comment(scene.order), **json.loads(poison)}
    text = json.dumps(bad, ensure_ascii="\ud800" not in poison).replace('"1e999"', "1e999")
    sealed = [scene.field.device.seal_text(text), *scene.field.device.seal(scene.field.comment(scene.order, "good"))]
    first = verdicts_of(scene.field.push_sealed(sealed))
    said = [json.loads(text) for text in first]
    assert said[0]["code"] in {"invalid_value", "unknown_type"} or said[0]["status"] == "applied"
    assert said[1]["status"] == "applied"
    assert verdicts_of(scene.field.push_sealed(sealed)) == first


def test_text_that_is_no_utf_8_is_refused_alone(scene: Scene) -> None:
    sealed = scene.field.device.seal_text(json.dumps(scene.field.comment(scene.order, "@@@")))
    scene.field.device.seq, scene.field.device.head = 0, ""
    broken = scene.field.device.seal_text(json.dumps(scene.field.comment(scene.order, "@@@")))
    broken = broken.replace(b"@@@", b"\xff\xfe\xfd")
    assert sealed != broken
    response = scene.field.push_sealed([broken])
    (verdict,) = verdicts_of(response)
    assert json.loads(verdict)["code"] == "invalid_value"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"seal": 1, "mutations": []}',
        b'{"mutations": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"seal":{},"mutations":' + b"[" * 100_000,
        b'{"seal":{"from_seq":1,"to_seq":1,"head":"","sig":""},"mutations":[' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000
        + b"]}",
        b'{"seal":{"from_seq":1,"to_seq":1,"head":"","sig":""},"mutations":[{}]}',
        b'{"seal":{"from_seq":1,"to_seq":1,"head":"","sig":""},"mutations":[NaN]}',
        b'{"seal":{"from_seq":1,"to_seq":1,"head":"","sig":""},"mutations":["\\ud800"]}',
        b'{"seal":{"from_seq":1,"to_seq":1,"head":"","sig":""},"mutations":["text", 1, null]}',
    ],
)  # fmt: skip
def test_what_is_no_push_is_a_problem(scene: Scene, body: bytes) -> None:
    response = scene.field.request("POST", "/v1/push", content=body)
    assert problem(response) == (400, "bad_request")


@pytest.mark.expects_warnings
def test_a_change_that_breaks_the_program_is_refused_alone_and_reported(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide = apply_unit.decide

    def fragile(mutation: Any, *arguments: Any, **named: Any) -> Any:
        if mutation.set["text"][1] == "poison":
            raise KeyError("a secret value")
        return decide(mutation, *arguments, **named)

    monkeypatch.setattr(apply_unit, "decide", fragile)
    before, bad, after = (scene.field.comment(scene.order, text) for text in ("before", "poison", "after"))
    verdicts = scene.field.push(before, bad, after)
    assert [verdict["code"] for verdict in verdicts] == [None, "internal", None]
    assert "secret" not in verdicts[1]["reason"]
    assert {row["text"] for row in scene.organization.rows("comment")} == {"before", "after"}
    assert "could not be applied" in caplog.text


@pytest.mark.expects_warnings
def test_invariant_19_one_among_many_is_found_by_halves_and_the_others_count(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide, apply, sizes = apply_unit.decide, push.apply_unit, []

    def fragile(mutation: Any, *arguments: Any, **named: Any) -> Any:
        if mutation.set["text"][1] == "number 13":
            raise KeyError("broken")
        return decide(mutation, *arguments, **named)

    def counting(connection: Any, caller: Any, groups: Any, **named: Any) -> Any:
        sizes.append(len(groups))
        return apply(connection, caller, groups, **named)

    monkeypatch.setattr(apply_unit, "decide", fragile)
    monkeypatch.setattr(push, "apply_unit", counting)
    verdicts = scene.field.push(*(scene.field.comment(scene.order, f"number {number}") for number in range(32)))
    assert [number for number, verdict in enumerate(verdicts) if verdict["code"] == "internal"] == [13]
    assert len(scene.organization.rows("comment")) == 31
    assert sizes == [32, 16, 8, 8, 4, 4, 2, 1, 1, 1, 2, 16], "the one itself comes once more, to be refused"


@pytest.mark.expects_warnings
def test_a_batch_behind_one_that_is_taken_in_halves_does_not_come_between(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would have a gap before it, and all would be sent and answered twice (D-160)."""
    decide, first_met = apply_unit.decide, Event()

    def fragile(mutation: Any, *arguments: Any, **named: Any) -> Any:
        if mutation.set["text"][1] == "poison":
            first_met.set()
            time.sleep(0.05)  # time enough for the other one to come, each time that this is tried
            raise KeyError("broken")
        return decide(mutation, *arguments, **named)

    monkeypatch.setattr(apply_unit, "decide", fragile)
    client = scene.field
    said = ["1", "2", "poison", "4", "5", "6", "7", "8"]
    ahead = client.body_of(client.device.seal(*(client.comment(scene.order, text) for text in said)))
    behind = client.body_of(client.device.seal(client.comment(scene.order, "behind")))
    with ThreadPoolExecutor(1) as line:
        coming = line.submit(client.request, "POST", "/v1/push", content=ahead)
        assert first_met.wait(60.0)
        answer = client.request("POST", "/v1/push", content=behind).json()
        statuses = [verdict["status"] for verdict in coming.result().json()["verdicts"]]
    assert statuses == ["applied"] * 2 + ["rejected"] + ["applied"] * 5
    assert ([verdict["status"] for verdict in answer["verdicts"]], answer["resend_from"]) == (["applied"], None)


def test_a_small_batch_does_not_overtake_the_large_one_before_it_that_is_still_being_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, has_first_come, has_second_come = push.parse, Event(), Event()

    def slowly(texts: Any, **named: Any) -> Any:
        if len(texts) > 1:
            has_first_come.set()
            assert has_second_come.wait(60.0)
        has_second_come.set()
        return read(texts, **named)

    monkeypatch.setattr(push, "parse", slowly)
    client = scene.field
    ahead = client.body_of(client.device.seal(*(client.comment(scene.order, f"{n}") for n in range(50))))
    behind = client.body_of(client.device.seal(client.comment(scene.order, "behind")))
    with ThreadPoolExecutor(1) as line:
        coming = line.submit(client.request, "POST", "/v1/push", content=ahead)
        assert has_first_come.wait(60.0)
        answers = [client.request("POST", "/v1/push", content=behind).json(), coming.result().json()]
    assert [{verdict["status"] for verdict in answer["verdicts"]} for answer in answers] == [{"applied"}] * 2


def test_a_busy_row_means_retry_and_nothing_is_stored(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "TRIES", 1)
    scene.field.push_one(scene.field.comment(scene.order))
    before = everything(scene)
    sealed = scene.field.device.seal(scene.field.edit("work_order", scene.order, title="Waits"))
    with psycopg.connect(scene.organization.server.owner_url) as holder:
        holder.execute("select from work_order where id = %s for update", (scene.order["id"],))
        answer = scene.field.push_sealed(sealed).json()
        assert [verdict["status"] for verdict in answer["verdicts"]] == ["retry"]
        assert (answer["chain_seq"], answer["resend_from"]) == (1, None)
    assert everything(scene) == before
    assert json.loads(verdicts_of(scene.field.push_sealed(sealed))[0])["status"] == "applied"
