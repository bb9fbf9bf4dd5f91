"""Whether signed statements are what they claim: bytes, key, owner of the key, order, meaning.

Carrying a signature needs no right; signing does. The policy and access rules then judge the signer, not the carrier.
"""

import base64
from collections.abc import Mapping, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.messages import Mutation
from sync_server.contract.problems import Problem
from sync_server.contract.rules import signed_body
from sync_server.storage.devices import public_keys

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
    """Check every signature of a batch, and that a named signer signed in the same group. Mutation id → problem."""
    created = [mutation for mutation in batch if mutation.type == "signature.create"]
    with_signer = [mutation for mutation in batch if mutation.signer is not None]
    if not created and not with_signer:
        return {}
    devices = {mutation.signer.device if mutation.signer else mutation.device for mutation in created}
    keys = public_keys(connection, organization_id, sorted(devices))
    problems = {mutation.mutation_id: _check(mutation, keys) for mutation in created}
    proofs = {
        (mutation.group, mutation.signer.user, mutation.aggregate_id)
        for mutation in created
        if mutation.signer is not None and problems[mutation.mutation_id] is None
    }
    for mutation in with_signer:
        if mutation.signer and (mutation.group, mutation.signer.user, mutation.aggregate_id) not in proofs:
            problems[mutation.mutation_id] = problems.get(mutation.mutation_id) or INVALID
    return problems


def _check(mutation: Mutation, keys: dict[str, tuple[str, str, bool]]) -> Problem | None:
    value = {name: pair[1] for name, pair in mutation.set.items()}
    device_id = mutation.signer.device if mutation.signer else mutation.device
    person_id = mutation.signer.user if mutation.signer else mutation.user
    owner, public_key, is_revoked = keys.get(device_id, ("", "", True))
    if is_revoked or owner != person_id or value.get("signer_id") != person_id:
        return INVALID
    if value.get("signer_device_id") != device_id:
        return INVALID
    body = str(value.get("body")).encode()
    if signed_body.check_body(body) or not _says_the_same(body, value, mutation):
        return INVALID
    message = signed_body.signing_input(str(value["meaning"]), body)
    return None if verify(public_key, str(value.get("signature")), message) else INVALID


def _says_the_same(body: bytes, value: Mapping[str, object], mutation: Mutation) -> bool:
    """The columns beside the body are a projection of it: they may not say anything else."""
    said = msgspec.json.decode(body)
    return bool(
        said.get("meaning") == value.get("meaning")
        and said.get("role") == value.get("signer_role")
        and said.get("user") == value.get("signer_id")
        and said.get("device") == value.get("signer_device_id")
        and said.get("order", {}).get("id") == mutation.aggregate_id
        and signed_body.sha256_of(body) == value.get("body_sha256")
    )
