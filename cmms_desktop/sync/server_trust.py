"""Who may be our server: whoever this device trusts, or the profile; pins are checked before a request's first byte.

They add to the check of the certificate and never replace it. Nothing here connects to anything.
"""

import logging
import os
import ssl
import sys
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from typing import Final

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cmms_desktop.errors import ServerNotTrusted

WRONG_PIN: Final = (
    "Another server than your organization's answers at its address. Nothing was sent to it; your work is kept on this"
    " device. Tell your administrator."
)
NOT_CERTIFIED: Final = (
    "The server's certificate is not to be trusted here. Nothing was sent to it; your work is kept on this device."
    " Check date and time, then tell your administrator."
)


BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where Debian and Arch, Fedora and openSUSE keep what they trust, whichever of them a program was built on."""
log = logging.getLogger(__name__)


class WrongPin(ssl.SSLError):
    """The server has a valid certificate, but not one of the keys that the profile names."""


@lru_cache(maxsize=8)
def trust(authority: bytes = b"", pins: frozenset[str] = frozenset()) -> ssl.SSLContext:
    """Give what checks the certificate of a server, for all connections of this process.

    Reading what a device trusts takes 20 ms and more, and whoever signs in waits for three connections.

    Args:
        authority: The one certificate (DER) that is trusted; empty: whatever this device trusts.
        pins: SHA-256 of public keys, base64url, one of which the server must have; empty: any.

    Raises:
        ServerNotTrusted: `authority` is no certificate.
    """
    context = trusting(authority) if authority else trusting_the_device()
    if pins:
        pin(context, pins)
    return context


def trusting_the_device() -> ssl.SSLContext:
    """Make a context that trusts Mozilla's list and the device's store, where companies put their own authorities.

    What SSL_CERT_FILE and SSL_CERT_DIR name takes the place of both; where that cannot be read, nobody is trusted. The
    store is that of Windows, or of a Linux; not the keychain of macOS.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(file or None, folder or None)
        except OSError:
            log.warning("no server is trusted: SSL_CERT_FILE or SSL_CERT_DIR cannot be read", exc_info=True)
        return context
    context = ssl.create_default_context(cafile=certifi.where())
    if sys.platform == "win32":
        for store in ("CA", "ROOT"):
            with suppress(PermissionError):
                add_each(context, ssl.enum_certificates(store))
    elif not any(_is_added(context, bundle) for bundle in BUNDLES):
        context.set_default_verify_paths()
    return context


def add_each(context: ssl.SSLContext, entries: Iterable[tuple[bytes, str, set[str] | bool]]) -> None:
    """Let a context trust what a store of Windows trusts servers for; an entry that cannot be read adds nothing."""
    for certificate, encoding, purposes in entries:
        is_for_servers = purposes is True or (purposes is not False and ssl.Purpose.SERVER_AUTH.oid in purposes)
        if encoding == "x509_asn" and is_for_servers:
            with suppress(ssl.SSLError):
                context.load_verify_locations(cadata=certificate)


def _is_added(context: ssl.SSLContext, bundle: str) -> bool:
    try:
        context.load_verify_locations(bundle)
    except OSError:
        return False
    return True


def pin(context: ssl.SSLContext, pins: Collection[str]) -> None:
    """Let a context connect only to servers with one of the pinned keys, directly and through a proxy alike."""
    wanted = frozenset(pins)

    class PinnedSocket(ssl.SSLSocket):
        """A connection that says nothing to a server with another key."""

        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            _require(self.getpeercert(binary_form=True), wanted)

    class PinnedObject(ssl.SSLObject):
        """The same inside of another connection, as through a proxy."""

        def do_handshake(self) -> None:
            super().do_handshake()
            _require(self.getpeercert(binary_form=True), wanted)

    context.sslsocket_class = PinnedSocket
    context.sslobject_class = PinnedObject


def trusting(authority: bytes) -> ssl.SSLContext:
    """Make a context that trusts one certificate (DER) and none of the system's. Raises ServerNotTrusted."""
    try:
        return ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError) as error:
        raise ServerNotTrusted(NOT_CERTIFIED) from error


def distrust(error: BaseException) -> ServerNotTrusted | None:
    """Find out whether a connection failed because of who answered; None: it did not."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, WrongPin):
            return ServerNotTrusted(WRONG_PIN)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ServerNotTrusted(NOT_CERTIFIED)
        cause = cause.__cause__ or cause.__context__
    return None


def _require(certificate: bytes | None, pins: frozenset[str]) -> None:
    if certificate is None or _pin_of(certificate) not in pins:
        raise WrongPin("the server's key is not pinned")


def _pin_of(certificate: bytes) -> str:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise WrongPin("the server's certificate cannot be read") from error
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return urlsafe_b64encode(sha256(public).digest()).rstrip(b"=").decode()
