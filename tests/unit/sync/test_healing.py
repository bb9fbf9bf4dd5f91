"""When the local store is compared, what is asked for, and how often, at the HTTP door."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.sync import healing
from tests.support.command_key import CommandKey
from tests.support.replicas import SCOPE, uid
from tests.unit.sync.wire import Wire, ndjson, problem


@pytest.fixture
def order(wire: Wire) -> str:
    """An order on the device, with all that was to be compared compared, and nothing new."""
    made = wire.field.add_order(1)
    for _ in range(2):
        wire.engine.sync()
    wire.new_asked()
    return made


def break_row(wire: Wire, order: str) -> None:
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE work_order SET row_hash = 0 WHERE id = ?", (order,))


def test_what_was_compared_is_compared_again_only_when_another_digest_is_told(wire: Wire, order: str) -> None:
    break_row(wire, order)
    assert wire.engine.sync().healed == 0
    assert wire.new_asked() == ["pull"]
    wire.field.add_order(2)
    assert wire.engine.sync().healed > 0
    assert wire.new_asked() == ["pull", "verify"]
    row = wire.field.replica.get("work_order", order)
    assert row is not None
    assert row["row_hash"] == wire.server.rows["work_order", order]["row_hash"]


def test_a_large_scope_is_compared_when_nothing_comes(wire: Wire, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healing, "LARGE", 0)
    break_row(wire, order)
    wire.field.add_order(2)
    assert wire.engine.sync().healed == 0
    assert wire.engine.sync().healed > 0
    assert wire.new_asked() == ["pull", "pull", "verify"]


def test_a_server_that_knows_no_verify_is_left_alone(wire: Wire, order: str) -> None:
    break_row(wire, order)
    wire.field.add_order(2)
    wire.once("verify", lambda request: problem("not_found", 404))
    assert wire.engine.sync().healed == 0


@pytest.mark.parametrize("wrong", ["another scope", "an older state", "another epoch", "a pull", "no end"])
def test_an_answer_that_does_not_belong_changes_nothing(wire: Wire, order: str, wrong: str) -> None:
    break_row(wire, order)
    wire.field.add_order(2)

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        lines: list[list[Any]] = wire.server.verify(asked["scope"], {})
        if wrong == "another scope":
            lines[-1][1]["scope"] = "org:catalog"
        elif wrong == "an older state":
            lines[-1][1]["seq"] = 1
        elif wrong == "another epoch":
            lines[0][1]["epoch"] = uid(99)
        elif wrong == "a pull":
            lines = wire.server.pull(None)
        else:
            lines = lines[:-1]
        return ndjson(lines)

    wire.once("verify", answer)
    with pytest.raises(ServerUnreachable):
        wire.engine.sync()
    with wire.field.replica.read() as reading:
        assert reading.get("work_order", order)["row_hash"] == 0  # type: ignore[index]
    assert wire.engine.sync().healed > 0


def test_the_server_may_ask_for_a_deep_check(wire: Wire, order: str) -> None:
    wire.engine.sync()
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE work_order SET title = 'Altered' WHERE id = ?", (order,))
    assert wire.engine.sync().healed == 0
    wire.pass_time(minutes=11)
    key = CommandKey()
    wire.field.replica.remember(server_key=key.public_key)

    def hello(request: httpx.Request) -> httpx.Response:
        told = json.loads(wire._hello(request).content)
        nonce = json.loads(request.content)["lease_nonce"]
        commands = [key.command(kind, nonce=nonce) for kind in ("verify", "something newer")]
        content = msgspec.json.encode({**told, "device_commands": commands})
        return httpx.Response(200, headers={"Content-Type": "application/json"}, content=content)

    wire.once("hello", hello)
    assert wire.engine.sync().healed > 0
    row = wire.field.replica.get("work_order", order)
    assert row is not None
    assert row["title"] != "Altered"
    assert SCOPE in (wire.field.replica.state().digests or {})


def test_checksums_and_the_deep_check_take_turns_with_text(
    wire: Wire, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cycle reads some aggregates; the next ones go on."""
    monkeypatch.setattr("cmms_desktop.replica.content_sums.BATCH", 1)
    monkeypatch.setattr(healing, "BATCHES", 2)
    for number in range(2, 7):
        wire.field.add_order(number)
    wire.engine.sync()
    cycles = 0
    while sums(wire) < 6:
        before = sums(wire)
        wire.engine.sync()
        cycles += 1
        assert sums(wire) <= before + 2
    assert cycles >= 2
    with wire.field.replica.database.writer() as handle:
        handle.cursor.execute("UPDATE work_order SET title = 'Altered'")
    wire.engine._healer.is_deep_check_due = True
    healed = [wire.engine.sync().healed > 0 for _ in range(4)]
    assert healed == [True, True, True, False]


def sums(wire: Wire) -> int:
    with wire.field.replica.read() as reading:
        return int(reading.cursor.execute("SELECT count(*) FROM content_sum").fetchone()[0])
