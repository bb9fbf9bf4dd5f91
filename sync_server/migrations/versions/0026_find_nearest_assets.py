"""Let PostgreSQL look at assets in the order of their distance from a position.

Points on a sphere of radius 1 as `cube`, which comes with PostgreSQL, as `btree_gist` does.

Revision: 0026
Follows: 0025. Runs beside the release before: an index more.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

HAS_PLACE = "latitude IS NOT NULL AND longitude IS NOT NULL AND deleted_at IS NULL"
POINT = """
-- Next to nothing is nothing: PostgreSQL refuses a number that becomes too small, and with it the row of the asset.
CREATE FUNCTION point_on_sphere(latitude double precision, longitude double precision) RETURNS public.cube
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog, pg_temp
RETURN (
  SELECT public.cube(ARRAY[cos(up) * cos(around), cos(up) * sin(around), sin(up)]) FROM (SELECT
    radians(CASE WHEN abs(latitude) < 1e-100 THEN 0 ELSE latitude END) AS up,
    radians(CASE WHEN abs(longitude) < 1e-100 THEN 0 ELSE longitude END) AS around) AS turned);
REVOKE EXECUTE ON FUNCTION point_on_sphere(double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION point_on_sphere(double precision, double precision)
  TO cmms_app_sync, cmms_worker, cmms_app_office, cmms_backup;
COMMENT ON FUNCTION point_on_sphere(double precision, double precision) IS
  'Where a position lies on a sphere of radius 1: the straight way between two of these grows with their distance.';
"""


def upgrade() -> None:
    """The index is made within the transaction: most assets have no position, and it is small."""
    op.execute("RESET ROLE")
    for extension in ("btree_gist", "cube"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public")
    op.execute("SET ROLE cmms_owner")
    op.execute(POINT)
    op.execute(
        "CREATE INDEX ix_asset_place ON asset USING gist (organization_id, point_on_sphere(latitude, longitude))"
        f" WHERE {HAS_PLACE}"
    )


def downgrade() -> None:
    """The extensions stay, as with 0018."""
    op.execute("DROP INDEX ix_asset_place")
    op.execute("DROP FUNCTION point_on_sphere(double precision, double precision)")
