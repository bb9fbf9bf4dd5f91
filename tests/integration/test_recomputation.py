"""The nightly recomputation: each kind of damage is found by name, and repaired so that devices hear of it."""

import pytest

from sync_server.routines import recompute
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import Organization, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    made = Scene.of(server)
    asset = made.organization.add("asset", site_id=made.site["id"], code="A", name="Asset")
    made.organization.change("work_order", made.order["id"], asset_id=asset["id"])
    made.organization.order(made.site, made.technician, asset_id=asset["id"])
    made.field.sync()
    return made


def found(organization: Organization) -> set[str]:
    """Kinds of the differences."""
    return {each.kind for each in recompute.compare(organization.database, organization.id).first}


LINE = "organization_id = %(org)s and aggregate_id = %(order)s and scope_id = %(scope)s"
DAMAGES: dict[str, tuple[str, set[str]]] = {
    "a reason is gone": (f"delete from scope_reason where {LINE}", {"reason missing", "entry"}),
    "a reason too many": (
        "insert into scope_reason select organization_id, scope_id, aggregate_id, aggregate_type, 'team',"
        " %(other)s::uuid"
        f" from scope_reason where {LINE}",
        {"reason extra", "entry"},
    ),
    "a reason of nobody": (
        "insert into scope_reason values (%(org)s, concat('user:', %(other)s::text), %(other)s::uuid,"
        " 'work_order', 'team', %(other)s::uuid)",
        {"reason extra", "entry"},
    ),
    "a lent asset's reason is gone": (
        "delete from scope_reason where organization_id = %(org)s and reason_type = 'work_order'"
        " and reason_id = %(order)s",
        {"reason missing", "entry"},
    ),
    "a reason of an unknown kind of record": (
        "insert into scope_reason values (%(org)s, 'org:catalog', %(other)s::uuid, 'unicorn', 'catalog',"
        " %(other)s::uuid)",
        {"reason extra", "entry"},
    ),
    "a line is gone": (f"delete from scope_aggregate where {LINE}", {"entry", "head"}),
    "a line is not live": (
        f"update scope_aggregate set live = false, reasons = 0, left_seq = seq where {LINE}",
        {"entry", "head"},
    ),
    "a line counts its reasons wrong": (f"update scope_aggregate set reasons = 7 where {LINE}", {"entry"}),
    "a line of another kind": (
        f"update scope_aggregate set aggregate_type = 'asset' where {LINE}",
        {"entry", "digest"},
    ),
    "a stranger's line": (
        "insert into scope_aggregate select organization_id, scope_id, %(other)s::uuid, aggregate_type, seq, join_seq,"
        " null,"
        f" true, 1, 5 from scope_aggregate where {LINE}",
        {"entry", "digest", "head"},
    ),
    "a digest is wrong": (f"update scope_aggregate set digest = digest # 1 where {LINE}", {"digest", "head"}),
    "a change was missed": (
        f"update scope_aggregate set seq = seq - 1, join_seq = least(join_seq, seq - 1) where {LINE}",
        {"maximum"},
    ),
    "a head's digest is wrong": (
        "update scope_head set digest = digest # 1 where organization_id = %(org)s and scope_id = %(scope)s",
        {"head"},
    ),
    "a head's count is wrong": (
        "update scope_head set count = count + 1 where organization_id = %(org)s and scope_id = %(scope)s",
        {"head"},
    ),
    "a head is gone": ("delete from scope_head where organization_id = %(org)s and scope_id = %(scope)s", {"head"}),
    "a head of nothing": (
        "insert into scope_head values (%(org)s, concat('review:', %(other)s::text), 5, 1, 0)",
        {"head"},
    ),
}


def damage(scene: Scene, statement: str) -> None:
    """Write past everything."""
    import psycopg

    values = {
        "org": scene.organization.id,
        "order": scene.order["id"],
        "scope": f"user:{scene.technician['id']}",
        "other": new_id(),
    }
    with psycopg.connect(scene.organization.server.owner_url, autocommit=True) as connection:
        assert connection.execute(statement.encode(), values).rowcount > 0, "nothing was damaged"


@pytest.mark.expects_warnings
@pytest.mark.parametrize("what", DAMAGES)
def test_a_difference_is_named_alarmed_and_repaired_and_devices_hear_of_it(
    scene: Scene, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    statement, kinds = DAMAGES[what]
    organization = scene.organization
    assert found(organization) == set()
    scene.organization.change("work_order", scene.order["id"], title="The last change before the damage")
    damage(scene, statement)
    assert found(organization) == kinds
    (alarm,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert organization.id in alarm.message
    assert recompute.repair(organization.database, organization.id).count > 0
    assert found(organization) == set()
    assert_index_is_right(organization)
    for client, person in ((scene.field, scene.technician), (scene.office, scene.supervisor)):
        mirror = client.sync()
        scopes = set(client.hello()["scopes"])
        assert f"user:{person['id']}" in scopes
        assert_mirrors(organization, mirror, scopes)


@pytest.mark.expects_warnings
def test_a_change_that_the_index_missed_reaches_a_device_that_has_pulled_past_it(scene: Scene) -> None:
    organization = scene.organization
    changed = organization.change("work_order", scene.order["id"], title="Missed").seq
    line = f"{LINE} and seq = {changed}"
    damage(scene, f"update scope_aggregate set seq = seq - 1, join_seq = least(join_seq, seq - 1) where {line}")
    organization.add("part", code="P", name="Whatever comes later")
    scene.field.sync()
    assert scene.field.mirror.of("work_order")[str(scene.order["id"])]["title"] != "Missed"
    recompute.repair(organization.database, organization.id)
    scene.field.sync()
    assert scene.field.mirror.of("work_order")[str(scene.order["id"])]["title"] == "Missed"


@pytest.mark.expects_warnings
def test_a_damage_larger_than_a_step_and_a_span_is_found_and_repaired_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = scene.organization
    for number in range(30):
        organization.add("part", code=f"P{number}", name="Part")
    monkeypatch.setattr(recompute, "SPAN", 7)
    monkeypatch.setattr(recompute, "STEP", 3)
    organization.ask("delete from scope_reason where organization_id = %s", organization.id)
    organization.ask("update scope_aggregate set digest = 1 where organization_id = %s", organization.id)
    lines = organization.ask("select count(*) from scope_aggregate where organization_id = %s", organization.id)
    comparison = recompute.compare(organization.database, organization.id)
    assert comparison.count > 2 * lines[0][0]
    assert len(comparison.first) == recompute.SHOWN
    recompute.repair(organization.database, organization.id)
    assert found(organization) == set()
    assert_index_is_right(organization)


def test_the_damage_of_another_organization_is_not_ours(scene: Scene, server: Server) -> None:
    other = Scene.of(server).organization
    scene.organization.ask("delete from scope_reason where organization_id = %s", other.id)
    assert found(scene.organization) == set()


def test_comparing_waits_for_nobody_and_nobody_waits_for_it(scene: Scene) -> None:
    """While somebody holds the clock and every row, everything is still compared."""
    import psycopg

    organization = scene.organization
    with psycopg.connect(organization.server.owner_url) as holder:
        for table in ("org_clock", "scope_aggregate", "scope_reason", "scope_head", "work_order"):
            holder.execute(f"select from {table} where organization_id = %s for update".encode(), (organization.id,))
        assert found(organization) == set()
        holder.rollback()
