"""An organization with an asset, a template of orders, and what is planned there: for tests of maintenance."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sync_server.application.maintenance import schedules
from sync_server.application.maintenance.making import Made
from sync_server.application.maintenance.reading import Schedule
from sync_server.application.maintenance.schedules import ByCalendar, ByMeter, Place
from sync_server.contract.fields import Row
from sync_server.routines.maintenance import make_orders
from tests.support.server_side import Organization, Server

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAILY = ByCalendar("FREQ=DAILY", date(2026, 3, 2))


@dataclass
class Plant:
    """An organization with an asset, a template, and what comes of schedules there."""

    organization: Organization
    site: Row
    asset: Row
    template: Row

    @classmethod
    def of(cls, server: Server, *, time_zone: str = "UTC") -> "Plant":
        organization = server.organization()
        site = organization.site(time_zone=time_zone)
        asset = organization.add("asset", site_id=site["id"], code="PUMP-1", name="Pump")
        return cls(organization, site, asset, organization.add("work_order_template", name="Round", title="A round"))

    @property
    def place(self) -> Place:
        return Place("Round", str(self.site["code"]), "PUMP-1")

    def add(self, when: ByCalendar | ByMeter, name: str = "Lubricate", *, at: datetime = AT) -> str:
        return schedules.add(self.organization.database, self.organization.id, name, self.place, when, at=at)

    def run(self, at: datetime = AT) -> list[Made]:
        return make_orders(self.organization.database, self.organization.id, at=at)

    def orders(self) -> list[Row]:
        return sorted(self.organization.rows("work_order"), key=lambda row: str(row["due_at"]))

    def due(self) -> list[str]:
        return [str(row["due_at"])[:16] for row in self.orders()]

    def stands(self, name: str = "Lubricate") -> Schedule:
        (found,) = [
            each for each in schedules.listed(self.organization.database, self.organization.id) if each.name == name
        ]
        return found

    def meter(self, value: str | None = None) -> Row:
        asset_id = self.asset["id"]
        return self.organization.add(
            "meter", aggregate_id=asset_id, asset_id=asset_id, name="Hours", unit="h", last_value=value
        )
