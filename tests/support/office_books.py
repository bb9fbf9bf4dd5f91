"""The records of an office in tests: people of each role who keep them, through the routes and by command."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sync_server.application import office_records
from sync_server.authz.visibility import Caller
from sync_server.contract.fields import Row, Scalar
from sync_server.errors import Refused, RetryLater
from sync_server.storage.record_kinds import KINDS
from tests.support.activity import said
from tests.support.device_side import Client
from tests.support.server_side import Organization, new_id

STEPS = json.dumps(
    [
        {"key": "tight", "kind": "pass_fail", "prompt": "Tight"},
        {"key": "pressure", "kind": "number", "prompt": "Pressure", "unit": "bar", "minimum": 1, "maximum": 4},
        {"key": "why", "kind": "text", "prompt": "Why", "condition": {"item": "tight", "is": "fail"}},
        {"key": "seen", "kind": "text", "prompt": "Seen", "is_mandatory": False},
    ]
)
"""Of a procedure: one that is asked only after a failure, and one that may be left out."""
PATIENCE = 50
"""Times that somebody who was told to come again does so."""
ROLES = ("technician", "supervisor", "planner", "manager", "admin", "customer")


@dataclass
class Books:
    """One organization with a site, somebody of each role there, and the records that they keep."""

    organization: Organization
    site: Row = field(init=False)
    asset: Row = field(init=False)
    people: dict[str, Row] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = self.organization.site()
        self.asset = self.an_asset(self.site)

    def an_asset(self, site: Row) -> Row:
        return self.organization.add("asset", site_id=site["id"], code=new_id(), name="Boiler")

    def person(self, who: str) -> Row:
        """Somebody by his role; `manager 2` is another one."""
        if who not in self.people:
            self.people[who] = self.organization.person(who.partition(" ")[0], self.site)
        return self.people[who]

    def caller(self, who: str) -> Caller:
        return Caller(self.organization.id, str(self.person(who)["id"]), new_id())

    def client(self, who: str) -> Client:
        """His device, enrolled when it is first asked for."""
        if who not in self.clients:
            self.clients[who] = self.organization.device(self.person(who))
        return self.clients[who]

    def make(self, kind: str, who: str = "manager", /, **values: Scalar) -> str:
        return office_records.make(self.organization.database, self.caller(who), kind, values)

    def edit(self, kind: str, record_id: str, who: str = "manager", **changes: tuple[Scalar, Scalar]) -> None:
        office_records.edit(self.organization.database, self.caller(who), kind, record_id, changes)

    def step(self, kind: str, record_id: str, state: str, who: str = "manager", reason: str | None = None) -> None:
        office_records.step(self.organization.database, self.caller(who), kind, record_id, state, reason)

    def delete(self, kind: str, record_id: str, who: str = "manager", *, is_deleted: bool = True) -> None:
        database = self.organization.database
        office_records.set_deleted(database, self.caller(who), kind, record_id, is_deleted=is_deleted)

    def listed(self, kind: str, who: str = "manager", **asked: Any) -> list[Row]:
        return office_records.listed(self.organization.database, self.caller(who), kind, **asked)

    def row(self, kind: str, record_id: str, who: str = "manager") -> Row:
        """A live record as it stands."""
        found = office_records.shown(self.organization.database, self.caller(who), kind, record_id)
        return found[kind][0]

    def file(self, who: str, content: bytes | None = None) -> str:
        """Send a file from somebody's device; give its digest."""
        content = content or new_id().encode()
        digest = hashlib.sha256(content).hexdigest()
        headers = {"Upload-Offset": "0", "Upload-Length": str(len(content))}
        sent = self.client(who).request("PATCH", f"/v1/blobs/{digest}", content=content, headers=headers)
        assert sent.status_code == 204, sent.text
        return digest

    def version(self, document_id: str, who: str = "manager", state: str = "draft", by: str = "manager 2") -> str:
        """A version of a document, brought to a state."""
        values = {"document_id": document_id, "sha256": self.file(who), "file_name": "Document.pdf"}
        version_id = self.make("document-versions", who, **values)
        for step in {"draft": (), "in_review": ("in_review",), "approved": ("in_review", "approved")}[state]:
            self.step("document-versions", version_id, step, by if step == "approved" else who)
        return version_id

    def procedure(self, who: str = "manager", state: str = "approved", by: str = "manager 2") -> tuple[str, str]:
        """A procedure with a version that was brought to a state; ids of both."""
        procedure_id = self.make("procedures", who, code=new_id(), name="Boiler test")
        version_id = self.make("procedure-versions", who, procedure_id=procedure_id, steps=STEPS)
        for step in {"draft": (), "in_review": ("in_review",), "approved": ("in_review", "approved")}[state]:
            self.step("procedure-versions", version_id, step, by if step == "approved" else who)
        return procedure_id, version_id

    def patch(self, who: str, path: str, **changes: Any) -> Any:
        content = json.dumps({"set": changes}).encode()
        return self.client(who).request("PATCH", f"/v1/office/records/{path}", content=content)

    def lines(self) -> list[tuple[str, str, str]]:
        """What the activity log tells of records: act, row, actor."""
        found = [(str(line["act"]), str(line["row"]), str(line["actor"])) for line in said(self.organization)]
        names = {kind.name for kind in KINDS.values()}
        return [line for line in found if line[0].partition(".")[0] in names]


def refusal(act: Callable[[], object]) -> str | None:
    """Code of the refusal; None: it was done."""
    try:
        act()
    except Refused as refused:
        return refused.code
    return None


def insisting(act: Callable[[], object]) -> str | None:
    """Do something however busy the database is; code of the refusal, None: it was done."""
    for _ in range(PATIENCE):
        try:
            act()
        except RetryLater:
            continue
        except Refused as refused:
            return refused.code
        return None
    raise AssertionError("it was never done")
