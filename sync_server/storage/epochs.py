"""Histories of an organization: the present one, and where earlier ones ended when the server was restored.

Two histories share numbers and differ in what they mean. Whoever says a number says the epoch with it; a number of
another epoch counts as far as that history is ours too (sync.md §8).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sync_server.contract.fields import Scalar
from sync_server.storage import activity_log
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Epochs:
    """The present epoch, and (epoch, last common commit) of those before it, in order."""

    current: str
    ended: tuple[tuple[str, int], ...] = ()

    def common_seq(self, epoch: str, seq: int) -> int | None:
        """Give the commit of the present history that a commit of any epoch counts as; None: no epoch was named.

        An epoch that is not known here began in a history that was lost, so it shares with ours what the last one does.
        """
        if epoch == self.current:
            return seq
        if not epoch or not self.ended:
            return None
        names = [name for name, _ in self.ended]
        first = names.index(epoch) if epoch in names else len(names) - 1
        return min(seq, *(last_seq for _, last_seq in self.ended[first:]))


def rotate(
    database: Database,
    organization_id: str,
    *,
    epoch: str,
    reason: str,
    last_seq: int | None = None,
    told: Mapping[str, Scalar] | None = None,
) -> bool:
    """Begin a new epoch, unless `epoch` is not the present one any more; tell whether it was.

    Args:
        database: Its role for routines writes: nothing that a device says may end a history.
        organization_id: Whose.
        epoch: The one to end.
        reason: For the administrator.
        last_seq: Last commit that certainly belongs to the ended history and to the new one; None: where the clock is.
        told: What the line of the activity log tells besides the reason.
    """
    with database.transaction("worker", None) as connection:
        activity_log.make_months(connection)  # what was put back may be older than the months that it has
    with database.transaction("worker", organization_id) as connection:
        ended = connection.execute(
            "with old as (select organization_id, epoch, seq from org_clock where organization_id = %s and epoch = %s"
            " for update), new as (update org_clock c set epoch = gen_random_uuid() from old"
            " where c.organization_id = old.organization_id)"
            " insert into ended_epoch (organization_id, number, epoch, last_seq, ended_at, reason)"
            " select old.organization_id, (select count(*) + 1 from ended_epoch e"
            " where e.organization_id = old.organization_id), old.epoch, least(coalesce(%s, old.seq), old.seq),"
            " clock_timestamp(), %s from old",
            (organization_id, epoch, last_seq, reason),
        )
        if ended.rowcount == 1:
            new = {"reason": reason, **(told or {})}
            begun = Entry("history.begun", row_id=organization_id, old={"epoch": epoch}, new=new)
            activity_log.append(connection, [begun])
    return ended.rowcount == 1


def rotate_all(database: Database, *, reason: str, told: Mapping[str, Scalar] | None = None) -> list[str]:
    """Begin a new epoch in every organization; give their ids."""
    with database.transaction("worker", None, read_only=True) as connection:
        clocks = connection.execute("select organization_id::text, epoch::text from organization_clocks()").fetchall()
    return [id_ for id_, epoch in clocks if rotate(database, id_, epoch=epoch, reason=reason, told=told)]
