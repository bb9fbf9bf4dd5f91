"""The demonstration's window on its real server: switching people, cutting the network, the office, kill and restart.

The factories are driven in this process, offscreen; what has to die runs in one of its own.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture.source_tree import ROOT
from tests.support.qt_here import why_qt_is_missing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from cmms_desktop.demo.window import DemoWindow
    from cmms_desktop.demo.world import DemoWorld

pytestmark = [
    pytest.mark.skipif(bool(why_qt_is_missing()), reason=why_qt_is_missing() or "Qt is here"),
    pytest.mark.skipif(sys.platform == "win32", reason="the embedded server does not run there"),
]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

START_S = 60.0
SOON_S = 60.0
END_S = 60.0
DIES = """
import os, sys
from pathlib import Path
from cmms_desktop.application.commands import remarks
from cmms_desktop.demo.folder import held_folder
from cmms_desktop.demo.window import DemoWindow
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

with held_folder(Path(sys.argv[1]), is_fresh=False) as folder:
    demo = DemoWindow(folder)
    demo.start()
    demo.opened.window.show()

    def work() -> None:
        frame = demo.opened.window.frame
        if frame is None or not demo.band.network.isEnabled():
            return
        timer.stop()
        demo.band.network.click()
        order_id = frame.place.get("order_id") or sys.argv[2]
        frame.context.drafts.keep("comment:" + order_id, "half a sent")
        frame.context.background.write(
            lambda write: remarks.add_comment(write, order_id, "Before the end."), lambda _: print(order_id, flush=True)
        )

    timer = QTimer(interval=20)
    timer.timeout.connect(work)
    timer.start()
    QApplication.instance().exec()
"""


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """One folder for all tests of the module, in order: each finds what those before it left."""
    with tempfile.TemporaryDirectory(prefix="cmms-test-") as made:
        Path(made).chmod(0o755)  # for the unprivileged user that PostgreSQL runs as when this is root
        yield Path(made) / "kept"


@contextmanager
def a_demo(root: Path, *, is_fresh: bool = False) -> Iterator[DemoWindow]:
    """The window with the technician at work."""
    from cmms_desktop.demo.folder import held_folder
    from cmms_desktop.demo.window import DemoWindow

    with held_folder(root, is_fresh=is_fresh) as folder:
        demo = DemoWindow(folder)
        demo.start()
        demo.opened.window.show()
        try:
            until(lambda: demo.opened.window.frame is not None or demo.exit_code != 0, timeout_s=START_S)
            until(lambda: word(demo) == "online")
            yield demo
        finally:
            demo.close()
            demo.opened.window.deleteLater()


def until(condition: Callable[[], bool], *, timeout_s: float = SOON_S) -> None:
    """Let the window live until something is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        loop = QEventLoop()  # not QTest.qWait, which keeps Python's lock and starves every thread
        QTimer.singleShot(10, loop.quit)
        loop.exec()


def word(demo: DemoWindow) -> str:
    frame = demo.opened.window.frame
    return "" if frame is None else frame.context.conversation.status.connection.value


def waiting(demo: DemoWindow) -> int:
    frame = demo.opened.window.frame
    return -1 if frame is None else frame.context.conversation.status.waiting


def edit(demo: DemoWindow, order_id: str, text: str) -> None:
    from cmms_desktop.application.commands import remarks

    frame = demo.opened.window.frame
    assert frame is not None
    frame.context.background.write(lambda write: remarks.add_comment(write, order_id, text))


def comments(demo: DemoWindow, order_id: str) -> list[str]:
    shown = demo.opened.door.shown
    assert shown is not None
    with shown.session.reading() as reading:
        sql = "SELECT text FROM comment WHERE aggregate_id = ? AND deleted_at IS NULL ORDER BY created_at, id"
        return [text for (text,) in reading.cursor.execute(sql, (order_id,)).fetchall()]


def first_order(world: DemoWorld) -> str:
    found: str = world.server.organization["today_order_ids"][0]
    return found


def office_comments(world: DemoWorld, order_id: str) -> list[str]:
    return [str(row["text"]) for row in world.office().order(order_id)["comment"]]


@pytest.fixture(scope="class")
def running(root: Path, qapp: QApplication) -> Iterator[DemoWindow]:
    """The first start of all."""
    with a_demo(root, is_fresh=True) as demo:
        yield demo


class TestRunning:
    """One demonstration, from its first start."""

    def test_the_network_is_really_cut_and_comes_back_by_one_press(self, running: DemoWindow) -> None:
        from cmms_desktop.ui.window.demo_band import GO_OFFLINE, GO_ONLINE

        demo, order_id = running, first_order(running.world)
        demo.band.network.click()
        assert demo.band.network.text() == GO_ONLINE
        until(lambda: word(demo) == "offline")  # although nobody does anything that needs it
        edit(demo, order_id, "Written offline.")
        until(lambda: word(demo) == "offline" and waiting(demo) == 1)
        assert "Written offline." not in office_comments(demo.world, order_id), "the office goes on, without it"
        demo.band.network.click()
        assert demo.band.network.text() == GO_OFFLINE
        until(lambda: word(demo) == "online" and waiting(demo) == 0)
        assert "Written offline." in office_comments(demo.world, order_id)

    def test_technician_and_supervisor_take_turns_in_one_window(self, running: DemoWindow) -> None:
        for login in ("supervisor", "technician"):
            running.band.people.button(login).click()
            until(
                lambda login=login: running.opened.door.shown is not None and running.opened.door.shown.login == login
            )
            assert running.band.people.current == login
        assert running.opened.window.frame is not None

    @pytest.mark.parametrize("turn", ["edit", "both", "away", "more"])
    def test_the_office_does_what_its_buttons_say(self, running: DemoWindow, turn: str) -> None:
        from cmms_desktop.demo.choices import TURNS
        from cmms_desktop.ui.bridge.doors import Place

        button = [key for key, _ in TURNS].index(turn)
        order_id: str = running.world.server.organization["today_order_ids"][1 if turn == "away" else 2]
        frame = running.opened.window.frame
        assert frame is not None
        frame.open(Place.of("order", order_id=order_id))
        running.band.turns[button].click()
        until(running.band.turns[button].isEnabled)
        until(arrived(running, turn, order_id))

    @pytest.mark.parametrize(("standing", "fence"), [("at_site", "inside"), ("outside", "outside"), ("no_fix", None)])
    def test_the_receiver_stands_where_the_chooser_says(
        self, running: DemoWindow, standing: str, fence: str | None
    ) -> None:
        from cmms_desktop.application.commands import visits
        from cmms_desktop.application.session import NoPosition
        from cmms_desktop.demo.choices import STANDINGS

        running.band.receiver.setCurrentIndex([key for key, _ in STANDINGS].index(standing))
        running.band.receiver.activated.emit(running.band.receiver.currentIndex())
        shown = running.opened.door.shown
        assert shown is not None
        if fence is None:
            with pytest.raises(NoPosition, match="satellite"):
                shown.session.positions.locate(within_s=5)
            return
        with shown.session.writing() as write:
            log_id = visits.start_travel(write, first_order(running.world))
        position = shown.session.positions.locate(within_s=5)
        with shown.session.writing() as write:
            assert visits.arrive(write, log_id, position, reason="As chosen.") == fence
            write.set("work_log", log_id, ended_at=write.now)


def arrived(demo: DemoWindow, turn: str, order_id: str) -> Callable[[], bool]:
    """Whether what the office did is on the device."""
    sql = {
        "edit": "SELECT count(*) FROM work_order WHERE id = ? AND title LIKE '%(office)' AND version > 1",
        "both": "SELECT count(*) FROM conflict WHERE aggregate_id = ? AND field = 'title' AND resolution IS NULL",
        "away": "SELECT NOT count(*) FROM member WHERE aggregate_id = ?",
        "more": "SELECT count(*) > 25 AND ? <> '' FROM work_order w JOIN member m ON m.aggregate_id = w.id"
        " WHERE m.scope_id LIKE 'user:%'",
    }[turn]
    if turn == "more":  # one was given away by the test before
        sql = sql.replace("> 25", "> 24")

    def look() -> bool:
        shown = demo.opened.door.shown
        assert shown is not None
        with shown.session.reading() as reading:
            return bool(reading.cursor.execute(sql, (order_id,)).fetchone()[0])

    return look


def test_everything_is_found_again_at_the_next_start(root: Path, qapp: QApplication) -> None:
    with a_demo(root) as demo:
        assert "Written offline." in comments(demo, first_order(demo.world))


def test_killed_in_the_middle_it_starts_with_everything_that_was_entered(root: Path, qapp: QApplication) -> None:
    from cmms_desktop.demo.folder import held_folder

    with held_folder(root, is_fresh=False) as folder:
        order_id = (folder.organizations() or [])[0]["today_order_ids"][4]
    process = subprocess.Popen(
        [sys.executable, "-c", DIES, str(root), order_id], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        edited = said.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(END_S) == -signal.SIGKILL
    assert edited
    with a_demo(root) as demo:  # at once: the server before may still be ending
        assert comments(demo, edited).count("Before the end.") == 1
        frame = demo.opened.window.frame
        assert frame is not None
        assert frame.context.drafts.get(f"comment:{edited}") == "half a sent"
        until(lambda: waiting(demo) == 0)
        assert office_comments(demo.world, edited).count("Before the end.") == 1


def test_the_real_command_ends_in_good_order_at_a_signal(root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cmms_desktop", "demo", "--data", str(root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    replica_lock = next(root.glob("client/*/*/replica.db.lock"))
    wait_until_held(replica_lock, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=END_S)
    assert (process.returncode, out) == (0, "")
    assert [line for line in err.splitlines() if "propagateSizeHints" not in line] == []


def wait_until_held(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until somebody else holds a lock file."""
    import fcntl

    for _ in range(int(END_S * 20)):
        assert process.poll() is None, process.communicate()
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("the demonstration did not open its store")


def test_a_second_one_on_the_same_folder_says_one_sentence(root: Path) -> None:
    from cmms_desktop.demo.folder import ALREADY_OPEN, held_folder

    with held_folder(root, is_fresh=False):
        answer = subprocess.run(
            [sys.executable, "-m", "cmms_desktop", "demo", "--data", str(root), "--fresh"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=END_S,
            check=False,
        )
    assert (answer.returncode, answer.stderr.strip(), answer.stdout) == (1, ALREADY_OPEN, "")
    assert (root / "organizations.json").exists(), "it was not emptied either"


def test_nothing_secret_lies_open(root: Path) -> None:
    for name in ("secrets.json", "organizations.json", "server/secret.key"):
        assert stat.S_IMODE((root / name).stat().st_mode) == 0o600, name
    assert not any(path.read_bytes().startswith(b"SQLite format 3") for path in root.glob("client/**/replica.db"))
