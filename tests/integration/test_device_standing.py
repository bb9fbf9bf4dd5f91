"""What the server tells a device to do, and what it takes from one that has no session: over the wire, by hand."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_server.application import device_care
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.contract.standing import MAX_SEALED_BYTES, SEALED_PART_BYTES
from tests.support.device_side import Client, Device, Json
from tests.support.server_side import NOW, Organization, Scene, Server, new_id
from tests.support.standing_side import (
    hand_in,
    is_genuine,
    part_of,
    report_wiped,
    sealed_bytes,
    standing_of,
)

HELLO: Json = {"protocol": 1, "rows": 1, "app_version": "1", "outbox": {"count": 3, "oldest": NOW}, "device_time": NOW}


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server, is_synced=False)


def hello(client: Client, **more: Any) -> Json:
    found: Json = client.post("/v1/hello", {**HELLO, **more}).json()
    return found


def queue(scene: Scene, kind: str) -> None:
    device_care.command(scene.organization.database, scene.organization.id, scene.field.device.id, kind=kind)


def revoke(scene: Scene, *, is_stolen: bool = False) -> device_care.DeviceFacts:
    organization = scene.organization
    return device_care.revoke(organization.database, organization.id, scene.field.device.id, is_stolen=is_stolen)


def facts(scene: Scene) -> device_care.DeviceFacts:
    organization = scene.organization
    found = device_care.device_list(organization.database, organization.id)
    return next(each for each in found if each.id == scene.field.device.id)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# ---- commands


def test_a_command_is_told_until_it_is_confirmed_and_bound_to_the_nonce_of_the_question(scene: Scene) -> None:
    nonce = hello(scene.field)["lease_nonce"]
    queue(scene, "lock")
    queue(scene, "lock")
    assert scene.field.pull()[-1][1]["hello"] is True
    told = hello(scene.field, lease_nonce=nonce)
    (command,) = told["device_commands"]
    assert command["kind"] == "lock"
    assert is_genuine(command, client=scene.field, nonce=nonce)
    assert not is_genuine(command, client=scene.field, nonce=told["lease_nonce"])
    assert not is_genuine({**command, "kind": "wipe_now"}, client=scene.field, nonce=nonce)
    assert not is_genuine(command, client=scene.office, nonce=nonce)
    (again,) = hello(scene.field, lease_nonce=told["lease_nonce"])["device_commands"]
    assert again["id"] == command["id"]
    done = hello(scene.field, lease_nonce="another", confirmed=[command["id"]])
    assert done["device_commands"] == []
    assert scene.field.pull()[-1][1]["hello"] is False
    assert facts(scene).commands == ()


def test_a_device_that_has_no_nonce_yet_is_told_the_next_time(scene: Scene) -> None:
    queue(scene, "verify")
    first = hello(scene.field)
    assert first["device_commands"] == []
    (command,) = hello(scene.field, lease_nonce=first["lease_nonce"])["device_commands"]
    assert command["kind"] == "verify"


def test_nobody_confirms_the_command_of_another(scene: Scene) -> None:
    queue(scene, "wipe")
    (command,) = standing_of(scene.field, scene.organization.id).json()["commands"]
    hello(scene.office, confirmed=[command["id"]])
    refused = report_wiped(scene.office, scene.organization.id, command["id"])
    forged = report_wiped(scene.field, scene.organization.id, command["id"], device=scene.office.device)
    assert (code(refused), code(forged)) == ((404, "not_found"), (403, "not_allowed"))
    assert (facts(scene).commands, facts(scene).wiped_at) == (("wipe",), None)


def test_to_be_wiped_at_once_takes_the_place_of_being_wiped(scene: Scene) -> None:
    for kind in ("wipe", "wipe_now", "wipe"):
        queue(scene, kind)
    assert facts(scene).commands == ("wipe_now",)


def make_key(scene: Scene, tmp_path: Path) -> None:
    make_recovery_key(scene.organization.database, scene.organization.id, tmp_path / "recovery.key")


def kinds(scene: Scene) -> list[str]:
    return [each["kind"] for each in standing_of(scene.field, scene.organization.id).json()["commands"]]


def let_the_lease_pass(scene: Scene) -> None:
    scene.organization.ask(
        "update device_command set told_at = told_at - interval '14 days 1 minute',"
        " queued_at = queued_at - interval '14 days 1 minute' where device_id = %s",
        scene.field.device.id,
    )


@pytest.mark.parametrize("way", ["revoked", "dismissed"])
def test_who_was_told_to_hand_in_and_did_not_for_a_lease_is_wiped_at_once(
    scene: Scene, tmp_path: Path, way: str
) -> None:
    make_key(scene, tmp_path)
    if way == "revoked":
        revoke(scene)
    else:
        scene.organization.change("person", scene.technician["id"], is_active=False)
    assert kinds(scene) == ["wipe"]
    let_the_lease_pass(scene)
    assert kinds(scene) == ["wipe_now"]


def test_the_lease_of_who_cannot_hand_in_begins_with_the_recovery_key(scene: Scene, tmp_path: Path) -> None:
    revoke(scene)
    for _ in range(3):
        assert kinds(scene) == ["wipe"]
        let_the_lease_pass(scene)
    make_key(scene, tmp_path)
    assert kinds(scene) == ["wipe"], "it hands in now"
    let_the_lease_pass(scene)
    assert kinds(scene) == ["wipe_now"]


def test_a_device_in_good_standing_is_never_wiped_before_it_has_sent(scene: Scene, tmp_path: Path) -> None:
    make_key(scene, tmp_path)
    queue(scene, "wipe")
    for _ in range(2):
        assert kinds(scene) == ["wipe"]
        let_the_lease_pass(scene)
    revoke(scene)
    assert kinds(scene) == ["wipe"], "its lease begins now"


def test_a_wiped_device_says_what_was_lost_and_counts_no_more(scene: Scene) -> None:
    hello(scene.field)
    assert revoke(scene, is_stolen=True).pending == 3
    (command,) = standing_of(scene.field, scene.organization.id).json()["commands"]
    assert command["kind"] == "wipe_now"
    for _ in range(2):
        assert report_wiped(scene.field, scene.organization.id, command["id"], lost=4).status_code == 204
    known = facts(scene)
    assert (known.lost_changes, known.commands, known.wiped_at is not None) == (4, (), True)
    assert standing_of(scene.field, scene.organization.id).json() == {"standing": "revoked", "commands": []}


# ---- standing


def test_a_device_hears_how_it_stands_without_a_session(scene: Scene) -> None:
    assert standing_of(scene.field, scene.organization.id).json() == {"standing": "active", "commands": []}
    revoke(scene)
    told = standing_of(scene.field, scene.organization.id, nonce="mine").json()
    assert told["standing"] == "revoked"
    assert is_genuine(told["commands"][0], client=scene.field, nonce="mine")


def test_the_device_of_a_dismissed_person_has_to_be_wiped(scene: Scene) -> None:
    nonce = hello(scene.field)["lease_nonce"]
    scene.organization.change("person", scene.technician["id"], is_active=False)
    assert [each["kind"] for each in hello(scene.field, lease_nonce=nonce)["device_commands"]] == ["wipe"]
    assert standing_of(scene.field, scene.organization.id).json()["standing"] == "revoked"


def dismiss(scene: Scene, *, is_active: bool = False) -> None:
    scene.organization.change("person", scene.technician["id"], is_active=is_active)


def test_a_wipe_that_was_not_told_is_withdrawn_when_the_person_is_active_again(scene: Scene) -> None:
    dismiss(scene)
    assert hello(scene.field)["device_commands"] == []  # it has sent no nonce: nothing can be told
    assert facts(scene).commands == ("wipe",)
    dismiss(scene, is_active=True)
    assert standing_of(scene.field, scene.organization.id).json() == {"standing": "active", "commands": []}
    assert facts(scene).commands == ()
    dismiss(scene)
    assert kinds(scene) == ["wipe"], "another dismissal is another wipe"


@pytest.mark.parametrize("has_key", [False, True])
def test_a_wipe_that_was_told_is_not_undone_when_the_person_is_active_again(
    scene: Scene, tmp_path: Path, has_key: bool
) -> None:
    """Its device may be destroying itself already."""
    if has_key:
        make_key(scene, tmp_path)
    dismiss(scene)
    assert kinds(scene) == ["wipe"]
    dismiss(scene, is_active=True)
    for _ in range(3):
        assert kinds(scene) == ["wipe"]


@pytest.mark.parametrize("asked", ["before", "after"])
@pytest.mark.parametrize("kind", ["wipe", "wipe_now", "lock"])
def test_what_an_administrator_asked_for_is_not_withdrawn_with_a_dismissal(scene: Scene, asked: str, kind: str) -> None:
    if asked == "before":
        queue(scene, kind)
    dismiss(scene)
    hello(scene.field)
    if asked == "after":
        queue(scene, kind)
    dismiss(scene, is_active=True)
    assert kinds(scene) == [kind]


@pytest.mark.parametrize("way", ["revoked", "dismissed"])
def test_whose_session_is_over_hears_that_it_was_revoked(scene: Scene, way: str) -> None:
    token = scene.field.session["refresh_token"]
    if way == "revoked":
        revoke(scene)
    else:
        scene.organization.change("person", scene.technician["id"], is_active=False)
    assert code(scene.field.refresh(token)) == (403, "device_revoked")
    stranger = Client(scene.field.url, scene.field.slug, scene.field.login, scene.field.http, Device())
    assert code(stranger.refresh(token)) == (401, "session_expired")


def test_the_very_next_request_of_a_revoked_device_is_refused_and_its_stream_ends(scene: Scene) -> None:
    """Revocation counts at once for requests; a stream of pokes, which carries no data, ends with its next check."""
    from sync_server.application import pokes

    organization = scene.organization
    with organization.database.transaction("worker", organization.id, read_only=True) as connection:
        from sync_server.storage import watching

        assert scene.field.device.id in watching.standing(connection, organization.id, [scene.field.device.id])
    revoke(scene)
    for path in ("hello", "push", "pull", "sync", "bootstrap", "verify"):
        assert scene.field.post(f"/v1/{path}", HELLO).status_code in {400, 403}
    assert code(scene.field.post("/v1/pull", {})) == (403, "device_revoked")
    assert code(scene.field.request("GET", f"/v1/blobs/{'0' * 64}")) == (403, "device_revoked")
    with organization.database.transaction("worker", organization.id, read_only=True) as connection:
        assert watching.standing(connection, organization.id, [scene.field.device.id]) == {}
    assert pokes.CHECK_EVERY_S + pokes.EVERY_S <= 60


# ---- sealed work


def kept(organization: Organization) -> list[tuple[Any, ...]]:
    return organization.ask(
        "select sha256, received_bytes, complete_at is not null from sealed_outbox where organization_id = %s"
        " union all select 'part', length(content), true from sealed_part where organization_id = %s",
        organization.id,
        organization.id,
    )


def test_a_sealed_outbox_arrives_in_parts_and_brings_the_same_receipt_however_often(scene: Scene) -> None:
    organization_id, device = scene.organization.id, scene.field.device
    revoke(scene)
    whole = sealed_bytes(10_000)
    assert hand_in(scene.field, part_of(device, organization_id, whole, end=0)).json()["received_bytes"] == 0
    assert kept(scene.organization) == []
    first = part_of(device, organization_id, whole, end=4_000)
    for _ in range(2):
        assert hand_in(scene.field, first).json() == {"received_bytes": 4_000, "receipt": None}
    ahead = hand_in(scene.field, part_of(device, organization_id, whole, at=8_000))
    assert ahead.json()["received_bytes"] == 4_000
    last = part_of(device, organization_id, whole, at=4_000)
    answers = [hand_in(scene.field, part).json() for part in (last, last, first)]
    assert [answer["received_bytes"] for answer in answers] == [len(whole)] * 3
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["receipt"]["sha256"] == hashlib.sha256(whole).hexdigest()
    stored = scene.organization.ask(
        "select content from sealed_part where organization_id = %s order by at", organization_id
    )
    assert b"".join(bytes(content) for (content,) in stored) == whole
    assert facts(scene).sealed == 3


def test_what_was_begun_and_given_up_makes_room_for_another(scene: Scene) -> None:
    organization_id, device = scene.organization.id, scene.field.device
    hand_in(scene.field, part_of(device, organization_id, sealed_bytes(), end=100))
    other = sealed_bytes()
    assert hand_in(scene.field, part_of(device, organization_id, other)).json()["receipt"] is not None
    assert [line[0] for line in kept(scene.organization)] == [hashlib.sha256(other).hexdigest(), "part"]


BAD: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "no proof": ({"sig": ""}, (403, "not_allowed")),
    "proof of another device": ({"device": "other"}, (403, "not_allowed")),
    "another device of the organization": ({"device_id": "office"}, (403, "not_allowed")),
    "no such device": ({"device_id": new_id()}, (403, "not_allowed")),
    "a device that is no id": ({"device_id": "x' or true --"}, (403, "not_allowed")),
    "a foreign organization": ({"organization_id": "foreign"}, (403, "not_allowed")),
    "no such organization": ({"organization_id": new_id()}, (403, "not_allowed")),
    "garbage": ({"whole": b"garbage" * 900}, (400, "bad_request")),
    "too short": ({"whole": b"cmms-rescue/1\n"}, (400, "bad_request")),
    "another digest than announced": ({"sha256": "0" * 64}, (400, "bad_request")),
    "a digest that is none": ({"sha256": "Z" * 64}, (400, "bad_request")),
    "more than announced": ({"size_bytes": 300}, (400, "bad_request")),
    "before the beginning": ({"at": -1}, (400, "bad_request")),
    "less than no changes": ({"changes": -1}, (400, "bad_request")),
    "too large a whole": ({"size_bytes": MAX_SEALED_BYTES + 1}, (413, "too_large")),
    "too large a part": ({"whole": sealed_bytes(SEALED_PART_BYTES + 1)}, (413, "too_large")),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_sealed_outbox_of_this_device_is_refused_and_nothing_is_kept(scene: Scene, what: str) -> None:
    changes, expected = dict(BAD[what][0]), BAD[what][1]
    foreign = Scene.of(scene.organization.server, is_synced=False) if "foreign" in changes.values() else None
    named = {"office": scene.office.device.id, "foreign": foreign.organization.id if foreign else ""}
    changes = {key: named.get(str(value), value) for key, value in changes.items()}
    whole = changes.pop("whole", None) or sealed_bytes()
    device = scene.field.device
    if changes.pop("device", None):
        device = Device(id=device.id)
    response = hand_in(scene.field, part_of(device, scene.organization.id, whole, **changes))
    assert code(response) == expected
    for organization in (scene.organization, *([foreign.organization] if foreign else [])):
        assert kept(organization) == []


def test_an_outbox_that_was_changed_on_the_way_is_forgotten_whole(scene: Scene) -> None:
    whole = sealed_bytes()
    changed = bytearray(whole)
    changed[3_000] ^= 1
    digest = hashlib.sha256(whole).hexdigest()
    organization_id, device = scene.organization.id, scene.field.device
    assert hand_in(scene.field, part_of(device, organization_id, bytes(changed), end=2_000, sha256=digest)).is_success
    end = hand_in(scene.field, part_of(device, organization_id, bytes(changed), at=2_000, sha256=digest))
    assert code(end) == (400, "bad_request")
    assert kept(scene.organization) == []
    assert hand_in(scene.field, part_of(device, organization_id, whole)).json()["receipt"] is not None


def test_a_body_that_was_cut_off_is_refused_and_nothing_is_kept(scene: Scene) -> None:
    body = json.dumps(part_of(scene.field.device, scene.organization.id, sealed_bytes())).encode()
    for end in (len(body) // 2, len(body) - 1):
        cut = scene.field.http.post(
            scene.field.url + "/v1/sealed", content=body[:end], headers={"Content-Type": "application/json"}
        )
        assert cut.status_code == 400
    assert kept(scene.organization) == []


def test_a_device_hands_in_so_much_and_no_more(scene: Scene) -> None:
    organization_id, device = scene.organization.id, scene.field.device
    hand_in(scene.field, part_of(device, organization_id, sealed_bytes()))
    scene.organization.ask(
        "update sealed_outbox set size_bytes = %s where device_id = %s", 4 * MAX_SEALED_BYTES, device.id
    )
    assert code(hand_in(scene.field, part_of(device, organization_id, sealed_bytes()))) == (413, "too_large")
