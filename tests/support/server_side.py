"""A whole server for tests, the organizations in it, and devices that speak its wire through real HTTP.

`a_server` starts uvicorn on a loopback port over a migrated database. Tests of a module share one server; each makes
organizations of its own, which is all the isolation that the product itself promises.
"""

import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import uvicorn
from litestar.types import ASGIApp
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.app import make_app, make_services
from sync_server.application.organizations import create_organization, set_password
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.authz.passwords import Passwords
from sync_server.authz.visibility import Caller
from sync_server.config import ServerSettings
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.draft import Key
from sync_server.http.services import Services
from sync_server.storage.engine import Database
from sync_server.storage.org_clock import Commit
from sync_server.storage.wire_rows import ask_rows, rows_of
from tests.support.device_side import Client, Device
from tests.support.postgres import TEST_SECRET, Clusters

NOW = "2026-03-02T08:00:00.000000Z"
PASSWORD = "correct horse battery"
START_S = 60.0
TIMEOUT_S = 60.0
KEPT_S = 2.0
"""How long a connection is used again: the server closes it after 5 s, and one sent on at that moment is lost."""
STOP_S = 60.0


def new_id() -> str:
    return str(uuid4())


def a_row(entity: str, **values: Scalar) -> Row:
    """A whole new row; a root is its own aggregate, a child names it with `aggregate_id`."""
    row_id = values.pop("id", None) or new_id()
    audit: Row = {"created_at": NOW, "updated_at": NOW, "aggregate_id": row_id}
    return completed(REGISTRY[entity], {**audit, **values, "id": row_id})


def read_rows(
    connection: Connection[TupleRow], organization_id: str, *, entity: str, ids: Iterable[str]
) -> dict[str, Row]:
    """Rows by id, as they stand."""
    return rows_of(entity, ask_rows(connection, organization_id, entity=entity, ids=ids, lock=False))


@dataclass(slots=True)
class Organization:
    """One tenant. Its rows are written through the unit of work, like everybody's."""

    server: "Server"
    id: str
    slug: str

    @property
    def database(self) -> Database:
        return self.server.database

    def commit(self, rows: Iterable[tuple[str, Row]], *, actor_id: str | None = None) -> Commit:
        """Write whole rows in one commit, new ones and changed ones."""
        changes: dict[Key, Row] = {(entity, str(row["id"])): row for entity, row in rows}
        with self.database.transaction("app_sync", self.id) as connection:
            work = UnitOfWork(connection, self.id, actor_id)
            work.lock(changes)
            work.put(changes)
            return work.finish()

    def commit_many(self, rows: Sequence[tuple[str, Row]]) -> None:
        """Write large rows, a hundred in a commit: on a busy machine a statement may run for ten seconds only."""
        for begin in range(0, len(rows), 100):
            self.commit(rows[begin : begin + 100])

    def add(self, entity: str, **values: Scalar) -> Row:
        """Write one new row in a commit of its own; give it as it stands."""
        row = a_row(entity, **values)
        self.commit([(entity, row)])
        return self.stands(entity, row["id"])

    def change(self, entity: str, row_id: object, **values: Scalar) -> Commit:
        """Change a row as an import or a routine would: nobody's rights are asked."""
        row = self.row(entity, row_id)
        assert row is not None, f"there is no such {entity}"
        return self.commit([(entity, {**row, **values})])

    def row(self, entity: str, row_id: object) -> Row | None:
        """Read a row as it stands, a deleted one too."""
        with self.database.transaction("app_sync", self.id, read_only=True) as connection:
            return read_rows(connection, self.id, entity=entity, ids=[str(row_id)]).get(str(row_id))

    def stands(self, entity: str, row_id: object) -> Row:
        """Read a row that must be there."""
        row = self.row(entity, row_id)
        assert row is not None, f"there is no such {entity}"
        return row

    def rows(self, entity: str) -> list[Row]:
        """Read every row of an entity, deleted ones too."""
        with self.database.transaction("app_sync", self.id, read_only=True) as connection:
            return self._rows(connection, entity)

    def every_row(self) -> dict[str, list[Row]]:
        """Read every row of every entity, deleted ones too, in one transaction."""
        with self.database.transaction("app_sync", self.id, read_only=True) as connection:
            return {entity: self._rows(connection, entity) for entity in REGISTRY}

    def _rows(self, connection: Connection[TupleRow], entity: str) -> list[Row]:
        ids = [i for (i,) in connection.execute(f"select id::text from {entity}".encode()).fetchall()]
        return list(read_rows(connection, self.id, entity=entity, ids=ids).values()) if ids else []

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database past all roles; `%s` for parameters."""
        with psycopg.connect(self.server.owner_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def seq(self) -> int:
        """Its last commit."""
        ((seq,),) = self.ask("select seq from org_clock where organization_id = %s", self.id)
        return int(seq)

    def site(self, **values: Scalar) -> Row:
        code = f"S-{uuid4().hex[:8]}"
        return self.add("site", **{"code": code, "name": f"Site {code}", "time_zone": "UTC", **values})

    def person(self, role: str, *sites: Row, **values: Scalar) -> Row:
        """Somebody who has the same role everywhere, and may enter the given sites."""
        person = a_row("person", **{"name": role.capitalize(), "role": role, **values})
        accesses = [
            a_row("site_access", aggregate_id=person["id"], person_id=person["id"], site_id=site["id"], role=role)
            for site in sites
        ]
        self.commit([("person", person), *(("site_access", access) for access in accesses)])
        return self.stands("person", person["id"])

    def order(self, site: Row, *assignees: Row, **values: Scalar) -> Row:
        """An order; assigned to people when there are any."""
        state = "assigned" if assignees else "new"
        number = f"N-{uuid4().hex[:10]}"
        order = a_row(
            "work_order", **{"number": number, "title": "Order", "site_id": site["id"], "status": state, **values}
        )
        assignments = [
            a_row("work_order_assignment", aggregate_id=order["id"], work_order_id=order["id"], person_id=person["id"])
            for person in assignees
        ]
        self.commit([("work_order", order), *(("work_order_assignment", each) for each in assignments)])
        return self.stands("work_order", order["id"])

    def device(self, person: Row, **fixed: Any) -> Client:
        """A device of a person, enrolled by a real sign-in."""
        client = Client(
            url=self.server.url, slug=self.slug, login=str(person["id"]), http=self.server.http, device=Device(**fixed)
        )
        set_password(
            self.database,
            self.id,
            person_id=str(person["id"]),
            login=client.login,
            password=PASSWORD,
            passwords=Passwords(cheap=True),
        )
        client.sign_in(PASSWORD)
        return client

    def caller(self, client: Client) -> Caller:
        """Who a device's requests speak for, when a test calls the application itself."""
        return Caller(self.id, client.person_id, client.device.id)


@dataclass(slots=True)
class Server:
    """A running server. `owner_url` reaches its database as superuser."""

    url: str
    owner_url: str
    services: Services
    http: httpx.Client

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def blob_folder(self) -> Path:
        """Where the photos of a server without a bucket lie, inside its data folder."""
        folder = self.services.blobs.folder
        assert folder is not None, "its photos lie in no folder"
        return folder

    def organization(self, slug: str | None = None) -> Organization:
        """A new organization, with nothing in it."""
        slug = slug or f"org-{uuid4().hex[:12]}"
        return Organization(self, create_organization(self.database, slug, "Organization"), slug)


@contextmanager
def serving(app: ASGIApp, *, end_streams: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Run an application in a thread, on a free port of this machine; give its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as taken:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type, unused-ignore] # Litestar and uvicorn spell the same protocol differently
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
        )
        running = uvicorn.Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield _await(f"http://127.0.0.1:{taken.getsockname()[1]}")
        finally:
            end_streams()
            running.should_exit = True
            thread.join(STOP_S)
            assert not thread.is_alive(), "the server did not stop"


def _await(url: str) -> str:
    """Wait until the server answers: until then its socket lets us wait in line."""
    with httpx.Client(timeout=START_S) as client:
        assert client.get(f"{url}/livez").status_code == 200
    return url


def services_for(owner_url: str, data_folder: Path, **more: Any) -> Services:
    """The parts of a server over a migrated database, with cheap passwords; `more` settings by their names."""
    given: dict[str, Any] = {"data_folder": data_folder, "allow_old_postgres": True, **more}
    settings = ServerSettings(database_url=owner_url, secret=TEST_SECRET, **given)
    return make_services(settings, owner_url, cheap_passwords=True)


@contextmanager
def a_server(clusters: Clusters, postgres_end: str, **more: Any) -> Iterator[Server]:
    """A server over a database of its own, both gone at the end; `more` settings by their names."""
    name = clusters.new_database(postgres_end, migrated=True)
    owner_url = clusters.get(postgres_end).url(name)
    try:
        with tempfile.TemporaryDirectory(prefix="cmms-test-") as folder:
            services = services_for(owner_url, more.pop("data_folder", Path(folder)), **more)
            with (
                serving(make_app(services), end_streams=services.pokes.close) as url,
                httpx.Client(timeout=TIMEOUT_S, limits=httpx.Limits(keepalive_expiry=KEPT_S)) as http,
            ):
                yield Server(url, owner_url, services, http)
            services.database.close()
    finally:
        clusters.drop(postgres_end, name)


@dataclass(slots=True)
class Scene:
    """A site with an order of its technician, and a supervisor; both have a device.

    Their devices have synced, or, with `is_synced` false, only asked where the server stands.
    """

    organization: Organization
    site: Row
    technician: Row
    supervisor: Row
    order: Row
    field: Client
    office: Client

    @classmethod
    def of(cls, server: Server, *, is_synced: bool = True, **order: Scalar) -> "Scene":
        organization = server.organization()
        site = organization.site()
        technician, supervisor = organization.person("technician", site), organization.person("supervisor", site)
        made = organization.order(site, technician, **order)
        scene = cls(
            organization,
            site,
            technician,
            supervisor,
            made,
            organization.device(technician),
            organization.device(supervisor),
        )
        for client in (scene.field, scene.office):
            if is_synced:
                client.sync()
            else:
                client.mirror.apply(client.pull())
        return scene

    def now(self) -> Row:
        """The order as it stands."""
        return self.organization.stands("work_order", self.order["id"])

    def inside(self, entity: str, **values: Scalar) -> Row:
        """Put a row into the order, as an import would."""
        order_id = self.order["id"]
        if "work_order_id" in REGISTRY[entity].by_name:
            values = {"work_order_id": order_id, **values}
        return self.organization.add(entity, **{"aggregate_id": order_id, **values})

    def unassign(self) -> None:
        """Take the order from the technician."""
        for row in self.organization.rows("work_order_assignment"):
            self.organization.change("work_order_assignment", row["id"], deleted_at=NOW)
