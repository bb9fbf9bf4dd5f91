"""A page that nobody sees asks nothing; when somebody comes back it asks once, and hears how things stand then."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cmms_desktop.application.commands import remarks
from cmms_desktop.sync.status import Connection, SyncStatus
from cmms_desktop.ui.bridge.doors import Attention, Presenter
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def presenter(stage: Stage, asked: list[str]) -> Presenter:
    made = Presenter(replace(stage.context, attention=Attention()))
    made.watch(lambda: asked.append("rows"))
    made.follow(lambda status: asked.append(str(status.connection)))
    return made


def comment(stage: Stage) -> None:
    with stage.session.writing() as write:
        remarks.add_comment(write, stage.order_ids[0], "Seen")


def test_what_is_seen_follows_at_once(stage: Stage, presenter: Presenter, asked: list[str]) -> None:
    comment(stage)
    stage.conversation.say(SyncStatus(connection=Connection.OFFLINE))
    assert asked == ["rows", str(Connection.OFFLINE)]


def test_what_is_not_seen_waits_and_then_follows_once(stage: Stage, presenter: Presenter, asked: list[str]) -> None:
    presenter.context.attention.turn(False)
    for _ in range(3):
        comment(stage)
    stage.conversation.say(SyncStatus(connection=Connection.OFFLINE))
    stage.conversation.say(SyncStatus(connection=Connection.ONLINE))
    assert asked == []
    presenter.context.attention.turn(True)
    assert asked == ["rows", str(Connection.ONLINE)]
    presenter.context.attention.turn(True)
    assert len(asked) == 2


def test_a_closed_page_is_left_alone(stage: Stage, presenter: Presenter, asked: list[str]) -> None:
    presenter.context.attention.turn(False)
    comment(stage)
    presenter.close()
    presenter.context.attention.turn(True)
    assert asked == []
