"""Pull: what changed, once, to whoever may see it; cursors that nobody can bend; no waiting for a slow reader."""

import base64
import json
import secrets
import socket
from urllib.parse import urlsplit

import pytest

from sync_server.contract.fields import Row
from tests.support.device_side import Client
from tests.support.mirror import kinds
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import NOW, Scene, Server, a_row, new_id


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


def field_scopes(scene: Scene) -> set[str]:
    site = scene.site["id"]
    return {f"user:{scene.technician['id']}", "org:catalog", f"stock:{site}", f"assets:{site}"}


def assign(scene: Scene, order: Row, **whom: object) -> Row:
    values = {"aggregate_id": order["id"], "work_order_id": order["id"], **whom}
    return scene.organization.add("work_order_assignment", **values)  # type: ignore[arg-type]


def check(scene: Scene) -> None:
    """The technician's and the supervisor's devices hold what they should, and nothing else."""
    assert_mirrors(scene.organization, scene.field.sync(), field_scopes(scene))
    site = scene.site["id"]
    office = {f"user:{scene.supervisor['id']}", "org:catalog", f"stock:{site}", f"assets:{site}"}
    assert_mirrors(scene.organization, scene.office.sync(), office | {f"review:{site}", f"site:{site}"})
    assert_index_is_right(scene.organization)


def test_a_first_pull_offers_scopes_and_sends_no_row(scene: Scene) -> None:
    device = scene.organization.device(scene.technician)
    lines = device.pull()
    assert kinds(lines) == ["header", "end"]
    assert set(lines[-1][1]["bootstrap"]) == field_scopes(scene)
    assert lines[-1][1]["digests"] == {}


def test_a_pull_without_changes_is_empty_and_gives_the_digests(scene: Scene) -> None:
    lines = scene.field.pull()
    assert kinds(lines) == ["header", "end"]
    assert set(lines[-1][1]["digests"]) == field_scopes(scene)
    check(scene)


def test_only_rows_that_changed_travel(scene: Scene) -> None:
    scene.inside("comment", author_id=scene.technician["id"], text="Old", written_at=NOW)
    scene.field.sync()
    scene.organization.change("work_order", scene.order["id"], title="New")
    lines = scene.field.pull()
    assert kinds(lines) == ["header", "rows", "end"]
    assert lines[1][1] == "work_order"
    assert len(lines[1][2]) == 1
    check(scene)


def test_a_deleted_row_travels_as_a_tombstone(scene: Scene) -> None:
    checklist = scene.inside("checklist", name="List")
    scene.field.sync()
    assert str(checklist["id"]) in scene.field.mirror.of("checklist")
    scene.organization.change("checklist", checklist["id"], deleted_at=NOW)
    check(scene)
    assert scene.field.mirror.of("checklist") == {}


def test_a_deleted_order_goes_and_does_not_come_back(scene: Scene) -> None:
    scene.organization.change("work_order", scene.order["id"], deleted_at=NOW)
    check(scene)
    fresh = scene.organization.device(scene.technician)
    assert fresh.sync().of("work_order") == {}


def test_an_order_joins_whole_with_what_it_lends_and_leaves_with_it(scene: Scene) -> None:
    asset = scene.organization.add("asset", site_id=scene.site["id"], code="A-1", name="Pump")
    orders = [scene.organization.order(scene.site, asset_id=asset["id"]) for _ in range(2)]
    check(scene)
    assignments = [assign(scene, order, person_id=scene.technician["id"]) for order in orders]
    lines = scene.field.pull()
    assert [line[0] for line in lines].count("join") == 2
    assert kinds(lines).index("join") < kinds(lines).index("rows")
    check(scene)
    assert asset["id"] in scene.field.mirror.of("asset")
    scene.organization.change("work_order_assignment", assignments[0]["id"], deleted_at=NOW)
    check(scene)
    assert asset["id"] in scene.field.mirror.of("asset")
    scene.organization.change("work_order_assignment", assignments[1]["id"], deleted_at=NOW)
    check(scene)
    assert asset["id"] not in scene.field.mirror.of("asset")


def test_an_order_that_changes_its_asset_lends_the_other_one(scene: Scene) -> None:
    old, new = (scene.organization.add("asset", site_id=scene.site["id"], code=code, name="Pump") for code in "AB")
    scene.organization.change("work_order", scene.order["id"], asset_id=old["id"])
    check(scene)
    scene.organization.change("work_order", scene.order["id"], asset_id=new["id"])
    check(scene)
    assert set(scene.field.mirror.of("asset")) == {new["id"]}


def test_a_join_means_replace(scene: Scene) -> None:
    """What happened while the device did not hold the order is not left behind, and nothing from before is."""
    gone = scene.inside("checklist", name="Gone")
    scene.field.sync()
    scene.unassign()
    scene.organization.change("checklist", gone["id"], deleted_at=NOW)
    assign(scene, scene.order, person_id=scene.technician["id"])
    lines = scene.field.pull()
    assert kinds(lines)[:2] == ["header", "join"]
    assert gone["id"] not in [values[0] for line in lines if line[0] == "rows" for values in line[2]]
    check(scene)
    assert scene.field.mirror.of("checklist") == {}


def test_an_order_that_came_and_went_leaves_no_trace(scene: Scene) -> None:
    order = scene.organization.order(scene.site)
    assignment = assign(scene, order, person_id=scene.technician["id"])
    scene.organization.change("work_order_assignment", assignment["id"], deleted_at=NOW)
    scene.field.sync()
    assert order["id"] not in scene.field.mirror.of("work_order")
    check(scene)


def test_rows_in_two_scopes_travel_once(scene: Scene) -> None:
    assign(scene, scene.order, person_id=scene.supervisor["id"])
    lines = scene.office.pull()
    sent = [values[0] for line in lines if line[0] == "rows" and line[1] == "work_order" for values in line[2]]
    assert sent == [scene.order["id"]]
    check(scene)
    assert scene.office.mirror.members[f"user:{scene.supervisor['id']}"] == {scene.order["id"]: "work_order"}


def test_a_team_brings_its_orders_and_takes_them_away(scene: Scene) -> None:
    team = scene.organization.add("team", name="Team")
    order = scene.organization.order(scene.site)
    assign(scene, order, team_id=team["id"])
    check(scene)
    values = {"aggregate_id": team["id"], "team_id": team["id"], "person_id": scene.technician["id"]}
    members = [scene.organization.add("team_member", **values) for _ in range(2)]
    check(scene)
    assert order["id"] in scene.field.mirror.of("work_order")
    for member in members:
        assert order["id"] in scene.field.sync().of("work_order")
        scene.organization.change("team_member", member["id"], deleted_at=NOW)
    check(scene)
    assert order["id"] not in scene.field.mirror.of("work_order")


def test_a_van_goes_with_its_owner(scene: Scene) -> None:
    part = scene.organization.add("part", code="P-1", name="Filter")
    van = scene.organization.add(
        "stock_location",
        site_id=scene.site["id"],
        owner_id=scene.technician["id"],
        kind="van",
        code="VAN",
        name="Van",
    )
    scene.field.sync()
    assert scene.field.push_one(scene.field.movement(van["id"], part["id"], "2", kind="return"))["status"] == "applied"
    check(scene)
    assert len(scene.field.mirror.of("stock_level")) == 1
    assert scene.office.mirror.of("stock_level") == {}


def test_who_loses_a_site_loses_its_scopes(scene: Scene) -> None:
    elsewhere = scene.organization.site()
    access = scene.organization.add(
        "site_access",
        aggregate_id=scene.technician["id"],
        person_id=scene.technician["id"],
        site_id=elsewhere["id"],
        role="technician",
    )
    scene.organization.add("location", site_id=elsewhere["id"], kind="room", code="R", name="Room")
    mirror = scene.field.sync()
    assert mirror.of("location")
    scene.organization.change("site_access", access["id"], deleted_at=NOW)
    lost = {line[1] for line in scene.field.pull() if line[0] == "scope-"}
    assert lost == {f"stock:{elsewhere['id']}", f"assets:{elsewhere['id']}"}
    check(scene)
    assert scene.field.mirror.of("location") == {}


def test_who_is_dismissed_loses_everything(scene: Scene) -> None:
    scene.organization.change("person", scene.technician["id"], is_active=False)
    lines = scene.field.pull()
    assert {line[1] for line in lines if line[0] == "scope-"} == field_scopes(scene)
    assert lines[-1][1]["bootstrap"] == []
    scene.field.mirror.apply(lines)
    assert scene.field.mirror.rows == {}


def problem(client: Client, **body: object) -> tuple[int, str]:
    response = client.post("/v1/pull", body)
    said = response.json()
    assert response.headers["content-type"].startswith("application/problem+json")
    return response.status_code, said["code"]


def test_a_cursor_is_bound_to_its_device_and_organization(scene: Scene) -> None:
    stranger = Scene.of(scene.organization.server)
    for other in (scene.office, scene.organization.device(scene.technician), stranger.field):
        assert problem(other, cursor=scene.field.mirror.cursor) == (409, "cursor_invalid")


def test_a_cursor_cannot_be_bent(scene: Scene) -> None:
    cursor = scene.field.mirror.cursor or ""
    raw = bytearray(base64.urlsafe_b64decode(cursor))
    for place in range(0, len(raw), 7):
        bent = bytearray(raw)
        bent[place] ^= 1
        assert problem(scene.field, cursor=base64.urlsafe_b64encode(bent).decode()) == (409, "cursor_invalid")
    body = json.dumps({"epoch": scene.field.mirror.epoch, "top": 1, "nonce": 1, "scopes": {}}).encode()
    forged = [base64.urlsafe_b64encode(bytes(16) + body).decode(), "", "x", "🙂", "A" * 100_000, cursor[:-4], "=" * 8]
    assert {problem(scene.field, cursor=each) for each in forged} == {(409, "cursor_invalid")}


def test_a_bootstrap_token_is_no_cursor(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_server.application.pull.SLICE_AGGREGATES", 1)
    device = scene.organization.device(scene.technician)
    device.mirror.apply(device.pull())
    token = device.bootstrap("org:catalog")[-1][1]["token"]
    assert problem(device, cursor=token) == (409, "cursor_invalid")


@pytest.mark.parametrize(
    "history",
    ["another epoch", pytest.param("another nonce", marks=pytest.mark.expects_warnings), "an unknown commit"],
)
def test_a_cursor_of_another_history_is_a_fork(scene: Scene, history: str) -> None:
    organization_id, seq = scene.organization.id, scene.field.mirror.seq
    statement = {
        "another epoch": "update org_clock set epoch = gen_random_uuid() where organization_id = %s and 0 < %s",
        "another nonce": "update org_commit set nonce = nonce + 1 where organization_id = %s and seq = %s",
        "an unknown commit": "delete from org_commit where organization_id = %s and seq = %s",
    }[history]
    assert scene.field.hello(cursor=scene.field.mirror.cursor)["fork"] is None
    scene.organization.ask(statement, organization_id, seq)
    assert problem(scene.field, cursor=scene.field.mirror.cursor) == (409, "fork")
    assert scene.field.hello(cursor=scene.field.mirror.cursor)["fork"] is not None


def test_hello_finds_the_last_commit_that_both_know(scene: Scene) -> None:
    ((rows),) = [
        scene.organization.ask(
            "select seq, nonce from org_commit where organization_id = %s order by seq", scene.organization.id
        )
    ]
    known = [[seq, nonce] for seq, nonce in rows]
    assert scene.field.hello(checkpoints=known)["fork"] is None
    torn = [*known[:3], *([seq, nonce + 1] for seq, nonce in known[3:])]
    assert scene.field.hello(checkpoints=torn)["fork"]["common_seq"] == known[2][0]
    beyond = [*known, [10**9, 5]]
    assert scene.field.hello(checkpoints=beyond)["fork"]["common_seq"] == known[-1][0]
    assert scene.field.hello(checkpoints=[[0, 0]])["fork"] is None


def heavy(scene: Scene, count: int) -> None:
    """Rows of 15 KB that compression cannot make small."""
    rows = [
        (
            "comment",
            a_row(
                "comment",
                aggregate_id=scene.order["id"],
                work_order_id=scene.order["id"],
                author_id=scene.technician["id"],
                text=secrets.token_urlsafe(11_000),
                written_at=NOW,
            ),
        )
        for _ in range(count)
    ]
    scene.organization.commit_many(rows)


def test_an_answer_larger_than_memory_allows_is_whole_and_nothing_waits_for_its_reader(scene: Scene) -> None:
    heavy(scene, 1_100)
    address = urlsplit(scene.field.url)
    body = json.dumps({"cursor": scene.field.mirror.cursor}).encode()
    headers = {**scene.field.credentials(), "Host": address.netloc, "Content-Length": str(len(body))}
    head = "POST /v1/pull HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection((address.hostname, address.port)) as slow:  # type: ignore[arg-type]
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(head.encode() + body)
        assert slow.recv(1024).startswith(b"HTTP/1.1 200")
        busy = scene.organization.ask(
            "select usename, state, query from pg_stat_activity where datname = current_database()"
            " and usename like 'cmms%%' and state <> 'idle'"
        )
        assert busy == []
        assert scene.organization.change("work_order", scene.order["id"], title="Meanwhile").seq > 0
    check(scene)
    assert len(scene.field.mirror.of("comment")) == 1_100


def test_unknown_people_and_scopes_stay_unknown(scene: Scene) -> None:
    """Nothing of an organization's own data distinguishes a scope that is not his from one that is not there."""
    foreign = Scene.of(scene.organization.server)
    asked = [f"review:{scene.site['id']}", f"user:{scene.supervisor['id']}", f"user:{foreign.technician['id']}"]
    asked += [f"stock:{foreign.site['id']}", f"user:{new_id()}", "org:everything", "", "user:", "'; --", "a\0b"]
    answers = {
        (response.status_code, response.text)
        for response in (scene.field.post("/v1/bootstrap", {"scope": scope}) for scope in asked)
    }
    assert len(answers) == 1
    ((status, text),) = answers
    assert (status, json.loads(text)["code"]) == (404, "not_found")
