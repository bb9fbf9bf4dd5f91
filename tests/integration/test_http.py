"""The edge: every address listed, every error a problem that shows nothing of the inside, bodies of all kinds."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from sync_server.app import ROUTES, make_app
from sync_server.application import readiness
from sync_server.contract.problems import CODES
from sync_server.errors import Bug, EnvironmentFailure, Refused
from sync_server.http import sync_routes
from sync_server.http.problem_response import answer_error
from tests.support.postgres import Clusters
from tests.support.server_side import Scene, Server


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


def problem(response: httpx.Response) -> dict[str, Any]:
    """The problem of an answer; it is one, and says nothing of the inside."""
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    said: dict[str, Any] = response.json()
    assert said["code"] in CODES
    assert said["status"] == response.status_code
    assert set(said) <= {"type", "title", "status", "code", "detail", "retry_after_s"}
    assert not [
        word for word in ("psycopg", "msgspec", "litestar", "Traceback", "SELECT", ".py") if word in response.text
    ]
    return said


def test_requests_run_in_threads_that_are_counted(server: Server) -> None:
    assert server.http.get(f"{server.url}/readyz").status_code == 200
    own = [thread for thread in threading.enumerate() if thread.name.startswith("requests_")]
    assert own, "Litestar would take as many as the host has cores for, and more than the database lends connections"


def test_health_is_told(server: Server) -> None:
    for path in ("/livez", "/readyz"):
        response = server.http.get(server.url + path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_the_schema_lists_every_address(server: Server) -> None:
    schema = server.http.get(f"{server.url}/schema/openapi.json").json()
    listed = {(path, method) for path, methods in schema["paths"].items() for method in methods}
    served = {
        (path.replace(":str", ""), method.lower())
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
    }
    assert served <= listed
    assert len(served) == len(ROUTES)


def test_the_frameworks_log_handlers_stay_out(server: Server) -> None:
    before = list(logging.getLogger().handlers), logging.getLogger().level
    make_app(server.services)
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/blobs/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/v1/push", 405),
        ("DELETE", "/v1/blobs/x", 405),
        ("TRACE", "/v1/pull", 405),
        ("GET", "/\\x00", 404),
    ],
)
def test_what_is_not_served_is_a_problem(server: Server, method: str, path: str, status: int) -> None:
    response = server.http.request(method, server.url + path)
    assert response.status_code == status
    problem(response)


BODIES = {
    "nothing": b"",
    "null": b"null",
    "a number": b"1",
    "a text": b'"text"',
    "a list": b"[]",
    "half an object": b'{"a":',
    "no JSON": b"hello",
    "not even text": b"\xff\xfe\x00",
    "NaN": b'{"cursor": NaN}',
    "half a character": b'{"cursor": "\\ud800", "scope": "\\ud800", "refresh_token": "\\ud800"}',
    "deep lists": b"[" * 50_000,
    "deep objects": b'{"a":' * 50_000,
    "deep but closed": b'{"cursor":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "deep where nothing is read": b'{"zzz":' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "wrong types": b'{"cursor": 1, "scope": {}, "refresh_token": [], "set": 3, "person_id": {}, "protocol": "x"}',
    "large numbers": b'{"protocol": 1' + b"0" * 400 + b', "rows": 1e999}',
    "an array for an object": b'[{"cursor": null}]',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_no_body_breaks_the_server(scene: Scene, body: bytes) -> None:
    order = scene.order["id"]
    addresses = [("POST", f"/v1/{name}") for name in ("sign-in", "refresh", "sign-out", "hello", "push", "pull")]
    addresses += [("POST", "/v1/bootstrap"), ("PATCH", f"/v1/office/work-orders/{order}")]
    addresses += [("POST", f"/v1/office/work-orders/{order}/assignment"), ("POST", f"/v1/office/teams/{order}/members")]
    for method, path in addresses:
        response = scene.office.request(method, path, content=body)
        assert response.status_code < 500, (path, response.text)
        if response.status_code >= 400:
            problem(response)
    assert scene.field.post("/v1/pull", {}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "x"]
)
def test_a_body_of_another_kind_breaks_nothing(scene: Scene, kind: str) -> None:
    for path in ("/v1/sign-in", "/v1/pull", "/v1/push", "/v1/hello"):
        response = scene.field.request("POST", path, content=b"a=b", headers={"Content-Type": kind})
        assert 400 <= response.status_code < 500
        problem(response)


def test_a_body_that_is_too_large_is_refused(scene: Scene) -> None:
    for path in ("/v1/pull", "/v1/push", "/v1/sign-in"):
        response = scene.field.request("POST", path, content=b" " * (9 << 20))
        assert problem(response)["code"] == "too_large"


HELLOS: list[dict[str, Any]] = [
    {"protocol": 0},
    {"protocol": -(2**63)},
    {"protocol": 10**30},
    {"rows": 10**30},
    {"app_version": "x" * 100_000},
    {"app_version": "a\0b"},
    {"outbox": {"count": 2**40}},
    {"outbox": {"count": -1}},
    {"outbox": {"count": 1, "oldest": "yesterday"}},
    {"outbox": {"count": 1, "oldest": "infinity"}},
    {"outbox": {"count": 1, "oldest": "a\0b"}},
    {"device_time": ""},
    {"device_time": "0001-01-01T00:00:00.000000Z"},
    {"device_time": "9999-12-31T23:59:59.999999Z"},
    {"device_time": "a\0b"},
    {"lease_nonce": "x" * 100_000},
    {"checkpoints": [[10**30, 1]]},
    {"checkpoints": [[1, 10**30]]},
    {"checkpoints": [[-5, -5]] * 1_000},
    {"cursor": "x"},
    {"cursor": ""},
]


@pytest.mark.parametrize("said", HELLOS, ids=repr)
def test_hello_takes_whatever_a_device_says_of_itself(scene: Scene, said: dict[str, Any]) -> None:
    body = {"protocol": 1, "rows": 1, "app_version": "1", "outbox": {"count": 0}, "device_time": "", **said}
    response = scene.field.post("/v1/hello", body)
    if "protocol" in said and said["protocol"] < 1:
        assert problem(response)["code"] == "contract_mismatch"
    else:
        assert response.status_code == 200, response.text
        assert response.json()["epoch"] == scene.field.mirror.epoch


@pytest.mark.expects_warnings
def test_an_accident_shows_nothing_of_the_inside(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (KeyError("a secret"), Bug("a secret"), Refused("no such code", "a secret")):

        def broken(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(sync_routes.pulls, "pull", broken)
        response = scene.field.post("/v1/pull", {})
        assert (response.status_code, problem(response)["code"]) == (500, "internal")
        assert "secret" not in response.text
    assert "a request failed" in caplog.text


@pytest.mark.expects_warnings
def test_a_full_disk_is_the_administrators(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise EnvironmentFailure("The database's disk is full.")

    monkeypatch.setattr(sync_routes.pulls, "pull", full)
    response = scene.field.post("/v1/pull", {})
    assert (response.status_code, problem(response)["code"]) == (503, "busy")
    assert int(response.headers["Retry-After"]) > 0
    assert "disk" not in response.text


def test_every_refusal_has_a_status() -> None:
    for code, status in CODES.items():
        response = answer_error(None, Refused(code, "Because."))  # type: ignore[arg-type]
        assert response.status_code == status
        assert json.loads(response.content)["code"] == code


def test_many_at_once_are_all_served(scene: Scene) -> None:
    with ThreadPoolExecutor(30) as many:
        answers = list(many.map(lambda _: scene.field.post("/v1/pull", {}).status_code, range(120)))
    assert answers == [200] * 120


@pytest.mark.expects_warnings
def test_a_server_whose_database_is_gone_says_so_and_recovers(
    server: Server, clusters: Clusters, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "CHECKED_FOR_S", 0.0)
    database = psycopg.conninfo.conninfo_to_dict(server.owner_url)["dbname"]
    name = sql.Identifier(database)
    with psycopg.connect(
        clusters.get(request.config.getoption("--postgres")).url("postgres"), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("alter database {} with allow_connections false").format(name))
        gone = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
        connection.execute(gone, (database,))
        try:
            response = server.http.get(f"{server.url}/readyz")
            assert (response.status_code, problem(response)["code"]) == (503, "busy")
            assert server.http.get(f"{server.url}/livez").status_code == 200
        finally:
            connection.execute(sql.SQL("alter database {} with allow_connections true").format(name))
    answers = [server.http.get(f"{server.url}/readyz").status_code for _ in range(2)]
    assert answers in ([200, 200], [503, 200])  # the first may still meet a connection that was cut


def test_readiness_costs_one_query_most_of_the_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.http.get(f"{server.url}/readyz").status_code == 200
    monkeypatch.setattr(type(server.database), "check_start", lambda *_, **__: pytest.fail("checked again at once"))
    for _ in range(5):
        assert server.http.get(f"{server.url}/readyz").status_code == 200
