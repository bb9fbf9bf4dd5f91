"""The demonstration organizations in a real database: complete, consistent with the index, and made once."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import reduce
from operator import xor
from uuid import uuid4

import psycopg
import pytest

from sync_server.application.organizations import Login, create_organization, set_password, set_passwords
from sync_server.application.seeding import loading
from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from sync_server.application.seeding.content import Content
from sync_server.application.seeding.demonstration import plan_organization, seed, seed_organization
from sync_server.application.seeding.people import PASSWORD
from sync_server.application.seeding.profile import HOSPITAL, PROFILES, UTILITIES
from sync_server.application.sessions import Sessions
from sync_server.authz.passwords import Passwords
from sync_server.authz.server_key import ServerKey
from sync_server.authz.tokens import AccessTokens
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.messages import DeviceIdentity, SignInRequest
from sync_server.errors import Refused
from sync_server.storage import membership
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database
from sync_server.storage.scope_index import share
from tests.support.postgres import both_postgres_ends
from tests.support.server_side import read_rows

DAY = date(2026, 3, 2)
CHEAP = Passwords(cheap=True)
STORE = BlobStore.in_memory()
COMMITTED = ("version", "sync_seq", "row_hash")


def stored_rows(database: Database, organization_id: str) -> dict[tuple[str, str], dict[str, object]]:
    """Every synced row, without what a commit stamps on it."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    with database.transaction("worker", organization_id) as connection:
        for entity in REGISTRY:
            ids = connection.execute(f"select id::text from {entity}".encode()).fetchall()
            rows = read_rows(connection, organization_id, entity=entity, ids=[id_ for (id_,) in ids])
            for id_, row in rows.items():
                found[entity, id_] = {name: value for name, value in row.items() if name not in COMMITTED}
    return found


def planned_rows(content: Content) -> dict[tuple[str, str], dict[str, object]]:
    last = {key: row for unit in content.units for key, row in unit.items()}
    return {key: {n: v for n, v in row.items() if n not in COMMITTED} for key, row in last.items()}


def clock(database: Database, organization_id: str) -> int:
    with database.transaction("worker", organization_id) as connection:
        (seq,) = connection.execute("select seq from org_clock").fetchone() or (0,)
    return int(seq)


def digest_query(root: str) -> bytes:
    rows = " union all ".join(
        f"select aggregate_id::text, row_hash from {entity} where deleted_at is null" for entity in AGGREGATES[root]
    )
    return f"select aggregate_id, bit_xor(row_hash) from ({rows}) r group by 1".encode()


def assert_index_is_right(database: Database, organization_id: str) -> None:
    """Recompute membership, digests and heads from the rows, and compare them with what is stored."""
    with database.transaction("worker", organization_id) as connection:
        roots = {
            entity: [id_ for (id_,) in connection.execute(f"select id::text from {entity}".encode())]
            for entity in membership.QUERIES
        }
        wanted = membership.wanted(connection, organization_id, roots)
        reasons = connection.execute(
            "select scope_id, aggregate_id::text, aggregate_type, reason_type, reason_id::text from scope_reason"
        ).fetchall()
        assert set(reasons) == wanted
        digests = {
            (root, aggregate_id): digest
            for root in membership.QUERIES
            for aggregate_id, digest in connection.execute(digest_query(root))
        }
        lines = connection.execute(
            "select scope_id, aggregate_id::text, aggregate_type, reasons, digest from scope_aggregate where live"
        ).fetchall()
        heads = connection.execute("select scope_id, digest, count from scope_head").fetchall()
    counted = Counter((scope, aggregate, type_) for scope, aggregate, type_, *_ in wanted)
    assert {line[:3]: line[3] for line in lines} == counted
    assert all(digest == digests[type_, aggregate] for _, aggregate, type_, _, digest in lines)
    for scope, digest, count in heads:
        members = [share(line[1], line[4]) for line in lines if line[0] == scope]
        assert (digest, count) == (reduce(xor, members, 0), len(members))


@both_postgres_ends
def test_what_is_planned_is_what_is_stored_and_the_index_agrees(database: Database) -> None:
    summaries = seed(database, today=DAY, passwords=CHEAP, store=STORE)
    assert [summary.slug for summary in summaries] == [profile.slug for profile in PROFILES]
    for profile, summary in zip(PROFILES, summaries, strict=True):
        planned = planned_rows(plan_organization(profile, today=DAY).content)
        assert stored_rows(database, summary.organization_id) == planned
        assert_index_is_right(database, summary.organization_id)


def test_every_level_is_the_sum_of_its_movements(database: Database) -> None:
    organization_id = seed_organization(database, UTILITIES, today=DAY, passwords=CHEAP, store=STORE).organization_id
    with database.transaction("worker", organization_id) as connection:
        found = connection.execute(
            "select l.quantity, (select sum(m.quantity) from stock_movement m where m.stock_location_id ="
            " l.stock_location_id and m.part_id = l.part_id) from stock_level l"
        ).fetchall()
    assert len(found) == 4 * 60 + 6 * 20
    assert all(level == moved for level, moved in found)


def test_seeding_again_changes_nothing(database: Database) -> None:
    first = seed(database, today=DAY, passwords=CHEAP, store=STORE)
    before = [clock(database, summary.organization_id) for summary in first]
    assert seed(database, today=DAY, passwords=CHEAP, store=STORE) == first
    assert [clock(database, summary.organization_id) for summary in first] == before


def test_an_organization_that_was_worked_with_is_left_alone(database: Database) -> None:
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    manager = summary.person("manager")
    changed = "another-password"
    login = Login(person_id=manager.person_id, login="manager", password=changed)
    load_work_orders(database, summary.organization_id, synthetic_orders(1, site_id=summary.site_ids["N"]))
    set_passwords(database, summary.organization_id, logins=[login], passwords=CHEAP)
    before = stored_rows(database, summary.organization_id)
    seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    assert stored_rows(database, summary.organization_id) == before
    assert signs_in(database, "manager", changed)


def test_an_interrupted_seeding_is_completed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_organization(HOSPITAL, today=DAY)
    commit, done = loading._commit, []

    def interrupted(*arguments: object, **named: object) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(commit(*arguments, **named))  # type: ignore[arg-type, func-returns-value]

    monkeypatch.setattr(loading, "_commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    monkeypatch.undo()
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    assert stored_rows(database, summary.organization_id) == planned_rows(plan.content)
    assert clock(database, summary.organization_id) == len(plan.content.units)
    assert signs_in(database, "technician", PASSWORD)


def test_somebody_elses_organization_of_that_name_is_never_filled(database: Database) -> None:
    organization_id = create_organization(database, HOSPITAL.slug, "A real one")
    with pytest.raises(Refused, match="no demonstration"):
        seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    assert stored_rows(database, organization_id) == {}


def test_everybody_can_sign_in_with_the_documented_password(database: Database) -> None:
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    assert all(signs_in(database, person.login, PASSWORD) for person in summary.people)
    assert not signs_in(database, "technician", "wrong-password")


def test_a_new_password_counts_and_the_old_one_does_not(database: Database) -> None:
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    planner = summary.person("planner")
    set_password(
        database,
        summary.organization_id,
        person_id=planner.person_id,
        login="planner",
        password="a new password",
        passwords=CHEAP,
    )
    assert signs_in(database, "planner", "a new password")
    assert not signs_in(database, "planner", PASSWORD)


def test_a_login_belongs_to_one_person_only(database: Database) -> None:
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    taken = Login(person_id=summary.person("planner").person_id, login="Manager", password=PASSWORD)
    with pytest.raises(Refused) as refused:
        set_passwords(database, summary.organization_id, logins=[taken], passwords=CHEAP)
    assert refused.value.code == "already_exists"


def signs_in(database: Database, login: str, password: str) -> bool:
    device = DeviceIdentity(id=str(uuid4()), public_key="A" * 43, name="test", app_version="0")
    request = SignInRequest(organization=HOSPITAL.slug, login=login, password=password, device=device)
    sessions = Sessions(database, AccessTokens(bytes(32)), CHEAP, ServerKey(bytes(32)).public_key)
    try:
        sessions.sign_in(request, at=datetime.now(UTC))
    except Refused:
        return False
    return True


@pytest.mark.parametrize("is_assigned", [True, False])
def test_synthetic_orders_arrive_in_their_scopes(database: Database, is_assigned: bool) -> None:
    summary = seed_organization(database, HOSPITAL, today=DAY, passwords=CHEAP, store=STORE)
    technician = summary.person("technician2").person_id if is_assigned else None
    rows = synthetic_orders(500, site_id=summary.site_ids["N"], asset_ids=summary.asset_ids["N"])
    before = heads(database, summary.organization_id)
    loaded = load_work_orders(database, summary.organization_id, rows, assignee_id=technician, orders_per_unit=200)
    after = heads(database, summary.organization_id)
    assert loaded == 500
    assert after["review:" + summary.site_ids["N"]] - before["review:" + summary.site_ids["N"]] == 500
    user = "user:" + summary.person("technician2").person_id
    assert (after[user] - before[user] >= 500) is is_assigned
    assert_index_is_right(database, summary.organization_id)


def heads(database: Database, organization_id: str) -> Counter[str]:
    with database.transaction("worker", organization_id) as connection:
        return Counter(dict(connection.execute("select scope_id, count from scope_head").fetchall()))


@pytest.mark.parametrize(
    ("slug", "name", "domain"),
    [
        ("Capital", "Name", None),
        ("-hyphen", "Name", None),
        ("", "Name", None),
        ("a" * 64, "Name", None),
        ("fine", " ", None),
        ("fine", "x" * 201, None),
        ("fine", "two\nlines", None),
        ("fine", "Name", "no domain"),
    ],
)
def test_names_that_cannot_be_are_refused(database: Database, slug: str, name: str, domain: str | None) -> None:
    with pytest.raises(Refused) as refused:
        create_organization(database, slug, name, domain=domain)
    assert refused.value.code == "invalid_value"


def test_slugs_and_domains_are_taken_once(database: Database, database_url: str) -> None:
    create_organization(database, "one", "One", domain="One.example")
    for slug, domain in (("one", None), ("two", "one.example")):
        with pytest.raises(Refused) as refused:
            create_organization(database, slug, "Another", domain=domain)
        assert refused.value.code == "already_exists"
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from organization").fetchone() == (1,)
        assert connection.execute("select domain from organization_domain").fetchall() == [("one.example",)]
