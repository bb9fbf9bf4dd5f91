"""Keys and profiles of organizations, on the command line. No command of these asks a database or a network."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from sync_server.application.profiles import Draft, read_file, sign_profile
from sync_server.authz.profile_key import ProfileKey
from sync_server.cli.parsing import Answer, lines_of
from sync_server.contract.rules.profile import TRAINING, Profile, SignedProfile, written
from sync_server.contract.rules.profile_reading import fingerprint, text_of
from sync_server.errors import Refused
from sync_server.storage.new_file import PUBLIC, SECRET, write_new_file

NO_PLACE = "There is no place yet for the policy {}, so it was not signed. There is one for {}."
SAID_TWICE = "The policy {} was given twice."
NO_VALUE = "The policy {} cannot be {}."
TOO_LARGE_FOR_QR = "This profile is too large for a QR code. Hand it over as a file, or sign one without a logo."
NO_PICTURE = "A QR code is drawn into a .png or .svg."
TOO_MANY_DAYS = "A profile may be taken for at most 3660 days."
QR_CHARACTERS = 4296
"""Most letters and digits that a QR code holds (ISO/IEC 18004, version 40-L)."""


def make_key(file: Path) -> Answer:
    """Make a key in a new file."""
    key = ProfileKey.generate()
    write_new_file(file, key.file_content, mode=SECRET)
    answer: dict[str, object] = {"file": str(file), "public_key": key.public_key}
    told = (
        f"{file} is written; only its owner can read it. Keep a copy elsewhere: without it no device takes another key."
    )
    return {**answer, "fingerprint": fingerprint(key.public_key)}, f"{told}\nFingerprint: {fingerprint(key.public_key)}"


def sign(draft: Draft, *, key_files: Sequence[Path], out: Path) -> Answer:
    """Sign a profile into a new file."""
    if not 1 <= draft.days <= 3660:
        raise Refused("invalid_value", TOO_MANY_DAYS)
    content = sign_profile(draft, [ProfileKey.read(path) for path in key_files], now=datetime.now(UTC))
    write_new_file(out, content, mode=PUBLIC)
    signed = read_file(out)
    answer, sentences = _described(signed)
    return {"file": str(out), **answer}, f"{out} is written.\n{sentences}"


def show(file: Path, *, with_text: bool, picture: Path | None) -> Answer:
    """Check a profile, say what is in it, and draw its QR code."""
    signed = read_file(file)
    text = text_of(written(signed))
    answer, sentences = _described(signed)
    if with_text:
        answer, sentences = {**answer, "text": text}, f"{sentences}\n{text}"
    if picture is not None:
        write_new_file(picture, _drawn(text, picture.suffix.lower()), mode=PUBLIC)
        answer, sentences = {**answer, "qr": str(picture)}, f"{sentences}\n{picture} is drawn."
    return answer, sentences


def policies_of(words: Sequence[str]) -> Mapping[str, object]:
    """Read NAME=VALUE. Raises Refused for what the program has no place for: nothing is signed and then ignored."""
    read = {
        "offline_lease_days": _whole,
        "unlock": _one_of("password"),
        "photos_on_metered": _one_of("wait", "send"),
        "positioning": _receiver,
        "minimum_version": lambda _, value: value,
        "training": _yes,
    }
    told: dict[str, object] = {}
    for name, _, value in (word.partition("=") for word in words):
        if name not in read:
            raise Refused("invalid_value", NO_PLACE.format(name, ", ".join(read)))
        if name in told:
            raise Refused("invalid_value", SAID_TWICE.format(name))
        told[name] = read[name](name, value)
    return told


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 8):
        raise Refused("invalid_value", NO_VALUE.format(name, value or "nothing"))
    return int(value)


def _yes(name: str, value: str) -> bool:
    """Read a policy that is either said or not there; a value that says no would be a second spelling of that."""
    if value != "yes":
        raise Refused("invalid_value", NO_VALUE.format(name, value or "nothing"))
    return True


def _one_of(*words: str) -> Any:
    def read(name: str, value: str) -> str:
        if value not in words:
            raise Refused("invalid_value", NO_VALUE.format(name, value or "nothing"))
        return value

    return read


def _receiver(name: str, value: str) -> dict[str, object]:
    source, _, rest = value.partition(":")
    where, _, number = rest.rpartition(":")
    if value == "none":
        return {"source": "none"}
    if source == "network" and where:
        return {"source": source, "host": where, "port": _whole(name, number)}
    if source == "serial" and where:
        return {"source": source, "line": where, "speed_baud": _whole(name, number)}
    raise Refused("invalid_value", NO_VALUE.format(name, value or "nothing"))


def _drawn(text: str, ending: str) -> bytes:
    import segno

    if ending not in {".png", ".svg"}:
        raise Refused("invalid_value", NO_PICTURE)
    if len(text) > QR_CHARACTERS:
        raise Refused("invalid_value", TOO_LARGE_FOR_QR)
    drawn = io.BytesIO()
    segno.make(text, error="l", micro=False, boost_error=True).save(drawn, kind=ending[1:], scale=4, border=4)
    return drawn.getvalue()


def _described(signed: SignedProfile) -> Answer:
    profile = signed.profile
    told = msgspec.to_builtins(profile)
    told["branding"] = {name: value for name, value in told.get("branding", {}).items() if name != "logo"}
    answer = {"profile": told, "fingerprint": fingerprint(profile.organization_key)}
    return {**answer, "qr_characters": len(text_of(written(signed)))}, lines_of(_lines(profile))


def _lines(profile: Profile) -> list[str]:
    lines = [
        *([TRAINING] if profile.policies.training else ()),
        f"{profile.organization} on {profile.server_url}, serial {profile.serial}",
        f"Signed {profile.signed_at[:10]}; may be taken until {profile.not_after[:10]}",
        f"Fingerprint of the organization's key: {fingerprint(profile.organization_key)}",
    ]
    pins, own = len(profile.certificate_pins), bool(profile.certificate_authority)
    lines.append(f"Certificate: {pins} pinned key(s), {'an own authority' if own else 'the authorities of the system'}")
    lines += [f"Policy {name}: {_told(value)}" for name, value in msgspec.to_builtins(profile.policies).items()]
    return lines


def _told(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(map(str, value.values()))
    return "yes" if value is True else str(value)
