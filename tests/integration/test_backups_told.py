"""A backup and the lines about it: there are both, for every organization, or neither."""

from pathlib import Path

import psycopg

from tests.integration.test_backup_commands import (
    Run,
    answer,
    assert_refused,
    backed_up,
    cluster_url,
    environment,
    folder,
    run,
    told,
)

__all__ = ["cluster_url", "environment", "folder", "run"]


def test_a_backup_that_the_log_cannot_tell_of_is_not_kept(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    answer(run(environment, "organization", "create", "south", "--name", "South", "--json"))
    head = "select organization_id from activity_head order by organization_id desc limit 1"
    with psycopg.connect(cluster_url) as holder:
        holder.execute(f"select from activity_head where organization_id = ({head}) for update".encode())
        assert_refused(run(environment, "backup", str(folder / "backups")), "")
    assert list((folder / "backups").iterdir()) == []
    assert told(cluster_url) == [], "neither does the other organization's"
    backed_up(run, environment, folder / "backups")
    assert len(told(cluster_url)) == 2
