"""What an organization chooses for itself, as an administrator writes it down."""

from sync_server.application.tenants import choices
from sync_server.application.tenants.choices import Choices
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_text
from sync_server.storage.organization_domains import Domain


def choose(slug: str, said: Choices) -> Answer:
    """Write down what an organization chooses."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        choices.choose(database, known_organization(database, slug), said)
    when = "from now on" if said == Choices(enrols_by_code=said.enrols_by_code) else "from the next night on"
    return {"organization": slug}, f"{slug} has it so {when}."


def domains(slug: str) -> Answer:
    """List the mail domains of an organization, the primary one first."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = choices.domains(database, known_organization(database, slug))
    lines = lines_of(map(_line, found))
    return {"domains": [_described(each) for each in found]}, lines or f"{slug} has no mail domain."


def add_domain(slug: str, domain: str, *, is_verified: bool, is_primary: bool) -> Answer:
    """Give an organization a mail domain."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        organization_id = known_organization(database, slug)
        kept = choices.add_domain(database, organization_id, domain, is_verified=is_verified, is_primary=is_primary)
    found = "is found by" if is_verified else "claims"
    return {"organization": slug, "domain": kept}, f"{slug} {found} {kept}."


def remove_domain(slug: str, domain: str) -> Answer:
    """Take a mail domain from an organization."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        kept = choices.remove_domain(database, known_organization(database, slug), domain)
    return {"organization": slug, "domain": kept}, f"{slug} has {kept} no more."


def _line(each: Domain) -> str:
    since = "claimed only" if each.verified_at is None else f"verified {instant_text(each.verified_at)}"
    return f"{each.domain}  {'primary; ' if each.is_primary else ''}{since}"


def _described(each: Domain) -> dict[str, object]:
    verified_at = None if each.verified_at is None else instant_text(each.verified_at)
    return {"domain": each.domain, "is_primary": each.is_primary, "verified_at": verified_at}
