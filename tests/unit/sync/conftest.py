"""The engine at the HTTP door, and its thread, for every test of this folder that needs no other beginning."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sync.watched import Watched
from tests.unit.sync.wire import Wire


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(tmp_path)
    yield made
    made.close()


@pytest.fixture
def watched(wire: Wire) -> Iterator[Watched]:
    made = Watched(wire)
    yield made
    made.scheduler.stop()
