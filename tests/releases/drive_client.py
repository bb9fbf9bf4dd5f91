"""Drive whichever client is on the path, such as a saved release's, in a process of its own; nothing of the tests.

Standard input: JSON {folder, store, url, organization, login, password, steps}; each step a list: `sync`, `title` ORDER
TEXT, `comment` ORDER TEXT, `answers` ORDER (*set all OK*), `use` ORDER PART PLACE, `rows` ENTITY, `states`,
`versions`. Standard output: JSON {code, answers}.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import cmms_desktop
from cmms_desktop.app.desk import Desk, Workplace
from cmms_desktop.application.commands import checklists, parts, remarks
from cmms_desktop.config import ClientSettings
from cmms_desktop.credentials import keys
from cmms_desktop.errors import CmmsError
from sync_server.contract import version


class FileStore:
    """Secrets in a file, for tests only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._secrets: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, service: str, name: str) -> bytes | None:
        found = self._secrets.get(f"{service} {name}")
        return None if found is None else bytes.fromhex(found)

    def set(self, service: str, name: str, secret: bytes) -> None:
        self._secrets[f"{service} {name}"] = secret.hex()
        self._path.write_text(json.dumps(self._secrets))

    def delete(self, service: str, name: str) -> None:
        self._secrets.pop(f"{service} {name}", None)
        self._path.write_text(json.dumps(self._secrets))


def step(workplace: Workplace, name: str, *words: str) -> Any:
    """Do one step; give what it came to."""
    if name == "versions":
        return {"mutation": version.MUTATION, "rows": version.ROWS}
    if name == "sync":
        return _sync(workplace)
    if name in {"rows", "states"}:
        return _told(workplace, name, *words)
    with workplace.replica.write() as write:
        if name == "title":
            write.set("work_order", words[0], title=words[1])
        elif name == "comment":
            remarks.add_comment(write, words[0], words[1])
        elif name == "use":
            parts.use_part(write, words[0], words[1], stock_location_id=words[2], quantity=Decimal(1))
        elif name == "answers":
            sql = "SELECT id FROM checklist WHERE aggregate_id = ?"
            checklists.pass_remaining(write, write.cursor.execute(sql, (words[0],)).fetchone()[0])
        else:
            raise SystemExit(f"there is no step called {name}")
    return None


def _sync(workplace: Workplace) -> dict[str, Any]:
    try:
        report = workplace.engine.sync()
    except CmmsError as error:
        return {"failed": type(error).__name__, "sentence": str(error)}
    return {"verdicts": report.verdicts, "rows": report.pulled_rows, "healed": report.healed, "pushed": report.pushed}


def _told(workplace: Workplace, name: str, *words: str) -> Any:
    with workplace.replica.read() as reading:
        if name == "states":
            return dict(reading.cursor.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
        ids = [i for (i,) in reading.cursor.execute(f"SELECT id FROM {words[0]} WHERE deleted_at IS NULL").fetchall()]
        return {row_id: reading.get(words[0], row_id) for row_id in ids}


def main() -> None:
    """Run the steps of standard input."""
    plan = json.load(sys.stdin)
    settings = ClientSettings(Path(plan["folder"]), plan["url"], plan["organization"])
    desk = Desk(settings, FileStore(Path(plan["store"])), profile=keys.CHEAPEST)
    with desk.open(plan["login"], plan["password"]) as workplace:
        answers = [step(workplace, *each) for each in plan["steps"]]
    json.dump({"code": cmms_desktop.__file__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
