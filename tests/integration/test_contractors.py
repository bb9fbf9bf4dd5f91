"""Companies whose people work on orders: who belongs to them, what they have open, and what of it nobody insures."""

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync_server.application import contractors
from sync_server.application.office_lists import whole_office_reading
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from tests.support.command_line import commands_of
from tests.support.device_side import Client
from tests.support.scope_oracle import assert_index_is_right
from tests.support.server_side import NOW, Organization, Scene, Server, new_id

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ADDRESS = "/v1/office/contractors"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def put(organization: Organization, code: str, **values: Any) -> None:
    contractors.put_contractor(organization.database, organization.id, code, **{"name": f"Company {code}", **values})


def belongs(organization: Organization, code: str, **who: str) -> None:
    contractors.belongs(organization.database, organization.id, code, **who)


def told(organization: Organization) -> dict[str, tuple[int, int, int]]:
    """Code → people, open orders, and those of them that are later than the insurance, at all sites."""
    with whole_office_reading(organization.database, organization.id) as connection:
        found = contractors.told(connection, organization.id, now=AT)
    return {each.code: (each.people, each.open_orders, each.uninsured_orders) for each in found}


def read(client: Client) -> dict[str, int]:
    response = client.request("GET", ADDRESS)
    assert response.status_code == 200, response.text
    return {each["code"]: each["open_orders"] for each in response.json()}


def test_orders_of_its_people_and_of_its_teams_count_once(scene: Scene) -> None:
    there, site = scene.organization, scene.site
    one, other = (str(scene.technician["id"]), str(scene.supervisor["id"]))
    team = there.add("team", name="Lift crew", site_id=site["id"])
    member = there.add("team_member", aggregate_id=team["id"], team_id=team["id"], person_id=other)
    put(there, "C1", insured_until=AT.date())
    put(there, "C2")
    belongs(there, "C1", login=one)
    belongs(there, "C1", team="Lift crew")
    assert told(there) == {"C1": (2, 1, 0), "C2": (0, 0, 0)}
    both = there.order(site, scene.technician, scene.supervisor, due_at="2026-03-03T00:00:00.000000Z")
    there.add("work_order_assignment", aggregate_id=both["id"], work_order_id=both["id"], team_id=team["id"])
    assert told(there)["C1"] == (2, 2, 1)
    there.order(site, scene.supervisor, due_at="2026-01-01T00:00:00.000000Z")  # late already: it is done today at best
    assert told(there)["C1"] == (2, 3, 1)
    there.change("team_member", member["id"], deleted_at=NOW)
    assert told(there)["C1"] == (1, 2, 1), "the team has the second one still"
    there.change("work_order", both["id"], status="closed")
    assert told(there)["C1"] == (1, 1, 0)
    there.change("work_order", scene.order["id"], deleted_at=NOW)
    assert told(there)["C1"] == (1, 0, 0)


def test_what_is_open_after_the_last_insured_day_is_told(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    belongs(there, "C1", login=str(scene.technician["id"]))
    assert told(there)["C1"] == (1, 1, 0), "nobody said until when"
    put(there, "C1", name=None, insured_until=AT.date() - timedelta(days=1))
    assert told(there)["C1"] == (1, 1, 1)
    put(there, "C1", name="Renamed", insured_until=None)
    assert told(there)["C1"] == (1, 1, 1), "what is not said stays"


def test_each_belongs_to_one_company(scene: Scene) -> None:
    there, login = scene.organization, str(scene.technician["id"])
    for code in ("C1", "C2"):
        put(there, code)
    for _ in range(2):
        belongs(there, "C1", login=login)
    with pytest.raises(Refused, match="belongs to another contractor"):
        belongs(there, "C2", login=login)
    contractors.leaves(there.database, there.id, login=login)
    belongs(there, "C2", login=login)
    assert told(there) == {"C1": (0, 0, 0), "C2": (1, 1, 0)}


def test_of_two_companies_that_take_one_person_at_once_one_has_him(scene: Scene) -> None:
    there, login = scene.organization, str(scene.technician["id"])
    codes = [f"C{number}" for number in range(4)]
    for code in codes:
        put(there, code)

    def take(code: str) -> bool:
        try:
            belongs(there, code, login=login)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(take, codes)) == [False, False, False, True]


def test_the_office_sees_the_open_orders_of_its_sites_and_nobody_else_sees_a_company(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    belongs(there, "C1", login=str(scene.technician["id"]))
    there.order(there.site(), scene.technician)
    seen = {}
    for role in ("technician", "supervisor", "planner", "manager", "admin", "customer"):
        seen[role] = read(there.device(there.person(role, scene.site)))
    office, everywhere = {"C1": 1}, {"C1": 2}
    assert seen == {
        "technician": {},
        "customer": {},
        "supervisor": office,
        "planner": office,
        "manager": everywhere,
        "admin": everywhere,
    }


def test_a_company_and_its_people_are_of_one_organization(server: Server, scene: Scene) -> None:
    """Codes and logins of another one are nobody's, and free."""
    victim, attacker = scene.organization, Scene.of(server, is_synced=False).organization
    put(victim, "C1")
    put(attacker, "C1", name="Theirs")
    login = str(scene.technician["id"])
    sentences = set()
    for whose in (login, "nobody"):
        with pytest.raises(Refused) as refused:
            belongs(attacker, "C1", login=whose)
        sentences.add(refused.value.sentence.replace(whose, ""))
    assert len(sentences) == 1
    with pytest.raises(Refused, match="no contractor C2"):
        belongs(victim, "C2", login=login)
    assert read(attacker.device(attacker.person("admin"))) == {"C1": 0}


def test_an_administrator_keeps_companies(
    server: Server, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = commands_of(server, monkeypatch, capsys)

    def run(*words: str) -> tuple[int, str, str]:
        return typed("contractor", *words, "--organization", scene.organization.slug)

    login = str(scene.technician["id"])
    assert run("list") == (0, f"{scene.organization.slug} has no contractors.\n", "")
    assert run("set", "C1", "--name", "Lift repairs", "--insured-until", "2020-12-31")[0] == 0
    assert run("add", "C1", "--login", login)[1] == f"{login} belongs to C1.\n"
    line = "C1  Lift repairs: 1 people, 1 open orders; insured until 2020-12-31, 1 orders later than that\n"
    assert run("list")[1] == line
    (found,) = json.loads(run("list", "--json")[1])["contractors"]
    assert (found["insured_until"], found["uninsured_orders"]) == (date(2020, 12, 31).isoformat(), 1)
    assert run("drop", "--login", login)[0] == 0
    assert run("remove", "C1")[1] == "The contractor C1 gets no orders any more.\n"
    for wrong in (
        ("remove", "C1"),
        ("remove", "C9"),
        ("set", "C1", "--insured-until", "2030-01-01"),
        ("set", "C2"),
        ("set", " ", "--name", "N"),
        ("set", "C2", "--name", "N\x07"),
        ("set", "C1", "--insured-until", "soon"),
        ("add", "C9", "--login", login),
        ("add", "C1", "--team", "None"),
        ("add", "C1"),
        ("drop", "--login", "nobody"),
    ):
        code, out, said = run(*wrong)
        assert (code, out, said.count("\n")) == (2, "", 1), wrong


# ---- an order that a company has


def give(client: Client, order: Row, **whom: object) -> httpx.Response:
    return client.post(f"/v1/office/work-orders/{order['id']}/assignment", whom)


def known(organization: Organization, code: str) -> str:
    with whole_office_reading(organization.database, organization.id) as connection:
        return next(each.id for each in contractors.told(connection, organization.id, now=AT) if each.code == code)


def live(organization: Organization, order: Row) -> list[Row]:
    """Assignments of an order that count."""
    rows = organization.rows("work_order_assignment")
    return [row for row in rows if row["work_order_id"] == order["id"] and row["deleted_at"] is None]


def test_an_order_given_to_a_company_is_on_no_device_of_its_people_and_says_whose_it_is(scene: Scene) -> None:
    """Whoever comes for it is the company's business: none of its people holds the order because he belongs to it."""
    there = scene.organization
    put(there, "C1", insured_until=AT.date() - timedelta(days=1))
    belongs(there, "C1", login=str(scene.technician["id"]))
    scene.field.sync()
    assert scene.order["id"] in scene.field.mirror.of("work_order")
    scene.office.sync()
    assert give(scene.office, scene.order, contractor_id=known(there, "C1")).status_code == 200
    (row,) = live(there, scene.order)
    assert (row["person_id"], row["team_id"], row["contractor_name"]) == (None, None, "Company C1")
    assert scene.now()["status"] == "assigned"
    assert told(there)["C1"] == (1, 1, 1)
    scene.field.sync()
    assert scene.order["id"] not in scene.field.mirror.of("work_order")
    scene.office.sync()
    assert scene.office.mirror.of("work_order_assignment")[str(row["id"])] == row
    assert_index_is_right(there)
    put(there, "C1", name="Renamed")
    assert live(there, scene.order)[0]["contractor_name"] == "Company C1"
    assert give(scene.office, scene.order, person_id=scene.technician["id"]).status_code == 200
    assert told(there)["C1"] == (1, 1, 1), "he belongs to it, and has it himself now"


def test_a_new_order_given_to_a_company_is_assigned_and_new_again_when_nobody_has_it(scene: Scene) -> None:
    """D-199 counts a company like anybody: by the office's programs and by a supervisor's device, made and taken."""
    there = scene.organization
    put(there, "C1")
    order = there.order(scene.site)
    scene.office.sync()
    named = {"work_order_id": order["id"], "contractor_id": known(there, "C1")}
    made = scene.office.create("work_order_assignment", aggregate_id=order["id"], **named)
    assert scene.office.push_one(made)["status"] == "applied"
    (row,) = live(there, order)
    assert (row["contractor_name"], there.stands("work_order", order["id"])["status"]) == ("Company C1", "assigned")
    assert scene.office.push_one(scene.office.edit("work_order_assignment", row, contractor_id=None))["status"] in {
        "applied",
        "merged",
    }
    assert (live(there, order), there.stands("work_order", order["id"])["status"]) == ([], "new")


@pytest.mark.parametrize("whom", ["person_id", "team_id"])
def test_an_order_is_given_to_a_company_or_to_one_of_us_never_to_both(scene: Scene, whom: str) -> None:
    there = scene.organization
    put(there, "C1")
    team = there.add("team", name="Crew", site_id=scene.site["id"])
    before = live(there, scene.order)
    both = {
        whom: {"person_id": scene.supervisor["id"], "team_id": team["id"]}[whom],
        "contractor_id": known(there, "C1"),
    }
    assert give(scene.office, scene.order, **both).status_code == 422
    assert live(there, scene.order) == before


def test_a_company_of_another_organization_is_as_good_as_none(server: Server, scene: Scene) -> None:
    other = Scene.of(server, is_synced=False).organization
    put(other, "C1", name="Theirs")
    answers = [give(scene.office, scene.order, contractor_id=id_) for id_ in (known(other, "C1"), new_id())]
    assert [each.status_code for each in answers] == [409, 409]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert "Theirs" not in answers[0].text
    assert len(live(scene.organization, scene.order)) == 1


def test_who_may_only_ask_for_an_order_cannot_give_it_to_a_company(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    scene.field.sync()
    (own,) = live(there, scene.order)
    asked = scene.field.edit("work_order_assignment", own, person_id=None, contractor_id=known(there, "C1"))
    verdict = scene.field.push_one(asked)
    assert (verdict["status"], verdict["code"]) == ("rejected", "not_allowed"), verdict
    assert verdict["reason"] == "Only the office gives an order to a contractor."
    assert (live(there, scene.order), there.rows("conflict")) == ([own], [])
    named = {"work_order_id": scene.order["id"], "contractor_id": known(there, "C1"), "contractor_name": "Mine"}
    verdict = scene.office.push_one(
        scene.office.create("work_order_assignment", aggregate_id=scene.order["id"], **named)
    )
    assert (verdict["status"], verdict["code"]) == ("rejected", "invalid_value"), "its name is not what a device says"


# ---- a contractor that has ended


def ended(organization: Organization, code: str) -> int:
    return contractors.end(organization.database, organization.id, code)


def test_a_contractor_that_has_ended_gets_no_orders_and_is_told_as_long_as_it_has_some(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    ended_id = known(there, "C1")
    assert give(scene.office, scene.order, contractor_id=ended_id).status_code == 200
    assert ended(there, "C1") == 1
    (line,) = scene.office.request("GET", ADDRESS).json()
    assert (line["has_ended"], line["open_orders"]) == (True, 1)
    other = there.order(scene.site)
    refused = [give(scene.office, other, contractor_id=id_) for id_ in (ended_id, new_id())]
    assert [each.status_code for each in refused] == [409, 409]
    assert refused[0].json() == refused[1].json(), "it is answered like one that never was"
    scene.office.sync()
    named = {"work_order_id": other["id"], "contractor_id": ended_id}
    verdict = scene.office.push_one(scene.office.create("work_order_assignment", aggregate_id=other["id"], **named))
    assert (verdict["status"], verdict["code"]) == ("rejected", "conflicting_reference")
    assert live(there, other) == []
    (row,) = live(there, scene.order)
    assert row["contractor_name"] == "Company C1", "what it did says whose it was"
    there.change("work_order", scene.order["id"], status="closed")
    assert scene.office.request("GET", ADDRESS).json() == []


def test_one_that_may_not_have_an_order_stops_nothing_beside_it(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    ended_id, other = known(there, "C1"), there.order(scene.site)
    ended(there, "C1")
    scene.office.sync()
    named = {"work_order_id": other["id"], "contractor_id": ended_id}
    wrong = scene.office.create("work_order_assignment", aggregate_id=other["id"], **named)
    verdicts = scene.office.push(scene.office.comment(other, "Before"), wrong, scene.office.comment(other, "After"))
    assert [each["status"] for each in verdicts] == ["applied", "rejected", "applied"]


def test_the_code_and_the_people_of_a_contractor_that_has_ended_are_free(scene: Scene) -> None:
    there, login = scene.organization, str(scene.technician["id"])
    for code in ("C1", "C2"):
        put(there, code)
    belongs(there, "C1", login=login)
    first = known(there, "C1")
    assert ended(there, "C1") == 0, "orders of its people stay theirs"
    assert told(there) == {"C2": (0, 0, 0)}
    with pytest.raises(Refused, match="no contractor C1"):
        belongs(there, "C1", login=login)
    with pytest.raises(Refused, match="no contractor C1"):
        ended(there, "C1")
    belongs(there, "C2", login=login)
    with pytest.raises(Refused, match="Say first"):
        put(there, "C1", name=None, insured_until=AT.date())
    put(there, "C1")
    assert known(there, "C1") != first, "another one, under the same code"


def test_of_several_who_end_one_and_join_it_at_once_nobody_is_left_in_it(scene: Scene) -> None:
    there = scene.organization
    put(there, "C1")
    people = [str(there.person("technician", scene.site)["id"]) for _ in range(3)]
    for person in people:
        there.device(there.stands("person", person))  # gives him a login

    def act(login: str | None) -> None:
        with contextlib.suppress(Refused):
            if login is None:
                ended(there, "C1")
            else:
                belongs(there, "C1", login=login)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, [people[0], None, *people[1:]]))
    assert there.ask("select 1 from contractor_member where organization_id = %s", there.id) == []
    put(there, "C2")
    for person in people:
        belongs(there, "C2", login=person)
