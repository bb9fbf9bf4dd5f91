CREATE TABLE work_order_template (
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
  title text NOT NULL,
  description text,
  type text DEFAULT 'maintenance' NOT NULL,
  priority text DEFAULT 'medium' NOT NULL,
  hazards text,
  estimated_minutes integer,
  requires_signature boolean DEFAULT true NOT NULL,
  checklist_template_id uuid,
  is_active boolean DEFAULT true NOT NULL,
  CONSTRAINT pk_work_order_template PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_template_checklist_template_id FOREIGN KEY(organization_id, checklist_template_id)
    REFERENCES checklist_template (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_work_order_template_organization_id FOREIGN KEY(organization_id)
    REFERENCES organization (id),
  CONSTRAINT ck_work_order_template_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_work_order_template_type CHECK (type IN ('maintenance', 'repair', 'inspection', 'installation', 'emergency')),
  CONSTRAINT ck_work_order_template_priority CHECK (priority IN ('low', 'medium', 'high', 'critical')),
  CONSTRAINT ck_work_order_template_estimated_minutes CHECK (estimated_minutes >= 1 AND estimated_minutes <= 100000)
);
CREATE INDEX ix_work_order_template_aggregate_id ON work_order_template (organization_id, aggregate_id);

CREATE TABLE work_order_template_part (
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
  work_order_template_id uuid NOT NULL,
  part_id uuid NOT NULL,
  quantity numeric(14, 4) DEFAULT '1' NOT NULL,
  CONSTRAINT pk_work_order_template_part PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_order_template_part_work_order_template_id FOREIGN KEY(organization_id, work_order_template_id)
    REFERENCES work_order_template (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_work_order_template_part_part_id FOREIGN KEY(organization_id, part_id)
    REFERENCES part (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_work_order_template_part_aggregate_id CHECK (aggregate_id = work_order_template_id),
  CONSTRAINT ck_work_order_template_part_quantity CHECK (quantity >= 0.0001 AND quantity <> 'NaN')
);
CREATE INDEX ix_work_order_template_part_aggregate_id ON work_order_template_part (organization_id, aggregate_id);
