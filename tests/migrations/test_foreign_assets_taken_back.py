"""The upgrade takes assets of other sites from people who may not see them, and their devices hear of it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest

from sync_server.application.imports.writing import write_rows
from sync_server.routines import recompute
from sync_server.storage import membership
from sync_server.storage.migrating import downgrade, migrate
from tests.support.postgres import TEST_SECRET
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import Scene, Server

FURTHER = re.compile(r"\n  union select h\.id.*?work_order_asset.*?x\.deleted_at is null", re.DOTALL)
"""Assets that an order names beside its own: the release that writes while the upgrade begins knew of none."""
GUARD = "t.site_id = h.site_id or"


def test_devices_that_hold_cards_of_other_sites_lose_exactly_those_with_their_next_pull(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, other = Scene.of(server), Scene.of(server)
    organization, far = scene.organization, scene.organization.site()
    foreign = organization.add("asset", site_id=far["id"], code="FAR-1", name="Vault pump")
    guest = organization.person("technician", scene.site, far)
    with lending_as_before(monkeypatch):
        organization.change("work_order", scene.order["id"], asset_id=foreign["id"])
        organization.order(scene.site, scene.technician, guest, asset_id=foreign["id"])
    device = organization.device(guest)
    for client in (scene.field, scene.office, device, other.field):
        client.sync()
    assert foreign["id"] in scene.field.mirror.of("asset"), "or there is nothing to take back"
    before = {each.id: each.seq() for each in (organization, other.organization)}

    downgrade(server.owner_url, TEST_SECRET, "0007")
    migrate(server.owner_url, TEST_SECRET)

    assert (organization.seq(), other.organization.seq()) == (
        before[organization.id] + 1,
        before[other.organization.id],
    )
    assert_index_is_right(organization)
    assert recompute.compare(organization.database, organization.id).count == 0
    for client in (scene.field, scene.office, device):
        assert_mirrors(organization, client.sync(), set(client.hello()["scopes"]))
    assert foreign["id"] not in scene.field.mirror.of("asset")
    assert foreign["id"] in device.mirror.of("asset"), "he may enter the other site"
    scene.field.mirror.assert_digests()

    migrate(server.owner_url, TEST_SECRET)
    downgrade(server.owner_url, TEST_SECRET, "0007")
    migrate(server.owner_url, TEST_SECRET)
    assert organization.seq() == before[organization.id] + 1, "there is nothing more to take back"


def test_what_is_written_while_the_upgrade_begins_is_not_counted_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene.of(server)
    organization, far = scene.organization, scene.organization.site()
    foreign = organization.add("asset", site_id=far["id"], code="FAR-1", name="Vault pump")
    with lending_as_before(monkeypatch):
        organization.change("work_order", scene.order["id"], asset_id=foreign["id"])
        organization.order(scene.site, scene.technician, asset_id=foreign["id"])
        organization.order(far, scene.technician, asset_id=foreign["id"])
    downgrade(server.owner_url, TEST_SECRET, "0007")
    of_one_asset, was_found = FURTHER.subn("", membership.QUERIES["work_order"])
    assert was_found
    with monkeypatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setitem(membership.QUERIES, "work_order", of_one_asset)
        with organization.database.transaction("worker", organization.id) as connection:
            order = organization.stands("work_order", scene.order["id"])
            write_rows(connection, organization.id, "work_order", [(order, {**order, "asset_id": None})])
            upgrade = pool.submit(migrate, server.owner_url, TEST_SECRET)
            while not organization.ask("select 1 from pg_locks where not granted") and not upgrade.done():
                wait([upgrade], timeout=0.05)
            assert not upgrade.done(), "or nobody wrote meanwhile"
        upgrade.result()
    assert_index_is_right(organization)
    scene.field.sync()
    assert foreign["id"] in scene.field.mirror.of("asset"), "an order of that very site names it"


@contextmanager
def lending_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever an order names is lent, as by the release before."""
    with monkeypatch.context() as patch:
        earlier = membership.QUERIES["work_order"].replace(GUARD, "true or")
        assert earlier != membership.QUERIES["work_order"]
        patch.setitem(membership.QUERIES, "work_order", earlier)
        yield
