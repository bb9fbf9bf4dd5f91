"""Mutations of earlier versions in the present form: what is added, and that nothing of it is the bytes."""

import msgspec
import pytest

from sync_server.contract.fields import Scalar
from sync_server.contract.messages import Base, Clock, Mutation
from sync_server.contract.rules import upcasting
from sync_server.contract.rules.upcasting import STEPS, is_known, upcast
from sync_server.contract.version import MUTATION, OLDEST_MUTATION

ID = "00000000-0000-7000-8000-000000000001"
PAIRS = {"text": (None, "Seen."), "answered_at": (None, "2026-03-02T08:00:00.000000Z")}


def made(type_: str, *, v: int = 1, offset_ms: int | None = -340, **changes: tuple[Scalar, Scalar]) -> Mutation:
    at = Clock(device="2026-03-02T08:00:00.000000Z", offset_ms=offset_ms)
    entity, base = type_.rpartition(".")[0], Base(epoch="e", version=1, seq=1)
    return Mutation(
        mutation_id=ID,
        device=ID,
        user=ID,
        group=ID,
        aggregate_id=ID,
        id=ID,
        type=type_,
        v=v,
        entity=entity,
        base=base,
        set=changes or PAIRS,
        at=at,
    )


@pytest.mark.parametrize("type_", ["comment.create", "attachment.create", "signature.create", "stock_movement.create"])
def test_a_record_of_the_first_version_gets_the_offset_of_its_clock(type_: str) -> None:
    assert upcast(made(type_)).set == {**PAIRS, "offset_ms": (None, -340)}
    assert upcast(made(type_, offset_ms=None)).set["offset_ms"] == (None, None)


def test_an_answer_gets_it_with_the_time_of_the_answer() -> None:
    assert upcast(made("checklist_item.set")).set["answered_offset_ms"] == (None, -340)
    taken_back = made("checklist_item.set", result=("pass", None), answered_at=("2026", None))
    assert upcast(taken_back).set["answered_offset_ms"] == (None, None)
    assert "answered_offset_ms" not in upcast(made("checklist_item.set", note=(None, "x"))).set


def test_an_offset_that_is_no_measurement_refuses_nobodys_remark() -> None:
    assert upcast(made("comment.create", offset_ms=10**30)).set["offset_ms"] == (None, None)


def test_what_has_no_step_only_gets_the_version() -> None:
    old = made("work_order.set", title=("A", "B"))
    assert upcast(old) == msgspec.structs.replace(old, v=MUTATION)


def test_the_present_form_and_what_nobody_knows_stay_what_they_are() -> None:
    for version in (MUTATION, MUTATION + 1, 0, -3):
        mutation = made("comment.create", v=version)
        assert upcast(mutation) is mutation
    assert not is_known(MUTATION + 1)
    assert not is_known(OLDEST_MUTATION - 1)


def test_upcasting_twice_is_upcasting_once() -> None:
    for type_ in STEPS[1]:
        assert upcast(upcast(made(type_))) == upcast(made(type_))


def test_steps_follow_one_another_from_the_version_of_the_mutation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three versions back: each step sees what the one before it has made."""

    def then(word: str) -> upcasting.Step:
        def step(mutation: Mutation) -> Mutation:
            said = str(mutation.set["text"][1]) + word
            return msgspec.structs.replace(mutation, set={"text": (None, said)})

        return step

    steps = {version: {"comment.create": then(str(version))} for version in (2, 3, 4)}
    monkeypatch.setattr(upcasting, "STEPS", steps)
    monkeypatch.setattr(upcasting, "MUTATION", 5)
    monkeypatch.setattr(upcasting, "OLDEST_MUTATION", 2)
    said = {v: upcast(made("comment.create", v=v, text=(None, "x"))) for v in (1, 2, 3, 4, 5, 6)}
    texts = {v: each.set["text"][1] for v, each in said.items()}
    assert texts == {1: "x", 2: "x234", 3: "x34", 4: "x4", 5: "x", 6: "x"}
    assert {v: each.v for v, each in said.items()} == {1: 1, 2: 5, 3: 5, 4: 5, 5: 5, 6: 6}


def test_every_version_that_is_understood_has_its_steps() -> None:
    assert sorted(STEPS) == list(range(OLDEST_MUTATION, MUTATION))
