"""What a profile may say: whatever is wrong with one is a sentence of its own, before anything is looked up or kept."""

import json
import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from cmms_desktop.errors import LEASE_DAYS, Refused
from cmms_desktop.profile.genuine import FORGED, genuine
from sync_server.contract.instants import instant_text
from sync_server.contract.rules.profile import MOST_BYTES, MOST_LEASE_DAYS, MOST_SERIAL, ProfileRefused, written
from sync_server.contract.rules.profile_checks import CONTRAST, LEASE, NO_HTTPS, NO_LOGO, require_fit, version_of
from sync_server.contract.rules.profile_reading import (
    NEWER,
    NO_PROFILE,
    TEXT_PREFIX,
    TOO_LARGE,
    TWICE,
    UNSIGNED,
    read_profile,
    text_of,
)
from tests.support.profiles import KEY, NOW, OTHER_KEY, b64, facts, png, profile, public, sealed

WHOLE = {
    "certificate_pins": [b64(bytes([1] * 32)), b64(bytes([2] * 32))],
    "certificate_authority": b64(b"0\x03abc"),
    "update_channel": "early",
    "branding": {"name": "Nordwerke", "colour": "#0a5e70", "dark_colour": "#56bbcd", "logo": b64(png())},
    "policies": {
        "offline_lease_days": 7,
        "unlock": "password",
        "photos_on_metered": "wait",
        "positioning": {"source": "network", "host": "10.0.0.7", "port": 2947},
        "minimum_version": "0.1.0",
        "training": True,
    },
}


def refusal(content: bytes) -> ProfileRefused:
    with pytest.raises(ProfileRefused) as caught:
        require_fit(read_profile(content))
    said = caught.value.sentence
    assert said.endswith(".")
    assert "\n" not in said
    return caught.value


def test_everything_that_can_be_said_is_read_as_it_was_signed() -> None:
    signed = genuine(profile(**WHOLE))
    assert signed.profile.policies.offline_lease_days == 7
    assert signed.profile.policies.positioning is not None
    assert signed.profile.policies.training
    assert signed.profile.branding.name == "Nordwerke"
    assert signed.profile.certificate_pins == tuple(WHOLE["certificate_pins"])
    assert genuine(written(signed)) == signed, "what is kept is what was taken"


def test_the_text_of_a_qr_code_says_the_same_also_in_small_letters_and_broken_lines() -> None:
    content = profile(**{**WHOLE, "branding": {"name": "Nordwerke"}})
    text = text_of(content)
    assert len(text) < 4296, "it fits into a QR code"
    broken = "\n".join(text[at : at + 64] for at in range(0, len(text), 64)).lower()
    assert genuine(f"  {broken}\r\n".encode()) == genuine(content)


@pytest.mark.parametrize("rubbish", [
    b"", b"null", b"[]", b"{}", b'{"profile":[],"seals":[]}', b"\xff\xfe", b"{" * 9000, b'"' + b"a" * 900,
    b'{"profile":{"version":NaN}}', b'{"profile":{"version":1.0}}', b'{"profile":{"version":' + b"9" * 5000 + b"}}",
    TEXT_PREFIX.encode(), TEXT_PREFIX.encode() + b"0189", TEXT_PREFIX.encode() + b"ORSXG5A", b"https://north.example",
])  # fmt: skip
def test_what_is_no_profile_is_said_to_be_none(rubbish: bytes) -> None:
    assert refusal(rubbish).sentence == NO_PROFILE


def test_what_is_too_large_is_not_even_read() -> None:
    assert refusal(b"x" * (2 * MOST_BYTES + 1)).sentence == TOO_LARGE
    assert refusal(b" " * (MOST_BYTES + 1)).sentence == TOO_LARGE


def test_what_is_said_twice_is_refused_wherever_it_stands() -> None:
    plain = profile().decode()
    assert refusal(plain.replace('"serial":5', '"serial":5,"serial":6').encode()).sentence == TWICE
    assert refusal(plain.replace('"seals":', '"seals":[],"seals":').encode()).sentence == TWICE


@pytest.mark.parametrize(("version", "sentence"), [(2, NEWER), (999, NEWER)])
def test_a_profile_of_a_newer_program_asks_for_the_update(version: int, sentence: str) -> None:
    assert refusal(sealed(facts(version=version, of_tomorrow={"a": 1}))).sentence == sentence


@pytest.mark.parametrize("version", [None, "1", True, 0, -1])
def test_a_version_that_is_none_is_wrong(version: Any) -> None:
    assert "profile.version" in refusal(sealed(facts(version=version))).sentence


@pytest.mark.parametrize("seals", [None, [], {}, ""])
def test_an_unsigned_profile_is_refused(seals: Any) -> None:
    told = {"profile": facts(), **({} if seals is None else {"seals": seals})}
    assert refusal(msgspec.json.encode(told)).sentence == UNSIGNED


def test_a_profile_that_only_somebody_else_has_signed_is_unsigned() -> None:
    assert refusal(sealed(facts(organization_key=public(KEY)), OTHER_KEY)).sentence == UNSIGNED


@pytest.mark.parametrize(("changes", "where"), [
    ({"serial": "5"}, "serial"), ({"serial": True}, "serial"), ({"serial": 0}, "serial"), ({"serial": None}, "serial"),
    ({"organization": "North"}, "organization"), ({"organization": "../x"}, "organization"),
    ({"organization_key": "AAAA"}, "organization_key"), ({"unknown": 1}, "unknown"),
    ({"policies": {"training_mode": True}}, "training_mode"),
    ({"policies": {"training": 1}}, "training"), ({"policies": {"training": None}}, "training"),
    ({"policies": {"training": "true"}}, "training"), ({"policies": {"unlock": "face"}}, "unlock"),
    ({"policies": {"minimum_version": "1.0"}}, "minimum_version"),
    ({"policies": {"positioning": {"source": "network"}}}, "positioning"),
    ({"policies": {"positioning": {"source": "nmea_file"}}}, "positioning"),
    ({"policies": {"positioning": {"source": "none", "host": "x"}}}, "positioning"),
    ({"policies": {"positioning": {"source": "serial", "line": "a b"}}}, "positioning"),
    ({"certificate_pins": ["AAAA"]}, "certificate_pins"),
    ({"certificate_pins": [b64(bytes(32))] * 2}, "certificate_pins"),
    ({"certificate_pins": [b64(bytes([n] * 32)) for n in range(5)]}, "certificate_pins"),
    ({"certificate_authority": "!"}, "certificate_authority"), ({"update_channel": "nightly"}, "update_channel"),
    ({"signed_at": "today"}, "signed_at"), ({"not_after": instant_text(NOW - timedelta(days=2))}, "not_after"),
    ({"not_after": instant_text(NOW + timedelta(days=9000))}, "not_after"),
    ({"branding": {"name": "a\u202eb"}}, "name"), ({"branding": {"name": "x" * 41}}, "name"),
    ({"branding": {"colour": "red"}}, "colour"), ({"branding": {"colour": "#FFF"}}, "colour"),
    ({"branding": {"dark_colour": "#56bbcd"}}, "colour"),
])  # fmt: skip
def test_a_value_that_cannot_be_right_is_named_by_its_place(changes: dict[str, Any], where: str) -> None:
    assert where in refusal(sealed(facts(**changes))).sentence


def test_a_serial_is_counted_exactly_by_everybody() -> None:
    assert genuine(profile(serial=MOST_SERIAL)).profile.serial == MOST_SERIAL
    text = profile().decode().replace('"serial":5', f'"serial":{MOST_SERIAL + 1}')
    assert "serial" in refusal(text.encode()).sentence


@pytest.mark.parametrize("url", [
    "http://sync.north.example", "http://127.0.0.1:8000", "HTTPS://sync.north.example", "https://", "https://a/path",
    "https://a?", "https://a#", "https://a:", "https://me:secret@a", "https://a:99999", "https://a:0", "https://[::1",
    "https://a b", "https://ä.example", "ftp://a", "sync.north.example", "", "https://a\nb",
])  # fmt: skip
def test_only_https_to_a_host_is_an_address(url: str) -> None:
    assert refusal(sealed(facts(server_url=url))).sentence == NO_HTTPS


@pytest.mark.parametrize("days", [0, -1, 15, 30])
def test_a_lease_is_never_longer_than_without_a_profile(days: int) -> None:
    assert refusal(sealed(facts(policies={"offline_lease_days": days}))).sentence == LEASE
    assert MOST_LEASE_DAYS == LEASE_DAYS


@pytest.mark.parametrize(("branding", "theme"), [
    ({"colour": "#dddddd"}, "light"), ({"colour": "#ffffff"}, "light"), ({"colour": "#0a2a33"}, "dark"),
    ({"colour": "#0a5e70", "dark_colour": "#182329"}, "dark"),
])  # fmt: skip
def test_a_colour_that_nobody_could_see_is_refused(branding: dict[str, str], theme: str) -> None:
    colour = branding.get("dark_colour", branding["colour"])
    assert refusal(sealed(facts(branding=branding))).sentence == CONTRAST.format(colour, theme)


def _of_height(picture: bytes, height: int) -> bytes:
    """Let a picture say another height than it has, with the right checksum."""
    head = picture[12:29].replace(bytes([0, 0, 0, 8, 0, 0, 0, 8]), bytes([0, 0, 0, 8, 0, 0, 0, height]))
    return picture[:12] + head + zlib.crc32(head).to_bytes(4, "big") + picture[33:]


def _packed(count: int) -> bytes:
    body = zlib.compress(bytes(count), 9)[:20_000]
    return len(body).to_bytes(4, "big") + b"IDAT" + body + zlib.crc32(b"IDAT" + body).to_bytes(4, "big") + png()[-12:]


def _damaged() -> dict[str, bytes]:
    whole = png()
    return {
        "none": b"x", "cut off": whole[:-1], "more behind it": whole + b"x",
        "a flipped byte": whole[:40] + b"!" + whole[41:],
        "too wide": png(513, 1), "a text in it": png(more=b"tEXt"), "a packed profile": png(more=b"iCCP"),
        "a JPEG": b"\xff\xd8\xff\xe0" + bytes(60), "a script": b"<svg onload='x'/>",
        "a bomb": png(512, 512)[:33] + _packed(100_000_000), "one row too many": _of_height(whole, 7),
        "less than it says": _of_height(whole, 9),
    }  # fmt: skip


@pytest.mark.parametrize("kind", [*_damaged()])
def test_a_logo_is_a_small_whole_png_and_nothing_else(kind: str) -> None:
    assert refusal(sealed(facts(branding={"logo": b64(_damaged()[kind])}))).sentence == NO_LOGO


def test_a_seal_holds_every_value() -> None:
    told = json.loads(profile(**WHOLE))
    told["profile"]["server_url"] = "https://elsewhere.example"
    with pytest.raises(Refused) as caught:
        genuine(msgspec.json.encode(told))
    assert caught.value.sentence == FORGED


def test_an_exercise_is_said_in_one_way_only() -> None:
    assert not genuine(profile()).profile.policies.training
    with pytest.raises(Refused) as caught:
        genuine(sealed(facts(policies={"training": False})))
    assert caught.value.sentence == FORGED, "what is signed is canonical: no second spelling of nothing"


def test_every_seal_of_a_profile_must_be_genuine() -> None:
    told = json.loads(profile(KEY, OTHER_KEY))
    told["seals"][1]["signature"] = told["seals"][0]["signature"]
    with pytest.raises(Refused) as caught:
        genuine(msgspec.json.encode(told))
    assert caught.value.sentence == FORGED


def test_text_that_is_no_unicode_is_no_crash() -> None:
    content = profile().decode().replace("north-works", "\\ud800").encode()
    assert "organization" in refusal(content).sentence
    branded = profile(branding={"name": "X"}).decode().replace('"name":"X"', '"name":"\\ud800"').encode()
    with pytest.raises(Refused):
        genuine(branded)


def test_versions_are_compared_by_their_numbers() -> None:
    assert version_of("0.10.0") > version_of("0.9.12")
    for wrong in ("1", "1.2", "01.2.3", "1.2.3.4", "a.b.c", "1.2.-3", "١.٢.٣"):
        with pytest.raises(ValueError, match="no version"):
            version_of(wrong)
