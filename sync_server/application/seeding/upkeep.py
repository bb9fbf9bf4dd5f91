"""What the server alone knows beside the records of the office: upkeep that comes again, companies, rules, registers.

Takes nothing from chance. Dates lie so that nothing is due for two weeks: a demonstration begins without orders that
nobody has planned.
"""

from datetime import date, timedelta

from sync_server.application.seeding.extensions import FOR_OTHER, VENDORS, first_order, photos, worker_of
from sync_server.application.seeding.files import paper
from sync_server.application.seeding.people import Staff
from sync_server.application.seeding.sheet import Sheet, Values
from sync_server.application.seeding.templates import ORDERS
from sync_server.contract.fields import Row
from sync_server.contract.rules.automation import Condition, check, written_conditions
from sync_server.storage.import_rows import WORK_ORDERS

EVERY = timedelta(weeks=4)
RULE = "FREQ=WEEKLY;INTERVAL=4"
MINUTE_OF_DAY = 8 * 60
EVERY_HOURS = 500


def add_upkeep(sheet: Sheet, staff: Staff) -> None:
    """Add what every demonstration has."""
    order = first_order(sheet.content, "closed")
    _add_calendar(sheet, order)
    _add_meter(sheet)
    _add_predictions(sheet, str(order["asset_id"]))
    _add_company(sheet, staff)
    _add_rule(sheet)
    _add_registers(sheet, order)


def add_of_extensions(sheet: Sheet) -> None:
    """Add what belongs to the extensions of an organization that has them."""
    content, order = sheet.content, first_order(sheet.content, "closed")
    for _, file in photos(content):
        sheet.keep(file, author_id=worker_of(content, order), at=str(order["completed_at"]))
    at = content.at(days=-100)
    for code, *_ in VENDORS:
        reached = f"orders@{code.lower()}.example"
        named: Values = {"vendor_id": content.id_of("vendor", code), "name": "Order desk", "email": reached}
        sheet.add("vendor_contact", code, **named, created_at=at, updated_at=at)
    asked: Values = {"service_request_id": content.id_of("service_request", FOR_OTHER), "name": "Porter on duty"}
    sheet.add("service_requester", FOR_OTHER, **asked, contact="At the gate", noted_at=content.at(days=-2, minutes=840))


def _add_calendar(sheet: Sheet, order: Row) -> None:
    """Add a schedule of which an order that is closed was the last one, and what was done with it."""
    content = sheet.content
    due_on = date.fromisoformat(str(order["due_at"])[:10])
    local, coming = _local(due_on), _local(due_on + EVERY)
    place: Values = {"site_id": order["site_id"], "asset_id": order["asset_id"]}
    schedule_id = sheet.add(
        "maintenance_schedule",
        "calendar",
        name="Round every four weeks",
        **place,
        work_order_template_id=content.id_of("work_order_template", ORDERS[1][0]),
        rule=RULE,
        starts_on=(due_on - 2 * EVERY).isoformat(),
        minute_of_day=MINUTE_OF_DAY,
        next_local=coming,
        next_due_at=f"{coming}:00Z",
        created_at=content.at(days=-100),
        updated_at=str(order["created_at"]),
    )
    made: Values = {"maintenance_schedule_id": schedule_id, "occurrence": local, "due_at": f"{local}:00Z"}
    made["work_order_id"] = order["id"]
    sheet.add("maintenance_occurrence", local, **made, made_at=str(order["created_at"]))
    sheet.add(
        "maintenance_history",
        local,
        **made,
        **place,
        done_at=order["completed_at"],
        done_by=worker_of(content, order),
        recorded_at=order["closed_at"],
    )


def _local(day: date) -> str:
    """Wall clock at a site in the zone UTC, as schedules name it."""
    return f"{day.isoformat()}T{MINUTE_OF_DAY // 60:02}:{MINUTE_OF_DAY % 60:02}"


def _add_meter(sheet: Sheet) -> None:
    """Add a schedule that goes by the hours of a pump."""
    content = sheet.content
    meter = next(row for row in content.rows("meter") if row["name"] == "Operating hours")
    asset, at = content.asset(str(meter["asset_id"])), content.at(days=-50)
    sheet.add(
        "maintenance_schedule",
        "meter",
        name=f"Service every {EVERY_HOURS} hours",
        site_id=asset["site_id"],
        asset_id=asset["id"],
        work_order_template_id=content.id_of("work_order_template", ORDERS[0][0]),
        meter_id=meter["id"],
        every_units=EVERY_HOURS,
        next_due_value=float(str(meter["last_value"])) + EVERY_HOURS,
        created_at=at,
        updated_at=at,
    )


def _add_predictions(sheet: Sheet, asset_id: str) -> None:
    content = sheet.content
    for kind, days, probability in (("failure", 45, 0.12), ("service", 20, 0.6)):
        at = content.at(days=-1, minutes=4 * 60)
        span: Values = {"expected_from": content.on(days=days), "expected_until": content.on(days=days + 30)}
        said: Values = {"kind": kind, "probability": probability, "model_name": "wear", "model_version": "1.0"}
        sheet.add("prediction", kind, asset_id=asset_id, **said, **span, made_at=at, created_at=at)


def _add_company(sheet: Sheet, staff: Staff) -> None:
    """Let the last team belong to a company."""
    at = sheet.content.at(days=-300)
    named: Values = {"code": "C-01", "name": "Example Services", "insured_until": sheet.content.on(days=90)}
    contractor_id = sheet.add("contractor", "C-01", **named, created_at=at, updated_at=at)
    team: Values = {"contractor_id": contractor_id, "team_id": staff.team_ids[-1]}
    sheet.add("contractor_member", "C-01", **team, created_at=at)


def _add_rule(sheet: Sheet) -> None:
    """Let emergencies that come back be urgent."""
    event, action, at = "order_returned", "set_priority", sheet.content.at(days=-60)
    conditions = (Condition("type", "one_of", ("emergency",)),)
    check(event, action, conditions)
    said: Values = {"name": "Emergencies that come back", "event": event, "action": action, "priority": "critical"}
    sheet.add("rule", event, **said, conditions=written_conditions(conditions), created_at=at, updated_at=at)


def _add_registers(sheet: Sheet, order: Row) -> None:
    """Add a plugin that is known, a file that was handed out, and a list that told of an order."""
    content, at = sheet.content, sheet.content.at(days=-70)
    digest = paper(f"Register of {content.slug}").sha256
    plugin: Values = {"name": "label-printer", "version": "1.2.0", "publisher": "Example Maker A", "state": "approved"}
    sheet.add("plugin", "label-printer", **plugin, manifest_sha256=digest, registered_at=at, updated_at=at)
    span: Values = {"until_on": content.on(days=-70), "row_count": 1200, "sha256": digest, "made_at": at}
    sheet.add("archive", "export", kind="export", kept_in=f"{content.slug}.zip", **span)
    counts: Values = {"kind": WORK_ORDERS, "file_name": "orders.csv", "file_sha256": digest, "new_count": 1}
    import_id = sheet.add("import_batch", "orders.csv", **counts, created_at=order["created_at"])
    told: Values = {"external_id": f"OLD-{order['number']}", "work_order_id": order["id"], "import_id": import_id}
    sheet.add("import_row", "orders.csv", **told, digest=digest, version=1)
