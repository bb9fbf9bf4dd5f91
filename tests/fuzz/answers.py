"""An answer as its receiver could read it: raw, without its compression, its JSON taken apart, base64 undone.

`tokens_in` is what a curious person would find; `plain` is what two answers are compared by.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import zstandard

from tests.fuzz.planted import UUID, tokens

CHANGING: Final = frozenset(
    {"commit_seq", "chain_seq", "server_time", "lease_nonce", "access_token", "refresh_token", "access_expires_at"}
    | {"received_at", "sig", "cursor", "token", "seq", "nonce"}
)
"""Members that differ whenever one asks."""
TAKEN: Final = frozenset({"applied", "merged", "conflict"})
"""Verdicts on what was taken; which of them depends on what the first of two requests has left."""
UNCOMPARED: Final = frozenset({"date", "content-length"})
"""Headers that say nothing: a length follows from the content, which is compared."""
BASE64: Final = re.compile(r"[A-Za-z0-9_+/-]{20,}={0,2}")
DEEPEST: Final = 4


@dataclass(frozen=True)
class Answer:
    """What came back. `raw`: the bytes of the body as they travelled."""

    status: int
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    @property
    def media_type(self) -> str:
        """What it says that it is."""
        return dict(self.headers).get("content-type", "").partition(";")[0]

    @property
    def body(self) -> bytes:
        """The bytes without their compression."""
        if dict(self.headers).get("content-encoding") == "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(self.raw)
        return self.raw

    @property
    def lines(self) -> list[Any]:
        """The documents in it: one, or one a line; none when it is no JSON."""
        text = self.body.decode("utf-8", "replace")
        for parts in ([text], text.splitlines()):
            with suppress(ValueError):
                return [json.loads(part) for part in parts]
        return []


def tokens_in(answer: Answer) -> set[str]:
    """Every id and canary that can be read in it."""
    found: set[str] = set()
    for text in _readings(answer):
        found |= tokens(text)
    return found


def _readings(answer: Answer) -> Iterator[str]:
    yield answer.raw.decode("latin-1")
    yield answer.body.decode("latin-1")
    yield "\n".join(f"{name}: {value}" for name, value in answer.headers)
    yield from _unfolded(answer.lines, DEEPEST)
    yield from _unfolded([value for _, value in answer.headers], DEEPEST)


def _unfolded(document: Any, deeper: int) -> Iterator[str]:
    """Give every text in a document, and what is inside of texts that are documents or base64 themselves."""
    for text in _texts(document):
        yield text
        if deeper == 0 or UUID.fullmatch(text):
            continue
        if text[:1] in {"{", "["}:
            with suppress(ValueError):
                yield from _unfolded(json.loads(text), deeper - 1)
        for run in BASE64.findall(text):
            if (inside := _decoded(run)) is not None:
                yield inside
                at = inside.find("{")
                if at >= 0:
                    yield from _unfolded(inside[at:], deeper - 1)


def _decoded(text: str) -> str | None:
    trimmed = text.rstrip("=")
    try:
        raw = base64.b64decode(trimmed.translate(URL_SAFE) + "=" * (-len(trimmed) % 4))
    except binascii.Error:
        return None
    return raw.decode("latin-1")


URL_SAFE: Final = str.maketrans("-_", "+/")


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for part in document:
            yield from _texts(part)
    elif isinstance(document, dict):
        for name, part in document.items():
            yield name
            yield from _texts(part)


def plain(answer: Answer, named: Iterable[tuple[str, str]], *, only_first_line: bool = False) -> str:
    """Write an answer without what the request named, what the server made up, and what changes all the time."""
    lines = answer.lines[:1] if only_first_line else answer.lines
    text = "\n".join(sorted(json.dumps(_still(line)) for line in lines)) or answer.body.decode("latin-1")
    headers = sorted((name, value) for name, value in answer.headers if name not in UNCOMPARED)
    text = json.dumps([answer.status, headers]) + text
    for label, value in sorted(named, key=lambda pair: -len(pair[1])):
        text = text.replace(value, label)
    made_up: dict[str, str] = {}
    return UUID.sub(lambda found: made_up.setdefault(found[0], f"<made up {len(made_up)}>"), text)


def _still(document: Any) -> Any:
    if isinstance(document, list):
        parts = [_still(part) for part in document]
        is_unordered = parts[:1] in (["leave"], ["join"], ["rows"])  # PostgreSQL gives them as it finds them
        return [*parts[:-1], sorted(parts[-1], key=json.dumps)] if is_unordered else parts
    if isinstance(document, dict):
        still = {name: "…" if name in CHANGING else _still(part) for name, part in document.items()}
        if document.get("status") in TAKEN:
            still |= {"status": "taken", "conflicts": "…"}
        return still
    return document
