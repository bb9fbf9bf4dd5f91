"""Let organizations say what happens by itself.

Revision: 0039
Follows: 0038. Runs beside the release before, which follows no rules.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

RULE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
MEANINGS = (
    (
        "organization_id",
        "Organization that the row belongs to; first in every key, and what row level security compares.",
    ),
    ("id", "Made by the server; ids of what it makes follow from it."),
    ("name", "What it is called; of those that are on no two alike."),
    ("event", "On what it looks."),
    ("conditions", "JSON list of what has to be so; empty: nothing."),
    ("action", "What is done then."),
    ("tag_id", "Tag that is added. NULL: something else is done."),
    ("priority", "Priority that the order gets. NULL: something else is done."),
    ("work_order_template_id", "Template that an order is made of. NULL: something else is done."),
    ("created_at", "When it was made; of several the oldest acts first."),
    ("updated_at", "When it was switched off, or made."),
    ("off_at", "Since when it does nothing any more, for good. NULL: it is on."),
    ("off_because", "Why, in a sentence. NULL: it is on."),
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE rule (
          organization_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, event text NOT NULL,
          conditions text NOT NULL, action text NOT NULL, tag_id uuid, priority text, work_order_template_id uuid,
          created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, off_at timestamptz, off_because text,
          CONSTRAINT pk_rule PRIMARY KEY (organization_id, id),
          CONSTRAINT fk_rule_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
          CONSTRAINT fk_rule_tag_id FOREIGN KEY (organization_id, tag_id)
            REFERENCES tag (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
          CONSTRAINT fk_rule_work_order_template_id FOREIGN KEY (organization_id, work_order_template_id)
            REFERENCES work_order_template (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
          CONSTRAINT ck_rule_name CHECK (char_length(name) BETWEEN 1 AND 200),
          CONSTRAINT ck_rule_event
            CHECK (event IN ('order_created', 'order_completed', 'order_returned', 'reading_critical')),
          CONSTRAINT ck_rule_action CHECK (action IN ('add_tag', 'set_priority', 'make_order')),
          CONSTRAINT ck_rule_priority CHECK (priority IN ('low', 'medium', 'high', 'critical')),
          CONSTRAINT ck_rule_add_tag CHECK ((action = 'add_tag') = (tag_id IS NOT NULL)),
          CONSTRAINT ck_rule_set_priority CHECK ((action = 'set_priority') = (priority IS NOT NULL)),
          CONSTRAINT ck_rule_make_order CHECK ((action = 'make_order') = (work_order_template_id IS NOT NULL)),
          CONSTRAINT ck_rule_off_because CHECK ((off_at IS NULL) = (off_because IS NULL))
        )
    """)
    op.execute("CREATE INDEX ix_rule_event ON rule (organization_id, event) WHERE off_at IS NULL")
    op.execute("CREATE UNIQUE INDEX uq_rule_name ON rule (organization_id, name) WHERE off_at IS NULL")
    op.execute("ALTER TABLE rule ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rule FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organization_only ON rule USING ({RULE}) WITH CHECK ({RULE})")
    op.execute("GRANT SELECT ON rule TO cmms_app_sync, cmms_worker, cmms_readonly, cmms_backup")
    op.execute("GRANT INSERT ON rule TO cmms_worker")
    op.execute("GRANT UPDATE (off_at, off_because, updated_at) ON rule TO cmms_app_sync, cmms_worker")
    op.execute("""
        COMMENT ON TABLE rule IS
          'On an event, where conditions hold, one action. Only ever switched off; whoever wants another makes one.'
    """)
    for column, meaning in MEANINGS:
        op.execute(f"COMMENT ON COLUMN rule.{column} IS '{meaning}'")


def downgrade() -> None:
    op.execute("DROP TABLE rule")
