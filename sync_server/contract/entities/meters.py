"""Meters of assets, with the limits by which a reading is judged wherever it is taken.

A meter carries its last reading only: what years of readings come to stays on the server (D-162 in ../README.md).
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Decimals, Guid, Text, UTCDateTime
from sync_server.contract.fields import Merge, SyncedEntity, synced


class MeterFields(SyncedEntity):
    """Something about an asset that is read off: pressure, temperature, operating hours."""

    entity = "meter"
    aggregates = ("asset",)
    since = 3

    asset_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="asset", since=3)
    """The asset."""
    name: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=3, characters=200)
    """What is read: `Oil pressure`."""
    unit: Mapped[str] = synced(Text, merge=Merge.OFFICE_WINS, since=3, characters=40)
    """What one is: bar, °C, h; readings and limits count these."""
    minimum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=3)
    """Lowest reading that is in order. None: there is no lowest."""
    maximum: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=3)
    """Highest reading that is in order. None: there is no highest."""
    warning_at: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=3)
    """From here on somebody should look; falling, where `critical_at` lies below it. None: no such limit."""
    critical_at: Mapped[Decimal | None] = synced(Decimals, merge=Merge.OFFICE_WINS, since=3)
    """From here on it has to be acted upon, in the direction of `warning_at`. None: no such limit."""
    last_value: Mapped[Decimal | None] = synced(Decimals, merge=Merge.DERIVED, since=3)
    """The reading that the server met last. None: it was never read."""
    last_read_at: Mapped[datetime | None] = synced(UTCDateTime, merge=Merge.DERIVED, since=3)
    """When that was read, by the device's clock. None: never."""
    last_offset_ms: Mapped[int | None] = synced(BigInteger, merge=Merge.DERIVED, since=3)
    """Server clock minus device clock at that reading, as last measured. None: never measured."""
    last_read_by: Mapped[str | None] = synced(Guid, merge=Merge.DERIVED, references="person", since=3)
    """Who read it. None: nobody did."""
    last_note: Mapped[str | None] = synced(Text, merge=Merge.DERIVED, since=3, characters=1000)
    """In the words of who read it. None: nothing said."""
