"""Only the server that the profile names is spoken to: nobody else gets a byte of a request, and that is told."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import certifi
import pytest

from cmms_desktop.errors import ServerNotTrusted, ServerUnreachable
from cmms_desktop.profile.genuine import genuine
from cmms_desktop.sync import server_trust
from cmms_desktop.sync.server_trust import BUNDLES, NOT_CERTIFIED, WRONG_PIN, WrongPin, add_each, pin, trust, trusting
from cmms_desktop.sync.transport import Transport
from sync_server.contract.messages import DeviceIdentity, SignInRequest
from tests.architecture.source_tree import ROOT
from tests.support.profiles import b64, profile
from tests.support.tls_server import Authority, new_key, pin_of, tls_server

DEVICE = DeviceIdentity(id="00000000-0000-7000-8000-000000000001", public_key="", name="", app_version="")
REQUEST = SignInRequest(organization="north-works", login="me", password="a secret", device=DEVICE)
OWN = Authority()


def ask(url: str, **facts: Any) -> None:
    """Send a password as the sign-in page does. The answer `{}` is none of our server's, so it ends unreachable."""
    taken = genuine(profile(server_url="https://sync.example", **facts)).profile
    with closing(Transport(url, prove=str, profile=taken)) as transport:
        transport.sign_in(REQUEST)


def refusal(url: str, **facts: Any) -> ServerUnreachable:
    with pytest.raises(ServerUnreachable) as caught:
        ask(url, **facts)
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_a_server_with_the_pinned_key_is_spoken_to(folder: Path) -> None:
    key = new_key()
    with tls_server(folder, OWN.certify(key)) as heard:
        said = refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=[pin_of(new_key()), pin_of(key)])
    assert not isinstance(said, ServerNotTrusted)
    assert heard.paths == ["/v1/sign-in"]


def test_a_renewed_certificate_with_the_same_key_is_spoken_to(folder: Path) -> None:
    key = new_key()
    first, second = OWN.certify(key), OWN.certify(key)
    assert first != second
    with tls_server(folder, second) as heard:
        refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=[pin_of(key)])
    assert heard.paths == ["/v1/sign-in"]


def test_a_server_with_another_key_gets_no_byte_of_a_request_and_is_asked_once(folder: Path) -> None:
    with tls_server(folder, OWN.certify(new_key())) as heard:
        said = refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=[pin_of(new_key())])
    assert isinstance(said, ServerNotTrusted)
    assert said.sentence == WRONG_PIN
    assert (heard.paths, heard.connections) == ([], 1), "no other way is tried in silence"


def test_a_pin_replaces_no_authority(folder: Path) -> None:
    key = new_key()
    with tls_server(folder, Authority().certify(key)) as heard:
        said = refusal(heard.url, certificate_pins=[pin_of(key)])
    assert said.sentence == NOT_CERTIFIED
    assert not heard.paths


def test_only_the_own_authority_counts(folder: Path) -> None:
    with tls_server(folder, Authority().certify(new_key())) as heard:
        said = refusal(heard.url, certificate_authority=b64(OWN.der))
    assert said.sentence == NOT_CERTIFIED
    assert not heard.paths
    with tls_server(folder, OWN.certify(new_key())) as heard:
        refusal(heard.url, certificate_authority=b64(OWN.der))
    assert heard.paths


def test_a_certificate_of_another_host_is_not_to_be_trusted(folder: Path) -> None:
    key = new_key()
    with tls_server(folder, OWN.certify(key, host="127.0.0.9")) as heard:
        said = refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=[pin_of(key)])
    assert said.sentence == NOT_CERTIFIED
    assert not heard.paths


def test_an_authority_that_is_no_certificate_is_told_before_anything_is_sent(folder: Path) -> None:
    with tls_server(folder, OWN.certify(new_key())) as heard:
        assert refusal(heard.url, certificate_authority=b64(b"0\x03abc")).sentence == NOT_CERTIFIED
    assert heard.connections == 0


def test_a_redirect_to_another_server_is_not_followed(folder: Path) -> None:
    key = new_key()
    with tls_server(folder, OWN.certify(key), status=307) as heard:
        refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=[pin_of(key)])
    assert heard.paths == ["/v1/sign-in"]


ASKS = """
import sys
from tests.unit.sync.test_server_trust import ask
try:
    ask(sys.argv[1])
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root puts a file in place of another")
@pytest.mark.parametrize("is_installed", [True, False])
def test_an_authority_that_the_company_has_put_on_the_device_is_trusted(folder: Path, is_installed: bool) -> None:
    bundle = next((path for path in map(Path, BUNDLES) if path.is_file()), None)
    unshare = shutil.which("unshare")
    if bundle is None or unshare is None or subprocess.run([unshare, "--mount", "true"], check=False).returncode:
        pytest.skip("no bundle of certificates is here, or no mounts of one's own")
    installed = folder / "bundle.pem"
    installed.write_bytes(bundle.read_bytes() + (OWN.pem if is_installed else b""))
    mount = f'mount --bind {installed} {bundle.resolve()}; exec "$@"'
    command = [unshare, "--mount", "sh", "-ec", mount, "sh", sys.executable, "-c", ASKS]
    with tls_server(folder, OWN.certify(new_key())) as heard:
        done = subprocess.run(
            [*command, heard.url],
            env={name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == ["ServerUnreachable" if is_installed else "ServerNotTrusted"], done.stderr
    assert bool(heard.paths) is is_installed


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    trust.cache_clear()
    yield
    trust.cache_clear()


@pytest.mark.usefixtures("nothing_read")
def test_what_the_environment_names_is_trusted_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "own.pem").write_bytes(OWN.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "own.pem"))
    assert trust().get_ca_certs(binary_form=True) == [ssl.PEM_cert_to_DER_cert((folder / "own.pem").read_text())]
    with tls_server(folder, OWN.certify(new_key())) as heard:
        refusal(heard.url)
    assert heard.paths


@pytest.mark.expects_warnings
@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_where_what_the_environment_names_cannot_be_read_nobody_is_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    """And said at the first connection: whoever works offline does not need one."""
    if content is not None:
        (folder / "named.pem").write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "named.pem"))
    with tls_server(folder, OWN.certify(new_key())) as heard:
        assert refusal(heard.url).sentence == NOT_CERTIFIED
    assert (heard.connections, heard.paths) == (1, [])
    assert "SSL_CERT_FILE" in caplog.text


@pytest.mark.usefixtures("nothing_read")
def test_an_authority_that_is_put_on_the_device_after_a_refusal_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = folder / "named.pem"
    named.write_bytes(Authority().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    with tls_server(folder, OWN.certify(new_key())) as heard:
        assert refusal(heard.url).sentence == NOT_CERTIFIED
        named.write_bytes(OWN.pem)
        refusal(heard.url)
    assert heard.paths == ["/v1/sign-in"]


@pytest.mark.usefixtures("nothing_read")
def test_public_authorities_are_trusted_whatever_the_device_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_trust, "BUNDLES", ("/not/there",))
    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", lambda context: None)
    public = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
    assert trust().get_ca_certs(binary_form=True) == public


@pytest.mark.usefixtures("nothing_read")
def test_where_no_bundle_is_known_openssl_looks_where_it_was_built_to(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[ssl.SSLContext] = []

    def look(context: ssl.SSLContext) -> None:
        looked.append(context)

    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", look)
    monkeypatch.setattr(server_trust, "BUNDLES", ("/not/there",))
    assert looked == [trust()]


def test_of_a_windows_store_every_certificate_for_servers_counts_that_can_be_read() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for_servers, for_mail = {ssl.Purpose.SERVER_AUTH.oid}, {"1.3.6.1.5.5.7.3.4"}
    ders = [Authority().der for _ in range(5)]
    kinds: list[set[str] | bool] = [True, for_servers, for_mail, False]
    entries = [(der, "x509_asn", kind) for der, kind in zip(ders, kinds, strict=False)]
    add_each(context, [(b"0\x03abc", "x509_asn", True), (ders[4], "pkcs_7_asn", True), *entries])
    assert set(context.get_ca_certs(binary_form=True)) == set(ders[:2])


def test_all_connections_share_what_was_read_and_pins_stay_apart() -> None:
    pins = frozenset([pin_of(new_key())])
    der = OWN.der  # its bytes differ each time
    assert trust() is trust()
    assert trust(der, pins) is trust(der, pins)
    assert len({id(each) for each in (trust(), trust(b"", pins), trust(der), trust(der, pins))}) == 4


@pytest.mark.parametrize("is_right", [True, False])
def test_the_pin_counts_behind_a_proxy_too(folder: Path, monkeypatch: pytest.MonkeyPatch, is_right: bool) -> None:
    key = new_key()
    with tls_server(folder, OWN.certify(key)) as heard, proxy() as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv("NO_PROXY", "")
        pins = [pin_of(key if is_right else new_key())]
        said = refusal(heard.url, certificate_authority=b64(OWN.der), certificate_pins=pins)
    assert heard.connections == 1, "it went through the proxy"
    assert isinstance(said, ServerNotTrusted) is not is_right
    assert bool(heard.paths) is is_right


@pytest.mark.parametrize("is_right", [True, False])
def test_the_pin_counts_in_a_connection_inside_of_another_one(folder: Path, is_right: bool) -> None:
    """As through a proxy that is spoken to with TLS itself."""
    key = new_key()
    path = folder / "server.pem"
    path.write_bytes(OWN.certify(key))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    context = trusting(OWN.der)
    pin(context, [pin_of(key if is_right else new_key())])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    if is_right:
        shake_hands(client, server)
        client.write(b"a request")
        assert server.read(100) == b"a request"
    else:
        with pytest.raises(WrongPin):
            shake_hands(client, server)


def shake_hands(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    waiting = [client, server]
    while waiting:
        for each in tuple(waiting):
            with suppress(ssl.SSLWantReadError):
                each.do_handshake()
                waiting.remove(each)


def test_without_a_network_it_is_only_offline() -> None:
    said = refusal("https://127.0.0.1:9", certificate_authority=b64(OWN.der), certificate_pins=[pin_of(new_key())])
    assert not isinstance(said, ServerNotTrusted)


@contextmanager
def proxy() -> Iterator[str]:
    """A proxy that connects whoever asks, once."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


def _serve(listening: socket.socket) -> None:
    try:
        client, _ = listening.accept()
    except OSError:
        return
    with client:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        host, _, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
