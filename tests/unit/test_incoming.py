"""Mutations as they arrive: one whose names break the program is refused alone, and reported."""

from typing import Any

import msgspec
import pytest

from sync_server.application import incoming
from sync_server.contract.messages import Base, Clock, Mutation
from sync_server.contract.version import MUTATION

ID = "00000000-0000-4000-8000-00000000000{}"


def remark(number: int, text: str) -> Mutation:
    place = {"mutation_id": ID.format(number), "group": ID.format(number), "device_seq": number, "prev": ""}
    what = {"type": "comment.create", "entity": "comment", "id": ID.format(number), "aggregate_id": ID.format(9)}
    author = {"device": ID.format(7), "user": ID.format(8), "at": Clock(device="2026-03-12T07:00:00.000000Z")}
    return Mutation(
        **place, **what, **author, v=MUTATION, base=Base(epoch="", version=0, seq=0), set={"text": (None, text)}
    )


@pytest.mark.expects_warnings
def test_what_names_things_in_a_way_that_breaks_the_program_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reads = incoming.reads

    def fragile(mutation: Any) -> Any:
        if mutation.set["text"][1] == "poison":
            raise ValueError("a secret value")
        return reads(mutation)

    monkeypatch.setattr(incoming, "reads", fragile)
    before, broken, after = (incoming.received(remark(at, said)) for at, said in ((1, "a"), (2, "poison"), (3, "b")))
    assert [each.problem for each in (before, broken, after)] == [None, incoming.UNREADABLE, None]
    assert (bool(before.reads), broken.reads) == (True, ())
    assert "could not be told" in caplog.text


def test_a_type_longer_than_any_is_refused_before_anybody_keeps_it_in_mind() -> None:
    endless = msgspec.structs.replace(remark(1, "a"), type="comment." + "x" * incoming.LONGEST_TYPE)
    assert incoming.received(endless).problem == incoming.UNKNOWN
