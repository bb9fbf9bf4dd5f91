"""Push and pull in one request: what a device with a little to send asks, so that an edit costs one round trip.

Nothing is decided here. Both halves may be asked again, together or one by one, and give the same.
"""

from sync_server.application.pull import pull
from sync_server.application.push import push
from sync_server.authz.claims import Asker
from sync_server.contract import codec
from sync_server.contract.messages import SyncRequest
from sync_server.storage.engine import Database
from sync_server.storage.once_more import once_more
from sync_server.storage.spool import Spool


def round_trip(database: Database, asker: Asker, request: SyncRequest, *, key: bytes) -> Spool:
    """Push, then pull from a snapshot that is taken after the push has committed.

    Raises what either raises: a refused pull says nothing of the push, whose verdicts are stored and come again.
    """
    line = b"" if request.push is None else codec.line(codec.PUSHED, push(database, asker, request.push))
    return once_more(lambda: pull(database, asker, request.pull, key=key, before=line))
