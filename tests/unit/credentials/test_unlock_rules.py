"""What may unlock a local store."""

from __future__ import annotations

import pytest

from cmms_desktop.credentials.unlock_rules import is_pin, require_strong_enough
from cmms_desktop.errors import Refused

ROLES = ["technician", "supervisor", "planner", "manager", "admin", "customer"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("weak", ["", "1", "1234", "13579", "111111", "123456", "890123", "987654", "abc", "short7!"])
def test_what_is_tried_first_is_refused_for_everybody(role: str, weak: str) -> None:
    with pytest.raises(Refused) as caught:
        require_strong_enough(weak, role)
    assert caught.value.code == "secret_too_weak"


@pytest.mark.parametrize("role", ["technician", "supervisor", "planner", "customer"])
@pytest.mark.parametrize("good", ["493027", "00294817", "correct horse", "größeres Haus"])
def test_six_digits_or_a_password_are_enough_in_the_field(role: str, good: str) -> None:
    require_strong_enough(good, role)


@pytest.mark.parametrize("role", ["manager", "admin"])
@pytest.mark.parametrize("digits", ["493027", "4930271188462", "４９３０２７１１", "٤٩٣٠٢٧١١", "①⑨③⑦②⑥④⑧"])
def test_managers_and_admins_need_more_than_digits_of_any_script(role: str, digits: str) -> None:
    assert is_pin(digits)
    with pytest.raises(Refused):
        require_strong_enough(digits, role)


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_password_is_enough_for_managers_and_admins(role: str) -> None:
    require_strong_enough("correct horse", role)


def test_a_secret_of_a_book_is_refused() -> None:
    with pytest.raises(Refused):
        require_strong_enough("x" * 10_000, "technician")
