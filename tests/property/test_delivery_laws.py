"""What a device sends may arrive in any pieces, any number of times, also twice at once: it counts once, and is
answered alike each time.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sync_server.contract.messages import PushAnswer
from tests.support.device_side import lines_of, together
from tests.support.postgres import Clusters
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import Scene, a_server, new_id

BATCH = 6
WAYS = ("push", "sync", "twice at once")
DELIVERIES = st.lists(
    st.tuples(st.integers(0, BATCH - 1), st.integers(1, BATCH), st.sampled_from(WAYS)), min_size=1, max_size=8
)
"""From which mutation on, how many of them, which way."""


@pytest.fixture(scope="module")
def scene(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with a_server(clusters, request.config.getoption("--postgres")) as server:
        yield Scene.of(server)


class Sender:
    """A sealed batch of every kind of fate, and what was heard of each of its mutations."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.client = scene.field
        organization, order = scene.organization, scene.order
        self.store = organization.add("stock_location", site_id=scene.site["id"], kind="store", code=new_id(), name="S")
        self.part = organization.add("part", code=new_id(), name="Filter")
        self.title = f"T{new_id()}"
        self.remarks = [self.client.comment(order, f"Remark {n}.") for n in range(3)]
        one, *group = self.remarks
        self.mutations = [
            one,
            self.client.movement(self.store["id"], self.part["id"], "-2", order_id=order["id"]),
            self.client.edit("work_order", scene.now(), title=self.title),
            self.client.edit("work_order", {**order, "id": new_id(), "aggregate_id": new_id()}, title="Nowhere"),
            *together(*group),
        ]
        self.first_seq = self.client.device.seq
        self.sealed = self.client.device.seal(*self.mutations)
        self.heard: dict[str, set[bytes]] = defaultdict(set)

    def deliver(self, start: int, count: int, way: str) -> None:
        """Send a stretch of the batch, groups whole."""
        end = min(BATCH, start + count)
        start, end = (BATCH - 2 if start == BATCH - 1 else start), (BATCH if end == BATCH - 1 else end)
        body = self.client.body_of(self.sealed[start:end], last_seq=self.first_seq + end)
        if way == "twice at once":
            with ThreadPoolExecutor(2) as both:
                for answer in [both.submit(self._push, body) for _ in range(2)]:
                    self._hear(answer.result())
        else:
            self._hear(self._push(body) if way == "push" else self._sync(body))

    def _push(self, body: bytes) -> list[bytes]:
        answer = self.client.request("POST", "/v1/push", content=body)
        assert answer.status_code == 200, answer.text
        return [bytes(raw) for raw in msgspec.json.decode(answer.content, type=PushAnswer).verdicts]

    def _sync(self, body: bytes) -> list[bytes]:
        asked = msgspec.json.encode({"cursor": self.client.mirror.cursor})
        answer = self.client.request("POST", "/v1/sync", content=b'{"push":' + body + b',"pull":' + asked + b"}")
        return [msgspec.json.encode(verdict) for verdict in lines_of(answer)[0][1]["verdicts"]]

    def _hear(self, texts: list[bytes]) -> None:
        for text in texts:
            said: dict[str, Any] = msgspec.json.decode(text)
            if said["status"] != "retry":  # what came before it is missing, or another connection was faster
                self.heard[said["mutation_id"]].add(text)


@settings(max_examples=20, derandomize=True, phases=[Phase.generate])
@given(deliveries=DELIVERIES)
def test_invariant_2_any_number_of_deliveries_counts_once(scene: Scene, deliveries: list[tuple[int, int, str]]) -> None:
    """Invariant 3 as well: whatever was said about a mutation was said in the same bytes each time."""
    sender, organization = Sender(scene), scene.organization
    before = len(organization.rows("comment"))
    for delivery in deliveries:
        sender.deliver(*delivery)
    while len(sender.heard) < BATCH:
        sender.deliver(0, BATCH, "push")
    assert {len(texts) for texts in sender.heard.values()} == {1}
    said = [msgspec.json.decode(*sender.heard[each["mutation_id"]])["status"] for each in sender.mutations]
    assert said == ["applied", "applied", "applied", "rejected", "applied", "applied"]
    assert len(organization.rows("comment")) == before + len(sender.remarks)
    moved = [row for row in organization.rows("stock_movement") if row["part_id"] == sender.part["id"]]
    (level,) = [row for row in organization.rows("stock_level") if row["part_id"] == sender.part["id"]]
    assert ([Decimal(str(row["quantity"])) for row in moved], Decimal(str(level["quantity"]))) == ([-2], -2)
    assert scene.now()["title"] == sender.title
    assert_index_is_right(organization)
