-- Visits, and what was used or found short on them.

CREATE TABLE work_log (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, person_id uuid NOT NULL, travel_at timestamptz, arrived_at timestamptz,
  started_at timestamptz, ended_at timestamptz, travel_minutes integer, work_minutes integer, break_minutes integer,
  CONSTRAINT pk_work_log PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_log_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_work_log_person_id FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id,
    id) DEFERRABLE,
  CONSTRAINT ck_work_log_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_work_log_travel_minutes CHECK (travel_minutes >= 0),
  CONSTRAINT ck_work_log_work_minutes CHECK (work_minutes >= 0),
  CONSTRAINT ck_work_log_break_minutes CHECK (break_minutes >= 0)
);
CREATE INDEX ix_work_log_aggregate_id ON work_log (organization_id, aggregate_id);

CREATE TABLE work_log_event (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_log_id uuid NOT NULL, kind text NOT NULL, device_at timestamptz NOT NULL, offset_ms bigint,
  latitude double precision, longitude double precision, accuracy_m double precision, fix_age_s double precision,
  source text, is_mock boolean DEFAULT false NOT NULL, fence text, distance_m double precision, reason text,
  is_late boolean DEFAULT false NOT NULL,
  CONSTRAINT pk_work_log_event PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_work_log_event_work_log_id FOREIGN KEY (organization_id, work_log_id) REFERENCES work_log
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_work_log_event_kind CHECK (kind IN ('travel', 'arrive', 'start', 'pause', 'resume', 'finish',
    'leave', 'manual')),
  CONSTRAINT ck_work_log_event_latitude CHECK (latitude >= -90 AND latitude <= 90),
  CONSTRAINT ck_work_log_event_longitude CHECK (longitude >= -180 AND longitude <= 180),
  CONSTRAINT ck_work_log_event_accuracy_m CHECK (accuracy_m >= 0 AND accuracy_m < 'Infinity'),
  CONSTRAINT ck_work_log_event_fix_age_s CHECK (fix_age_s >= 0 AND fix_age_s < 'Infinity'),
  CONSTRAINT ck_work_log_event_fence CHECK (fence IN ('inside', 'outside', 'unknown')),
  CONSTRAINT ck_work_log_event_distance_m CHECK (distance_m >= 0 AND distance_m < 'Infinity')
);
CREATE INDEX ix_work_log_event_aggregate_id ON work_log_event (organization_id, aggregate_id);

CREATE TABLE stock_movement (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  stock_location_id uuid NOT NULL, part_id uuid NOT NULL, work_order_id uuid, kind text NOT NULL,
  quantity numeric(14, 4) NOT NULL, moved_at timestamptz NOT NULL, note text,
  CONSTRAINT pk_stock_movement PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_stock_movement_stock_location_id FOREIGN KEY (organization_id, stock_location_id) REFERENCES
    stock_location (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_stock_movement_part_id FOREIGN KEY (organization_id, part_id) REFERENCES part (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_stock_movement_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_stock_movement_kind CHECK (kind IN ('purchase', 'usage', 'adjustment', 'return', 'transfer')),
  CONSTRAINT ck_stock_movement_quantity CHECK (quantity <> 'NaN'),
  CONSTRAINT ck_stock_movement_aggregate_id CHECK (work_order_id IS NULL OR aggregate_id = work_order_id)
);
CREATE INDEX ix_stock_movement_aggregate_id ON stock_movement (organization_id, aggregate_id);
CREATE INDEX ix_stock_movement_part_id ON stock_movement (organization_id, stock_location_id, part_id) INCLUDE
  (quantity);

CREATE TABLE part_request (
  organization_id uuid NOT NULL, id uuid NOT NULL, aggregate_id uuid NOT NULL, version integer DEFAULT 0 NOT NULL,
  sync_seq bigint DEFAULT 0 NOT NULL, row_hash bigint DEFAULT 0 NOT NULL, created_at timestamptz NOT NULL,
  created_by uuid, updated_at timestamptz NOT NULL, updated_by uuid, deleted_at timestamptz,
  work_order_id uuid NOT NULL, part_id uuid NOT NULL, stock_location_id uuid NOT NULL,
  quantity numeric(14, 4) NOT NULL, status text DEFAULT 'open' NOT NULL,
  CONSTRAINT pk_part_request PRIMARY KEY (organization_id, id),
  CONSTRAINT fk_part_request_work_order_id FOREIGN KEY (organization_id, work_order_id) REFERENCES work_order
    (organization_id, id) DEFERRABLE,
  CONSTRAINT fk_part_request_part_id FOREIGN KEY (organization_id, part_id) REFERENCES part (organization_id,
    id) DEFERRABLE,
  CONSTRAINT fk_part_request_stock_location_id FOREIGN KEY (organization_id, stock_location_id) REFERENCES
    stock_location (organization_id, id) DEFERRABLE,
  CONSTRAINT ck_part_request_aggregate_id CHECK (aggregate_id = work_order_id),
  CONSTRAINT ck_part_request_quantity CHECK (quantity <> 'NaN'),
  CONSTRAINT ck_part_request_status CHECK (status IN ('open', 'ordered', 'received', 'cancelled'))
);
CREATE INDEX ix_part_request_aggregate_id ON part_request (organization_id, aggregate_id);
