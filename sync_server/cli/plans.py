"""Plans and invoices, as an administrator keeps them."""

from collections.abc import Mapping, Sequence
from datetime import date

from sync_server.application.tenants import plans
from sync_server.application.tenants.plans import Invoice, Plan
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.storage.plan_limits import WORDS


def put(code: str, name: str, *, limits: Mapping[str, int], features: Sequence[str]) -> Answer:
    """Make or change a plan."""
    plan = Plan(code, name, limits, tuple(features))
    with ready_database(ServerSettings.from_environment()) as (database, _):
        plans.put_plan(database, plan)
    return _described(plan), _line(plan)


def list_all() -> Answer:
    """List plans, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = plans.plans(database)
    return {"plans": [_described(each) for each in found]}, lines_of(map(_line, found)) or "There is no plan."


def give(code: str, slug: str, *, on: date) -> Answer:
    """Let an organization have a plan."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        plans.subscribe(database, known_organization(database, slug), code, on=on)
    return {"organization": slug, "plan": code}, f"{slug} has the plan {code}. What it has already stays."


def issue(slug: str, invoice: Invoice) -> Answer:
    """Write down an invoice."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        plans.issue(database, known_organization(database, slug), invoice)
    return {"organization": slug, "invoice": invoice.number}, f"The invoice {invoice.number} is written down."


def settle(slug: str, number: str, *, paid_on: date | None) -> Answer:
    """Note what has become of an invoice."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        plans.settle(database, known_organization(database, slug), number, paid_on=paid_on)
    said = "counts no more" if paid_on is None else f"was paid on {paid_on}"
    return {"organization": slug, "invoice": number}, f"The invoice {number} {said}."


def invoices(slug: str) -> Answer:
    """List the invoices of an organization."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = plans.invoices(database, known_organization(database, slug))
    lines = [
        f"{each.number}  {each.period_from} to {each.period_until}; {each.amount.normalize():f} {each.currency}; "
        f"{each.state}{f' {each.paid_on}' if each.paid_on else f', due {each.due_on}'}"
        for each in found
    ]
    return {"invoices": [_of(each) for each in found]}, lines_of(lines) or f"{slug} has no invoices."


def _line(plan: Plan) -> str:
    limits = [f"{plan.limits[kind]} {word}" if kind in plan.limits else f"any {word}" for kind, word in WORDS.items()]
    opened = f"; {', '.join(plan.features)}" if plan.features else ""
    return f"{plan.code}  {plan.name}; {', '.join(limits)}{opened}"


def _described(plan: Plan) -> dict[str, object]:
    return {"code": plan.code, "name": plan.name, "limits": dict(plan.limits), "features": list(plan.features)}


def _of(invoice: Invoice) -> dict[str, object]:
    return {
        "number": invoice.number,
        "from": invoice.period_from.isoformat(),
        "until": invoice.period_until.isoformat(),
        "due": invoice.due_on.isoformat(),
        "amount": str(invoice.amount),
        "currency": invoice.currency,
        "state": invoice.state,
        "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else None,
    }
