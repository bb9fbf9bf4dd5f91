"""What must hold of a server's database after any death: effects, verdicts, index and clock agree."""

import time
from collections.abc import Iterable

from cmms_desktop.app.desk import Workplace
from sync_server.application.activity_proof import Proof, prove
from sync_server.contract.entities import REGISTRY
from sync_server.errors import RetryLater
from tests.support import convergence
from tests.support.activity import require_lines_agree
from tests.support.fleet import Fleet
from tests.support.scope_oracle import all_rows, assert_index_is_right
from tests.support.server_side import Organization

PATIENCE_S = 60.0


def require_sound_server(fleet: Fleet) -> None:
    """Effects ⇔ applied_mutation ⇔ index ⇔ clock (invariant 21), and stock is the sum of movements (invariant 17)."""
    organization = fleet.organization
    require_clock(organization)
    assert_index_is_right(organization)
    convergence.require_stock_adds_up(organization)
    fleet.ledger.require_no_half_effects(all_rows(organization))
    require_lines_agree(organization)
    assert _proof(organization).fault is None


def _proof(organization: Organization) -> Proof:
    """Look through the log; once more when the connection that was kept is that of a PostgreSQL that died."""
    try:
        return prove(organization.database, organization.id)
    except RetryLater:
        return prove(organization.database, organization.id)


def require_clock(organization: Organization) -> None:
    """The clock stands at the newest commit, commits have no holes, and nothing names a commit that is not there."""
    ((seq, newest, known, first),) = organization.ask(
        "select (select seq from org_clock where organization_id = %s), max(seq), count(*), min(seq)"
        " from org_commit where organization_id = %s",
        organization.id,
        organization.id,
    )
    assert seq == newest, f"the clock says {seq}, the newest commit is {newest}"
    assert known == newest - first + 1, "a commit is missing"
    columns = [*((entity, "sync_seq") for entity in REGISTRY), ("applied_mutation", "commit_seq")]
    strays = " union all ".join(
        f"select '{table}', {column} from {table} where organization_id = %s and not exists (select from org_commit c"
        f" where c.organization_id = {table}.organization_id and c.seq = {table}.{column})"
        for table, column in columns
    )
    assert organization.ask(strays, *[organization.id] * len(columns)) == [], "rows name commits that are not there"


def wait_for_silence(organization: Organization) -> None:
    """Wait until no session of a dead server is in the middle of anything: its last commit may still be under way."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and usename like 'cmms\\_%%'"
        " and state <> 'idle'"
    )
    until = time.monotonic() + PATIENCE_S
    while organization.ask(query) != [(0,)]:
        assert time.monotonic() < until, "a session of a dead server goes on and on"
        time.sleep(0.01)


def require_acknowledged_is_stored(organization: Organization, workplaces: Iterable[Workplace]) -> None:
    """Whatever a device was told, the server knows."""
    lines = organization.ask(
        "select mutation_id::text, status from applied_mutation where organization_id = %s", organization.id
    )
    stored = dict(lines)
    for workplace in workplaces:
        with workplace.replica.read() as reading:
            told = [
                line
                for table in ("outbox", "outbox_done")
                for line in reading.cursor.execute(
                    f"SELECT mutation_id, verdict FROM {table} WHERE verdict IS NOT NULL AND state <> 'withdrawn'"
                ).fetchall()
            ]
        lost = [mutation_id for mutation_id, verdict in told if stored.get(mutation_id) != verdict]
        assert not lost, f"{len(lost)} changes were acknowledged and are gone"
