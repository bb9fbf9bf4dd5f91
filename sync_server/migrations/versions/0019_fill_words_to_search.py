"""Add the words of rows that were there before they were kept, some hundred a transaction, while everybody works.

A row that is written meanwhile has its words from the triggers of 0018, and keeps those: nothing here overwrites. What
hangs on an order or asset takes its site from there, which is locked against a move for as long as its batch takes.
Ended half-way it goes on where it stood when it is run again.

Revision: 0019
Follows: 0018. Runs beside the release before.
"""

from collections.abc import Iterator

from alembic import op
from sqlalchemy import Connection, text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BATCH = 500
FIRST = "00000000-0000-0000-0000-000000000000"
UPTO = """
SELECT organization_id::text, id::text FROM (
  SELECT organization_id, id FROM {table} WHERE (organization_id, id) > (CAST(:organization AS uuid), CAST(:id AS uuid))
  ORDER BY organization_id, id LIMIT :batch) AS next
ORDER BY organization_id DESC, id DESC LIMIT 1
"""
BETWEEN = """(t.organization_id, t.id) > (CAST(:organization AS uuid), CAST(:id AS uuid))
  AND (t.organization_id, t.id) <= (CAST(:to_organization AS uuid), CAST(:to_id AS uuid))"""
KNOWN = "NOT EXISTS (SELECT FROM search_entry AS s WHERE (s.organization_id, s.entity, s.id) = {key})"
ROOT = """
INSERT INTO search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
SELECT t.organization_id, '{table}', t.id, t.id, t.site_id, t.deleted_at IS NULL, {words}
FROM {table} AS t WHERE {between} AND {known} ON CONFLICT DO NOTHING
"""
CHILD = """
INSERT INTO search_entry (organization_id, entity, id, aggregate_id, site_id, live, words)
SELECT t.organization_id, '{table}', t.id, t.aggregate_id, r.site_id, r.deleted_at IS NULL,
  CASE WHEN t.deleted_at IS NULL THEN {words} ELSE '' END
FROM {table} AS t JOIN {root} AS r ON r.organization_id = t.organization_id AND r.id = t.aggregate_id
WHERE {between} AND {known} ORDER BY r.organization_id, r.id FOR SHARE OF r ON CONFLICT DO NOTHING
"""
WORDS = {
    "work_order": ("number, t.title", "description, t.asset_text"),
    "asset": ("code, t.name", "serial, t.registration_number, t.manufacturer, t.model, t.notes"),
    "asset_document": ("title, t.reference", "kept_at"),
    "comment": (None, "text"),
}
ROOTS = {"asset_document": "asset", "comment": "work_order"}


def upgrade() -> None:
    """Each statement commits for itself: no lock is held from one batch to the next."""
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        connection.execute(text("RESET ROLE"))
        for table in WORDS:
            for span in _spans(connection, table):
                connection.execute(text(_filling(table)), span)
        connection.execute(text("SET ROLE cmms_owner"))


def downgrade() -> None:
    """Nothing to take back: 0018 takes the table."""


def _spans(connection: Connection, table: str) -> Iterator[dict[str, object]]:
    organization, id_ = FIRST, FIRST
    while True:
        start: dict[str, object] = {"organization": organization, "id": id_}
        found = connection.execute(text(UPTO.format(table=table)), {**start, "batch": BATCH}).fetchone()
        if found is None:
            return
        organization, id_ = found
        yield {**start, "to_organization": organization, "to_id": id_}


def _filling(table: str) -> str:
    title, rest = WORDS[table]
    weighted = [(title, "A"), (rest, "B")]
    words = " || ".join(
        f"setweight(search_words(concat_ws(' ', t.{names})), '{weight}')" for names, weight in weighted if names
    )
    known = KNOWN.format(key=f"(t.organization_id, '{table}', t.id)")
    statement = CHILD if table in ROOTS else ROOT
    return statement.format(table=table, root=ROOTS.get(table, ""), between=BETWEEN, known=known, words=words)
