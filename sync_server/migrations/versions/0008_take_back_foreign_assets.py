"""Take assets of other sites back from people who may not enter those sites.

Until here an order lent whatever asset it named. Each organization concerned gets one commit of its own, so that its
devices hear of it with their next pull; what an order may still lend stays as it is.

Revision: 0008
Follows: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("RESET ROLE")
    # first the clocks: whoever writes meanwhile changes what is counted next
    op.execute("SELECT FROM org_clock ORDER BY organization_id FOR NO KEY UPDATE")
    op.execute("""
        CREATE TEMPORARY TABLE foreign_reason ON COMMIT DROP AS
        SELECT r.organization_id, r.scope_id, r.aggregate_id, r.reason_type, r.reason_id FROM scope_reason r
        JOIN work_order w ON w.organization_id = r.organization_id AND w.id = r.reason_id
        JOIN asset t ON t.organization_id = r.organization_id AND t.id = r.aggregate_id
        WHERE r.reason_type = 'work_order' AND r.aggregate_type = 'asset' AND t.site_id <> w.site_id
        AND NOT EXISTS (SELECT FROM site_access e WHERE e.organization_id = r.organization_id
          AND e.site_id = t.site_id AND 'user:' || e.person_id = r.scope_id AND e.deleted_at IS NULL)
    """)
    op.execute("""
        WITH tick AS (
          UPDATE org_clock SET seq = seq + 1, membership_seq = seq + 1
          WHERE organization_id IN (SELECT organization_id FROM foreign_reason) RETURNING organization_id, seq)
        INSERT INTO org_commit (organization_id, seq, nonce, at)
        SELECT organization_id, seq,
          ('x' || left(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::bigint & 9223372036854775807,
          clock_timestamp()
        FROM tick
    """)
    op.execute("""
        DELETE FROM scope_reason s USING foreign_reason f
        WHERE s.organization_id = f.organization_id AND s.scope_id = f.scope_id AND s.aggregate_id = f.aggregate_id
        AND s.reason_type = f.reason_type AND s.reason_id = f.reason_id
    """)
    op.execute("""
        UPDATE scope_aggregate s SET reasons = s.reasons - f.count, live = s.reasons > f.count,
          digest = CASE WHEN s.reasons > f.count THEN s.digest ELSE 0 END,
          seq = CASE WHEN s.reasons > f.count THEN s.seq ELSE c.seq END,
          left_seq = CASE WHEN s.reasons > f.count THEN s.left_seq ELSE c.seq END
        FROM (SELECT organization_id, scope_id, aggregate_id, count(*)::integer AS count FROM foreign_reason
          GROUP BY 1, 2, 3) f JOIN org_clock c ON c.organization_id = f.organization_id
        WHERE s.organization_id = f.organization_id AND s.scope_id = f.scope_id AND s.aggregate_id = f.aggregate_id
    """)
    op.execute("""
        UPDATE scope_head h SET count = n.count, digest = n.digest FROM (
          SELECT f.organization_id, f.scope_id, count(s.aggregate_id) AS count, coalesce(bit_xor(('x' || encode(
            substring(sha256(convert_to(s.aggregate_id || ':' || s.digest, 'UTF8')) FOR 8), 'hex'))::bit(64)::bigint),
            0) AS digest
          FROM (SELECT DISTINCT organization_id, scope_id FROM foreign_reason) f
          LEFT JOIN scope_aggregate s ON s.organization_id = f.organization_id AND s.scope_id = f.scope_id AND s.live
          GROUP BY 1, 2) n
        WHERE h.organization_id = n.organization_id AND h.scope_id = n.scope_id
    """)
    op.execute("SET ROLE cmms_owner")


def downgrade() -> None:
    pass  # what was taken back is nobody's to hold; an earlier release lends it again with the next edit of its order
