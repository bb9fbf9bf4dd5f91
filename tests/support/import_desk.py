"""Who imports lists of work orders in tests: makes files, runs the command in this process, and counts every row."""

import csv
import io
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from sync_server.application import planning
from sync_server.authz.visibility import Caller
from sync_server.cli import main
from sync_server.contract.fields import Row, Scalar
from sync_server.storage.tables import metadata
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import NOW, Organization

HEADERS = ("Work order number", "Short text", "Equipment", "Plant", "Priority", "Total cost", "Created on")
Json = dict[str, Any]


def line(number: int, **cells: str) -> tuple[str, ...]:
    """A row of a list in the order of HEADERS; cells by the first word of their header, in small letters."""
    given = {
        "work": f"W-{number}",
        "short": f"Pump {number} leaks at the seal",
        "equipment": "",
        "plant": "",
        "priority": "low",
        "total": "12.50",
        "created": "2024-03-28",
        **cells,
    }
    return tuple(given.values())


def text_of(lines: Iterable[Sequence[str]], *, delimiter: str = ",", headers: Sequence[str] = HEADERS) -> str:
    """The text of a CSV file, with CRLF as RFC 4180 has it."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([headers, *lines])
    return written.getvalue()


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class ImportDesk:
    """One organization's imports, and the folder in which its files lie."""

    organization: Organization
    folder: Path

    def file(self, content: str | bytes, name: str = "list.csv") -> Path:
        """Write a file; text as UTF-8."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def list_of(self, count: int, **cells: str) -> Path:
        """Write a list of so many orders, all with the given cells."""
        return self.file(text_of(line(number, **cells) for number in range(1, count + 1)))

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command on the server's database."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CMMS_")}
        return kept | {
            "CMMS_DATABASE_URL": self.organization.server.owner_url,
            "CMMS_SECRET_KEY": urlsafe_b64encode(TEST_SECRET).decode().rstrip("="),
            "CMMS_ALLOW_OLD_POSTGRES": "1",
        }

    def run(self, *words: object) -> Said:
        """Run a command."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, self.environment, clear=True), redirect_stdout(out), redirect_stderr(err):
            code = main([str(word) for word in words])
        return Said(code, out.getvalue(), err.getvalue())

    def say(self, file: Path, *options: object) -> Said:
        """Import a file for people."""
        return self.run("import", "work-orders", file, "--organization", self.organization.slug, *options)

    def take(self, file: Path, *options: object) -> Json:
        """Import a file and give the one object that the command prints."""
        return _answer(self.say(file, "--json", *options))

    def undo(self, import_id: object) -> Json:
        """Take an import back and give the one object that the command prints."""
        return _answer(self.run("import", "undo", import_id, "--organization", self.organization.slug, "--json"))

    def orders(self) -> dict[str, Row]:
        """The live orders by their external ids."""
        rows = self.organization.rows("work_order")
        return {str(row["external_id"]): row for row in rows if row["deleted_at"] is None}

    def everything(self) -> dict[str, int]:
        """How many rows every table holds, of all organizations, and how many commits there were."""
        counts = {name: self.organization.ask(f"select count(*) from {name}")[0][0] for name in metadata.tables}
        return counts | {"ticks": self.organization.ask("select sum(seq)::int from org_clock")[0][0]}

    def edit(self, order: Row, **values: Scalar) -> None:
        """Change an order as a planner in the office does."""
        caller = self._planner()
        changes = {name: (order[name], value) for name, value in values.items()}
        planning.edit_order(self.organization.database, caller, str(order["id"]), changes, at=NOW)

    def assign(self, order: Row, person: Row) -> None:
        """Give an order to a person as a planner in the office does."""
        caller = self._planner()
        planning.assign(
            self.organization.database, caller, str(order["id"]), person_id=str(person["id"]), team_id=None, at=NOW
        )

    def _planner(self) -> Caller:
        person = self.organization.person("planner", *self.organization.rows("site"))
        return Caller(self.organization.id, str(person["id"]), str(uuid4()))


def _answer(said: Said) -> Json:
    assert (said.code, said.err) == (0, "")
    (only,) = said.out.splitlines()
    found: Json = json.loads(only)
    return found
