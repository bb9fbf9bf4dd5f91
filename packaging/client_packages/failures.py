"""Why no package was made, as one sentence."""

from __future__ import annotations

WRONG_CALL = 2
NOT_MADE = 1


class PackagingError(Exception):
    """Nothing was put into the output folder. `code` is the exit code: 2 for a wrong call, 1 for a failed build."""

    def __init__(self, sentence: str, *, code: int = NOT_MADE) -> None:
        super().__init__(sentence)
        self.code = code
