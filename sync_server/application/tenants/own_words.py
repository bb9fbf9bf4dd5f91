"""What an organization calls closed words: written like any other record, so that devices have it with a sync."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sync_server.application.organizations import new_row
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.own_words import LANGUAGE, LONGEST, is_own_word, own_text, own_word_id
from sync_server.errors import Refused
from sync_server.storage.engine import Database

ENTITY = "i18n_string"


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word in one language. `text`: what people read; empty: the program's own."""

    language: str
    kind: str
    word: str
    text: str


def call(database: Database, organization_id: str, said: OwnWord) -> None:
    """Let an organization call a word so, or, with an empty text, as the program does. The same again changes nothing.

    Raises:
        Refused: there is no such word or language, or the text cannot be.
    """
    _check(said)
    row_id = own_word_id(organization_id, said.language, said.kind, said.word)
    with database.transaction("worker", organization_id) as connection:
        work = UnitOfWork(connection, organization_id, None)
        work.lock([(ENTITY, row_id)])
        standing, now, text = work.get(ENTITY, row_id), instant_text(datetime.now(UTC)), own_text(said.text)
        if standing is None and text:
            values = {"language": said.language, "kind": said.kind, "word": said.word, "text": text}
            work.put({(ENTITY, row_id): new_row(ENTITY, row_id, row_id, **values)})
        elif standing is not None:
            changed = {**standing, "text": text or standing["text"], "deleted_at": None if text else now}
            work.put({(ENTITY, row_id): {**changed, "updated_at": now}})
        if work.changed:
            work.finish()


def words(database: Database, organization_id: str) -> list[OwnWord]:
    """Give what an organization calls otherwise, by language, kind and word."""
    with database.transaction("readonly", organization_id) as connection:
        found = connection.execute(
            "select language, kind, word, text from i18n_string where organization_id = %s and deleted_at is null"
            " order by language, kind, word",
            (organization_id,),
        ).fetchall()
    return [OwnWord(*line) for line in found]


def _check(said: OwnWord) -> None:
    if not LANGUAGE.fullmatch(said.language):
        raise Refused("invalid_value", "A language is written like en or pt-BR.")
    if not is_own_word(said.kind, said.word):
        raise Refused("invalid_value", f"There is no {said.kind} called {said.word}.")
    if said.text.strip() and not own_text(said.text):
        raise Refused("invalid_value", f"What people read has at most {LONGEST} characters, in one line.")
