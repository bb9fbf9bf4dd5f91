"""Service requests at the office: filed for who has no account, listed, looked at, accepted with their order, declined.

The same policies as for a device (`contract/rules/requesting.py`). Who asked without an account is written with the
request and read by name only, under the role of credentials, after the office's own role has seen the request.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.access import not_found
from sync_server.application.office_lists import MOST, office_reading, whole_office_reading
from sync_server.application.planning import Step, act, must_be_id
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Verdict
from sync_server.contract.rules import requesting
from sync_server.contract.rules.draft import Draft
from sync_server.contract.rules.registers import Refusal
from sync_server.errors import Refused
from sync_server.storage import service_requesters
from sync_server.storage.engine import Database
from sync_server.storage.service_requesters import Requester
from sync_server.storage.wire_rows import composed, decode_row, wire_array

LONGEST_NAME = 200
LONGEST_CONTACT = 500
LONGEST_REASON = 1000


class Asked(msgspec.Struct, frozen=True):
    """What is asked for. `requester`: who asks without an account; None: whoever files it."""

    site_id: str
    title: str
    description: str | None = None
    urgency: str = "medium"
    location_id: str | None = None
    asset_id: str | None = None
    requester: Requester | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a command. `work_order_id` and `number`: the order of an accepted one."""

    status: str
    work_order_id: str | None
    number: str | None


def file(database: Database, caller: Caller, asked: Asked, *, at: str) -> tuple[str, list[Verdict]]:
    """File a request; give its id. Raises Refused."""
    request_id, requester = str(uuid7()), asked.requester
    values: dict[str, Scalar] = {
        name: getattr(asked, name) for name in ("site_id", "title", "description", "urgency", "location_id", "asset_id")
    }
    values["is_for_other"] = requester is not None
    if requester is not None:
        _check(requester)
    step = Step(
        f"{requesting.REQUEST}.create", request_id, request_id, {name: (None, value) for name, value in values.items()}
    )

    def note(connection: Connection[TupleRow]) -> None:
        if requester is not None:
            service_requesters.note(connection, caller.organization_id, request_id, requester, at=at)

    return request_id, act(database, caller, [step], at=at, along=note)


def _check(requester: Requester) -> None:
    name, contact = requester.name.strip(), requester.contact or ""
    if not 1 <= len(name) <= LONGEST_NAME or len(contact) > LONGEST_CONTACT or "\0" in name + contact:
        raise Refused(
            "invalid_value", f"A name has 1 to {LONGEST_NAME} characters, a contact at most {LONGEST_CONTACT}."
        )


def take_step(
    database: Database, caller: Caller, request_id: str, verb: str, *, reason: str | None, at: str
) -> list[Verdict]:
    """Accept, decline or withdraw. Raises Refused, also for a verb that is none."""
    must_be_id(request_id)
    if verb not in requesting.STEPS:
        raise Refused("invalid_value", f"A request can be: {', '.join(requesting.STEPS)}.")
    step = Step(f"{requesting.REQUEST}.{verb}", request_id, request_id, {"reason": (None, reason)})
    return act(database, caller, [step], at=at)


def requests(database: Database, caller: Caller, *, status: str | None, limit: int) -> list[Row]:
    """List requests of the caller's sites, the newest first, at most 500."""
    with office_reading(database, caller) as connection:
        return _listed(connection, caller.organization_id, status, limit)


def requester(database: Database, caller: Caller, request_id: str) -> Requester:
    """Give who asked without an account. Raises Refused when there is nobody, or the request is not the caller's."""
    must_be_id(request_id)
    with office_reading(database, caller) as connection:
        _require(connection, caller.organization_id, request_id)
    with database.transaction("authn", caller.organization_id, read_only=True) as connection:
        found = service_requesters.of(connection, caller.organization_id, request_id)
    if found is None:
        raise not_found()
    return found


# ---- what an administrator does on the command line


def every_request(database: Database, organization_id: str, *, status: str | None) -> list[Row]:
    """List requests of all sites, the newest first, at most 500."""
    with whole_office_reading(database, organization_id) as connection:
        return _listed(connection, organization_id, status, MOST)


def take_step_by_command(
    database: Database, organization_id: str, request_id: str, verb: str, *, reason: str | None
) -> Decided:
    """Accept or decline in nobody's name. Raises Refused."""
    if not GUID.fullmatch(request_id):
        raise not_found()
    if len(reason or "") > LONGEST_REASON or "\0" in (reason or ""):
        raise Refused("invalid_value", f"A reason has at most {LONGEST_REASON} characters.")
    order_id = requesting.made_order_id(request_id)
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock([("work_order", order_id), (requesting.REQUEST, request_id)])
        request = work.get(requesting.REQUEST, request_id)
        if request is None:
            raise not_found()
        draft = Draft(work)
        try:
            now = instant_text(datetime.now(UTC))
            requesting.move(draft, request, requesting.STEPS[verb], reason=reason, person_id=None, at=now)
        except Refusal as refusal:
            raise Refused(refusal.problem.code, refusal.problem.sentence) from refusal
        if draft.changes:
            work.put(draft.changes)
            work.finish()
        after = draft.get(requesting.REQUEST, request_id) or request
        order = draft.get("work_order", order_id) if after["work_order_id"] is not None else None
    return Decided(
        str(after["status"]), None if order is None else order_id, None if order is None else str(order["number"])
    )


def forget(database: Database, organization_id: str, request_id: str) -> bool:
    """Forget who asked; the request stays. Gives whether anything was known."""
    if not GUID.fullmatch(request_id):
        raise not_found()
    with database.transaction("authn", organization_id) as connection:
        return service_requesters.forget(connection, organization_id, request_id, at=datetime.now(UTC))


def _listed(connection: Connection[TupleRow], organization_id: str, status: str | None, limit: int) -> list[Row]:
    query = composed(
        f"select {wire_array(requesting.REQUEST)}::text from service_request t where t.organization_id = %s"
        " and t.deleted_at is null and (%s::text is null or t.status = %s) order by t.created_at desc, t.id limit %s"
    )
    found = connection.execute(query, (organization_id, status, status, max(1, min(limit, MOST)))).fetchall()
    return [decode_row(REGISTRY[requesting.REQUEST], text) for (text,) in found]


def _require(connection: Connection[TupleRow], organization_id: str, request_id: str) -> None:
    asked = "select 1 from service_request where organization_id = %s and id = %s and deleted_at is null"
    if connection.execute(asked, (organization_id, request_id)).fetchone() is None:
        raise not_found()
