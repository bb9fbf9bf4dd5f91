"""No table is empty: every one that is declared is written, seen, refused, deleted, synced, and fought over.

Generated from the metadata. A table that cannot pass is not made yet.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql

from sync_server.application import contractors, device_care, enrolling, office_records, vendors
from sync_server.application.imports import predictions
from sync_server.application.imports.predictions import import_predictions
from sync_server.application.maintenance import schedules
from sync_server.application.maintenance.schedules import ByCalendar, Place
from sync_server.application.office_lists import whole_office_reading
from sync_server.application.planning import Step
from sync_server.application.tenants import choices, exporting, plans, plugins, rules
from sync_server.application.tenants.plans import Invoice
from sync_server.application.tenants.rules import Wanted
from sync_server.application.vendors import Contact
from sync_server.authz.visibility import Caller
from sync_server.contract.entities import REGISTRY
from sync_server.contract.rules.matrix import cells_of
from sync_server.contract.version import MUTATION
from sync_server.errors import Bug, CmmsError, Refused
from sync_server.routines import nightly
from sync_server.routines.activity_signing import signing
from sync_server.routines.windows import end_windows
from sync_server.storage import epochs, sealed_outboxes
from sync_server.storage.catalog_allowed import RESERVED
from sync_server.storage.membership import CATALOG
from sync_server.storage.tables import ABOVE_TENANTS, metadata
from tests.support.device_side import encoded
from tests.support.fleet import a_fleet
from tests.support.import_desk import ImportDesk
from tests.support.row_builder import AT, built, changeable
from tests.support.scope_oracle import all_rows, assert_index_is_right, reasons_of, stages_of
from tests.support.server_side import Organization
from tests.support.stoppable_server import StoppableServer
from tests.support.table_lives import NOBODYS, ROLES, Lives, answer_to, insert, live, with_conflicts
from tests.support.table_walls import (
    SERVING,
    expected_answer,
    foreign_rows,
    holding,
    may_read,
    own_rows,
    site_of,
)

SERVER_ONLY = sorted(set(metadata.tables) - set(REGISTRY) - ABOVE_TENANTS)
WITHOUT_GRANTS = {"organization_directory"}
"""Tables that are read through the resolver's functions alone."""
DECIDED_OTHERWISE = {"held_mutation", "work_order_assignment"}
"""Who decides about held work is no matter of writing a row: `may_decide`, in test_held_decisions.py. An edit of who
has an order that names nobody is refused to everybody; who may give one is tried in test_permission_matrix.py."""
CHECKED_BEFORE = {
    "signature": "signature_invalid",
    "entity_tag": "invalid_value",
    "custom_field_value": "invalid_value",
}
"""What is said to a new row whose id is taken instead: who signs, and what a tag is on, which may come any number of
times."""
entities = pytest.mark.parametrize("entity", list(REGISTRY))


@pytest.fixture(scope="module")
def lives(stoppable_server: StoppableServer) -> Iterator[Lives]:
    with a_fleet(stoppable_server) as fleet:
        yield live(fleet)


def require_alive(lives: Lives, entity: str) -> None:
    assert entity not in lives.failed, lives.failed[entity]


# ---- synced tables


@entities
def test_a_row_of_every_table_reaches_everybody_who_should_have_it_and_nobody_else(lives: Lives, entity: str) -> None:
    """Each role, somebody of another site, and two devices, at each step of the row's life."""
    require_alive(lives, entity)
    told = {key[1:]: seen for key, seen in lives.seen.items() if key[0] == entity}
    assert {step for _, step in told} == {"arrived", "settled", "deleted", "restored", "left", "returned"}
    assert {who for who, _ in told} >= {*ROLES, "elsewhere"}
    assert {place: seen for place, seen in told.items() if seen[0] != seen[1]} == {}
    is_there = {step: seen for (who, step), (seen, _) in told.items() if who == "the manager's device"}
    assert is_there["arrived"], "a manager holds a row of every table"
    assert is_there["arrived"] == is_there["restored"]
    assert {step: same for (of, step), same in lives.same.items() if of == entity and not same} == {}


@entities
def test_a_row_of_every_table_is_deleted_and_restored_or_never_changes(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    seen = {step: there for (of, who, step), (there, _) in lives.seen.items() if of == entity and "manager's" in who}
    if REGISTRY[entity].append_only:
        assert seen["deleted"] == seen["arrived"]
        with pytest.raises(CmmsError):
            lives.organization.change(entity, lives.ids[entity], deleted_at=AT)
        assert lives.row(entity)["deleted_at"] is None
    else:
        assert (seen["arrived"], seen["deleted"], seen["restored"]) == (True, False, True)


@pytest.mark.parametrize("entity", with_conflicts())
def test_a_row_changes_on_a_device_loses_a_conflict_and_comes_back(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    stood, theirs, settled = lives.standing[entity]
    found = changeable(entity)
    assert found is not None
    assert stood == theirs
    assert settled == found[1]


@entities
def test_another_organization_sees_nothing_and_is_told_nothing(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    outsider = lives.other.person("manager")
    row = lives.row(entity)
    for verb in ("set", "delete"):
        theirs, nobodys = (
            answer_to(lives.other, str(outsider["id"]), Step(f"{entity}.{verb}", root, row_id, {}))
            for root, row_id in ((str(row["aggregate_id"]), str(row["id"])), (NOBODYS, NOBODYS))
        )
        assert theirs == nobodys
        assert theirs is not None
    with psycopg.connect(lives.fleet.stoppable.server.owner_url) as connection:
        assert foreign_rows(connection, entity, here=lives.other.id, there=lives.organization.id) == {}
        connection.rollback()


@entities
def test_a_foreign_id_is_as_good_as_none_in_every_reference(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    for column in REGISTRY[entity].columns:
        if column.references is not None:
            theirs, nobodys = (
                refusal_of(lives, entity, **{column.name: lives.ids[column.references]}),
                refusal_of(lives, entity, **{column.name: NOBODYS}),
            )
            assert theirs == nobodys
            assert theirs is not None, column.name
            assert theirs[0] in {"conflicting_reference", "invalid_value"}


def refusal_of(lives: Lives, entity: str, **values: str) -> tuple[str, str] | None:
    """What the unit of work of the other organization says to a row with one strange reference."""
    row = built(entity, lives.other.id, lives.other_ids, name=uuid4().hex, **values)
    try:
        lives.other.commit([(entity, row)])
    except Refused as refusal:
        return refusal.code, refusal.sentence
    return None


@entities
def test_a_second_row_of_one_id_is_refused_and_of_one_key_is_marked(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    row = lives.row(entity)
    manager = str(lives.people["manager"].person_id)
    step = Step(f"{entity}.create", str(row["aggregate_id"]), str(row["id"]), {})
    refusal = answer_to(lives.organization, manager, step)
    assert refusal is not None
    may_make = "manager" in cells_of(entity, "create")
    assert refusal[0] == (CHECKED_BEFORE.get(entity, "already_exists") if may_make else "not_allowed")
    assert lives.row(entity) == row
    natural_key = REGISTRY[entity].natural_key
    if natural_key is not None:
        same_key = {natural_key: lives.other.stands(entity, lives.other_ids[entity])[natural_key]}
        second = {**built(entity, lives.other.id, lives.other_ids, name="second"), **same_key}
        lives.other.commit([(entity, second)])
        assert lives.other.stands(entity, second["id"])["code_conflict"] is True
        assert lives.other.stands(entity, lives.other_ids[entity])["code_conflict"] is False


def test_an_id_of_another_organization_is_free(lives: Lives) -> None:
    """A row is stored under an id that exists elsewhere as under any other: nothing hints at the other one."""
    taken = {}
    for entity in ("site", "part", "person", "asset_type", "team"):
        row = built(entity, lives.other.id, lives.other_ids, name="namesake", id=lives.ids[entity])
        lives.other.commit([(entity, row)])
        taken[entity] = lives.other.stands(entity, lives.ids[entity])["version"]
    assert set(taken.values()) == {1}


@pytest.mark.parametrize("entity", [name for name in REGISTRY if name not in DECIDED_OTHERWISE])
def test_each_role_changes_exactly_what_the_rules_let_it(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    rows = all_rows(lives.organization)
    reasons, _ = reasons_of(rows, stages_of(lives.organization, rows))
    row = rows[entity][lives.ids[entity]]
    wrong = {}
    for name, client in lives.people.items():
        expected = expected_answer(lives, name, entity, rows, scopes=holding(reasons, client.mirror.members, row))
        step = Step(f"{entity}.set", str(row["aggregate_id"]), str(row["id"]), {})
        found = answer_to(lives.organization, client.person_id, step)
        if (found and found[0]) != expected:
            wrong[name] = (found, expected)
    assert wrong == {}


@entities
def test_the_office_reads_the_rows_of_its_sites_and_those_of_everybody(lives: Lives, entity: str) -> None:
    require_alive(lives, entity)
    organization = lives.organization
    rows = all_rows(organization)
    row = rows[entity][lives.ids[entity]]
    if f"public.{entity}" in RESERVED:
        with pytest.raises(Bug) as refused, whole_office_reading(organization.database, organization.id) as connection:
            connection.execute(sql.SQL("select from {}").format(sql.Identifier(entity)))
        assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)
        return
    is_everybodys = bool(set(REGISTRY[entity].aggregates) & set(CATALOG)) and entity != "conflict"
    own = lives.fleet.small.site_id
    site = None if is_everybodys else site_of(rows, entity, row)
    for sites in ("", own, NOBODYS):
        with organization.database.transaction("app_office", organization.id, read_only=True) as connection:
            connection.execute("select set_config('app.site_ids', %s, true)", (sites,))
            found = connection.execute(
                sql.SQL("select id::text from {} where id = %s").format(sql.Identifier(entity)), (row["id"],)
            ).fetchall()
        assert bool(found) == (site is None or site == sites), sites


# ---- tables that only the server has


def keep_records(lives: Lives) -> None:
    """Let the office keep a record of each kind."""
    order, manager = lives.fleet.small.order_ids[0], lives.people["manager"]
    caller = Caller(lives.organization.id, manager.person_id, NOBODYS)
    enrolling.make_code(lives.organization.database, lives.organization.id, login=manager.login, sets_password=False)

    def make(kind: str, /, **values: str) -> str:
        return office_records.make(lives.organization.database, caller, kind, values)

    make("project-work-orders", project_id=make("projects", code="P", name="Project"), work_order_id=order)
    content = b"A document."
    digest = hashlib.sha256(content).hexdigest()
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(content))}
    assert manager.request("PATCH", f"/v1/blobs/{digest}", content=content, headers=headers).status_code == 204
    one, other = (make("documents", number=number, title="Document") for number in ("D-1", "D-2"))
    make("document-versions", document_id=one, sha256=digest, file_name="document.pdf")
    procedure = make("procedures", code="P", name="Procedure")
    steps = '[{"key": "a", "kind": "pass_fail", "prompt": "Tight"}]'
    version = make("procedure-versions", procedure_id=procedure, steps=steps)
    other_manager = Caller(lives.organization.id, str(lives.organization.person("manager")["id"]), NOBODYS)
    for author, state in ((caller, "in_review"), (other_manager, "approved")):
        office_records.step(lives.organization.database, author, "procedure-versions", version, state, None)
    make("procedure-executions", procedure_version_id=version, asset_id=lives.fleet.small.asset_id)
    change = make("changes", number="C", title="Change", reason="Reason")
    make("change-impacts", change_request_id=change, document_id=one)
    office_records.step(lives.organization.database, caller, "changes", change, "submitted", None)
    decision = {"change_request_id": change, "decision": "approved"}
    office_records.make(lives.organization.database, other_manager, "change-approvals", decision)
    make("document-relations", document_id=one, other_document_id=other, kind="refers_to")


@pytest.fixture(scope="module")
def written(lives: Lives, tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Let each table that only the server has be written by its own writer."""
    organization, client = lives.organization, lives.people["supervisor"]
    content = b"A picture."
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(content))}
    path = f"/v1/blobs/{hashlib.sha256(content).hexdigest()}"
    assert client.request("PATCH", path, content=content, headers=headers).status_code == 204
    folder = tmp_path_factory.mktemp("imports")
    desk = ImportDesk(organization, folder)
    assert desk.say(desk.list_of(1, plant="S1")).code == 0
    order_id = lives.fleet.small.order_ids[1]
    closed = datetime(2026, 3, 2, tzinfo=UTC)
    organization.change("work_order", order_id, status="closed", closed_at=AT, updated_at=AT)
    assert end_windows(organization.database, organization.id, at=closed + timedelta(days=20)) == 1
    night = closed + timedelta(days=21)
    plan_maintenance(organization, at=night)
    routines = {**nightly.ROUTINES, "activity": signing(organization.server.services.server_key)}
    assert nightly.run_for(organization.database, organization.id, now=night, routines=routines) != []
    device_care.command(organization.database, organization.id, client.device.id, kind="verify")
    with organization.database.transaction("app_sync", organization.id) as connection:
        outbox = sealed_outboxes.begin(
            connection, organization.id, client.device.id, sha256="0" * 64, size=10, changes=1
        )
        sealed_outboxes.append(connection, organization.id, outbox.id, at=0, content=b"part")
    choices.add_domain(
        organization.database, organization.id, f"{organization.slug}.example", is_verified=True, is_primary=True
    )
    wanted = Wanted("Every table", "order_returned", "set_priority", "high")
    rules.add(organization.database, organization.id, wanted)
    manifest = b'{"name": "every-table", "version": "1", "publisher": "Nobody"}'
    plugins.register(organization.database, organization.id, manifest)
    store = organization.server.services.blobs
    archive = {"slug": organization.slug, "store": store, "file": folder / "archive.tar.gz"}
    exporting.export(organization.database, organization.id, **archive)
    plans.put_plan(organization.database, plans.Plan("every-table", "Every table", {}))
    plans.subscribe(organization.database, organization.id, "every-table", on=closed.date())
    days = {"period_from": closed.date(), "period_until": closed.date(), "due_on": closed.date()}
    plans.issue(organization.database, organization.id, Invoice("R-1", **days, amount=Decimal(1), currency="EUR"))
    keep_records(lives)
    who = {"site_id": lives.fleet.small.site_id, "title": "By telephone", "requester": {"name": "Somebody"}}
    assert client.post("/v1/office/service-requests", who).status_code == 200
    keys = {"p256dh": encoded(b"\x04" * 65), "auth": encoded(b"a" * 16)}
    reached = json.dumps({"endpoint": "https://push.example.com/1", **keys}).encode()
    assert client.request("PUT", "/v1/push-subscription", content=reached).status_code == 204
    know_companies(lives, folder, now=night)
    answer_to(organization, client.person_id, Step("part.set", NOBODYS, NOBODYS, {}))
    pushed = client.push_one(client.comment(organization.stands("work_order", lives.fleet.small.order_ids[0])))
    assert pushed["status"] == "applied"
    meter = organization.stands("meter", lives.ids["meter"])
    said = {"value": [None, "1"]}
    read = client.mutation("meter.read", meter["id"], aggregate_id=meter["aggregate_id"], v=MUTATION, set=said)
    assert client.push_one(read)["status"] == "applied"
    (planned,) = organization.ask(
        "select work_order_id::text from maintenance_occurrence where organization_id = %s", organization.id
    )[0]
    organization.change("work_order", planned, status="closed", closed_at=AT)
    ((epoch,),) = organization.ask("select epoch::text from org_clock where organization_id = %s", organization.id)
    assert epochs.rotate(organization.database, organization.id, epoch=epoch, reason="A test of every table.")
    shutil.rmtree(folder)
    return lives


def plan_maintenance(organization: Organization, *, at: datetime) -> None:
    """Plan something that is due at a moment: the night makes its order."""
    organization.add("work_order_template", name="Every table", title="Every table")
    place, when = Place("Every table", "S1"), ByCalendar("FREQ=DAILY", at.date(), minute_of_day=0)
    schedules.add(organization.database, organization.id, "Every table", place, when, at=at)


def know_companies(lives: Lives, folder: Path, *, now: datetime) -> None:
    """Let a model expect something, a vendor have a counter, and a company have people."""
    organization = lives.organization
    (folder / "expected.csv").write_text(expected_of_all(lives))
    assert import_predictions(organization.database, organization.id, folder / "expected.csv", now=now).new == 1
    vendors.put_contact(organization.database, organization.id, str(lives.row("vendor")["code"]), Contact("Counter"))
    contractors.put_contractor(organization.database, organization.id, "C-1", name="Lift repairs")
    contractors.belongs(organization.database, organization.id, "C-1", login=lives.people["supervisor"].login)


def expected_of_all(lives: Lives) -> str:
    """The file of a model that knows one asset."""
    asset = lives.row("asset")
    site = lives.organization.stands("site", asset["site_id"])
    said = f"{site['code']},{asset['code']},failure,2026-04-01,2026-05-01,0.5,model,1,{AT}"
    return f"{','.join(predictions.COLUMNS)}\n{said}\n"


@pytest.mark.parametrize("table", SERVER_ONLY)
def test_a_table_of_the_server_has_a_writer_and_shows_another_organization_nothing(written: Lives, table: str) -> None:
    with psycopg.connect(written.fleet.stoppable.server.owner_url) as connection:
        here, there = written.other.id, written.organization.id
        assert own_rows(connection, table, there) > 0, "nobody writes it"
        assert foreign_rows(connection, table, here=here, there=there) == {}
        readers = [role for role in SERVING if may_read(connection, role, table)]
        assert (readers == []) == (table in WITHOUT_GRANTS)
        connection.rollback()


# ---- the test of the test


@pytest.mark.parametrize("entity", ["asset", "comment", "work_order"])
def test_a_table_without_its_policy_would_be_found(lives: Lives, entity: str) -> None:
    """The same look at the same rows, with the wall taken down inside a transaction that is rolled back."""
    with psycopg.connect(lives.fleet.stoppable.server.owner_url) as connection:
        ask = {"here": lives.other.id, "there": lives.organization.id}
        assert foreign_rows(connection, entity, **ask) == {}
        connection.execute(sql.SQL("alter table {} disable row level security").format(sql.Identifier(entity)))
        found = foreign_rows(connection, entity, **ask)
        connection.rollback()
    assert "cmms_app_sync" in found


def test_a_table_without_its_grant_would_be_found(stoppable_server: StoppableServer) -> None:
    organization = stoppable_server.server.organization()
    ground = {"site": str(insert(organization, "site", {})["id"])}
    organization.ask("revoke insert on team from cmms_app_sync")
    try:
        with pytest.raises(CmmsError):
            insert(organization, "team", ground)
    finally:
        organization.ask("grant insert on team to cmms_app_sync")
    insert(organization, "team", ground)


def test_the_scope_index_is_right_after_all_that(lives: Lives) -> None:
    assert_index_is_right(lives.organization)
    assert_index_is_right(lives.other)
