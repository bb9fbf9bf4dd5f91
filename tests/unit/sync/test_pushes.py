"""Batches go one after another; sealing the next and writing down the last overlap with the server's work."""

from collections.abc import Callable
from contextlib import closing
from threading import Event

import pytest

from cmms_desktop.errors import Refused, ServerUnreachable
from cmms_desktop.replica.sealing import SealedBatch
from cmms_desktop.sync.answers import Pushed
from cmms_desktop.sync.pushes import answered
from sync_server.contract.messages import Seal, Verdict

WITHIN_S = 60.0


def batch(number: int) -> SealedBatch:
    return SealedBatch((), Seal(from_seq=number, to_seq=number, head="", sig=""))


def accepted(number: int) -> Pushed:
    return Pushed([Verdict(mutation_id=str(number), status="applied", commit_seq=number)])


class Device:
    """An outbox of some batches, with a note of what happened in which order."""

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
    device = Device(3)
    assert list(answered(batch(1), device.seal_after, device.send)) == [accepted(1), accepted(2), accepted(3)]
    assert device.sent == device.sealed == [1, 2, 3]


def test_the_next_batch_is_sealed_while_the_one_before_is_at_the_server() -> None:
    device = Device(2)

    def send(at: SealedBatch) -> Pushed:
        assert at.seal.to_seq != 1 or device.second_sealed.wait(WITHIN_S)
        return device.send(at)

    assert len(list(answered(batch(1), device.seal_after, send))) == 2


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
def test_nothing_follows_a_batch_that_was_not_accepted_whole(status: str) -> None:
    device = Device(3, lambda number: Pushed([*accepted(number).verdicts, Verdict(mutation_id="x", status=status)]))
    assert len(list(answered(batch(1), device.seal_after, device.send))) == 1
    assert device.sent == [1], "the second one is sealed and waits"


def test_nothing_follows_when_earlier_changes_are_missing() -> None:
    device = Device(3, lambda number: Pushed(accepted(number).verdicts, resend_from=1))
    assert len(list(answered(batch(1), device.seal_after, device.send))) == 1
    assert device.sent == [1]


def test_a_batch_that_is_refused_as_a_whole_is_the_last() -> None:
    refusal = Refused("chain_broken", "No.")

    def refuse(number: int) -> Pushed:
        if number == 2:
            raise refusal
        return accepted(number)

    device = Device(4, refuse)
    assert list(answered(batch(1), device.seal_after, device.send)) == [accepted(1), refusal]
    assert device.sent == [1, 2]


def test_a_lost_network_comes_out_and_nothing_more_is_sent() -> None:
    def lose(number: int) -> Pushed:
        raise ServerUnreachable

    device = Device(2, lose)
    with pytest.raises(ServerUnreachable):
        list(answered(batch(1), device.seal_after, device.send))
    assert device.sent == [1]
