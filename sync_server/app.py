"""Puts the server together: settings in, an ASGI application out. No module builds its own parts."""

from functools import partial

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig

from sync_server.application.history_watch import FILE, HistoryWatch
from sync_server.application.pokes import Pokes
from sync_server.application.readiness import Readiness
from sync_server.application.sessions import Sessions
from sync_server.authz.passwords import Passwords
from sync_server.authz.server_key import ServerKey
from sync_server.authz.tokens import AccessTokens
from sync_server.config import ServerSettings
from sync_server.http import (
    blob_routes,
    calendar_routes,
    device_routes,
    event_routes,
    figure_routes,
    health_routes,
    maintenance_routes,
    office_routes,
    reaching_routes,
    record_routes,
    request_routes,
    session_routes,
    stock_routes,
    sync_routes,
)
from sync_server.http.described import SCHEMES
from sync_server.http.problem_response import answer_error
from sync_server.http.request_threads import bound_request_threads
from sync_server.http.services import Services, caller_of, claim_of, note_request, services_of
from sync_server.http.side_lane import SideLane
from sync_server.routines.activity_signing import sign_news, signing
from sync_server.routines.nightly import Nights, with_files
from sync_server.storage.backup_folder import BLOBS
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database

MAX_BODY_BYTES = 8 << 20
POKES_END_S = 5.0

ROUTES = (
    session_routes.sign_in,
    session_routes.refresh,
    session_routes.sign_out,
    device_routes.standing,
    device_routes.sealed,
    device_routes.wiped,
    sync_routes.hello,
    sync_routes.push,
    sync_routes.pull,
    sync_routes.sync,
    sync_routes.bootstrap,
    sync_routes.fill,
    sync_routes.verify,
    event_routes.events,
    blob_routes.offset,
    blob_routes.append,
    blob_routes.read,
    reaching_routes.subscribe,
    reaching_routes.unsubscribe,
    office_routes.list_orders,
    office_routes.show_order,
    office_routes.search,
    office_routes.nearest_assets,
    maintenance_routes.list_schedules,
    maintenance_routes.asset_history,
    figure_routes.list_metrics,
    figure_routes.list_predictions,
    figure_routes.list_contractors,
    figure_routes.list_readings,
    calendar_routes.list_events,
    calendar_routes.plan_event,
    calendar_routes.cancel_event,
    stock_routes.list_low,
    stock_routes.buy,
    office_routes.edit_order,
    office_routes.assign,
    office_routes.join_team,
    record_routes.list_records,
    record_routes.show_record,
    record_routes.make_record,
    record_routes.edit_record,
    record_routes.take_step,
    record_routes.delete_record,
    request_routes.list_requests,
    request_routes.file_request,
    request_routes.show_requester,
    request_routes.step_request,
    health_routes.livez,
    health_routes.readyz,
)


def blob_store(settings: ServerSettings) -> BlobStore:
    """Open the place of photos: a bucket when one is named, else a folder. Raises EnvironmentFailure."""
    if settings.blob_bucket is not None:
        return BlobStore.in_bucket(settings.blob_bucket, settings.bucket_access)
    return BlobStore.in_folder(settings.data_folder / BLOBS)


def server_key_of(settings: ServerSettings) -> ServerKey:
    """Give the key with which this server signs."""
    return ServerKey(settings.derive("device-commands"))


def make_services(settings: ServerSettings, database_url: str, *, cheap_passwords: bool = False) -> Services:
    """Put the parts together. `cheap_passwords` is for demonstration and tests only."""
    database = Database(
        database_url,
        settings.secret,
        behind_pgbouncer=settings.behind_pgbouncer,
        pooler=settings.pooler,
        allow_old_postgres=settings.allow_old_postgres,
    )
    tokens = AccessTokens(settings.derive("access-token"))
    server_key = server_key_of(settings)
    return Services(
        database=database,
        sessions=Sessions(database, tokens, Passwords(cheap=cheap_passwords), server_key.public_key),
        tokens=tokens,
        readiness=Readiness(database),
        history=HistoryWatch(database, settings.data_folder / FILE),
        pokes=Pokes(database),
        cursor_key=settings.derive("cursor"),
        blobs=blob_store(settings),
        side_lane=SideLane(),
        server_key=server_key,
    )


def make_app(services: Services, *, with_nights: bool = False) -> Litestar:
    """Make the ASGI application. Refuses to start on a database that does not protect tenants.

    `with_nights`: this process also takes its part of the nightly routines.
    """
    services.database.check_start()
    services.history.look()
    routines = {**with_files(services.blobs), "activity": signing(services.server_key)}
    often = partial(sign_news, services.database, services.server_key)
    nights = [Nights(services.database, routines, often=often)] if with_nights else []

    def end() -> None:
        services.pokes.close(wait_s=POKES_END_S)
        services.history.stop()
        for each in nights:
            each.stop()
        services.database.close()

    return Litestar(
        route_handlers=list(ROUTES),
        dependencies={
            "services": Provide(services_of, sync_to_thread=False),
            "caller": Provide(caller_of, sync_to_thread=True),
            "claim": Provide(claim_of, sync_to_thread=False),
        },
        before_request=note_request,
        exception_handlers={Exception: answer_error},
        state=State({"services": services}),
        openapi_config=OpenAPIConfig(title="cmms-field sync server", version="1", path="/schema", components=SCHEMES),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,  # http/logs.py says what is logged; the framework would put handlers of its own beside it
        on_startup=[
            bound_request_threads,
            services.pokes.open,
            services.history.start,
            *(each.start for each in nights),
        ],
        on_shutdown=[end],
    )
