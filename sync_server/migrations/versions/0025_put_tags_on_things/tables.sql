-- Tags of an organization, and what they are on.

CREATE TABLE tag (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  aggregate_id uuid NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL,
  row_hash bigint DEFAULT 0 NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  deleted_at timestamptz,
  name text NOT NULL,
  meaning text,
  code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_tag PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_tag_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_tag_aggregate_id CHECK (aggregate_id = id)
);
CREATE INDEX ix_tag_aggregate_id ON tag (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_tag_name ON tag (organization_id, name) WHERE deleted_at IS NULL AND NOT code_conflict;
CREATE INDEX ix_tag_code_conflict ON tag (organization_id, name) WHERE code_conflict;

CREATE TABLE entity_tag (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  aggregate_id uuid NOT NULL,
  version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL,
  row_hash bigint DEFAULT 0 NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  updated_at timestamptz NOT NULL,
  updated_by uuid,
  deleted_at timestamptz,
  tag_id uuid NOT NULL,
  work_order_id uuid,
  asset_id uuid,
  CONSTRAINT pk_entity_tag PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_entity_tag_tag_id FOREIGN KEY (organization_id, tag_id) REFERENCES tag
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_entity_tag_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_entity_tag_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_entity_tag_aggregate_id CHECK (aggregate_id = coalesce(work_order_id, asset_id)),
  CONSTRAINT ck_entity_tag_subject CHECK (num_nonnulls(work_order_id, asset_id) = 1)
);
CREATE INDEX ix_entity_tag_aggregate_id ON entity_tag (organization_id, aggregate_id);
CREATE INDEX ix_entity_tag_tag_id ON entity_tag (organization_id, tag_id);
