"""Make the first schema: a table per synced entity, and those that only this device has."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COMMON = """
  id VARCHAR(36) NOT NULL, aggregate_id VARCHAR(36) NOT NULL, version INTEGER DEFAULT 0 NOT NULL, sync_seq
  BIGINT DEFAULT 0 NOT NULL, row_hash BIGINT DEFAULT 0 NOT NULL, created_at VARCHAR(27), created_by
  VARCHAR(36), updated_at VARCHAR(27), updated_by VARCHAR(36), deleted_at VARCHAR(27),
"""

SYNCED = {
    "person": "name TEXT, role TEXT, is_active BOOLEAN",
    "site": """
        code TEXT, name TEXT, address TEXT, latitude DOUBLE, longitude DOUBLE, fence_radius_m DOUBLE, time_zone
        TEXT, code_conflict BOOLEAN
    """,
    "team": "name TEXT, site_id VARCHAR(36)",
    "team_member": "team_id VARCHAR(36), person_id VARCHAR(36)",
    "site_access": "person_id VARCHAR(36), site_id VARCHAR(36), role TEXT",
    "location": """
        site_id VARCHAR(36), parent_id VARCHAR(36), kind TEXT, code TEXT, name TEXT, latitude DOUBLE, longitude
        DOUBLE
    """,
    "asset_type": "code TEXT, name TEXT, code_conflict BOOLEAN",
    "asset": """
        site_id VARCHAR(36), location_id VARCHAR(36), parent_id VARCHAR(36), asset_type_id VARCHAR(36), code
        TEXT, name TEXT, serial TEXT, registration_number TEXT, qr_code TEXT, status TEXT, health_score INTEGER,
        manufacturer TEXT, model TEXT, installed_on DATE, warranty_until DATE, latitude DOUBLE, longitude
        DOUBLE, notes TEXT, code_conflict BOOLEAN
    """,
    "asset_stub": """
        asset_id VARCHAR(36), site_id VARCHAR(36), code TEXT, name TEXT, serial TEXT, qr_code TEXT,
        asset_type_id VARCHAR(36)
    """,
    "part": "code TEXT, name TEXT, unit TEXT, unit_cost VARCHAR(24), barcode TEXT, code_conflict BOOLEAN",
    "stock_location": "site_id VARCHAR(36), owner_id VARCHAR(36), kind TEXT, code TEXT, name TEXT",
    "stock_level": "stock_location_id VARCHAR(36), part_id VARCHAR(36), quantity VARCHAR(24)",
    "checklist_template": "code TEXT, template_version INTEGER, name TEXT, items TEXT, is_active BOOLEAN",
    "work_order": """
        number TEXT, external_id TEXT, import_id VARCHAR(36), title TEXT, description TEXT, status TEXT,
        status_reason TEXT, priority TEXT, type TEXT, source_type TEXT, site_id VARCHAR(36), location_id
        VARCHAR(36), asset_id VARCHAR(36), asset_text TEXT, parent_id VARCHAR(36), hazards TEXT, due_at
        VARCHAR(27), scheduled_at VARCHAR(27), route_position INTEGER, estimated_minutes INTEGER, actual_minutes
        INTEGER, cost VARCHAR(24), completion_note TEXT, requires_signature BOOLEAN, completed_at VARCHAR(27),
        closed_at VARCHAR(27), performed_signature_id VARCHAR(36), approved_signature_id VARCHAR(36),
        is_signature_stale BOOLEAN, code_conflict BOOLEAN
    """,
    "work_order_assignment": "work_order_id VARCHAR(36), person_id VARCHAR(36), team_id VARCHAR(36)",
    "work_order_part": "work_order_id VARCHAR(36), part_id VARCHAR(36), quantity VARCHAR(24)",
    "checklist": """
        work_order_id VARCHAR(36), template_id VARCHAR(36), template_version INTEGER, name TEXT, position
        INTEGER
    """,
    "checklist_item": """
        checklist_id VARCHAR(36), "key" TEXT, section TEXT, position INTEGER, kind TEXT, prompt TEXT, unit TEXT,
        minimum VARCHAR(24), maximum VARCHAR(24), choices TEXT, condition TEXT, is_mandatory BOOLEAN, last_value
        TEXT, result TEXT, value TEXT, note TEXT, photo_sha256 TEXT, answered_at VARCHAR(27), answered_by
        VARCHAR(36)
    """,
    "work_log": """
        work_order_id VARCHAR(36), person_id VARCHAR(36), travel_at VARCHAR(27), arrived_at VARCHAR(27),
        started_at VARCHAR(27), ended_at VARCHAR(27), travel_minutes INTEGER, work_minutes INTEGER,
        break_minutes INTEGER
    """,
    "work_log_event": """
        work_log_id VARCHAR(36), kind TEXT, device_at VARCHAR(27), offset_ms BIGINT, latitude DOUBLE, longitude
        DOUBLE, accuracy_m DOUBLE, fix_age_s DOUBLE, source TEXT, is_mock BOOLEAN, fence TEXT, distance_m
        DOUBLE, reason TEXT, is_late BOOLEAN
    """,
    "stock_movement": """
        stock_location_id VARCHAR(36), part_id VARCHAR(36), work_order_id VARCHAR(36), kind TEXT, quantity
        VARCHAR(24), moved_at VARCHAR(27), note TEXT
    """,
    "part_request": """
        work_order_id VARCHAR(36), part_id VARCHAR(36), stock_location_id VARCHAR(36), quantity VARCHAR(24),
        status TEXT
    """,
    "comment": """
        work_order_id VARCHAR(36), parent_id VARCHAR(36), author_id VARCHAR(36), text TEXT, written_at
        VARCHAR(27), is_late BOOLEAN
    """,
    "attachment": """
        work_order_id VARCHAR(36), author_id VARCHAR(36), sha256 TEXT, media_type TEXT, size_bytes INTEGER,
        caption TEXT, taken_at VARCHAR(27), is_late BOOLEAN
    """,
    "signature": """
        work_order_id VARCHAR(36), meaning TEXT, signer_id VARCHAR(36), signer_role TEXT, signer_device_id
        VARCHAR(36), body TEXT, body_sha256 TEXT, signature TEXT, reason TEXT, signed_at VARCHAR(27)
    """,
    "personal_value": "signature_id VARCHAR(36), path TEXT, commitment TEXT, salt TEXT, value TEXT",
    "conflict": """
        target_entity TEXT, target_id VARCHAR(36), field TEXT, kind TEXT, base_value TEXT, mine_value TEXT,
        theirs_value TEXT, author_id VARCHAR(36), mutation_id VARCHAR(36), resolution TEXT, resolved_value TEXT,
        resolved_by VARCHAR(36), resolved_at VARCHAR(27), reason TEXT
    """,
    "held_mutation": """
        author_id VARCHAR(36), site_id VARCHAR(36), target_aggregate_id VARCHAR(36), mutation_id VARCHAR(36),
        body TEXT, why TEXT, decision TEXT, decided_by VARCHAR(36), decided_at VARCHAR(27), reason TEXT,
        outcome_seq BIGINT
    """,
}

LOCAL = (
    """
    CREATE TABLE blob (sha256 TEXT NOT NULL, media_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, state
    TEXT NOT NULL, sent_bytes INTEGER DEFAULT 0 NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (sha256))
    """,
    """
    CREATE TABLE checkpoint (seq INTEGER NOT NULL, nonce INTEGER NOT NULL, PRIMARY KEY (seq))
    """,
    """
    CREATE TABLE hidden_aggregate (aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, reason TEXT,
    since TEXT NOT NULL, PRIMARY KEY (aggregate_id))
    """,
    """
    CREATE TABLE member (scope_id TEXT NOT NULL, aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL,
    PRIMARY KEY (scope_id, aggregate_id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox (n INTEGER NOT NULL, mutation_id TEXT NOT NULL, group_id TEXT NOT NULL, type TEXT
    NOT NULL, entity TEXT NOT NULL, row_id TEXT NOT NULL, aggregate_id TEXT NOT NULL, state TEXT NOT NULL,
    device_seq INTEGER, digest TEXT, verdict TEXT, code TEXT, reason TEXT, commit_seq INTEGER, made_at TEXT
    NOT NULL, sent_at TEXT, settled_at TEXT, body TEXT NOT NULL, sealed BLOB, touches TEXT, PRIMARY KEY (n))
    """,
    """
    CREATE TABLE outbox_done (mutation_id TEXT NOT NULL, group_id TEXT NOT NULL, type TEXT NOT NULL, entity
    TEXT NOT NULL, row_id TEXT NOT NULL, aggregate_id TEXT NOT NULL, state TEXT NOT NULL, device_seq
    INTEGER, digest TEXT, verdict TEXT, code TEXT, reason TEXT, commit_seq INTEGER, made_at TEXT NOT NULL,
    sent_at TEXT, settled_at TEXT, body TEXT NOT NULL, sealed BLOB, PRIMARY KEY (mutation_id))
    """,
    """
    CREATE TABLE shadow (entity TEXT NOT NULL, row_id TEXT NOT NULL, aggregate_id TEXT NOT NULL, server_row
    TEXT, PRIMARY KEY (entity, row_id)) WITHOUT ROWID
    """,
    """
    CREATE TABLE sync_state (name TEXT NOT NULL, value TEXT, PRIMARY KEY (name))
    """,
)

INDEXES = (
    "INDEX team_member_aggregate_id ON team_member (aggregate_id)",
    "INDEX team_member_person_id ON team_member (person_id)",
    "INDEX site_access_aggregate_id ON site_access (aggregate_id)",
    "INDEX site_access_person_id ON site_access (person_id)",
    "INDEX location_site_id ON location (site_id)",
    "INDEX asset_location_id ON asset (location_id)",
    "INDEX asset_parent_id ON asset (parent_id)",
    "INDEX asset_stub_asset_id ON asset_stub (asset_id)",
    "INDEX asset_stub_code ON asset_stub (code)",
    "INDEX asset_stub_qr_code ON asset_stub (qr_code)",
    "INDEX asset_stub_serial ON asset_stub (serial)",
    "INDEX part_barcode ON part (barcode)",
    "INDEX part_code ON part (code)",
    "INDEX stock_level_part_id ON stock_level (part_id)",
    "INDEX stock_level_stock_location_id ON stock_level (stock_location_id)",
    "INDEX work_order_asset_id ON work_order (asset_id)",
    "INDEX work_order_number ON work_order (number)",
    "INDEX work_order_status_due_at ON work_order (status, due_at)",
    "INDEX work_order_assignment_aggregate_id ON work_order_assignment (aggregate_id)",
    "INDEX work_order_assignment_person_id ON work_order_assignment (person_id)",
    "INDEX work_order_part_aggregate_id ON work_order_part (aggregate_id)",
    "INDEX checklist_aggregate_id ON checklist (aggregate_id)",
    "INDEX checklist_item_aggregate_id ON checklist_item (aggregate_id)",
    "INDEX checklist_item_checklist_id ON checklist_item (checklist_id)",
    "INDEX work_log_aggregate_id ON work_log (aggregate_id)",
    "INDEX work_log_event_aggregate_id ON work_log_event (aggregate_id)",
    "INDEX work_log_event_work_log_id ON work_log_event (work_log_id)",
    "INDEX stock_movement_aggregate_id ON stock_movement (aggregate_id)",
    "INDEX part_request_aggregate_id ON part_request (aggregate_id)",
    "INDEX comment_aggregate_id ON comment (aggregate_id)",
    "INDEX attachment_aggregate_id ON attachment (aggregate_id)",
    "INDEX signature_aggregate_id ON signature (aggregate_id)",
    "INDEX personal_value_aggregate_id ON personal_value (aggregate_id)",
    "INDEX conflict_aggregate_id ON conflict (aggregate_id)",
    "INDEX conflict_target_id ON conflict (target_id)",
    "INDEX member_aggregate_id ON member (aggregate_id)",
    "UNIQUE INDEX outbox_mutation_id ON outbox (mutation_id) WHERE device_seq IS NOT NULL",
    "INDEX outbox_state ON outbox (state, device_seq) WHERE device_seq IS NOT NULL",
)


def upgrade() -> None:
    for entity, columns in SYNCED.items():
        op.execute(f"CREATE TABLE {entity} ({COMMON} {columns}, PRIMARY KEY (id))")
    for statement in LOCAL:
        op.execute(statement)
    for index in INDEXES:
        op.execute(f"CREATE {index}")
