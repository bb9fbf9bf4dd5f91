"""What models expect of assets: taken over whole or not at all, never changed, and read by the office of the site."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from sync_server.application.imports import predictions
from sync_server.application.imports.predictions import COLUMNS, Taken, import_predictions
from sync_server.errors import Refused
from sync_server.storage.engine import SERVING_ROLES
from tests.support.command_line import commands_of
from tests.support.device_side import Client
from tests.support.server_side import NOW, Organization, Server, new_id

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROW = {
    "site": "S1",
    "asset": "P1",
    "kind": "failure",
    "expected_from": "2099-03-01",
    "expected_until": "2099-04-01",
    "probability": "0.35",
    "model": "vibration",
    "model_version": "2.1",
    "made_at": "2026-03-01T07:00:00+01:00",
}
Write = Callable[..., Path]


@pytest.fixture
def organization(server: Server) -> Organization:
    """One with a pump at a site, and another one elsewhere."""
    organization = server.organization()
    for site, asset in (("S1", "P1"), ("S2", "P2")):
        place = organization.site(code=site)
        organization.add("asset", site_id=place["id"], code=asset, name=f"Pump {asset}")
    return organization


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*changes: dict[str, str]) -> Path:
        path = tmp_path / "expected.csv"
        lines = [",".join(({**ROW, **each})[name] for name in COLUMNS) for each in changes]
        path.write_text("\n".join((",".join(COLUMNS), *lines)) + "\n", encoding="utf-8")
        return path

    return write


def take(organization: Organization, path: Path) -> Taken:
    return import_predictions(organization.database, organization.id, path, now=AT)


def kept(organization: Organization) -> list[tuple[Any, ...]]:
    return organization.ask("select p::text from prediction p where organization_id = %s order by 1", organization.id)


def told(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = client.request("GET", f"/v1/office/predictions{query}")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def test_the_office_reads_what_is_ahead_as_each_model_said_it_last(organization: Organization, write: Write) -> None:
    later = {"made_at": "2026-03-01T12:00:00Z"}
    over = {"expected_from": "2020-01-01", "expected_until": "2020-02-01"}
    rows = (
        {},
        {**later, "probability": "0.9"},
        {"model": "heat", "probability": "1"},
        {"kind": "service", "probability": ".5"},
        {"kind": "limit"},
        {"kind": "limit", **later, **over},  # the model has taken it back
        {"site": "S2", "asset": "P2", "probability": "0"},
    )
    assert take(organization, write(*rows)) == Taken(new=7, known=0)
    manager = organization.device(organization.person("manager"))
    found = told(manager)
    assert [(each["code"], each["kind"], each["model_name"], each["probability"]) for each in found] == [
        ("P1", "failure", "heat", 1.0),
        ("P1", "failure", "vibration", 0.9),
        ("P1", "service", "vibration", 0.5),
        ("P2", "failure", "vibration", 0.0),
    ]
    assert (found[1]["expected_from"], found[1]["expected_until"]) == ("2099-03-01", "2099-04-01")
    assert (found[1]["name"], found[1]["model_version"]) == ("Pump P1", "2.1")
    assert [each["made_at"] for each in told(manager, f"?asset_id={found[0]['asset_id']}")] == [
        *["2026-03-01T12:00:00.000000Z"] * 2,
        *["2026-03-01T06:00:00.000000Z"] * 4,
    ]
    assert len(told(manager, "?limit=2")) == 2
    assert told(manager, "?asset_id=x%27%20or%201=1") == told(manager, f"?asset_id={new_id()}") == []
    organization.change("asset", found[0]["asset_id"], deleted_at=NOW)
    assert [each["code"] for each in told(manager)] == ["P2"]


def test_what_is_expected_is_told_to_the_office_of_the_site_only(organization: Organization, write: Write) -> None:
    take(organization, write({}, {"site": "S2", "asset": "P2"}))
    (north,) = [row for row in organization.rows("site") if row["code"] == "S1"]
    seen = {}
    for role in ("technician", "supervisor", "planner", "manager", "admin", "customer"):
        found = told(organization.device(organization.person(role, north)))
        seen[role] = sorted(each["code"] for each in found)
    office, everywhere = ["P1"], ["P1", "P2"]
    assert seen == {
        "technician": [],
        "supervisor": office,
        "planner": office,
        "manager": everywhere,
        "admin": everywhere,
        "customer": [],
    }
    planner = organization.device(organization.person("planner", north))
    (elsewhere,) = [row["id"] for row in organization.rows("asset") if row["code"] == "P2"]
    assert told(planner, f"?asset_id={elsewhere}") == []


def test_a_file_that_comes_again_changes_nothing(organization: Organization, write: Write) -> None:
    path = write({}, {"kind": "service"})
    assert take(organization, path) == Taken(new=2, known=0)
    before = kept(organization)
    assert take(organization, path) == Taken(new=0, known=2)
    assert take(organization, write({"made_at": "2026-03-01T06:00:00Z"}, {"kind": "limit"})) == Taken(new=1, known=1)
    assert set(before) < set(kept(organization))


def test_a_file_that_two_take_over_at_once_is_there_once(organization: Organization, write: Write) -> None:
    path = write(*({"model": f"model {number}"} for number in range(200)))
    with ThreadPoolExecutor(3) as threads:
        taken = list(threads.map(lambda _: take(organization, path), range(3)))
    assert sum(each.new for each in taken) == len(kept(organization)) == 200
    assert {each.new + each.known for each in taken} == {200}


def test_a_model_says_one_thing_at_one_instant(organization: Organization, write: Write) -> None:
    take(organization, write({}))
    before = kept(organization)
    for change in ({"probability": "0.36"}, {"expected_until": "2099-04-02"}):
        with pytest.raises(Refused, match="Row 3: this model has said something else at that instant"):
            take(organization, write({"kind": "limit"}, change))
        with pytest.raises(Refused, match="Row 3: another row has this model say something else"):
            take(organization, write({"kind": "limit"}, {**change, "kind": "limit"}))
    assert kept(organization) == before, "a file with a wrong row writes none of its rows"
    assert take(organization, write({"kind": "limit"}, {"kind": "limit"})) == Taken(new=1, known=0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"asset": "P2"}, "there is no asset P2 at S1"),
        ({"asset": "GONE"}, "there is no asset GONE at S1"),
        ({"site": ""}, "there is no asset P1 at"),
        ({"kind": "doom"}, "the kind is one of failure, service, limit"),
        *(
            ({"probability": text}, "a number from 0 to 1")
            for text in ("1.01", "-0.1", "nan", "35%", "1e-3", "", "٠.٥")
        ),
        *(({"expected_from": text}, "a day is written") for text in ("2026-02-30", "01.03.2026", "20260301", "")),
        ({"expected_until": "2099-02-28"}, "until a day before"),
        ({"model": ""}, "model has 1 to 100 characters"),
        ({"model_version": "v" * 101}, "model_version has 1 to 100 characters"),
        *(({"made_at": text}, "the instant is written") for text in ("2026-03-01T06:00:00", "yesterday", "")),
        ({"made_at": "2026-03-02T09:30:00Z"}, "made in the future"),
        *(({"made_at": text}, "the instant is written") for text in ("0001-01-01T00:00:00+14:00",)),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_number_and_writes_nothing(
    organization: Organization, write: Write, change: dict[str, str], why: str
) -> None:
    gone = organization.add("asset", site_id=organization.rows("site")[0]["id"], code="GONE", name="Gone")
    organization.change("asset", gone["id"], deleted_at=NOW)
    with pytest.raises(Refused, match=f": Row 3: .*{why}"):
        take(organization, write({}, change))
    assert kept(organization) == []


def test_an_asset_of_another_organization_is_nobodys(server: Server, organization: Organization, write: Write) -> None:
    attacker = server.organization()
    attacker.site(code="S1")
    sentences = []
    for asset in ("P1", "P9"):
        with pytest.raises(Refused) as refused:
            take(attacker, write({"asset": asset}))
        sentences.append(refused.value.sentence.replace(asset, "P"))
    assert len(set(sentences)) == 1
    take(organization, write({}))
    assert kept(attacker) == []
    assert told(attacker.device(attacker.person("admin"))) == []


# ---- attacks on the table itself


def test_nobody_who_serves_changes_or_removes_what_was_said(
    server: Server, organization: Organization, write: Write
) -> None:
    take(organization, write({}))
    before = kept(organization)
    for role in SERVING_ROLES:
        for statement in ("UPDATE prediction SET probability = 0", "DELETE FROM prediction", "TRUNCATE prediction"):
            with psycopg.connect(server.owner_url) as connection:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"cmms_{role}")))
                connection.execute("SELECT set_config('app.organization_id', %s, true)", (organization.id,))
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
                connection.rollback()
    assert kept(organization) == before


@pytest.mark.parametrize(
    "value", ["probability = 1.000001", "probability = -0.1", "probability = 'NaN'", "expected_until = '2099-02-01'"]
)
def test_the_database_takes_no_probability_that_is_none(
    server: Server, organization: Organization, write: Write, value: str
) -> None:
    take(organization, write({}))
    with psycopg.connect(server.owner_url) as connection:
        with pytest.raises(errors.CheckViolation):
            connection.execute(f"UPDATE prediction SET {value} WHERE organization_id = %s".encode(), (organization.id,))
        connection.rollback()


# ---- as it is typed


def test_an_administrator_takes_a_file_over(
    server: Server,
    organization: Organization,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed = commands_of(server, monkeypatch, capsys)

    def run(*words: str) -> tuple[int, str, str]:
        return typed(*words, "--organization", organization.slug)

    assert run("prediction", "list") == (0, "Nothing is expected.\n", "")
    path = str(write({}))
    assert run("prediction", "import", path) == (0, "1 are new, 0 were there already.\n", "")
    said = "35%  P1  Pump P1: failure, 2099-03-01 to 2099-04-01 (vibration 2.1)\n"
    assert run("prediction", "list") == (0, said, "")
    assert [each["code"] for each in json.loads(run("prediction", "list", "--json")[1])["predictions"]] == ["P1"]
    logged = "select body::json ->> 'act', body::json -> 'new' ->> 'new' from activity_log where organization_id = %s"
    assert ("predictions.imported", "1") in organization.ask(logged, organization.id)
    wrong = write({"probability": "2"}, {"probability": "3"})
    code, out, said = run("prediction", "import", str(wrong))
    assert (code, out) == (2, "")
    assert said == "Row 2: the probability is a number from 0 to 1, such as 0.35. 1 other row cannot be either.\n"
    wrong.write_text("site,asset\nS1,P1\n")
    assert run("prediction", "import", str(wrong))[2].startswith(
        "expected.csv has no column kind. It needs site, asset"
    )
    assert run("prediction", "import", str(wrong.with_name("none.csv")))[0] == 2


def test_a_file_has_a_bound(organization: Organization, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "MOST_ROWS", 1)
    with pytest.raises(Refused, match="more than 1 rows"):
        take(organization, write({}, {"kind": "limit"}))
