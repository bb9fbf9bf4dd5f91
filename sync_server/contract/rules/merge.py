"""Three-way merge of one field (product.md §6). Server commit order decides; no clock takes part."""

import enum

from sync_server.contract.codec import same
from sync_server.contract.fields import ColumnSpec, Merge, Scalar
from sync_server.contract.rules.text_merge import merge_text


class Fate(enum.Enum):
    """What becomes of a field that a mutation wants to change."""

    APPLY = "apply"
    NOTHING = "nothing"
    MERGED = "merged"
    CONFLICT = "conflict"
    REQUEST = "request"
    ILLEGAL = "illegal"
    """The state machine has no such step, or not for him. Only states come to it, in registers.py."""


def merge_field(
    column: ColumnSpec, *, current: Scalar, old: Scalar, new: Scalar, is_office: bool
) -> tuple[Fate, Scalar]:
    """Decide one field from the current value and the mutation's old and new one.

    Returns the fate and the value that stands afterwards. A technician's edit of planning data (OFFICE_WINS)
    leaves the value and becomes a request.
    """
    if same(column, current, new):  # `new` was checked; `old` is whatever the author says
        return Fate.NOTHING, current
    if column.merge is Merge.OFFICE_WINS and not is_office:
        return Fate.REQUEST, current
    if is_same(column, current, old):
        return Fate.APPLY, new
    if column.merge is Merge.TEXT:
        texts = [value if isinstance(value, str) else "" for value in (old, new, current)]
        merged = merge_text(*texts)
        if merged is not None and len(merged) <= column.characters:
            return Fate.MERGED, merged
    return Fate.CONFLICT, current


def is_same(column: ColumnSpec, value: Scalar, old: Scalar) -> bool:
    """Compare a checked value with `old`, which is whatever the author says."""
    try:
        return same(column, value, old)
    except ArithmeticError:  # no number at all
        return False
