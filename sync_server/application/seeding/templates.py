"""Twelve checklist templates that use every kind of item, sections, units, limits and conditions between them."""

import msgspec

from sync_server.application.seeding.content import Content
from sync_server.contract.fields import Row

Item = dict[str, object]


def item(key: str, kind: str, prompt: str, **more: object) -> Item:
    """Define one item; an item named `when` is asked only after the answer `equals` of another."""
    asked_after, expected = more.pop("when", None), more.pop("equals", None)
    if asked_after is not None:
        more["condition"] = {"item": asked_after, "is": expected}
    return {"key": key, "kind": kind, "prompt": prompt, **more}


def reading(key: str, prompt: str, unit: str, low: str | None, high: str | None, **more: object) -> Item:
    """Define a reading with its limits."""
    limits = {name: value for name, value in (("minimum", low), ("maximum", high)) if value is not None}
    return item(key, "number", prompt, unit=unit, **limits, **more)


def check(key: str, prompt: str, **more: object) -> Item:
    """Define a pass-or-fail item."""
    return item(key, "pass_fail", prompt, **more)


def photo(prompt: str, **more: object) -> Item:
    """Define a photo that may be left out."""
    return item("photo", "photo", prompt, is_mandatory=False, **more)


SAFE = [
    check("isolated", "Unit is isolated and tagged", section="Before"),
    check("guard", "Guards and covers are complete", section="Before"),
]
AFTER = [
    check("clean", "Place is clean and tools are back", section="After"),
    item("remark", "text", "Anything the next visitor should know", section="After", is_mandatory=False),
]

TEMPLATES: tuple[tuple[str, str, list[Item]], ...] = (
    (
        "PUMP-M",
        "Pump, monthly",
        [
            *SAFE,
            reading("pressure", "Discharge pressure", "bar", "2.5", "6", section="Readings"),
            reading("vibration", "Vibration at the bearing", "mm/s", None, "4.5", section="Readings"),
            check("leak", "Shaft seal is dry", section="Inspection"),
            reading(
                "drops", "Drops in one minute", "1/min", "0", "20", section="Inspection", when="leak", equals="fail"
            ),
            item("noise", "choice", "Noise", choices=["none", "slight", "strong"], section="Inspection"),
            photo("Photo of the seal", section="Inspection"),
            *AFTER,
        ],
    ),
    (
        "MOTOR-M",
        "Motor, monthly",
        [
            *SAFE,
            reading("current", "Current under load", "A", "1", "32", section="Readings"),
            reading("temperature", "Temperature of the housing", "°C", "-10", "80", section="Readings"),
            check("terminals", "Terminals are tight", section="Inspection"),
            *AFTER,
        ],
    ),
    (
        "VALVE-Y",
        "Valve, yearly",
        [
            *SAFE,
            check("moves", "Valve moves through its whole travel"),
            item("stuck_at", "text", "Where it is stuck", when="moves", equals="fail"),
            reading("stroke", "Time of a full stroke", "s", "1", "30"),
            *AFTER,
        ],
    ),
    (
        "SENSOR-C",
        "Sensor, calibration",
        [
            reading("reference", "Value of the reference", "°C", "-40", "150", section="Comparison"),
            reading("shown", "Value shown by the sensor", "°C", "-40", "150", section="Comparison"),
            reading("deviation", "Deviation", "K", "-0.5", "0.5", section="Comparison"),
            item("outcome", "choice", "Outcome", choices=["as found", "adjusted", "exchanged"], section="Outcome"),
            item("serial", "text", "Serial of the new sensor", section="Outcome", when="outcome", equals="exchanged"),
        ],
    ),
    (
        "BEARING-Q",
        "Bearings, quarterly",
        [
            *SAFE,
            reading("grease", "Grease added", "g", "0", "60"),
            check("play", "No play that a hand can feel"),
            photo("Photo of the drained grease"),
            *AFTER,
        ],
    ),
    (
        "CHILLER-M",
        "Chiller, monthly",
        [
            *SAFE,
            reading("supply", "Supply temperature", "°C", "4", "9", section="Readings"),
            reading("return", "Return temperature", "°C", "9", "16", section="Readings"),
            reading("oil", "Oil level", "%", "40", "90", section="Readings"),
            check("alarms", "No alarm stands", section="Panel"),
            item("alarm_text", "text", "Text of the alarm", section="Panel", when="alarms", equals="fail"),
            *AFTER,
        ],
    ),
    (
        "FAN-Q",
        "Fan, quarterly",
        [
            *SAFE,
            check("belt", "Belt is tight and whole", section="Drive"),
            item(
                "belt_changed",
                "choice",
                "Belt changed",
                choices=["yes", "no"],
                section="Drive",
                when="belt",
                equals="fail",
            ),
            reading("flow", "Air flow", "m³/h", "500", "12000", section="Readings"),
            *AFTER,
        ],
    ),
    (
        "FILTER-M",
        "Filter unit, monthly",
        [
            reading("difference", "Pressure difference", "Pa", "20", "250"),
            item("state", "choice", "State of the filter", choices=["clean", "used", "clogged"]),
            check("changed", "New filter sits tight", when="state", equals="clogged"),
            photo("Photo of the filter"),
        ],
    ),
    (
        "PANEL-Y",
        "Electrical panel, yearly",
        [
            check("locked", "Panel was locked", section="Before"),
            check("voltage_free", "Absence of voltage was proved", section="Before"),
            reading("insulation", "Insulation resistance", "MΩ", "1", None, section="Readings"),
            reading("earth", "Earth resistance", "Ω", "0", "10", section="Readings"),
            check("labels", "All circuits are labelled", section="Inspection"),
            *AFTER,
        ],
    ),
    (
        "RELAY-Y",
        "Relay group, yearly",
        [
            check("trips", "Protection trips"),
            reading("trip_time", "Time until it trips", "ms", "10", "200", when="trips", equals="pass"),
            item("setting", "text", "Setting as found"),
        ],
    ),
    (
        "ROUND-D",
        "Daily round",
        [
            check("doors", "Doors and gates are closed", section="Outside"),
            check("light", "Lights work", section="Outside"),
            check("smell", "No unusual smell", section="Inside"),
            check("floor", "Floor is dry", section="Inside"),
            reading("counter", "Energy counter", "kWh", "0", None, section="Inside"),
        ],
    ),
    (
        "INSTALL",
        "Installation and hand-over",
        [
            item("scope", "choice", "Scope", choices=["new", "replacement"]),
            item("old_serial", "text", "Serial of the old unit", when="scope", equals="replacement"),
            check("runs", "Unit runs without alarm"),
            check("instructed", "Operator was shown how to use it"),
            photo("Photo of the installed unit"),
            *AFTER,
        ],
    ),
)


def add_templates(content: Content) -> list[Row]:
    """Add the templates; give them in their order."""
    return [
        content.add(
            "checklist_template",
            content.id_of("checklist_template", f"{code} 1"),
            at=content.at(days=-400),
            code=code,
            template_version=1,
            name=name,
            items=msgspec.json.encode(items).decode(),
        )
        for code, name, items in TEMPLATES
    ]


ORDERS = (
    ("Monthly pump check", "PUMP-M", 45, "Isolate the drive before opening the guard."),
    ("Daily round", "ROUND-D", 20, None),
)
"""Templates of orders: name, checklist, minutes and hazards."""


def add_order_templates(content: Content, part_ids: list[str]) -> None:
    """Add templates of orders; the first needs a part. Takes nothing from chance."""
    for name, checklist, minutes, hazards in ORDERS:
        root = content.id_of("work_order_template", name)
        content.add(
            "work_order_template",
            root,
            at=content.at(days=-399),
            name=name,
            title=name,
            type="inspection",
            hazards=hazards,
            estimated_minutes=minutes,
            checklist_template_id=content.id_of("checklist_template", f"{checklist} 1"),
        )
        if hazards is not None:
            content.add(
                "work_order_template_part",
                content.id_of("work_order_template_part", name),
                at=content.at(days=-399),
                aggregate_id=root,
                work_order_template_id=root,
                part_id=part_ids[0],
                quantity="2",
            )
