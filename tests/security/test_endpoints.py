"""Every address attacked from another organization: nothing of the victim comes out, nothing of it changes.

The list of addresses is generated from the application's own description: a new one without an attack fails here.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile
from typing import Any

import httpx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sync_server.application import device_care
from sync_server.authz.tokens import Access, AccessTokens
from sync_server.contract.codec import pack_digests
from sync_server.contract.entities import REGISTRY
from sync_server.contract.problems import CODES
from tests.security import office_attacks
from tests.security import standing_attacks as attacks_on
from tests.support.device_side import Client, Device, Json, lines_of
from tests.support.postgres import Clusters
from tests.support.server_side import NOW, PASSWORD, Scene, Server, a_server, new_id
from tests.support.standing_side import standing_of

MARKER = "victims-secret"
VARIABLE = ("mutation_id", "commit_seq", "chain_seq", "server_time", "lease_nonce", "access_token", "refresh_token")
VARIABLE_PATTERN = re.compile(rf'"({"|".join(VARIABLE)}|access_expires_at|device_id)":("[^"]*"|[0-9]+)')
Pair = tuple[httpx.Response, httpx.Response]


@dataclass(frozen=True, repr=False)
class Stage:
    """A victim with everything in it, and the most powerful people of another organization."""

    victim: Scene
    attacker: Scene
    admin: Client
    """The attacker's device: a manager sees all that an organization shows anybody."""
    team: Json
    blob: bytes
    token: str
    pushed: Json
    command_id: str
    """Something that the victim's device has to do."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.blob).hexdigest()

    def ids(self) -> set[str]:
        """Every id of the victim."""
        organization = self.victim.organization
        found = {str(row["id"]) for entity in REGISTRY for row in organization.rows(entity)}
        return found | {organization.id, self.victim.field.device.id, self.victim.office.device.id}

    def state(self) -> dict[str, Any]:
        """All that the victim has, but for when it was last seen."""
        organization = self.victim.organization
        state: dict[str, Any] = {entity: sorted(map(str, organization.rows(entity))) for entity in REGISTRY}
        for table in (
            "applied_mutation",
            "org_clock",
            "org_commit",
            "scope_reason",
            "user_session",
            "device_scope",
            "device_command",
            "sealed_outbox",
            "blob",
        ):
            found = organization.ask(f"select t::text from {table} t where organization_id = %s", organization.id)
            state[table] = sorted(found)
        return state


@pytest.fixture(scope="module")
def server(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[Server]:
    with a_server(clusters, request.config.getoption("--postgres")) as running:
        yield running


@pytest.fixture(scope="module")
def stage(server: Server) -> Stage:
    victim, attacker = (Scene.of(server, title=title) for title in (MARKER, "Order"))
    blob = MARKER.encode() + secrets.token_bytes(500)
    sha256 = hashlib.sha256(blob).hexdigest()
    sent = victim.field.request(
        "PATCH", f"/v1/blobs/{sha256}", content=blob, headers={"Upload-Offset": "0", "Upload-Length": str(len(blob))}
    )
    assert sent.status_code == 204
    victim.inside("comment", author_id=victim.technician["id"], text=MARKER, written_at=NOW)
    team = victim.organization.add("team", name=MARKER)
    pushed = victim.field.comment(victim.order, MARKER)
    assert victim.field.push_one(pushed)["status"] == "applied"
    victim.field.sync()
    token = str(victim.field.bootstrap(f"user:{victim.technician['id']}")[-1][1]["cursor"])
    admin = attacker.organization.device(attacker.organization.person("manager"))
    admin.sync()
    field = victim.field
    device_care.command(victim.organization.database, victim.organization.id, field.device.id, kind="verify")
    (command,) = standing_of(field, victim.organization.id).json()["commands"]
    return Stage(victim, attacker, admin, team, blob, token, pushed, str(command["id"]))


def both(ask: Callable[[Any], httpx.Response], known: Any, unknown: Any) -> Pair:
    """The same request with something of the victim, and with something that is nobody's."""
    return ask(known), ask(unknown)


@cache
def nobodys(what: str) -> str:
    """An id that was nobody's at first, the same whenever an attack is repeated: what that leaves is alike then."""
    return new_id()


def sign_in(stage: Stage) -> Iterator[Pair]:
    own, theirs = stage.attacker.field, stage.victim.field
    stranger = replace(own, session={})

    def ask(**changes: Any) -> httpx.Response:
        identity = {"id": new_id(), "public_key": Device().public_key, "name": "T", "app_version": "1"}
        identity |= changes.pop("device", {})
        body = {"organization": own.slug, "login": own.login, "password": PASSWORD, "device": identity}
        return stranger.post("/v1/sign-in", {**body, **changes})

    yield both(lambda login: ask(login=login), theirs.login, "nobody")
    yield both(lambda slug: ask(organization=slug), theirs.slug, "nowhere")
    key = own.device.public_key  # always the same: who comes back with another one is refused for that
    yield both(lambda id_: ask(device={"id": id_, "public_key": key}), theirs.device.id, nobodys("device"))
    yield both(lambda key: ask(device={"public_key": key}), theirs.device.public_key, Device().public_key)


def refresh(stage: Stage) -> Iterator[Pair]:
    token = str(stage.victim.field.session["refresh_token"])
    yield both(stage.admin.refresh, token, token[:-8] + "AAAAAAAA")


def sign_out(stage: Stage) -> Iterator[Pair]:
    token = str(stage.victim.field.session["refresh_token"])
    yield both(stage.admin.sign_out, token, token[:-8] + "AAAAAAAA")


def hello(stage: Stage) -> Iterator[Pair]:
    body: Json = {"protocol": 1, "rows": 1, "app_version": "1", "outbox": {"count": 0}, "device_time": NOW}
    known = [[stage.victim.field.mirror.seq, stage.victim.field.mirror.nonce]]
    yield both(lambda it: stage.admin.post("/v1/hello", {**body, "checkpoints": it}), known, [[10**9, 1]])
    cursor = stage.victim.field.mirror.cursor
    yield both(lambda it: stage.admin.post("/v1/hello", {**body, "cursor": it}), cursor, "x")


def push(stage: Stage) -> Iterator[Pair]:
    client, victim, own = stage.admin, stage.victim, stage.attacker.order

    def ask(mutation: Json) -> httpx.Response:
        return client.push_sealed(client.device.seal(mutation))

    def of(order: Json) -> Json:
        return client.edit("work_order", order, title="Mine")

    nobody = {**victim.order, **dict.fromkeys(("id", "aggregate_id"), new_id())}
    yield both(ask, of(victim.order), of(nobody))
    yield both(ask, client.comment(victim.order), client.comment(nobody))
    yield both(lambda id_: ask(client.mutation("work_order.delete", id_)), victim.order["id"], new_id())
    yield both(lambda id_: ask({**client.comment(own), "id": id_}), stage.pushed["id"], nobodys("comment"))
    yield both(
        lambda id_: ask({**client.comment(own), "mutation_id": id_}), stage.pushed["mutation_id"], nobodys("mutation")
    )
    yield both(lambda id_: ask({**client.comment(own), "group": id_}), stage.pushed["group"], new_id())
    yield both(lambda id_: ask(client.comment(own, author_id=id_)), victim.technician["id"], new_id())
    yield both(lambda id_: ask(client.edit("work_order", own, site_id=id_)), victim.site["id"], new_id())
    assignment = {"work_order_id": own["id"]}
    yield both(
        lambda id_: ask(client.create("work_order_assignment", aggregate_id=own["id"], **assignment, person_id=id_)),
        victim.technician["id"],
        new_id(),
    )
    yield both(
        lambda id_: ask(client.create("team_member", aggregate_id=id_, team_id=id_, person_id=client.person_id)),
        stage.team["id"],
        new_id(),
    )
    for theirs in (victim.field, victim.office):
        yield both(
            lambda signer: ask({**client.comment(own), "signer": signer}),
            {"user": theirs.person_id, "device": theirs.device.id},
            {"user": new_id(), "device": new_id()},
        )
    yield both(
        lambda number: ask(client.create("work_order", number=number, title="T", site_id=own["site_id"])),
        victim.order["number"],
        new_id(),
    )
    foreign = replace(client, device=replace(victim.field.device, key=client.device.key))
    stranger = replace(client, device=replace(client.device, id=new_id()))
    yield both(lambda who: who.push_sealed(who.device.seal(who.comment(own))), foreign, stranger)


def pull(stage: Stage) -> Iterator[Pair]:
    ask = lambda cursor: stage.admin.post("/v1/pull", {"cursor": cursor})  # noqa: E731
    yield both(ask, stage.victim.field.mirror.cursor, "x")
    yield both(ask, stage.token, "x")


def sync(stage: Stage) -> Iterator[Pair]:
    """Both halves as they are attacked alone; pushes of nobody's rows make the answers the same."""
    client, own = stage.admin, stage.attacker.order
    ask = lambda cursor: client.post("/v1/sync", {"pull": {"cursor": cursor}})  # noqa: E731
    yield both(ask, stage.victim.field.mirror.cursor, "x")
    yield both(ask, stage.token, "x")

    def ask_both(mutation: Json) -> httpx.Response:
        push = client.body_of(client.device.seal(mutation))
        cursor = json.dumps({"cursor": client.mirror.cursor}).encode()
        response = client.request("POST", "/v1/sync", content=b'{"push":' + push + b',"pull":' + cursor + b"}")
        return httpx.Response(response.status_code, json=lines_of(response)[0][1], request=response.request)

    nobody = {**stage.victim.order, **dict.fromkeys(("id", "aggregate_id"), new_id())}
    yield both(ask_both, client.comment(stage.victim.order), client.comment(nobody))
    yield both(lambda id_: ask_both({**client.comment(own), "group": id_}), stage.pushed["group"], new_id())


def events(stage: Stage) -> Iterator[Pair]:
    """What a stream says at once, and the first poke: the clock of the attacker's own organization."""

    def ask(known: object) -> httpx.Response:
        headers = {**stage.admin.credentials(), "Last-Event-ID": str(known)}
        with stage.admin.http.stream("GET", f"{stage.admin.url}/v1/events", headers=headers) as response:
            said = list(takewhile(lambda line: line != "data", response.iter_lines()))
        return httpx.Response(response.status_code, text="\n".join(said), request=response.request)

    yield both(ask, stage.victim.field.mirror.seq + 10**6, 10**9)
    yield both(ask, stage.victim.organization.id, new_id())


def bootstrap(stage: Stage) -> Iterator[Pair]:
    def ask(**body: Any) -> httpx.Response:
        return stage.admin.post("/v1/bootstrap", {"scope": "org:catalog", **body})

    for kind, id_ in (
        ("user", stage.victim.technician["id"]),
        *((k, stage.victim.site["id"]) for k in ("review", "site", "stock", "assets")),
    ):
        yield both(lambda scope: ask(scope=scope), f"{kind}:{id_}", f"{kind}:{new_id()}")
    yield both(lambda token: ask(token=token), stage.token, "x")
    yield both(lambda cursor: ask(cursor=cursor), stage.victim.field.mirror.cursor, "x")


def fill(stage: Stage) -> Iterator[Pair]:
    """Somebody else's scopes with one's own cursor, and somebody else's cursor."""

    def ask(**body: Any) -> httpx.Response:
        said = {"scope": "org:catalog", "cursor": stage.admin.mirror.cursor, "rows": 1, "upto": 9, **body}
        return stage.admin.post("/v1/fill", said)

    for kind, id_ in (
        ("user", stage.victim.technician["id"]),
        *((k, stage.victim.site["id"]) for k in ("review", "site", "stock", "assets")),
    ):
        yield both(lambda scope: ask(scope=scope), f"{kind}:{id_}", f"{kind}:{new_id()}")
    yield both(lambda cursor: ask(cursor=cursor), stage.victim.field.mirror.cursor, "x")


def verify(stage: Stage) -> Iterator[Pair]:
    """Somebody else's scopes, and somebody else's records in one's own list: both are as good as nobody's."""

    def ask(scope: str = "org:catalog", *ids: Any) -> httpx.Response:
        aggregates = pack_digests({str(id_): 0 for id_ in ids})
        return stage.admin.post("/v1/verify", {"scope": scope, "aggregates": aggregates})

    for kind, id_ in (
        ("user", stage.victim.technician["id"]),
        *((k, stage.victim.site["id"]) for k in ("review", "site", "stock", "assets")),
    ):
        yield both(ask, f"{kind}:{id_}", f"{kind}:{new_id()}")

    def without(id_: object) -> httpx.Response:
        """The answer to a list with an id in it, which comes back, packed as it was or not, as a leave."""
        response = ask("org:catalog", id_)
        text = json.dumps(lines_of(response)).replace(str(id_), "asked")
        return httpx.Response(response.status_code, text=text, request=response.request)

    yield both(without, stage.victim.order["id"], new_id())


def blob(method: str) -> Callable[[Stage], Iterator[Pair]]:
    def attack(stage: Stage) -> Iterator[Pair]:
        for headers in ({}, {"Upload-Offset": "5", "Upload-Length": str(len(stage.blob))}):
            yield both(
                lambda sha256: stage.admin.request(
                    method,
                    f"/v1/blobs/{sha256}",
                    content=b"xx" if method == "PATCH" else None,
                    headers=headers,  # noqa: B023
                ),
                stage.sha256,
                secrets.token_hex(32),
            )

    return attack


def health(path: str) -> Callable[[Stage], Iterator[Pair]]:
    def attack(stage: Stage) -> Iterator[Pair]:
        headers = {"X-Organization": stage.victim.organization.id}
        yield stage.admin.request("GET", path, headers=headers), stage.admin.request("GET", path)

    return attack


ORDER = "/v1/office/work-orders/{order_id}"
ATTACKS: dict[tuple[str, str], Callable[[Stage], Iterator[Pair]]] = {
    ("POST", "/v1/sign-in"): sign_in,
    ("POST", "/v1/refresh"): refresh,
    ("POST", "/v1/sign-out"): sign_out,
    ("POST", "/v1/standing"): lambda stage: attacks_on.standing(stage.admin, stage.attacker, stage.victim),
    ("POST", "/v1/sealed"): lambda stage: attacks_on.sealed(stage.admin, stage.attacker, stage.victim),
    ("POST", "/v1/wiped"): lambda stage: attacks_on.wiped(stage.admin, stage.attacker, stage.victim, stage.command_id),
    ("POST", "/v1/hello"): hello,
    ("POST", "/v1/push"): push,
    ("POST", "/v1/pull"): pull,
    ("POST", "/v1/sync"): sync,
    ("GET", "/v1/events"): events,
    ("POST", "/v1/bootstrap"): bootstrap,
    ("POST", "/v1/fill"): fill,
    ("POST", "/v1/verify"): verify,
    ("HEAD", "/v1/blobs/{sha256}"): blob("HEAD"),
    ("PATCH", "/v1/blobs/{sha256}"): blob("PATCH"),
    ("GET", "/v1/blobs/{sha256}"): blob("GET"),
    ("GET", "/v1/office/work-orders"): office_attacks.list_orders,
    ("GET", ORDER): office_attacks.show_order,
    ("PATCH", ORDER): office_attacks.edit_order,
    ("POST", ORDER + "/assignment"): office_attacks.assign,
    ("POST", "/v1/office/teams/{team_id}/members"): office_attacks.join_team,
    ("GET", "/livez"): health("/livez"),
    ("GET", "/readyz"): health("/readyz"),
}
OPEN = {
    ("POST", "/v1/sign-in"),
    ("POST", "/v1/refresh"),
    ("POST", "/v1/sign-out"),
    ("POST", "/v1/standing"),
    ("POST", "/v1/sealed"),
    ("POST", "/v1/wiped"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
}
"""Addresses that need no access token."""
GUARDED = sorted(ATTACKS.keys() - OPEN)


def listed(server: Server) -> set[tuple[str, str]]:
    schema = server.http.get(f"{server.url}/schema/openapi.json").json()
    return {(method.upper(), path) for path, methods in schema["paths"].items() for method in methods}


def test_every_address_is_attacked(server: Server) -> None:
    assert listed(server) == set(ATTACKS)


def plain(response: httpx.Response) -> str:
    """The answer without what differs each time."""
    if response.headers.get("content-encoding") == "zstd":
        return json.dumps(lines_of(response))
    return VARIABLE_PATTERN.sub("", response.text)


@pytest.mark.parametrize("address", sorted(ATTACKS), ids=" ".join)
def test_another_organization_gets_and_changes_nothing(stage: Stage, address: tuple[str, str]) -> None:
    ids, before = stage.ids(), stage.state()
    pairs = list(ATTACKS[address](stage))
    assert pairs
    for pair in pairs:
        assert_reveals_nothing(pair, ids)
    assert stage.state() == before


def assert_reveals_nothing(pair: Pair, ids: set[str]) -> None:
    """What is the victim's is answered like what is nobody's, and holds no word of the victim."""
    known, unknown = pair
    assert known.status_code == unknown.status_code, (known.text, unknown.text)
    assert plain(known) == plain(unknown)
    assert known.status_code < 500
    sent = known.request.content.decode("utf-8", "replace") + str(known.request.url)
    text = plain(known)
    assert MARKER not in text.replace(sent, "")
    assert [id_ for id_ in ids if id_ in text and id_ not in sent] == []
    if known.status_code >= 400 and known.request.method != "HEAD":
        assert known.headers["content-type"].startswith("application/problem+json")
        assert known.json()["code"] in CODES


@settings(max_examples=12, derandomize=True, phases=[Phase.generate])
@given(st.lists(st.tuples(st.sampled_from(sorted(ATTACKS)), st.integers(1, 4)), min_size=3, max_size=12))
def test_invariant_28_no_sequence_of_requests_changes_or_reveals_another_organization(
    stage: Stage, sequence: list[tuple[tuple[str, str], int]]
) -> None:
    """Attacks in any order, interleaved: what one has left behind opens no door to the next."""
    ids, before = stage.ids(), stage.state()
    under_way: dict[tuple[str, str], Iterator[Pair]] = {}
    for address, requests in sequence:
        attack = under_way.setdefault(address, ATTACKS[address](stage))
        for pair in islice(attack, requests):
            assert_reveals_nothing(pair, ids)
    assert stage.state() == before
    assert stage.victim.field.sync().of("work_order").keys() == {stage.victim.order["id"]}


def address_of(stage: Stage, address: tuple[str, str]) -> tuple[str, str]:
    """An address with the victim's own ids in it."""
    method, path = address
    ids = {"order_id": stage.victim.order["id"], "team_id": stage.team["id"], "sha256": stage.sha256}
    return method, path.format(**ids)


def ask(stage: Stage, address: tuple[str, str], **headers: str) -> httpx.Response:
    method, path = address_of(stage, address)
    content = b"{}" if method in {"POST", "PATCH"} else None
    sent = {"Content-Type": "application/json", **headers}
    return stage.victim.field.http.request(method, stage.victim.field.url + path, content=content, headers=sent)


def code(response: httpx.Response) -> tuple[int, str]:
    if response.request.method == "HEAD":
        return response.status_code, {401: "session_expired", 403: "device_revoked"}.get(response.status_code, "")
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("address", GUARDED, ids=" ".join)
def test_nothing_is_served_without_a_token_of_this_server(stage: Stage, address: tuple[str, str]) -> None:
    client = stage.victim.field
    access = Access(stage.victim.organization.id, client.person_id, client.device.id)
    ended, _ = stage.victim.organization.server.services.tokens.issue(
        access, at=datetime.now(UTC) - timedelta(minutes=11)
    )
    foreign, _ = AccessTokens(secrets.token_bytes(32)).issue(access, at=datetime.now(UTC))
    for token in (ended, foreign, "x", str(client.session["refresh_token"])):
        proof = replace(client, session={"access_token": token}).credentials()
        assert code(ask(stage, address, **proof)) == (401, "session_expired")
    assert code(ask(stage, address)) == (401, "session_expired")


@pytest.mark.parametrize("address", GUARDED, ids=" ".join)
def test_no_token_is_worth_anything_without_its_devices_proof(stage: Stage, address: tuple[str, str]) -> None:
    token = f"Bearer {stage.victim.field.session['access_token']}"
    thief = replace(stage.admin, session=stage.victim.field.session)
    for proof in ("", "x", stage.admin.credentials()["Device-Proof"], thief.credentials()["Device-Proof"]):
        response = ask(stage, address, **{"Authorization": token, "Device-Proof": proof})
        assert code(response) == (403, "device_revoked")


@pytest.mark.parametrize("address", GUARDED, ids=" ".join)
def test_a_revoked_device_is_served_nothing(stage: Stage, address: tuple[str, str]) -> None:
    organization = stage.victim.organization
    client = organization.device(stage.victim.technician)
    organization.ask("update device set revoked_at = now() where id = %s", client.device.id)
    assert code(ask(stage, address, **client.credentials())) == (403, "device_revoked")


def test_the_server_shows_nothing_of_itself(server: Server) -> None:
    for path in ("/livez", "/v1/pull", "/nothing"):
        headers = {name.lower() for name in server.http.get(server.url + path).headers}
        assert not headers & {"x-powered-by", "x-litestar", "via"}
