"""The batches of a push in order, two under way: while the server is at one, the next is on its way or waits there.

Meanwhile verdicts are written down and the batch after them is sealed. The server takes a device's batches one after
another, and one that overtakes the batch before it is not looked at: the chain has a gap then. After a batch that was
not accepted whole no further one is sealed. Whatever stops it, sealed bytes stay and are sent again as they are.
"""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cmms_desktop.errors import Refused
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.sync.answers import Pushed

UNDER_WAY: Final = 2
"""A third would only wait at the server, and would be sealed before it is known what became of the first."""


def answered(
    first: SealedBatch, seal_after: Callable[[SealedBatch], SealedBatch | None], send: Callable[[SealedBatch], Pushed]
) -> Generator[Pushed | Refused]:
    """Send a batch and those after it; give each answer in order, or the refusal of a whole batch, which is the last.

    After an answer that does not accept everything only the one that was under way already comes: what follows depends
    on what became of it. Close it when it is not used up; what `send`, which is called in two threads, raises beside
    Refused comes out here.
    """
    with ThreadPoolExecutor(max_workers=UNDER_WAY, thread_name_prefix="push") as line:
        newest: SealedBatch | None = first
        under_way = deque([line.submit(send, first)])
        while under_way:
            if newest is not None and (newest := seal_after(newest)) is not None:
                under_way.append(line.submit(send, newest))
            try:
                pushed = under_way.popleft().result()
            except Refused as refusal:
                yield refusal
                return
            if not pushed.is_accepted:
                newest = None
            yield pushed
