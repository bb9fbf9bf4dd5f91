"""Rules of an organization on a real server: done with the commit of what happened, once, and at nobody's expense."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from sync_server.application import following_rules, planning, rule_actions
from sync_server.application.rule_events import Event
from sync_server.application.tenants import rules
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.automation import Condition
from sync_server.contract.rules.draft import Key
from tests.support.device_side import Json, together
from tests.support.own_rules import add, complete, orders, state_of, tag, tags_of, template
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Organization, Scene, Server, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    """An order that its technician has begun, and may complete without a signature."""
    return Scene.of(server, status="in_progress", requires_signature=False)


# ---- what happens, and what is done


def test_a_completed_order_gets_a_tag_in_the_same_commit_and_its_device_sees_it(scene: Scene) -> None:
    organization = scene.organization
    seen = tag(organization)
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    before = organization.seq()
    assert scene.field.push_one(complete(scene))["status"] == "applied"
    assert organization.seq() == before + 1
    assert tags_of(organization, scene.order["id"]) == [seen["id"]]
    row_id = attached_id("entity_tag", str(scene.order["id"]), str(seen["id"]))
    assert ("entity_tag", row_id) in scene.field.sync().rows
    assert organization.stands("entity_tag", row_id)["created_by"] is None
    assert_index_is_right(organization)


def test_a_tag_that_was_taken_off_is_put_on_again_and_one_that_is_on_stays_as_it_is(scene: Scene) -> None:
    organization = scene.organization
    seen = tag(organization)
    row_id = attached_id("entity_tag", str(scene.order["id"]), str(seen["id"]))
    scene.inside("entity_tag", id=row_id, tag_id=seen["id"], deleted_at=NOW)
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    scene.field.push_one(complete(scene))
    first = organization.stands("entity_tag", row_id)
    assert first["deleted_at"] is None
    organization.change("work_order", scene.order["id"], status="in_progress", completed_at=None)
    scene.field.push_one(complete(scene))
    assert organization.stands("entity_tag", row_id) == first


def test_a_returned_order_becomes_urgent(scene: Scene) -> None:
    add(scene.organization, "Hurry", "order_returned", "set_priority", "critical")
    scene.field.push_one(complete(scene))
    assert scene.now()["priority"] == "medium"
    returned = scene.office.edit("work_order", scene.now(), status="in_progress", status_reason="The valve leaks.")
    assert scene.office.push_one(returned)["status"] == "applied"
    assert (scene.now()["status"], scene.now()["priority"]) == ("in_progress", "critical")


def test_what_the_office_does_counts_like_what_a_device_does(scene: Scene) -> None:
    add(scene.organization, "Hurry", "order_returned", "set_priority", "critical")
    scene.field.push_one(complete(scene))
    caller = scene.organization.caller(scene.office)
    changes = {"status": ("completed", "in_progress"), "status_reason": (None, "The valve leaks.")}
    planning.edit_order(scene.organization.database, caller, str(scene.order["id"]), changes, at=NOW)
    assert scene.now()["priority"] == "critical"


def test_a_new_order_is_judged_by_what_it_says(scene: Scene) -> None:
    organization = scene.organization
    add(organization, "Hurry", "order_created", "set_priority", "high", Condition("type", "one_of", ("emergency",)))
    made = {}
    for type_ in ("emergency", "repair"):
        values = {"number": new_id(), "title": type_, "site_id": scene.site["id"], "type": type_}
        mutation = scene.office.create("work_order", **values)
        assert scene.office.push_one(mutation)["status"] == "applied"
        made[type_] = organization.stands("work_order", mutation["id"])["priority"]
    assert made == {"emergency": "high", "repair": "medium"}


def test_what_was_made_and_completed_without_network_is_both_and_keeps_its_priority(scene: Scene) -> None:
    """It comes with one push, so with one commit; sent one by one, it would have been two events."""
    organization, office = scene.organization, scene.office
    seen = tag(organization)
    add(organization, "Hurry", "order_created", "set_priority", "critical")
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    values = {"number": new_id(), "title": "Done at once", "site_id": scene.site["id"], "requires_signature": False}
    made = office.create("work_order", **values)
    row = {"id": made["id"], "aggregate_id": made["id"], "version": 0}
    given = {"work_order_id": made["id"], "person_id": scene.supervisor["id"]}
    path = ("new", "assigned", "in_progress", "completed")
    steps = [office.edit("work_order", {**row, "status": was}, status=now) for was, now in pairwise(path)]
    assignment = office.create("work_order_assignment", aggregate_id=made["id"], **given)
    verdicts = office.push(made, assignment, *steps)
    assert {each["status"] for each in verdicts} == {"applied"}
    stands = organization.stands("work_order", made["id"])
    assert (stands["status"], stands["priority"], stands["version"]) == ("completed", "medium", 1)
    assert tags_of(organization, made["id"]) == [seen["id"]]


def test_conditions_about_a_place_are_said_by_its_code(server: Server, scene: Scene) -> None:
    organization = scene.organization
    seen, other = tag(organization), organization.site()
    here, there = (Condition("site_id", "one_of", (str(site["code"]),)) for site in (scene.site, other))
    add(organization, "There", "order_completed", "add_tag", "Seen", there)
    scene.field.push_one(complete(scene))
    assert tags_of(organization, scene.order["id"]) == []
    organization.change("work_order", scene.order["id"], status="in_progress", completed_at=None)
    add(organization, "Here", "order_completed", "add_tag", "Seen", here)
    scene.field.push_one(complete(scene))
    assert tags_of(organization, scene.order["id"]) == [seen["id"]]


def metered(scene: Scene) -> tuple[Row, Row]:
    organization = scene.organization
    asset = organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump")
    organization.change("work_order", scene.order["id"], asset_id=asset["id"])
    named = {"asset_id": str(asset["id"]), "aggregate_id": str(asset["id"])}
    return asset, organization.add("meter", name="Pressure", unit="bar", critical_at="8", **named)


def reading(scene: Scene, meter: Row, value: str) -> Json:
    pairs = {"value": [None, value]}
    return scene.field.mutation("meter.read", meter["id"], aggregate_id=meter["aggregate_id"], v=3, set=pairs)


def test_a_critical_reading_makes_one_order_at_its_asset_until_it_was_well_again(scene: Scene) -> None:
    organization = scene.organization
    asset, meter = metered(scene)
    template(organization)
    scene.field.sync()
    add(
        organization,
        "Alarm",
        "reading_critical",
        "make_order",
        "Follow-up",
        Condition("meter", "one_of", ("Pressure",)),
    )
    pushed = scene.field.push(*(reading(scene, meter, value) for value in ("3", "9", "10")))
    assert [verdict["status"] for verdict in pushed] == ["applied"] * 3
    (made,) = orders(organization)
    assert (made["asset_id"], made["site_id"], made["status"]) == (asset["id"], scene.site["id"], "new")
    assert [row["prompt"] for row in organization.rows("checklist_item") if row["aggregate_id"] == made["id"]] == [
        "Tight"
    ]
    scene.field.push_one(reading(scene, meter, "11"))  # still critical
    assert len(orders(organization)) == 1
    scene.field.push(*(reading(scene, meter, value) for value in ("4", "9")))
    assert len(orders(organization)) == 2
    scene.office.sync()
    assert ("work_order", str(made["id"])) in scene.office.mirror.rows
    assert_index_is_right(organization)


def test_the_asset_of_a_critical_meter_gets_a_tag(scene: Scene) -> None:
    asset, meter = metered(scene)
    seen = tag(scene.organization)
    scene.field.sync()
    add(scene.organization, "Mark", "reading_critical", "add_tag", "Seen")
    assert scene.field.push_one(reading(scene, meter, "9"))["status"] == "applied"
    assert tags_of(scene.organization, asset["id"]) == [seen["id"]]


# ---- exactly once, and never again


def test_invariant_2_what_is_sent_again_lets_nothing_happen_again(scene: Scene) -> None:
    template(scene.organization)
    add(scene.organization, "Again", "order_completed", "make_order", "Follow-up")
    sealed = scene.field.device.seal(complete(scene))
    answers = [scene.field.push_sealed(sealed).json()["verdicts"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(orders(scene.organization)) == 1


def test_an_order_that_a_rule_makes_lets_nothing_happen(scene: Scene) -> None:
    organization = scene.organization
    seen = tag(organization)
    template(organization)
    add(organization, "Double", "order_created", "make_order", "Follow-up")
    add(organization, "Mark", "order_created", "add_tag", "Seen")
    mutation = scene.office.create("work_order", number=new_id(), title="First", site_id=scene.site["id"])
    assert scene.office.push_one(mutation)["status"] == "applied"
    (made,) = orders(organization)
    assert tags_of(organization, made["id"]) == []
    assert tags_of(organization, mutation["id"]) == [seen["id"]]


def test_a_step_that_was_refused_lets_nothing_happen(scene: Scene) -> None:
    tag(scene.organization)
    add(scene.organization, "Mark", "order_completed", "add_tag", "Seen")
    wrong = scene.field.create("comment", aggregate_id=scene.order["id"], work_order_id=scene.order["id"])
    verdicts = scene.field.push(*together(complete(scene), wrong))
    assert [verdict["status"] for verdict in verdicts] == ["rejected", "rejected"]
    assert tags_of(scene.organization, scene.order["id"]) == []


def test_invariant_28_a_rule_acts_in_its_own_organization_only(server: Server, scene: Scene) -> None:
    other = Scene.of(server, status="in_progress", requires_signature=False)
    tag(other.organization)
    add(other.organization, "Mark", "order_completed", "add_tag", "Seen")
    scene.field.push_one(complete(scene))
    assert scene.organization.rows("entity_tag") == other.organization.rows("entity_tag") == []
    assert rules.rules(server.database, scene.organization.id) == []


# ---- a rule that does not work costs nobody anything


def told(organization: Organization) -> list[str]:
    query = "select body::json -> 'new' ->> 'off_because' from activity_log where organization_id = %s"
    found = organization.ask(f"{query} and body like '%%rule.switched_off%%' order by seq", organization.id)
    return [because for (because,) in found]


def break_template(organization: Organization) -> None:
    organization.change("work_order_template", organization.rows("work_order_template")[0]["id"], is_active=False)


def break_tag(organization: Organization) -> None:
    organization.change("tag", organization.rows("tag")[0]["id"], deleted_at=NOW)


def break_conditions(organization: Organization) -> None:
    organization.ask("update rule set conditions = '[{\"field\":' where organization_id = %s", organization.id)


def break_checklist(organization: Organization) -> None:
    unreadable = organization.add("checklist_template", code=new_id(), name="Unreadable", items="nonsense")
    named = organization.rows("work_order_template")[0]["id"]
    organization.change("work_order_template", named, checklist_template_id=unreadable["id"])


@pytest.mark.expects_warnings
@pytest.mark.parametrize("broken", [break_template, break_tag, break_conditions, break_checklist])
def test_a_rule_that_cannot_be_followed_is_switched_off_and_nobodys_work_is_refused(
    scene: Scene, broken: Callable[[Organization], None]
) -> None:
    organization = scene.organization
    tag(organization)
    template(organization)
    if broken is break_tag:
        add(organization, "Broken", "order_completed", "add_tag", "Seen")
    else:
        add(organization, "Broken", "order_completed", "make_order", "Follow-up")
    broken(organization)
    assert scene.field.push_one(complete(scene))["status"] == "applied"
    assert scene.now()["status"] == "completed"
    assert orders(organization) == organization.rows("entity_tag") == []
    because = state_of(organization, "Broken")
    assert because is not None
    assert because.endswith(".")
    assert told(organization) == [because]


@pytest.mark.expects_warnings
def test_one_rule_that_cannot_be_followed_keeps_no_other_from_acting(scene: Scene) -> None:
    organization = scene.organization
    seen = tag(organization)
    template(organization)
    add(organization, "Broken", "order_completed", "make_order", "Follow-up")
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    break_template(organization)
    scene.field.push_one(complete(scene))
    assert tags_of(organization, scene.order["id"]) == [seen["id"]]
    assert (state_of(organization, "Broken") is None, state_of(organization, "Mark")) == (False, None)


@pytest.mark.expects_warnings
def test_invariant_1_what_the_database_will_not_take_of_a_rule_is_taken_back_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again and again, until every statement is prepared: what failed within a unit spoils no later one."""
    organization = scene.organization
    seen = tag(organization)
    rows_of_action = rule_actions.rows_of_action

    def spoiled(*asked: Any) -> dict[Key, Row]:
        found = rows_of_action(*asked)
        return {key: {**row, "tag_id": new_id()} for key, row in found.items()}

    monkeypatch.setattr(following_rules, "rows_of_action", spoiled)
    for number in range(6):
        add(organization, f"Mark {number}", "order_completed", "add_tag", "Seen")
        assert scene.field.push_one(complete(scene))["status"] == "applied"
        assert state_of(organization, f"Mark {number}") == following_rules.NOT_STORED
        assert organization.rows("entity_tag") == []
        organization.change("work_order", scene.order["id"], status="in_progress", completed_at=None)
    monkeypatch.undo()
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    scene.field.push_one(complete(scene))
    assert tags_of(organization, scene.order["id"]) == [seen["id"]]
    assert_index_is_right(organization)


@pytest.mark.expects_warnings
@pytest.mark.parametrize("fault", [KeyError("tag"), ZeroDivisionError(), psycopg.errors.DivisionByZero("x")])
def test_a_mistake_of_ours_in_one_rule_costs_neither_the_work_nor_another_rule(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    organization = scene.organization
    seen, other = tag(organization), tag(organization, "Other")
    add(organization, "Mistaken", "order_completed", "add_tag", "Other")
    add(organization, "Mark", "order_completed", "add_tag", "Seen")
    rows_of_action = rule_actions.rows_of_action

    def mistaken(work: UnitOfWork, rule: rules.OwnRule, event: Event) -> dict[Key, Row]:
        if rule.tag_id != other["id"]:
            return rows_of_action(work, rule, event)
        if isinstance(fault, psycopg.Error):
            work.connection.execute("select 1 / 0")
        raise fault

    monkeypatch.setattr(following_rules, "rows_of_action", mistaken)
    assert scene.field.push_one(complete(scene))["status"] == "applied"
    assert tags_of(organization, scene.order["id"]) == [seen["id"]]
    assert state_of(organization, "Mark") is None
    assert state_of(organization, "Mistaken") in {following_rules.NOT_FOLLOWED, following_rules.NOT_STORED}
    assert_index_is_right(organization)


@pytest.mark.expects_warnings
def test_a_rule_that_runs_wild_is_stopped_before_it_does_anything(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = scene.organization
    monkeypatch.setattr(following_rules, "MOST_AT_ONCE", 2)
    template(organization)
    add(organization, "Wild", "order_created", "make_order", "Follow-up")
    new = [
        scene.office.create("work_order", number=new_id(), title="One of three", site_id=scene.site["id"])
        for _ in range(3)
    ]
    assert [verdict["status"] for verdict in scene.office.push(*new)] == ["applied"] * 3
    assert len(orders(organization, "One of three")) == 3
    assert orders(organization) == []
    assert "3 records at once" in str(state_of(organization, "Wild"))


def test_work_that_is_refused_for_itself_is_refused_with_rules_as_without(scene: Scene) -> None:
    organization = scene.organization
    tag(organization)
    add(organization, "Mark", "order_created", "add_tag", "Seen")
    wrong = scene.office.create(
        "work_order", number=new_id(), title="Nowhere", site_id=scene.site["id"], asset_id=new_id()
    )
    verdict = scene.office.push_one(wrong)
    assert (verdict["status"], verdict["code"]) == ("rejected", "conflicting_reference")
    assert state_of(organization, "Mark") is None


# ---- what it costs who has none


def test_an_edit_asks_nothing_about_rules_and_a_completed_order_one_index(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    live = following_rules.own_rules.live

    def noted(*given: Any) -> Any:
        asked.append("rules")
        return live(*given)

    monkeypatch.setattr(following_rules.own_rules, "live", noted)
    scene.field.push_one(scene.field.edit("work_order", scene.now(), title="Another"))
    scene.field.push_one(scene.field.comment(scene.now()))
    assert asked == []
    scene.field.push_one(complete(scene))
    assert asked == ["rules"]
