"""Answers that are late, mixed up, cut or partial: none is taken for another, and none is asked for ever."""

import json
from typing import Any

import httpx
import pytest

from cmms_desktop.errors import ServerUnreachable
from sync_server.contract.messages import PushRequest
from tests.support.replicas import SCOPE, SITE, uid
from tests.unit.sync.wire import Wire, edit, lines_of, missing, ndjson, order, saying


def test_an_answer_to_both_that_is_cut_anywhere_counts_for_nothing(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")

    def without_end(request: httpx.Request) -> httpx.Response:
        return ndjson(lines_of(wire._sync(request))[:-1])

    wire.once("sync", without_end)
    with pytest.raises(ServerUnreachable):
        wire.engine.sync()
    assert wire.field.replica.outbox.state().count == 1
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["hello", "push", "pull"], "on a line that cuts long answers verdicts come alone"
    wire.field.assert_converged()
    edit(wire, order_id, title="Mine again")
    wire.engine.sync()
    assert wire.new_asked() == ["sync"]


def test_an_answer_to_both_is_none_to_a_pull_and_a_pull_none_to_both(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    both: list[list[list[Any]]] = []

    def lost(request: httpx.Request) -> httpx.Response:
        both.append(lines_of(wire._sync(request)))
        raise httpx.ReadError("lost")

    wire.once("sync", lost)
    with pytest.raises(ServerUnreachable):
        wire.engine.sync()
    wire.engine.sync()
    for given in (both[0], both[0][:-1]):
        wire.once("pull", lambda request, given=given: ndjson(given))
        with pytest.raises(ServerUnreachable, match="mixed up"):
            wire.engine.sync()
    wire.engine.sync()
    edit(wire, order_id, title="Mine again")
    wire.once("sync", lambda request: ndjson(wire.server.pull(wire.field.replica.state().cursor)))
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    wire.engine.sync()
    wire.field.assert_converged()


def test_a_server_that_has_more_is_asked_again(wire: Wire) -> None:
    first, second = wire.field.add_order(1), wire.field.add_order(2)
    wire.engine.sync()
    wire.new_asked()
    wire.server.change("work_order", first, title="One")

    def half(request: httpx.Request) -> httpx.Response:
        lines = wire.server.pull(json.loads(request.content)["cursor"])
        wire.server.change("work_order", second, title="Two")
        lines[-1][1]["more"] = True
        return ndjson(lines)

    wire.once("pull", half)
    wire.engine.sync()
    assert wire.new_asked() == ["pull", "pull"]
    assert (order(wire, first)["title"], order(wire, second)["title"]) == ("One", "Two")


def test_a_server_that_always_has_more_of_nothing_is_not_asked_for_ever(wire: Wire) -> None:
    wire.engine.sync()

    def nothing(request: httpx.Request) -> httpx.Response:
        lines = wire.server.pull(json.loads(request.content)["cursor"])
        lines[-1][1]["more"] = True
        return ndjson(lines)

    wire.once("pull", *[nothing] * 50)
    wire.new_asked()
    wire.engine.sync()
    assert len(wire.new_asked()) <= 2


def test_a_verdict_that_says_retry_waits_for_the_next_cycle(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.once("sync", lambda request: saying(wire, request, "retry"))
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["sync"]
    assert wire.field.replica.outbox.state().count == 1
    wire.engine.sync()
    wire.field.assert_converged()


def test_a_verdict_that_this_version_does_not_know_is_not_asked_for_ever(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.once("sync", lambda request: saying(wire, request, "postponed"))
    wire.once("push", *[lambda request: saying(wire, request, "postponed")] * 50)
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["sync"]
    assert wire.field.replica.outbox.state().count == 1


def test_a_server_that_misses_earlier_mutations_gets_them_again_unchanged(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    sent: list[list[bytes]] = []
    push = wire._pushed

    def note(pushed: PushRequest) -> dict[str, Any]:
        sent.append([bytes(each) for each in pushed.mutations])
        return push(pushed)

    wire._pushed = note  # type: ignore[method-assign]
    edit(wire, order_id, title="First")
    wire.engine.sync()
    edit(wire, order_id, title="Second")
    wire.once("sync", lambda request: missing(wire, request, 1))
    wire.engine.sync()
    assert sent[1][0] == sent[0][0]
    assert len(sent[1]) == 2
    wire.field.assert_converged()


def test_verdicts_on_other_mutations_are_not_taken(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    stray = {"verdicts": [{"mutation_id": uid(77), "status": "applied"}], "chain_seq": 1, "server_time": ""}
    wire.once("sync", lambda request: ndjson([["pushed", stray], *lines_of(wire._sync(request))[1:]]))
    wire.once("push", lambda request: httpx.Response(200, json=stray))
    for _ in ("sync", "push"):
        with pytest.raises(ServerUnreachable, match="mixed up"):
            wire.engine.sync()
        assert wire.field.replica.outbox.state().count == 1
    wire.engine.sync()
    wire.field.assert_converged()


def test_an_older_answer_never_takes_a_device_back(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    old = wire.server.pull(wire.field.replica.state().cursor)
    wire.server.change("work_order", order_id, title="New")
    wire.engine.sync()
    wire.once("pull", lambda request: ndjson(old))
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    assert order(wire, order_id)["title"] == "New"
    wire.engine.sync()
    wire.field.assert_converged()


def test_a_slice_is_no_answer_to_a_pull_and_a_pull_none_to_a_bootstrap(wire: Wire) -> None:
    wire.field.add_order(1)
    wire.once("pull", lambda request: ndjson(wire.server.bootstrap(SCOPE, None, None)))
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    wire.once("bootstrap", lambda request: ndjson(wire.server.pull(None)))
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    wire.engine.sync()
    wire.field.assert_converged()


def test_the_slice_of_another_scope_is_not_taken_for_this_one(wire: Wire) -> None:
    other = f"review:{SITE}"
    wire.server.allowed.append(other)
    wire.field.add_order(1)
    wire.field.add_order(2, scope=other)
    wire.once("bootstrap", lambda request: ndjson(wire.server.bootstrap(other, None, None)))
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    wire.engine.sync()
    wire.field.assert_converged()
