"""The proxy that is shipped, started for real: devices work through it, and nobody keeps a connection for nothing."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from cmms_desktop.app.desk import Desk
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.credentials.secret_store import MemoryStore
from tests.support.nginx import PROGRAM, Nginx, an_nginx
from tests.support.server_side import PASSWORD, Scene, Server

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed: apt-get install nginx-light")
CLOSED_WITHIN_S = 30.0
HALF_HEADER = b"POST /v1/sign-in HTTP/1.1\r\nHost: sync.example\r\nContent-"
HALF_BODY = b"POST /v1/sign-in HTTP/1.1\r\nHost: sync.example\r\nContent-Length: 1000\r\n\r\n" + b'{"half'


@pytest.fixture(scope="module")
def nginx(server: Server) -> Iterator[Nginx]:
    with an_nginx(server.url) as running:
        yield running


@pytest.fixture(scope="module")
def http(nginx: Nginx) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=nginx.url, verify=nginx.trust, timeout=30) as client:
        yield client


def test_a_device_works_through_it_and_trusts_the_pilots_authority(
    server: Server, nginx: Nginx, tmp_path: Path
) -> None:
    scene = Scene.of(server)
    settings = ClientSettings(tmp_path, nginx.url, scene.organization.slug)

    def network() -> httpx.Client:
        return httpx.Client(base_url=nginx.url, verify=nginx.trust, timeout=30)

    desk = Desk(settings, MemoryStore(), profile=keys.CHEAPEST, network=network)
    with desk.open(str(scene.technician["id"]), PASSWORD) as workplace:
        workplace.engine.sync(with_photos=False)
        with workplace.replica.read() as reading:
            ((count,),) = reading.cursor.execute("select count(*) from work_order").fetchall()
    assert count == 1
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{nginx.url}/livez")
    (address,) = scene.organization.ask(
        "select value from activity_value where organization_id = %s and path = '/address' limit 1",
        scene.organization.id,
    )[0]
    assert "127.0.0.1" in str(address)


def test_an_event_stream_is_not_held_back(server: Server, nginx: Nginx, http: httpx.Client) -> None:
    client = Scene.of(server).field
    with http.stream("GET", "/v1/events", headers=client.credentials()) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_raw())


def test_a_body_that_is_too_large_is_refused_before_it_reaches_the_server(http: httpx.Client) -> None:
    assert http.post("/v1/sign-in", content=b" " * ((8 << 20) + 1)).status_code == 413


def test_the_page_of_a_link_shows_codes_and_may_load_nothing_from_elsewhere(http: httpx.Client) -> None:
    page = http.get("/enrol")
    assert (page.status_code, "Your enrolment code" in page.text) == (200, True)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    script = http.get("/enrol.js").text
    assert "textContent" in script
    assert "innerHTML" not in script
    assert http.get("/enrol.css").status_code == 200
    assert http.get("/enrol.html").status_code == 404


def silent(nginx: Nginx) -> socket.socket:
    return nginx.socket(with_tls=False)


def silent_after_the_handshake(nginx: Nginx) -> socket.socket:
    return nginx.socket()


def half_a_header(nginx: Nginx) -> socket.socket:
    return _said(nginx, HALF_HEADER)


def half_a_body(nginx: Nginx) -> socket.socket:
    return _said(nginx, HALF_BODY)


def _said(nginx: Nginx, text: bytes) -> socket.socket:
    made = nginx.socket()
    made.sendall(text)
    return made


def dripping(made: socket.socket) -> None:
    """Send a byte of a header every second, until the other side has had enough."""
    try:
        while True:
            made.sendall(b"x")
            time.sleep(1)
    except OSError:
        pass


def seconds_until_closed(begin: Callable[[Nginx], socket.socket], nginx: Nginx, *, drips: bool = False) -> float:
    began = time.monotonic()
    with begin(nginx) as made, ThreadPoolExecutor(1) as hand:
        if drips:
            hand.submit(dripping, made)
        made.settimeout(CLOSED_WITHIN_S * 2)
        try:
            while made.recv(1_000):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        closed_after = time.monotonic() - began
        made.close()
    return closed_after


@pytest.mark.slow
def test_whoever_keeps_a_connection_without_using_it_is_out_within_thirty_seconds(nginx: Nginx) -> None:
    """uvicorn alone keeps all of these for ever (D-18)."""
    ways = (silent, silent_after_the_handshake, half_a_header, half_a_body)
    with ThreadPoolExecutor(5) as many:
        waits = [many.submit(seconds_until_closed, way, nginx) for way in ways]
        waits.append(many.submit(seconds_until_closed, half_a_header, nginx, drips=True))
        closed = [wait.result() for wait in waits]
    assert max(closed) < CLOSED_WITHIN_S, closed


def test_a_body_that_drips_for_ever_never_reaches_the_server() -> None:
    """It is not closed while it drips: it costs a connection of the proxy and nothing of the server."""
    with socket.create_server(("127.0.0.1", 0)) as behind:
        behind.settimeout(0.5)
        with an_nginx(f"http://127.0.0.1:{behind.getsockname()[1]}") as nginx, half_a_body(nginx) as made:
            for _ in range(4):
                made.sendall(b"x")
                with pytest.raises(TimeoutError):
                    behind.accept()
            made.sendall(b"x" * (1000 - 4 - len(b'{"half')))
            behind.settimeout(30)
            behind.accept()[0].close()
