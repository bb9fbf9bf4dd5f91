"""Whatever the description allows is answered as the description says, and nothing makes the server stumble.

schemathesis makes requests from `/schema/openapi.json`, of the declared shapes and beside them, as a manager's device
and as nobody; answers are compared with the declared statuses, media types, headers and shapes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync_server.app import ROUTES
from tests.support.device_side import Client
from tests.support.server_side import Scene, Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
"""Of each door; there are two dozen."""
STREAM = "GET /v1/events"
"""Does not end: its answer to a device is looked at by tests/integration/test_events.py."""
DOORS = sorted(
    f"{method} {path.replace(':str', '')}" for route in ROUTES for path in route.paths for method in route.http_methods
)


@pytest.fixture(scope="module")
def described(server: Server) -> BaseSchema:
    document = server.http.get(f"{server.url}/schema/openapi.json").json()
    return schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def device(server: Server) -> Client:
    """A manager's: nobody sees and may do more."""
    scene = Scene.of(server)
    return scene.organization.device(scene.organization.person("manager", scene.site))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize("door", DOORS)
def test_every_answer_is_as_described(
    server: Server, described: BaseSchema, device: Client, session: requests.Session, door: str
) -> None:
    method, _, path = door.partition(" ")
    operation = described[path][method]
    modes = [GenerationMode.POSITIVE]
    if operation.body or any(operation.iter_parameters()):
        modes.append(GenerationMode.NEGATIVE)
    cases = st.one_of([operation.as_strategy(mode) for mode in modes])
    people = [{}] if door == STREAM else [{}, device.credentials()]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, proof=st.sampled_from(people))
    def asked(case: Case, proof: dict[str, str]) -> None:
        proof = {name: value for name, value in proof.items() if name != "Content-Type"}
        response = case.call(base_url=server.url, session=session, headers=proof)
        case.validate_response(response, checks=CHECKS)

    asked()
