"""Rules of an organization, as they are made, listed and switched off: nothing that nobody could follow."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from sync_server.application.tenants import rules
from sync_server.contract.rules.automation import Condition
from sync_server.errors import Refused, RetryLater
from tests.support.command_line import Run, commands_of
from tests.support.own_rules import add, complete, state_of, tag
from tests.support.server_side import Scene, Server
from tests.support.waiting_locks import PATIENCE_S, await_a_waiting_lock


@pytest.fixture
def scene(server: Server) -> Scene:
    """An order that its technician has begun, and may complete without a signature."""
    return Scene.of(server, status="in_progress", requires_signature=False)


@pytest.mark.parametrize(
    ("name", "event", "action", "target", "conditions"),
    [
        ("", "order_completed", "add_tag", "Seen", ()),
        ("x" * 201, "order_completed", "add_tag", "Seen", ()),
        ("Rule", "order_completed", "set_priority", "high", ()),
        ("Rule", "order_created", "set_priority", "urgent", ()),
        ("Rule", "order_completed", "add_tag", "Unseen", ()),
        ("Rule", "order_completed", "add_tag", "Seen\0", ()),
        ("Rule", "order_completed", "make_order", "Nothing", ()),
        ("Rule", "order_completed", "add_tag", "Seen", (Condition("site_id", "one_of", ("NOWHERE",)),)),
        ("Rule", "order_completed", "add_tag", "Seen", (Condition("meter", "one_of", ("Pressure",)),)),
        ("Rule", "order_completed", "add_tag", "Seen", (Condition("type", "one_of", ("other",)),)),
    ],
)
def test_a_rule_that_nobody_could_follow_is_not_made(
    scene: Scene, name: str, event: str, action: str, target: str, conditions: tuple[Condition, ...]
) -> None:
    tag(scene.organization)
    with pytest.raises(Refused):
        add(scene.organization, name, event, action, target, *conditions)
    assert rules.rules(scene.organization.database, scene.organization.id) == []


def test_an_organization_has_no_more_rules_than_it_may(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = scene.organization
    monkeypatch.setattr(rules, "MOST_RULES", 2)
    tag(organization)
    for name in ("One", "Two"):
        add(organization, name, "order_completed", "add_tag", "Seen")
    with pytest.raises(Refused, match="at most 2"):
        add(organization, "Three", "order_completed", "add_tag", "Seen")
    with pytest.raises(Refused, match="on already"):
        add(organization, "Two", "order_completed", "add_tag", "Seen")
    rules.switch_off(organization.database, organization.id, "Two", because="Nobody wants it.")
    add(organization, "Two", "order_completed", "add_tag", "Seen")


def test_who_switches_a_rule_off_waits_for_a_commit_that_does_so_too(scene: Scene) -> None:
    """A push that has the clock and has written its lines, and now finds the rule broken."""
    organization = scene.organization
    tag(organization)
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    because = "It broke."
    with psycopg.connect(organization.server.owner_url) as commit, ThreadPoolExecutor(1) as threads:
        for table in ("org_clock", "activity_head"):
            asked = f"select from {table} where organization_id = %s for no key update"
            commit.execute(asked.encode(), (organization.id,))
        off = threads.submit(rules.switch_off, organization.database, organization.id, "Mark", because="Unwanted.")
        await_a_waiting_lock(organization)
        commit.execute(
            "update rule set off_at = clock_timestamp(), off_because = %s where organization_id = %s",
            (because, organization.id),
        )
        commit.commit()
        problem = off.exception(PATIENCE_S)
    assert isinstance(problem, Refused | RetryLater)
    assert not isinstance(problem.__cause__, psycopg.errors.DeadlockDetected)
    assert state_of(organization, "Mark") == because


def test_a_rule_that_is_off_does_nothing_and_what_it_did_stays(scene: Scene) -> None:
    organization = scene.organization
    tag(organization)
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    rules.switch_off(organization.database, organization.id, "Mark", because="Nobody wants it.")
    scene.field.push_one(complete(scene))
    assert organization.rows("entity_tag") == []
    with pytest.raises(Refused, match="is on"):
        rules.switch_off(organization.database, organization.id, "Mark", because="Nobody wants it.")


@pytest.mark.parametrize("column", ["name", "event", "conditions", "action", "tag_id"])
def test_who_serves_changes_no_rule_but_switches_it_off(server: Server, column: str) -> None:
    with psycopg.connect(server.owner_url) as connection:
        asked = "select has_column_privilege(%s, 'rule', %s, 'UPDATE')"
        roles = ("cmms_app_sync", "cmms_worker", "cmms_app_office", "cmms_authn", "cmms_readonly")
        assert [connection.execute(asked, (role, column)).fetchone() for role in roles] == [(False,)] * len(roles)


# ---- as they are typed


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def test_an_administrator_makes_lists_and_switches_off(scene: Scene, run: Run) -> None:
    slug = scene.organization.slug
    assert run("rule", "list", "--organization", slug)[1] == f"{slug} has no rules.\n"
    words = ("--on", "order-created", "--when", "type=emergency", "--when", f"site!={scene.site['code']}")
    said = run("rule", "add", "Hurry", "--organization", slug, *words, "--set-priority", "critical")
    assert said == (0, f"The rule Hurry of {slug} is on.\n", "")
    listed = run("rule", "list", "--organization", slug)[1]
    assert listed.startswith("Hurry  order_created when [")
    assert listed.endswith(": set_priority critical; on\n")
    assert run("rule", "off", "Hurry", "--organization", slug)[0] == 0
    assert run("rule", "list", "--organization", slug)[1].endswith("An administrator switched it off.\n")


@pytest.mark.parametrize(
    "words",
    [
        ("add", "Rule", "--organization", "{slug}", "--on", "order-completed"),
        ("add", "Rule", "--organization", "{slug}", "--on", "order-deleted", "--add-tag", "Seen"),
        ("add", "Rule", "--organization", "{slug}", "--on", "order-completed", "--add-tag", "Nothing"),
        ("add", "Rule", "--organization", "{slug}", "--on", "order-completed", "--set-priority", "high"),
        ("add", "Rule", "--organization", "{slug}", "--on", "order-created", "--set-priority", "high", "--when", "x"),
        ("add", "Rule", "--organization", "{slug}", "--on", "order-created", "--set-priority", "h", "--add-tag", "x"),
        ("add", "Rule", "--organization", "nowhere", "--on", "order-created", "--set-priority", "high"),
        ("off", "Rule", "--organization", "{slug}"),
        ("list", "--organization", "nowhere"),
    ],
)
def test_what_cannot_be_a_rule_is_said_in_one_sentence(scene: Scene, run: Run, words: tuple[str, ...]) -> None:
    organization = scene.organization
    code, said, wrong = run("rule", *(word.format(slug=organization.slug) for word in words))
    assert (code, said, wrong.count("\n")) == (2, "", 1)
    assert rules.rules(organization.database, organization.id) == []
