"""The door to the real data sets that lie beside this checkout; they are read, never copied in."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return the folder of a data set, e.g. `gps_signalk`; skips the test where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data sets are not beside this checkout")
    folder = SHARED_DATA / name
    assert folder.is_dir(), f"there is no shared data set called {name}"
    return folder
