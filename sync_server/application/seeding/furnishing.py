"""Gives a demonstration organization what lies on the server alone: upkeep, records of the office, a plan and a bill.

Done again it changes nothing; what was interrupted is completed.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.paperwork import add_paperwork
from sync_server.application.seeding.people import plan_staff
from sync_server.application.seeding.profile import Profile
from sync_server.application.seeding.sheet import Sheet, write
from sync_server.application.seeding.upkeep import add_of_extensions, add_upkeep
from sync_server.application.tenants.plans import Invoice, Plan, invoices, issue, put_plan, settle, subscribe
from sync_server.storage.blob_store import BlobStore
from sync_server.storage.engine import Database

PLAN: Final = Plan("demonstration", "Demonstration", limits={}, features=("maintenance", "stock"))
"""Without limits: nobody is refused anything for it."""


def furnish(database: Database, content: Content, profile: Profile, *, store: BlobStore) -> None:
    """Write all of it for an organization whose synced rows are there."""
    sheet = Sheet(content)
    add_upkeep(sheet, plan_staff(content, profile))
    add_paperwork(sheet)
    if profile.extends:
        add_of_extensions(sheet)
    write(database, sheet, store=store)
    _bill(database, content)


def _bill(database: Database, content: Content) -> None:
    """Let it have ordered the plan, and have paid for the month before the day of the demonstration."""
    organization_id = content.organization_id
    if invoices(database, organization_id):
        return
    until = content.today.replace(day=1) - timedelta(days=1)
    put_plan(database, PLAN)
    subscribe(database, organization_id, PLAN.code, on=until.replace(day=1))
    number = f"{content.slug}-{until:%Y-%m}"
    amount = Decimal("120.00")
    issue(database, organization_id, Invoice(number, until.replace(day=1), until, content.today, amount, "EUR"))
    settle(database, organization_id, number, paid_on=content.today)
