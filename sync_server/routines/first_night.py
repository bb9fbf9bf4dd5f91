"""What a night makes of an organization that was just seeded: numbers of its sites, its use, and papers that expire.

Nobody has to wait for the night to see them. What the night itself does later, it does all the same.
"""

from datetime import datetime

from sync_server.routines.metrics import count_metrics
from sync_server.routines.notices import tell_and_clear
from sync_server.routines.usage import count_usage
from sync_server.storage.engine import Database


def first_night(database: Database, organization_id: str, *, at: datetime) -> None:
    """Count and tell as of a moment, as the routines do. Again changes nothing but the moment of the count."""
    count_metrics(database, organization_id, at=at)
    count_usage(database, organization_id, day=at.date())
    tell_and_clear(database, organization_id, at=at)
