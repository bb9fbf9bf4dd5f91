"""Keeps the newest line of the organization's activity log that the server has signed, and notices when it is gone.

So a log that was cut or written anew is found by a device that was away meanwhile, however long. It says so and stops
nothing. After a restore the log may end earlier: the line that is gone is kept as evidence then.
"""

from typing import Final

from cmms_desktop.credentials.device_key import proves
from cmms_desktop.replica.sync_state import SyncState
from cmms_desktop.replica.transaction import Replica
from sync_server.contract.log_lines import LogLine, LogNews, signing_input

DIFFERS: Final = "log_differs"
"""Kind of the notice."""


def heard(replica: Replica, state: SyncState, news: LogNews | None, *, epoch: str) -> None:
    """Compare what the server says of its log with what is kept here.

    Args:
        replica: Where it is kept.
        state: As it was when the server was asked.
        news: None: of a server from before there was such a thing.
        epoch: Of the answer. Another one than ours: the server was restored.
    """
    kept = state.log_line
    if news is None or news.asked != (kept.seq if kept else 0):
        return
    newest = news.newest if _is_signed(state, news.newest) else None
    if kept is None or news.hash == kept.hash:
        if state.log_differs or (newest is not None and newest.seq > (kept.seq if kept else 0)):
            replica.remember(log_line=newest or kept, log_differs=False)
    elif epoch != state.epoch:
        replica.remember(log_line=newest, log_before_restore=kept, log_differs=False)
    elif not state.log_differs:
        replica.notify(DIFFERS, count=kept.seq)
        replica.remember(log_differs=True)


def _is_signed(state: SyncState, line: LogLine | None) -> bool:
    if line is None or state.server_key is None:
        return False
    message = signing_input(state.organization_id, line.seq, line.hash, signed_at=line.signed_at)
    return proves(state.server_key, line.signature, message)
