-- What each role may do. Nobody but the backup holds anything on a partition: pg_dump reads those one by one.

-- The tables that devices hold. Append-only ones are never updated; of a personal value only an erasure writes.
GRANT SELECT ON
  person, site, team, team_member, site_access, location, asset_type, asset, asset_stub, part, stock_location,
  stock_level, stock_movement, checklist_template, checklist, checklist_item, work_order, work_order_assignment,
  work_order_part, work_log, work_log_event, part_request, comment, attachment, signature, personal_value, conflict,
  held_mutation
  TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_readonly, cmms_backup;
GRANT INSERT ON
  person, site, team, team_member, site_access, location, asset_type, asset, asset_stub, part, stock_location,
  stock_level, stock_movement, checklist_template, checklist, checklist_item, work_order, work_order_assignment,
  work_order_part, work_log, work_log_event, part_request, comment, attachment, signature, personal_value, conflict,
  held_mutation
  TO cmms_app_sync, cmms_worker;
GRANT UPDATE ON
  person, site, team, team_member, site_access, location, asset_type, asset, asset_stub, part, stock_location,
  stock_level, checklist_template, checklist, checklist_item, work_order, work_order_assignment, work_order_part,
  work_log, part_request, conflict, held_mutation
  TO cmms_app_sync, cmms_worker;
GRANT UPDATE (version, sync_seq, row_hash, updated_at, updated_by, deleted_at, salt, value) ON personal_value
  TO cmms_app_sync, cmms_worker;

-- The sync's own tables.
GRANT SELECT ON organization, import_batch
  TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_authn, cmms_readonly, cmms_backup;
GRANT SELECT ON
  device_scope, org_clock, org_commit, scope_aggregate, scope_reason, scope_head, applied_mutation, blob
  TO cmms_app_sync, cmms_worker, cmms_readonly, cmms_backup;
GRANT INSERT ON
  device_scope, org_commit, scope_aggregate, scope_reason, scope_head, applied_mutation, import_batch, blob
  TO cmms_app_sync, cmms_worker;
GRANT UPDATE ON device_scope, scope_aggregate, scope_head, import_batch TO cmms_app_sync, cmms_worker;
GRANT UPDATE (seq, membership_seq) ON org_clock TO cmms_app_sync, cmms_worker;
GRANT UPDATE (commit_seq, status, result) ON applied_mutation TO cmms_app_sync, cmms_worker;
GRANT UPDATE (received_bytes, complete_at) ON blob TO cmms_app_sync, cmms_worker;
GRANT DELETE ON device_scope, scope_reason TO cmms_app_sync, cmms_worker;
GRANT DELETE ON org_commit, scope_aggregate, applied_mutation, blob, user_session TO cmms_worker;

-- What files have told about imported orders: for imports and their undoing.
GRANT SELECT ON import_row TO cmms_worker, cmms_readonly, cmms_backup;
GRANT INSERT, UPDATE, DELETE ON import_row TO cmms_worker;

-- Devices: enrolled by the sign-in; their chain is moved by the unit of work; a key never changes.
GRANT SELECT ON device TO cmms_app_sync, cmms_worker, cmms_authn, cmms_backup;
GRANT INSERT ON device TO cmms_authn;
GRANT UPDATE (
  name, app_version, revoked_at, last_seen_at, chain_seq, chain_head, clock_offset_ms, outbox_count, outbox_oldest_at,
  lease_nonce, lease_nonce_previous
) ON device TO cmms_app_sync, cmms_worker;
GRANT UPDATE (name, app_version, revoked_at, last_seen_at) ON device TO cmms_authn;

-- Credentials and sessions: for the sign-in alone. The worker forgets sessions that have ended.
GRANT SELECT ON person, site_access TO cmms_authn;
GRANT SELECT, INSERT, UPDATE ON user_credential TO cmms_authn;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_session TO cmms_authn;
GRANT SELECT (organization_id, id, expires_at, revoked_at) ON user_session TO cmms_worker;
GRANT SELECT ON user_credential, user_session TO cmms_backup;

-- Above all tenants.
GRANT SELECT ON organization_directory, org_clock TO cmms_resolver;
GRANT SELECT ON organization_directory TO cmms_backup;
GRANT SELECT ON work_order_p0, work_order_p1, work_order_p2, work_order_p3 TO cmms_backup;
GRANT SELECT ON alembic_version TO
  cmms_app_sync, cmms_worker, cmms_app_office, cmms_authn, cmms_readonly, cmms_backup;
