"""What the organization calls closed words, as sync brings it. Nothing of it is trusted to be well formed."""

from collections.abc import Mapping
from typing import Final

from cmms_desktop.replica.transaction import Reading
from sync_server.contract.rules.own_words import is_own_word, own_text

ENTITIES: Final = frozenset({"i18n_string"})
"""What it is read from."""
LANGUAGE: Final = "en"
"""Of the words on the screen."""

OwnWords = Mapping[tuple[str, str], str]
"""Kind and closed word → what people read in its place."""


def own_words(reading: Reading) -> OwnWords:
    """Give the organization's own words in the language of the screen; of several for one the last counts."""
    found = reading.cursor.execute(
        "SELECT kind, word, text FROM i18n_string WHERE deleted_at IS NULL AND language = ? ORDER BY updated_at, id",
        (LANGUAGE,),
    ).fetchall()
    said = {(kind, word): own_text(text) for kind, word, text in found if is_own_word(kind, word)}
    return {named: text for named, text in said.items() if text}
