"""A session: renewed when it is over, never begun again by itself, and never in the way of the outbox."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.errors import ServerUnreachable, SessionExpired
from cmms_desktop.sync.session_keeper import prover
from tests.support.replicas import DEVICE
from tests.unit.sync.wire import Wire, problem

WITHIN_S = 60.0


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("the answer was lost")


def test_a_program_that_starts_has_no_access_token_and_renews_first(wire: Wire) -> None:
    wire.transport.access_token = None
    wire.engine.sync()
    assert wire.new_asked()[:2] == ["refresh", "hello"]
    assert wire.tokens.current() == "refresh-1"


def test_a_lost_answer_to_a_refresh_is_asked_for_again_with_the_same_token(wire: Wire) -> None:
    wire.transport.access_token = None
    seen: list[bytes] = []

    def lost_later(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return lost(request)

    wire.once("refresh", lost_later, lost_later)
    for _ in range(2):
        with pytest.raises(ServerUnreachable):
            wire.engine.sync()
    wire.engine.sync()
    assert seen[0] == seen[1]
    assert b"refresh-0" in seen[0]


def test_a_refresh_that_is_refused_asks_the_person_and_keeps_the_work(wire: Wire) -> None:
    order_id = wire.field.add_order(1)
    wire.engine.sync()
    with wire.field.replica.write() as write:
        write.set("work_order", order_id, title="Mine")
    wire.valid.clear()
    wire.once("refresh", lambda request: problem("session_expired", 401))
    with pytest.raises(SessionExpired):
        wire.engine.sync()
    assert wire.field.replica.outbox.state().count == 1


def test_without_a_refresh_token_the_person_has_to_sign_in(wire: Wire) -> None:
    wire.tokens.forget()
    wire.transport.access_token = None
    with pytest.raises(SessionExpired):
        wire.engine.sync()
    assert wire.new_asked() == []


def test_a_server_that_never_accepts_a_token_is_asked_twice_and_no_more(wire: Wire) -> None:
    wire.once("hello", *[lambda request: problem("session_expired", 401)] * 5)
    with pytest.raises(SessionExpired):
        wire.engine.sync()
    assert wire.new_asked() == ["hello", "refresh", "hello"]


def test_the_new_refresh_token_is_kept_before_the_old_one_is_used_up(wire: Wire) -> None:
    wire.session.renew()
    wire.session.renew()
    assert wire.tokens.current() == "refresh-2"
    assert wire.transport.access_token == "access-2"


def test_of_two_requests_that_find_the_session_over_one_renews_it(wire: Wire) -> None:
    """A refresh token that is used twice ends the session for good."""
    both_refused, seen = Barrier(2), list[str | None]()

    def request() -> str:
        used = wire.transport.access_token
        seen.append(used)
        if used == "access-0":
            both_refused.wait(WITHIN_S)
            raise SessionExpired
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(wire.session.run, request) for _ in range(2)]
        assert [answer.result(WITHIN_S) for answer in answers] == ["done", "done"]
    assert wire.new_asked() == ["refresh"]
    assert sorted(map(str, seen)) == ["access-0", "access-0", "access-1", "access-1"]


def test_two_requests_of_a_program_that_starts_renew_once(wire: Wire) -> None:
    wire.transport.access_token = None
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(wire.session.run, lambda: wire.transport.access_token) for _ in range(2)]
        assert [one.result(WITHIN_S) for one in both] == ["access-1", "access-1"]
    assert wire.new_asked() == ["refresh"]


def test_a_proof_is_made_once_for_each_token() -> None:
    prove = prover(DeviceSigner.generate(DEVICE))
    assert prove("one") == prove("one") != prove("two")
