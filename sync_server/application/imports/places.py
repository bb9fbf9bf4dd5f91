"""Where imported orders belong: sites and assets of the organization, by the codes that files use."""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.imports.orders import Placement
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import completed
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.errors import Refused

MADE_CODE, MADE_NAME = "IMPORT", "Imported work"
"""The site that is made for an organization that has none yet."""


@dataclass(frozen=True, slots=True)
class Places:
    """Codes and what they stand for. `default_id`: site of rows that name none."""

    sites: dict[str, str]
    assets: dict[str, tuple[str, str]]
    """Code, serial or QR code → asset and its site."""
    default_id: str
    default_name: str

    def of(self, site_code: str | None, asset_code: str | None) -> Placement:
        """Place an order: by its site, else by its asset's, else at the default. An unknown asset stays text."""
        asset_id, asset_site_id = self.assets.get(asset_code or "", (None, None))
        site_id = self.sites[site_code] if site_code is not None else asset_site_id or self.default_id
        return Placement(site_id, asset_id)


def find_places(
    connection: Connection[TupleRow], organization_id: str, site_code: str | None, *, may_make: bool
) -> Places:
    """Look sites and assets up. An organization without a site gets one, when `may_make`. Raises Refused."""
    found = connection.execute(
        "select code, id::text, name from site where organization_id = %s and deleted_at is null order by code, id",
        (organization_id,),
    ).fetchall()
    sites = {code: site_id for code, site_id, _ in reversed(found)}
    names = {site_id: name for _, site_id, name in found}
    if site_code is not None and site_code not in sites:
        raise Refused("bad_request", f"There is no site {site_code}. Its sites: {', '.join(sorted(sites)) or 'none'}.")
    if not found:
        made = _make_site(connection, organization_id) if may_make else ""
        return Places({}, {}, made, MADE_NAME)
    default_id = sites[site_code] if site_code is not None else found[0][1]
    return Places(sites, _assets(connection, organization_id), default_id, names[default_id])


def _assets(connection: Connection[TupleRow], organization_id: str) -> dict[str, tuple[str, str]]:
    """A code wins over a serial, a serial over a QR code."""
    found = connection.execute(
        "select code, serial, qr_code, id::text, site_id::text from asset"
        " where organization_id = %s and deleted_at is null order by code, id",
        (organization_id,),
    ).fetchall()
    assets: dict[str, tuple[str, str]] = {}
    for column in (2, 1, 0):
        assets.update({line[column]: (line[3], line[4]) for line in reversed(found) if line[column]})
    return assets


def _make_site(connection: Connection[TupleRow], organization_id: str) -> str:
    (now,) = connection.execute("select clock_timestamp()").fetchone() or (None,)
    site_id, at = str(uuid7()), instant_text(now)
    values = {"id": site_id, "aggregate_id": site_id, "code": MADE_CODE, "name": MADE_NAME}
    work = UnitOfWork(connection, organization_id, None)
    work.put({("site", site_id): completed(REGISTRY["site"], {**values, "created_at": at, "updated_at": at})})
    work.finish()
    return site_id
