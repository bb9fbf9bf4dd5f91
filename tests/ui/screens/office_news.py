"""What the office did meanwhile, as a pull brings it onto a stage: conflicts, held changes, edits, verdicts."""

import json
from datetime import datetime
from typing import Any

from sync_server.contract import codec
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Verdict
from tests.support.fake_server import over_the_wire
from tests.ui.stage import EPOCH, MORNING, Stage, person

PLANNER = "planner"


def bring(stage: Stage, *rows: tuple[str, Row]) -> None:
    """Apply one pull with these rows, entity by entity; new roots, also those made here, join his own scope."""
    state = stage.session.state()
    seq = state.pulled_seq + 1
    types = {entity: list(spec.names) for entity, spec in REGISTRY.items()}
    lines: list[list[Any]] = [[codec.HEADER, {"protocol": 1, "epoch": EPOCH, "types": types}]]
    scope = f"user:{stage.person_id}"
    for entity, row in rows:
        standing = stage.replica.get(entity, str(row["id"]))
        if entity == row_root(entity) and (standing is None or standing["version"] == 0):
            lines.append([codec.JOIN, scope, entity, [str(row["id"])]])
    for entity in dict.fromkeys(entity for entity, _ in rows):
        names = REGISTRY[entity].names
        stamped = [{**row, "sync_seq": seq, "row_hash": seq} for name, row in rows if name == entity]
        lines.append([codec.ROWS, entity, [[row[name] for name in names] for row in stamped]])
    end = {"cursor": f"stage{seq}", "seq": seq, "nonce": 7, "digests": {}, "bootstrap": [], "more": False}
    stage.replica.apply_pull(over_the_wire([*lines, [codec.END, end]]), since=state.cursor)


def row_root(entity: str) -> str:
    """The entity itself when it is a root, else an empty word."""
    return entity if REGISTRY[entity].is_root else ""


def edited(stage: Stage, entity: str, row_id: str, **values: Scalar) -> tuple[str, Row]:
    """A row of the stage as the office changed it."""
    row = stage.replica.get(entity, row_id)
    assert row is not None
    audit = {"version": int(row["version"] or 0) + 1, "updated_by": person(PLANNER).person_id}
    return entity, {**row, **audit, **values}


def conflict(
    stage: Stage,
    number: int,
    order_id: str,
    field: str,
    values: tuple[Scalar, Scalar, Scalar],
    *,
    kind: str = "field",
    author: str = "technician",
    target: tuple[str, str] | None = None,
    at: datetime = MORNING,
    **more: Scalar,
) -> tuple[str, Row]:
    """A conflict row: base, mine and theirs of one field of an order, or of a target inside it."""
    entity, row_id = target or ("work_order", order_id)
    who, when = person(author).person_id, instant_text(at)
    row: Row = {
        "id": conflict_id(number),
        "aggregate_id": order_id,
        "version": 1,
        "created_at": when,
        "created_by": who,
        "updated_at": when,
        "updated_by": who,
        "target_entity": entity,
        "target_id": row_id,
        "field": field,
        "kind": kind,
        "author_id": who,
        "mutation_id": f"00000000-0000-7000-8000-0000000e{number:04x}",
        **{f"{side}_value": json.dumps(value) for side, value in zip(("base", "mine", "theirs"), values, strict=True)},
        **more,
    }
    return "conflict", codec.completed(REGISTRY["conflict"], row)


def conflict_id(number: int) -> str:
    """Id of a conflict made with `conflict`."""
    return f"00000000-0000-7000-8000-0000000c{number:04x}"


def held(
    stage: Stage, number: int, order_id: str, body: dict[str, Any], *, author: str = "technician", **more: Scalar
) -> tuple[str, Row]:
    """A held change of somebody's to an order: `body` has type, entity, id and set."""
    who, when = person(author).person_id, instant_text(MORNING)
    order = stage.replica.get("work_order", order_id)
    mutation = {
        "mutation_id": f"00000000-0000-7000-8000-0000000e{number:04x}",
        "device": "00000000-0000-7000-8000-00000000d001",
        "user": who,
        "signer": None,
        "device_seq": number,
        "prev": "",
        "group": f"00000000-0000-7000-8000-0000000f{number:04x}",
        "v": 1,
        "aggregate_id": order_id,
        "base": {"epoch": EPOCH, "version": 1, "seq": 1},
        "depends": [],
        "at": {"device": when, "offset_ms": 0},
        "blobs": [],
        **body,
    }
    row: Row = {
        "id": held_id(number),
        "aggregate_id": held_id(number),
        "version": 1,
        "created_at": when,
        "created_by": who,
        "updated_at": when,
        "updated_by": who,
        "author_id": who,
        "site_id": None if order is None else order["site_id"],
        "target_aggregate_id": order_id,
        "mutation_id": mutation["mutation_id"],
        "body": json.dumps(mutation),
        "why": "access_lost",
        **more,
    }
    return "held_mutation", codec.completed(REGISTRY["held_mutation"], row)


def held_id(number: int) -> str:
    """Id of a held change made with `held`."""
    return f"00000000-0000-7000-8000-0000000d{number:04x}"


def send_all(stage: Stage, **refused: tuple[str, str]) -> None:
    """Let the server answer everything that waits: accepted, but for types named with a code and a reason.

    A type is named with `__` for its dot: `checklist_item__set=("record_locked", "The office closed it.")`.
    """
    answers = []
    waiting = {entry.mutation_id: entry for entry in stage.session.outbox.waiting()}
    stage.replica.outbox.seal_next(sign=lambda _: b"signed")
    for mutation_id, entry in waiting.items():
        code, reason = refused.get(entry.type.replace(".", "__"), ("", ""))
        status = "applied" if not code else "held" if code == "held" else "rejected"
        seq = stage.session.state().pulled_seq + 1
        answers.append(
            Verdict(mutation_id=mutation_id, status=status, commit_seq=seq, code=code or None, reason=reason or None)
        )
    stage.replica.outbox.record_verdicts(answers)


def take_away(stage: Stage, order_id: str) -> None:
    """Let the office give an order of the person's own to somebody else."""
    state = stage.session.state()
    types = {entity: list(spec.names) for entity, spec in REGISTRY.items()}
    lines: list[list[Any]] = [
        [codec.HEADER, {"protocol": 1, "epoch": EPOCH, "types": types}],
        [codec.LEAVE, f"user:{stage.person_id}", [[order_id, "left"]]],
    ]
    seq = state.pulled_seq + 1
    end = {"cursor": f"stage{seq}", "seq": seq, "nonce": 7, "digests": {}, "bootstrap": [], "more": False}
    stage.replica.apply_pull(over_the_wire([*lines, [codec.END, end]]), since=state.cursor)
