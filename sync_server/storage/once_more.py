"""Asking once more when only a name was gone: whoever reads never hears that somebody has cleared a connection.

For what writes nothing, or the same again; never for a push, whose verdicts tell what became of it.
"""

from collections.abc import Callable
from typing import TypeVar

from sync_server.errors import NamesGone

Answer = TypeVar("Answer")


def once_more(ask: Callable[[], Answer]) -> Answer:
    """Ask, and once more when a statement that was kept did not fit: what failed was rolled back, and forgotten.

    Raises:
        NamesGone: The second time too, on another connection.
    """
    try:
        return ask()
    except NamesGone:
        return ask()
