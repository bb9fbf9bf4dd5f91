"""Where a process dies, by SIGKILL: at a statement, at a request, in front of an answer, or at some moment.

The client and the server die by their own hand, in the middle of a call of theirs; PostgreSQL by ours, while the
server speaks with it. Points are drawn by chance from a seed.
"""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import httpx
import psycopg
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from cmms_desktop.replica import connections
from cmms_desktop.replica.open_guard import Pragmas

Kind = Literal["moment", "statement", "after statement", "request", "answer", "body"]
CLIENT_KINDS: tuple[Kind, ...] = ("moment", "statement", "statement", "request", "answer")
SERVER_KINDS: tuple[Kind, ...] = (
    "moment",
    "statement",
    "after statement",
    "after statement",
    "request",
    "answer",
    "body",
)
POSTGRES_KINDS: tuple[Kind, ...] = ("moment", "statement", "statement", "after statement")
MOST: dict[Kind, int] = {"statement": 60, "after statement": 60, "request": 6, "answer": 6, "body": 6, "moment": 1}
"""Statements of a few units of work; requests of a few cycles."""
CLIENT_STATEMENTS = 900
"""Opening a store takes about a hundred, an edit twenty, a cycle some dozens."""
LONGEST_S = 0.25
"""A cycle takes some 20 ms, so that a moment falls anywhere in the first dozen of them."""


@dataclass(frozen=True)
class KillPoint:
    """The `number`th statement, request, or answer from when it is armed; or so many seconds after that."""

    kind: Kind
    number: int
    after_s: float

    @classmethod
    def draw(cls, seed: int, kinds: tuple[Kind, ...], *, statements: int = MOST["statement"]) -> "KillPoint":
        """Draw one."""
        chance = random.Random(seed)
        kind = chance.choice(kinds)
        most = statements if kind == "statement" else MOST[kind]
        return cls(kind, chance.randint(1, most), chance.uniform(0, LONGEST_S))


def die() -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()  # the signal is under way; nothing may happen until it is here


# ---- the client, in its own process


def arm_client(point: KillPoint) -> None:
    """Let this client die at a statement of its store, or at a request. A moment is the parent's business."""
    if point.kind == "statement":
        _arm_statements(point.number)
    elif point.kind in {"request", "answer"}:
        _arm_requests(point)


def _arm_statements(number: int) -> None:
    numbers, connect = count(1), connections.connect

    def traced(statement: str) -> None:
        if next(numbers) == number:
            die()

    def connect_traced(path: Path, key: bytes, pragmas: Pragmas) -> Any:
        connection = connect(path, key, pragmas)
        connection.set_trace_callback(traced)
        return connection

    connections.connect = connect_traced


def _arm_requests(point: KillPoint) -> None:
    numbers, handle = count(1), httpx.HTTPTransport.handle_request

    def handle_mortal(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        is_last = next(numbers) == point.number
        if is_last and point.kind == "request":
            die()
        response = handle(self, request)
        if is_last:
            die()
        return response

    httpx.HTTPTransport.handle_request = handle_mortal  # type: ignore[method-assign]


# ---- whoever speaks with PostgreSQL


@contextmanager
def at_round_trip(point: KillPoint, act: Callable[[], None]) -> Iterator[None]:
    """Act once, before or after the `number`th time that a thread other than this one waits for PostgreSQL's answer."""
    numbers, wait, here = count(1), psycopg.Connection.wait, threading.get_ident()

    def wait_mortal(self: psycopg.Connection[Any], *arguments: Any, **named: Any) -> Any:
        is_last = threading.get_ident() != here and next(numbers) == point.number
        if is_last and point.kind == "statement":
            act()
        answer = wait(self, *arguments, **named)
        if is_last and point.kind == "after statement":
            act()
        return answer

    with patch.object(psycopg.Connection, "wait", wait_mortal):
        yield


class MortalApp:
    """An application that dies with a request, in front of its answer, or between the head and the body of it."""

    def __init__(self, app: ASGIApp, point: KillPoint) -> None:
        self._app = app
        self._point = point
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        kinds = {"request": 0, "answer": 1, "body": 2}
        if "method" not in scope or self._point.kind not in kinds or next(self._numbers) != self._point.number:
            await self._app(scope, receive, send)
            return
        messages, last = count(1), kinds[self._point.kind]
        if last == 0:
            die()

        async def sending(message: Message) -> None:
            if next(messages) == last:
                die()
            await send(message)

        await self._app(scope, receive, sending)


def arm_server(point: KillPoint) -> None:
    """Let this server's process die at a round trip to PostgreSQL, from now on and for good."""
    if point.kind in {"statement", "after statement"}:
        at_round_trip(point, die).__enter__()


def in_a_moment(point: KillPoint, act: Callable[[], None]) -> threading.Timer | None:
    """Act after the point's time, when it is a moment. Join what this gives."""
    if point.kind != "moment":
        return None
    timer = threading.Timer(point.after_s, act)
    timer.start()
    return timer
