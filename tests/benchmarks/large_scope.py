"""Measures what a large new scope does to a person's own orders: nothing may wait for it. See README.md.

    python tests/benchmarks/large_scope.py [--json] [--rows 50000] [--quiet-edits 20] [--floor PATH]

A technician with ten orders becomes supervisor of a site with `--rows` orders. While they come, the office edits an
order of his and he edits another one, again and again.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path[0] = str(Path(__file__).resolve().parents[2])  # not this folder, whose names would shadow others

from cmms_desktop.app.desk import Desk, Workplace  # noqa: E402
from cmms_desktop.config import ClientSettings  # noqa: E402
from cmms_desktop.credentials.secret_store import MemoryStore  # noqa: E402
from sync_server.application.organizations import Login, create_person, find_organization, set_passwords  # noqa: E402
from sync_server.application.unit_of_work import UnitOfWork  # noqa: E402
from sync_server.authz.passwords import Passwords  # noqa: E402
from sync_server.contract.codec import completed  # noqa: E402
from sync_server.contract.entities import REGISTRY  # noqa: E402
from sync_server.contract.fields import Row  # noqa: E402
from sync_server.storage.engine import Database  # noqa: E402
from tests.benchmarks.accounts import PASSWORD, SLUG  # noqa: E402
from tests.benchmarks.command_line import (  # noqa: E402
    floor_of,
    machine,
    machine_told,
    options_beside_floor,
    tell,
)
from tests.benchmarks.live import listening  # noqa: E402
from tests.benchmarks.orders import MADE_AT  # noqa: E402
from tests.benchmarks.world import SITE_ID, Wishes, World  # noqa: E402

LOGIN = "lead"
OWN_ORDERS = 10
PATIENCE_S = 120.0
BETWEEN_S = 0.2


class Office:
    """Writes in the world's database, as its server does."""

    def __init__(self, database: Database) -> None:
        """Enter a technician with ten orders of his own."""
        self._database = database
        self._id = str(find_organization(database, SLUG))
        self.person_id = str(uuid4())
        create_person(database, self._id, name="Lead", role="technician", site_codes=["S"], person_id=self.person_id)
        login = Login(person_id=self.person_id, login=LOGIN, password=PASSWORD)
        set_passwords(database, self._id, logins=[login], passwords=Passwords())
        self.order_ids = [str(uuid4()) for _ in range(OWN_ORDERS)]
        self._commit([row for number, each in enumerate(self.order_ids) for row in self._order(each, number)])

    def _order(self, order_id: str, number: int) -> list[tuple[str, Row]]:
        audit: Row = {"created_at": MADE_AT, "updated_at": MADE_AT, "aggregate_id": order_id}
        order: Row = {
            "id": order_id,
            "number": f"OWN-{number}",
            "title": "Own",
            "site_id": SITE_ID,
            "status": "assigned",
        }
        held: Row = {"id": str(uuid4()), "work_order_id": order_id, "person_id": self.person_id}
        return [
            ("work_order", completed(REGISTRY["work_order"], audit | order)),
            ("work_order_assignment", completed(REGISTRY["work_order_assignment"], audit | held)),
        ]

    def _commit(self, rows: list[tuple[str, Row]]) -> None:
        changes = {(entity, str(row["id"])): row for entity, row in rows}
        with self._database.transaction("app_sync", self._id) as connection:
            work = UnitOfWork(connection, self._id, None)
            work.lock(changes)
            work.put({key: (work.loaded[key] or {}) | row for key, row in changes.items()})
            work.finish()

    def edit(self, title: str) -> None:
        """Change the person's first order."""
        self._commit([("work_order", {"id": self.order_ids[0], "title": title})])

    def promote(self) -> None:
        """Make the person supervisor of the site."""
        with self._database.transaction("app_sync", self._id, read_only=True) as connection:
            found = connection.execute(
                "select id::text from site_access where organization_id = %s and person_id = %s",
                (self._id, self.person_id),
            ).fetchone()
        assert found is not None
        self._commit([("site_access", {"id": found[0], "role": "supervisor"})])


class Watch:
    """How long edits take, of the office and of the person himself, on a device that runs by itself."""

    def __init__(self, workplace: Workplace, office: Office) -> None:
        self._workplace, self._office = workplace, office
        self._number = 0

    def news_ms(self) -> float:
        """From the commit of an edit of the office until the device's screens are told of the row."""
        self._number += 1
        key, title, arrived = ("work_order", self._office.order_ids[0]), f"News {self._number}", threading.Event()
        forget = self._workplace.replica.subscribe(lambda keys: arrived.set() if key in keys else None)
        self._office.edit(title)
        began = time.perf_counter()
        while self._title(key[1]) != title:
            if not arrived.wait(PATIENCE_S):
                raise SystemExit(f"ours: “{title}” was not seen")
            arrived.clear()
        forget()
        return (time.perf_counter() - began) * 1e3

    def own_ms(self) -> float:
        """From an edit on the device, which waits a second for others, until the server has answered it."""
        self._number += 1
        began = time.perf_counter()
        with self._workplace.replica.write() as write:
            write.set("work_order", self._office.order_ids[1], title=f"Own {self._number}")
        while self._workplace.replica.outbox.state().count:
            if time.perf_counter() - began > PATIENCE_S:
                raise SystemExit("ours: an edit was not answered")
            time.sleep(0.005)
        return (time.perf_counter() - began) * 1e3

    def _title(self, order_id: str) -> object:
        row = self._workplace.replica.get("work_order", order_id)
        return row["title"] if row else None

    def has_scope(self) -> bool:
        """Whether the site's orders are all here."""
        return f"review:{SITE_ID}" in (self._workplace.replica.state().digests or {})


def main() -> int:
    """Run it and print the table; 2 with a sentence when there is no floor."""
    options = _options()
    floor = floor_of(options).rows_module
    with (
        World(Wishes(options.rows, assigned=True), floor) as world,
        world.database() as database,
        tempfile.TemporaryDirectory(dir=world.folder) as folder,
    ):
        answer = _measure(Path(folder), world.server_url, Office(database), options.quiet_edits)
        answer |= {"rows": options.rows, "machine": machine(postgres=world.postgres_version())}
    tell(options, table(answer), answer)
    return 0


def _options() -> argparse.Namespace:
    parser = options_beside_floor(__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="orders of the new scope")
    parser.add_argument("--quiet-edits", type=int, default=20, help="edits of each kind before it comes")
    return parser.parse_args()


def _measure(folder: Path, server_url: str, office: Office, quiet_edits: int) -> dict[str, Any]:
    desk = Desk(ClientSettings(folder, server_url, SLUG), MemoryStore(), device_name="Benchmark")
    with desk.open(LOGIN, PASSWORD) as workplace:
        workplace.engine.sync()
        with listening(desk, workplace):
            watch = Watch(workplace, office)
            quiet = {"news": [watch.news_ms() for _ in range(quiet_edits)], "own": []}
            quiet["own"] = [watch.own_ms() for _ in range(max(1, quiet_edits // 4))]
            meanwhile: dict[str, list[float]] = {"news": [], "own": []}
            office.promote()
            began = time.perf_counter()
            own = threading.Thread(target=_edit_on, args=(watch, meanwhile["own"]), daemon=True)
            own.start()
            while not watch.has_scope():
                meanwhile["news"].append(watch.news_ms())
                time.sleep(BETWEEN_S)
            took_s = time.perf_counter() - began
            own.join(PATIENCE_S)
            _require_all(workplace)
    return {"scope_s": round(took_s, 2)} | {
        name: {"quiet": summary(quiet[name]), "meanwhile": summary(meanwhile[name])} for name in quiet
    }


def _edit_on(watch: Watch, found: list[float]) -> None:
    while not watch.has_scope():
        found.append(watch.own_ms())


def _require_all(workplace: Workplace) -> None:
    state = workplace.replica.state()
    if workplace.replica.differing_scopes(state.digests or {}):
        raise SystemExit("ours: the device does not hold what the server told")


def summary(found_ms: list[float]) -> dict[str, float]:
    """Number, median and worst of some times."""
    return {"n": len(found_ms), "p50": round(statistics.median(found_ms)), "max": round(max(found_ms))}


def table(answer: dict[str, Any]) -> list[str]:
    """The answer for people."""
    lines = [f"{'ms':26}{'n':>6}{'p50':>8}{'max':>8}"]
    for name, label in (("news", "news of own orders"), ("own", "own edits answered")):
        for when in ("quiet", "meanwhile"):
            each = answer[name][when]
            lines.append(
                f"{label + (', quiet' if when == 'quiet' else ''):26}{each['n']:>6}{each['p50']:>8}{each['max']:>8}"
            )
    lines.append(f"{answer['rows']} orders came in {answer['scope_s']} s; {machine_told(answer)}.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
