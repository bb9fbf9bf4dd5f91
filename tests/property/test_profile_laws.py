"""Rubbish is refused in words, never with a crash; and no byte of a genuine profile can be another one."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmms_desktop.errors import Refused
from cmms_desktop.profile.genuine import genuine
from sync_server.contract.rules.profile import Policies, ProfileRefused, kept_under, written
from sync_server.contract.rules.profile_checks import SLUG
from sync_server.contract.rules.profile_reading import TEXT_PREFIX, bytes_of, text_of
from sync_server.contract.rules.profile_taking import is_new
from tests.support.profiles import NOW, b64, facts, profile, sealed

WHOLE = profile(
    certificate_pins=[b64(bytes([9] * 32))],
    branding={"name": "Nordwerke", "colour": "#0a5e70", "dark_colour": "#56bbcd"},
    policies={"offline_lease_days": 7, "positioning": {"source": "serial", "line": "/dev/ttyS0"}, "training": True},
)
SIGNED = genuine(WHOLE)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def taken(content: bytes) -> Any:
    """What a device would take; None: it refused in one sentence."""
    said = ""
    try:
        return genuine(content)
    except Refused as refusal:
        said = refusal.sentence
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 300
    return None


@given(st.binary(max_size=400))
def test_rubbish_is_no_profile(content: bytes) -> None:
    assert taken(content) is None
    assert taken(TEXT_PREFIX.encode() + content) is None


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_byte_of_a_profile_can_be_another(at: int, change: int) -> None:
    content = WHOLE[:at] + bytes([WHOLE[at] ^ change]) + WHOLE[at + 1 :]
    assert taken(content) in (None, SIGNED)


@given(st.integers(0, len(WHOLE) - 1))
def test_no_profile_is_whole_without_its_end(length: int) -> None:
    assert taken(WHOLE[:length]) is None
    text = text_of(WHOLE)
    assert taken(text[: length * len(text) // len(WHOLE)].encode()) is None


@given(st.sampled_from(sorted(facts())), JSON)
def test_any_value_in_any_field_is_right_or_refused(name: str, value: Any) -> None:
    try:
        content = sealed(facts(**{name: value}))
    except (ValueError, RecursionError):  # nobody can sign it
        return
    found = taken(content)
    assert found is None or taken(written(found)) == found


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=3))
def test_what_no_field_knows_is_refused(more: dict[str, Any]) -> None:
    try:
        content = sealed({**facts(), **more})
    except (ValueError, RecursionError):
        return
    found = taken(content)
    assert found is None or not set(more) - set(facts()) - {"branding", "policies", "update_channel"}


SLUGS = st.from_regex(SLUG, fullmatch=True)


@given(SLUGS, SLUGS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_people_of_another_organization_or_kind_of_work_keep_their_device(
    here: str, there: str, for_training: bool, was_training: bool, is_same: bool, is_in_force: bool
) -> None:
    offered = genuine(profile(organization=here, serial=6, policies={"training": True} if for_training else {}))
    before = genuine(
        profile(organization=here if is_same else there, policies={"training": True} if was_training else {})
    )
    kept = kept_under(before.profile.organization, before.profile.policies)
    asked = partial(is_new, offered, before.profile if is_in_force else None, now=NOW, enrolled_for={kept})
    if (before.profile.organization, was_training) == (here, for_training):
        assert asked()
    else:
        with pytest.raises(ProfileRefused, match="people of") as caught:
            asked()
        assert caught.value.code == "profile_other_organization"


@given(SLUGS, SLUGS, st.booleans(), st.booleans())
def test_no_two_kinds_of_work_are_kept_under_one_name(one: str, other: str, first: bool, second: bool) -> None:
    names = {kept_under(one, Policies(training=first)), kept_under(other, Policies(training=second))}
    assert (len(names) == 1) == ((one, first) == (other, second))


@given(st.binary(max_size=80))
def test_base64url_has_one_spelling(raw: bytes) -> None:
    assert bytes_of(b64(raw)) == raw
    for other in (b64(raw) + "=", b64(raw) + "\n", " " + b64(raw)):
        with pytest.raises(ValueError):  # noqa: PT011 - several kinds, all of them
            bytes_of(other)
