"""The batches of a push in order: while one is at the server, the next is sealed and the verdicts before are written.

A batch leaves only after the one before was accepted whole, so that the server meets every change after those it was
made on, and what rests on a refused one waits. Whatever stops it, sealed bytes stay and are sent again as they are.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

from cmms_desktop.errors import Refused
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.sync.answers import Pushed


def answered(
    first: SealedBatch, seal_after: Callable[[SealedBatch], SealedBatch | None], send: Callable[[SealedBatch], Pushed]
) -> Generator[Pushed | Refused]:
    """Send a batch and those after it; give each answer, or the refusal of a whole batch, which is the last.

    Ends with the first answer that does not accept everything: what follows depends on what became of it. Close it
    when it is not used up; what `send` raises beside Refused comes out here.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="push") as line:
        batch: SealedBatch | None = first
        under_way = line.submit(send, first)
        while batch is not None:
            batch = seal_after(batch)
            try:
                pushed = under_way.result()
            except Refused as refusal:
                yield refusal
                return
            if not pushed.is_accepted:
                batch = None
            elif batch is not None:
                under_way = line.submit(send, batch)
            yield pushed
