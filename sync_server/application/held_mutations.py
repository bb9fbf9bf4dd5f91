"""Mutations that the server keeps until a supervisor decides (sync.md §4, §5)."""

from sync_server.application.incoming import Incoming
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Key, derived_id


def keep(work: UnitOfWork, item: Incoming, *, reason: str, at: str, site_id: object) -> None:
    """Write a held_mutation row; its aggregate brings the outcome to the author and the supervisors."""
    held_id = derived_id(item.mutation.mutation_id, "held_mutation")
    values: Row = {
        "id": held_id,
        "aggregate_id": held_id,
        "created_at": at,
        "created_by": item.mutation.user,
        "updated_at": at,
        "updated_by": item.mutation.user,
        "author_id": item.mutation.user,
        "site_id": site_id if isinstance(site_id, str) else None,
        "target_aggregate_id": item.mutation.aggregate_id,
        "mutation_id": item.mutation.mutation_id,
        "body": item.sealed.decode(),
        "why": reason,
    }
    work.put({("held_mutation", held_id): completed(REGISTRY["held_mutation"], values)})


def decided(row: Row, at: str, person_id: str) -> dict[Key, Row]:
    """Stamp who decided, and when."""
    return {("held_mutation", str(row["id"])): {**row, "decided_at": at, "decided_by": person_id}}
