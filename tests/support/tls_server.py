"""Servers with certificates of their own on this machine, which note what reaches them."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.support.profiles import b64

LIFE = timedelta(days=2)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pin_of(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64(sha256(public).digest())


@dataclass
class Authority:
    """An organization's own authority."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    name: x509.Name = field(default_factory=lambda: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own")]))

    @property
    def certificate(self) -> x509.Certificate:
        basic = x509.BasicConstraints(ca=True, path_length=None)
        return _built(self.name, self.name, self.key, self.key, basic, own=None)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(self, key: ec.EllipticCurvePrivateKey, *, host: str = "127.0.0.1") -> bytes:
        """Give a certificate and its key as PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sync")])
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        made = _built(
            name, self.name, key, self.key, x509.BasicConstraints(ca=False, path_length=None), own=alternative
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private + made.public_bytes(Encoding.PEM)


def _built(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    basic: x509.BasicConstraints,
    *,
    own: x509.SubjectAlternativeName | None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFE)
        .not_valid_after(now + LIFE)
        .add_extension(basic, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if own is not None:
        builder = builder.add_extension(own, critical=False)
    else:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    return builder.sign(by, SHA256())


@dataclass
class Heard:
    """What reached a server: paths of requests, and whether its handshakes went well."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def tls_server(folder: Path, pem: bytes, *, answer: bytes = b"{}", status: int = 200) -> Iterator[Heard]:
    """Serve with a certificate; note every request."""
    heard = Heard()
    path = folder / f"{sha256(pem).hexdigest()[:12]}.pem"
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.paths.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: object, client_address: object) -> None:
            heard.connections += 1
            try:
                with context.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type]
                    self.RequestHandlerClass(secured, client_address, self)  # type: ignore[arg-type]
            except OSError:
                return

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    heard.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
