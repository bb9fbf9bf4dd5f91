"""Finds where imported orders belong: sites by code, assets by code, serial or QR code. Reads, and writes nothing.

An order stands on the site that its row names; else on the one that was asked for; else where its asset stands; else
on the organization's first site by code. An asset that nobody here knows stays with the order as text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.imports.drafts import OrderDraft
from sync_server.application.imports.file_text import printable
from sync_server.application.imports.mapping import listed
from sync_server.application.imports.orders import Placement
from sync_server.contract.codec import completed
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.errors import Refused

NEW_SITE = {"code": "IMPORT", "name": "Imported work"}
"""The site that an organization without any gets with its first import."""

KnownAssets = dict[str, tuple[str, str]]
"""What a row may call an asset → its id and its site's."""


@dataclass(frozen=True, slots=True)
class DefaultSite:
    """Where orders go whose row names no site."""

    id: str
    code: str
    is_asked_for: bool = False
    is_new: bool = False

    def row(self, *, at: str) -> Row:
        """Give the row of a new site in wire form."""
        values: Row = {"id": self.id, "aggregate_id": self.id, "created_at": at, "updated_at": at, **NEW_SITE}
        return completed(REGISTRY["site"], values)


def known_sites(connection: Connection[TupleRow], organization_id: str) -> dict[str, str]:
    """Give the sites, code → id, in the order of their codes."""
    found = connection.execute(
        "select code, id::text from site where organization_id = %s and deleted_at is null and not code_conflict"
        ' order by code collate "C"',
        (organization_id,),
    )
    return dict(found.fetchall())


def known_assets(connection: Connection[TupleRow], organization_id: str, names: Iterable[str]) -> KnownAssets:
    """Find assets by code, else by serial, else by QR code; what two of them are called names neither."""
    wanted = sorted(set(names))
    found = connection.execute(
        "select code, serial, qr_code, id::text, site_id::text from asset"
        " where organization_id = %(organization)s and deleted_at is null and not code_conflict"
        " and (code = any(%(names)s) or serial = any(%(names)s) or qr_code = any(%(names)s)) order by id",
        {"organization": organization_id, "names": wanted},
    ).fetchall()
    known: KnownAssets = {}
    for column in range(3):
        known = {**_unambiguous((row[column], row[3:]) for row in found), **known}
    return {name: known[name] for name in wanted if name in known}


def default_site(sites: dict[str, str], code: str | None) -> DefaultSite:
    """Choose the site of rows that name none. Raises Refused for a code that no site has."""
    if code is not None and code not in sites:
        has = f"its sites are {listed(list(sites))}" if sites else "it has no site yet"
        raise Refused("not_found", f"This organization has no site with the code {printable(code)}; {has}.")
    if code is not None:
        return DefaultSite(sites[code], code, is_asked_for=True)
    if not sites:
        return DefaultSite(str(uuid7()), NEW_SITE["code"], is_new=True)
    first = next(iter(sites))
    return DefaultSite(sites[first], first)


def placed(draft: OrderDraft, sites: dict[str, str], default: DefaultSite, assets: KnownAssets) -> Placement:
    """Say where a new order belongs; its site, when the row names one, must be known."""
    asset_id, asset_site_id = assets.get(draft.asset_code or "", (None, None))
    if draft.site_code is not None:
        return Placement(sites[draft.site_code], asset_id)
    if asset_site_id is not None and not default.is_asked_for:
        return Placement(asset_site_id, asset_id)
    return Placement(default.id, asset_id)


def _unambiguous(pairs: Iterable[tuple[str | None, tuple[str, str]]]) -> KnownAssets:
    by_name: dict[str, list[tuple[str, str]]] = {}
    for name, asset in pairs:
        if name is not None:
            by_name.setdefault(name, []).append(asset)
    return {name: assets[0] for name, assets in by_name.items() if len(assets) == 1}
