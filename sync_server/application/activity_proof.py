"""Whether the activity log of an organization is what was written: the first thing that is not, in one sentence.

What it proves, and what it cannot: D-171 in ../README.md. Looks only.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from psycopg import IsolationLevel

from sync_server.application.signatures import verify
from sync_server.contract.log_lines import signing_input
from sync_server.contract.rules.commitments import open_commitment
from sync_server.storage.activity_checkpoints import Checkpoint, checkpoints, newest
from sync_server.storage.activity_lines import Line, all_lines, detached_months, head
from sync_server.storage.activity_log import DETACHED, START, line_hash
from sync_server.storage.engine import Database

Mark = tuple[int, str]
"""Number and hash of a line."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at all lines found.

    Attributes:
        first: Number of the first line that is there; 0: there is none.
        last: Number and hash of the last one.
        fault: The first thing that is wrong; None: nothing is.
        signed_upto: Number of the last line that the server has signed; 0: none.
    """

    first: int
    last: Mark
    fault: str | None
    signed_upto: int = 0


@dataclass(slots=True)
class _Walk:
    """How far all is well."""

    organization_id: str
    cuts: dict[int, str]
    """Number → hash of lines up to which months were detached and are not in the database any more."""
    known: Mark | None
    signed: dict[int, str]
    """Number → hash of lines that the server has signed."""
    first: int = 0
    last: Mark = (0, START)

    def fault_of(self, line: Line) -> str | None:
        """Say what is wrong with a line, or with what should be in front of it; otherwise go past it."""
        seq, previous = self.last
        if line.seq <= seq:
            return f"There are two lines with the number {line.seq}."
        if line.seq > seq + 1:
            if self.cuts.get(line.seq - 1) != line.previous_hash or seq not in {0, *self.cuts}:
                return f"{_lines(seq + 1, line.seq - 1)} missing."
            previous = line.previous_hash  # months that were taken out, and whose end the log tells
        fault = _own_fault(self.organization_id, line)
        if fault is None and line.previous_hash != previous:
            fault = f"Line {line.seq} does not follow on line {line.seq - 1}: one of the two is not what was written."
        if fault is None and self.known is not None and self.known[0] == line.seq and self.known[1] != line.hash:
            fault = f"Line {line.seq} is not the one that was written down: the log was written anew."
        if fault is None and self.signed.get(line.seq, line.hash) != line.hash:
            fault = f"Line {line.seq} is not the one that the server signed: the log was written anew."
        self.first, self.last = self.first or line.seq, (line.seq, line.hash)
        return fault


def prove(
    database: Database,
    organization_id: str,
    *,
    public_key: str | None = None,
    known: Mark | None = None,
    role: Literal["backup", "worker"] = "backup",
) -> Proof:
    """Go through all lines of an organization.

    Args:
        database: Migrated.
        organization_id: Whose.
        public_key: The server's, to check what it has signed; None: signatures are not looked at.
        known: Number and hash of a line that somebody wrote down elsewhere: it has to be there, the same.
        role: `backup` reads detached months too, where they still are; `worker` what is attached.
    """
    with database.transaction(
        role, organization_id, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    ) as connection:
        months = detached_months(connection) if role == "backup" else []
        said, signed = head(connection, organization_id), checkpoints(connection, organization_id)
        if public_key is not None and (fault := _forged(organization_id, signed, public_key)) is not None:
            return Proof(0, (0, START), fault)
        cuts = _cuts(all_lines(connection, organization_id, months, act=DETACHED), months)
        walk = _Walk(organization_id, cuts, known, {each.seq: each.hash for each in signed})
        for line in all_lines(connection, organization_id, months):
            if (fault := walk.fault_of(line)) is not None:
                return Proof(walk.first, walk.last, fault)
    upto = signed[-1].seq if signed else 0
    return Proof(walk.first, walk.last, _fault_at_end(walk, said, upto), upto)


def prove_news(database: Database, organization_id: str, *, public_key: str) -> Proof:
    """Go through the lines behind the last one that was signed: as `prove`, by the worker, when they are few."""
    with database.transaction(
        "worker", organization_id, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    ) as connection:
        said, signed = head(connection, organization_id), newest(connection, organization_id)
        if signed is not None and (fault := _forged(organization_id, [signed], public_key)) is not None:
            return Proof(0, (0, START), fault)
        upto = signed.seq if signed else 0
        walk = _Walk(organization_id, {}, None, {}, first=upto, last=(upto, signed.hash) if signed else (0, START))
        for line in all_lines(connection, organization_id, [], after=upto):
            if (fault := walk.fault_of(line)) is not None:
                return Proof(walk.first, walk.last, fault, upto)
    fault = _fault_at_end(walk, said, upto)
    return Proof(walk.first, walk.last, fault, upto)


def _forged(organization_id: str, signed: Iterable[Checkpoint], public_key: str) -> str | None:
    for each in signed:
        message = signing_input(organization_id, each.seq, each.hash, signed_at=each.signed_at)
        if not verify(public_key, each.signature, message):
            return f"The signature of line {each.seq} is not this server's."
    return None


def _cuts(lines: Iterable[Line], months: Collection[str]) -> dict[int, str]:
    """Give where the log was cut, as it tells itself, but for cuts whose last month still lies in the database."""
    told = [body.new for line in lines if (body := _body(line)) is not None]
    return {
        each["upto_seq"]: each["upto_hash"]
        for each in told
        if {"upto_seq", "upto_hash", "month"} <= each.keys() and each["month"] not in months
    }


class _Body(msgspec.Struct, frozen=True):
    act: str
    row: str | None
    actor: str | None
    new: dict[str, Any]


def _body(line: Line) -> _Body | None:
    try:
        return msgspec.json.decode(line.body, type=_Body)
    except msgspec.DecodeError:
        return None


def _fault_at_end(walk: _Walk, said: Mark | None, signed_upto: int) -> str | None:
    said = said or (0, START)
    if said[0] > walk.last[0]:
        return f"{_lines(walk.last[0] + 1, said[0])} missing: the log says that it ends with line {said[0]}."
    if said != walk.last:
        return f"The log does not say that it ends with line {walk.last[0]}: something was put in, or its end changed."
    if signed_upto > walk.last[0]:
        return f"Line {signed_upto} is not there, and the server signed it."
    if walk.known is not None and not walk.first <= walk.known[0] <= walk.last[0]:
        return f"Line {walk.known[0]} is not there."
    return None


def _own_fault(organization_id: str, line: Line) -> str | None:
    """Say what is wrong with a line whatever stands around it."""
    digest = line_hash(organization_id, line.seq, line.received_at, previous=line.previous_hash, body=line.body)
    if digest != line.hash:
        return f"Line {line.seq} is not what was written: its content does not give its hash."
    body, filed = _body(line), (line.act, line.row_id, line.actor_id, line.received_on)
    if body is None or filed != (body.act, body.row, body.actor, line.received_at[:10]):
        return f"Line {line.seq} is filed under something else than it says."
    whole = msgspec.json.decode(line.body)
    for each in line.values:
        if each.salt is not None and not open_commitment(_at(whole, each.path), each.salt, each.value):
            return f"What is kept beside line {line.seq} is not what it was written with."
    return None


def _at(body: object, path: str) -> str:
    """Give the commitment at a JSON pointer; empty where there is none."""
    for name in path.split("/")[1:]:
        body = body.get(re.sub("~1", "/", name).replace("~0", "~")) if isinstance(body, dict) else None
    found = body.get("c") if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def _lines(first: int, last: int) -> str:
    return f"Line {first} is" if first == last else f"Lines {first} to {last} are"
