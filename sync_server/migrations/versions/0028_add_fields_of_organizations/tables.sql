-- Fields of an organization, and what is entered in them.

CREATE TABLE custom_field (
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
  subject text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  help text,
  unit text,
  minimum numeric(14, 4),
  maximum numeric(14, 4),
  choices text,
  is_required boolean DEFAULT false NOT NULL,
  position integer DEFAULT 0 NOT NULL,
  CONSTRAINT pk_custom_field PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_custom_field_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_custom_field_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_custom_field_subject CHECK (subject IN ('work_order', 'asset')),
  CONSTRAINT ck_custom_field_kind CHECK (kind IN ('text', 'number', 'date', 'choice', 'yes_no')),
  CONSTRAINT ck_custom_field_minimum CHECK (minimum <> 'NaN'),
  CONSTRAINT ck_custom_field_maximum CHECK (maximum <> 'NaN')
);
CREATE INDEX ix_custom_field_aggregate_id ON custom_field (organization_id, aggregate_id);

CREATE TABLE custom_field_value (
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
  field_id uuid NOT NULL,
  work_order_id uuid,
  asset_id uuid,
  kind text NOT NULL,
  text_value text,
  number_value numeric(14, 4),
  date_value date,
  choice_value text,
  flag_value boolean,
  CONSTRAINT pk_custom_field_value PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_custom_field_value_field_id FOREIGN KEY (organization_id, field_id) REFERENCES custom_field
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_custom_field_value_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_custom_field_value_asset_id FOREIGN KEY (organization_id, asset_id) REFERENCES asset
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_custom_field_value_aggregate_id CHECK (aggregate_id = coalesce(work_order_id, asset_id)),
  CONSTRAINT ck_custom_field_value_subject CHECK (num_nonnulls(work_order_id, asset_id) = 1),
  CONSTRAINT ck_custom_field_value_kind CHECK (kind IN ('text', 'number', 'date', 'choice', 'yes_no')),
  CONSTRAINT ck_custom_field_value_number_value CHECK (number_value <> 'NaN'),
  CONSTRAINT ck_custom_field_value_value CHECK (
    num_nonnulls(text_value, number_value, date_value, choice_value, flag_value) = CASE kind
      WHEN 'text' THEN num_nonnulls(text_value) WHEN 'number' THEN num_nonnulls(number_value)
      WHEN 'date' THEN num_nonnulls(date_value) WHEN 'choice' THEN num_nonnulls(choice_value)
      WHEN 'yes_no' THEN num_nonnulls(flag_value) END)
);
CREATE INDEX ix_custom_field_value_aggregate_id ON custom_field_value (organization_id, aggregate_id);
CREATE INDEX ix_custom_field_value_field_id ON custom_field_value (organization_id, field_id);
