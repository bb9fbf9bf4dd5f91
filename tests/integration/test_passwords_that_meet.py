"""A password that is replaced while somebody signs in with it: the new one stays, and the old one opens nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from sync_server.application import enrolling
from sync_server.contract.fields import Row
from tests.support.device_side import Device
from tests.support.server_side import PASSWORD, Organization, Scene, Server
from tests.support.waiting_locks import await_a_waiting_lock

CHOSEN = "a new secret of his"


def sign_in(
    organization: Organization, person: Row, password: str, code: str | None = None, new: str | None = None
) -> tuple[int, str]:
    device = Device()
    identity = {"id": device.id, "public_key": device.public_key, "name": "Tablet", "app_version": "1"}
    body: dict[str, Any] = {
        "organization": organization.slug,
        "login": str(person["id"]),
        "password": password,
        "device": identity,
    }
    url = f"{organization.server.url}/v1/sign-in"
    body |= ({"enrolment_code": code} if code else {}) | ({"new_password": new} if new else {})
    response = organization.server.http.post(url, json=body)
    return response.status_code, response.json().get("code", "")


@pytest.mark.parametrize("new", [None, "what a thief would choose"], ids=["signs in", "chooses one"])
def test_a_sign_in_under_way_does_not_bring_back_the_password_that_a_code_has_replaced(
    server: Server, new: str | None
) -> None:
    scene = Scene.of(server)
    organization, person = scene.organization, scene.technician
    code = enrolling.make_code(organization.database, organization.id, login=str(person["id"]), sets_password=True).code
    with ThreadPoolExecutor(2) as others, psycopg.connect(server.owner_url) as holder:
        holder.execute("select from user_credential where person_id = %s for update", (person["id"],))
        resetting = others.submit(sign_in, organization, person, CHOSEN, code)
        await_a_waiting_lock(organization)  # first in the queue
        with_the_old_one = others.submit(sign_in, organization, person, PASSWORD, None, new)
        _await_two(server)
        holder.commit()
        assert resetting.result() == (200, "")
        assert with_the_old_one.result() == (401, "sign_in_failed")
    assert sign_in(organization, person, PASSWORD) == (401, "sign_in_failed")
    assert sign_in(organization, person, CHOSEN) == (200, "")
    ((count,),) = organization.ask("select count(*) from device where person_id = %s", person["id"])
    assert count == 3, "his first one, the one with the code, and the last one"


def _await_two(server: Server) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        for _ in range(3_000):
            found = connection.execute(
                "select count(distinct a.pid), pg_sleep(0.01) from pg_locks l join pg_stat_activity a on a.pid = l.pid"
                " where a.datname = current_database() and not l.granted"
            ).fetchone()
            if found is not None and found[0] >= 2:
                return
    raise AssertionError("nobody else waits")
