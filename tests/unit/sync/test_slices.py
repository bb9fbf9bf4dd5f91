"""Slices travel one ahead of the one that is being written, in order, and stop where the server stops."""

from contextlib import closing
from pathlib import Path
from threading import Event

import httpx
import msgspec
import pytest

from cmms_desktop.errors import ServerUnreachable
from cmms_desktop.sync.slices import Slice, Token, slices
from tests.support.replicas import SCOPE
from tests.unit.sync.wire import Wire, ndjson

WITHIN_S = 60.0


def slice_of(name: str, following: str | None) -> Slice:
    return [
        msgspec.json.encode(line) for line in (["join", "scope", "work_order", [name]], ["end", {"token": following}])
    ]


class Scope:
    """A scope of three slices, with a note of what was asked for."""

    def __init__(self) -> None:
        self.asked: list[Token] = []
        self.second_asked = Event()

    def fetch(self, token: Token) -> Slice:
        self.asked.append(token)
        if token == "b":
            self.second_asked.set()
        return {None: slice_of("1", "b"), "b": slice_of("2", "c"), "c": slice_of("3", None)}[token]


def test_every_slice_comes_once_and_in_order_with_the_token_that_it_was_asked_with() -> None:
    scope = Scope()
    found = list(slices(scope.fetch, None))
    assert found == [(None, slice_of("1", "b")), ("b", slice_of("2", "c")), ("c", slice_of("3", None))]
    assert scope.asked == [None, "b", "c"]


def test_a_fetch_goes_on_where_it_stopped() -> None:
    assert [token for token, _ in slices(Scope().fetch, "b")] == ["b", "c"]


def test_the_next_slice_travels_while_the_one_before_is_used_and_no_further_one() -> None:
    scope = Scope()
    with closing(slices(scope.fetch, None)) as coming:
        next(coming)
        assert scope.second_asked.wait(WITHIN_S)
        assert "c" not in scope.asked


def test_who_wants_the_line_has_it_before_the_next_slice_sets_out() -> None:
    scope = Scope()
    wanted = iter([False, True])
    found = [token for token, _ in slices(scope.fetch, None, is_line_wanted=lambda: next(wanted))]
    assert (found, scope.asked) == ([None, "b"], [None, "b"])


def test_text_between_all_slices_fetches_none_of_them_twice(tmp_path: Path) -> None:
    with closing(Wire(tmp_path)) as wire:
        for number in range(7):
            wire.field.add_order(number)
        wire.engine.is_text_due = lambda: True
        report = wire.engine.sync()
        assert report.bootstrapped == [SCOPE]
        assert wire.new_asked() == ["hello", "pull", *["bootstrap", "pull"] * 4]
        wire.field.assert_converged()


def test_a_slice_that_was_cut_short_is_the_last() -> None:
    cut = slice_of("1", "b")[:1]
    assert list(slices(lambda token: cut, None)) == [(None, cut)]
    assert list(slices(lambda token: [], None)) == [(None, [])]


def test_a_slice_whose_last_line_is_damaged_is_not_gone_on_from() -> None:
    with pytest.raises(ServerUnreachable, match="damaged"):
        list(slices(lambda token: [*slice_of("1", "b"), b'["end",{"tok'], None))


def test_a_line_that_is_damaged_in_the_middle_changes_nothing_and_is_asked_for_again(tmp_path: Path) -> None:
    with closing(Wire(tmp_path)) as wire:
        wire.field.add_order(1)

        def damaged(request: httpx.Request) -> httpx.Response:
            first, *rest = wire.server.bootstrap(SCOPE, None, None)
            return ndjson([first, "no line", *rest])

        wire.once("bootstrap", damaged)
        with pytest.raises(ServerUnreachable, match="damaged"):
            wire.engine.sync()
        assert wire.field.replica.state().bootstrap == (SCOPE,)
        wire.engine.sync()
        wire.field.assert_converged()


def test_what_stops_the_network_comes_out_after_the_slices_before_it() -> None:
    def fetch(token: Token) -> Slice:
        if token == "b":
            raise ServerUnreachable
        return slice_of("1", "b")

    with closing(slices(fetch, None)) as coming:
        assert next(coming) == (None, slice_of("1", "b"))
        with pytest.raises(ServerUnreachable):
            next(coming)


def test_a_server_that_begins_again_in_the_middle_is_followed_from_its_beginning(tmp_path: Path) -> None:
    """A slice of the new beginning is on its way already; it is not mixed with the old ones, nor used twice."""
    with closing(Wire(tmp_path)) as wire:
        for number in range(7):
            wire.field.add_order(number)

        def begun_again(request: httpx.Request) -> httpx.Response:
            wire.field.add_order(8)
            return ndjson(wire.server.bootstrap(SCOPE, None, None))

        wire.once("bootstrap", lambda request: ndjson(wire.server.bootstrap(SCOPE, None, None)), begun_again)
        report = wire.engine.sync()
        assert report.bootstrapped == [SCOPE]
        wire.field.assert_converged()
