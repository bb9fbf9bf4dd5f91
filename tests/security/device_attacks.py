"""Attacks on what devices call: with something of the victim, and with something of nobody."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Any

import httpx

from sync_server.contract.codec import pack_digests
from tests.security.attacked import Pair, Stage, both, nobodys
from tests.support.device_side import Device, Json, encoded, lines_of
from tests.support.server_side import NOW, PASSWORD, new_id


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


def subscribe(stage: Stage) -> Iterator[Pair]:
    """Only the own device is ever meant, whatever else is said."""
    keys = {"endpoint": "https://push.example.com/1", "p256dh": encoded(b"\x04" * 65), "auth": encoded(b"a" * 16)}

    def ask(**said: object) -> httpx.Response:
        content = json.dumps({**keys, **said}).encode()
        return stage.admin.request("PUT", "/v1/push-subscription", content=content)

    yield both(lambda id_: ask(device_id=id_), stage.victim.field.device.id, new_id())
    yield both(lambda id_: ask(organization_id=id_), stage.victim.organization.id, new_id())


def unsubscribe(stage: Stage) -> Iterator[Pair]:
    path = "/v1/push-subscription?device_id="
    yield both(lambda id_: stage.admin.request("DELETE", f"{path}{id_}"), stage.victim.field.device.id, new_id())
