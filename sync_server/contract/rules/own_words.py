"""Which words an organization may call by another name, and what such a name is. Pure; asked on both sides.

Only what people read changes: rows, rules and what is signed keep the closed word.
"""

import re
from collections.abc import Mapping
from typing import Final

from sync_server.contract.entities.work_orders import PRIORITIES, STATES, TYPES
from sync_server.contract.rules.draft import derived_id

WORDS: Final[Mapping[str, tuple[str, ...]]] = {"status": STATES, "priority": PRIORITIES, "type": TYPES}
"""Kind → its closed words."""
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
LONGEST: Final = 40


def own_word_id(organization_id: str, language: str, kind: str, word: str) -> str:
    """Id of the row that says a word in a language: there is one."""
    return derived_id(organization_id, f"i18n_string:{language}:{kind}:{word}")


def is_own_word(kind: object, word: object) -> bool:
    """Whether there is such a closed word."""
    return word in WORDS.get(str(kind), ())


def own_text(text: object) -> str:
    """Give a name as people read it; "": it is none, and the program's own word stands."""
    said = text.strip() if isinstance(text, str) else ""
    return said if said.isprintable() and len(said) <= LONGEST else ""
