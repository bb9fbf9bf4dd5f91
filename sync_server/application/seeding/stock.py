"""Parts, and what lies of them in the stores and in every technician's van."""

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.people import Staff
from sync_server.application.seeding.profile import Profile

KINDS = (
    ("Filter cartridge", "each"),
    ("Drive belt", "each"),
    ("Bearing", "each"),
    ("Gasket", "each"),
    ("Seal kit", "set"),
    ("Lubricating oil", "l"),
    ("Cable", "m"),
    ("Fuse", "each"),
    ("Lamp", "each"),
    ("Hose", "m"),
    ("Contactor", "each"),
    ("Battery", "each"),
)
SHARE_IN_VAN = 3
"""Every third part is also in each van."""


def add_parts(content: Content, profile: Profile) -> list[str]:
    """Add the parts; give their ids in the order of their codes."""
    ids = []
    for number in range(profile.parts):
        name, unit = KINDS[number % len(KINDS)]
        code = f"P-{number + 1:04d}"
        ids.append(content.id_of("part", code))
        content.add(
            "part",
            ids[-1],
            at=content.at(days=-400),
            code=code,
            name=f"{name}, size {number // len(KINDS) + 1}",
            unit=unit,
            unit_cost=f"{content.chance.randrange(100, 20_000) / 100:.2f}",
            barcode=f"DEMO{number + 1:08d}",
        )
    return ids


def add_stock_locations(content: Content, profile: Profile, staff: Staff) -> None:
    """Add a store with a bin on every site, and a van for every technician."""
    for site in profile.sites:
        for kind, name in (("store", f"Store {site.name}"), ("bin", f"Returns bin {site.name}")):
            _add(content, f"{kind.upper()}-{site.letter}", kind=kind, name=name, letter=site.letter)
    for person in staff.in_role("technician"):
        code = van_code(person.login)
        _add(content, code, kind="van", name=f"Van of {person.name}", letter=person.sites[0], owner_id=person.id)


def van_code(login: str) -> str:
    """Code of a technician's van."""
    return f"VAN-{login.removeprefix('technician') or '1'}"


def _add(content: Content, code: str, *, kind: str, name: str, letter: str, owner_id: str | None = None) -> None:
    content.add(
        "stock_location",
        content.id_of("stock_location", code),
        at=content.at(days=-400),
        site_id=content.id_of("site", letter),
        owner_id=owner_id,
        kind=kind,
        code=code,
        name=name,
    )


def add_purchases(content: Content, profile: Profile, *, staff: Staff, part_ids: list[str]) -> None:
    """Fill stores and vans. Levels come about by movements alone."""
    planner = staff.in_role("planner")[0].id
    stores = [(f"STORE-{site.letter}", part_ids) for site in profile.sites]
    vans = [(van_code(person.login), part_ids[::SHARE_IN_VAN]) for person in staff.in_role("technician")]
    for code, ids in stores + vans:
        for part_id in ids:
            content.move(
                f"purchase {code} {part_id}",
                location_id=content.id_of("stock_location", code),
                part_id=part_id,
                quantity=content.chance.randrange(2, 8) if code.startswith("VAN") else content.chance.randrange(5, 60),
                kind="purchase",
                at=content.at(days=-60),
                by=planner,
            )
