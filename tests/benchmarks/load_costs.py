"""What syncs cost the machine, whoever else works on it: processor time, statements, waits for an answer, transactions.

Processor time is what the kernel wrote down for the processes that serve; the rest is counted by PgBouncer, and by
PostgreSQL when it was asked to. No clock on the wall is read, so a busy machine changes little.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
STATEMENTS = (
    "select coalesce(sum(calls), 0)::bigint from pg_stat_statements s join pg_roles r on r.oid = s.userid"
    r" where r.rolname like 'cmms\_%'"
)
COSTLIEST = (
    "select calls, total_exec_time, total_plan_time, regexp_replace(query, '\\s+', ' ', 'g') from pg_stat_statements s"
    r" join pg_roles r on r.oid = s.userid where r.rolname like 'cmms\_%'"
    " order by total_exec_time + total_plan_time desc limit 60"
)


def cpu_s(pid: int) -> float:
    """Processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def children_of(pid: int) -> list[int]:
    """Processes that a process has started and that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def family_cpu_s(pid: int) -> float:
    """Processor time of a process and of all its children, those that have ended too."""
    return cpu_s(pid) + sum(map(_cpu_s_or_none, children_of(pid)))


def _cpu_s_or_none(pid: int) -> float:
    try:
        return cpu_s(pid)
    except OSError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Processes:
    """Who serves. `pooler` None: the server reaches PostgreSQL directly."""

    server: int
    postmaster: int
    pooler: int | None
    pooler_url: str | None
    statements_url: str | None
    """Where PostgreSQL says how many statements it has had; None when it does not count them."""


@dataclass(slots=True)
class Costs:
    """Counts from one moment on; `of` gives what one sync took since then, without what an idle server takes."""

    processes: Processes
    _before: dict[str, float] = field(default_factory=dict)

    def begin(self) -> None:
        """Count from now on."""
        self._before = self._now()

    def so_far(self) -> dict[str, float]:
        """Everything since `begin`: milliseconds and counts."""
        return {name: value - self._before[name] for name, value in self._now().items()}

    def _now(self) -> dict[str, float]:
        who = self.processes
        found = {"server_ms": cpu_s(who.server) * 1e3, "postgres_ms": family_cpu_s(who.postmaster) * 1e3}
        if who.pooler is not None and who.pooler_url is not None:
            found["pooler_ms"] = cpu_s(who.pooler) * 1e3
            found |= _pooler_counts(who.pooler_url)
        if who.statements_url is not None:
            with psycopg.connect(who.statements_url) as connection:
                (count,) = connection.execute(STATEMENTS.encode()).fetchone() or (0,)
                found["statements"] = float(count)
        return found


def _pooler_counts(url: str) -> dict[str, float]:
    """What PgBouncer has passed on; it counts an answer that a client waits for as one query."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        cursor = connection.execute("show stats")
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        "waits": float(sum(int(row["total_query_count"]) for row in rows)),
        "transactions": float(sum(int(row["total_xact_count"]) for row in rows)),
    }


def per_sync(busy: dict[str, float], idle: dict[str, float], *, share: float, syncs: int) -> dict[str, float]:
    """What one sync took: all of it, without what an idle server takes in that time.

    Args:
        busy: Counted while devices synced.
        idle: Counted while none did.
        share: How many times longer the busy time was than the idle one.
        syncs: That were answered in the busy time.
    """
    found = {name: round((value - idle[name] * share) / max(1, syncs), 2) for name, value in busy.items()}
    return {**found, "all_ms": round(sum(value for name, value in found.items() if name.endswith("_ms")), 2)}


def costliest(url: str, *, syncs: int) -> list[str]:
    """The statements that took most since they were counted, a line each: calls and milliseconds of a sync."""
    with psycopg.connect(url) as connection:
        found = connection.execute(COSTLIEST.encode()).fetchall()
    return [
        f"{calls / max(1, syncs):6.2f} x  execute {took / max(1, syncs):6.3f} ms"
        f"  plan {planned / max(1, syncs):6.3f} ms  {query[:140]}"
        for calls, took, planned, query in found
    ]


def forget_statements(url: str) -> None:
    """Count statements from now on only."""
    with psycopg.connect(url) as connection:
        connection.execute("select pg_stat_statements_reset()")
