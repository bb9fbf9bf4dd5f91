"""Whether the process lives, and whether it can serve."""

from litestar import get

from sync_server.http.described import refusals
from sync_server.http.services import ServicesHere


@get("/livez", sync_to_thread=False)
def livez() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, responses=refusals(is_open=True))
def readyz(services: ServicesHere) -> dict[str, str]:
    """Answer when the database is the writable primary, and its roles are bound by row level security."""
    services.readiness.check()
    return {"status": "ok"}
