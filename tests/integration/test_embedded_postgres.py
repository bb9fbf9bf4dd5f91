import psycopg

from sync_server.storage.embedded import Cluster
from tests.support.postgres import both_postgres_ends


@both_postgres_ends
def test_sorting_is_by_code_point_on_both_ends(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url()) as connection:
        rows = connection.execute("SELECT word FROM unnest(ARRAY['b', 'a', 'B', 'é']) AS word ORDER BY word").fetchall()
    assert [word for (word,) in rows] == ["B", "a", "b", "é"]
