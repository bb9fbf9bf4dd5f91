"""Attacks on what the office's own programs call: with something of the victim, and with something of nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from sync_server.application import contractors
from sync_server.routines.metrics import count_metrics
from tests.security.attacked import MARKER, Pair, Stage, both
from tests.support.server_side import NOW, new_id


def list_orders(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/work-orders?" + query)  # noqa: E731
    number = str(stage.victim.order["number"])
    yield both(ask, f"after={number[:-1]}", f"after={number[:-1]}&limit=500")
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, "status=assigned' or 1=1 --", "status=x")


def show_order(stage: Stage) -> Iterator[Pair]:
    yield both(
        lambda id_: stage.admin.request("GET", f"/v1/office/work-orders/{id_}"), stage.victim.order["id"], new_id()
    )


def search(stage: Stage) -> Iterator[Pair]:
    ask = lambda asked: stage.admin.post("/v1/office/search", asked)  # noqa: E731
    yield both(ask, {"words": MARKER}, {"words": new_id()})
    yield both(ask, {"words": "Order", "organization_id": stage.victim.organization.id}, {"words": "Order"})
    yield both(ask, {"words": "Order' | !x :* ) or 1=1 --"}, {"words": "Order x or 1 1"})


def nearest_assets(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/assets/nearest?" + query)  # noqa: E731
    here = "latitude=1&longitude=1"
    yield both(ask, f"{here}&organization_id={stage.victim.organization.id}", f"{here}&organization_id={new_id()}")
    yield both(ask, f"{here}&limit=100", f"{here}&limit=1000000")


def asset_history(stage: Stage) -> Iterator[Pair]:
    ask = lambda id_: stage.admin.request("GET", f"/v1/office/assets/{id_}/maintenance")  # noqa: E731
    yield both(ask, stage.victim.order["id"], new_id())
    yield both(ask, stage.victim.site["id"], "nothing")


def list_readings(stage: Stage) -> Iterator[Pair]:
    """Of the victim's asset; and of one's own, with a meter of the victim's."""
    ask = lambda where: stage.admin.request("GET", f"/v1/office/assets/{where}")  # noqa: E731
    (meter,) = stage.victim.organization.rows("meter")
    own = stage.attacker.organization.add("asset", site_id=stage.attacker.site["id"], code=new_id(), name="Own")
    yield both(ask, f"{stage.asset['id']}/readings", f"{new_id()}/readings")
    yield both(ask, f"{stage.victim.site['id']}/readings", "nothing/readings")
    yield both(ask, f"{own['id']}/readings?meter_id={meter['id']}", f"{own['id']}/readings?meter_id={new_id()}")
    yield both(ask, f"{own['id']}/readings?meter_id='", f"{own['id']}/readings?meter_id=x&skip=-1&limit=1000000")


def list_schedules(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/maintenance-schedules?" + query)  # noqa: E731
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, f"site_id={stage.victim.site['id']}", f"site_id={new_id()}")


def list_metrics(stage: Stage) -> Iterator[Pair]:
    """The victim's sites are counted; the attacker's are not, so that no age differs between two looks."""
    count_metrics(stage.victim.organization.database, stage.victim.organization.id, at=datetime(2026, 3, 2, tzinfo=UTC))
    ask = lambda query: stage.admin.request("GET", "/v1/office/metrics?" + query)  # noqa: E731
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, f"site_id={stage.victim.site['id']}", f"site_id={new_id()}")


def list_contractors(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/contractors?" + query)  # noqa: E731
    there = stage.victim.organization
    contractors.put_contractor(there.database, there.id, MARKER, name=MARKER)
    yield both(ask, f"organization_id={there.id}", f"organization_id={new_id()}")


def list_predictions(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/predictions?" + query)  # noqa: E731
    yield both(lambda id_: ask(f"asset_id={id_}"), stage.asset["id"], new_id())
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")


def list_events(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/calendar-events?" + query)  # noqa: E731
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, "limit=500", "limit=1000000")


def plan_event(stage: Stage) -> Iterator[Pair]:
    """The victim's site, person and team, each beside what is the attacker's own."""
    own, victim = stage.attacker, stage.victim
    said = {"kind": "leave", "title": "Mine", "begins_at": NOW, "ends_at": "2026-03-02T09:00:00.000000Z"}

    def ask(**named: object) -> httpx.Response:
        return stage.admin.post("/v1/office/calendar-events", {**said, "site_id": own.site["id"], **named})

    person_id = own.technician["id"]
    yield both(lambda id_: ask(site_id=id_, person_id=person_id), victim.site["id"], new_id())
    yield both(lambda id_: ask(person_id=id_), victim.technician["id"], new_id())
    yield both(lambda id_: ask(team_id=id_), stage.team["id"], new_id())


def cancel_event(stage: Stage) -> Iterator[Pair]:
    (event,) = stage.victim.organization.rows("calendar_event")
    yield both(lambda id_: stage.admin.request("DELETE", f"/v1/office/calendar-events/{id_}"), event["id"], new_id())


def list_low(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/stock/low?" + query)  # noqa: E731
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, "limit=500", "limit=1000000")


def buy(stage: Stage) -> Iterator[Pair]:
    """The victim's part, place and vendor, each beside what is the attacker's own."""
    there = stage.victim.organization
    own = stage.attacker.organization
    names = {"part_id": "part", "stock_location_id": "stock_location", "vendor_id": "vendor"}
    mine = {name: own.rows(entity)[0]["id"] for name, entity in names.items()}
    for name, entity in names.items():
        victims = there.rows(entity)[0]["id"]
        yield both(lambda id_, name=name: _bought(stage, {**mine, name: id_}), victims, new_id())  # type: ignore[misc]


def _bought(stage: Stage, named: dict[str, Any]) -> httpx.Response:
    return stage.admin.post("/v1/office/stock/purchases", {**named, "quantity": "1"})


def edit_order(stage: Stage) -> Iterator[Pair]:
    def ask(id_: object, **changes: Any) -> httpx.Response:
        content = json.dumps({"set": changes}).encode()
        return stage.admin.request("PATCH", f"/v1/office/work-orders/{id_}", content=content)

    yield both(lambda id_: ask(id_, title=[stage.victim.order["title"], "Mine"]), stage.victim.order["id"], new_id())
    own = stage.attacker.order["id"]
    yield both(lambda id_: ask(own, site_id=[stage.attacker.site["id"], id_]), stage.victim.site["id"], new_id())


def assign(stage: Stage) -> Iterator[Pair]:
    def ask(id_: object, **whom: object) -> httpx.Response:
        return stage.admin.post(f"/v1/office/work-orders/{id_}/assignment", whom)

    own, victim = stage.attacker.order["id"], stage.victim
    yield both(lambda id_: ask(id_, person_id=stage.attacker.technician["id"]), victim.order["id"], new_id())
    yield both(lambda id_: ask(own, person_id=id_), victim.technician["id"], new_id())
    yield both(lambda id_: ask(own, team_id=id_), stage.team["id"], new_id())
    there = victim.organization
    contractors.put_contractor(there.database, there.id, MARKER, name=MARKER)
    ((company,),) = there.ask("select id::text from contractor where organization_id = %s", there.id)
    yield both(lambda id_: ask(own, contractor_id=id_), company, new_id())


def join_team(stage: Stage) -> Iterator[Pair]:
    def ask(team_id: object, person_id: object) -> httpx.Response:
        return stage.admin.post(f"/v1/office/teams/{team_id}/members", {"person_id": person_id})

    own = stage.attacker.organization.add("team", name="Team")["id"]
    yield both(lambda id_: ask(id_, stage.attacker.technician["id"]), stage.team["id"], new_id())
    yield both(lambda id_: ask(own, id_), stage.victim.technician["id"], new_id())
    yield both(lambda id_: ask(stage.team["id"], id_), stage.victim.technician["id"], new_id())


def list_requests(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", "/v1/office/service-requests?" + query)  # noqa: E731
    yield both(ask, f"organization_id={stage.victim.organization.id}", f"organization_id={new_id()}")
    yield both(ask, "status=new' or 1=1 --", "status=x")


def file_request(stage: Stage) -> Iterator[Pair]:
    def ask(**said: object) -> httpx.Response:
        return stage.admin.post("/v1/office/service-requests", {"title": "Mine", **said})

    own = stage.attacker.site["id"]
    yield both(lambda id_: ask(site_id=id_), stage.victim.site["id"], new_id())
    yield both(lambda id_: ask(site_id=own, asset_id=id_), stage.asset["id"], new_id())
    yield both(lambda id_: ask(site_id=id_, requester={"name": "Somebody"}), stage.victim.site["id"], new_id())


def show_requester(stage: Stage) -> Iterator[Pair]:
    ask = lambda id_: stage.admin.request("GET", f"/v1/office/service-requests/{id_}/requester")  # noqa: E731
    yield both(ask, stage.request_id, new_id())


def step_request(stage: Stage) -> Iterator[Pair]:
    def ask(id_: object, **said: object) -> httpx.Response:
        return stage.admin.post(f"/v1/office/service-requests/{id_}/step", said)

    yield both(lambda id_: ask(id_, step="accept"), stage.request_id, new_id())
    yield both(lambda id_: ask(id_, step="decline", reason="No."), stage.request_id, new_id())
    yield both(lambda id_: ask(id_, step="withdraw"), stage.request_id, new_id())
    yield both(lambda id_: ask(id_, step="x"), stage.request_id, new_id())
