"""Where what is being done comes from: a request with its device and address, a command, or the server by itself.

Told once at the edge and looked up where a line of the activity log is made, so that what lies between passes nothing
on. Each request and each command has its own; nothing is decided by it.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Origin:
    """Filled in as it becomes known.

    Attributes:
        means: `request`, `command line`, or `server` for what it does by itself.
        command: Words of the command, without what was given to it.
        account: Account of the machine that gave the command.
        address: Network address that a request came from.
        device_id: Device that a request speaks for.
    """

    means: str = "server"
    command: str | None = None
    account: str | None = None
    address: str | None = None
    device_id: str | None = None


_ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)


def origin() -> Origin:
    """Give the present one."""
    return _ORIGIN.get() or Origin()


def begin_request(address: str | None) -> None:
    """Let a request begin, in the context of its own task."""
    _ORIGIN.set(Origin("request", address=address))


def note_device(device_id: str) -> None:
    """Say for which device the present request speaks; the threads that it asks hear of it too."""
    if (present := _ORIGIN.get()) is not None:
        present.device_id = device_id


@contextmanager
def commanded(words: str) -> Iterator[None]:
    """Let the block be the work of a command. `words`: its own, and nothing that was given to it."""
    before = _ORIGIN.set(Origin("command line", command=words, account=_account()))
    try:
        yield
    finally:
        _ORIGIN.reset(before)


def _account() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return None
