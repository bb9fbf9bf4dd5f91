"""Saying that news was read; the first time counts, on whichever device."""

from collections.abc import Iterable

from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.messages import MAX_GROUP_MUTATIONS
from sync_server.contract.rules.notifying import NOTIFICATION, READ


def read_news(write: LocalWrite, notification_ids: Iterable[str]) -> int:
    """Note that these were read; give how many were not read before. What left meanwhile is passed over."""
    count = 0
    for each in notification_ids:
        row = write.get(NOTIFICATION, each)
        if row is not None and row["read_at"] is None:
            if count and count % MAX_GROUP_MUTATIONS == 0:
                write.group()
            write.mutate(READ, entity=NOTIFICATION, id=each, set={})
            count += 1
    return count
