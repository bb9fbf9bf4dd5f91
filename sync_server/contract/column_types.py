"""Column types with one meaning in two databases.

PostgreSQL gets native types, the replica gets the wire form (see codec.py), so that a pulled row is bound
into SQLite without any conversion.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Dialect, Double, Integer, Numeric, String, Text, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from sync_server.contract.instants import INSTANT_FORMAT, instant_of, instant_text

__all__ = ["INSTANT_FORMAT", "Decimals", "Guid", "JsonText", "UTCDateTime", "instant_of", "instant_text", "kind_of"]


class Guid(TypeDecorator[str]):
    """A UUID as hyphenated lower-case text in Python; native `uuid` in PostgreSQL."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use the native type where there is one."""
        return Uuid(as_uuid=False) if dialect.name == "postgresql" else String(36)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. `timestamptz` in PostgreSQL, wire text in SQLite, an aware UTC datetime in Python."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use `timestamp with time zone` where there is one."""
        from sqlalchemy import DateTime

        return DateTime(timezone=True) if dialect.name == "postgresql" else String(27)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive datetimes on both sides."""
        if value is None:
            return None
        text = instant_text(value)
        return value.astimezone(UTC) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give an aware UTC datetime."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else instant_of(value)


class Decimals(TypeDecorator[Decimal]):
    """An exact decimal number. `numeric(14, 4)` in PostgreSQL, its text in SQLite."""

    impl = String(24)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use `numeric` where there is one."""
        return Numeric(14, 4) if dialect.name == "postgresql" else String(24)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Bind the number itself in PostgreSQL, its text in SQLite."""
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give a Decimal."""
        return None if value is None else Decimal(str(value))


class JsonText(TypeDecorator[str]):
    """A JSON document kept as its text on both sides; codec.checked composes the texts inside it."""

    impl = Text
    cache_ok = True


KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Guid, "guid"),
    (UTCDateTime, "instant"),
    (Decimals, "decimal"),
    (JsonText, "json"),
    (Boolean, "boolean"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Double, "double"),
    (Date, "date"),
    (Text, "text"),
)
"""Column type → wire kind; the first match wins."""


def kind_of(type_: TypeEngine[Any]) -> str:
    """Name the wire kind of a column type. Raises KeyError for a type that cannot travel."""
    for class_, kind in KINDS:
        if isinstance(type_, class_):
            return kind
    raise KeyError(f"{type_!r} has no wire form")


__all__ = [
    "BigInteger",
    "Boolean",
    "Date",
    "Decimals",
    "Double",
    "Guid",
    "Integer",
    "JsonText",
    "Text",
    "UTCDateTime",
    "date",
    "instant_of",
    "instant_text",
    "kind_of",
]
