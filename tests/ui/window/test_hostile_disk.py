"""A disk that refuses at a tap: one sentence, nothing shown as saved that is not, and the next tap works again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.at_window import a_window, frame_of, go, settle
from tests.ui.screens.signing_work import rows_of
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "technician") as made:
        yield made


def fill_disk(stage: Stage, *, is_full: bool = True) -> None:
    """Give the store no page more than it has, as a full disk does; or all the room there is."""
    with stage.replica.database.writer() as handle:
        (count,) = handle.cursor.execute("PRAGMA page_count").fetchone()
        handle.cursor.execute(f"PRAGMA max_page_count = {count if is_full else 1_000_000_000}")


def test_a_comment_waits_for_room_and_is_not_called_saved(qtbot: QtBot, stage: Stage) -> None:
    order_id = stage.order_ids[1]
    before = len(rows_of(stage, "comment", order_id))
    text = "The seal is on its way. " * 400
    with a_window(stage, qtbot) as at:
        fill_disk(stage)
        frame_of(at).context.drafts.keep(f"comment:{order_id}", text)
        go(at, "order", order_id=order_id, tab="comments")
        at.press("Add comment")
        at.until_sees("There is no room left on this device.")
        settle(at)  # the draft could not be kept either, and says so first
        assert len(rows_of(stage, "comment", order_id)) == before
        assert at.sees(text), "what was typed stays"
        fill_disk(stage, is_full=False)
        at.press("Add comment")
        at.until("it is saved", lambda: len(rows_of(stage, "comment", order_id)) == before + 1)
