"""The registry of synced entities. Order matters: a row may refer to rows of entities named before it."""

from sync_server.contract.entities.asset_details import (
    AssetDocumentFields,
    AssetRelationFields,
    AssetSpecificationFields,
)
from sync_server.contract.entities.branding import BrandingFields
from sync_server.contract.entities.calendar import CalendarEventFields
from sync_server.contract.entities.checklists import ChecklistFields, ChecklistItemFields, ChecklistTemplateFields
from sync_server.contract.entities.costs import WorkOrderCostFields
from sync_server.contract.entities.decisions import ConflictFields, HeldMutationFields
from sync_server.contract.entities.equipment import AssetFields, AssetStubFields, AssetTypeFields
from sync_server.contract.entities.extensions import (
    CustomFieldFields,
    CustomFieldValueFields,
    EntityTagFields,
    TagFields,
)
from sync_server.contract.entities.meters import MeterFields
from sync_server.contract.entities.notifications import NotificationFields
from sync_server.contract.entities.order_templates import WorkOrderTemplateFields, WorkOrderTemplatePartFields
from sync_server.contract.entities.own_words import I18nStringFields
from sync_server.contract.entities.people import (
    PersonFields,
    PersonPermissionFields,
    SiteAccessFields,
    TeamFields,
    TeamMemberFields,
)
from sync_server.contract.entities.places import LocationFields, SiteFields
from sync_server.contract.entities.records import (
    AttachmentFields,
    CommentFields,
    PersonalValueFields,
    SignatureFields,
)
from sync_server.contract.entities.requests import ServiceRequestFields
from sync_server.contract.entities.stock import (
    PartFields,
    PartRequestFields,
    StockLevelFields,
    StockLocationFields,
    StockMovementFields,
    VendorFields,
)
from sync_server.contract.entities.visits import WorkLogEventFields, WorkLogFields
from sync_server.contract.entities.work_orders import (
    WorkOrderAssetFields,
    WorkOrderAssignmentFields,
    WorkOrderFields,
    WorkOrderPartFields,
)
from sync_server.contract.fields import EntitySpec, SyncedEntity, describe

DECLARED: tuple[type[SyncedEntity], ...] = (
    PersonFields,
    SiteFields,
    TeamFields,
    TeamMemberFields,
    SiteAccessFields,
    PersonPermissionFields,
    CalendarEventFields,
    BrandingFields,
    I18nStringFields,
    LocationFields,
    AssetTypeFields,
    TagFields,
    CustomFieldFields,
    AssetFields,
    AssetStubFields,
    MeterFields,
    AssetSpecificationFields,
    AssetDocumentFields,
    AssetRelationFields,
    VendorFields,
    PartFields,
    StockLocationFields,
    StockLevelFields,
    ChecklistTemplateFields,
    WorkOrderTemplateFields,
    WorkOrderTemplatePartFields,
    WorkOrderFields,
    WorkOrderAssignmentFields,
    WorkOrderAssetFields,
    WorkOrderPartFields,
    WorkOrderCostFields,
    ServiceRequestFields,
    EntityTagFields,
    CustomFieldValueFields,
    ChecklistFields,
    ChecklistItemFields,
    WorkLogFields,
    WorkLogEventFields,
    StockMovementFields,
    PartRequestFields,
    CommentFields,
    AttachmentFields,
    SignatureFields,
    PersonalValueFields,
    ConflictFields,
    HeldMutationFields,
    NotificationFields,
)

REGISTRY: dict[str, EntitySpec] = {fields.entity: describe(fields) for fields in DECLARED}
"""Entity name → what is known about it."""

AGGREGATES: dict[str, tuple[str, ...]] = {
    root: tuple(name for name, spec in REGISTRY.items() if root in spec.aggregates)
    for root, root_spec in REGISTRY.items()
    if root_spec.is_root
}
"""Root entity → entities whose rows its aggregates hold, the root first."""
