"""Let a photo be of an asset, or be added to a remark: one reference for each kind of thing, of which one is named.

Revision: 0046
Follows: 0045. Runs beside the release before, whose photos are all of orders.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

SEEN_THROUGH = "EXISTS (SELECT FROM {root} AS r WHERE r.organization_id = attachment.organization_id AND r.id = {key})"
MEANINGS = {
    "work_order_id": "Order that it belongs to. NULL: it belongs to something else.",
    "asset_id": "Asset that it belongs to. NULL: it belongs to something else.",
    "comment_id": "Remark on the same thing that it was added to (D-192). NULL: it stands for itself.",
}


def upgrade() -> None:
    op.execute("ALTER TABLE attachment ADD COLUMN asset_id uuid, ADD COLUMN comment_id uuid")
    op.execute("ALTER TABLE attachment ALTER COLUMN work_order_id DROP NOT NULL")
    op.execute("ALTER TABLE attachment DROP CONSTRAINT ck_attachment_aggregate_id")
    # without looking at the rows (0047 does): nobody writes a photo from here to the end
    op.execute("""
        ALTER TABLE attachment
          ADD CONSTRAINT fk_attachment_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
            (organization_id, id) DEFERRABLE NOT VALID,
          ADD CONSTRAINT fk_attachment_comment_id FOREIGN KEY (organization_id, comment_id) REFERENCES comment
            (organization_id, id) DEFERRABLE NOT VALID,
          ADD CONSTRAINT ck_attachment_aggregate_id CHECK (aggregate_id = coalesce(work_order_id, asset_id)) NOT VALID,
          ADD CONSTRAINT ck_attachment_subject CHECK (num_nonnulls(work_order_id, asset_id) = 1) NOT VALID
    """)
    _let_the_office_see("work_order", "asset")
    op.execute(
        "COMMENT ON TABLE attachment IS 'A photo or document of one thing. Its bytes travel apart, by their digest.'"
    )
    for column, meaning in MEANINGS.items():
        op.execute(f"COMMENT ON COLUMN attachment.{column} IS '{meaning}'")


def downgrade() -> None:
    _let_the_office_see("work_order")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE attachment DISABLE TRIGGER guard_removal")
    op.execute("DELETE FROM attachment WHERE work_order_id IS NULL")  # the release before cannot hold them
    op.execute("ALTER TABLE attachment ENABLE TRIGGER guard_removal")
    op.execute("SET ROLE cmms_owner")
    op.execute("ALTER TABLE attachment DROP CONSTRAINT ck_attachment_subject")
    op.execute("ALTER TABLE attachment DROP CONSTRAINT ck_attachment_aggregate_id")
    op.execute("ALTER TABLE attachment DROP COLUMN asset_id, DROP COLUMN comment_id")
    op.execute("ALTER TABLE attachment ALTER COLUMN work_order_id SET NOT NULL")
    op.execute("ALTER TABLE attachment ADD CONSTRAINT ck_attachment_aggregate_id CHECK (aggregate_id = work_order_id)")
    op.execute("COMMENT ON TABLE attachment IS 'A photo or document. Its bytes travel apart, by their digest.'")
    op.execute("COMMENT ON COLUMN attachment.work_order_id IS 'Order that it belongs to.'")


def _let_the_office_see(*roots: str) -> None:
    rule = " OR ".join(SEEN_THROUGH.format(root=root, key=f"attachment.{root}_id") for root in roots)
    op.execute("DROP POLICY site_only ON attachment")
    op.execute(f"CREATE POLICY site_only ON attachment AS RESTRICTIVE FOR SELECT TO cmms_app_office USING ({rule})")
