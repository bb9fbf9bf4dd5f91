-- Projects, controlled documents and procedures: what the office keeps beside the work.

CREATE TABLE project (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  code text NOT NULL,
  code_conflict boolean DEFAULT false NOT NULL,
  name text NOT NULL,
  manager_id uuid,
  from_on date,
  until_on date,
  state text DEFAULT 'planned' NOT NULL,
  state_reason text,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_project PRIMARY KEY (organization_id, id),
  CONSTRAINT ck_project_state CHECK (state IN ('planned', 'active', 'cancelled', 'on_hold', 'completed')),
  CONSTRAINT fk_project_manager_id FOREIGN KEY(organization_id, manager_id)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_project_until_on CHECK (until_on >= from_on),
  CONSTRAINT fk_project_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_project_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_project_code_conflict ON project (organization_id, code) WHERE code_conflict;
CREATE UNIQUE INDEX uq_project_code ON project (organization_id, code)
  WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE project_work_order (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  work_order_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_project_work_order PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_project_work_order_project_id FOREIGN KEY(organization_id, project_id)
    REFERENCES project (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_project_work_order_work_order_id FOREIGN KEY(organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_project_work_order_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_project_work_order_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_project_work_order_project_id ON project_work_order (organization_id, project_id)
  WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_project_work_order_work_order_id ON project_work_order (organization_id, work_order_id)
  WHERE deleted_at IS NULL;

CREATE TABLE controlled_document (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  code_conflict boolean DEFAULT false NOT NULL,
  title text NOT NULL,
  owner_id uuid,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_controlled_document PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_controlled_document_owner_id FOREIGN KEY(organization_id, owner_id)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_controlled_document_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_controlled_document_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_controlled_document_code_conflict ON controlled_document (organization_id, number)
  WHERE code_conflict;
CREATE UNIQUE INDEX uq_controlled_document_number ON controlled_document (organization_id, number)
  WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE document_version (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  document_id uuid NOT NULL,
  number integer NOT NULL,
  sha256 text NOT NULL,
  file_name text NOT NULL,
  change_note text,
  state text DEFAULT 'draft' NOT NULL,
  state_reason text,
  approved_by uuid,
  approved_at timestamptz,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  CONSTRAINT pk_document_version PRIMARY KEY (organization_id, id),
  CONSTRAINT ck_document_version_state CHECK (state IN ('draft', 'in_review', 'approved', 'withdrawn')),
  CONSTRAINT fk_document_version_document_id FOREIGN KEY(organization_id, document_id)
    REFERENCES controlled_document (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_document_version_approved_by FOREIGN KEY(organization_id, approved_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_document_version_number CHECK (number >= 1),
  CONSTRAINT ck_document_version_approved_by CHECK (approved_by <> created_by),
  CONSTRAINT ck_document_version_approved_at CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CONSTRAINT ck_document_version_approval CHECK (
    CASE state WHEN 'approved' THEN approved_by IS NOT NULL WHEN 'withdrawn' THEN true ELSE approved_by IS NULL END),
  CONSTRAINT uq_document_version_number UNIQUE (organization_id, document_id, number),
  CONSTRAINT ck_document_version_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT fk_document_version_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_document_version_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_document_version_sha256 ON document_version (organization_id, sha256);
CREATE UNIQUE INDEX uq_document_version_document_id ON document_version (organization_id, document_id)
  WHERE state = 'approved';

CREATE TABLE document_relation (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  document_id uuid NOT NULL,
  other_document_id uuid NOT NULL,
  kind text NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_document_relation PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_document_relation_document_id FOREIGN KEY(organization_id, document_id)
    REFERENCES controlled_document (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_document_relation_other_document_id FOREIGN KEY(organization_id, other_document_id)
    REFERENCES controlled_document (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_document_relation_kind CHECK (kind IN ('replaces', 'refers_to', 'part_of')),
  CONSTRAINT fk_document_relation_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_document_relation_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_document_relation_document_id ON document_relation (organization_id, document_id)
  WHERE deleted_at IS NULL;

CREATE TABLE inspection_procedure (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  code text NOT NULL,
  code_conflict boolean DEFAULT false NOT NULL,
  name text NOT NULL,
  asset_type_id uuid,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_inspection_procedure PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_inspection_procedure_asset_type_id FOREIGN KEY(organization_id, asset_type_id)
    REFERENCES asset_type (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_inspection_procedure_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_inspection_procedure_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_inspection_procedure_code_conflict ON inspection_procedure (organization_id, code)
  WHERE code_conflict;
CREATE UNIQUE INDEX uq_inspection_procedure_code ON inspection_procedure (organization_id, code)
  WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE procedure_version (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  procedure_id uuid NOT NULL,
  number integer NOT NULL,
  steps text NOT NULL,
  change_note text,
  state text DEFAULT 'draft' NOT NULL,
  state_reason text,
  approved_by uuid,
  approved_at timestamptz,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  CONSTRAINT pk_procedure_version PRIMARY KEY (organization_id, id),
  CONSTRAINT ck_procedure_version_state CHECK (state IN ('draft', 'in_review', 'approved', 'withdrawn')),
  CONSTRAINT fk_procedure_version_procedure_id FOREIGN KEY(organization_id, procedure_id)
    REFERENCES inspection_procedure (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_procedure_version_approved_by FOREIGN KEY(organization_id, approved_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_procedure_version_number CHECK (number >= 1),
  CONSTRAINT ck_procedure_version_approved_by CHECK (approved_by <> created_by),
  CONSTRAINT ck_procedure_version_approved_at CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CONSTRAINT ck_procedure_version_approval CHECK (
    CASE state WHEN 'approved' THEN approved_by IS NOT NULL WHEN 'withdrawn' THEN true ELSE approved_by IS NULL END),
  CONSTRAINT uq_procedure_version_number UNIQUE (organization_id, procedure_id, number),
  CONSTRAINT fk_procedure_version_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_procedure_version_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE UNIQUE INDEX uq_procedure_version_procedure_id ON procedure_version (organization_id, procedure_id)
  WHERE state = 'approved';

CREATE TABLE procedure_execution (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  procedure_version_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  work_order_id uuid,
  results text DEFAULT '{}' NOT NULL,
  state text DEFAULT 'running' NOT NULL,
  state_reason text,
  outcome text,
  finished_at timestamptz,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  CONSTRAINT pk_procedure_execution PRIMARY KEY (organization_id, id),
  CONSTRAINT ck_procedure_execution_state CHECK (state IN ('running', 'finished', 'abandoned')),
  CONSTRAINT fk_procedure_execution_procedure_version_id FOREIGN KEY(organization_id, procedure_version_id)
    REFERENCES procedure_version (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_procedure_execution_asset_id FOREIGN KEY(organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_procedure_execution_work_order_id FOREIGN KEY(organization_id, work_order_id)
    REFERENCES work_order (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_procedure_execution_outcome CHECK (outcome IN ('passed', 'failed')),
  CONSTRAINT ck_procedure_execution_finished_at CHECK (num_nonnulls(outcome, finished_at) = CASE state WHEN 'finished' THEN 2 ELSE 0 END),
  CONSTRAINT fk_procedure_execution_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_procedure_execution_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_procedure_execution_asset_id ON procedure_execution (organization_id, asset_id);
CREATE INDEX ix_procedure_execution_procedure_version_id ON procedure_execution (organization_id, procedure_version_id);
