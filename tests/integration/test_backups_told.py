"""A backup and the lines about it: every organization has one, or none has, and the backup is kept in any case."""

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
    installed,
    run,
    told,
)

__all__ = ["cluster_url", "environment", "folder", "installed", "run"]


def test_a_backup_that_the_log_cannot_tell_of_is_kept_and_said_to_be(
    run: Run, environment: dict[str, str], folder: Path, cluster_url: str
) -> None:
    answer(run(environment, "organization", "create", "south", "--name", "South", "--json"))
    head = "select organization_id from activity_head order by organization_id desc limit 1"
    with psycopg.connect(cluster_url) as holder:
        holder.execute(f"select from activity_head where organization_id = ({head}) for update".encode())
        assert_refused(run(environment, "backup", str(folder / "backups")), "The backup is whole and lies in")
    (kept,) = (folder / "backups").iterdir()
    assert told(cluster_url) == [], "neither does the other organization's"
    answer(run(environment, "verify", str(kept), "--json"))
    backed_up(run, environment, folder / "more")
    assert len(told(cluster_url)) == 2, "of the next one, in each organization"
