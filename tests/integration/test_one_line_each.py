"""What commands tell of several things is one line for each: nothing that people or devices wrote makes another one."""

import json

import pytest

from tests.support.command_line import Run, commands_of
from tests.support.server_side import NOW, PASSWORD, Organization, Server, a_row, new_id

FORGED = (
    "Tablet\n00000000-0000-7000-8000-000000000001  Admin, Desk; wiped 2026-01-01 00:00 UTC, 0 changes lost\x1b[1A\x9b2K"
)
"""A name that would be a line of its own, and would write over the one above."""
CONTROLS = {chr(code) for code in (*range(32), *range(127, 160))} - {"\n"}


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


@pytest.fixture(scope="module")
def organization(server: Server) -> Organization:
    """One in which everything that can have a name is called so; of each kind one."""
    made = server.organization()
    site = made.site(code="S\nS", name=FORGED)
    technician = made.person("technician", site, name=FORGED)
    client = made.device(technician)
    identity = {"id": client.device.id, "public_key": client.device.public_key, "name": FORGED, "app_version": FORGED}
    asked = {"organization": made.slug, "login": client.login, "password": PASSWORD}
    fresh = {**identity, "id": new_id()}
    assert client.post("/v1/sign-in", {**asked, "device": fresh}).status_code == 200
    vendor = made.add("vendor", code="V\nV", name=FORGED)
    part = made.add("part", code="P\nP", name=FORGED, unit="m\nm", vendor_id=vendor["id"], reorder_point="9")
    store = made.add("stock_location", site_id=site["id"], kind="store", code="L\nL", name=FORGED)
    level = a_row("stock_level", stock_location_id=store["id"], part_id=part["id"], quantity="0.0000")
    asset = a_row("asset", site_id=site["id"], code="A\nA", name=FORGED, latitude=1.0, longitude=1.0)
    made.commit([("stock_level", level), ("asset", asset)])
    made.add("service_request", site_id=site["id"], title=FORGED, urgency="low")
    event = {"site_id": site["id"], "person_id": technician["id"], "kind": "leave", "title": FORGED}
    made.add("calendar_event", **event, begins_at=NOW, ends_at="2999-01-01T00:00:00.000000Z")
    return made


@pytest.mark.parametrize(
    ("words", "what", "lines"),
    [
        (("device", "list", "--organization"), "devices", 2),
        (("search", "tablet", "--organization"), "found", 1),
        (("nearest", "1", "1", "--organization"), "nearest", 1),
        (("stock", "low", "--organization"), "low", 1),
        (("vendor", "list", "--organization"), "vendors", 1),
        (("request", "list", "--organization"), "service_requests", 1),
        (("calendar", "list", "--organization"), "events", 1),
    ],
)
def test_a_name_makes_no_line_of_its_own(
    organization: Organization, run: Run, words: tuple[str, ...], what: str, lines: int
) -> None:
    code, told, complaint = run(*words, organization.slug)
    assert (code, complaint) == (0, "")
    assert "00000000-0000-7000-8000-000000000001" in told, "it is told"
    assert len(told.splitlines()) == lines, told
    assert CONTROLS.isdisjoint(told)
    found = json.loads(run(*words, organization.slug, "--json")[1])[what]
    assert "Tablet\\n" in json.dumps(found), "a program reads it as it is"


def test_what_is_said_of_one_device_is_one_line(organization: Organization, run: Run) -> None:
    ((device_id,),) = organization.ask("select id::text from device where name = %s", FORGED)
    told = run("device", "lock", device_id, "--organization", organization.slug)[1]
    assert len(told.splitlines()) == 1, told
    assert CONTROLS.isdisjoint(told)
