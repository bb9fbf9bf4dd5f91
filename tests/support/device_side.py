"""A device as the server sees it: a key, a chain of sealed mutations, tokens with their proofs, requests.

Keeps what it pulled in a `Mirror`. It is no replica: no outbox, no replay; it says exactly what a test tells it to.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync_server.contract.fields import Scalar
from sync_server.contract.messages import PushAnswer
from sync_server.contract.rules.chain import digest_of, proof_input, seal_input
from sync_server.contract.rules.draft import level_id
from tests.support.mirror import Mirror

Json = dict[str, Any]
AT: Json = {"device": "2026-03-02T08:30:00.000000Z", "offset_ms": 0}


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(slots=True)
class Device:
    """A key and the chain of what was sealed with it."""

    id: str = field(default_factory=lambda: str(uuid4()))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seq: int = 0
    head: str = ""

    @property
    def public_key(self) -> str:
        return encoded(self.key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        return encoded(self.key.sign(message))

    def seal(self, *mutations: Json) -> list[bytes]:
        """Give mutations their places in the chain, and their bytes."""
        return [self.seal_text(json.dumps(mutation)) for mutation in mutations]

    def seal_text(self, text: str) -> bytes:
        """Seal the text of a JSON object, whatever it says."""
        self.seq += 1
        place = json.dumps({"device_seq": self.seq, "prev": self.head})[:-1]
        sealed = (place + "," + text.lstrip()[1:]).encode("utf-8", "surrogatepass")
        self.head = digest_of(sealed)
        return sealed

    def seal_of(self, sealed: list[bytes], *, last_seq: int | None = None) -> Json:
        """The seal over some neighbours, the last of which is this device's newest unless told otherwise."""
        to_seq = self.seq if last_seq is None else last_seq
        from_seq, head = to_seq - len(sealed) + 1, digest_of(sealed[-1])
        sig = self.sign(seal_input(self.id, from_seq=from_seq, to_seq=to_seq, head=head))
        return {"from_seq": from_seq, "to_seq": to_seq, "head": head, "sig": sig}


@dataclass(slots=True)
class Client:
    """A signed-in device."""

    url: str
    slug: str
    login: str
    http: httpx.Client
    device: Device
    session: Json = field(default_factory=dict)
    mirror: Mirror = field(default_factory=Mirror)

    @property
    def person_id(self) -> str:
        return str(self.session["person_id"])

    # ---- requests

    def request(
        self, method: str, path: str, *, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send one request as this device."""
        sent = {**self.credentials(), **(headers or {})}
        return self.http.request(method, self.url + path, content=content, headers=sent)

    def post(self, path: str, body: Json) -> httpx.Response:
        return self.request("POST", path, content=json.dumps(body).encode())

    def credentials(self) -> dict[str, str]:
        token = str(self.session.get("access_token", ""))
        if not token:
            return {"Content-Type": "application/json"}
        return {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "Device-Proof": self.device.sign(proof_input(token)),
        }

    def sign_in(self, password: str) -> Json:
        """Sign in and keep the tokens."""
        identity = {"id": self.device.id, "public_key": self.device.public_key, "name": "Tablet", "app_version": "0.1"}
        body = {"organization": self.slug, "login": self.login, "password": password, "device": identity}
        self.session = _good(self.post("/v1/sign-in", body))
        return self.session

    def refresh(self, token: str | None = None) -> httpx.Response:
        """Ask for the next refresh token, keeping nothing."""
        return self._with_refresh_token("refresh", token or str(self.session["refresh_token"]))

    def sign_out(self, token: str | None = None) -> httpx.Response:
        """Ask for the end of the session."""
        return self._with_refresh_token("sign-out", token or str(self.session["refresh_token"]))

    def _with_refresh_token(self, what: str, token: str) -> httpx.Response:
        proof = {"Device-Proof": self.device.sign(proof_input(token))}
        content = json.dumps({"refresh_token": token}).encode()
        return self.request("POST", f"/v1/{what}", content=content, headers=proof)

    def hello(self, **changes: Any) -> Json:
        body: Json = {"protocol": 1, "rows": 1, "app_version": "0.1", "outbox": {"count": 0}, "cursor": None}
        body |= {"device_time": "2026-03-02T08:00:00.000000Z", **changes}
        return _good(self.post("/v1/hello", body))

    # ---- mutations

    def mutation(self, type_: str, row_id: object = None, *, aggregate_id: object = None, **more: Any) -> Json:
        """One mutation, unsealed, in a group of its own; `more` replaces any of its fields."""
        row_id = str(row_id or uuid4())
        mutation_id = str(uuid4())
        made: Json = {
            "mutation_id": mutation_id,
            "device": self.device.id,
            "user": self.person_id,
            "signer": None,
            "group": mutation_id,
            "type": type_,
            "v": 1,
            "aggregate_id": str(aggregate_id or row_id),
            "entity": type_.rpartition(".")[0],
            "id": row_id,
            "base": {"epoch": self.mirror.epoch, "version": 0, "seq": self.mirror.seq},
            "set": {},
            "depends": [],
            "at": AT,
            "blobs": [],
        }
        return {**made, **more}

    def create(self, entity: str, *, aggregate_id: object = None, id_: object = None, **values: Scalar) -> Json:
        pairs = {name: [None, value] for name, value in values.items()}
        return self.mutation(f"{entity}.create", id_, aggregate_id=aggregate_id, set=pairs)

    def edit(self, entity: str, row: dict[str, Any], /, **values: Scalar) -> Json:
        """Change fields of a row from what the row says."""
        pairs = {name: [row.get(name), value] for name, value in values.items()}
        base = {"epoch": self.mirror.epoch, "version": row["version"], "seq": self.mirror.seq}
        return self.mutation(f"{entity}.set", row["id"], aggregate_id=row["aggregate_id"], set=pairs, base=base)

    def comment(self, order: dict[str, Any], text: str = "A remark.", **values: Scalar) -> Json:
        said: dict[str, Scalar] = {"work_order_id": order["id"], "author_id": self.person_id, "text": text}
        return self.create("comment", aggregate_id=order["id"], **{**said, "written_at": AT["device"], **values})

    def movement(
        self, location_id: object, part_id: object, quantity: str, *, order_id: object = None, **values: Scalar
    ) -> Json:
        """A posting of stock, of an order or of the level itself."""
        kind = "usage" if quantity.startswith("-") else "return"
        said: dict[str, Scalar] = {"stock_location_id": str(location_id), "part_id": str(part_id), "kind": kind}
        said |= {"quantity": quantity, "moved_at": AT["device"], "work_order_id": str(order_id) if order_id else None}
        aggregate_id = order_id or level_id(str(location_id), str(part_id))
        return self.create("stock_movement", aggregate_id=aggregate_id, **{**said, **values})

    # ---- push

    def body_of(self, sealed: list[bytes], *, last_seq: int | None = None, **seal: Any) -> bytes:
        """The bytes of a push of sealed mutations; `seal` replaces fields of the seal."""
        named = {**self.device.seal_of(sealed, last_seq=last_seq), **seal}
        return b'{"seal":' + json.dumps(named).encode() + b',"mutations":[' + b",".join(sealed) + b"]}"

    def push_sealed(self, sealed: list[bytes], **seal: Any) -> httpx.Response:
        return self.request("POST", "/v1/push", content=self.body_of(sealed, **seal))

    def push(self, *mutations: Json) -> list[Json]:
        """Seal and push; give the verdicts of a batch that was understood."""
        answer = _good(self.push_sealed(self.device.seal(*mutations)))
        assert [verdict["mutation_id"] for verdict in answer["verdicts"]] == [each["mutation_id"] for each in mutations]
        return list(answer["verdicts"])

    def push_one(self, mutation: Json) -> Json:
        (verdict,) = self.push(mutation)
        return verdict

    # ---- pull

    def pull(self, **body: Any) -> list[list[Any]]:
        """Pull with the mirror's cursor, or another, and give the lines without applying them."""
        return lines_of(self.post("/v1/pull", {"cursor": self.mirror.cursor, **body}))

    def bootstrap(self, scope: str, **body: Any) -> list[list[Any]]:
        return lines_of(self.post("/v1/bootstrap", {"scope": scope, "cursor": self.mirror.cursor, **body}))

    def sync(self) -> Mirror:
        """Pull, fetch new scopes, pull again, until nothing new is offered."""
        while True:
            self.mirror.apply(self.pull())
            if not self.mirror.offered:
                return self.mirror
            for scope in self.mirror.offered:
                token = None
                while True:
                    lines = self.bootstrap(scope, token=token)
                    self.mirror.apply_slice(lines)
                    token = lines[-1][1]["token"]
                    if token is None:
                        break


def together(*mutations: Json) -> list[Json]:
    """Put mutations into one group."""
    return [{**mutation, "group": mutations[0]["group"]} for mutation in mutations]


def lines_of(response: httpx.Response) -> list[list[Any]]:
    """The lines of a pull or bootstrap answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-encoding"] == "zstd"
    return [json.loads(line) for line in _plain(response).splitlines()]


def verdicts_of(response: httpx.Response) -> list[bytes]:
    """The exact bytes of each verdict of a push."""
    assert response.status_code == 200, response.text
    return [bytes(raw) for raw in msgspec.json.decode(response.content, type=PushAnswer).verdicts]


def _plain(response: httpx.Response) -> bytes:
    """httpx takes the compression off by itself where it can."""
    if response.content[:4] == zstandard.FRAME_HEADER:
        return zstandard.ZstdDecompressor().decompressobj().decompress(response.content)
    return response.content


def _good(response: httpx.Response) -> Json:
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    found: Json = response.json()
    return found
