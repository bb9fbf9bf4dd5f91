# ruff: noqa: N818 - the house names its errors by what happened (house.md, 6)
"""What can go wrong on the server, as a closed tree.

Outside libraries' exceptions are translated where they enter and chained with `from`; above that
line only this tree is seen. The one table from problem codes to HTTP statuses lives in `http`, the
closed list of codes in `contract/problems.py`; here a code is only text.
"""


class CmmsError(Exception):
    """Root of every error this project raises on purpose.

    Attributes:
        sentence: What happened and who must act, for a person; no values of fields, no SQL.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(CmmsError):
    """A rule said no; asking again unchanged gives the same answer.

    Attributes:
        code: A word of the closed list of problem codes.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class EnvironmentFailure(CmmsError):
    """Something outside the program is missing or broken; an administrator can put it right."""


class RetryLater(EnvironmentFailure):
    """Nothing was kept, and the same request may succeed soon (deadlock, lock timeout, restart).

    Attributes:
        retry_after_s: Seconds the caller should wait at least, 1 to 60.
    """

    def __init__(self, sentence: str, *, retry_after_s: int = 1) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class NamesGone(RetryLater):
    """A statement that was kept does not fit any more; nothing was kept, and it is parsed anew the next time."""


class SessionExpired(CmmsError):
    """The access token no longer counts; the caller must refresh it or sign in again."""


class ContractMismatch(CmmsError):
    """The two sides speak versions of the contract that cannot be reconciled."""


class Bug(CmmsError):
    """The program broke one of its own promises; never swallowed, never answered with a retry."""
