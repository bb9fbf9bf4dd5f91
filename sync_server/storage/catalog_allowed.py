"""What may stand open in the database, by name: everything else that `catalog_doors` finds is refused.

Whoever adds a table above all tenants, a definer function or a list for a whole organization adds it here, with its
test. Names are as PostgreSQL tells them where nothing is in its search path.
"""

from typing import Final

from sync_server.contract.entities import REGISTRY

SERVING: Final = ("cmms_app_sync", "cmms_app_office", "cmms_authn", "cmms_worker", "cmms_readonly")
"""Roles that are bound to one organization a transaction."""
NEVER_LOG_IN: Final = ("cmms_owner", "cmms_resolver")
GLOBAL: Final = ("public.alembic_version", "public.subscription_plan")
"""Tables that belong to no organization and hold nothing of any."""
KEYED_OTHERWISE: Final = ("public.organization_directory", "public.organization_domain")
"""Tables whose rows have an organization, but are found before it is known."""
WIDENED: Final = (
    "resolver_reads on public.org_clock r cmms_resolver true",
    "resolver_reads on public.organization_directory r cmms_resolver true",
    "resolver_reads on public.organization_domain r cmms_resolver true",
)
"""Policies that show more than one organization: name, table, command, roles, expression."""
DEFINERS: Final = {
    "public.organization_by_slug(text)": "cmms_resolver",
    "public.organization_by_domain(text)": "cmms_resolver",
    "public.organization_clocks()": "cmms_resolver",
    "public.organization_ids()": "cmms_resolver",
    "public.make_reading_months(integer)": "cmms_owner",
    "public.detach_reading_months(integer)": "cmms_owner",
    "public.make_notification_months(integer)": "cmms_owner",
    "public.detach_notification_months(integer)": "cmms_owner",
    "public.append_activity(json)": "cmms_owner",
    "public.forget_activity(uuid)": "cmms_owner",
    "public.make_activity_months(integer)": "cmms_owner",
    "public.detach_activity_months(integer)": "cmms_owner",
}
"""Functions that run with the rights of their owner, and who that is."""
_NOT_FOR_THE_OFFICE: Final = (
    *("notification", "asset_stub", "branding", "i18n_string"),
    *("asset_specification", "asset_relation", "work_order_cost", "work_order_template_part"),
)
"""What no list of the office reads; a list that does has to come first."""
RESERVED: Final[dict[str, tuple[str, ...]]] = {
    "public.organization_directory": (),
    "public.user_credential": ("cmms_authn",),
    "public.user_session": ("cmms_authn", "cmms_worker"),
    "public.enrolment_code": ("cmms_authn",),
    "public.push_subscription": ("cmms_app_sync", "cmms_worker"),
    "public.service_requester": ("cmms_app_sync", "cmms_authn"),
    "public.vendor_contact": ("cmms_authn",),
    **{f"public.{name}": ("cmms_app_sync", "cmms_worker", "cmms_readonly") for name in _NOT_FOR_THE_OFFICE},
}
"""Tables that only these of the serving roles may touch."""
OFFICE_WIDE: Final = tuple(
    f"public.{name}"
    for name in (
        *("alembic_version", "organization", "import_batch", "person", "team", "team_member", "site_access"),
        *("person_permission", "site", "contractor", "contractor_member"),
        *("asset_type", "tag", "custom_field", "vendor", "part", "stock_location", "checklist_template"),
        "work_order_template",
        *("project", "controlled_document", "document_version", "document_relation"),
        *("inspection_procedure", "procedure_version", "change_request", "change_approval"),
    )
)
"""Tables that the office reads whatever its sites are."""
_OF_ACTIVITY = ("activity_log", "activity_value", "activity_head", "activity_checkpoint")
_RECORDS = (
    "meter_reading",
    "archive",
    "maintenance_occurrence",
    "maintenance_history",
    "change_approval",
    "prediction",
    *_OF_ACTIVITY,
    *(name for name, spec in REGISTRY.items() if spec.append_only),
)
APPEND_ONLY: Final = tuple(sorted(f"public.{name}" for name in _RECORDS))
