"""What an organization calls closed words, as an administrator says it."""

from sync_server.application.tenants import own_words
from sync_server.application.tenants.own_words import OwnWord
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings


def call(slug: str, said: OwnWord) -> Answer:
    """Let an organization call a word so."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        own_words.call(database, known_organization(database, slug), said)
    return {"organization": slug, **_described(said)}, f"Devices of {slug} show it after their next sync."


def words(slug: str) -> Answer:
    """List what an organization calls otherwise, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = own_words.words(database, known_organization(database, slug))
    lines = lines_of(f"{each.language}  {each.kind} {each.word}: {each.text}" for each in found)
    return {"words": [_described(each) for each in found]}, lines or f"{slug} has no words of its own."


def _described(each: OwnWord) -> dict[str, str]:
    return {"language": each.language, "kind": each.kind, "word": each.word, "text": each.text}
