"""The one way to write: what is stamped, what is left alone, and what nobody can write past it."""

import psycopg
import pytest

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.errors import Bug, Refused, RetryLater
from sync_server.routines import recompute
from sync_server.storage.org_clock import row_hash
from sync_server.storage.wire_rows import insert_rows
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Organization, Scene, Server, a_row, new_id


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


def test_every_row_of_a_commit_is_stamped_with_it(organization: Organization) -> None:
    commit = organization.commit([("part", a_row("part", code=f"P{n}", name="P")) for n in range(3)])
    for row in organization.rows("part"):
        assert (row["sync_seq"], row["version"]) == (commit.seq, 1)
        assert row["row_hash"] == row_hash("part", str(row["id"]), commit.nonce)
    again = organization.change("part", row["id"], name="Q")
    assert again.seq == commit.seq + 1
    assert organization.stands("part", row["id"])["version"] == 2


def test_what_is_given_at_creation_stays(server: Server) -> None:
    scene = Scene.of(server, is_synced=False)
    before = scene.order
    scene.organization.change("work_order", before["id"], source_type="Other", created_at=NOW, created_by=new_id())
    after = scene.now()
    assert (after["source_type"], after["created_at"]) == (before["source_type"], before["created_at"])
    assert after["created_by"] == before["created_by"]


def test_rows_of_one_commit_that_change_in_everything_and_in_different_things_are_written_whole(
    organization: Organization,
) -> None:
    team, person = organization.add("team", name="Team"), organization.person("technician")
    values = {"aggregate_id": team["id"], "team_id": team["id"], "person_id": person["id"]}
    rows = [organization.add("team_member", **values) for _ in range(3)]
    fates: list[Row] = [
        {"deleted_at": NOW, "updated_at": "2026-02-03T04:05:06.000000Z", "updated_by": person["id"]},
        {"updated_by": person["id"]},
        {},
    ]
    commit = organization.commit([("team_member", {**row, **fate}) for row, fate in zip(rows, fates, strict=True)])
    for row, fate in zip(rows, fates, strict=True):
        stamps: Row = {
            "version": 2,
            "sync_seq": commit.seq,
            "row_hash": row_hash("team_member", str(row["id"]), commit.nonce),
        }
        assert organization.stands("team_member", row["id"]) == {**row, **fate, **stamps}


def test_a_personal_value_can_be_marked_deleted_and_keeps_its_commitment(server: Server) -> None:
    scene = Scene.of(server, is_synced=False)
    signature = scene.inside(
        "signature",
        meaning="performed",
        signer_id=scene.technician["id"],
        signer_role="technician",
        signer_device_id=new_id(),
        body="{}",
        body_sha256="0" * 64,
        signature="",
        signed_at=NOW,
    )
    value = scene.inside(
        "personal_value", signature_id=signature["id"], path="/name", commitment="c", salt="s", value="v"
    )
    scene.organization.change("personal_value", value["id"], deleted_at=NOW)
    after = scene.organization.stands("personal_value", value["id"])
    assert (after["deleted_at"], after["commitment"], after["value"]) == (NOW, "c", "v")


def test_a_second_owner_of_a_code_is_marked_also_when_the_first_comes_back(organization: Organization) -> None:
    first = organization.add("part", code="X", name="First")
    organization.change("part", first["id"], deleted_at=NOW)
    second = organization.add("part", code="X", name="Second")
    assert second["code_conflict"] is False
    organization.change("part", first["id"], deleted_at=None)
    assert organization.stands("part", first["id"])["code_conflict"] is True
    organization.change("part", first["id"], code="Y")
    assert organization.stands("part", first["id"])["code_conflict"] is False


def test_a_row_that_appeared_meanwhile_means_again(organization: Organization) -> None:
    row = a_row("part", code="P", name="P")
    organization.commit([("part", row)])
    with organization.database.transaction("app_sync", organization.id) as connection:
        work = UnitOfWork(connection, organization.id, None)
        work.put({("part", str(row["id"])): row})
        with pytest.raises(RetryLater):
            work.finish()
    assert len(organization.rows("part")) == 1


def test_a_policy_that_reads_what_it_did_not_ask_for_is_a_bug(organization: Organization) -> None:
    with (
        pytest.raises(Bug, match="part was read"),
        organization.database.transaction("app_sync", organization.id) as connection,
    ):
        UnitOfWork(connection, organization.id, None).get("part", new_id())


def test_nothing_is_written_past_the_clock(organization: Organization) -> None:
    row = {**a_row("part", code="P", name="P"), "sync_seq": 1}
    with (
        pytest.raises(Bug),
        organization.database.transaction("app_sync", organization.id) as connection,
    ):
        insert_rows(connection, organization.id, "part", [row])
    assert organization.rows("part") == []


def test_a_level_that_is_not_the_sum_of_its_movements_is_never_committed(organization: Organization) -> None:
    site = organization.site()
    part = organization.add("part", code="P", name="P")
    store = organization.add("stock_location", site_id=site["id"], kind="store", code="S", name="S")
    level = a_row("stock_level", stock_location_id=store["id"], part_id=part["id"], quantity="5.0000")
    with pytest.raises(Bug):
        organization.commit([("stock_level", level)])
    assert organization.rows("stock_level") == []


@pytest.mark.parametrize("entity", ["person", "part", "site"])
def test_what_the_database_refuses_leaves_nothing(organization: Organization, entity: str) -> None:
    before = organization.ask("select seq from org_clock where organization_id = %s", organization.id)
    bad = a_row(entity, **dict.fromkeys((c.name for c in REGISTRY[entity].columns[10:] if c.kind == "text"), "?"))
    with pytest.raises(Refused) as refused:
        organization.commit([(entity, bad), ("team", a_row("team", name="T", site_id=new_id()))])
    assert refused.value.code in {"conflicting_reference", "invalid_value"}
    assert organization.rows(entity) == []
    assert organization.ask("select seq from org_clock where organization_id = %s", organization.id) == before
    assert_index_is_right(organization)


def test_every_commit_ticks_once_and_keeps_its_nonce(organization: Organization) -> None:
    for _ in range(5):
        organization.add("part", code=new_id(), name="P")
    commits = organization.ask(
        "select seq, nonce from org_commit where organization_id = %s order by seq", organization.id
    )
    assert [seq for seq, _ in commits] == list(range(1, 6))
    assert len({nonce for _, nonce in commits}) == 5


def test_rows_cannot_be_removed_even_by_the_owner(organization: Organization) -> None:
    part = organization.add("part", code="P", name="P")
    with pytest.raises(psycopg.Error):
        organization.ask("delete from part where id = %s", part["id"])


@pytest.mark.expects_warnings
def test_invariant_22_digests_follow_what_is_made_edited_deleted_and_brought_back(server: Server) -> None:
    """They are kept by difference; one that is wrong stays wrong by as much, and the night finds it."""
    scene = Scene.of(server, is_synced=False)
    checklist = scene.inside("checklist", name="List")
    scene.organization.change("work_order", scene.order["id"], title="Other")
    asset = scene.organization.add("asset", site_id=scene.site["id"], code="A", name="Pump")
    for deleted_at in (NOW, None, NOW):
        scene.organization.change("checklist", checklist["id"], deleted_at=deleted_at)
        scene.organization.change("asset", asset["id"], deleted_at=deleted_at)
        assert_index_is_right(scene.organization)
    scene.organization.ask(
        "update scope_aggregate set digest = digest # 1 where organization_id = %s and aggregate_id = %s",
        scene.organization.id,
        scene.order["id"],
    )
    scene.organization.change("work_order", scene.order["id"], title="Another")
    kinds = {each.kind for each in recompute.compare(scene.organization.database, scene.organization.id).first}
    assert kinds == {"digest", "head"}


@pytest.mark.parametrize("how", [{"code": "Y"}, {"deleted_at": NOW}], ids=["renamed", "deleted"])
def test_who_waited_longest_for_a_code_has_it_when_the_first_gives_it_up(organization: Organization, how: Row) -> None:
    days = [f"2026-03-0{day}T08:00:00.000000Z" for day in (1, 2, 3)]
    first, second, third = (organization.add("part", code="X", name="Part", created_at=day) for day in days)
    assert [second["code_conflict"], third["code_conflict"]] == [True, True]
    organization.change("part", first["id"], **how)
    marks = [organization.stands("part", each["id"])["code_conflict"] for each in (first, second, third)]
    assert marks == [False, False, True]


@pytest.mark.parametrize("codes", [("Z", "X"), ("Y", "X")], ids=["handed on", "exchanged"])
def test_codes_that_change_hands_in_one_commit_are_all_right(
    organization: Organization, codes: tuple[str, str]
) -> None:
    first, second = (organization.add("part", code=code, name="x") for code in ("X", "Y"))
    pairs = zip((first, second), codes, strict=True)
    renamed = {("part", str(row["id"])): {**row, "code": code} for row, code in pairs}
    with organization.database.transaction("app_sync", organization.id) as connection:
        work = UnitOfWork(connection, organization.id, None)
        work.lock(renamed)
        work.put(renamed)
        work.finish()
    stand = [organization.stands("part", each["id"]) for each in (first, second)]
    assert [(row["code"], row["code_conflict"]) for row in stand] == [(code, False) for code in codes]


@pytest.fixture
def in_line(organization: Organization) -> list[Row]:
    """Three parts of one code in the order of their days, written the youngest first but for the one that has it."""
    days = {name: f"2026-03-0{day}T08:00:00.000000Z" for day, name in enumerate(("First", "Second", "Third"), 1)}
    made = {
        name: organization.add("part", code="X", name=name, created_at=days[name])
        for name in ("First", "Third", "Second")
    }
    return [made[name] for name in days]


def has_it(organization: Organization) -> list[str]:
    """Names of the live parts that have the code without a mark."""
    rows = organization.rows("part")
    return [str(r["name"]) for r in rows if r["code"] == "X" and not r["code_conflict"] and r["deleted_at"] is None]


def test_who_takes_a_code_in_the_commit_that_frees_it_stands_behind_who_waited(
    organization: Organization, in_line: list[Row]
) -> None:
    newcomer = a_row("part", code="X", name="New", created_at="2026-03-09T08:00:00.000000Z")
    organization.commit([("part", newcomer), ("part", {**in_line[0], "code": "Y"})])
    assert has_it(organization) == ["Second"]


def test_the_next_in_line_has_the_code_when_the_one_before_goes_in_the_same_commit(
    organization: Organization, in_line: list[Row]
) -> None:
    first, second, _ = in_line
    second = organization.stands("part", second["id"])
    organization.commit([("part", {**first, "code": "Y"}), ("part", {**second, "deleted_at": NOW})])
    assert has_it(organization) == ["Third"]


def test_a_younger_one_that_is_written_first_does_not_pass_who_waited_longer(
    organization: Organization, in_line: list[Row]
) -> None:
    first, second, third = in_line
    with organization.database.transaction("app_sync", organization.id) as other:
        other.execute("select 1 from part where id = %s for no key update", (second["id"],))
        organization.change("part", first["id"], code="Y")
    assert has_it(organization) == []
    organization.change("part", third["id"], name="Third, touched")
    assert has_it(organization) == ["Second"]
    organization.add("part", code="X", name="Newcomer")
    assert has_it(organization) == ["Second"]


def test_a_marked_row_that_somebody_holds_is_not_waited_for(organization: Organization) -> None:
    """It stays marked until it is written the next time; nobody stands in a circle with the clock."""
    first, second = (organization.add("part", code="X", name=name) for name in ("First", "Second"))
    with organization.database.transaction("app_sync", organization.id) as other:
        other.execute("select 1 from part where id = %s for no key update", (second["id"],))
        organization.change("part", first["id"], code="Y")
    assert organization.stands("part", second["id"])["code_conflict"] is True
    organization.change("part", second["id"], name="Second, touched")
    assert organization.stands("part", second["id"])["code_conflict"] is False
