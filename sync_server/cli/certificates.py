"""Certificates of the server: those that an administrator has, checked, and for a pilot some of our own making (D-261).

The authority of a pilot may speak for the one name of its server and for nothing else, so that trusting it endangers
nobody. Files are written whole or not at all, keys for their owner alone.
"""

import ipaddress
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage.new_file import replace_file

AUTHORITY_LIFE = timedelta(days=730)
CERTIFICATE_LIFE = timedelta(days=397)
"""The longest that browsers and Apple's systems take."""
MOST_PEM_BYTES = 1 << 20
RENEWED_BEFORE = timedelta(days=30)
SKEW = timedelta(hours=1)
"""Devices whose clocks are behind take a certificate that was just made."""


def put_given(folder: Path, *, certificate: Path, key: Path, host: str) -> None:
    """Copy an administrator's certificate (with its chain) and key to where the proxy reads them.

    Raises:
        Refused: They cannot be read, do not belong together, are over, or speak for another host.
    """
    chain, key_pem = checked(certificate, key, host=host)
    write_private(folder / "server.key", key_pem)
    write_whole(folder / "server.crt", chain)


def checked(certificate: Path, key: Path, *, host: str) -> tuple[bytes, bytes]:
    """Give certificate chain and key, unchanged, when a proxy can serve the host with them. Raises as `put_given`."""
    try:
        chain, key_pem = _content(certificate), _content(key)
        leaf = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(key_pem, password=None)
        certified, held = _public(leaf.public_key()), _public(private.public_key())
    except OSError as exc:
        raise Refused("invalid_value", f"The file {exc.filename} cannot be read: {exc.strerror}.") from exc
    except (ValueError, TypeError, IndexError, UnsupportedAlgorithm) as exc:
        raise Refused("invalid_value", "Certificate and key have to be PEM files, the key without a password.") from exc
    if certified != held:
        raise Refused("invalid_value", "The key does not belong to the certificate.")
    if not leaf.not_valid_before_utc <= datetime.now(UTC) <= leaf.not_valid_after_utc:
        raise Refused("invalid_value", "The certificate does not count today.")
    if not _speaks_for(leaf, host):
        raise Refused("invalid_value", f"The certificate does not speak for {host}.")
    return chain, key_pem


def _content(path: Path) -> bytes:
    """Read a file of PEM; of one that is larger the beginning, which is none. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MOST_PEM_BYTES)


def put_pilot(folder: Path, *, host: str) -> bool:
    """Make an authority and a certificate for a host, or keep those that still count; tell whether any was made."""
    now = datetime.now(UTC)
    try:
        chain, _ = checked(folder / "server.crt", folder / "server.key", host=host)
        last = x509.load_pem_x509_certificate(chain).not_valid_after_utc
        authority = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
        x509.load_pem_x509_certificate(chain).verify_directly_issued_by(authority)
        if last - now > RENEWED_BEFORE:
            return False
    except (Refused, OSError, ValueError, TypeError):
        pass
    except Exception as exc:  # a signature of another authority
        if type(exc).__name__ != "InvalidSignature":
            raise
    _make_pilot(folder, host, now)
    return True


def is_given(folder: Path, *, host: str) -> bool:
    """Tell whether a certificate that an administrator has given serves here, which then stays.

    Raises:
        Refused: The one that lies there is no pilot's of this host, and cannot serve it: devices may trust it.
    """
    path = folder / "server.crt"
    try:
        issuer = x509.load_pem_x509_certificates(path.read_bytes())[0].issuer
    except (OSError, ValueError, IndexError):
        return False  # none, or one that serves nobody
    if issuer == _pilot_name(host):
        return False
    try:
        checked(path, folder / "server.key", host=host)
    except Refused as refused:
        said = f"What lies in {folder} cannot serve {host}, and devices may trust it: {refused.sentence}"
        raise Refused("already_exists", f"{said} Say the same as then, or move it away.") from refused
    return True


def _pilot_name(host: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Pilot of {host}"[:64])])


def _make_pilot(folder: Path, host: str, now: datetime) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(authority_key, host, now)
    certificate = (
        _named(f"{host}", issuer=authority.subject, now=now, life=CERTIFICATE_LIFE)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    write_private(
        folder / "server.key",
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    write_whole(folder / "ca.crt", authority.public_bytes(pem))
    write_whole(folder / "server.crt", certificate.public_bytes(pem))  # last: it says that the others are there


def _authority(key: ec.EllipticCurvePrivateKey, host: str, now: datetime) -> x509.Certificate:
    """An authority for one host; its key signs one certificate and is forgotten."""
    name = _pilot_name(host)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _named(f"Pilot of {host}", issuer=name, now=now, life=AUTHORITY_LIFE)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints([_constraint(host)], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _named(common_name: str, *, issuer: x509.Name, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
    )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    return None


def _general(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.DNSName(host) if address is None else x509.IPAddress(address)


def _constraint(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.DNSName(host) if address is None else x509.IPAddress(ipaddress.ip_network(address))


def _speaks_for(leaf: x509.Certificate, host: str) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    address = _address(host)
    if address is not None:
        return address in names.get_values_for_type(x509.IPAddress)
    wanted = {host.lower(), "*." + host.lower().partition(".")[2]}
    return bool(wanted & {name.lower() for name in names.get_values_for_type(x509.DNSName)})


def _public(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all. Raises EnvironmentFailure."""
    write_whole(path, content, mode=0o600)


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that at any time it is the old one or the new one. Raises EnvironmentFailure."""
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        replace_file(path, content, mode=mode)
    except OSError as exc:
        raise EnvironmentFailure(f"The file {path} cannot be written: {exc.strerror}.") from exc
