"""Answers that never arrive: the connection dies after COMMIT, before or within the answer. Nothing lost or doubled."""

import hashlib
import json
import random
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sync_server.app import make_app
from sync_server.application import incoming, push
from sync_server.application.apply_unit import apply_unit
from sync_server.errors import RetryLater
from sync_server.storage.engine import Database
from tests.support.device_side import Client, verdicts_of
from tests.support.postgres import Clusters
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import PASSWORD, TIMEOUT_S, Scene, Server, services_for, serving

LOST = httpx.TransportError
"""What a client sees of an answer that was cut."""


@dataclass(slots=True)
class Cutter:
    """Cuts answers on their way out, when the application is done with its request.

    `next` says for each coming answer how many of its messages still pass: 0 cuts before the first byte, 1 after the
    head; None lets it through, as does an empty list.
    """

    app: ASGIApp
    next: list[int | None] = field(default_factory=list)
    cut: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        passing = self.next.pop(0) if scope["type"] == ScopeType.HTTP and self.next else None
        if passing is None:
            await self.app(scope, receive, send)
            return
        left = passing

        async def cutting(message: Message) -> None:
            nonlocal left
            if left > 0:
                left -= 1
                await send(message)
            elif left == 0:
                left = -1
                self.cut += 1
                send.__self__.transport.abort()  # type: ignore[attr-defined] # uvicorn's cycle: a reset, not an end

        await self.app(scope, receive, cutting)


@pytest.fixture(scope="module")
def cut_server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[tuple[Server, Cutter]]:
    end = request.config.getoption("--postgres")
    name = clusters.new_database(end, migrated=True)
    owner_url = clusters.get(end).url(name)
    with tempfile.TemporaryDirectory(prefix="cmms-test-") as folder:
        services = services_for(owner_url, Path(folder))
        cutter = Cutter(make_app(services))
        with serving(cutter) as url, httpx.Client(timeout=TIMEOUT_S) as http:
            yield Server(url, owner_url, services, http), cutter
        services.database.close()
    clusters.drop(end, name)


@pytest.fixture
def cutter(cut_server: tuple[Server, Cutter]) -> Iterator[Cutter]:
    yield cut_server[1]
    assert cut_server[1].next == []


@pytest.fixture
def scene(cut_server: tuple[Server, Cutter]) -> Scene:
    return Scene.of(cut_server[0])


def insist(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask again as long as no answer comes."""
    for _ in range(200):
        try:
            return ask()
        except LOST:
            continue
    pytest.fail("no answer came at all")


def stored(scene: Scene) -> dict[str, str]:
    found = scene.organization.ask(
        "select mutation_id::text, result from applied_mutation where organization_id = %s", scene.organization.id
    )
    return dict(found)


def test_the_cutter_cuts_after_the_commit(scene: Scene, cutter: Cutter) -> None:
    before = cutter.cut
    cutter.next = [0]
    sealed = scene.field.device.seal(scene.field.comment(scene.order))
    with pytest.raises(LOST):
        scene.field.push_sealed(sealed)
    assert cutter.cut == before + 1
    assert len(scene.organization.rows("comment")) == 1


def test_a_push_whose_answer_is_lost_is_answered_alike_and_counts_once(scene: Scene, cutter: Cutter) -> None:
    part = scene.organization.add("part", code="P", name="Part")
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="S", name="Store")
    dice = random.Random(7)
    for number in range(25):
        mutations = [
            scene.field.movement(store["id"], part["id"], "-1", order_id=scene.order["id"]),
            scene.field.comment(scene.order, str(number)),
            scene.field.edit("work_order", scene.order, title=f"Title {number}"),
            scene.field.edit("work_order", scene.order, priority="whenever"),
        ]
        sealed = scene.field.device.seal(*mutations)
        cutter.next = [dice.choice([0, 0, 1, None]) for _ in range(dice.randrange(4))]
        first = verdicts_of(insist(partial(scene.field.push_sealed, sealed)))
        cutter.next = []
        assert verdicts_of(scene.field.push_sealed(sealed)) == first
        kept = stored(scene)
        assert [kept[mutation["mutation_id"]].encode() for mutation in mutations] == first
    assert len(scene.organization.rows("comment")) == 25
    (level,) = scene.organization.rows("stock_level")
    assert level["quantity"] == "-25.0000"
    assert_index_is_right(scene.organization)


def test_refreshes_whose_answers_are_lost_never_force_a_sign_in(scene: Scene, cutter: Cutter) -> None:
    client, dice = scene.field, random.Random(3)
    cutter.next = [0] * 100
    client.session = insist(client.refresh).json()
    assert client.post("/v1/pull", {}).status_code == 200
    for _ in range(60):
        cutter.next = [dice.choice([0, 1]) for _ in range(dice.randrange(4))]
        response = insist(client.refresh)
        assert response.status_code == 200, response.text
        client.session = response.json()
        cutter.next = []
    assert client.post("/v1/pull", {}).status_code == 200


def test_a_stolen_older_token_ends_a_session_also_after_losses(scene: Scene, cutter: Cutter) -> None:
    client = scene.field
    stolen = client.session["refresh_token"]
    for _ in range(2):
        cutter.next = [0, 0]
        client.session = insist(client.refresh).json()
    assert client.refresh(stolen).status_code == 401
    assert client.refresh().status_code == 401


def test_a_sign_in_whose_answer_is_lost_is_tried_again(scene: Scene, cutter: Cutter) -> None:
    device = scene.field
    cutter.next = [0, 1]
    for _ in range(2):
        with pytest.raises(LOST):
            device.sign_in(PASSWORD)
    assert device.sign_in(PASSWORD)["device_id"] == device.device.id
    found = scene.organization.ask("select count(*) from device where id = %s", device.device.id)
    assert found == [(1,)]


def test_a_pull_that_is_cut_counts_for_nothing_and_is_asked_again(scene: Scene, cutter: Cutter) -> None:
    fresh, dice = scene.organization.device(scene.technician), random.Random(5)
    for number in range(10):
        scene.organization.change("work_order", scene.order["id"], title=str(number))
        cutter.next = [dice.choice([0, 1, 2]) for _ in range(3)]
        while True:
            with suppress(LOST):
                fresh.sync()
                break
        cutter.next = []
    scopes = {f"user:{scene.technician['id']}", "org:catalog"}
    scopes |= {f"{kind}:{scene.site['id']}" for kind in ("stock", "assets")}
    assert_mirrors(scene.organization, fresh.sync(), scopes)


def test_an_upload_whose_answer_is_lost_goes_on(scene: Scene, cutter: Cutter) -> None:
    data = secrets.token_bytes(50_000)
    sha256 = hashlib.sha256(data).hexdigest()
    path, dice = f"/v1/blobs/{sha256}", random.Random(9)

    def stands() -> int:
        return int(insist(lambda: scene.field.request("HEAD", path)).headers["Upload-Offset"])

    while (at := stands()) < len(data):
        cutter.next = [dice.choice([0, 1, None])]
        headers = {"Upload-Offset": str(at), "Upload-Length": str(len(data))}
        with suppress(LOST):
            scene.field.request("PATCH", path, content=data[at : at + 7_000], headers=headers)
        cutter.next = []
    assert scene.field.request("GET", path).content == data


def test_an_assignment_whose_answer_is_lost_leaves_one_assignee(scene: Scene, cutter: Cutter) -> None:
    address = f"/v1/office/work-orders/{scene.order['id']}/assignment"
    cutter.next = [0, 1, 0]
    assert insist(lambda: scene.office.post(address, {"person_id": scene.supervisor["id"]})).status_code == 200
    live = [row for row in scene.organization.rows("work_order_assignment") if row["deleted_at"] is None]
    assert [row["person_id"] for row in live] == [scene.supervisor["id"]]
    assert_index_is_right(scene.organization)


def test_a_commit_whose_outcome_nobody_knows_finds_its_own_traces(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection to PostgreSQL is lost while it commits: the repetition meets what was committed."""
    transaction, lost = Database.transaction, [0, 1, 2]

    @contextmanager
    def forgetful(self: Database, role: Any, organization_id: Any, **named: Any) -> Iterator[Any]:
        with transaction(self, role, organization_id, **named) as connection:
            yield connection
        if role == "app_sync" and not named.get("read_only") and lost:
            lost.pop()
            raise RetryLater("The database cannot be reached.")

    monkeypatch.setattr(Database, "transaction", forgetful)
    monkeypatch.setattr(push, "TRIES", 5)
    verdict = scene.field.push_one(scene.field.comment(scene.order))
    assert verdict["status"] == "applied"
    assert lost == []
    assert len(scene.organization.rows("comment")) == 1


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_push_that_stops_half_way_keeps_what_it_has(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    calls = iter(range(1_000))
    monkeypatch.setattr(push, "TRIES", 1)
    monkeypatch.setattr(incoming, "UNIT_MUTATIONS", 50)  # several transactions of a push that tests can afford

    def stopping(*arguments: Any, **named: Any) -> Any:
        if next(calls) == failing:
            raise RetryLater("The database restarts.")
        return apply_unit(*arguments, **named)

    monkeypatch.setattr(push, "apply_unit", stopping)
    sealed = scene.field.device.seal(*(scene.field.comment(scene.order, str(number)) for number in range(130)))
    first = verdicts_of(scene.field.push_sealed(sealed))
    done = 50 * failing
    assert [json.loads(text)["status"] for text in first] == ["applied"] * done + ["retry"] * (130 - done)
    again = verdicts_of(scene.field.push_sealed(sealed))
    assert again[:done] == first[:done]
    assert {json.loads(text)["status"] for text in again} == {"applied"}
    assert len(scene.organization.rows("comment")) == 130


def test_devices_that_lose_half_of_all_answers_converge(scene: Scene, cutter: Cutter) -> None:
    dice = random.Random(11)
    clients: list[Client] = [scene.field, scene.office]
    waiting: dict[str, list[bytes]] = {client.device.id: [] for client in clients}
    for number in range(40):
        client = dice.choice(clients)
        edit = client.edit("work_order", scene.now(), title=f"{number}")
        waiting[client.device.id] += client.device.seal(client.comment(scene.order, str(number)), edit)
        cutter.next = [dice.choice([0, 1, 2, None]) for _ in range(3)]
        with suppress(LOST):
            assert len(verdicts_of(client.push_sealed(waiting[client.device.id]))) == len(waiting[client.device.id])
            waiting[client.device.id] = []
            client.sync()
        cutter.next = []
    for client in clients:
        if waiting[client.device.id]:
            verdicts_of(client.push_sealed(waiting[client.device.id]))
    for client in clients:
        assert_mirrors(scene.organization, client.sync(), set(client.hello()["scopes"]))
    texts = sorted(str(row["text"]) for row in scene.organization.rows("comment"))
    assert texts == sorted(map(str, range(40)))
