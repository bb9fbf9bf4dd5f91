"""Somebody who works in a bare root: her account, her keyring, and the installed client on a display."""

from __future__ import annotations

import base64
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.packages.bare_root import BareRoot
from tests.packages.screen import SOON_S, STEP_S, Screen

PERSON: Final = "anna"
HOME: Final = "/srv/anna"
DATA: Final = ".local/share/cmms-field"
KEYRING: Final = """
printf %s "the keyring's own password" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
"""
UNTIL_TOLD: Final = """
cmms-field & program=$!
while [ ! -e "$HOME/stop" ] && kill -0 $program 2>/dev/null; do sleep 0.2; done
kill -TERM $program 2>/dev/null || true
wait $program
"""
STORE: Final = (
    'printf %s "$4" | secret-tool store --label="$2" service "$2" username "$3" application "Python keyring library"'
)


class DeskInside:
    """Her account in the root, and what she does there."""

    def __init__(self, root: BareRoot, *, server_url: str, organization: str) -> None:
        """Make the account."""
        self.root = root
        self._settings = {"CMMS_SERVER_URL": server_url, "CMMS_ORGANIZATION": organization}
        root.run("useradd", "--create-home", "--home-dir", HOME, "--shell", "/bin/sh", PERSON)

    @property
    def folder(self) -> Path:
        """The installation's folder, seen from outside."""
        return self.root.folder / HOME.lstrip("/") / DATA

    def bring(self, device: Path) -> None:
        """Lay an installation's folder into her home, as hers."""
        shutil.copytree(device, self.folder)
        self.root.run("chown", "-R", f"{PERSON}:{PERSON}", HOME)

    def keep_secrets(self, secrets: dict[tuple[str, str], bytes]) -> None:
        """Put secrets into her keyring, as `credentials.keyring_store` does."""
        for (service, name), secret in secrets.items():
            text = base64.urlsafe_b64encode(secret).decode()
            self.root.run(*self._session(KEYRING + STORE, "store", service, name, text))

    @contextmanager
    def at_work(self, screen: Screen, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start the installed client as she would; at the end it is told to close, and must do so in good order."""
        stop = self.root.folder / HOME.lstrip("/") / "stop"
        stop.unlink(missing_ok=True)
        env = {"DISPLAY": screen.name, **self._settings}
        running = self.root.start(*self._session(KEYRING + UNTIL_TOLD), env=env, log=log)
        try:
            yield running
            stop.touch()
            assert running.wait(SOON_S) == 0, log.read_text("utf-8", "replace")
        finally:
            if running.poll() is None:
                running.kill()
                running.wait()
        assert "Traceback" not in log.read_text("utf-8", "replace")

    def _session(self, script: str, *arguments: str) -> list[str]:
        """A command with a session bus of its own, as she has it."""
        home = ["env", f"HOME={HOME}", "XDG_RUNTIME_DIR=" + HOME]
        bus = ["dbus-run-session", "--", "sh", "-euc", script, "session", *arguments]
        return ["runuser", "-u", PERSON, "--", *home, *bus]


def wait_for(what: str, is_so: object, *, within_s: float = SOON_S) -> None:
    """Wait until a function says yes."""
    assert callable(is_so)
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(STEP_S)
