"""A technician with one order of the office's on his device."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.replicas import Field


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    """Order 1 with two checklist items (11 and 12), pulled."""
    made = Field(tmp_path)
    order = made.add_order(1)
    for number in (11, 12):
        made.add("checklist_item", number, order, checklist_id=order, key="a", kind="pass_fail", prompt="Tight?")
    made.pull()
    yield made
    made.replica.close()
