"""What changes ask: something that they reach, and decisions of others, the last of which moves them."""

from sync_server.application.access import not_found
from sync_server.application.records.desk import Desk
from sync_server.contract.fields import Row
from sync_server.contract.rules.deciding import settled
from sync_server.contract.rules.status import has_reason
from sync_server.errors import Refused
from sync_server.storage import office_records
from sync_server.storage.record_kinds import BY_NAME
from sync_server.storage.tables_changes import REACHED

MOST_PEOPLE = 1_000
"""Who may decide about one change; a refusal or the ninth approval ends it long before."""


def rewrite(desk: Desk, row: Row, _: Row) -> None:
    """Let nobody but its author write what a change is: who wrote a part of it could approve that."""
    if row["created_by"] != desk.actor.person_id:
        raise Refused("not_allowed", "Only who asks for a change says what it is. Ask for another one.")


def reach(desk: Desk, row: Row, change: Row | None) -> None:
    """Refuse what reaches nothing, several things, or something that is not there for who says so."""
    let_be(desk, row, change)
    named = [column for column in REACHED if row.get(column) is not None]
    if len(named) != 1:
        raise Refused("invalid_value", f"A change reaches one thing at a time: {', '.join(REACHED)}.")
    column = named[0]
    if column == "asset_id" and not desk.actor.is_office_at(desk.site_of("asset", row[column])):
        raise not_found()
    if (kind := BY_NAME.get(REACHED[column])) is not None:
        desk.seen(kind, row[column])


def let_be(desk: Desk, row: Row, change: Row | None) -> None:
    """Let nobody but its author say what a change reaches, or reaches no more."""
    if change is not None:
        rewrite(desk, change, row)


def hand_in(desk: Desk, row: Row, values: Row) -> None:
    """Begin a new round of decisions about something that a change reaches."""
    if values["state"] != "submitted":
        return
    kind, own = BY_NAME["change_impact"], {"change_request_id": row["id"]}
    if not office_records.rows(desk.connection, desk.organization_id, kind, own, limit=1):
        raise Refused("answers_missing", "Say first what this change reaches.")
    values["round"] = int(row["round"] or 0) + 1


def decide(desk: Desk, row: Row, change: Row | None) -> None:
    """Refuse a decision about one's own change, a second one, and a refusal that says nothing."""
    if change is None:
        raise not_found()
    if change["created_by"] == desk.actor.person_id:
        raise Refused("own_work", "Nobody decides about his own change.")
    if row["decision"] == "rejected" and not has_reason(None if row["reason"] is None else str(row["reason"])):
        raise Refused("reason_required", "Say why it is refused.")
    row["round"] = change["round"]
    if any(each["created_by"] == desk.actor.person_id for each in _decisions(desk, change)):
        raise Refused("already_exists", "You have decided about this change already.")


def follow(desk: Desk, row: Row, change: Row | None) -> None:
    """Move a change that is decided, in the transaction of the decision; who decides holds it."""
    if change is None:
        return
    said: Row = {"decision": row["decision"], "change_request_id": row["change_request_id"]}
    desk.tell("change_approval.created", row, new=said)
    taken = [str(each["decision"]) for each in _decisions(desk, change)]
    state = settled(taken, needed=int(change["needed_approvals"] or 1))
    if state is None:
        return
    values: Row = {"state": state, "state_reason": row["reason"]}
    desk.change(BY_NAME["change_request"], change, **values)
    desk.tell(f"change_request.{state}", change, old={"state": change["state"]}, new=values)


def _decisions(desk: Desk, change: Row) -> list[Row]:
    kind = BY_NAME["change_approval"]
    named: Row = {"change_request_id": change["id"], "round": change["round"]}
    return office_records.rows(desk.connection, desk.organization_id, kind, named, limit=MOST_PEOPLE)
