"""The commands about planned maintenance, as they are typed."""

import json
from datetime import date

import pytest

from tests.support.command_line import Run, commands_of
from tests.support.server_side import Organization, Server

AT = "2126-03-02T09:00:00.000000Z"
"""A hundred years ahead: whatever the clock of this machine says, it is due by then."""


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


@pytest.fixture
def organization(server: Server) -> Organization:
    made = server.organization()
    site = made.site(code="S1")
    asset = made.add("asset", site_id=site["id"], code="PUMP-1", name="Pump")
    made.add("meter", aggregate_id=asset["id"], asset_id=asset["id"], name="Hours", unit="h", last_value="900.0000")
    made.add("work_order_template", name="Round", title="A round")
    return made


def test_the_office_plans_lists_pauses_runs_and_removes(organization: Organization, run: Run) -> None:
    named = ("--organization", organization.slug)
    what = (*named, "--template", "Round", "--site", "S1")
    assert run("schedule", "list", *named)[1] == f"{organization.slug} has no schedules.\n"
    rule = ("--rule", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", "--from", "2126-03-01", "--at", "06:30", "--lead", "14")
    code, told, complained = run("schedule", "add", "Yearly", *what, *rule)
    assert (code, told, complained) == (0, "Yearly is there: next 2126-03-01 06:30 (UTC).\n", "")
    meter = ("--asset", "PUMP-1", "--meter", "Hours", "--every", "250")
    assert run("schedule", "add", "Oil", *what, *meter)[:2] == (0, "Oil is there: next at 1150 h.\n")
    assert run("schedule", "list", *named)[1].splitlines() == [
        "Oil  Round, PUMP-1 at S1; every 250 h of Hours; next at 1150 h",
        "Yearly  Round, S1; FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1, 14 days ahead; next 2126-03-01 06:30 (UTC)",
    ]
    assert run("schedule", "pause", "Yearly", *named)[1] == "Yearly makes no orders until it is resumed.\n"
    assert run("schedule", "run", *named, "--at", AT)[1] == "Nothing is due.\n"
    assert "; paused" in run("schedule", "list", *named)[1]
    assert run("schedule", "resume", "Yearly", *named)[0] == 0
    answer = json.loads(run("schedule", "run", *named, "--at", AT, "--json")[1])
    (number,) = [row["number"] for row in organization.rows("work_order")]
    assert answer == {
        "organizations": {organization.id: [{"schedule": "Yearly", "numbers": [number], "held_back": None}]},
        "made": 1,
        "held_back": 0,
    }
    assert run("schedule", "remove", "Yearly", *named)[0] == 0
    (left,) = json.loads(run("schedule", "list", *named, "--json")[1])["schedules"]
    assert (left["name"], left["next_due_value"], left["rule"]) == ("Oil", "1150.0000", None)


def test_what_holds_one_back_is_told_by_run_and_by_list(organization: Organization, run: Run) -> None:
    named = ("--organization", organization.slug)
    today = ("--rule", "FREQ=DAILY", "--from", f"{date(2126, 3, 1)}")
    assert run("schedule", "add", "Daily", *named, "--template", "Round", "--site", "S1", *today)[0] == 0
    (template,) = organization.rows("work_order_template")
    organization.change("work_order_template", template["id"], is_active=False)
    why = "No orders are made of its template any more."
    assert run("schedule", "run", *named, "--at", AT)[:2] == (0, f"Daily: none. {why}\n")
    assert run("schedule", "list", *named)[1].endswith(f"; none made: {why}\n")
    code, told, _ = run("routine", "run", "schedules", *named, "--at", AT)
    assert (code, told) == (0, f"{organization.id}: 0 orders made, 1 schedules held back.\n")


RULE = ("--rule", "FREQ=DAILY")
METER = ("--asset", "PUMP-1", "--meter", "Hours", "--every", "250")


@pytest.mark.parametrize(
    "words",
    [
        ("add", "New"),
        ("add", "New", *RULE, *METER),
        ("add", "New", "--rule", "FREQ=HOURLY"),
        ("add", "New", "--rule", "every monday"),
        ("add", "New", *RULE, "--from", "tomorrow"),
        ("add", "New", *RULE, "--at", "25:00"),
        ("add", "New", *RULE, "--at", "8:00"),
        ("add", "New", *RULE, "--lead", "many"),
        ("add", "New", *RULE, "--lead", "1000"),
        ("add", "New", *RULE, "--every", "250"),
        ("add", "New", *RULE, "--asset", "PUMP-2"),
        ("add", "New", "--meter", "Hours", "--every", "250"),
        ("add", "New", "--asset", "PUMP-1", "--meter", "Hours"),
        ("add", "New", "--asset", "PUMP-1", "--meter", "Days", "--every", "1"),
        ("add", "New", *METER, "--lead", "1"),
        ("add", "New", *METER[:-1], "much"),
        ("add", "New", *METER[:-1], "NaN"),
        ("add", "New\x1b[2J", *RULE),
        ("add", " ", *RULE),
        ("pause", "Unknown"),
        ("resume", "Unknown"),
        ("remove", "Unknown"),
        ("run", "--at", "tomorrow"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(organization: Organization, run: Run, words: tuple[str, ...]) -> None:
    of_add = ("--template", "Round", "--site", "S1") if words[0] == "add" else ()
    code, told, said = run("schedule", *words, "--organization", organization.slug, *of_add)
    assert (code, told, said.count("\n")) == (2, "", 1)
    ask = "select count(*) from maintenance_schedule where organization_id = %s"
    assert organization.ask(ask, organization.id) == [(0,)]
