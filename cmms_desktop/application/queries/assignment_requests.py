"""Requests to hand an order on: who asked, for whom, why, and how far it has come. Frozen rows.

A request is a mutation of this device until the server keeps it, then a conflict row of kind `request`; contract/rules/
assigning.py says what counts. Words are made in the screens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from cmms_desktop.application.queries.lookups import AMONG, packed, text_of
from cmms_desktop.replica import sync_state
from sync_server.contract.codec import scalar_of
from sync_server.contract.fields import Row
from sync_server.contract.rules import assigning

Stage = Literal["here", "sent", "asked"]
"""`here`: not sent; `sent`: it is on its way, or the server has it; `asked`: the office can answer."""


class Source(Protocol):
    """A snapshot, or a write that is open."""

    @property
    def cursor(self) -> Any:
        """For SQL."""
        ...

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row in wire form."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRequest:
    """Somebody asks that an order goes to `to`; empty: to nobody, he gives it back.

    `id`: of the conflict once the office can answer, of the mutation until then.
    """

    id: str
    stage: Stage
    author: str
    is_mine: bool
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who could take an order: a person or a team."""

    id: str
    name: str
    is_team: bool


@dataclass(frozen=True, slots=True)
class HandingOn:
    """What somebody may ask about an order. `team`: whose place is to be taken, when a team has it.

    `assignment_id` empty: nothing to ask, for the order is not his or he has asked already.
    """

    assignment_id: str = ""
    team: str = ""
    takers: tuple[Taker, ...] = ()


NO_REQUEST: Final = "NOT (c.kind = 'request' AND c.target_entity = 'work_order_assignment')"
"""Whether the conflict `c` is about the order's own content: what is counted at an order leaves requests out."""
IS_VOID: Final = f"""
(c.kind = 'request' AND c.target_entity = 'work_order_assignment' AND (NOT EXISTS (SELECT 1 FROM work_order v
  WHERE v.id = c.aggregate_id AND v.deleted_at IS NULL AND v.status NOT IN {tuple(sorted(assigning.OVER))})
  OR (c.base_value <> 'null' AND NOT EXISTS (SELECT 1 FROM work_order_assignment y WHERE y.id = c.target_id
  AND y.deleted_at IS NULL))))"""
"""Whether nothing is left to answer of the conflict `c`, as `voids` tells it."""
IS_ASKED: Final = """
(EXISTS (SELECT 1 FROM conflict c WHERE c.aggregate_id = w.id AND c.target_entity = 'work_order_assignment'
  AND c.resolution IS NULL) OR EXISTS (SELECT 1 FROM outbox o WHERE o.aggregate_id = w.id
  AND o.type = 'work_order_assignment.set'))"""
"""Whether `assignment_requests` may find any for the order `w`: part of a statement that reads orders."""
IS_HIS: Final = """
EXISTS (SELECT 1 FROM work_order_assignment x LEFT JOIN team_member m ON m.team_id = x.team_id AND m.deleted_at IS NULL
  WHERE x.aggregate_id = w.id AND x.deleted_at IS NULL AND ? IN (x.person_id, m.person_id))"""
"""Whether a person has the order `w`, himself or by a team."""
_OWN: Final = """
SELECT x.id, coalesce(t.name, '') FROM work_order_assignment x LEFT JOIN team t ON t.id = x.team_id
LEFT JOIN team_member m ON m.team_id = x.team_id AND m.deleted_at IS NULL AND m.person_id = ?2
WHERE x.aggregate_id = ?1 AND x.deleted_at IS NULL AND (x.person_id = ?2 OR m.person_id = ?2)
ORDER BY x.person_id IS NULL, x.id LIMIT 1"""
_TAKERS: Final = """
SELECT p.id, p.name, 0 FROM person p JOIN work_order w ON w.id = ?1
WHERE p.deleted_at IS NULL AND p.is_active AND p.role IN ('technician', 'supervisor') AND EXISTS (SELECT 1
  FROM site_access a WHERE a.person_id = p.id AND a.site_id = w.site_id AND a.deleted_at IS NULL)
UNION ALL SELECT t.id, t.name, 1 FROM team t JOIN work_order w ON w.id = ?1
WHERE t.deleted_at IS NULL AND (t.site_id IS NULL OR t.site_id = w.site_id)
ORDER BY 3 DESC, 2, 1"""
_HAS: Final = (
    "SELECT coalesce(person_id, team_id) FROM work_order_assignment WHERE aggregate_id = ? AND deleted_at IS NULL"
)
_OPEN: Final = """
SELECT c.id, c.mutation_id, c.mine_value, coalesce(p.name, ''), c.author_id, c.target_id, c.base_value FROM conflict c
LEFT JOIN person p ON p.id = c.author_id WHERE c.aggregate_id = ? AND c.target_entity = 'work_order_assignment'
AND c.kind = 'request' AND c.resolution IS NULL AND c.deleted_at IS NULL ORDER BY c.created_at, c.id"""
_UNSETTLED: Final = (
    "SELECT mutation_id, state, json_extract(body, '$.set.person_id[1]'), json_extract(body, '$.set.team_id[1]')"
    " FROM outbox WHERE aggregate_id = ? AND type = 'work_order_assignment.set'"
    " AND state IN ('pending', 'sealed', 'acknowledged') ORDER BY n"
)


def handing_on(reading: Source, order_id: str) -> HandingOn:
    """What the person of this replica may ask about an order."""
    assignment_id, team = own_assignment(reading, order_id)
    if not assignment_id:
        return HandingOn()
    has = {_me(reading), *(line[0] for line in reading.cursor.execute(_HAS, (order_id,)).fetchall())}
    found = reading.cursor.execute(_TAKERS, (order_id,)).fetchall()
    takers = tuple(Taker(id_, text_of(name), bool(is_team)) for id_, name, is_team in found if id_ not in has)
    return HandingOn(assignment_id, team, takers)


def own_assignment(reading: Source, order_id: str) -> tuple[str, str]:
    """The assignment by which the person of this replica has an order, and the name of his team when it is the team's.

    Two empty texts: he has none, the order is finished, or he has asked about it already.
    """
    order = reading.get("work_order", order_id)
    own = reading.cursor.execute(_OWN, (order_id, _me(reading))).fetchone()
    if own is None or order is None or not may_be_handed_on(order, assignment_requests(reading, order_id)):
        return "", ""
    return own[0], own[1]


def may_be_handed_on(order: Row, asked: Iterable[AssignmentRequest]) -> bool:
    """Whether who has an order may ask, given what is asked already: it is not finished, and he has not asked."""
    return not assigning.void_because(order, None, adds=True) and not any(request.is_mine for request in asked)


def assignment_requests(reading: Source, order_id: str) -> tuple[AssignmentRequest, ...]:
    """What is asked about who has an order, and waits for an answer; what this device has not sent comes last."""
    lines = reading.cursor.execute(_OPEN, (order_id,)).fetchall()
    waiting = reading.cursor.execute(_UNSETTLED, (order_id,)).fetchall()
    if not lines and not waiting:
        return ()
    me, order = _me(reading), reading.get("work_order", order_id)
    counting = [line for line in lines if not _void(reading, order, line[5], line[6])]
    known = {line[1] for line in lines}
    new = [line for line in waiting if line[0] not in known]
    wanted = [scalar_of(line[2]) for line in counting]
    names = _names(reading, [*wanted, *(line[2] or line[3] for line in new)])
    why = reasons(reading, [*(line[1] for line in counting), *(line[0] for line in new)])
    asked = tuple(
        AssignmentRequest(
            id=line[0],
            stage="asked",
            author=line[3],
            is_mine=line[4] == me,
            to=names.get(text_of(to), ""),
            reason=why.get(line[1], ""),
        )
        for line, to in zip(counting, wanted, strict=True)
    )
    return (*asked, *(_unsent(line, names, why) for line in new))


def _me(reading: Source) -> str:
    return sync_state.load(reading.cursor).person_id


def _unsent(line: Sequence[Any], names: Mapping[str, str], why: Mapping[str, str]) -> AssignmentRequest:
    return AssignmentRequest(
        id=line[0],
        stage="here" if line[1] == "pending" else "sent",
        author="",
        is_mine=True,
        to=names.get(text_of(line[2] or line[3]), ""),
        reason=why.get(line[0], ""),
    )


def reasons(reading: Source, mutation_ids: Iterable[str]) -> dict[str, str]:
    """Why mutations ask that an order is handed on, by mutation: the remarks that they made."""
    remarks = {assigning.reason_id(each): each for each in mutation_ids}
    sql = f"SELECT id, text FROM comment WHERE id {AMONG}"
    return {remarks[id_]: text for id_, text in reading.cursor.execute(sql, (packed(remarks),)).fetchall()}


def voids(reading: Source, order_id: str | None) -> dict[str, str]:
    """Open requests of which nothing is left to answer, by conflict, each with why."""
    lines = reading.cursor.execute(
        "SELECT id, aggregate_id, target_id, base_value FROM conflict WHERE target_entity = 'work_order_assignment'"
        " AND kind = 'request' AND resolution IS NULL AND (?1 IS NULL OR aggregate_id = ?1)",
        (order_id,),
    ).fetchall()
    found = ((id_, _void(reading, reading.get("work_order", root), target, base)) for id_, root, target, base in lines)
    return {id_: sentence for id_, sentence in found if sentence}


def _void(reading: Source, order: Row | None, assignment_id: str, base_value: str | None) -> str:
    adds = assigning.adds({"base_value": base_value})
    return assigning.void_because(order, reading.get(assigning.ASSIGNMENT, assignment_id), adds=adds)


def _names(reading: Source, ids: Iterable[Any]) -> dict[str, str]:
    sql = f"SELECT id, name FROM person WHERE id {AMONG} UNION ALL SELECT id, name FROM team WHERE id {AMONG}"
    among = packed(ids)
    return {id_: text_of(name) for id_, name in reading.cursor.execute(sql, (among, among)).fetchall()}
