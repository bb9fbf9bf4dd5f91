"""What can go wrong on the desktop, in one tree, each with a sentence for the person who meets it.

A sentence says what happened and who can do something about it; it never carries a key, a token, an SQL value or a
stack trace. Exceptions of outside libraries are translated where they enter and chained with ``from``.
This module never decides how an error is shown or retried.
"""

from typing import Final

LEASE_DAYS: Final = 14
"""Days a person may work on a device without an answer of the server to it; a profile makes them fewer (D-258)."""


def days_text(days: int) -> str:
    """Give a number of days in words."""
    return f"{days} day{'' if days == 1 else 's'}"


class CmmsError(Exception):
    """Anything this program raises on purpose.

    ``sentence`` is plain text for the person, complete and with a full stop.
    """

    is_locked = False
    """Whether the lease of the device is over besides, so that work can only leave it as a file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(CmmsError):  # noqa: N818 - the house's word: a rule said no
    """A rule said no; repeating the same thing gives the same answer.

    ``code`` is a stable snake_case word for programs (on the wire: from the closed list of problems).
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class MustWait(Refused):
    """Too soon after wrong tries. ``wait_s`` is at least 1: seconds until the next try is taken."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("wait", f"Please wait {wait_s} second{'' if wait_s == 1 else 's'} before the next try.")
        self.wait_s = wait_s


class LeaseOver(Refused):
    """The server has not answered this person's device for so long that it is locked; everything on it is kept.

    ``asks_for_password``: the server answers now, and wants another password than the one that unlocks this device.
    """

    def __init__(self, *, asks_for_password: bool = False, days: int = LEASE_DAYS) -> None:
        super().__init__(
            "lease_over",
            f"You were not connected on this device for {days_text(days)}, and it is locked. Your work is kept. "
            + (
                "Enter the password that you have at the server, too."
                if asks_for_password
                else "Connect it, then unlock it again."
            ),
        )
        self.asks_for_password = asks_for_password
        self.days = days
        self.is_locked = True


class EnvironmentFailure(CmmsError):  # noqa: N818
    """Nothing is wrong with what was asked; the surroundings failed. Retry, or guide the person."""


class ServerUnreachable(EnvironmentFailure):
    """No answer that comes from our server: no network, refused, timed out, or a captive portal's page."""

    def __init__(self, sentence: str = "The server cannot be reached. Your work is kept on this device.") -> None:
        super().__init__(sentence)


class ServerNotTrusted(ServerUnreachable):
    """Somebody answers who is not to be trusted as our server; nothing of a request was sent."""


class ServerBusy(EnvironmentFailure):
    """The server answered that it has no capacity now.

    ``retry_after_s`` is at least 0: the seconds the server asked to wait before the next request.
    """

    def __init__(
        self,
        retry_after_s: float,
        sentence: str = "The server is busy. Sending continues by itself in a moment.",
    ) -> None:
        super().__init__(sentence)
        self.retry_after_s = max(0.0, float(retry_after_s))


class ReplicaUnavailable(EnvironmentFailure):
    """The local store cannot be opened, read or written safely."""


class KeyringUnavailable(EnvironmentFailure):
    """The operating system's keyring is missing, locked, emptied or of a kind that keeps nothing secret."""


class SessionExpired(CmmsError):  # noqa: N818
    """The server no longer accepts this session; work made on the device is untouched."""

    def __init__(self, sentence: str = "Please sign in again. Nothing you entered is lost.") -> None:
        super().__init__(sentence)


class Recalled(CmmsError):  # noqa: N818
    """This device is closed: its organization says so, or its lease is over.

    ``kind`` is ``lock`` (whoever unlocks it goes on with all his work) or ``wipe`` (nothing opens what is here any
    more; the rest of it is removed as soon as the store is closed); ``lease``: nobody has heard from it for too long.
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class ContractMismatch(CmmsError):  # noqa: N818
    """Server and device speak versions of the protocol that no longer fit together."""

    def __init__(
        self,
        sentence: str = "This program is too old for the server, or too new. Your work is kept; please update.",
    ) -> None:
        super().__init__(sentence)


class Bug(CmmsError):  # noqa: N818
    """Something that cannot happen happened. Never swallowed: it stops the cycle and keeps the outbox."""
