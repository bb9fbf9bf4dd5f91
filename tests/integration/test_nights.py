"""Who runs the nightly routines: one process of several, once a day, and again when that one died."""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from sync_server.cli import main
from sync_server.routines import nightly
from sync_server.routines.nightly import ROUTINES, run_due
from sync_server.routines.windows import end_windows
from sync_server.storage.blobs import Owned
from tests.support.postgres import TEST_SECRET
from tests.support.server_side import Organization, Scene, Server

PATIENCE_S = 60.0
NIGHT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def organization(server: Server) -> Organization:
    return server.organization()


def ran(organization: Organization, now: datetime) -> list[str]:
    """Names of the routines that a look ran for an organization."""
    return [name for of, name in run_due(organization.database, now=now) if of == organization.id]


def test_every_routine_runs_once_a_day_in_its_order(organization: Organization) -> None:
    every = ["windows", "notices", "gc", "schedules", "recompute", "usage", "metrics"]
    assert ran(organization, NIGHT) == list(ROUTINES) == every
    assert ran(organization, NIGHT + timedelta(hours=20)) == []
    assert ran(organization, NIGHT + timedelta(days=1)) == list(ROUTINES)
    results = organization.ask("select result from routine_run where organization_id = %s", organization.id)
    assert [json.loads(each) for (each,) in sorted(results)] == [
        {"differences": 0},
        {"left": 0, "commits": 0, "verdicts": 0},
        {"made": 0, "held_back": 0},
        {"numbers": 0},
        {"orders": 0},
        {"people": 0, "devices": 0, "sites": 0, "open_orders": 0, "file_bytes": 0},
        {"told": 0, "cleared": 0},
    ]


def test_a_day_begins_at_one_and_a_server_that_was_off_at_night_catches_up(organization: Organization) -> None:
    assert ran(organization, NIGHT) == list(ROUTINES)
    assert ran(organization, NIGHT + timedelta(hours=23)) == []  # half past midnight: still the day before
    assert ran(organization, NIGHT + timedelta(days=3, hours=12)) == list(ROUTINES)


def test_of_several_processes_one_runs_it(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    meeting = threading.Barrier(4)

    def counting(name: str) -> nightly.Routine:
        def run(_: object, organization_id: str, *__: object) -> dict[str, int]:
            if organization_id == organization.id:
                runs.append(name)
            return {}

        return run

    monkeypatch.setattr(nightly, "ROUTINES", {name: counting(name) for name in ROUTINES})

    def look() -> None:
        meeting.wait(PATIENCE_S)
        run_due(organization.database, now=NIGHT)

    with ThreadPoolExecutor(4) as many:
        for each in [many.submit(look) for _ in range(4)]:
            each.result(PATIENCE_S)
    assert sorted(runs) == sorted(ROUTINES)


@pytest.mark.expects_warnings
def test_what_a_dead_process_had_taken_is_run_by_another_two_hours_later(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> dict[str, int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(ROUTINES, "windows", die)
        with pytest.raises(KeyboardInterrupt):
            nightly.run_for(organization.database, organization.id, now=NIGHT)
    assert ran(organization, NIGHT + timedelta(hours=1)) == [
        "notices",
        "gc",
        "schedules",
        "recompute",
        "usage",
        "metrics",
    ]
    assert ran(organization, NIGHT + timedelta(hours=2)) == ["windows"]


def test_who_is_still_at_it_after_hours_is_left_alone(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first night on a filled database may take longer than the claim of a dead process lasts."""
    hours, looks = 0.0, []

    def slow(_: object, organization_id: str, __: object, rest: Callable[[float], object]) -> dict[str, int]:
        nonlocal hours
        if organization_id == organization.id and not hours:  # a second one would be seen below
            for _step in range(3):
                hours += 1.5
                rest(1.0)
                looks.append(ran(organization, NIGHT + timedelta(hours=hours)))
        return {}

    monkeypatch.setattr(nightly, "ROUTINES", {"windows": slow})
    monkeypatch.setattr(nightly, "monotonic", lambda: hours * 3600)
    assert ran(organization, NIGHT) == ["windows"]
    assert looks == [[], [], []]


def test_between_commits_the_clock_is_free_for_as_long_as_one_took(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is due at once: as in the first night on a filled database."""
    scene = Scene.of(server, status="closed", closed_at="2026-01-02T08:00:00.000000Z")
    organization = scene.organization
    for _ in range(4):
        organization.order(scene.site, scene.supervisor, status="closed", closed_at="2026-01-02T08:00:00.000000Z")
    monkeypatch.setattr("sync_server.routines.windows.BATCH", 2)
    seconds = iter(range(10_000))
    monkeypatch.setattr("sync_server.routines.steps.monotonic", lambda: next(seconds) * 7.0)
    rests: list[tuple[int, float]] = []

    def rest(took_s: float) -> None:
        clock = organization.ask(
            "select seq from org_clock where organization_id = %s for update nowait", organization.id
        )
        rests.append((clock[0][0], took_s))

    before = organization.ask("select seq from org_clock where organization_id = %s", organization.id)[0][0]
    end_windows(organization.database, organization.id, at=NIGHT, rest=rest)
    assert rests == [(before + step, 7.0) for step in (1, 2, 3)]


def test_the_thread_of_a_server_rests_until_it_is_stopped(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, went_on = threading.Event(), threading.Event()

    def slow(_: object, organization_id: str, __: object, rest: Callable[[float], object]) -> dict[str, int]:
        if organization_id == organization.id:
            resting.set()
            rest(3600.0)
            went_on.set()
        return {}

    monkeypatch.setattr(nightly, "ROUTINES", {"windows": slow})
    monkeypatch.setattr(nightly, "LOOK_EVERY_S", 0.01)
    nights = nightly.Nights(organization.database)
    nights.start()
    try:
        assert resting.wait(PATIENCE_S)
        assert not went_on.is_set()
    finally:
        nights.stop()
    assert went_on.wait(PATIENCE_S)


def test_what_is_done_all_day_is_done_with_each_look_and_between_the_steps_of_a_night(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    hours, is_over = 0.0, threading.Event()

    def slow(_: object, organization_id: str, __: object, rest: Callable[[float], object]) -> dict[str, int]:
        nonlocal hours
        if organization_id == organization.id:
            for _step in range(4):
                hours += 0.1
                done.append("step")
                rest(0.0)
            is_over.set()
        return {}

    monkeypatch.setattr(nightly, "ROUTINES", {"windows": slow})
    monkeypatch.setattr(nightly, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(nightly, "monotonic", lambda: 1_000.0 + hours * 3600)
    nights = nightly.Nights(organization.database, often=lambda: done.append("often"))
    nights.start()
    assert is_over.wait(PATIENCE_S)
    nights.stop()
    first = done.index("step")
    assert done[:first][-1] == "often"
    assert done[first : first + 6] == ["step", "step", "often", "step", "step", "often"]


@pytest.mark.expects_warnings
def test_a_routine_that_fails_keeps_no_other_from_running(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> dict[str, int]:
        raise RuntimeError("no such luck")

    with monkeypatch.context() as patch:
        patch.setitem(ROUTINES, "gc", fail)
        assert ran(organization, NIGHT) == ["windows", "notices", "schedules", "recompute", "usage", "metrics"]
    told = [record.levelname for record in caplog.records if f"gc of {organization.id}" in record.message]
    assert told == ["ERROR"]
    assert ran(organization, NIGHT + timedelta(hours=2)) == ["gc"]


# ---- by hand


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `routine run …` on the module's server: exit code, output, complaint."""
    from base64 import urlsafe_b64encode

    for name in [name for name in os.environ if name.startswith("CMMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CMMS_DATABASE_URL", server.owner_url)
    monkeypatch.setenv("CMMS_SECRET_KEY", urlsafe_b64encode(TEST_SECRET).decode().rstrip("="))
    monkeypatch.setenv("CMMS_ALLOW_OLD_POSTGRES", "1")
    monkeypatch.setenv("CMMS_DATA", str(server.blob_folder.parent))

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["routine", "run", *words])
        return code, *capsys.readouterr()

    return run


def test_the_command_runs_one_for_one_organization_as_of_a_moment(server: Server, command: Run) -> None:
    scene = Scene.of(server, status="closed", closed_at="2026-03-02T08:00:00.000000Z")
    words = ("windows", "--organization", scene.organization.slug, "--json", "--at")
    code, said, _ = command(*words, "2026-03-16T07:59:59.000000Z")
    assert (code, json.loads(said)["organizations"]) == (0, {scene.organization.id: {"orders": 0}})
    code, said, _ = command(*words, "2026-03-16T08:00:00.000000Z")
    assert (code, json.loads(said)["organizations"]) == (0, {scene.organization.id: {"orders": 1}})


@pytest.mark.expects_warnings
def test_the_command_tells_of_differences_by_its_exit_code_until_they_are_repaired(
    server: Server, command: Run
) -> None:
    organization = Scene.of(server).organization
    words = ("recompute", "--organization", organization.slug)
    assert command(*words)[0] == 0
    organization.ask("update scope_head set count = count + 1 where organization_id = %s", organization.id)
    code, said, _ = command(*words)
    assert (code, said.startswith(f"{organization.id}: ")) == (1, True)
    assert "differences" in said
    assert "head in org:catalog" in said
    code, said, _ = command(*words, "--repair")
    assert code == 0
    assert "put right" in said
    assert command(*words)[0] == 0


def test_the_command_collects_files(server: Server, command: Run) -> None:
    organization = server.organization()
    store = server.services.blobs
    name = Owned(organization.id, organization.person("technician")["id"], "ab" * 32).name
    store.put(name, b"bytes")
    words = ("files", "--organization", organization.slug, "--at")
    in_days = [f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%S.%fZ}" for days in (29, 31)]
    code, said, _ = command(*words, in_days[0])
    assert (code, "0 files that no record names" in said, store.size(name)) == (0, True, 5)
    code, said, _ = command(*words, in_days[1])
    assert (code, "1 files that no record names" in said, store.size(name)) == (0, True, None)


@pytest.mark.expects_warnings
def test_only_what_collects_files_needs_their_store(
    server: Server, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is repaired also while the photos are out of reach."""
    organization = Scene.of(server).organization
    monkeypatch.setenv("CMMS_BLOBS", "s3://")
    organization.ask("update scope_head set count = count + 1 where organization_id = %s", organization.id)
    code, said, _ = command("recompute", "--repair", "--organization", organization.slug)
    assert (code, "put right" in said) == (0, True)
    code, said, complained = command("files", "--organization", organization.slug)
    assert (code, said, "CMMS_BLOBS" in complained) == (2, "", True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("sweep",), "sweep"),
        (("windows", "--at", "tomorrow"), "moment"),
        (("gc", "--repair"), "recompute"),
        (("gc", "--organization", "nobody"), "nobody"),
    ],
)
def test_a_wrong_call_is_one_sentence(command: Run, words: tuple[str, ...], complaint: str) -> None:
    code, said, complained = command(*words)
    assert (code, said, complained.count("\n")) == (2, "", 1)
    assert complaint in complained
