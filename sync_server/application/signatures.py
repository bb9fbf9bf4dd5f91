"""Whether signed statements are what they claim: bytes, key, owner of the key, order, meaning.

Carrying a signature needs no right; signing does. The policy and access rules then judge the signer, not the carrier.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.sign_off import STATUS_AFTER
from sync_server.contract.rules.signed_shape import Body
from sync_server.storage.devices import public_keys

Proof = tuple[str, str, str]
"""Group, signer and order of a statement."""
RECORDED = Problem("already_exists", "This statement was recorded before.")
INVALID = Problem("signature_invalid", "The signature does not match what was signed. Sign again.")


def verify(public_key: str, signature: str, message: bytes) -> bool:
    """Check an Ed25519 signature; key and signature are base64url without padding."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(public_key))
        key.verify(_bytes(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def check_all(
    connection: Connection[TupleRow], organization_id: str, batch: Sequence[Mutation]
) -> dict[str, Problem | None]:
    """Check every signature of a batch, and what else is said in a signer's name. Mutation id → problem.

    A signer speaks through his statement in the same group, and only for the step that it states.
    """
    created = [mutation for mutation in batch if mutation.type == "signature.create"]
    with_signer = [mutation for mutation in batch if mutation.signer is not None]
    if not created and not with_signer:
        return {}
    devices = {mutation.signer.device if mutation.signer else mutation.device for mutation in created}
    keys = public_keys(connection, organization_id, sorted(devices))
    recorded = _recorded(connection, organization_id, {mutation.aggregate_id for mutation in created})
    problems: dict[str, Problem | None] = {}
    statements: dict[Proof, list[Body]] = {}
    for mutation in created:
        said = _read(mutation, organization_id, keys)
        problems[mutation.mutation_id] = INVALID if said is None else None
        if said is not None and (digest := str(mutation.set["body_sha256"][1])) in recorded:
            problems[mutation.mutation_id] = RECORDED
        elif said is not None:
            recorded.add(digest)
            statements.setdefault(_proof(mutation), []).append(said)
    for mutation in with_signer:
        if not any(_covers(said, mutation) for said in statements.get(_proof(mutation), ())):
            problems[mutation.mutation_id] = problems.get(mutation.mutation_id) or INVALID
    return problems


def _proof(mutation: Mutation) -> Proof:
    signer = mutation.signer.user if mutation.signer else mutation.user
    return mutation.group, signer, mutation.aggregate_id


def _recorded(connection: Connection[TupleRow], organization_id: str, aggregate_ids: Iterable[str]) -> set[str]:
    """Digests of the statements that some orders hold already: each counts once."""
    found = connection.execute(
        "select body_sha256 from signature where organization_id = %s and aggregate_id = any(%s::uuid[])",
        (organization_id, sorted(aggregate_ids)),
    )
    return {row[0] for row in found}


def _covers(said: Body, mutation: Mutation) -> bool:
    """Whether a statement covers a mutation made in its signer's name."""
    if mutation.type in {"signature.create", "personal_value.create"}:
        return True
    new = {name: pair[1] for name, pair in mutation.set.items()}
    is_step = mutation.type == "work_order.set" and {"status"} <= new.keys() <= {"status", "status_reason"}
    return is_step and new["status"] == _step(said) and new.get("status_reason", said.reason) == said.reason


def _step(said: Body) -> str | None:
    """State that a statement takes its order to."""
    return "in_progress" if said.decision == "returned" else STATUS_AFTER[said.meaning]


def _read(mutation: Mutation, organization_id: str, keys: dict[str, tuple[str, str, bool]]) -> Body | None:
    """Read the statement of a signature; None when anything about it is not as it says."""
    value = {name: pair[1] for name, pair in mutation.set.items()}
    device_id = mutation.signer.device if mutation.signer else mutation.device
    person_id = mutation.signer.user if mutation.signer else mutation.user
    owner, public_key, is_revoked = keys.get(device_id, ("", "", True))
    if is_revoked or owner != person_id:
        return None
    body = str(value.get("body")).encode()
    said = signed_body.read_body(body)
    if isinstance(said, Problem):
        return None
    if (said.organization, said.user, said.device) != (organization_id, person_id, device_id):
        return None
    if said.order.id != mutation.aggregate_id or not _says_the_same(said, body, value):
        return None
    message = signed_body.signing_input(said.meaning, body)
    return said if verify(public_key, str(value.get("signature")), message) else None


def _says_the_same(said: Body, body: bytes, value: Mapping[str, object]) -> bool:
    """The columns beside the body are a projection of it: they may not say anything else."""
    columns = {
        "meaning": said.meaning,
        "signer_id": said.user,
        "signer_role": said.role,
        "signer_device_id": said.device,
        "body_sha256": signed_body.sha256_of(body),
        "reason": said.reason,
        "signed_at": said.at.device,
    }
    return all(value.get(name) == stated for name, stated in columns.items())
