"""Bringing mutations of earlier versions into the present form: on the server as they arrive, on a device for replay.

Pure, and never of the bytes: what was sealed is stored, compared and sent as it is. A version adds one dictionary of
steps to STEPS; a step is kept until no device can bring its version any more (version.OLDEST_MUTATION).
"""

from collections.abc import Callable, Mapping

import msgspec

from sync_server.contract.messages import Mutation
from sync_server.contract.rules.clocks import offset_of
from sync_server.contract.version import MUTATION, OLDEST_MUTATION

Step = Callable[[Mutation], Mutation]
"""From one version to the next; `v` is written by `upcast`."""


def _name_offset(mutation: Mutation) -> Mutation:
    """Since version 2 a record carries, as visits always did, how far the clock was off that it was made by."""
    return _with(mutation, "offset_ms", offset_of(mutation))


def _name_offset_of_answer(mutation: Mutation) -> Mutation:
    if "answered_at" not in mutation.set:
        return mutation
    is_answered = mutation.set["answered_at"][1] is not None
    return _with(mutation, "answered_offset_ms", offset_of(mutation) if is_answered else None)


def _with(mutation: Mutation, name: str, value: int | None) -> Mutation:
    return msgspec.structs.replace(mutation, set={**mutation.set, name: (None, value)})


STEPS: Mapping[int, Mapping[str, Step]] = {
    1: {
        "comment.create": _name_offset,
        "attachment.create": _name_offset,
        "signature.create": _name_offset,
        "stock_movement.create": _name_offset,
        "checklist_item.set": _name_offset_of_answer,
    },
    2: {},  # the third only brings meters
    3: {},  # the fourth only brings what else is known and said of assets
}
"""Version → type of mutation → what brings it to the next version; types that are not named stay what they are."""


def is_known(version: int) -> bool:
    """Whether mutations of a version can be brought into the present form."""
    return OLDEST_MUTATION <= version <= MUTATION


def upcast(mutation: Mutation) -> Mutation:
    """Give a mutation in the present form. One of a version that is not known comes back as it is."""
    if not is_known(mutation.v):
        return mutation
    for version in range(mutation.v, MUTATION):
        step = STEPS.get(version, {}).get(mutation.type)
        mutation = mutation if step is None else step(mutation)
    return mutation if mutation.v == MUTATION else msgspec.structs.replace(mutation, v=MUTATION)
