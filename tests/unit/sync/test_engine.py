"""One cycle: what is asked in which order, and what does not stop what."""

import json
from typing import Any

import httpx
import pytest

from cmms_desktop.errors import ContractMismatch, Refused, ServerUnreachable
from cmms_desktop.sync.engine import AT_ONCE
from sync_server.contract.fields import Row
from sync_server.contract.messages import PushRequest
from tests.support.replicas import SCOPE, SITE, uid
from tests.unit.sync.wire import Wire, lines_of, ndjson, problem


def edit(wire: Wire, order_id: str, **values: str) -> None:
    with wire.field.replica.write() as write:
        write.set("work_order", order_id, **values)


def order(wire: Wire, order_id: str) -> Row:
    row = wire.field.replica.get("work_order", order_id)
    assert row is not None
    return row


def test_a_first_cycle_reads_every_scope_and_pulls_what_changed_meanwhile(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    report = wire.engine.sync()
    assert wire.new_asked() == ["hello", "pull", "bootstrap", "pull"]
    assert report.bootstrapped == [SCOPE]
    assert order(wire, order_id)["title"] == "Check the pump"


def test_a_cycle_pushes_before_it_pulls_and_the_next_one_needs_no_hello(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    wire.new_asked()
    edit(wire, order_id, title="Mine")
    report = wire.engine.sync()
    assert wire.new_asked() == ["sync"], "one round trip"
    assert report.verdicts == {"applied": 1}
    wire.field.assert_converged()


def test_an_older_server_is_asked_one_by_one_and_only_once_for_both(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.knows_both = False
    wire.engine.sync()
    wire.new_asked()
    for title, asked in (("First", ["sync", "push", "pull"]), ("Second", ["push", "pull"])):
        edit(wire, order_id, title=title)
        wire.engine.sync()
        assert wire.new_asked() == asked
    wire.knows_both = True
    wire.pass_time(minutes=11)
    edit(wire, order_id, title="Third")
    wire.engine.sync()
    assert wire.new_asked() == ["hello", "sync"], "it may have been updated meanwhile"
    wire.field.assert_converged()


def test_more_than_a_unit_is_pushed_before_one_pull(wire: Wire) -> None:
    orders = [wire.field.add_order(number) for number in range(1, AT_ONCE + 2)]
    wire.engine.sync()
    wire.new_asked()
    for order_id in orders:
        edit(wire, order_id, title="Mine")
    wire.engine.sync()
    assert wire.new_asked() == ["push", "pull"]
    wire.field.assert_converged()


def test_what_came_meanwhile_comes_with_the_verdict(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.server.change("work_order", order_id, priority="high")
    wire.engine.sync()
    assert (order(wire, order_id)["priority"], order(wire, order_id)["title"]) == ("high", "Mine")
    assert wire.field.replica.outbox.acknowledged() == (), "the pull holds the commit of the push"
    wire.field.assert_converged()


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


@pytest.mark.parametrize("at", ["push", "pull"])
def test_whichever_half_is_refused_the_other_is_done(wire: Wire, at: str) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.server.change("work_order", order_id, priority="high")
    for path in ("sync", at):
        wire.once(path, lambda request: problem("not_allowed", 403, detail="Not now."))
    with pytest.raises(Refused, match=r"Not now\."):
        wire.engine.sync()
    assert wire.field.replica.outbox.state().count == (at == "push")
    assert order(wire, order_id)["priority"] == ("high" if at == "push" else "medium")
    wire.engine.sync()
    wire.field.assert_converged()


def test_verdicts_are_not_taken_from_an_answer_read_before_their_commit(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")

    def stale(request: httpx.Request) -> httpx.Response:
        pulled = wire.server.pull(wire.field.replica.state().cursor)
        return ndjson([lines_of(wire._sync(request))[0], *pulled])

    wire.once("sync", stale)
    with pytest.raises(ServerUnreachable, match="mixed up"):
        wire.engine.sync()
    assert wire.field.replica.outbox.state().count == 1
    wire.engine.sync()
    wire.field.assert_converged()


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


def test_what_was_unblocked_by_a_verdict_goes_in_the_same_cycle(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")

    def edit_meanwhile(request: httpx.Request) -> httpx.Response:
        answer = wire._sync(request)
        edit(wire, order_id, priority="high")
        return answer

    wire.once("sync", edit_meanwhile)
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["sync", "push", "pull"]
    assert wire.field.replica.outbox.state().count == 0
    wire.field.assert_converged()


def test_hello_is_said_again_after_ten_minutes_and_when_the_clock_was_set_back(wire: Wire) -> None:
    wire.engine.sync()
    wire.pass_time(minutes=10)
    wire.engine.sync()
    wire.pass_time(hours=-1)
    wire.engine.sync()
    wire.engine.sync()
    assert wire.new_asked().count("hello") == 3


def test_hello_measures_how_far_the_servers_clock_is_ahead(wire: Wire) -> None:
    wire.engine.sync()
    assert wire.field.replica.state().offset_ms == 5_000


def test_a_hello_that_fails_is_said_again(wire: Wire) -> None:
    wire.once("hello", lambda request: problem("internal", 500))
    with pytest.raises(Exception, match="busy"):
        wire.engine.sync()
    wire.engine.sync()
    assert wire.new_asked().count("hello") == 2


def test_a_push_that_is_refused_whole_stops_no_download(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.server.change("work_order", order_id, priority="high")
    for path in ("sync", "push"):
        wire.once(path, lambda request: problem("chain_broken", 409, detail="Not this chain."))
    with pytest.raises(Refused, match="Not this chain"):
        wire.engine.sync()
    assert (order(wire, order_id)["priority"], order(wire, order_id)["title"]) == ("high", "Mine")
    assert wire.field.replica.outbox.state().count == 1
    wire.engine.sync()
    wire.field.assert_converged()


def test_a_server_that_asks_twice_for_the_same_changes_is_told_after_the_download(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.server.change("work_order", order_id, priority="high")
    wire.once("sync", lambda request: missing(wire, request, 1))
    wire.once("push", lambda request: missing(wire, request, 1))
    wire.new_asked()
    with pytest.raises(Refused, match="cannot send") as refusal:
        wire.engine.sync()
    assert refusal.value.code == "chain_broken"
    assert wire.new_asked() == ["sync", "push", "pull"]
    assert (order(wire, order_id)["priority"], order(wire, order_id)["title"]) == ("high", "Mine")
    wire.engine.sync()
    wire.field.assert_converged()


def test_a_server_that_asks_for_changes_that_are_not_here_is_told(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.once("sync", lambda request: missing(wire, request, 7))
    wire.new_asked()
    with pytest.raises(Refused, match="cannot send"):
        wire.engine.sync()
    assert wire.new_asked() == ["sync"]


def saying(wire: Wire, request: httpx.Request, status: str, **more: object) -> httpx.Response:
    """An answer to a push, or to both, that says the same of every mutation and has stored none."""
    asked = json.loads(request.content)
    mutations = asked["push"]["mutations"] if "push" in asked else asked["mutations"]
    verdicts = [{"mutation_id": each["mutation_id"], "status": status} for each in mutations]
    said = {"verdicts": verdicts, "chain_seq": 0, "server_time": "", **more}
    if "push" not in asked:
        return httpx.Response(200, json=said)
    return ndjson([["pushed", said], *wire.server.pull(asked["pull"]["cursor"])])


def missing(wire: Wire, request: httpx.Request, device_seq: int) -> httpx.Response:
    """The answer of a server that misses what comes from a place of the chain on."""
    return saying(wire, request, "retry", resend_from=device_seq)


def test_a_version_that_is_too_old_may_still_push(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    wire.pass_time(minutes=11)
    edit(wire, order_id, title="Mine")
    wire.new_asked()
    wire.once("hello", lambda request: problem("contract_mismatch", 426, detail="Update the app."))
    with pytest.raises(ContractMismatch, match="Update the app"):
        wire.engine.sync()
    assert wire.new_asked() == ["hello", "push"]
    assert wire.server.rows["work_order", order_id]["title"] == "Mine"


def test_a_cursor_that_the_server_does_not_know_makes_the_device_read_afresh(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    for path in ("sync", "pull"):
        wire.once(path, lambda request: problem("cursor_invalid", 409))
    report = wire.engine.sync()
    assert report.restarted
    assert report.bootstrapped == [SCOPE]
    wire.engine.sync()
    wire.field.assert_converged()


def test_any_other_refusal_of_a_pull_is_told(wire: Wire) -> None:
    wire.once("pull", lambda request: problem("not_allowed", 403))
    with pytest.raises(Refused):
        wire.engine.sync()


def test_a_pull_that_finds_a_restored_server_says_hello_again(wire: Wire) -> None:
    wire.engine.sync()
    wire.new_asked()
    wire.once("pull", lambda request: problem("fork", 409))
    wire.engine.sync()
    assert wire.new_asked() == ["pull", "hello", "pull"]


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


def test_a_session_that_is_over_is_renewed_once_in_the_middle_of_a_cycle(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.valid.clear()
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["sync", "refresh", "sync"]
    wire.field.assert_converged()


def test_a_scope_that_is_offered_later_is_granted_by_another_hello(wire: Wire) -> None:
    wire.engine.sync()
    wire.new_asked()
    wire.field.server.allowed = [*wire.field.server.allowed, f"review:{SITE}"]
    wire.engine.sync()
    assert wire.new_asked() == ["pull", "hello", "bootstrap", "pull"]
