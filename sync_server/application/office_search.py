"""Search for the office: orders, assets, their papers and remarks by words and tags, the best first.

The words go into a setting of the transaction, which a policy of `search_entry` compares (D-188 in ../README.md).
Nothing here writes, and nothing counts what the reader does not see.
"""

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_lists import office_reading
from sync_server.authz.visibility import Caller
from sync_server.storage.engine import Database

MOST = 100
MOST_CHARACTERS = 400
"""Of a question; what follows is left out."""
MOST_WORDS = 12
BEGINS_AT = 3
"""Letters from which a word finds all that begins like it; a shorter one finds only itself."""

MOST_TAGS = 200
"""Tags that one word of a question may mean; of more that begin so, the oldest count."""

_ASK = f"""
with asked as (
  select quote_literal(word) || case when char_length(word) >= {BEGINS_AT} then ':*' else '' end as word
  from unnest(tsvector_to_array(search_words(%(words)s))) as word limit {MOST_WORDS}),
tags as materialized (
  select t.id, search_words(t.name) as words from tag t
  where t.organization_id = %(organization)s and t.deleted_at is null)
select set_config('app.search', coalesce(string_agg('(' || concat_ws(' | ', asked.word, (
    select string_agg(quote_literal('#' || meant.id), ' | ') from (
      select tags.id from tags where tags.words @@ asked.word::tsquery order by tags.id limit {MOST_TAGS}) as meant
  )) || ')', ' & '), ''), true)
from asked
"""
"""A word is asked for itself, and for each tag of which it is a word: entries name tags by `#` and their id, which no
word can be."""
_FIND = """
with asked as materialized (select nullif(current_setting('app.search', true), '')::tsquery as words),
best as materialized (
  select s.entity, s.id, s.aggregate_id, s.site_id, ts_rank(s.words, asked.words) as rank from search_entry s, asked
  where s.organization_id = %(organization)s and s.live
  order by rank desc, s.entity desc, s.id limit %(limit)s)
select b.entity, b.id::text, b.aggregate_id::text, b.site_id::text, coalesce(o.number, a.code),
  coalesce(o.title, a.name), coalesce(d.title, left(c.text, 200))
from best b
left join work_order o on o.organization_id = %(organization)s and o.id = b.aggregate_id
left join asset a on a.organization_id = %(organization)s and a.id = b.aggregate_id
left join asset_document d on d.organization_id = %(organization)s and d.id = b.id
left join comment c on c.organization_id = %(organization)s and c.id = b.id
where o.id is not null or a.id is not null
order by b.rank desc, b.entity desc, b.id
"""


class Found(msgspec.Struct, frozen=True):
    """Something whose words were asked for.

    Attributes:
        entity: `work_order`, `asset`, `asset_document` or `comment`.
        aggregate_id: The order or asset that it is, or is of.
        code: The order's number or the asset's code.
        title: The order's title or the asset's name.
        text: A paper's title or a remark's first 200 characters. None: it is the order or asset itself.
    """

    entity: str
    id: str
    aggregate_id: str
    site_id: str
    code: str
    title: str
    text: str | None


def search(database: Database, caller: Caller, words: str, *, limit: int) -> list[Found]:
    """Find what holds all the words, or words that begin like them, on the caller's sites; at most 100, the best first.

    Any text may be asked for: nothing in it is an operator, and what is no word is left out.
    """
    with office_reading(database, caller) as connection:
        return found(connection, caller.organization_id, words, limit=limit)


def found(connection: Connection[TupleRow], organization_id: str, words: str, *, limit: int) -> list[Found]:
    """Find as `search` does, with a connection that sees some sites."""
    plain = words[:MOST_CHARACTERS].encode(errors="replace").decode().replace("\0", " ")
    question = {"words": plain, "organization": organization_id}
    (asked,) = connection.execute(_ASK.encode(), question).fetchone() or ("",)
    if not asked:
        return []
    values = {"organization": organization_id, "limit": max(1, min(limit, MOST))}
    return [Found(*row) for row in connection.execute(_FIND.encode(), values)]
