CREATE TABLE work_order_asset (
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
  work_order_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  position integer DEFAULT 0 NOT NULL,
  note text,
  CONSTRAINT pk_work_order_asset PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_asset_work_order_id FOREIGN KEY(organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_work_order_asset_asset_id FOREIGN KEY(organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_work_order_asset_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_work_order_asset_position CHECK (position >= 0)
);
CREATE INDEX ix_work_order_asset_aggregate_id ON work_order_asset (organization_id, aggregate_id);
CREATE INDEX ix_work_order_asset_asset_id ON work_order_asset (organization_id, asset_id) WHERE deleted_at IS NULL;
