"""nginx before a server of tests, with the very site file that is shipped; on a free port, gone at the end.

Debian: `apt-get install nginx-light`. Only paths and ports of the shipped file are replaced.
"""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sync_server.cli.certificates import put_pilot
from tests.support.free_port import free_port

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SHIPPED = Path(__file__).parents[2] / "packaging" / "server"
PATIENCE_S = 30.0
MAIN = """
daemon off; {user}error_log {folder}/error.log; pid {folder}/pid; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/site.conf;
}}
"""


class Nginx:
    """A running proxy. `trust` is what a device has to know of it: the pilot's authority."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.url = port, f"https://127.0.0.1:{port}"
        self.trust = ssl.create_default_context(cafile=str(folder / "tls" / "ca.crt"))

    def socket(self, *, with_tls: bool = True) -> socket.socket:
        """Connect, as a client that says nothing yet."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return self.trust.wrap_socket(plain, server_hostname="127.0.0.1") if with_tls else plain


def site_for(folder: Path, port: int, server_url: str) -> str:
    """The shipped site file, with these paths and ports."""
    text = (SHIPPED / "nginx-site.conf").read_text()
    for shipped, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/cmms-sync-server/", f"{folder}/"),
        ("/usr/share/cmms-sync-server/", f"{SHIPPED}/"),
        ("http://127.0.0.1:8470", server_url),
    ):
        assert shipped in text, f"{shipped} is not in the shipped file"
        text = text.replace(shipped, here)
    return text


@contextmanager
def an_nginx(server_url: str) -> Iterator[Nginx]:
    """Give a proxy before a server."""
    assert PROGRAM is not None, "nginx is not installed"
    assert urlsplit(server_url).scheme == "http"
    with tempfile.TemporaryDirectory(prefix="cmms-nginx-") as name:
        folder, port = Path(name), free_port()
        put_pilot(folder / "tls", host="127.0.0.1")
        (folder / "site.conf").write_text(site_for(folder, port, server_url))
        user = "user root; " if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        child = subprocess.Popen([PROGRAM, "-p", name, "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, child, folder)
            yield Nginx(port, folder)
        finally:
            child.terminate()
            child.wait(PATIENCE_S)


def _wait_for(port: int, child: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while child.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    log = folder / "error.log"
    raise RuntimeError(f"nginx does not answer: {log.read_text()[-1000:] if log.exists() else ''}")
