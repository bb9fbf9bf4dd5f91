"""What becomes of one row of a file: a draft of a work order, or the reason why not."""

import hashlib
import json
from dataclasses import dataclass

from sync_server.contract.fields import Row


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """A work order as the file tells it, before anybody has looked up its asset and site."""

    row: int
    """Row of the sheet; the header is row 1."""
    external_id: str
    values: Row
    """Columns of `work_order` in wire form; only those that the file fills or decides."""
    asset_code: str | None = None
    site_code: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256, hex, of everything that the file says about the order: another digest means a changed order."""
        told = {**self.values, "asset_code": self.asset_code, "site_code": self.site_code}
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that makes no order, and why, as one sentence for whoever has the file."""

    row: int
    reason: str
