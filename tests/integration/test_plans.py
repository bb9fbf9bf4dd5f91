"""Plans limit what is new, never what was done; subscriptions, invoices and counts are one organization's alone."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from sync_server.application.organizations import create_organization, create_person
from sync_server.application.tenants import overview, plans
from sync_server.application.tenants.plans import Invoice, Plan
from sync_server.errors import Refused
from sync_server.routines import nightly
from sync_server.storage.engine import SERVING_ROLES
from sync_server.storage.plan_limits import COUNTS, WORDS
from tests.support.command_line import Run, commands_of
from tests.support.import_desk import ImportDesk
from tests.support.server_side import Organization, Scene, Server

DAY = date(2026, 3, 2)
RECORDS = ("subscription_plan", "subscription", "invoice")


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def limit(organization: Organization, **limits: int) -> None:
    """Give an organization a plan with room for just so much."""
    code = f"of-{organization.slug}"
    plans.put_plan(organization.database, Plan(code, "A plan", limits))
    plans.subscribe(organization.database, organization.id, code, on=DAY)


def invoice(number: str = "R-1", **changes: Any) -> Invoice:
    values: dict[str, Any] = {"period_from": DAY, "period_until": DAY, "due_on": DAY, "amount": Decimal("120.50")}
    return Invoice(number, **{**values, "currency": "EUR", **changes})


# ---- limits


def test_a_new_device_is_refused_in_words_and_the_known_ones_go_on(server: Server) -> None:
    scene = Scene.of(server)
    limit(scene.organization, devices=1)  # two are there already
    with pytest.raises(AssertionError, match="has room for 1 devices, and there are 2"):
        scene.organization.device(scene.technician)
    scene.field.sign_in("correct horse battery")
    assert scene.field.push_one(scene.field.comment(scene.order))["status"] == "applied"
    scene.field.sync()
    limit(scene.organization, devices=3)
    scene.organization.device(scene.technician)


def test_of_two_devices_for_one_place_one_is_enrolled(server: Server) -> None:
    organization = server.organization()
    people = [organization.person("technician") for _ in range(4)]
    limit(organization, devices=2)

    def enrol(person: Any) -> bool:
        try:
            organization.device(person)
        except AssertionError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(enrol, people)) == [False, False, True, True]
    ((count,),) = organization.ask("select count(*) from device where organization_id = %s", organization.id)
    assert count == 2


def test_a_new_person_is_refused_and_a_dismissed_one_makes_room(server: Server) -> None:
    organization = server.organization()
    person = organization.person("technician")
    limit(organization, people=1)
    with pytest.raises(Refused, match="has room for 1 active people, and there are 1") as refused:
        create_person(organization.database, organization.id, name="Technician 2", role="technician")
    assert refused.value.code == "not_allowed"
    organization.change("person", person["id"], is_active=False)
    create_person(organization.database, organization.id, name="Technician 2", role="technician")


def test_an_import_beyond_the_plan_writes_nothing(server: Server, tmp_path: Path) -> None:
    organization = server.organization()
    desk = ImportDesk(organization, tmp_path)
    limit(organization, open_orders=2)
    refused = desk.say(desk.list_of(3))
    assert (refused.code, "has room for 2 open orders, and there are 0" in refused.err) == (2, True)
    assert desk.say(desk.list_of(3), "--dry-run").code == 2
    assert organization.rows("work_order") == organization.rows("site") == []
    limit_sites = Plan(f"of-{organization.slug}", "A plan", {"sites": 0})
    plans.put_plan(organization.database, limit_sites)
    assert "has room for 0 sites" in desk.say(desk.list_of(2)).err
    plans.put_plan(organization.database, Plan(limit_sites.code, "A plan", {"open_orders": 2}))
    assert desk.say(desk.list_of(2)).code == 0


def test_no_push_is_refused_for_a_plan(server: Server) -> None:
    """A follow-up from a basement, and what a manager adds on his device: taken whatever the plan says."""
    scene = Scene.of(server)
    manager = scene.organization.device(scene.organization.person("manager", scene.site))
    manager.sync()
    limit(scene.organization, **dict.fromkeys(WORDS, 0))
    follow_up = scene.field.create("work_order", number="F-1", title="Follow-up", site_id=scene.site["id"])
    site = manager.create("site", code="S-9", name="A site", time_zone="UTC")
    assert [scene.field.push_one(follow_up)["status"], manager.push_one(site)["status"]] == ["applied", "applied"]


def test_without_a_plan_nothing_is_limited_and_a_limit_that_is_not_named_is_none(server: Server) -> None:
    organization = server.organization()
    create_person(organization.database, organization.id, name="Technician 1", role="technician")
    limit(organization, devices=0)
    create_person(organization.database, organization.id, name="Technician 2", role="technician")


# ---- records


def test_a_plan_follows_another_and_what_was_is_kept(server: Server) -> None:
    organization = server.organization()
    for code in ("small", "large"):
        plans.put_plan(organization.database, Plan(code, code.capitalize(), {"people": 5}, ("reports",)))
    plans.subscribe(organization.database, organization.id, "small", on=DAY)
    for _ in range(2):
        plans.subscribe(organization.database, organization.id, "large", on=date(2026, 4, 1))
    ask = "select plan_code, began_on, ended_on from subscription where organization_id = %s order by began_on"
    assert organization.ask(ask, organization.id) == [
        ("small", DAY, date(2026, 4, 1)),
        ("large", date(2026, 4, 1), None),
    ]
    with pytest.raises(Refused, match="began later"):
        plans.subscribe(organization.database, organization.id, "small", on=DAY)
    with pytest.raises(Refused, match="There is no plan"):
        plans.subscribe(organization.database, organization.id, "none", on=DAY)
    assert {plan.code: plan.features for plan in plans.plans(organization.database)}["small"] == ("reports",)
    assert overview.organization(organization.database, organization.slug).plan_code == "large"


def test_an_invoice_is_issued_once_and_settled_one_way(server: Server) -> None:
    organization, database = server.organization(), server.database
    with pytest.raises(Refused, match="no plan that an invoice could be for"):
        plans.issue(database, organization.id, invoice())
    limit(organization)
    plans.issue(database, organization.id, invoice())
    with pytest.raises(Refused, match="There is an invoice R-1 already"):
        plans.issue(database, organization.id, invoice())
    for wrong in (
        {"currency": "Euro"},
        {"amount": Decimal("-1")},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("Infinity")},
        {"amount": Decimal("1.00001")},
        {"amount": Decimal("1e20")},
        {"period_until": date(2026, 3, 1)},
    ):
        with pytest.raises(Refused) as refused:
            plans.issue(database, organization.id, invoice("R-2", **wrong))
        assert refused.value.code == "invalid_value", wrong
    for _ in range(2):
        plans.settle(database, organization.id, "R-1", paid_on=DAY)
    with pytest.raises(Refused, match="is paid already"):
        plans.settle(database, organization.id, "R-1", paid_on=None)
    with pytest.raises(Refused, match="There is no invoice"):
        plans.settle(database, organization.id, "R-9", paid_on=DAY)
    (kept,) = plans.invoices(database, organization.id)
    assert (kept.state, kept.paid_on, kept.amount) == ("paid", DAY, Decimal("120.5000"))


def test_every_night_counts_what_an_organization_uses(server: Server) -> None:
    scene = Scene.of(server)
    organization = scene.organization
    at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert "usage" in nightly.run_for(server.database, organization.id, now=at)
    ask = "select kind, value from usage_counter where organization_id = %s and counted_on = %s"
    counted = dict(organization.ask(ask, organization.id, DAY))
    assert counted == {"people": 2, "devices": 2, "sites": 1, "open_orders": 1, "file_bytes": 0}
    assert counted.keys() == COUNTS.keys()
    organization.change("work_order", scene.order["id"], status="closed")
    nightly.ROUTINES["usage"](server.database, organization.id, at, lambda _: None)
    assert dict(organization.ask(ask, organization.id, DAY))["open_orders"] == 0


# ---- attacks


def test_no_role_that_serves_writes_a_plan_a_subscription_or_an_invoice(server: Server) -> None:
    organization = server.organization()
    limit(organization)
    plans.issue(server.database, organization.id, invoice())
    for role in SERVING_ROLES:
        for table in RECORDS:
            for statement in (
                "UPDATE {0} SET created_at = now()",
                "DELETE FROM {0}",
                "INSERT INTO {0} SELECT * FROM {0}",
            ):
                with psycopg.connect(server.owner_url) as connection:
                    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"cmms_{role}")))
                    connection.execute("SELECT set_config('app.organization_id', %s, true)", (organization.id,))
                    with pytest.raises(errors.InsufficientPrivilege):
                        connection.execute(sql.SQL(statement).format(sql.Identifier(table)))  # type: ignore[arg-type]
                    connection.rollback()


def test_an_organization_learns_nothing_of_what_another_has_ordered(server: Server) -> None:
    """Neither which plan, nor an invoice, nor its number: the same number is free to both."""
    victim, attacker = server.organization(), server.organization()
    for each in (victim, attacker):
        limit(each, people=7)
        plans.issue(server.database, each.id, invoice("R-7"))
    nightly.ROUTINES["usage"](server.database, victim.id, datetime.now(UTC), lambda _: None)
    for role in ("authn", "worker", "readonly"):
        for table in ("subscription", "invoice", "usage_counter"):
            with psycopg.connect(server.owner_url) as connection:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"cmms_{role}")))
                for here in (attacker.id, ""):
                    connection.execute("SELECT set_config('app.organization_id', %s, true)", (here,))
                    (may,) = connection.execute("SELECT has_table_privilege(%s, 'SELECT')", (table,)).fetchone() or ()
                    if may:
                        query = sql.SQL("SELECT count(*) FROM {} WHERE organization_id = %s").format(
                            sql.Identifier(table)
                        )
                        assert connection.execute(query, (victim.id,)).fetchone() == (0,), (role, table)
                connection.rollback()
    with pytest.raises(Refused, match="There is no invoice"):
        plans.settle(server.database, attacker.id, "R-8", paid_on=DAY)
    assert [each.state for each in plans.invoices(server.database, victim.id)] == ["issued"]


def test_a_domain_is_claimed_by_one_organization_only(server: Server) -> None:
    slugs = [f"claims-{number}-{server.organization().slug}"[:60] for number in range(4)]

    def claim(slug: str) -> bool:
        try:
            create_organization(server.database, slug, "Organization", domain=f"{slugs[0]}.EXAMPLE")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(claim, slugs)) == [False, False, False, True]
    made = [slug for slug in slugs if overview.organizations(server.database, slug=slug)]
    assert len(made) == 1, "whoever came too late has made nothing"
    with server.database.transaction("authn", None) as connection:
        ask = "select organization_by_domain(%s)::text"
        found = connection.execute(ask, (f"{slugs[0]}.example",)).fetchone()
    assert found == (overview.organization(server.database, made[0]).organization_id,)


# ---- as they are typed


def test_an_administrator_makes_plans_and_an_organization_that_has_one(server: Server, run: Run) -> None:
    slug = f"typed-{server.organization().slug}"
    code, told, _ = run("plan", "set", "typed", "--name", "Typed", "--people", "3", "--feature", "reports")
    assert (code, told) == (0, "typed  Typed; 3 active people, any devices, any sites, any open orders; reports\n")
    assert run("organization", "create", slug, "--name", "North", "--plan", "typed")[0] == 0
    assert f"{slug}  North; active; typed; 0 people" in run("organization", "list")[1]
    words = ("--from", "2026-03-01", "--until", "2026-03-31", "--due", "2026-04-15", "--amount", "99.90")
    assert run("invoice", "issue", "R-1", "--organization", slug, *words, "--currency", "EUR")[0] == 0
    listed = run("invoice", "list", "--organization", slug)[1]
    assert listed == "R-1  2026-03-01 to 2026-03-31; 99.9 EUR; issued, due 2026-04-15\n"
    assert run("invoice", "paid", "R-1", "--organization", slug, "--on", "2026-04-02")[0] == 0
    (found,) = json.loads(run("invoice", "list", "--organization", slug, "--json")[1])["invoices"]
    assert (found["state"], found["paid_on"]) == ("paid", "2026-04-02")


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "set", "Wrong Code", "--name", "Name"),
        ("plan", "set", "code", "--name", " "),
        ("plan", "set", "code", "--name", "Name", "--people", "-1"),
        ("plan", "set", "code", "--name", "Name", "--people", "many"),
        ("plan", "set", "code", "--name", "Name", "--feature", "Two words"),
        ("plan", "give", "no-such-plan", "--organization", "{slug}"),
        ("plan", "give", "no-such-plan", "--organization", "nowhere"),
        ("plan", "give", "no-such-plan", "--organization", "{slug}", "--on", "tomorrow"),
        ("organization", "create", "new-{slug}", "--name", "North", "--plan", "no-such-plan"),
        ("organization", "create", "{slug}", "--name", "North"),
        ("organization", "create", "New Slug", "--name", "North"),
        ("organization", "create", "new-{slug}", "--name", "North", "--domain", "no domain"),
        ("organization", "show", "nowhere"),
        ("organization", "resume", "nowhere"),
        ("organization", "export", "nowhere", "{slug}.tar.gz"),
        ("invoice", "paid", "R-1", "--organization", "{slug}", "--on", "2026-02-30"),
        ("invoice", "void", "R-1", "--organization", "{slug}"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_nothing_is_made(
    server: Server, run: Run, words: tuple[str, ...]
) -> None:
    slug = server.organization().slug
    before = state(server)
    code, told, said = run(*(word.format(slug=slug) for word in words))
    assert (code, told) == (2, "")
    assert said.count("\n") == 1
    assert "Traceback" not in said
    assert state(server) == before
    assert not Path(f"{slug}.tar.gz").exists()


def state(server: Server) -> list[Any]:
    with psycopg.connect(server.owner_url) as connection:
        return [
            connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1".encode()).fetchall()
            for table in ("organization", "organization_directory", "org_clock", *RECORDS)
        ]
