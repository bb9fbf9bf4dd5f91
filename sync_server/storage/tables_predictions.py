"""What models say about assets: records of the server alone, only ever added to. Nothing here says who made them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from sync_server.contract.column_types import Date, Double, Guid, Text, UTCDateTime
from sync_server.storage.meanings import OF_ORGANIZATION
from sync_server.storage.tables_tenancy import metadata, reference

PREDICTED: Final = ("failure", "service", "limit")
"""What is expected: it stops working, it needs service, a meter of it passes a limit."""

prediction = Table(
    "prediction",
    metadata,
    Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
    Column("id", Guid, nullable=False, comment="Follows from asset, kind, model, version and instant: said once."),
    Column("asset_id", Guid, nullable=False, comment="What it is about; decides who sees it."),
    Column("kind", Text, nullable=False, comment="What is expected."),
    Column("expected_from", Date, nullable=False, comment="First day on which it may happen."),
    Column("expected_until", Date, nullable=False, comment="Last day on which it may happen."),
    Column("probability", Double, nullable=False, comment="How likely it is in that time, from 0 to 1."),
    Column("model_name", Text, nullable=False, comment="Which model says so."),
    Column("model_version", Text, nullable=False, comment="Which version of it."),
    Column("made_at", UTCDateTime, nullable=False, comment="When the model said it, by its own clock."),
    Column("created_at", UTCDateTime, nullable=False, comment="When it was taken over."),
    PrimaryKeyConstraint("organization_id", "id", name="pk_prediction"),
    reference("prediction", "asset_id", "asset"),
    CheckConstraint(f"kind IN ({', '.join(map(repr, PREDICTED))})", name="ck_prediction_kind"),
    CheckConstraint("expected_until >= expected_from", name="ck_prediction_expected_until"),
    CheckConstraint("probability >= 0 AND probability <= 1", name="ck_prediction_probability"),
    Index(
        "ix_prediction_asset_id",
        "organization_id",
        "asset_id",
        "made_at",
        info={"why": "what was said about an asset, newest first"},
    ),
    comment="What a model expected of an asset; never changed, a newer one stands beside it. No device holds any.",
)
