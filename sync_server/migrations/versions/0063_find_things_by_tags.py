"""Let the office find orders and assets by the tags on them: their entries name the tags, with the weight C.

An entry names a tag by its id, so that a tag is called otherwise, deleted or brought back without writing to what has
it; a search asks for the tags that a word means. Revision 0064 adds what was there before.

Revision: 0063
Follows: 0062. Runs beside the release before, which asks for no tag.
"""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

KEEPING = """
CREATE FUNCTION keep_tags() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.search_entry AS s SET words = ts_filter(s.words, '{a,b}') || coalesce((
      SELECT string_agg(quote_literal('#' || e.tag_id) || ':1C', ' ') FROM public.entity_tag AS e
      WHERE e.organization_id = w.organization_id AND e.aggregate_id = w.aggregate_id AND e.deleted_at IS NULL
    ), '')::tsvector
  FROM (SELECT DISTINCT organization_id, aggregate_id,
      CASE WHEN asset_id IS NULL THEN 'work_order' ELSE 'asset' END AS entity FROM written) AS w
  WHERE s.organization_id = w.organization_id AND s.entity = w.entity AND s.id = w.aggregate_id;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION keep_tags() FROM PUBLIC;
COMMENT ON FUNCTION keep_tags() IS 'Keeps which tags are on an order or asset, for the office to search.';
CREATE TRIGGER keep_new_tags AFTER INSERT ON entity_tag
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_tags();
CREATE TRIGGER keep_changed_tags AFTER UPDATE ON entity_tag
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_tags();
"""
FORGETTING = "live = excluded.live, words = excluded.words;"
KEPT = "live = excluded.live, words = excluded.words || ts_filter(s.words, '{c}');"
"""What `keep_changed_words` does to the entry of an order or asset, in 0018 and here."""
MEANING = "Words with their weight: A number, code and title, B all else{more}. Empty while the row is deleted."
TAGS = ", C the tags on it, by their ids"


def upgrade() -> None:
    _run(KEEPING)
    _exchange(FORGETTING, KEPT)
    _run(f"COMMENT ON COLUMN search_entry.words IS '{MEANING.format(more=TAGS)}'")


def downgrade() -> None:
    """Entries go on naming tags until they are written again: the release before asks for none."""
    _run("DROP TRIGGER keep_new_tags ON entity_tag")
    _run("DROP TRIGGER keep_changed_tags ON entity_tag")
    _run("DROP FUNCTION keep_tags()")
    _exchange(KEPT, FORGETTING)
    _run(f"COMMENT ON COLUMN search_entry.words IS '{MEANING.format(more='')}'")


def _exchange(old: str, new: str) -> None:
    """Exchange a line of `keep_changed_words`. Fails when it is not there: another revision has changed it."""
    asked = "SELECT pg_get_functiondef('keep_changed_words()'::regprocedure)"
    found = op.get_bind().exec_driver_sql(asked).scalar_one()
    if old not in found:
        raise RuntimeError("keep_changed_words() is not what 0018 made")
    _run(found.replace(old, new))


def _run(statements: str) -> None:
    """Run statements as they stand: what looks like a placeholder in them is none."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
