"""Let a remark be about an asset: one reference for each kind of thing, of which exactly one is named.

Revision: 0020
Follows: 0019. Runs beside the release before, whose remarks are all about orders.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SEEN_THROUGH = "EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = comment.organization_id AND r.id = {key})"
SITE_OF_ORDER = (
    "SELECT w.organization_id, 'comment', w.id, w.aggregate_id, o.site_id, o.deleted_at IS NULL,",
    "FROM written AS w JOIN public.work_order AS o ON o.organization_id = w.organization_id AND o.id = w.aggregate_id;",
)
SITE_OF_EITHER = (
    "SELECT w.organization_id, 'comment', w.id, w.aggregate_id, r.site_id, r.deleted_at IS NULL,",
    "FROM written AS w CROSS JOIN LATERAL ("
    "SELECT site_id, deleted_at FROM public.work_order WHERE organization_id = w.organization_id"
    " AND id = w.work_order_id UNION ALL SELECT site_id, deleted_at FROM public.asset"
    " WHERE organization_id = w.organization_id AND id = w.asset_id) AS r;",
)
"""What `keep_new_words` takes the site of a remark from, in 0018 and here."""
MEANINGS = {
    "work_order_id": "Order that it is about. NULL: it is about something else.",
    "parent_id": "Remark that it answers, which answers none itself (D-179). NULL: it begins.",
    "asset_id": "Asset that it is about. NULL: it is about something else.",
}


def upgrade() -> None:
    op.execute("ALTER TABLE comment ADD COLUMN asset_id uuid")
    op.execute("ALTER TABLE comment ALTER COLUMN work_order_id DROP NOT NULL")
    op.execute("ALTER TABLE comment DROP CONSTRAINT ck_comment_aggregate_id")
    # without looking at the rows (0021 does): nobody writes a remark from here to the end
    op.execute("""
        ALTER TABLE comment
          ADD CONSTRAINT fk_comment_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
            (organization_id, id) DEFERRABLE NOT VALID,
          ADD CONSTRAINT ck_comment_aggregate_id CHECK (aggregate_id = coalesce(work_order_id, asset_id)) NOT VALID,
          ADD CONSTRAINT ck_comment_subject CHECK (num_nonnulls(work_order_id, asset_id) = 1) NOT VALID
    """)
    _let_the_office_see("work_order", "asset")
    _take_sites(SITE_OF_ORDER, SITE_OF_EITHER)
    op.execute("COMMENT ON TABLE comment IS 'A remark about one thing, or an answer to one.'")
    for column, meaning in MEANINGS.items():
        op.execute(f"COMMENT ON COLUMN comment.{column} IS '{meaning}'")


def downgrade() -> None:
    _let_the_office_see("work_order")
    _take_sites(SITE_OF_EITHER, SITE_OF_ORDER)
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE comment DISABLE TRIGGER guard_removal")
    op.execute("DELETE FROM comment WHERE work_order_id IS NULL")  # the release before cannot hold them
    op.execute("ALTER TABLE comment ENABLE TRIGGER guard_removal")
    op.execute(
        "DELETE FROM search_entry AS s WHERE entity = 'comment' AND NOT EXISTS (SELECT FROM comment AS c"
        " WHERE c.organization_id = s.organization_id AND c.id = s.id)"
    )
    op.execute("SET ROLE cmms_owner")
    op.execute("ALTER TABLE comment DROP CONSTRAINT ck_comment_subject, DROP CONSTRAINT ck_comment_aggregate_id")
    op.execute("ALTER TABLE comment DROP COLUMN asset_id")
    op.execute("ALTER TABLE comment ALTER COLUMN work_order_id SET NOT NULL")
    op.execute("ALTER TABLE comment ADD CONSTRAINT ck_comment_aggregate_id CHECK (aggregate_id = work_order_id)")
    op.execute("COMMENT ON TABLE comment IS 'A remark, or an answer to one.'")
    op.execute("COMMENT ON COLUMN comment.work_order_id IS 'Order that it is about.'")
    op.execute("COMMENT ON COLUMN comment.parent_id IS 'Remark that it answers. NULL: it begins.'")


def _let_the_office_see(*roots: str) -> None:
    rule = " OR ".join(SEEN_THROUGH.format(root=root, key=f"comment.{root}_id") for root in roots)
    op.execute("DROP POLICY site_only ON comment")
    op.execute(f"CREATE POLICY site_only ON comment AS RESTRICTIVE FOR SELECT TO cmms_app_office USING ({rule})")


def _take_sites(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Exchange lines of `keep_new_words`. Fails when they are not there: another revision has changed it."""
    found = op.get_bind().exec_driver_sql("SELECT pg_get_functiondef('keep_new_words()'::regprocedure)").scalar_one()
    for line, other in zip(old, new, strict=True):
        if line not in found:
            raise RuntimeError("keep_new_words() is not what 0018 made")
        found = found.replace(line, other)
    op.get_bind().exec_driver_sql(found.replace("%", "%%"))
