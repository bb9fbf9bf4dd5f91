"""What a pull costs the server: rows by PostgreSQL's own counters, and no transaction that waits for a slow reader."""

import json
import secrets
import socket
from urllib.parse import urlsplit

import httpx
import pytest

from sync_server.application.seeding.bulk import load_work_orders, synthetic_orders
from tests.support.device_side import lines_of
from tests.support.read_counters import counting_reads
from tests.support.server_side import NOW, Scene, Server, a_row

FEW, MANY = 200, 4_000
K = 3
"""Rows read for a change (its line of the index, the rows that changed) or a scope (its head; all else that a pull asks
for is a handful: clock, commits, person)."""
GENERIC_AFTER = 12
"""Pulls after which every statement is prepared and has the plan it keeps."""
PIECE_BYTES = 1024
PIECES = 40


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def fill(scene: Scene, count: int, *, seed: int) -> list[str]:
    """Give the technician so many orders more."""
    rows = list(synthetic_orders(count, site_id=str(scene.site["id"]), seed=seed))
    load_work_orders(scene.organization.database, scene.organization.id, rows, assignee_id=str(scene.technician["id"]))
    scene.organization.ask("analyze")
    return [str(row["id"]) for row in rows]


def rows_read(scene: Scene, order_ids: list[str], changes: int) -> int:
    """Change some orders in a commit each and count what the pull that brings them reads."""
    for order_id in order_ids[:changes]:
        scene.organization.change("work_order", order_id, title=secrets.token_hex(8))
    with counting_reads() as counters:
        lines = scene.field.pull()
    scene.field.mirror.apply(lines)
    assert sum(len(line[2]) for line in lines if line[0] == "rows") == changes
    return counters.rows


def test_invariant_31_a_pull_reads_what_changed_whatever_there_is(scene: Scene) -> None:
    orders = fill(scene, FEW, seed=1)
    scene.field.sync()
    for _ in range(GENERIC_AFTER):
        rows_read(scene, orders, 1)
    scopes = len(scene.field.pull()[-1][1]["digests"])
    found = {}
    for size in (FEW, MANY):
        if size > FEW:
            orders += fill(scene, size - FEW, seed=2)
            scene.field.sync()
        found[size] = {changes: rows_read(scene, orders, changes) for changes in (0, 1, 100)}
        for changes, rows in found[size].items():
            assert rows <= K * (changes + scopes), f"{changes} of {size} orders changed"
    for changes, rows in found[MANY].items():
        assert rows <= 1.1 * found[FEW][changes], f"{changes} changes among {MANY} orders, not {FEW}"


def test_a_device_that_stands_at_the_last_commit_reads_it_once(scene: Scene) -> None:
    """Its place in the log of commits lies ever deeper: a second look at it is felt where nothing else is read."""
    scene.field.sync()
    with counting_reads() as counters:
        assert scene.field.pull()[-1][1]["seq"] == scene.organization.seq()
    assert counters.by_table["org_commit"] == 1
    scene.organization.change("work_order", scene.order["id"], title="Another")
    with counting_reads() as counters:
        scene.field.pull()
    assert counters.by_table["org_commit"] == 2


def test_a_bootstrap_drained_a_kibibyte_at_a_time_holds_no_transaction(scene: Scene) -> None:
    comments = [
        ("comment", a_row("comment", aggregate_id=scene.order["id"], work_order_id=scene.order["id"], written_at=NOW,
                          author_id=scene.technician["id"], text=secrets.token_urlsafe(11_000)))
        for _ in range(900)
    ]  # fmt: skip
    scene.organization.commit_many(comments)
    device = scene.organization.device(scene.technician)
    device.mirror.apply(device.pull())
    body = json.dumps({"scope": f"user:{scene.technician['id']}", "cursor": device.mirror.cursor}).encode()
    with draining(device.url, "/v1/bootstrap", device.credentials(), body) as slow:
        answer = bytearray(slow.recv(PIECE_BYTES))
        assert answer.startswith(b"HTTP/1.1 200")
        for _ in range(PIECES):
            answer += slow.recv(PIECE_BYTES)
            assert open_transactions(scene) == []
        assert len(answer) < 1 << 20, "most of 10 MB still waits at the server"
        while piece := slow.recv(1 << 20):
            answer += piece
    lines = lines_of(_response(bytes(answer)))
    assert sum(len(line[2]) for line in lines if line[0] == "rows" and line[1] == "comment") == 900
    assert lines[-1][0] == "end"


def draining(url: str, path: str, credentials: dict[str, str], body: bytes) -> socket.socket:
    """Send a request and give the socket, which takes little at a time."""
    address = urlsplit(url)
    assert address.hostname is not None
    headers = {**credentials, "Host": address.netloc, "Content-Length": str(len(body)), "Connection": "close"}
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    slow = socket.socket()
    slow.settimeout(60)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect((address.hostname, address.port))
    slow.sendall(head.encode() + body)
    return slow


def open_transactions(scene: Scene) -> list[tuple[object, ...]]:
    """Transactions of the roles that answer requests; who pokes has another role and looks four times a second."""
    return scene.organization.ask(
        "select usename, state, query from pg_stat_activity where datname = current_database()"
        " and usename in ('cmms_app_sync', 'cmms_app_office') and xact_start is not null"
    )


def _response(answer: bytes) -> httpx.Response:
    """Read a chunked answer."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    body = bytearray()
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body += rest[:length]
        rest = rest[length + 2 :]
    lines = head.decode().split("\r\n")[1:]
    headers = [tuple(line.split(": ", 1)) for line in lines if not line.lower().startswith("transfer-encoding")]
    return httpx.Response(200, headers=headers, content=bytes(body))  # type: ignore[arg-type]
