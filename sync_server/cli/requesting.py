"""What an administrator does with service requests where no office program runs."""

from sync_server.application import service_requests
from sync_server.cli.administration import known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import Answer, lines_of
from sync_server.config import ServerSettings


def list_requests(slug: str, *, status: str | None) -> Answer:
    """List them, a line each."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = service_requests.every_request(database, known_organization(database, slug), status=status)
    lines = [f"{row['id']}  {row['status']}  {row['urgency']}  {row['title']}" for row in found]
    return {"service_requests": found}, lines_of(lines) or "There are no such requests."


def take_step(request_id: str, slug: str, *, verb: str, reason: str | None) -> Answer:
    """Accept or decline one."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        decided = service_requests.take_step_by_command(database, organization_id, request_id, verb, reason=reason)
    said = "" if decided.number is None else f" Its order is {decided.number}."
    answer: dict[str, object] = {
        "status": decided.status,
        "work_order_id": decided.work_order_id,
        "number": decided.number,
    }
    return answer, f"The request is {decided.status}.{said}"


def forget(request_id: str, slug: str) -> Answer:
    """Forget who asked."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        was_known = service_requests.forget(database, known_organization(database, slug), request_id)
    return {"forgotten": was_known}, "Nobody knows any more who asked." if was_known else "Nobody was written down."
