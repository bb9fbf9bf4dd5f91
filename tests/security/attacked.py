"""A victim with everything in it, its attacker, and an attack: one request about the victim and one about nobody."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from sync_server.application import device_care, office_records
from sync_server.authz.visibility import Caller
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.storage import predictions
from tests.support.device_side import Client, Json, encoded
from tests.support.server_side import NOW, Scene, Server, new_id
from tests.support.standing_side import standing_of

MARKER = "victims-secret"
Pair = tuple[httpx.Response, httpx.Response]


@dataclass(frozen=True, repr=False)
class Stage:
    """A victim with everything in it, and the most powerful people of another organization."""

    victim: Scene
    attacker: Scene
    admin: Client
    """The attacker's device: a manager sees all that an organization shows anybody."""
    team: Json
    blob: bytes
    token: str
    pushed: Json
    command_id: str
    """Something that the victim's device has to do."""
    record_id: str
    """A project of the victim."""
    request_id: str
    """Something that somebody without an account asked the victim's office for."""
    asset: Json

    def __repr__(self) -> str:
        """Short: Hypothesis prints what a test is given, and all that a device holds is no help."""
        return f"a stage with {self.victim.organization.slug} as the victim"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.blob).hexdigest()

    def ids(self) -> set[str]:
        """Every id of the victim."""
        organization = self.victim.organization
        found = {str(row["id"]) for entity in REGISTRY for row in organization.rows(entity)}
        return found | {self.record_id, organization.id, self.victim.field.device.id, self.victim.office.device.id}

    def state(self) -> dict[str, Any]:
        """All that the victim has, but for when it was last seen."""
        organization = self.victim.organization
        state: dict[str, Any] = {entity: sorted(map(str, organization.rows(entity))) for entity in REGISTRY}
        for table in (
            "applied_mutation",
            "org_clock",
            "org_commit",
            "scope_reason",
            "user_session",
            "device_scope",
            "device_command",
            "sealed_outbox",
            "blob",
            "project",
            "project_work_order",
            "service_requester",
            "push_subscription",
            "enrolment_code",
        ):
            found = organization.ask(f"select t::text from {table} t where organization_id = %s", organization.id)
            state[table] = sorted(found)
        return state


def a_stage(server: Server) -> Stage:
    """A new victim and a new attacker on a server."""
    victim, attacker = (Scene.of(server, title=title) for title in (MARKER, "Order"))
    blob = MARKER.encode() + secrets.token_bytes(500)
    sha256 = hashlib.sha256(blob).hexdigest()
    sent = victim.field.request(
        "PATCH", f"/v1/blobs/{sha256}", content=blob, headers={"Upload-Offset": "0", "Upload-Length": str(len(blob))}
    )
    assert sent.status_code == 204
    victim.inside("comment", author_id=victim.technician["id"], text=MARKER, written_at=NOW)
    team = victim.organization.add("team", name=MARKER)
    for each, name in ((victim, MARKER), (attacker, "Part")):
        furnished(each, name)
    pushed = victim.field.comment(victim.order, MARKER)
    assert victim.field.push_one(pushed)["status"] == "applied"
    victim.field.sync()
    token = str(victim.field.bootstrap(f"user:{victim.technician['id']}")[-1][1]["cursor"])
    admin = attacker.organization.device(attacker.organization.person("manager"))
    admin.sync()
    field = victim.field
    device_care.command(victim.organization.database, victim.organization.id, field.device.id, kind="verify")
    (command,) = standing_of(field, victim.organization.id).json()["commands"]
    manager = Caller(victim.organization.id, str(victim.organization.person("manager")["id"]), field.device.id)
    values = {"code": MARKER, "name": MARKER}
    record_id = office_records.make(victim.organization.database, manager, "projects", values)
    named = {"project_id": record_id, "work_order_id": str(victim.order["id"])}
    office_records.make(victim.organization.database, manager, "project-work-orders", named)
    keys = {"p256dh": encoded(b"\x04" * 65), "auth": encoded(b"a" * 16)}
    reached = json.dumps({"endpoint": f"https://push.example.com/{MARKER}", **keys}).encode()
    assert victim.field.request("PUT", "/v1/push-subscription", content=reached).status_code == 204
    asset = victim.organization.add("asset", site_id=victim.site["id"], code=new_id(), name=MARKER)
    expect(victim, asset)
    of_asset = {"aggregate_id": asset["id"], "asset_id": asset["id"]}
    victim.organization.add("meter", name=MARKER, unit="bar", **of_asset)
    asked = {"site_id": victim.site["id"], "title": MARKER, "requester": {"name": MARKER, "contact": MARKER}}
    filed = victim.office.post("/v1/office/service-requests", asked)
    assert filed.status_code == 200, filed.text
    request_id = str(filed.json()["service_request_id"])
    named_ids = (str(command["id"]), record_id, request_id)
    return Stage(victim, attacker, admin, team, blob, token, pushed, *named_ids, asset)


def furnished(scene: Scene, name: str) -> None:
    """A part, whom it is bought from, a store that has room for little of it, and leave of the technician."""
    there = scene.organization
    vendor = there.add("vendor", code=name, name=name)
    there.add("part", code=name, name=name, vendor_id=vendor["id"], reorder_point="5", reorder_quantity="2")
    there.add("stock_location", site_id=scene.site["id"], kind="store", code=name, name=name, capacity="3")
    whose = {"site_id": scene.site["id"], "person_id": scene.technician["id"]}
    times = {"begins_at": NOW, "ends_at": "2999-03-02T09:00:00.000000Z"}
    there.add("calendar_event", kind="leave", title=name, **whose, **times)


def expect(scene: Scene, asset: Row) -> None:
    """Let a model say of something, in so many words, that it will fail."""
    there = scene.organization
    said: Row = {"kind": "failure", "expected_from": "2099-01-01", "expected_until": "2099-02-01", "probability": 0.5}
    model: Row = {"model_name": MARKER, "model_version": "1", "made_at": NOW}
    with there.database.transaction("worker", there.id) as connection:
        row = {"id": new_id(), "asset_id": asset["id"], **said, **model}
        assert predictions.add(connection, there.id, [row]) == (1, set())


def both(ask: Callable[[Any], httpx.Response], known: Any, unknown: Any) -> Pair:
    """The same request with something of the victim, and with something that is nobody's."""
    return ask(known), ask(unknown)


@cache
def nobodys(what: str) -> str:
    """An id that was nobody's at first, the same whenever an attack is repeated: what that leaves is alike then."""
    return new_id()
