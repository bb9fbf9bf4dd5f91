"""Sites with their fences, and the buildings, floors and rooms in them."""

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.profile import Profile, Site

BUILDINGS = ("Main building", "Annex")
FLOORS = ("Ground floor", "First floor")
ROOMS = ("Plant room", "Corridor", "Control room", "Workshop")
AREA = "Yard"


def add_sites(content: Content, profile: Profile) -> None:
    """Add the sites."""
    for number, site in enumerate(profile.sites, start=1):
        content.add(
            "site",
            content.id_of("site", site.letter),
            at=content.at(days=-400),
            code=f"SITE-{site.letter}",
            name=f"Site {site.name}",
            address=f"{number} Example Road, {site.name} District",
            latitude=site.latitude,
            longitude=site.longitude,
            fence_radius_m=site.fence_radius_m,
        )


def add_locations(content: Content, profile: Profile) -> dict[str, list[str]]:
    """Add the tree of every site; give the ids of its rooms, by the letter of the site."""
    return {site.letter: _add_tree(content, site) for site in profile.sites}


def _add_tree(content: Content, site: Site) -> list[str]:
    rooms = [_add(content, site, code=f"{site.letter}-Y", kind="area", name=AREA, parent_id=None)]
    for b, building_name in enumerate(BUILDINGS, start=1):
        building = f"{site.letter}-B{b}"
        building_id = _add(content, site, code=building, kind="building", name=building_name, parent_id=None)
        for f, floor_name in enumerate(FLOORS):
            floor = f"{building}-F{f}"
            floor_id = _add(content, site, code=floor, kind="floor", name=floor_name, parent_id=building_id)
            rooms += [
                _add(content, site, code=f"{floor}-R{r}", kind="room", name=name, parent_id=floor_id)
                for r, name in enumerate(ROOMS, start=1)
            ]
    return rooms


def _add(content: Content, site: Site, *, code: str, kind: str, name: str, parent_id: str | None) -> str:
    id_ = content.id_of("location", code)
    content.add(
        "location",
        id_,
        at=content.at(days=-399),
        site_id=content.id_of("site", site.letter),
        parent_id=parent_id,
        kind=kind,
        code=code,
        name=name,
        latitude=site.latitude,
        longitude=site.longitude,
    )
    return id_
