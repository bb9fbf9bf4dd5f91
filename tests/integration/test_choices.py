"""What an organization chooses for itself: domains that find it, when its night is, how long orders stay on devices."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from sync_server.application.tenants import choices, overview
from sync_server.application.tenants.choices import Choices
from sync_server.contract.column_types import instant_text
from sync_server.errors import Refused
from sync_server.routines.nightly import ROUTINES, run_due
from sync_server.routines.windows import end_windows
from tests.support.command_line import Run, commands_of
from tests.support.server_side import PASSWORD, Organization, Scene, Server

CLOSED_AT = datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


def add(organization: Organization, domain: str, *, is_verified: bool = True, is_primary: bool = False) -> str:
    given = {"is_verified": is_verified, "is_primary": is_primary}
    return choices.add_domain(organization.database, organization.id, domain, **given)


def names(organization: Organization) -> list[tuple[str, bool, bool]]:
    """Domain, whether it leads, whether it is known."""
    found = choices.domains(organization.database, organization.id)
    return [(each.domain, each.is_primary, each.verified_at is not None) for each in found]


# ---- domains


def test_people_sign_in_by_any_domain_that_is_known_to_be_their_organizations(server: Server) -> None:
    scene = Scene.of(server)
    organization, client = scene.organization, scene.field
    slug = organization.slug

    def signs_in(name: str) -> int:
        identity = {"id": client.device.id, "public_key": client.device.public_key, "name": "Tablet"}
        body = {"organization": name, "login": client.login, "password": PASSWORD, "device": identity}
        body["device"] = {**identity, "app_version": "1"}
        return client.http.post(f"{client.url}/v1/sign-in", json=body).status_code

    add(organization, f"one.{slug}.example")
    add(organization, f"two.{slug}.example")
    add(organization, f"three.{slug}.example", is_verified=False)
    assert [signs_in(name) for name in (slug, f"one.{slug}.example", f"TWO.{slug}.example")] == [200, 200, 200]
    assert signs_in(f"three.{slug}.example") == signs_in("nobody.example") == 401
    add(organization, f"three.{slug}.example")
    assert signs_in(f"three.{slug}.example") == 200
    choices.remove_domain(organization.database, organization.id, f"one.{slug}.example")
    assert signs_in(f"one.{slug}.example") == 401


def test_a_domain_of_another_organization_is_refused_without_a_word_about_it(server: Server) -> None:
    first, second = server.organization(), server.organization()
    domain = f"{first.slug}.example"
    add(second, domain, is_verified=False)  # a claim keeps nobody from anything
    add(first, domain)
    before = names(second)
    with pytest.raises(Refused) as refused:
        add(second, domain)
    assert refused.value.sentence == f"The domain {domain} cannot be added."
    assert names(second) == before == [(domain, True, False)]
    choices.remove_domain(first.database, first.id, domain)
    add(second, domain)
    assert names(second) == [(domain, True, True)]


def test_of_several_that_want_one_domain_at_once_one_has_it(server: Server) -> None:
    organizations = [server.organization() for _ in range(4)]
    domain = f"{organizations[0].slug}.example"

    def wins(each: Organization) -> bool:
        try:
            add(each, domain)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(wins, organizations)) == [False, False, False, True]
    assert sum(names(each) == [(domain, True, True)] for each in organizations) == 1


def test_whatever_comes_and_goes_one_domain_leads(organization: Organization) -> None:
    claimed, one, two = (f"{name}.{organization.slug}.example" for name in ("a", "b", "c"))
    add(organization, claimed, is_verified=False)
    add(organization, one)
    add(organization, two)
    assert [each for each, leads, _ in names(organization) if leads] == [claimed]
    add(organization, two, is_primary=True)
    assert [each for each, leads, _ in names(organization) if leads] == [two]
    assert overview.organization(organization.database, organization.slug).domain == two
    choices.remove_domain(organization.database, organization.id, two)
    assert names(organization) == [(one, True, True), (claimed, False, False)]  # a claim does not lead before it
    choices.remove_domain(organization.database, organization.id, one)
    choices.remove_domain(organization.database, organization.id, claimed)
    assert names(organization) == []
    with pytest.raises(Refused, match="no domain"):
        choices.remove_domain(organization.database, organization.id, claimed)


def test_an_organization_has_no_more_domains_than_it_may(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "MOST_DOMAINS", 2)
    kept = [add(organization, f"{number}.{organization.slug}.example") for number in range(2)]
    with pytest.raises(Refused, match="at most 2"):
        add(organization, f"2.{organization.slug}.example")
    add(organization, kept[1], is_primary=True)
    assert names(organization)[0][0] == kept[1]


@pytest.mark.parametrize(
    "domain",
    ["", "north", "a..b", "-a.example", "a b.example", "a.example\0", "ä.example", f"{'x' * 64}.example", "x." * 130],
)
def test_what_is_no_domain_is_not_kept(organization: Organization, domain: str) -> None:
    with pytest.raises(Refused, match="written like"):
        add(organization, domain)
    assert names(organization) == []


# ---- time and windows


def test_a_night_begins_when_it_is_night_there(server: Server) -> None:
    here, there = server.organization(), server.organization()
    choices.choose(there.database, there.id, Choices(time_zone="Pacific/Auckland"))  # thirteen hours ahead in March

    def ran(now: datetime) -> list[bool]:
        due = run_due(server.database, now=now)
        return [[name for of, name in due if of == each.id] == list(ROUTINES) for each in (here, there)]

    assert ran(datetime(2026, 3, 2, 1, 30, tzinfo=UTC)) == [True, True]
    assert ran(datetime(2026, 3, 2, 11, 30, tzinfo=UTC)) == [False, False]  # half past midnight there
    assert ran(datetime(2026, 3, 2, 12, 30, tzinfo=UTC)) == [False, True]
    assert ran(datetime(2026, 3, 3, 1, 30, tzinfo=UTC)) == [True, False]


def test_a_time_that_this_machine_does_not_know_stops_no_night(organization: Organization) -> None:
    organization.ask("update organization set time_zone = 'Nowhere/Unknown' where id = %s", organization.id)
    due = run_due(organization.database, now=datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert [name for of, name in due if of == organization.id] == list(ROUTINES)


def test_orders_stay_on_devices_for_as_long_as_their_organization_wants(server: Server) -> None:
    short, usual = Scene.of(server), Scene.of(server)
    choices.choose(server.database, short.organization.id, Choices(days_with_people=3, days_in_review=5))
    moment = instant_text(CLOSED_AT)

    def night(scene: Scene, days: float) -> int:
        return end_windows(server.database, scene.organization.id, at=CLOSED_AT + timedelta(days=days))

    for scene in (short, usual):
        changes = {"status": "closed", "closed_at": moment, "updated_at": moment}
        scene.organization.change("work_order", scene.order["id"], **changes)
    assert (night(short, 2.99), night(usual, 2.99)) == (0, 0)
    assert (night(short, 3), night(usual, 13.99)) == (1, 0)
    assert (night(short, 4.99), night(usual, 14)) == (0, 1)
    assert night(short, 5) == 1


def test_what_is_chosen_is_told_in_the_activity_log_once(organization: Organization) -> None:
    for _ in range(2):
        choices.choose(organization.database, organization.id, Choices(time_zone="Europe/Berlin"))
    asked = "select body::json ->> 'old', body::json ->> 'new' from activity_log where organization_id = %s"
    told = organization.ask(f"{asked} and body like '%%organization.chose%%'", organization.id)
    assert told == [('{"time_zone":"UTC"}', '{"time_zone":"Europe/Berlin"}')]


# ---- as they are typed


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_an_administrator_keeps_domains_and_choices(organization: Organization, run: Run) -> None:
    slug = organization.slug
    assert run("organization", "domain", "list", slug)[1] == f"{slug} has no mail domain.\n"
    assert run("organization", "domain", "add", slug, f"{slug}.example")[0] == 0
    assert run("organization", "domain", "add", slug, f"b.{slug}.example", "--unverified")[0] == 0
    first, second = run("organization", "domain", "list", slug)[1].splitlines()
    assert first.startswith(f"{slug}.example  primary; verified 20")
    assert second == f"b.{slug}.example  claimed only"
    assert run("organization", "domain", "remove", slug, f"b.{slug}.example")[0] == 0
    assert run("organization", "set", slug, "--time-zone", "Europe/Berlin", "--days-with-people", "7")[0] == 0
    shown = run("organization", "show", slug)[1]
    assert f"Its mail domain is {slug}.example." in shown
    assert "Its night is that of Europe/Berlin; orders that ended leave their people after 7 days" in shown


@pytest.mark.parametrize(
    "words",
    [
        ("set", "{slug}"),
        ("set", "{slug}", "--time-zone", "Europe/Nowhere"),
        ("set", "{slug}", "--time-zone", "../../etc/passwd"),
        ("set", "{slug}", "--days-with-people", "0"),
        ("set", "{slug}", "--days-with-people", "91", "--days-in-review", "91"),
        ("set", "{slug}", "--days-in-review", "13"),
        ("set", "{slug}", "--days-in-review", "366"),
        ("set", "{slug}", "--days-in-review", "-1"),
        ("set", "nowhere", "--time-zone", "UTC"),
        ("domain", "add", "{slug}", "no domain"),
        ("domain", "add", "nowhere", "north.example"),
        ("domain", "remove", "{slug}", "north.example"),
        ("domain", "list", "nowhere"),
        ("domain",),
    ],
)
def test_what_cannot_be_chosen_is_said_in_one_sentence(
    server: Server, organization: Organization, run: Run, words: tuple[str, ...]
) -> None:
    asked = "SELECT t::text FROM {} AS t ORDER BY 1"

    def stored() -> list[object]:
        with psycopg.connect(server.owner_url) as connection:
            tables = ("organization", "organization_domain")
            return [connection.execute(asked.format(table).encode()).fetchall() for table in tables]

    before = stored()
    code, told, said = run("organization", *(word.format(slug=organization.slug) for word in words))
    assert (code, told, said.count("\n")) == (2, "", 1)
    assert "Traceback" not in said
    assert stored() == before
