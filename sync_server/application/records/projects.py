"""What projects ask: days in order, and orders that are done for one project each."""

from sync_server.application.access import not_found
from sync_server.application.records.desk import Desk
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.storage import office_records
from sync_server.storage.record_kinds import BY_NAME


def plan(_: Desk, row: Row, __: Row | None) -> None:
    """Refuse days that end before they begin."""
    begins, ends = row.get("from_on"), row.get("until_on")
    if begins is not None and ends is not None and str(ends) < str(begins):
        raise Refused("invalid_value", "A project ends on its first day or later.")


def plan_anew(desk: Desk, row: Row, values: Row) -> None:
    """Refuse new days that end before they begin."""
    plan(desk, {**row, **values}, None)


def name_order(desk: Desk, row: Row, _: Row | None) -> None:
    """Refuse an order where somebody is not the office, and one that is done for a project already."""
    if not desk.actor.is_office_at(desk.site_of("work_order", row["work_order_id"])):
        raise not_found()
    kind, named = BY_NAME["project_work_order"], {"work_order_id": row["work_order_id"]}
    if office_records.rows(desk.connection, desk.organization_id, kind, named, limit=1):
        raise Refused("already_exists", "This order belongs to a project already.")
