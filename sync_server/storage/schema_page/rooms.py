"""In which room each table stands, so that a reader finds his way. A table that stands in none fails a test."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """Tables that belong together, in the order in which they are best read."""

    name: str
    about: str
    tables: tuple[str, ...]


ROOMS = (
    Room(
        "Organization and people",
        "Who the tenants are, who works there, and what each may enter. Credentials stand apart: the sign-in alone "
        "reads them.",
        (
            *("organization", "organization_directory", "organization_domain", "branding", "i18n_string", "person"),
            *("site_access", "person_permission", "team", "team_member", "contractor", "contractor_member"),
            *("calendar_event", "user_credential", "user_session"),
        ),
    ),
    Room(
        "Plans",
        "What organizations have ordered and use. Records: nothing here moves money.",
        ("subscription_plan", "subscription", "invoice", "usage_counter"),
    ),
    Room(
        "Places and assets",
        "Where work is done, and on what.",
        (
            *("site", "location", "asset_type", "asset", "asset_stub", "asset_specification", "asset_document"),
            *("asset_relation", "meter", "meter_reading", "prediction"),
        ),
    ),
    Room(
        "Work",
        "The order is the root of an aggregate: whoever holds it holds everything that hangs on it.",
        (
            *("work_order", "work_order_assignment", "work_order_asset", "work_order_part"),
            *(
                "work_order_cost",
                "service_request",
                "service_requester",
                "work_order_template",
                "work_order_template_part",
            ),
            *(
                "checklist_template",
                "checklist",
                "checklist_item",
                "work_log",
                "work_log_event",
                "comment",
                "attachment",
                "signature",
                "personal_value",
            ),
            "search_entry",
        ),
    ),
    Room(
        "Maintenance",
        "Orders that come by themselves: when, which were made, and what was done.",
        ("maintenance_schedule", "maintenance_occurrence", "maintenance_history"),
    ),
    Room(
        "Extensions",
        "What an organization adds by itself to the things that it works with.",
        ("tag", "entity_tag", "custom_field", "custom_field_value", "rule", "plugin"),
    ),
    Room(
        "Parts",
        "What is stocked, and whom it is bought from. The ledger of movements is the truth; a level is its sum.",
        ("vendor", "vendor_contact", "part", "stock_location", "stock_level", "stock_movement", "part_request"),
    ),
    Room(
        "Numbers",
        "What is counted at night, for whoever opens the office in the morning. Derived: nothing refers to it.",
        ("dashboard_metrics_cache",),
    ),
    Room(
        "Decisions",
        "What a person has to settle, because no rule may, and what people are told.",
        ("conflict", "held_mutation", "notification"),
    ),
    Room(
        "Records of the office",
        "What the office keeps beside the work, on the server alone. The matrix of permissions says who writes it.",
        (
            *("project", "project_work_order", "controlled_document", "document_version", "document_relation"),
            *("inspection_procedure", "procedure_version", "procedure_execution"),
            *("change_request", "change_impact", "change_approval"),
        ),
    ),
    Room(
        "Devices",
        "Installations with a replica, what they are told to do, and what they hand in when they are given up.",
        (
            "device",
            "device_scope",
            "enrolment_code",
            "device_command",
            "push_subscription",
            "sealed_outbox",
            "sealed_part",
        ),
    ),
    Room(
        "Sync",
        "The clock, the commits, and the index that says which device has to hear of what.",
        (
            *("org_clock", "ended_epoch", "org_commit", "scope_aggregate", "scope_reason", "scope_head"),
            *("scope_window", "applied_mutation", "routine_run"),
        ),
    ),
    Room(
        "Activity",
        "What was done that has to be proved later: a chain of lines, the personal values beside it, and its end.",
        ("activity_log", "activity_value", "activity_head", "activity_checkpoint"),
    ),
    Room(
        "Imports, files and archives",
        "What lists have told, the bytes of photos, and what was detached or handed out.",
        ("import_batch", "import_row", "blob", "archive"),
    ),
)
