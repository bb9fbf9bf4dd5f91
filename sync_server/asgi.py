"""The application for any ASGI server: `uvicorn --factory sync_server.asgi:make`, granian, hypercorn.

Everything comes from the environment (config.py). The database must have been named and migrated: several processes
of one server cannot share an embedded one.
"""

from sync_server.app import make_app, make_services
from sync_server.config import ServerSettings
from sync_server.errors import EnvironmentFailure
from sync_server.http.logs import RequestLog, configure_logs


def make() -> RequestLog:
    """Make the application of one process. Raises EnvironmentFailure when the environment does not say enough."""
    configure_logs()
    settings = ServerSettings.from_environment()
    if settings.database_url is None:
        raise EnvironmentFailure(
            "Name the database in CMMS_DATABASE_URL; only `cmms-sync-server serve` brings its own."
        )
    app = make_app(make_services(settings, settings.database_url), with_nights=True)
    configure_logs()  # again: Litestar has put its own in place
    return RequestLog(app)
