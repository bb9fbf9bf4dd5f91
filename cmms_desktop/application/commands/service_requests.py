"""Asking the office for service, offline too: what is wrong with an asset, and taking that back again."""

from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.fields import Row
from sync_server.contract.rules.requesting import REQUEST


def report_problem(
    write: LocalWrite, asset_id: str, *, title: str, description: str | None = None, urgency: str = "medium"
) -> str:
    """Ask for service at an asset and its place; its label is enough. Gives the id of the request.

    Raises:
        Refused: it has no title, nothing of the asset is here, or he may not ask there.
    """
    if not title.strip():
        raise Refused("invalid_value", "Say in a few words what is wrong.")
    asset = write.get("asset", asset_id) or _label_of(write, asset_id)
    if asset is None:
        raise Refused("not_found", "This asset is not on this device.")
    values = {
        "site_id": asset["site_id"],
        "location_id": asset.get("location_id"),
        "asset_id": asset_id,
        "title": title.strip()[:200],
        "description": (description or "").strip() or None,
        "urgency": urgency,
    }
    return write.create(REQUEST, values)


def withdraw(write: LocalWrite, request_id: str) -> None:
    """Take a request back that nobody decided about. Raises Refused when somebody did, or it is another's."""
    write.mutate(f"{REQUEST}.withdraw", entity=REQUEST, id=request_id, set={})


def _label_of(write: LocalWrite, asset_id: str) -> Row | None:
    found = write.cursor.execute(
        "SELECT id FROM asset_stub WHERE asset_id = ? AND deleted_at IS NULL LIMIT 1", (asset_id,)
    ).fetchone()
    return None if found is None else write.get("asset_stub", found[0])
