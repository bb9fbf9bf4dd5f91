"""Attacks on the records of the office: with something of the victim, and with something of nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.security.attacked import MARKER, Pair, Stage, both
from tests.support.server_side import new_id

PATH = "/v1/office/records"


def list_records(stage: Stage) -> Iterator[Pair]:
    ask = lambda query: stage.admin.request("GET", f"{PATH}/{query}")  # noqa: E731
    yield both(ask, f"project-work-orders?within={stage.record_id}", f"project-work-orders?within={new_id()}")
    yield both(ask, f"projects?organization_id={stage.victim.organization.id}", f"projects?organization_id={new_id()}")
    yield both(ask, "projects?limit=1000000&skip=-9", "projects?limit=500")
    yield both(ask, "projects' or 1=1 --", "nothing")


def make_record(stage: Stage) -> Iterator[Pair]:
    def ask(kind: str, **values: Any) -> httpx.Response:
        return stage.admin.post(f"{PATH}/{kind}", {"values": values})

    own, document = own_record(stage), own_record(stage, "documents", number="D", title="Mine")
    named = {"work_order_id": stage.attacker.order["id"]}
    yield both(lambda id_: ask("project-work-orders", project_id=id_, **named), stage.record_id, new_id())
    yield both(
        lambda id_: ask("project-work-orders", project_id=own, work_order_id=id_), stage.victim.order["id"], new_id()
    )
    yield both(lambda id_: ask("projects", code="X", name="X", manager_id=id_), stage.victim.technician["id"], new_id())
    yield both(
        lambda digest: ask("document-versions", document_id=document, sha256=digest, file_name="x"),
        stage.sha256,
        "0" * 64,
    )


def show_record(stage: Stage) -> Iterator[Pair]:
    yield both(lambda id_: stage.admin.request("GET", f"{PATH}/projects/{id_}"), stage.record_id, new_id())


def edit_record(stage: Stage) -> Iterator[Pair]:
    def ask(id_: object, **changes: Any) -> httpx.Response:
        content = json.dumps({"set": changes}).encode()
        return stage.admin.request("PATCH", f"{PATH}/projects/{id_}", content=content)

    yield both(lambda id_: ask(id_, name=[MARKER, "Mine"]), stage.record_id, new_id())
    own = own_record(stage)
    yield both(lambda id_: ask(own, manager_id=[None, id_]), stage.victim.technician["id"], new_id())


def take_step(stage: Stage) -> Iterator[Pair]:
    ask = lambda id_: stage.admin.post(f"{PATH}/projects/{id_}/state", {"state": "active"})  # noqa: E731
    yield both(ask, stage.record_id, new_id())


def delete_record(stage: Stage) -> Iterator[Pair]:
    ask = lambda id_: stage.admin.post(f"{PATH}/projects/{id_}/deletion", {"is_deleted": True})  # noqa: E731
    yield both(ask, stage.record_id, new_id())


def own_record(stage: Stage, kind: str = "projects", **values: str) -> str:
    """A record of the attacker: a project, unless it is said."""
    made = stage.admin.post(f"{PATH}/{kind}", {"values": values or {"code": new_id(), "name": "Mine"}})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])
