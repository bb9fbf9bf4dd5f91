"""The office's turn of the demonstration, where it meets a device that happens to sync in the middle of it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cmms_desktop.demo.choices import BOTH
from cmms_desktop.demo.office_turn import HERE_WORDS, OfficeTurn
from sync_server.contract.fields import Scalar
from tests.ui.screens.office_news import bring, edited
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "first") as made:
        yield made


class HeardAtOnce:
    """An office at a server of whose first edits a device hears before the answer is there."""

    def __init__(self, stage: Stage, *, heard: int) -> None:
        self._stage, self._heard = stage, heard
        row = stage.replica.get("work_order", stage.order_ids[0])
        assert row is not None
        self.row = row
        self.edits = 0

    def order(self, _: str) -> dict[str, list[Any]]:
        return {"work_order": [self.row]}

    def edit(self, order_id: str, *, title: tuple[Scalar, Scalar]) -> None:
        assert title[0] == self.row["title"]
        assert title[1] != title[0]
        entity, self.row = edited(self._stage, "work_order", order_id, title=title[1])
        self.edits += 1
        if self.edits <= self._heard:
            bring(self._stage, (entity, self.row))


@pytest.mark.parametrize("heard", [0, 1, 2])
def test_both_sides_change_the_title_without_knowing_of_each_other(stage: Stage, heard: int) -> None:
    office = HeardAtOnce(stage, heard=heard)
    turn = OfficeTurn(lambda: office, other_person_id="")  # type: ignore[arg-type,return-value]
    turn.take(BOTH, SimpleNamespace(session=stage.session), stage.order_ids[0])  # type: ignore[arg-type]

    here = stage.replica.get("work_order", stage.order_ids[0])
    assert here is not None
    assert office.edits == heard + 1
    assert str(here["title"]).endswith(HERE_WORDS)
    assert here["title"] != f"{office.row['title']}{HERE_WORDS}", "the device did not know of the last edit"
    assert here["version"] == int(str(office.row["version"])) - 1
