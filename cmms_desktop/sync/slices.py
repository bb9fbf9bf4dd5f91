"""The slices of a scope in order, the next one travelling while the one before is decoded and written to the disk.

One slice ahead and no more, and that one undecoded: a slow disk never fills the memory.
"""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from cmms_desktop.sync.line_stream import decoded
from sync_server.contract import codec

Slice = Sequence[bytes]
"""The lines of one slice, not decoded yet."""
Token = str | None
"""What to ask a slice with; None: the first one."""


def never() -> bool:
    """Nothing else wants the line."""
    return False


def slices(
    fetch: Callable[[Token], Slice], token: Token, *, is_line_wanted: Callable[[], bool] = never
) -> Generator[tuple[Token, Slice]]:
    """Give each slice with the token that it was asked with, to the last one or the first without an end.

    Ends early when somebody wants the line, which is asked before the next slice sets out: none is fetched for nothing.
    Close it when it is not used up; what `fetch` raises comes out here.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="next-slice") as ahead:
        coming = ahead.submit(fetch, token)
        while True:
            lines = coming.result()
            following = _token_after(lines)
            goes_on = following is not None and not is_line_wanted()
            if goes_on:
                coming = ahead.submit(fetch, following)
            yield token, lines
            if not goes_on:
                return
            token = following


def _token_after(lines: Slice) -> Token:
    """Read the last line, which says how it goes on; an answer that broke off says nothing."""
    for last in decoded(lines[-1:]):
        if last[0] == codec.END:
            return cast(Token, cast(dict[str, Any], last[1]).get("token"))
    return None
