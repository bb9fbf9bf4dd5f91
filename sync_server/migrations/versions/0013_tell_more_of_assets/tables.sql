-- What else is known of assets, in the aggregate of each.

CREATE TABLE asset_specification (
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
  asset_id uuid NOT NULL,
  name text NOT NULL,
  value text NOT NULL,
  unit text,
  position integer DEFAULT 0 NOT NULL,
  CONSTRAINT pk_asset_specification PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_specification_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_asset_specification_aggregate_id CHECK (aggregate_id = asset_id)
);
CREATE INDEX ix_asset_specification_aggregate_id ON asset_specification (organization_id, aggregate_id);

CREATE TABLE asset_document (
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
  asset_id uuid NOT NULL,
  kind text DEFAULT 'other' NOT NULL,
  title text NOT NULL,
  reference text,
  kept_at text,
  issued_on date,
  expires_on date,
  CONSTRAINT pk_asset_document PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_document_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_asset_document_aggregate_id CHECK (aggregate_id = asset_id),
  CONSTRAINT ck_asset_document_kind CHECK (kind IN ('manual', 'drawing', 'certificate', 'permit', 'warranty', 'inspection', 'other'))
);
CREATE INDEX ix_asset_document_aggregate_id ON asset_document (organization_id, aggregate_id);

CREATE TABLE asset_relation (
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
  asset_id uuid NOT NULL,
  kind text NOT NULL,
  other_asset_id uuid NOT NULL,
  note text,
  CONSTRAINT pk_asset_relation PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_asset_relation_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_asset_relation_other_asset_id FOREIGN KEY (organization_id, other_asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_asset_relation_aggregate_id CHECK (aggregate_id = asset_id),
  CONSTRAINT ck_asset_relation_kind CHECK (kind IN ('feeds', 'protects', 'controls', 'backs_up', 'connected_to', 'replaces'))
);
CREATE INDEX ix_asset_relation_aggregate_id ON asset_relation (organization_id, aggregate_id);
