-- Change requests: what is to be changed, what it reaches, and who has decided about it.

CREATE TABLE change_request (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  code_conflict boolean DEFAULT false NOT NULL,
  title text NOT NULL,
  reason text NOT NULL,
  needed_approvals integer DEFAULT 1 NOT NULL,
  round integer DEFAULT 0 NOT NULL,
  state text DEFAULT 'draft' NOT NULL,
  state_reason text,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_change_request PRIMARY KEY (organization_id, id),
  CONSTRAINT ck_change_request_state CHECK (state IN ('draft', 'submitted', 'withdrawn', 'approved', 'rejected', 'carried_out')),
  CONSTRAINT ck_change_request_needed_approvals CHECK (needed_approvals BETWEEN 1 AND 9),
  CONSTRAINT ck_change_request_round CHECK (round >= 0 AND (round > 0 OR state IN ('draft', 'withdrawn'))),
  CONSTRAINT fk_change_request_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_request_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_change_request_code_conflict ON change_request (organization_id, number) WHERE code_conflict;
CREATE UNIQUE INDEX uq_change_request_number ON change_request (organization_id, number)
  WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE change_impact (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  change_request_id uuid NOT NULL,
  asset_id uuid,
  document_id uuid,
  procedure_id uuid,
  part_id uuid,
  note text,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by uuid NOT NULL,
  deleted_at timestamptz,
  CONSTRAINT pk_change_impact PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_change_impact_change_request_id FOREIGN KEY(organization_id, change_request_id)
    REFERENCES change_request (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_impact_asset_id FOREIGN KEY(organization_id, asset_id)
    REFERENCES asset (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_impact_document_id FOREIGN KEY(organization_id, document_id)
    REFERENCES controlled_document (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_impact_procedure_id FOREIGN KEY(organization_id, procedure_id)
    REFERENCES inspection_procedure (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_impact_part_id FOREIGN KEY(organization_id, part_id)
    REFERENCES part (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_change_impact_subject CHECK (num_nonnulls(asset_id, document_id, procedure_id, part_id) = 1),
  CONSTRAINT fk_change_impact_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT fk_change_impact_updated_by FOREIGN KEY(organization_id, updated_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX ix_change_impact_change_request_id ON change_impact (organization_id, change_request_id)
  WHERE deleted_at IS NULL;

CREATE TABLE change_approval (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  change_request_id uuid NOT NULL,
  round integer NOT NULL,
  decision text NOT NULL,
  reason text,
  created_at timestamptz NOT NULL,
  created_by uuid NOT NULL,
  CONSTRAINT pk_change_approval PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_change_approval_change_request_id FOREIGN KEY(organization_id, change_request_id)
    REFERENCES change_request (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT ck_change_approval_decision CHECK (decision IN ('approved', 'rejected')),
  CONSTRAINT ck_change_approval_round CHECK (round >= 1),
  CONSTRAINT ck_change_approval_reason CHECK (decision <> 'rejected' OR reason IS NOT NULL),
  CONSTRAINT fk_change_approval_created_by FOREIGN KEY(organization_id, created_by)
    REFERENCES person (organization_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE UNIQUE INDEX uq_change_approval_change_request_id ON change_approval (organization_id, change_request_id, round, created_by);
