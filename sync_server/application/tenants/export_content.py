"""What an organization is handed of itself, and what stays behind: by name, so that a new column is handed out.

Left out is what proves or opens something to whoever has it. The rest belongs to the organization.
"""

from collections.abc import Mapping
from typing import Final

LEFT_OUT_TABLES: Final[Mapping[str, str]] = {
    "user_credential": "what people prove themselves with",
    "user_session": "what sessions go on with",
    "enrolment_code": "what new devices come in by",
    "push_subscription": "where and with which keys devices are reached",
    "search_entry": "words of what is handed out itself",
}
"""Tables of which nothing is handed out, and what is in them."""
LEFT_OUT_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "device": {
        "lease_nonce": "what the next contact has to name",
        "lease_nonce_previous": "what the next contact may name, too",
    },
    "activity_value": {"salt": "what would prove a forgotten value to whoever guesses it"},
    "personal_value": {"salt": "what would prove an erased value to whoever guesses it"},
}
"""Table → column that is not handed out → why."""


def left_out() -> dict[str, str]:
    """Give everything that is left out, as the archive itself says it: table, or table and column → why."""
    columns = {f"{table}.{name}": why for table, names in LEFT_OUT_COLUMNS.items() for name, why in names.items()}
    return {**LEFT_OUT_TABLES, **columns}
