"""The same sealed mutations arrive again and again, on several connections at once: one effect, one answer.

`--duplicates N` delivers at least N mutations once more.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.device_side import verdicts_of
from tests.support.fault_ledger import FaultLedger
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import Scene, Server

DUPLICATES = 2_000
"""Of an ordinary run."""
EDITS = 100
"""Each is a comment, a movement of stock and a title."""
LINES = 3
"""Connections at once."""


def everything(scene: Scene) -> dict[str, list[tuple[object, ...]]]:
    """All that a delivery could have changed."""
    tables = ("comment", "stock_movement", "stock_level", "work_order", "org_clock", "applied_mutation", "device")
    told = ("updated_at", "last_seen_at")
    return {
        table: [
            tuple(value for value, name in zip(row, names, strict=True) if name not in told)
            for names in [columns(scene, table)]
            for row in scene.organization.ask(
                f"select * from {table} where organization_id = %s order by 1, 2, 3", scene.organization.id
            )
        ]
        for table in tables
    }


def columns(scene: Scene, table: str) -> list[str]:
    query = "select column_name from information_schema.columns where table_name = %s order by ordinal_position"
    return [str(name) for (name,) in scene.organization.ask(query, table)]


def test_invariant_2_any_number_of_deliveries_has_one_effect(
    server: Server, request: pytest.FixtureRequest, fault_ledger: FaultLedger
) -> None:
    wanted = request.config.getoption("--duplicates") or DUPLICATES
    scene = Scene.of(server)
    part = scene.organization.add("part", code="P", name="Part")
    store = scene.organization.add("stock_location", site_id=scene.site["id"], kind="store", code="S", name="Store")
    mutations = [
        mutation
        for number in range(EDITS)
        for mutation in (
            scene.field.comment(scene.order, str(number)),
            scene.field.movement(store["id"], part["id"], "-1", order_id=scene.order["id"]),
            scene.field.edit("work_order", scene.order, title=f"Title {number}"),
        )
    ]
    sealed = scene.field.device.seal(*mutations)
    first = verdicts_of(scene.field.push_sealed(sealed))
    before = everything(scene)
    assert (len(before["comment"]), len(before["stock_movement"])) == (EDITS, EDITS)
    rounds = -(-wanted // len(sealed))
    with (
        fault_ledger.shard("duplicates", first_seed=1, last_seed=rounds) as shard,
        ThreadPoolExecutor(LINES) as lines,
    ):
        for again in lines.map(lambda number: verdicts_of(scene.field.push_sealed(sealed)), range(rounds)):
            shard.count += len(again)
            assert again == first
        assert everything(scene) == before
    (level,) = scene.organization.rows("stock_level")
    assert level["quantity"] == f"-{EDITS}.0000"
    assert_index_is_right(scene.organization)
