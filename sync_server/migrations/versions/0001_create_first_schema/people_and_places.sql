-- People, teams, sites and locations.

CREATE TABLE person (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  name text NOT NULL, role text NOT NULL, is_active boolean DEFAULT true NOT NULL,
  CONSTRAINT pk_person PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_person_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_person_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_person_role CHECK (role IN ('technician', 'supervisor', 'planner', 'manager', 'admin',
    'customer'))
);
CREATE INDEX ix_person_aggregate_id ON person (organization_id, aggregate_id);

CREATE TABLE site (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  code text NOT NULL, name text NOT NULL, address text, latitude double precision, longitude double precision,
  fence_radius_m double precision, time_zone text DEFAULT 'UTC' NOT NULL,
  code_conflict boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_site PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_site_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_site_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_site_latitude CHECK (latitude >= -90 AND latitude <= 90),
  CONSTRAINT ck_site_longitude CHECK (longitude >= -180 AND longitude <= 180),
  CONSTRAINT ck_site_fence_radius_m CHECK (fence_radius_m >= 1 AND fence_radius_m <= 100000)
);
CREATE INDEX ix_site_aggregate_id ON site (organization_id, aggregate_id);
CREATE UNIQUE INDEX uq_site_code ON site (organization_id, code) WHERE deleted_at IS NULL AND NOT code_conflict;

CREATE TABLE team (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  name text NOT NULL, site_id uuid,
  CONSTRAINT pk_team PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_team_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_team_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_team_aggregate_id CHECK (aggregate_id = id)
);
CREATE INDEX ix_team_aggregate_id ON team (organization_id, aggregate_id);

CREATE TABLE team_member (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  team_id uuid NOT NULL, person_id uuid NOT NULL,
  CONSTRAINT pk_team_member PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_team_member_team_id FOREIGN KEY (organization_id, team_id) REFERENCES team (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_team_member_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_team_member_aggregate_id CHECK (aggregate_id = team_id)
);
CREATE INDEX ix_team_member_aggregate_id ON team_member (organization_id, aggregate_id);
CREATE INDEX ix_team_member_person_id ON team_member (organization_id, person_id);
CREATE INDEX ix_team_member_team_id ON team_member (organization_id, team_id);

CREATE TABLE site_access (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  person_id uuid NOT NULL, site_id uuid NOT NULL, role text NOT NULL,
  CONSTRAINT pk_site_access PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_site_access_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_site_access_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT ck_site_access_aggregate_id CHECK (aggregate_id = person_id),
  CONSTRAINT ck_site_access_role CHECK (role IN ('technician', 'supervisor', 'planner', 'manager', 'admin',
    'customer'))
);
CREATE INDEX ix_site_access_aggregate_id ON site_access (organization_id, aggregate_id);
CREATE INDEX ix_site_access_person_id ON site_access (organization_id, person_id);

CREATE TABLE location (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  site_id uuid NOT NULL, parent_id uuid, kind text NOT NULL, code text NOT NULL, name text NOT NULL,
  latitude double precision, longitude double precision,
  CONSTRAINT pk_location PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_location_site_id FOREIGN KEY (organization_id, site_id) REFERENCES site (organization_id, id)
    DEFERRABLE,
  CONSTRAINT fk_location_parent_id FOREIGN KEY (organization_id, parent_id) REFERENCES location
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_location_aggregate_id CHECK (aggregate_id = id),
  CONSTRAINT ck_location_kind CHECK (kind IN ('building', 'floor', 'room', 'area')),
  CONSTRAINT ck_location_latitude CHECK (latitude >= -90 AND latitude <= 90),
  CONSTRAINT ck_location_longitude CHECK (longitude >= -180 AND longitude <= 180)
);
CREATE INDEX ix_location_aggregate_id ON location (organization_id, aggregate_id);
