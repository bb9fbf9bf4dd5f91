"""A scheduler over the fake wire, whose time goes by hand, and what it said."""

from collections.abc import Callable
from datetime import timedelta

from cmms_desktop.sync.photo_lane import PhotoLane
from cmms_desktop.sync.scheduler import Scheduler
from cmms_desktop.sync.status import SyncStatus
from sync_server.contract.messages import BLOB_CHUNK_BYTES
from tests.support.hand_clock import HandClock
from tests.unit.sync.wire import Wire

TWO_CHUNKS = bytes(BLOB_CHUNK_BYTES + 1)


class Watched:
    """A scheduler over the fake wire, with everything that it said."""

    def __init__(self, wire: Wire, *, lease_left: Callable[[], timedelta] | None = None) -> None:
        self.wire = wire
        self.time, self.photo_time = HandClock(), HandClock()
        self.said: list[SyncStatus] = []
        self.order_id = wire.field.add_order(1)
        self.scheduler = Scheduler(
            wire.engine,
            wire.field.replica,
            photos=PhotoLane(wire.transfer, steady=self.photo_time),
            transport=wire.transport,
            clock=lambda: wire.now,
            chance=lambda: 0.5,
            steady=self.time,
            lease_left=lease_left,
        )
        self.scheduler.subscribe(self.said.append)

    def start(self) -> None:
        self.scheduler.start()
        self.settle()

    def settle(self) -> None:
        """Wait until both threads have done whatever is due."""
        self.time.until_asleep()
        self.photo_time.until_asleep()
        self.time.until_asleep()
        self.photo_time.until_asleep()

    def edit(self, title: str) -> None:
        with self.wire.field.replica.write() as write:
            write.set("work_order", self.order_id, title=title)

    def pass_s(self, seconds: float) -> None:
        self.time.advance(seconds)
        self.settle()

    def new_words(self) -> list[str]:
        """Connections said since the last time, each once in a row."""
        words = [status.connection.value for status in self.said]
        self.said.clear()
        return [word for at, word in enumerate(words) if at == 0 or words[at - 1] != word]

    @property
    def status(self) -> SyncStatus:
        return self.scheduler.status


def keep_photo(wire: Wire, content: bytes) -> str:
    sha256 = wire.blobs.keep(content)
    with wire.field.replica.write() as write:
        write.add_blob(sha256, media_type="image/png", size_bytes=len(content))
    return sha256
