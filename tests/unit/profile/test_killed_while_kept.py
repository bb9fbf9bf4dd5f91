"""A program that is killed while it puts a profile in force: the one before or the new one is there, whole."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmms_desktop.profile import in_force
from cmms_desktop.profile.in_force import FILE_NAME, read_in_force
from cmms_desktop.profile.taking import Profiles
from tests.support.profiles import NOW, profile


class Killed(BaseException):
    """As SIGKILL: nothing of ours may catch it."""


def killed(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    """The step of a program that ends before or after it; reading is left alone."""

    def ends(*words: Any, **more: Any) -> Any:
        if step is os.open and not str(words[0]).endswith(".new"):
            return step(*words, **more)
        if when == "after":
            step(*words, **more)
        raise Killed

    return ends


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["open", "fsync", "replace", "sync_folder"])
def test_the_one_before_or_the_new_one_is_there_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    profiles = Profiles(tmp_path, (), clock=lambda: NOW)
    profiles.take(profiles.offer(profile()))
    before = (tmp_path / FILE_NAME).read_bytes()
    offer = profiles.offer(profile(serial=6))
    room: Any = {"replace": Path, "sync_folder": in_force}.get(step, os)
    with monkeypatch.context() as patch:
        patch.setattr(room, step, killed(getattr(room, step), when))
        with pytest.raises(Killed):
            profiles.take(offer)
    found = read_in_force(tmp_path)
    is_new = step == "sync_folder" or (step, when) == ("replace", "after")
    assert found is not None
    assert found.serial == (6 if is_new else 5)
    assert is_new or (tmp_path / FILE_NAME).read_bytes() == before
    assert Profiles(tmp_path, (), clock=lambda: NOW).start().notes == ()
    profiles.take(offer)
    assert read_in_force(tmp_path) == offer.profile
