"""People of a demonstration in all six roles, their teams and where they may go. Role words instead of names."""

from dataclasses import dataclass

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.profile import Profile

PASSWORD = "demo-only-password"
"""Everybody's in every demonstration, and known to everybody: never for an organization with real work."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a demonstration. `sites` are letters; managers and admins go everywhere without."""

    id: str
    login: str
    role: str
    name: str
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of one organization, by what they do."""

    people: tuple[Person, ...]
    team_ids: tuple[str, ...]

    def in_role(self, role: str) -> list[Person]:
        """People of a role in the order of their numbers."""
        return [person for person in self.people if person.role == role]

    def at(self, letter: str, role: str) -> list[Person]:
        """People of a role who may enter a site."""
        return [person for person in self.in_role(role) if letter in person.sites]


def plan_staff(content: Content, profile: Profile) -> Staff:
    """Decide who there is; the ids depend on nothing but the organization."""
    pairs = [tuple(site.letter for site in profile.sites[n : n + 2]) for n in range(0, len(profile.sites), 2)]
    first = {site.letter: site.name for site in profile.sites}
    everywhere = tuple(first)

    def person(role: str, number: int, name: str, sites: tuple[str, ...]) -> Person:
        login = role if number == 1 else f"{role}{number}"
        return Person(content.id_of("person", login), login, role, name, sites)

    people = [
        person("technician", number + 1, f"Technician {number + 1}", pairs[number // 2 % len(pairs)])
        for number in range(profile.technicians)
    ]
    for number, pair in enumerate(pairs, start=1):
        people.append(person("supervisor", number, f"Supervisor {first[pair[0]]}", pair))
        people.append(person("customer", number, f"Customer {first[pair[0]]}", pair))
    people += [
        person("planner", 1, "Planner", everywhere),
        person("manager", 1, "Manager", ()),
        person("admin", 1, "Administrator", ()),
    ]
    return Staff(tuple(people), tuple(content.id_of("team", f"crew {pair[0]}") for pair in pairs))


def add_people(content: Content, staff: Staff) -> None:
    """Add people and their site access; sites must be there."""
    at = content.at(days=-400)
    for person in staff.people:
        content.add("person", person.id, at=at, name=person.name, role=person.role)
        for letter in person.sites:
            content.add(
                "site_access",
                content.id_of("site_access", f"{person.login} {letter}"),
                at=at,
                aggregate_id=person.id,
                person_id=person.id,
                site_id=content.id_of("site", letter),
                role=person.role,
            )


def add_teams(content: Content, profile: Profile, staff: Staff) -> None:
    """Add a crew per pair of sites: all its technicians but the first, whose day stays countable."""
    at = content.at(days=-390)
    for number, team_id in enumerate(staff.team_ids):
        site = profile.sites[2 * number]
        content.add("team", team_id, at=at, name=f"Crew {site.name}", site_id=content.id_of("site", site.letter))
        for person in staff.at(site.letter, "technician"):
            if person.login != "technician":
                content.add(
                    "team_member",
                    content.id_of("team_member", f"{site.letter} {person.login}"),
                    at=at,
                    aggregate_id=team_id,
                    team_id=team_id,
                    person_id=person.id,
                )
