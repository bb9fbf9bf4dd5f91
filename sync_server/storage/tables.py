"""Every table of the server in one `MetaData`. Reads and writes go through these; only migrations make them.

Row level security, grants, triggers and partitions live in the migrations: SQLAlchemy has no words for them.
"""

from sync_server.storage.tables_activity import activity_checkpoint, activity_head, activity_log, activity_value
from sync_server.storage.tables_archives import archive
from sync_server.storage.tables_changes import change_approval, change_impact, change_request
from sync_server.storage.tables_contractors import contractor, contractor_member
from sync_server.storage.tables_dashboard import dashboard_metrics_cache
from sync_server.storage.tables_devices import device_command, enrolment_code, sealed_outbox, sealed_part
from sync_server.storage.tables_documents import controlled_document, document_relation, document_version
from sync_server.storage.tables_index import (
    applied_mutation,
    blob,
    ended_epoch,
    import_batch,
    import_row,
    org_clock,
    org_commit,
    routine_run,
    scope_aggregate,
    scope_head,
    scope_reason,
    scope_window,
)
from sync_server.storage.tables_maintenance import maintenance_history, maintenance_occurrence, maintenance_schedule
from sync_server.storage.tables_meters import meter_reading
from sync_server.storage.tables_plans import invoice, subscription, subscription_plan, usage_counter
from sync_server.storage.tables_plugins import plugin
from sync_server.storage.tables_predictions import prediction
from sync_server.storage.tables_procedures import inspection_procedure, procedure_execution, procedure_version
from sync_server.storage.tables_projects import project, project_work_order
from sync_server.storage.tables_push import push_subscription
from sync_server.storage.tables_requests import service_requester
from sync_server.storage.tables_rules import rule
from sync_server.storage.tables_search import search_entry
from sync_server.storage.tables_stock import vendor_contact
from sync_server.storage.tables_sync import SYNCED
from sync_server.storage.tables_tenancy import (
    device,
    device_scope,
    metadata,
    organization,
    organization_directory,
    organization_domain,
    user_credential,
    user_session,
)

ABOVE_TENANTS = frozenset({"subscription_plan"})
"""Tables that belong to no organization: whoever serves reads them, and writes none."""

__all__ = [
    "ABOVE_TENANTS",
    "SYNCED",
    "activity_checkpoint",
    "activity_head",
    "activity_log",
    "activity_value",
    "applied_mutation",
    "archive",
    "blob",
    "change_approval",
    "change_impact",
    "change_request",
    "contractor",
    "contractor_member",
    "controlled_document",
    "dashboard_metrics_cache",
    "device",
    "device_command",
    "device_scope",
    "document_relation",
    "document_version",
    "ended_epoch",
    "enrolment_code",
    "import_batch",
    "import_row",
    "inspection_procedure",
    "invoice",
    "maintenance_history",
    "maintenance_occurrence",
    "maintenance_schedule",
    "metadata",
    "meter_reading",
    "org_clock",
    "org_commit",
    "organization",
    "organization_directory",
    "organization_domain",
    "plugin",
    "prediction",
    "procedure_execution",
    "procedure_version",
    "project",
    "project_work_order",
    "push_subscription",
    "routine_run",
    "rule",
    "scope_aggregate",
    "scope_head",
    "scope_reason",
    "scope_window",
    "sealed_outbox",
    "sealed_part",
    "search_entry",
    "service_requester",
    "subscription",
    "subscription_plan",
    "usage_counter",
    "user_credential",
    "user_session",
    "vendor_contact",
]
