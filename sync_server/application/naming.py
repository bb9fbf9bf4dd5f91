"""What a change may name: only what whoever answers for it may see, or might once. Of all else nobody learns.

A name of something unseen is answered like one of nothing, before the database is asked (D-193). The catalog everybody
holds, so that naming it tells nothing; whether the root of a row is its maker's is judged in access.py.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

import msgspec

from sync_server.application.access import Access
from sync_server.authz.visibility import may_hold
from sync_server.contract.codec import GUID
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Merge, Row, Scalar
from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import EVERYWHERE, Actor, Key, stub_id
from sync_server.storage.epochs import Epochs
from sync_server.storage.membership import CATALOG
from sync_server.storage.translation import IN_THE_WAY
from sync_server.storage.unit_reads import Membership

IN_NOBODYS_SIGHT: Final = Problem("conflicting_reference", IN_THE_WAY)
FOLLOWING: Final = frozenset({"service_request.accept"})
"""What only carries on what a record names that he sees: that was judged when it was named, and is shown to him."""
HUNG: Final = "comment"
"""What is named beside the thing that both are about: the rules let a wrong one go, so it tells nothing."""


@cache
def names_of(entity: str) -> tuple[tuple[str, str], ...]:
    """Give the columns of an entity that name what not everybody holds, each with what it names."""
    columns = [column for column in REGISTRY[entity].columns if column.merge is not Merge.DERIVED]
    found = [(column.name, column.references) for column in columns if column.references is not None]
    return tuple((name, kind) for name, kind in found if kind != HUNG and kind not in CATALOG)


def asked(batch: Iterable[Mutation]) -> set[str]:
    """Give the ids whose lines in the scope index say whether what mutations name is known.

    Whoever knows an asset by its label alone may name it, so its stub counts as well.
    """
    ids: set[str] = set()
    for mutation in batch:
        for kind, id_ in _said(mutation):
            ids |= {id_, stub_id(id_)} if kind == "asset" else {id_}
    return ids


def _said(mutation: Mutation) -> Iterator[tuple[str, str]]:
    """Give what a mutation names besides its own root, which may be an asset where it does not say."""
    if mutation.type == "conflict.resolve":
        chosen = str(mutation.set.get("resolved_value", (None, None))[1]).strip('"')
        yield from (("asset", chosen),) if GUID.fullmatch(chosen) else ()
    elif mutation.entity in REGISTRY:
        for name, kind in names_of(mutation.entity):
            id_ = mutation.set.get(name, (None, None))[1]
            if isinstance(id_, str) and id_ != mutation.aggregate_id and GUID.fullmatch(id_):
                yield kind, id_


class Sight(msgspec.Struct, frozen=True):
    """What is known of whoever answers for a change, and of the rows of its transaction.

    `standing`: rows as they stood before the transaction, None for those that were not there; `written`: as it leaves
    them so far. `lines`: of the scope index, by aggregate. `granted`: scopes that the device was told it holds.
    """

    actor: Actor
    standing: Mapping[Key, Row | None]
    written: Mapping[Key, Row]
    lines: Mapping[str, Collection[Membership]]
    granted: Collection[str]

    def judge(
        self, changes: Mapping[Key, Row], mutation: Mutation, *, epochs: Epochs, forgotten_seq: Callable[[], int]
    ) -> Access:
        """Refuse changes that name what was never in his sight; hold them when that may have been forgotten."""
        if self.actor.role in EVERYWHERE or mutation.type in FOLLOWING:
            return Access()
        if all(self._knows(*named) for named in self._new_names(changes)):
            return Access()
        base_seq = epochs.common_seq(mutation.base.epoch, mutation.base.seq)
        if base_seq is not None and 0 < base_seq < forgotten_seq():
            return Access(held="interval_unknown")
        return Access(IN_NOBODYS_SIGHT)

    def _new_names(self, changes: Mapping[Key, Row]) -> Iterator[tuple[str, str, Scalar]]:
        """Give what changed rows name that they did not name before: its entity, its id, and the row's aggregate."""
        for key, row in changes.items():
            for name, kind in names_of(key[0]):
                id_ = row[name]
                if id_ is not None and id_ != row["aggregate_id"] and id_ != (self._before(key) or {}).get(name):
                    yield kind, str(id_), row["aggregate_id"]

    def _before(self, key: Key) -> Row | None:
        return self.written.get(key) or self.standing.get(key)

    def _knows(self, kind: str, id_: str, aggregate_id: Scalar) -> bool:
        """Whether it is inside of the same thing, was made just now, or is or was in a scope of his."""
        key = kind, id_
        if not REGISTRY[kind].is_root:
            row = self._before(key)
            return row is not None and row["aggregate_id"] == aggregate_id
        if key in self.written and self.standing.get(key) is None:
            return True
        lines = [line for each in (id_, stub_id(id_)) for line in self.lines.get(each, ())]
        return any(line.scope_id in self.granted or may_hold(self.actor, line.scope_id) for line in lines)
