"""Importing a file in the demonstration, with the server's own command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cmms_desktop.demo.office import Office
from cmms_desktop.demo.server import DemoServer
from cmms_desktop.errors import Bug, Refused
from sync_server.contract.fields import Row


def run(server: DemoServer, file: Path, mappings: tuple[str, ...]) -> dict[str, Any]:
    """Run `import work-orders` and give its JSON. Raises Refused with the command's own sentence."""
    command = [sys.executable, "-m", "sync_server", "import", "work-orders", str(file), "--json"]
    command += ["--organization", str(server.organization["slug"])]
    for mapping in mappings:
        command += ["--map", mapping]
    done = subprocess.run(command, capture_output=True, text=True, env=server.environment, check=False)
    if done.returncode != 0:
        raise Refused("invalid_value", done.stderr.strip() or "The file could not be imported.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def some_imported(office: Office) -> Row:
    """Give one order that came from a file and is not assigned yet."""
    after: str | None = None
    while page := office.orders(status="new", after=after):
        for order in page:
            if order["import_id"] is not None:
                return order
        after = str(page[-1]["number"])
    raise Bug("No imported order is open.")
