"""Whether the process lives, and whether it can serve."""

from litestar import get

from sync_server.http.services import ServicesHere


@get("/livez", sync_to_thread=False)
def livez() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True)
def readyz(services: ServicesHere) -> dict[str, str]:
    """Answer when the database is the writable primary, migrated, and its roles are bound by row level security."""
    services.database.check_start()
    with services.database.transaction("app_sync", None) as connection:
        connection.execute("select count(*) from org_clock").fetchone()
        (is_standby,) = connection.execute("select pg_is_in_recovery()").fetchone() or (True,)
    return {"status": "standby" if is_standby else "ok"}
