"""Name in the entries of orders and assets the tags that were on them before 0063, some hundred a transaction.

Entries are locked before the tags on them are read: whoever puts one on meanwhile has committed by then, or waits and
writes after this. Run again, it finds the same.

Revision: 0064
Follows: 0063. Runs beside the release before.
"""

from alembic import op
from sqlalchemy import text

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

BATCH = 500
FIRST = "00000000-0000-0000-0000-000000000000"
NEXT = """
SELECT organization_id::text, aggregate_id::text FROM (
  SELECT DISTINCT organization_id, aggregate_id FROM entity_tag
  WHERE (organization_id, aggregate_id) > (CAST(:organization AS uuid), CAST(:id AS uuid))
  ORDER BY organization_id, aggregate_id LIMIT :batch) AS next
"""
OF_THESE = """(s.organization_id, s.id) IN (
  SELECT o, i FROM unnest(CAST(:organizations AS uuid[]), CAST(:ids AS uuid[])) AS t(o, i))
  AND s.entity IN ('work_order', 'asset')"""
LOCK = f"SELECT FROM search_entry AS s WHERE {OF_THESE} ORDER BY s.organization_id, s.id FOR UPDATE"
FILL = f"""
UPDATE search_entry AS s SET words = ts_filter(s.words, '{{a,b}}') || coalesce((
    SELECT string_agg(quote_literal('#' || e.tag_id) || ':' || '1C', ' ') FROM entity_tag AS e
    WHERE e.organization_id = s.organization_id AND e.aggregate_id = s.id AND e.deleted_at IS NULL
  ), '')::tsvector
WHERE {OF_THESE}
"""


def upgrade() -> None:
    """Each batch commits for itself: no lock is held from one to the next."""
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        connection.execute(text("RESET ROLE"))
        organization, id_ = FIRST, FIRST
        while found := connection.execute(
            text(NEXT), {"organization": organization, "id": id_, "batch": BATCH}
        ).fetchall():
            organization, id_ = found[-1]
            these = {"organizations": [each[0] for each in found], "ids": [each[1] for each in found]}
            connection.execute(text("BEGIN"))
            for statement in (LOCK, FILL):
                connection.execute(text(statement), these)
            connection.execute(text("COMMIT"))
        connection.execute(text("SET ROLE cmms_owner"))


def downgrade() -> None:
    """Nothing to take back: the release before asks for no tag."""
