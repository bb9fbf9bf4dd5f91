"""What goes wrong in a pipeline (D-124): names that PostgreSQL never read, and a push whose first complaint counts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import psycopg
import pytest

from sync_server.errors import Refused
from sync_server.storage import prepared
from sync_server.storage.engine import Database
from tests.integration.test_push_races import await_waiting, pushed
from tests.support.pgbouncer import PROGRAM, a_pgbouncer
from tests.support.postgres import TEST_SECRET, Clusters
from tests.support.server_side import Scene, Server

NORTH = UUID("0190c1f0-0000-7000-8000-000000000001")
ASK = b"select %s::text || ' answered'"
FAILING = b"select 1 / %s::int"
"""With 0 a value that cannot be stored."""

END_WAITING = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture(scope="module")
def owner_url(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[str]:
    end = request.config.getoption("--postgres")
    name = clusters.new_database(end, migrated=True)
    yield clusters.get(end).url(name)
    clusters.drop(end, name)


@pytest.fixture(params=["alone", "pooled"])
def database(owner_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "alone":
        with Database(owner_url, TEST_SECRET) as opened:
            yield opened
        return
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with (
        a_pgbouncer(owner_url, TEST_SECRET, pool=1, most=4) as url,
        Database(url, TEST_SECRET, behind_pgbouncer=True) as opened,
    ):
        yield opened


def answer(database: Database) -> str:
    with database.transaction("app_sync", NORTH) as connection:
        ((text,),) = connection.execute(ASK, ("north",)).fetchall()
        return str(text)


def until_it_is_due(database: Database) -> None:
    """Ask so often that the next transaction looks, and names the statement."""
    for _ in range(prepared.AFTER + 1):
        assert answer(database) == "north answered"


def names(database: Database) -> int:
    with database.transaction("app_sync", NORTH) as connection:
        return len(connection.execute(prepared.NAMES.encode(), prepare=False).fetchall())


def fail_first(database: Database) -> None:
    """The statement gets its name behind one that fails."""
    with database.transaction("app_sync", NORTH) as connection, connection.pipeline():
        connection.execute(FAILING, (0,), prepare=False)
        connection.execute(ASK, ("north",)).fetchall()


def test_a_name_that_an_aborted_pipeline_never_brought_there_is_not_believed_in(database: Database) -> None:
    until_it_is_due(database)
    with pytest.raises(Refused):
        fail_first(database)
    assert names(database) == 0
    assert answer(database) == "north answered"
    assert answer(database) == "north answered"
    assert names(database) == 1


def test_a_name_that_came_there_before_a_pipeline_failed_is_used(database: Database) -> None:
    until_it_is_due(database)
    with suppress(Refused), database.transaction("app_sync", NORTH) as connection, connection.pipeline():
        connection.execute(ASK, ("north",))
        connection.execute(FAILING, (0,), prepare=False).fetchall()
    assert names(database) == 1
    for _ in range(2):
        assert answer(database) == "north answered"
    assert names(database) == 1


def test_a_name_that_a_pipeline_never_brought_there_is_not_believed_in_when_our_own_code_gave_up(
    database: Database,
) -> None:
    """The database's complaint is then only noted, unless it came before we gave up: either way nothing is believed."""
    until_it_is_due(database)
    with (
        suppress(ZeroDivisionError, Refused),
        database.transaction("app_sync", NORTH) as connection,
        connection.pipeline(),
    ):
        connection.execute(FAILING, (0,), prepare=False)
        connection.execute(ASK, ("north",))
        raise ZeroDivisionError
    assert answer(database) == "north answered"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def alter_comments(server: Server, change: str) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute(f"alter table comment {change}".encode())


def test_what_the_database_takes_from_nobody_is_refused_alone(scene: Scene, server: Server) -> None:
    """Its complaint comes while later statements are under way, which are then only called off."""
    mutations = [scene.field.comment(scene.order, text) for text in ("before", "poison", "after")]
    edit = scene.field.edit("work_order", scene.order, title="Edited")
    alter_comments(server, "add constraint no_poison check (text <> 'poison') not valid")
    try:
        verdicts = scene.field.push(*mutations, edit)
    finally:
        alter_comments(server, "drop constraint no_poison")
    assert [verdict["code"] or verdict["status"] for verdict in verdicts] == [
        *("applied", "invalid_value", "applied", "applied"),
    ]
    assert {row["text"] for row in scene.organization.rows("comment")} == {"before", "after"}
    assert scene.now()["title"] == "Edited"


def test_what_somebody_else_holds_too_long_is_asked_for_again_and_refused_to_nobody(
    scene: Scene, server: Server
) -> None:
    edit = scene.field.device.seal(scene.field.edit("work_order", scene.order, title="Edited"))
    with psycopg.connect(server.owner_url) as holding:
        holding.execute("select from work_order where id = %s for no key update", (scene.order["id"],))
        (waited,) = scene.field.push_sealed(edit).json()["verdicts"]
    assert (waited["status"], waited["code"]) == ("retry", None)
    (verdict,) = scene.field.push_sealed(edit).json()["verdicts"]
    assert verdict["status"] == "applied"
    assert scene.now()["version"] == 2


def test_a_connection_that_is_lost_in_the_middle_costs_nothing(scene: Scene, server: Server) -> None:
    edit = scene.field.edit("work_order", scene.order, title="Edited")
    with psycopg.connect(server.owner_url) as holding, ThreadPoolExecutor(1) as devices:
        holding.execute("select from org_clock where organization_id = %s for update", (scene.organization.id,))
        push = devices.submit(pushed, scene.field, edit)
        lost: list[tuple[bool]] = []
        while not lost:  # on a busy machine it may have given up waiting just now, and tries again
            await_waiting(server, 1)
            with psycopg.connect(server.owner_url, autocommit=True) as ending:
                lost = ending.execute(END_WAITING).fetchall()
        holding.rollback()
        verdict = push.result()
    assert verdict["status"] == "applied"
    assert (scene.now()["version"], scene.now()["title"]) == (2, "Edited")
