"""Where a person is: back leads home, and a restart finds the same place."""

from pathlib import Path

import pytest

from cmms_desktop.ui.bridge.doors import Place
from cmms_desktop.ui.bridge.kept_drafts import KeptDrafts
from cmms_desktop.ui.window.trail import LONGEST, NOTE, Trail
from tests.ui.stage import a_stage

HOME = Place.of("my_day")
KNOWN = frozenset({"my_day", "order", "sync"})


class Notes:
    """Drafts in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def keep(self, name: str, text: str) -> None:
        self.kept[name] = text

    def drop(self, name: str) -> None:
        self.kept.pop(name, None)


def order(number: int) -> Place:
    return Place.of("order", order_id=str(number), tab="summary")


def test_back_leads_the_way_one_came_and_ends_at_home() -> None:
    trail = Trail(Notes(), HOME, KNOWN)
    trail.go(order(1))
    trail.replace(Place.of("order", order_id="1", tab="parts"))
    trail.go(Place.of("sync"))
    assert trail.back() == Place.of("order", order_id="1", tab="parts")
    assert trail.back() == HOME
    assert trail.back() == HOME


def test_a_place_of_the_rail_begins_anew() -> None:
    trail = Trail(Notes(), HOME, KNOWN)
    trail.go(order(1))
    trail.go_to_root(Place.of("sync"))
    assert trail.back() == HOME
    trail.go_to_root(HOME)
    assert trail.back() == HOME


def test_the_same_place_twice_is_one_step() -> None:
    trail = Trail(Notes(), HOME, KNOWN)
    trail.go(order(1))
    trail.go(order(1))
    assert trail.back() == HOME


@pytest.mark.smoke
def test_a_restart_finds_the_same_place_and_the_same_way_back(tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        trail = Trail(KeptDrafts(stage.session, later=lambda work: work()), HOME, KNOWN)
        trail.go(order(1))
        trail.go(order(2))
    with a_stage(tmp_path, fresh=False) as stage:
        again = Trail(KeptDrafts(stage.session, later=lambda work: work()), HOME, KNOWN)
        assert again.top == order(2)
        assert again.back() == order(1)


@pytest.mark.parametrize("rubbish", ["", "{", "null", '[["order"]]', '[["gone", []]]', "[]", "\0"])
def test_rubbish_that_was_kept_leads_home(rubbish: str) -> None:
    notes = Notes()
    notes.kept[NOTE] = rubbish
    assert Trail(notes, HOME, KNOWN).top == HOME


def test_the_way_back_has_an_end() -> None:
    trail = Trail(Notes(), HOME, KNOWN)
    for number in range(100):
        trail.go(order(number))
    steps = 0
    while trail.top != HOME:
        trail.back()
        steps += 1
    assert steps <= LONGEST + 1
