"""One cycle: what is asked in which order, and what does not stop what."""

from collections.abc import Callable

import httpx
import pytest

from cmms_desktop.errors import ContractMismatch, Refused, ServerBusy, ServerUnreachable
from cmms_desktop.sync.engine import AT_ONCE
from tests.support.replicas import SCOPE, SITE
from tests.unit.sync.wire import Wire, edit, lines_of, missing, ndjson, order, problem


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
    assert wire.new_asked() == ["sync", "push"], "the download came with the first"
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


@pytest.mark.parametrize(("path", "times"), [("hello", 1), ("pull", 2)])
def test_a_restore_that_is_told_out_of_turn_is_met_by_the_next_cycle(wire: Wire, path: str, times: int) -> None:
    """Such as the answer to another question, which a bad connection mixed up; it has stopped the program for good."""
    wire.engine.sync()
    wire.pass_time(minutes=11)  # the next cycle begins with a hello
    wire.once(path, *[lambda request: problem("fork", 409)] * times)
    with pytest.raises(ServerBusy):
        wire.engine.sync()
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked()[0] == "hello"
    wire.field.assert_converged()


def test_a_server_that_tells_of_a_restore_again_and_again_is_left_alone_for_longer_each_time(wire: Wire) -> None:
    """Such as two servers of different histories behind one address: ten thousand devices must not ask every second."""

    def waits() -> list[float]:
        found = []
        for _ in range(9):
            wire.once("pull", *[lambda request: problem("fork", 409)] * 2)
            with pytest.raises(ServerBusy) as busy:
                wire.engine.sync()
            found.append(busy.value.retry_after_s)
        return found

    wire.engine.sync()
    expected = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]
    assert waits() == expected
    wire.engine.sync()
    assert waits() == expected


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


def turned_away(request: httpx.Request) -> httpx.Response:
    """What a proxy says of a request that it does not like."""
    return httpx.Response(413, headers={"Content-Type": "text/html"}, content=b"<h1>Too large")


@pytest.mark.parametrize("answer", [turned_away, lambda request: problem("internal", 500)], ids=["a proxy", "a fault"])
def test_invariant_19_whatever_keeps_changes_from_leaving_keeps_no_news_from_coming(
    wire: Wire, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    edit(wire, order_id, title="Mine")
    wire.once("sync", *[answer] * 5)
    wire.once("push", *[answer] * 5)
    for _ in range(2):
        with pytest.raises((ServerUnreachable, ServerBusy)):
            wire.engine.sync()
    for priority in ("high", "critical"):
        wire.server.change("work_order", order_id, priority=priority)
        with pytest.raises((ServerUnreachable, ServerBusy)):
            wire.engine.sync()
        assert (order(wire, order_id)["priority"], order(wire, order_id)["title"]) == (priority, "Mine")
    wire.instead.clear()
    assert wire.engine.sync().verdicts == {"merged": 1}
    edit(wire, order_id, title="Mine again")
    wire.new_asked()
    wire.engine.sync()
    assert wire.new_asked() == ["sync"], "all is as before"
    wire.field.assert_converged()


def test_a_line_that_carries_no_large_request_carries_many_small_ones(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full push takes longer than a request may take on a slow line, and some proxies turn it away."""
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    with wire.field.replica.write() as write:
        for number in range(320):
            write.group()
            write.set("work_order", order_id, title=f"Title {number}")
    push = wire._push
    narrow = lambda request: push(request) if len(request.content) < 1 << 16 else turned_away(request)  # noqa: E731
    monkeypatch.setattr(wire, "_push", narrow)
    with pytest.raises(ServerUnreachable):
        wire.engine.sync()
    assert wire.engine.sync().pushed == 320
    wire.field.assert_converged()
