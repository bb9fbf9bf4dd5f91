"""What may be asked before an organization is known: equality, by who needs it, and nothing that tells guess from hit.

The same answer and the same work for an organization, a name or a session that is not there. Time itself is not
measured here: what is done is, statement by statement.
"""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from sync_server.authz.passwords import FREE_TRIES, Passwords
from sync_server.authz.tokens import make_refresh
from sync_server.storage.tenant_connection import TenantConnection
from tests.migrations.filling import NORTH, SOUTH
from tests.security.acting import SERVING, acting, lending_temporary_things, run
from tests.support.device_side import Client
from tests.support.postgres import both_postgres_ends
from tests.support.server_side import PASSWORD, Scene, Server

MAY_ASK = {
    "organization_by_slug('organization-a')": {"authn", "app_sync", "app_office", "worker"},
    "organization_by_domain('nowhere.example')": {"authn"},
    "organization_clocks()": {"app_sync", "worker"},
    "organization_ids()": {"worker"},
}
NOT_THERE: tuple[str | None, ...] = (
    *("", " ", "organization-c", "organization-A", "organization-a ", "organization_a", "organization-%", "%", "_"),
    *("organization-\u0430", "organization-a\u200b", "organization", "x" * 100_000, "' or true --", "*", "null", None),
)


@both_postgres_ends
@pytest.mark.parametrize("role", [*SERVING, "backup"])
def test_each_question_is_answered_to_who_needs_it_and_to_nobody_else(filled: str, role: str) -> None:
    with acting(filled, role, None) as connection:
        for question, allowed in MAY_ASK.items():
            statement = f"SELECT * FROM {question}"
            if role in allowed:
                assert connection.execute(statement.encode()).fetchall()
            else:
                with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(statement.encode())


@both_postgres_ends
def test_whatever_is_not_there_gives_one_empty_answer(filled: str) -> None:
    with acting(filled, "authn", None) as connection:
        for ask in ("SELECT organization_by_slug(%(text)s)", "SELECT organization_by_domain(%(text)s)"):
            assert {tuple(run(connection, ask, text=text).fetchall()) for text in NOT_THERE} == {((None,),)}
        assert run(connection, "SELECT organization_by_slug('organization-b')").fetchall() == [(SOUTH,)]


@both_postgres_ends
def test_a_tenant_that_is_set_changes_no_answer(filled: str) -> None:
    """Nor is one organization told less about another than anybody at the door is."""
    with acting(filled, "authn", NORTH) as connection:
        assert run(connection, "SELECT organization_by_slug('organization-b')").fetchall() == [(SOUTH,)]
    with acting(filled, "worker", NORTH) as connection:
        assert len(run(connection, "SELECT organization_ids()").fetchall()) == 2


@both_postgres_ends
def test_whoever_calls_cannot_put_another_table_or_operator_in_its_way(filled: str) -> None:
    with lending_temporary_things(filled), acting(filled, "authn", None) as connection:
        for statement in (
            "CREATE TEMP TABLE organization_directory (slug text, organization_id uuid)",
            "INSERT INTO pg_temp.organization_directory VALUES ('x', gen_random_uuid())",
            "CREATE FUNCTION pg_temp.alike(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.alike)",
            "SET LOCAL search_path = pg_temp, public, pg_catalog",
        ):
            connection.execute(statement.encode())
        ask = "SELECT public.organization_by_slug(%(slug)s)"
        assert run(connection, ask, slug="x").fetchall() == [(None,)]
        assert run(connection, ask, slug="organization-b").fetchall() == [(SOUTH,)]


@both_postgres_ends
def test_a_slug_that_is_there_and_one_that_is_not_are_looked_up_by_the_same_plan(filled: str) -> None:
    with psycopg.connect(make_conninfo(filled)) as connection:
        connection.execute("SET LOCAL ROLE cmms_resolver")
        connection.execute("SET LOCAL enable_seqscan = off")
        plans = {
            str(
                run(
                    connection,
                    "EXPLAIN (COSTS OFF) SELECT organization_id FROM organization_directory"
                    " WHERE slug = %(slug)s::text",
                    slug=slug,
                ).fetchall()
            ).replace(slug, "…")
            for slug in ("organization-a", "organization-c")
        }
        connection.rollback()
    assert len(plans) == 1
    assert "pk_organization_directory" in plans.pop()


@pytest.fixture(scope="module")
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the server does from now on: statements, without their values, and passwords that it hashes."""
    done: list[str] = []
    execute, matches = TenantConnection.execute, Passwords.matches

    def told(self: TenantConnection[Any], query: Any, *values: Any, **more: Any) -> Any:
        done.append(str(query))
        return execute(self, query, *values, **more)

    def matched(self: Passwords, stored: str | None, password: str) -> bool:
        done.append("a password")
        return matches(self, stored, password)

    monkeypatch.setattr(TenantConnection, "execute", told)
    monkeypatch.setattr(Passwords, "matches", matched)
    return done


def tried(
    client: Client, work: list[str], path: str, body: dict[str, Any], **headers: str
) -> tuple[int, bytes, tuple[str, ...], tuple[str, ...]]:
    """What one try came to, and what the server did for it."""
    work.clear()
    answer = client.http.post(client.url + path, json=body, headers=headers)
    return answer.status_code, answer.content, tuple(answer.headers), tuple(work)


def test_a_wrong_sign_in_costs_the_same_work_whatever_is_wrong(scene: Scene, work: list[str]) -> None:
    client = scene.organization.device(scene.technician)
    device = {"id": client.device.id, "public_key": client.device.public_key, "name": "Tablet", "app_version": "1"}
    right = {"organization": client.slug, "login": client.login, "password": PASSWORD, "device": device}
    wrong = ({"organization": "nowhere"}, {"login": "nobody"}, {"password": "wrong"}, {"organization": ""})
    ends = {tried(client, work, "/v1/sign-in", {**right, **change}) for change in wrong}
    for _ in range(FREE_TRIES + 1):  # until even the right password has to wait
        ends.add(tried(client, work, "/v1/sign-in", {**right, "password": "wrong"}))
    ends.add(tried(client, work, "/v1/sign-in", right))
    ((status, _, _, done),) = ends
    assert status == 401
    assert done.count("a password") == 1
    assert len(done) == 6
    assert done.index("set local synchronous_commit = off") < next(
        at for at, said in enumerate(done) if said.startswith("update user_credential")
    ), "whether there is a counter to be raised must not be told by the disk"


def test_a_refresh_costs_the_same_work_for_an_organization_that_is_not_there(scene: Scene, work: list[str]) -> None:
    client = scene.field
    tokens = [
        make_refresh(str(organization_id), str(uuid4()))[0]
        for organization_id in (scene.organization.id, uuid4(), UUID(int=0))
    ]
    for path in ("/v1/refresh", "/v1/sign-out"):
        ends = [tried(client, work, path, {"refresh_token": token}, **{"Device-Proof": "x"}) for token in tokens]
        assert ends[0] == ends[1] == ends[2]
        assert len(work) >= 1
