"""What is counted of each site at night: right, of its age, and seen by nobody who may not see the site."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import level_id
from sync_server.routines import nightly
from sync_server.routines.metrics import count_metrics
from sync_server.storage.engine import SERVING_ROLES
from sync_server.storage.tables_dashboard import METRICS
from tests.support.command_line import commands_of
from tests.support.device_side import Client
from tests.support.server_side import NOW, Organization, Server, a_row, new_id

NIGHT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ADDRESS = "/v1/office/metrics"
NOTHING = dict.fromkeys(METRICS, 0)


def ago(**ago_: int) -> str:
    return instant_text(NIGHT - timedelta(**ago_))


def short_of_a_part(organization: Organization, site: Row, order: Row, *, status: str) -> None:
    """A part that was used although there was none, and a request for it."""
    part = organization.add("part", code=new_id(), name="Part")
    store = organization.add("stock_location", site_id=site["id"], kind="store", code="ST", name="Store")
    place = {"stock_location_id": store["id"], "part_id": part["id"]}
    level = level_id(str(store["id"]), str(part["id"]))
    used = a_row("stock_movement", aggregate_id=level, **place, kind="usage", quantity="-1", moved_at=NOW)
    below = a_row("stock_level", id=level, aggregate_id=level, **place, quantity="-1")
    request = {"aggregate_id": order["id"], "work_order_id": order["id"], **place, "quantity": "1", "status": status}
    organization.commit(
        [("stock_level", below), ("stock_movement", used), ("part_request", a_row("part_request", **request))]
    )


def busy_site(organization: Organization) -> Row:
    """A site of which everything can be counted, each number another one."""
    site = organization.site(code="BUSY")
    technician = organization.person("technician", site)
    overdue = {"due_at": ago(hours=1)}
    orders = [organization.order(site, technician, **overdue), organization.order(site, due_at=ago(hours=-1))]
    organization.order(site, technician, status="on_hold", **overdue)
    for _ in range(3):  # nobody is late with what is only to be signed off
        organization.order(site, technician, status="completed", **overdue)
    for days in (0, 29, 29, 29, 31):
        organization.order(site, technician, status="closed", closed_at=ago(days=days), **overdue)
    organization.order(site, status="cancelled", **overdue)
    gone = organization.order(site, **overdue)
    organization.change("work_order", gone["id"], deleted_at=NOW)
    for status in ("open", "ordered", "received", "cancelled"):
        short_of_a_part(organization, site, orders[0], status=status)
    short_of_a_part(organization, site, gone, status="open")
    return site


BUSY = {
    "open_orders": 6,
    "unassigned_orders": 1,
    "on_hold_orders": 1,
    "overdue_orders": 2,
    "orders_to_review": 3,
    "orders_closed_in_30_days": 4,
    "waiting_part_requests": 2,
    "levels_below_zero": 5,
}


def told(client: Client) -> dict[str, dict[str, Any]]:
    """Code of the site → what is told of it."""
    response = client.request("GET", ADDRESS)
    assert response.status_code == 200, response.text
    return {each["code"]: each for each in response.json()}


def numbers(client: Client) -> dict[str, dict[str, int]]:
    return {code: each["numbers"] for code, each in told(client).items()}


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


def test_every_number_of_every_site_is_counted_at_night(organization: Organization) -> None:
    busy_site(organization)
    organization.site(code="CALM")
    manager = organization.device(organization.person("manager"))
    assert numbers(manager) == {}, "nothing was counted yet"
    assert "metrics" in nightly.run_for(organization.database, organization.id, now=NIGHT)
    assert numbers(manager) == {"BUSY": BUSY, "CALM": NOTHING}


def test_a_number_says_how_old_it_is_and_the_next_night_counts_anew(organization: Organization) -> None:
    site = organization.site(code="SITE")
    order = organization.order(site)
    manager = organization.device(organization.person("manager"))
    before = datetime.now(UTC).replace(microsecond=0)
    count_metrics(organization.database, organization.id, at=before - timedelta(hours=3))
    first = told(manager)["SITE"]
    after = datetime.now(UTC)
    assert first["computed_at"] == instant_text(before - timedelta(hours=3))
    assert 3 * 3600 <= first["age_s"] <= 3 * 3600 + (after - before).total_seconds()
    assert (first["site_id"], first["numbers"]["open_orders"]) == (site["id"], 1)
    organization.change("work_order", order["id"], status="cancelled")
    assert numbers(manager)["SITE"]["open_orders"] == 1, "nobody counts for a reader"
    count_metrics(organization.database, organization.id, at=after)
    assert numbers(manager) == {"SITE": NOTHING}
    organization.change("site", site["id"], deleted_at=NOW)
    assert told(manager) == {}


def test_the_numbers_of_a_site_are_told_to_its_office_only(organization: Organization) -> None:
    """By the role that somebody has there: who plans one site and only works at another sees those of the first."""
    north, south = organization.site(code="NORTH"), organization.site(code="SOUTH")
    organization.order(south)
    count_metrics(organization.database, organization.id, at=NIGHT)
    seen = {}
    for role in ("technician", "supervisor", "planner", "manager", "admin", "customer"):
        seen[role] = sorted(told(organization.device(organization.person(role, south))))
    both = ["NORTH", "SOUTH"]
    office = {"supervisor": ["SOUTH"], "planner": ["SOUTH"], "manager": both, "admin": both}
    assert seen == {"technician": [], "customer": [], **office}
    two_roles = organization.person("technician", south)
    values = {"person_id": two_roles["id"], "site_id": north["id"], "role": "planner"}
    access = organization.add("site_access", aggregate_id=two_roles["id"], **values)
    client = organization.device(two_roles)
    assert sorted(told(client)) == ["NORTH"]
    organization.change("site_access", access["id"], deleted_at=NOW)
    assert told(client) == {}


def test_what_is_counted_of_another_organization_is_nothing(server: Server, organization: Organization) -> None:
    """One night for one of two: the other's rows are neither counted nor written nor told."""
    victim = server.organization()
    victim.order(victim.site(code="THEIRS"))
    count_metrics(victim.database, victim.id, at=NIGHT)
    kept = victim.ask("select m::text from dashboard_metrics_cache m where organization_id = %s order by 1", victim.id)
    organization.site(code="OURS")
    assert count_metrics(organization.database, organization.id, at=NIGHT) == {"numbers": len(METRICS)}
    assert numbers(organization.device(organization.person("admin"))) == {"OURS": NOTHING}
    assert kept == victim.ask(
        "select m::text from dashboard_metrics_cache m where organization_id = %s order by 1", victim.id
    )


# ---- attacks on the table itself


def acting(server: Server, role: str, here: str, sites: str) -> "psycopg.Connection[Any]":
    connection = psycopg.connect(server.owner_url)
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"cmms_{role}")))
    for name, value in (("organization_id", here), ("site_ids", sites)):
        connection.execute("SELECT set_config('app.' || %s, %s, true)", (name, value))
    return connection


def test_the_database_itself_shows_the_office_the_named_sites_only(server: Server, organization: Organization) -> None:
    north, south = (str(organization.site()["id"]) for _ in range(2))
    count_metrics(organization.database, organization.id, at=NIGHT)
    expected = {"": set(), north: {north}, f"{north},{south}": {north, south}, new_id(): set()}
    for sites, seen in expected.items():
        with acting(server, "app_office", organization.id, sites) as connection:
            found = connection.execute("select distinct site_id::text from dashboard_metrics_cache").fetchall()
            connection.rollback()
        assert {each for (each,) in found} == seen
    with acting(server, "app_office", server.organization().id, f"{north},{south}") as connection:
        assert connection.execute("select count(*) from dashboard_metrics_cache").fetchone() == (0,)
        connection.rollback()


def test_nobody_who_serves_writes_a_number_but_the_routines(server: Server, organization: Organization) -> None:
    site = str(organization.site()["id"])
    count_metrics(organization.database, organization.id, at=NIGHT)
    for role in SERVING_ROLES:
        for statement in ("UPDATE dashboard_metrics_cache SET value = 7", "DELETE FROM dashboard_metrics_cache"):
            if role == "worker" and statement.startswith("UPDATE"):
                continue
            with acting(server, role, organization.id, site) as connection:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
                connection.rollback()


def test_not_even_the_routines_write_for_another_organization(server: Server, organization: Organization) -> None:
    victim = server.organization()
    insert = "insert into dashboard_metrics_cache values (%s, %s, 'open_orders', 7, now())"
    with acting(server, "worker", organization.id, "") as connection:
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(insert, (victim.id, victim.site()["id"]))
        connection.rollback()
    with acting(server, "worker", organization.id, "") as connection:
        with pytest.raises(errors.ForeignKeyViolation):  # as if the site were nowhere
            connection.execute(insert, (organization.id, victim.site()["id"]))
        connection.rollback()


# ---- as it is typed


def test_an_administrator_counts_and_reads_the_numbers(
    server: Server, organization: Organization, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = commands_of(server, monkeypatch, capsys)

    slug = organization.slug
    assert run("metrics", "--organization", slug) == (0, "Nothing was counted yet.\n", "")
    organization.order(organization.site(code="S1"))
    code, out, _ = run("routine", "run", "metrics", "--organization", slug)
    assert (code, out) == (0, f"{organization.id}: {len(METRICS)} numbers of sites.\n")
    code, out, _ = run("metrics", "--organization", slug)
    assert code == 0
    assert out.startswith("S1, 0 hours ago: 1 open orders, 1 unassigned orders, 0 on hold orders")
    (found,) = json.loads(run("metrics", "--organization", slug, "--json")[1])["metrics"]
    assert found["numbers"] == {**NOTHING, "open_orders": 1, "unassigned_orders": 1}
    code, out, said = run("metrics", "--organization", "nowhere")
    assert (code, out, said) == (2, "", "There is no organization called nowhere.\n")
