-- Checklist templates and issued checklists.

CREATE TABLE checklist_template (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  code text NOT NULL, template_version integer DEFAULT 1 NOT NULL, name text NOT NULL, items text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  CONSTRAINT pk_checklist_template PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_checklist_template_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_checklist_template_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_checklist_template_template_version CHECK (template_version >= 1)
);
CREATE INDEX ix_checklist_template_aggregate_id ON checklist_template (organization_id, aggregate_id);

CREATE TABLE checklist (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, template_id uuid, template_version integer DEFAULT 1 NOT NULL, name text NOT NULL,
  position integer DEFAULT 0 NOT NULL,
  CONSTRAINT pk_checklist PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_checklist_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_checklist_template_id FOREIGN KEY (organization_id, template_id) REFERENCES checklist_template
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_checklist_aggregate_id CHECK (aggregate_id = work_order_id)
);
CREATE INDEX ix_checklist_aggregate_id ON checklist (organization_id, aggregate_id);

CREATE TABLE checklist_item (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  checklist_id uuid NOT NULL, key text NOT NULL, section text, position integer DEFAULT 0 NOT NULL,
  kind text NOT NULL, prompt text NOT NULL, unit text, minimum numeric(14, 4), maximum numeric(14, 4), choices text,
  condition text, is_mandatory boolean DEFAULT true NOT NULL, last_value text, result text, value text, note text,
  photo_sha256 text, answered_at timestamptz, answered_by uuid,
  CONSTRAINT pk_checklist_item PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_checklist_item_checklist_id FOREIGN KEY (organization_id, checklist_id) REFERENCES checklist
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_checklist_item_kind CHECK (kind IN ('pass_fail', 'number', 'text', 'choice', 'photo')),
  CONSTRAINT ck_checklist_item_minimum CHECK (minimum <> 'NaN'),
  CONSTRAINT ck_checklist_item_maximum CHECK (maximum <> 'NaN'),
  CONSTRAINT ck_checklist_item_result CHECK (result IN ('pass', 'flag', 'fail', 'na'))
);
CREATE INDEX ix_checklist_item_aggregate_id ON checklist_item (organization_id, aggregate_id);
