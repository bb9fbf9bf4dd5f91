"""The organization's own words stand wherever the program says a closed word, as soon as they are here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cmms_desktop.ui.text import badges, words
from cmms_desktop.ui.window.presenter import FramePresenter
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.own_words import WORDS
from tests.ui.screens.office_news import bring
from tests.ui.stage import Stage, a_stage

AT = "2026-03-12T06:00:00.000000Z"
OURS = {kind: dict(said) for kind, said in words._REPLACEABLE.items()}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as made:
        yield made
    words.take_own({})


class Unseen:
    """A frame that nobody looks at."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def own(number: int, word: str, text: str, **values: Scalar) -> tuple[str, Row]:
    row_id = f"0190c1f0-0000-7000-8000-0000000000{number:02}"
    stamps: Row = {"id": row_id, "aggregate_id": row_id, "created_at": AT, "updated_at": AT, "version": 1}
    said: Row = {"language": "en", "kind": "status", "word": word, "text": text}
    return "i18n_string", completed(REGISTRY["i18n_string"], {**stamps, **said, **values})


def test_every_badge_and_sentence_says_them_until_they_are_taken_back(qtbot: QtBot, stage: Stage) -> None:
    presenter = FramePresenter(stage.context, Unseen())
    presenter.start()
    bring(stage, own(1, "in_progress", "Under way"))
    qtbot.waitUntil(lambda: badges.status_badge("in_progress").text == "Under way", timeout=60_000)
    assert words.word(words.STATUS, "in_progress") == "Under way"
    assert badges.status_badge("new").text == OURS["status"]["new"]
    bring(stage, own(1, "in_progress", "Under way", deleted_at=AT, version=2))
    qtbot.waitUntil(lambda: OURS["status"] == words.STATUS, timeout=60_000)
    presenter.close()


def test_what_is_no_word_of_ours_changes_nothing(qtbot: QtBot, stage: Stage) -> None:
    presenter = FramePresenter(stage.context, Unseen())
    presenter.start()
    bring(
        stage,
        own(1, "in_progress", "Em andamento", language="pt-BR"),
        own(2, "waiting", "Waiting"),
        own(3, "new", "x" * 41),
        own(4, "assigned", "Line\nbreak"),
        own(5, "closed", "  "),
        own(6, "admin", "Chief", kind="role"),
        own(7, "on_hold", "<b>Held</b>"),
    )
    qtbot.waitUntil(lambda: words.STATUS["on_hold"] == "<b>Held</b>", timeout=60_000)
    assert {**OURS["status"], "on_hold": "<b>Held</b>"} == words.STATUS
    presenter.close()


def test_the_program_has_a_word_of_its_own_for_each() -> None:
    assert {kind: tuple(said) for kind, said in OURS.items()} == dict(WORDS)
