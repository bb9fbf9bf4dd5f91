"""The seeded organization on a replica, and a smaller world with a server in memory to break things in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.replicas import Field
from tests.ui.stage import Stage, a_stage


@pytest.fixture
def technician(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "technician") as stage:
        yield stage


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "supervisor", "supervisor") as stage:
        yield stage


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    made = Field(tmp_path / "field")
    yield made
    made.replica.close()
