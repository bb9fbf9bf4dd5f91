"""A technician at a screen, for every test of this folder that needs no other beginning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # needs Qt, which may be missing
    from tests.ui.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    from tests.ui.stage import a_stage

    with a_stage(tmp_path / "first") as made:
        yield made
