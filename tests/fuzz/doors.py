"""A request for every door of the server's own description (OpenAPI), as somebody's device would send it, or nobody's.

Doors whose requests are signed, sealed or streamed have makers here; any other is asked by its declared shape, with the
names of its fields saying what belongs there. So a new door is asked the day it is described.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sync_server.contract.codec import pack_digests
from sync_server.contract.entities import REGISTRY
from sync_server.storage.record_kinds import KINDS
from sync_server.storage.tables_changes import REACHED
from tests.fuzz.hand import Hand
from tests.fuzz.mutations import a_mutation
from tests.support.device_side import Device, Json
from tests.support.server_side import NOW, PASSWORD
from tests.support.standing_side import part_of, signed_report, signed_standing

OWN_SCOPES: Final = 0.5
BY_SHAPE: Final = 0.15
"""Share of requests by shape at doors that have a maker."""


@dataclass(frozen=True)
class Door:
    """An address of the description: its method, its path, and what it says of them."""

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass
class Request:
    """What is sent. `sealed`: changes of the device's chain in it; `push`: a push of them alone."""

    method: str
    path: str
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    sealed: list[bytes] = field(default_factory=list)
    push: bytes = b""
    is_anonymous: bool = False


Maker = Callable[[Hand], Request]


@dataclass
class Doors:
    """All doors that a server describes."""

    described: Mapping[str, Any]
    doors: list[Door] = field(init=False)

    def __post_init__(self) -> None:
        paths = self.described["paths"]
        self.doors = [
            Door(method.upper(), path, said) for path in sorted(paths) for method, said in paths[path].items()
        ]

    def choose(self, hand: Hand) -> tuple[Door, Request]:
        """Choose a door and make a request for it."""
        (door,) = hand.dice.choices(self.doors, [WEIGHTS.get(door.path, 4) for door in self.doors])
        maker = MAKERS.get(door.name)
        if maker is None or (hand.chance(BY_SHAPE) and door.name not in NEVER_BY_SHAPE):
            request = self._by_shape(door, hand)
        else:
            request = maker(hand)
        if hand.chance(0.03):
            request.headers["Authorization"] = f"Bearer {hand.id('access')}"
        if hand.chance(0.05):
            request.headers["X-Organization"] = hand.id("organization")
        return door, request

    def _by_shape(self, door: Door, hand: Hand) -> Request:
        path, query = door.path, []
        for each in door.said.get("parameters", ()):
            if each["in"] == "path":
                path = path.replace("{" + each["name"] + "}", _named(hand, each["name"]))
            elif each["in"] == "query" and hand.chance(0.5):
                query.append((each["name"], str(self._value(each["schema"], each["name"], hand))))
        content = None
        if (body := door.said.get("requestBody")) is not None:
            (schema,) = [kind["schema"] for kind in body["content"].values()][:1]
            content = json.dumps(self._value(schema, "", hand)).encode()
        words = "&".join(f"{name}={value}" for name, value in query)
        return Request(door.method, path + (f"?{words}" if words else ""), content)

    def _value(self, schema: Any, name: str, hand: Hand) -> Any:
        if "$ref" in schema:
            place = self.described
            for step in schema["$ref"].removeprefix("#/").split("/"):
                place = place[step]
            return self._value(place, name, hand)
        if kinds := (schema.get("oneOf") or schema.get("anyOf")):
            return self._value(hand.dice.choice(kinds), name, hand)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = hand.dice.choice(kind)
        if kind == "object":
            if "properties" in schema:
                needed = set(schema.get("required", ()))
                told = {key: part for key, part in schema["properties"].items() if key in needed or hand.chance(0.5)}
                return {key: self._value(part, key, hand) for key, part in told.items()}
            field_name = hand.dice.choice(["title", "site_id", "asset_id", "number", "status", "priority"])
            return {field_name: self._value(schema.get("additionalProperties") or {}, field_name, hand)}
        if kind == "array":
            parts = schema.get("prefixItems") or [schema.get("items") or {}] * hand.dice.randint(0, 2)
            return [self._value(part, name, hand) for part in parts]
        if kind == "string" or kind is None:
            return _named(hand, name)
        return {"integer": hand.dice.randint(-1, 20), "number": 1.5, "boolean": hand.chance(0.5)}.get(kind)


KIND_OF_NAME: Final = {
    "organization": "slug",
    "organization_id": "organization",
    "device_id": "device",
    "command_id": "command",
    "refresh_token": "refresh",
    "order_id": "work_order",
    "request_id": "service_request",
    "epoch": "epoch",
    "sha256": "sha256",
    "cursor": "cursor",
    "token": "token",
    "login": "login",
    "public_key": "public_key",
    "record_id": "record",
    "project_id": "record",
    "document_id": "record",
    "other_document_id": "record",
    "within": "record",
    "after": "title",  # no number: what one request has written never comes before the other's
}


def _named(hand: Hand, name: str) -> str:
    """Choose what belongs into a field of that name: an id of that kind, or any text that somebody else has written."""
    if name == "scope":
        return _scope(hand)
    if name == "aggregates":
        return _packed(hand)
    if name == "kind":
        return hand.dice.choice([*KINDS, "x"])
    if name == "state":
        return hand.dice.choice(["active", "on_hold", "in_review", "approved", "x"])
    if name == "status":
        return hand.dice.choice(["new", "assigned", "x"])
    if name == "step":
        return hand.dice.choice(["accept", "decline", "withdraw", "x"])
    if name in {"device_time", "at"}:
        return NOW
    kind = KIND_OF_NAME.get(name) or (name.removesuffix("_id") if name.removesuffix("_id") in REGISTRY else None)
    return hand.id(kind or hand.dice.choice(["text", "work_order", "person", "site", "comment"]))


def _scope(hand: Hand, *, own: float = OWN_SCOPES) -> str:
    """Choose a scope: one of the sender's, or one of anything that may have a scope."""
    if hand.chance(own):
        return hand.dice.choice(_own_scopes(hand))
    kind = hand.dice.choice(["user", "review", "site", "stock", "assets"])
    return f"{kind}:{hand.id('person' if kind == 'user' else 'site')}"


def _own_scopes(hand: Hand) -> list[str]:
    """What the sender's device holds, in the same order in every world."""
    sites = [each.value for each in hand.world.things["site"]]
    every = [f"{kind}:{site}" for kind in ("review", "site", "stock", "assets") for site in sites]
    held = hand.actor.client.mirror.members
    return ["org:catalog", f"user:{hand.actor.person_id}", *(scope for scope in every if scope in held)]


def _packed(hand: Hand) -> str:
    """A list of aggregates with digests, as `verify` takes it."""
    ids = [hand.id(hand.dice.choice(["work_order", "asset", "person", "stock_level"])) for _ in range(2)]
    return pack_digests({id_: hand.dice.randint(-9, 9) for id_ in ids})


def _cursor(hand: Hand) -> str | None:
    """The sender's own cursor, none, or somebody else's."""
    draw = hand.dice.random()
    if draw < 0.6:
        return hand.actor.client.mirror.cursor
    return None if draw < 0.75 else hand.id("cursor")


def _post(path: str, body: Json) -> Request:
    return Request("POST", path, json.dumps(body).encode())


def _pull(hand: Hand) -> Request:
    return _post("/v1/pull", {"cursor": _cursor(hand)})


def _bootstrap(hand: Hand) -> Request:
    token = hand.id("token") if hand.chance(0.2) else None
    return _post("/v1/bootstrap", {"scope": _scope(hand), "token": token, "cursor": _cursor(hand)})


def _fill(hand: Hand) -> Request:
    said: Json = {"scope": _scope(hand), "cursor": _cursor(hand) or "", "rows": hand.dice.randint(0, 3), "upto": 9}
    if hand.chance(0.3):
        said["after"] = hand.id("work_order")
    return _post("/v1/fill", said)


def _verify(hand: Hand) -> Request:
    return _post("/v1/verify", {"scope": _scope(hand), "aggregates": _packed(hand) if hand.chance(0.6) else ""})


def _hello(hand: Hand) -> Request:
    body: Json = {"protocol": 1, "rows": 1, "app_version": "1", "outbox": {"count": 0}, "device_time": NOW}
    body |= {"cursor": _cursor(hand), "lease_nonce": "n"}
    if hand.chance(0.3):
        body["epoch"] = hand.id("epoch")
    if hand.chance(0.3):
        body["confirmed"] = [hand.id("command")]
    return _post("/v1/hello", body)


def _sealed_push(hand: Hand) -> tuple[bytes, list[bytes]]:
    client = hand.actor.client
    mutations = [a_mutation(hand) for _ in range(hand.dice.choice([1, 1, 2]))]
    if len(mutations) == 2 and hand.chance(0.3):
        mutations[1]["group"] = mutations[0]["group"]
    sealed = client.device.seal(*mutations)
    return client.body_of(sealed), sealed


def _push(hand: Hand) -> Request:
    content, sealed = _sealed_push(hand)
    return Request("POST", "/v1/push", content, sealed=sealed, push=content)


def _sync(hand: Hand) -> Request:
    pull = json.dumps({"cursor": _cursor(hand)}).encode()
    if hand.chance(0.3):
        return Request("POST", "/v1/sync", b'{"pull":' + pull + b"}")
    content, sealed = _sealed_push(hand)
    return Request("POST", "/v1/sync", b'{"push":' + content + b',"pull":' + pull + b"}", sealed=sealed, push=content)


def _events(hand: Hand) -> Request:
    known = str(hand.dice.choice([0, hand.actor.client.mirror.seq, 10**9])) if hand.chance(0.8) else hand.id("device")
    return Request("GET", "/v1/events", headers={"Last-Event-ID": known})


def _sign_in(hand: Hand) -> Request:
    device = Device()
    identity = {"id": hand.fresh(), "public_key": device.public_key, "name": "T", "app_version": "1"}
    body: Json = {"organization": hand.actor.client.slug, "login": hand.actor.login, "device": identity}
    wrong = hand.dice.choice(["organization", "login", "both", "device", "nothing"])
    body["password"] = PASSWORD if wrong == "nothing" or hand.chance(0.3) else "another one"
    if wrong in {"organization", "both"}:
        body["organization"] = hand.id("slug", own=0)
    if wrong in {"login", "both"}:
        body["login"] = hand.id("login", own=0)
    if wrong == "both":
        body["password"] = "another one"  # with the right one they would be let in
    if wrong == "device":
        body["device"] = {**identity, "id": hand.id("device", own=0)}
    made = _post("/v1/sign-in", body)
    made.is_anonymous = True
    return made


def _with_refresh(path: str) -> Maker:
    def make(hand: Hand) -> Request:
        return _post(path, {"refresh_token": hand.id("refresh", own=0.3)})

    return make


def _standing(hand: Hand) -> Request:
    body = signed_standing(hand.actor.client.device, hand.actor.organization.id)
    return _anonymous("/v1/standing", body, hand)


def _handed_in(hand: Hand) -> Request:
    whole = b"x" * 300
    return _anonymous("/v1/sealed", part_of(hand.actor.client.device, hand.actor.organization.id, whole), hand)


def _wiped(hand: Hand) -> Request:
    device = hand.actor.client.device
    body = signed_report(device, hand.id("organization"), hand.id("command", own=0))
    return _anonymous("/v1/wiped", body, hand)


def _anonymous(path: str, body: Json, hand: Hand) -> Request:
    """What a device says without a session, with something of others put in after it has signed."""
    for name, kind in (("organization_id", "organization"), ("device_id", "device"), ("sha256", "sealed")):
        if name in body and hand.chance(0.4):
            body[name] = hand.id(kind)
    made = _post(path, body)
    made.is_anonymous = True
    return made


def _bytes(method: str) -> Maker:
    def make(hand: Hand) -> Request:
        headers = {}
        if method == "PATCH":
            headers = {"Upload-Offset": str(hand.dice.choice([0, 0, 5])), "Upload-Length": "63"}
        elif method == "GET" and hand.chance(0.2):
            headers = {"Range": "bytes=3-"}
        content = b"xx" if method == "PATCH" else None
        return Request(method, f"/v1/blobs/{hand.id('sha256')}", content, headers)

    return make


def _make_record(hand: Hand) -> Request:
    """A record of the office with a value in each field that may be given."""
    kind = KINDS[hand.dice.choice(list(KINDS))]
    values: Json = {}
    reached = hand.dice.choice(list(REACHED))
    for name in kind.given:
        column = kind.columns[name]
        if name in REACHED and kind.name == "change_impact" and name != reached:
            continue  # one thing at a time
        is_asset = name.removesuffix("_id") in REGISTRY
        words = hand.dice.choice(column.words) if column.words else _named(hand, name if is_asset else RECORDED[name])
        values[name] = {"date": NOW[:10], "integer": 2}.get(column.kind, words)
    return _post(f"/v1/office/records/{kind.path}", {"values": values})


RECORDED: Final = {
    **dict.fromkeys(("code", "name", "number", "title", "file_name", "change_note", "sha256"), "title"),
    **dict.fromkeys(("manager_id", "owner_id"), "person_id"),
    **dict.fromkeys(("project_id", "document_id", "other_document_id"), "record_id"),
    **dict.fromkeys(("procedure_id", "procedure_version_id", "change_request_id"), "record_id"),
    **dict.fromkeys(("reason", "note", "needed_approvals"), "title"),
    **dict.fromkeys(("from_on", "until_on", "kind", "steps", "results"), "title"),
    "sha256": "sha256",
}
"""What belongs into fields of records."""
MAKERS: Final[dict[str, Maker]] = {
    "POST /v1/office/records/{kind}": _make_record,
    "POST /v1/pull": _pull,
    "POST /v1/bootstrap": _bootstrap,
    "POST /v1/fill": _fill,
    "POST /v1/verify": _verify,
    "POST /v1/hello": _hello,
    "POST /v1/push": _push,
    "POST /v1/sync": _sync,
    "GET /v1/events": _events,
    "POST /v1/sign-in": _sign_in,
    "POST /v1/refresh": _with_refresh("/v1/refresh"),
    "POST /v1/sign-out": _with_refresh("/v1/sign-out"),
    "POST /v1/standing": _standing,
    "POST /v1/sealed": _handed_in,
    "POST /v1/wiped": _wiped,
    "HEAD /v1/blobs/{sha256}": _bytes("HEAD"),
    "PATCH /v1/blobs/{sha256}": _bytes("PATCH"),
    "GET /v1/blobs/{sha256}": _bytes("GET"),
}
NEVER_BY_SHAPE: Final = frozenset({"GET /v1/events", "POST /v1/sign-in", "POST /v1/refresh", "POST /v1/sign-out"})
"""Doors whose session a request by shape could end."""
WEIGHTS: Final = {"/v1/push": 30, "/v1/sync": 12, "/v1/pull": 10, "/v1/bootstrap": 14, "/v1/events": 0.5, "/livez": 1}
"""How often a door is chosen; 4 where nothing is said."""
