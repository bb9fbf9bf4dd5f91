"""Assets in trees of their parts, with types, serials and the codes on their labels."""

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.profile import Profile, Site
from sync_server.contract.rules.draft import stub_id
from sync_server.contract.rules.effects import STUB_FIELDS

TYPES = (
    ("PUMP", "Pump"),
    ("MOTOR", "Motor"),
    ("VALVE", "Valve"),
    ("SENSOR", "Sensor"),
    ("BEARING", "Bearing set"),
    ("CHILLER", "Chiller"),
    ("FAN", "Fan"),
    ("FILTER", "Filter unit"),
    ("PANEL", "Electrical panel"),
    ("RELAY", "Relay group"),
)
BRANCH = 5
"""Assets of one tree: a root, three children, and one child of the last of these."""
STATUSES = ("operational",) * 8 + ("degraded", "down")
MAKERS = ("Example Maker A", "Example Maker B", "Example Maker C")


def add_asset_types(content: Content) -> None:
    """Add the kinds of assets."""
    for code, name in TYPES:
        content.add("asset_type", content.id_of("asset_type", code), at=content.at(days=-400), code=code, name=name)


def add_assets(content: Content, profile: Profile, rooms: dict[str, list[str]]) -> dict[str, list[str]]:
    """Add the assets of every site, evenly; give their ids by the letter of the site, in the order of their codes."""
    share = profile.assets // len(profile.sites)
    return {site.letter: _add_site(content, site, share, rooms[site.letter]) for site in profile.sites}


def _add_site(content: Content, site: Site, share: int, rooms: list[str]) -> list[str]:
    ids: list[str] = []
    for number in range(share):
        place = number % BRANCH
        parent = {0: None, BRANCH - 1: number - 1}.get(place, number - place)
        ids.append(_add(content, site, number, rooms=rooms, parent_id=None if parent is None else ids[parent]))
    return ids


def _add(content: Content, site: Site, number: int, *, rooms: list[str], parent_id: str | None) -> str:
    word, name = TYPES[number % len(TYPES)]
    code = f"{site.letter}-{word}-{number + 1:03d}"
    chance = content.chance
    age = chance.randrange(100, 3000)
    asset = content.add(
        "asset",
        content.id_of("asset", code),
        at=content.at(days=-398),
        site_id=content.id_of("site", site.letter),
        location_id=rooms[number // BRANCH % len(rooms)],
        parent_id=parent_id,
        asset_type_id=content.id_of("asset_type", word),
        code=code,
        name=f"{name} {site.letter}{number + 1}",
        serial=f"SN-{site.letter}{number + 1:05d}",
        registration_number=f"REG-{site.letter}-{number + 1:04d}" if parent_id is None else None,
        qr_code=f"CMMS:{content.slug}:{code}",
        status=chance.choice(STATUSES),
        health_score=chance.randrange(40, 101),
        manufacturer=chance.choice(MAKERS),
        model=f"Model {chance.randrange(1, 10)}",
        installed_on=content.on(days=-age),
        warranty_until=content.on(days=1095 - age),
        latitude=site.latitude,
        longitude=site.longitude,
    )
    content.copy("asset_stub", stub_id(str(asset["id"])), source=asset, names=STUB_FIELDS, asset_id=asset["id"])
    return str(asset["id"])
