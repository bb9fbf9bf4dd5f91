"""Which version of the program this is: written once, in pyproject.toml, and read from what was installed of it."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Final

PROGRAM: Final = "cmms-field"
NOT_INSTALLED: Final = "0.0.0"
"""Version of a program that runs from source without having been installed: older than every other."""


@cache
def app_version() -> str:
    """Give it as three numbers, such as 0.2.0: what the server hears of this device, and `minimum_version` asks for."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
