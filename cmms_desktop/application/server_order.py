"""The order of records of one order of work as the server met them: no device's clock turns it over.

What it has not met yet comes last, in the order in which it was made here.
"""


def server_order(said_at: str, *, alias: str = "") -> str:
    """SQL for ORDER BY, the oldest first.

    Args:
        said_at: Column with the device's time, for what the server met in one moment.
        alias: Of the table, with its dot.
    """
    met = f"CASE WHEN {alias}version > 0 THEN {alias}created_at END"
    made = f"CASE WHEN {alias}version = 0 THEN {alias}rowid END"
    return f"{alias}version = 0, {met}, {made}, {alias}{said_at}, {alias}id"
