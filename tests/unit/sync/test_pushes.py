"""Two batches are under way; sealing the next and writing down the last overlap with the server's work."""

from collections.abc import Callable, Iterable
from contextlib import closing
from threading import Event
from typing import Any
from unittest.mock import Mock

import pytest

from cmms_desktop.errors import Refused, ServerUnreachable
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.sync.answers import Pushed
from cmms_desktop.sync.outgoing import Outgoing
from cmms_desktop.sync.pushes import answered
from cmms_desktop.sync.report import Report, unheard
from sync_server.contract.messages import PushAnswer, PushRequest, Seal, Verdict

WITHIN_S = 60.0


def batch(number: int) -> SealedBatch:
    return SealedBatch((), Seal(from_seq=number, to_seq=number, head="", sig=""))


def accepted(number: int) -> Pushed:
    return Pushed([Verdict(mutation_id=str(number), status="applied", commit_seq=number)])


class Device:
    """An outbox of some batches, with a note of what happened."""

    def __init__(self, count: int, answer: Callable[[int], Pushed] = accepted) -> None:
        self._count = count
        self._answer = answer
        self.sealed = [1]
        self.sent: list[int] = []
        self.second_sealed, self.second_sent = Event(), Event()

    def seal_after(self, before: SealedBatch) -> SealedBatch | None:
        number = before.seal.to_seq + 1
        if number > self._count:
            return None
        self.sealed.append(number)
        self.second_sealed.set()
        return batch(number)

    def send(self, at: SealedBatch) -> Pushed:
        self.sent.append(at.seal.to_seq)
        if at.seal.to_seq == 2:
            self.second_sent.set()
        return self._answer(at.seal.to_seq)


def test_every_batch_is_sent_once_and_answered_in_order() -> None:
    device = Device(5)
    assert list(answered(batch(1), device.seal_after, device.send)) == [accepted(number) for number in range(1, 6)]
    assert sorted(device.sent) == device.sealed == [1, 2, 3, 4, 5]


def test_answers_come_in_order_though_the_second_one_is_there_first() -> None:
    device = Device(2)

    def send(at: SealedBatch) -> Pushed:
        assert at.seal.to_seq != 1 or device.second_sent.wait(WITHIN_S), "the second one leaves meanwhile"
        return device.send(at)

    assert list(answered(batch(1), device.seal_after, send)) == [accepted(1), accepted(2)]


def test_a_third_batch_is_sealed_only_when_the_first_is_answered() -> None:
    device, is_answered = Device(3), Event()

    def seal_after(before: SealedBatch) -> SealedBatch | None:
        assert before.seal.to_seq == 1 or is_answered.is_set()
        return device.seal_after(before)

    with closing(answered(batch(1), seal_after, device.send)) as coming:
        assert next(coming) == accepted(1)
        is_answered.set()
        assert list(coming) == [accepted(2), accepted(3)]


def test_the_next_batch_is_at_the_server_while_verdicts_are_written_down() -> None:
    device = Device(2)
    with closing(answered(batch(1), device.seal_after, device.send)) as coming:
        assert next(coming) == accepted(1)
        assert device.second_sent.wait(WITHIN_S)


def test_a_batch_that_leaves_slowly_keeps_nothing_from_being_written_down() -> None:
    device, leaves = Device(2), Event()

    def send(at: SealedBatch) -> Pushed:
        assert at.seal.to_seq == 1 or leaves.wait(WITHIN_S)
        return device.send(at)

    with closing(answered(batch(1), device.seal_after, send)) as coming:
        assert next(coming) == accepted(1)
        leaves.set()


@pytest.mark.parametrize("status", ["rejected", "held", "retry", "something new"])
def test_only_what_was_under_way_follows_a_batch_that_was_not_accepted_whole(status: str) -> None:
    def some_of_the_first(number: int) -> Pushed:
        return Pushed([*accepted(number).verdicts, Verdict(mutation_id="x", status=status)]) if number == 1 else late

    late = accepted(2)
    device = Device(4, some_of_the_first)
    assert list(answered(batch(1), device.seal_after, device.send)) == [some_of_the_first(1), late]
    assert device.sealed == [1, 2]


def test_nothing_is_sealed_when_earlier_changes_are_missing() -> None:
    device = Device(4, lambda number: Pushed(accepted(number).verdicts, resend_from=1))
    assert len(list(answered(batch(1), device.seal_after, device.send))) == 2
    assert device.sealed == [1, 2]


def test_a_batch_that_is_refused_as_a_whole_is_the_last() -> None:
    refusal = Refused("chain_broken", "No.")

    def refuse(number: int) -> Pushed:
        if number == 2:
            raise refusal
        return accepted(number)

    device = Device(5, refuse)
    assert list(answered(batch(1), device.seal_after, device.send)) == [accepted(1), refusal]
    assert device.sealed == [1, 2, 3], "the third was under way"


def test_a_lost_network_comes_out_and_nothing_more_is_sealed() -> None:
    def lose(number: int) -> Pushed:
        raise ServerUnreachable

    device = Device(4, lose)
    with pytest.raises(ServerUnreachable):
        list(answered(batch(1), device.seal_after, device.send))
    assert device.sealed == [1, 2]


class SlowLine:
    """A replica of three batches with its session and its server; notes what happens in which order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self._left = [batch(number) for number in (1, 2, 3)]

    def seal_next(self, **_: Any) -> SealedBatch | None:
        self.happened.append("sealed")
        return self._left.pop(0) if self._left else None

    def run(self, request: Callable[[], PushAnswer]) -> PushAnswer:
        return request()

    def push(self, _: PushRequest) -> PushAnswer:
        self.happened.append("sent")
        return PushAnswer(verdicts=[], chain_seq=0, server_time="")

    def record_verdicts(self, _: Iterable[Verdict]) -> None:
        self.happened.append("answered")


def test_on_a_line_where_changes_are_stuck_batches_go_one_by_one() -> None:
    line: Any = SlowLine()
    outgoing = Outgoing(line, line, line, Mock())
    outgoing.is_careful = True
    assert outgoing.push_all(Report(), unheard) is None
    assert line.happened == [*["sealed", "sent", "answered"] * 3, "sealed"]
