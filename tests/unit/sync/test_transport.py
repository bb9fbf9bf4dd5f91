"""The door to the network: what each kind of answer, and each kind of silence, means to the rest of the program."""

import json
import tracemalloc
from collections.abc import Callable, Iterator

import httpx
import pytest
import zstandard

from cmms_desktop.errors import ContractMismatch, Refused, ServerBusy, ServerUnreachable, SessionExpired
from cmms_desktop.sync import transport
from cmms_desktop.sync.line_stream import MAX_LINE_BYTES
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import (
    BootstrapRequest,
    DeviceIdentity,
    HelloRequest,
    OutboxState,
    PullRequest,
    PushRequest,
    Seal,
    SignInRequest,
    SyncRequest,
    VerifyRequest,
)

URL = "http://127.0.0.1:1"
SHA256 = "ab" * 32
HELLO = HelloRequest(protocol=1, rows=1, app_version="1", outbox=OutboxState(count=0), device_time="")
NDJSON = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}
PROBLEM = {"Content-Type": "application/problem+json"}
HTML = {"Content-Type": "text/html"}

Handler = Callable[[httpx.Request], httpx.Response]


def connected(handler: Handler) -> Transport:
    """A signed-in client whose network is a function."""
    client = httpx.Client(base_url=URL, transport=httpx.MockTransport(handler), follow_redirects=False)
    made = Transport(URL, prove=lambda token: f"proof of {token}", client=client)
    made.access_token = "token"
    return made


def answering(status: int, headers: dict[str, str], content: bytes = b"") -> Transport:
    return connected(lambda request: httpx.Response(status, headers=headers, content=content))


def problem(code: str, **more: object) -> bytes:
    return json.dumps({"title": "Title", "status": 400, "code": code, **more}).encode()


def streaming(*chunks: bytes, error: Exception | None = None) -> Transport:
    """A server that sends a compressed stream, and perhaps breaks off."""

    def body() -> Iterator[bytes]:
        yield from chunks
        if error is not None:
            raise error

    return connected(lambda request: httpx.Response(200, headers=NDJSON, content=body()))


def test_every_request_carries_token_and_proof() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Upload-Offset": "0"})

    connected(answer).blob_offset(SHA256)
    assert seen[0].headers["authorization"] == "Bearer token"
    assert seen[0].headers["device-proof"] == "proof of token"


def test_without_a_session_nothing_is_sent() -> None:
    never = connected(lambda request: pytest.fail("a request was sent"))
    never.access_token = None
    with pytest.raises(SessionExpired):
        never.hello(HELLO)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("not HTTP"),
        httpx.DecodingError("not gzip"),
        httpx.ProxyError("no"),
    ],
)
def test_whatever_the_network_does_is_offline(error: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ServerUnreachable):
        connected(fail).hello(HELLO)
    with pytest.raises(ServerUnreachable):
        list(connected(fail).pull(PullRequest()))
    with pytest.raises(ServerUnreachable):
        connected(fail).send_chunk(SHA256, at=0, size=1, chunk=b"x")


@pytest.mark.parametrize("status", [200, 302, 403, 404, 500, 502])
def test_a_page_that_is_not_our_servers_is_offline(status: int) -> None:
    portal = answering(status, {**HTML, "Location": "https://portal.invalid"}, b"<p>Please sign in")
    with pytest.raises(ServerUnreachable):
        portal.hello(HELLO)
    with pytest.raises(ServerUnreachable):
        list(portal.pull(PullRequest()))
    with pytest.raises(ServerUnreachable):
        portal.blob_offset(SHA256)
    with pytest.raises(ServerUnreachable):
        portal.send_chunk(SHA256, at=0, size=1, chunk=b"x")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"protocol":1}', b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(content: bytes) -> None:
    with pytest.raises(ServerUnreachable):
        answering(200, {"Content-Type": "application/json"}, content).hello(HELLO)


def test_an_answer_without_end_is_given_up() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * (1 << 20)

    portal = connected(
        lambda request: httpx.Response(200, headers={"Content-Type": "application/json"}, content=endless())
    )
    with pytest.raises(ServerUnreachable):
        portal.hello(HELLO)


@pytest.mark.parametrize(
    ("status", "headers", "content", "wait_s"),
    [
        (503, PROBLEM, problem("busy", retry_after_s=30), 30),
        (503, {**PROBLEM, "Retry-After": "12"}, problem("busy"), 12),
        (503, PROBLEM, problem("busy"), transport.BUSY_S),
        (500, PROBLEM, problem("internal"), transport.BUSY_S),
        (503, {**HTML, "Retry-After": "7"}, b"<h1>Down for maintenance", 7),
        (429, {**HTML, "Retry-After": "9"}, b"<h1>Slow down", 9),
    ],
)
def test_a_busy_server_says_how_long_to_wait(
    status: int, headers: dict[str, str], content: bytes, wait_s: float
) -> None:
    with pytest.raises(ServerBusy) as busy:
        answering(status, headers, content).hello(HELLO)
    assert busy.value.retry_after_s == wait_s


def test_a_date_to_wait_for_is_no_number_of_seconds() -> None:
    with pytest.raises(ServerUnreachable):
        answering(503, {**HTML, "Retry-After": "Mon, 02 Mar 2026 08:00:00 GMT"}).hello(HELLO)


def test_problems_become_errors_of_ours_with_the_servers_sentence() -> None:
    with pytest.raises(SessionExpired):
        answering(401, PROBLEM, problem("session_expired")).hello(HELLO)
    with pytest.raises(ContractMismatch, match="Update the app"):
        answering(426, PROBLEM, problem("contract_mismatch", detail="Update the app.")).hello(HELLO)
    with pytest.raises(Refused, match="Not this one") as refusal:
        answering(409, PROBLEM, problem("chain_broken", detail="Not this one.")).hello(HELLO)
    assert refusal.value.code == "chain_broken"
    with pytest.raises(Refused, match="Title"):
        answering(403, PROBLEM, problem("device_revoked")).hello(HELLO)
    with pytest.raises(ServerUnreachable):
        answering(409, PROBLEM, b"{").hello(HELLO)


def test_a_problem_of_a_stream_is_read_too() -> None:
    with pytest.raises(Refused, match="cursor"):
        list(answering(409, PROBLEM, problem("cursor_invalid", detail="Another cursor.")).pull(PullRequest()))


def test_an_answer_to_head_has_no_body_and_still_says_that_the_session_is_over() -> None:
    with pytest.raises(SessionExpired):
        answering(401, PROBLEM).blob_offset(SHA256)


def test_an_upload_stands_where_the_server_says() -> None:
    assert answering(200, {"Upload-Offset": "17"}).blob_offset(SHA256) == 17
    assert answering(204, {"Upload-Offset": "20"}).send_chunk(SHA256, at=17, size=20, chunk=b"abc") == 20


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "many"])
def test_an_upload_that_stands_nowhere_is_not_our_servers(text: str) -> None:
    with pytest.raises(ServerUnreachable):
        connected(lambda request: httpx.Response(200, headers=[(b"Upload-Offset", text.encode())])).blob_offset(SHA256)


LINES = b'["header",{}]\n["rows","part",[[1,2]]]\n["end",{}]\n'


def test_lines_arrive_as_they_were_written_whatever_the_chunks() -> None:
    packed = zstandard.compress(LINES)
    whole = list(streaming(packed).pull(PullRequest()))
    bytewise = list(streaming(*(packed[at : at + 1] for at in range(len(packed)))).pull(PullRequest()))
    assert whole == bytewise == [["header", {}], ["rows", "part", [[1, 2]]], ["end", {}]]


def test_a_stream_cut_anywhere_never_gives_its_last_line() -> None:
    packed = zstandard.compress(LINES)
    for cut in range(len(packed)):
        assert ["end", {}] not in list(streaming(packed[:cut]).pull(PullRequest()))


def test_a_line_cut_in_the_middle_is_no_line() -> None:
    assert list(streaming(zstandard.compress(LINES[:-1])).pull(PullRequest())) == [
        ["header", {}],
        ["rows", "part", [[1, 2]]],
    ]


@pytest.mark.parametrize("packed", [b"<html>", zstandard.compress(b"not json\n"), zstandard.compress(b'{"a":1}\n')])
def test_a_damaged_stream_is_asked_for_again(packed: bytes) -> None:
    with pytest.raises(ServerUnreachable):
        list(streaming(packed).pull(PullRequest()))


def test_a_stream_that_breaks_off_is_offline() -> None:
    broken = streaming(zstandard.compress(LINES)[:9], error=httpx.RemoteProtocolError("closed"))
    with pytest.raises(ServerUnreachable):
        list(broken.pull(PullRequest()))


def test_a_line_without_end_is_given_up_before_it_fills_the_memory() -> None:
    bomb = streaming(zstandard.compress(b" " * (256 << 20)))
    tracemalloc.start()
    try:
        with pytest.raises(ServerUnreachable, match="damaged"):
            list(bomb.pull(PullRequest()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_LINE_BYTES


def test_a_long_line_within_the_bound_is_read() -> None:
    text = "x" * (MAX_LINE_BYTES - 100)
    assert list(streaming(zstandard.compress(f'["{text}"]\n'.encode())).pull(PullRequest())) == [[text]]


def every_question(door: Transport) -> dict[str, Callable[[], object]]:
    """Whatever a device ever asks."""
    device = DeviceIdentity(id="", public_key="", name="", app_version="")
    seal = Seal(from_seq=1, to_seq=1, head="", sig="")
    push = PushRequest(seal=seal, mutations=[])
    return {
        "sign-in": lambda: door.sign_in(SignInRequest(organization="", login="", password="", device=device)),
        "refresh": lambda: door.refresh("token"),
        "hello": lambda: door.hello(HELLO),
        "push": lambda: door.push(push),
        "pull": lambda: list(door.pull(PullRequest())),
        "sync": lambda: list(door.sync(SyncRequest(push=push))),
        "bootstrap": lambda: list(door.bootstrap(BootstrapRequest(scope=""))),
        "verify": lambda: list(door.verify(VerifyRequest(scope="", aggregates=""))),
        "events": lambda: list(door.events(after=0)),
        "offset": lambda: door.blob_offset(SHA256),
        "chunk": lambda: door.send_chunk(SHA256, at=0, size=1, chunk=b"x"),
        "file": lambda: list(door.fetch_blob(SHA256)),
    }


QUESTIONS = tuple(every_question(Transport(URL, prove=str, client=httpx.Client())))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("status", [200, 204, 302, 307, 404, 407, 451, 502, 511])
def test_a_page_of_somebody_else_is_offline_whatever_was_asked(question: str, status: int) -> None:
    page = answering(status, {**HTML, "Location": "https://portal.invalid"}, b"" if status == 204 else b"<p>Sign in")
    with pytest.raises(ServerUnreachable):
        every_question(page)[question]()


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("headers", [PROBLEM, HTML, {}], ids=["ours", "proxy", "bare"])
@pytest.mark.parametrize("status", [429, 503])
def test_whoever_is_busy_is_left_alone_as_long_as_he_says_whatever_was_asked(
    question: str, headers: dict[str, str], status: int
) -> None:
    busy = answering(status, {**headers, "Retry-After": "17"}, problem("busy") if headers == PROBLEM else b"<p>Later")
    with pytest.raises(ServerBusy) as refused:
        every_question(busy)[question]()
    assert refused.value.retry_after_s == 17


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_answer_without_a_body_says_how_long_as_well(status: int) -> None:
    with pytest.raises(ServerBusy) as refused:
        answering(status, {**PROBLEM, "Retry-After": "30"}).blob_offset(SHA256)
    assert refused.value.retry_after_s == 30
