"""Loads the plugins that every test relies on, and pytest-qt where Qt can be loaded.

pyproject.toml keeps pytest-qt from loading itself: it would end a run on a machine without Qt's libraries.
"""

import gc

from hypothesis import settings

from tests.support.qt_here import why_qt_is_missing

pytest_plugins = [
    "tests.support.dead_workers",
    "tests.support.memory_disk",
    "tests.support.postgres",
    "tests.support.fault_ledger",
    "tests.support.fleet_fixtures",
    "tests.support.unexpected_logs",
    *([] if why_qt_is_missing() else ["pytestqt.plugin"]),
]

# Nothing here is timed: a busy machine may take a second for what takes a millisecond. All else stays as it is here.
settings.register_profile("patient", parent=settings(), deadline=None)
settings.load_profile("patient")


def pytest_collection() -> None:
    """Collect without searching for garbage: there is next to none, and every test so far would be walked each time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end, and no search for garbage walks them."""
    gc.collect()
    gc.freeze()
    gc.enable()
