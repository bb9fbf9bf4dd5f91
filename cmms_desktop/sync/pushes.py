"""The batches of a push in order: while one is at the server, the next is sealed and the verdicts before are written.

A batch leaves only after the one before was accepted whole, so that the server meets every change after those it was
made on, and what rests on a refused one waits. Whatever stops it, sealed bytes stay and are sent again as they are.
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from cmms_desktop.errors import Refused
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.sync.answers import Pushed

Send = Callable[[SealedBatch, Callable[[], None]], Pushed]
"""Sends a batch and gives the answer to it; calls the other one when the last byte has left."""
LEAVES_WITHIN_S = 0.02
"""A full batch leaves within two milliseconds where the network is no bottleneck."""


def answered(
    first: SealedBatch, seal_after: Callable[[SealedBatch], SealedBatch | None], send: Send
) -> Generator[Pushed | Refused]:
    """Send a batch and those after it; give each answer, or the refusal of a whole batch, which is the last.

    Ends with the first answer that does not accept everything: what follows depends on what became of it. Close it
    when it is not used up; what `send` raises beside Refused comes out here.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="push") as line:
        batch: SealedBatch | None = first
        under_way = _gone(line, send, first)
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
                under_way = _gone(line, send, batch)
            yield pushed


def _gone(line: ThreadPoolExecutor, send: Send, batch: SealedBatch) -> Future[Pushed]:
    """Let a batch go, and go on when its last byte has left: two threads at work would hold each other up meanwhile.

    On a slow network nobody waits for that.
    """
    gone = Event()
    under_way = line.submit(send, batch, gone.set)
    under_way.add_done_callback(lambda _: gone.set())
    gone.wait(LEAVES_WITHIN_S)
    return under_way
