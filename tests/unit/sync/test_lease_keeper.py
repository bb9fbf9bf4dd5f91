"""The lease of a device: fourteen days since its server answered, whatever its clock is set to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cmms_desktop.replica.lease import LEASE
from cmms_desktop.sync.lease_keeper import LeaseKeeper
from tests.support.replicas import Field
from tests.support.set_clock import IN_1970, IN_2090, SetClock

DAY = timedelta(days=1)


class Leased:
    """A replica with a lease, and a computer to start and stop."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.clock = SetClock()
        self.keeper = self.restarted()

    def restarted(self) -> LeaseKeeper:
        self.keeper = LeaseKeeper(self.field.replica, clock=self.clock, uptime=self.clock.uptime)
        return self.keeper

    @property
    def left(self) -> timedelta:
        return self.keeper.left()


@pytest.fixture
def leased(tmp_path: Path) -> Iterator[Leased]:
    made = Leased(Field(tmp_path))
    made.keeper.answered()
    yield made
    made.field.replica.close()


def test_a_lease_ends_fourteen_days_after_the_servers_last_answer(leased: Leased) -> None:
    leased.clock.pass_time(days=13)
    assert leased.left == DAY
    leased.clock.pass_time(days=1)
    assert not leased.left


def test_an_answer_begins_it_anew_also_after_it_was_over(leased: Leased) -> None:
    leased.clock.pass_time(days=40)
    assert not leased.left
    leased.keeper.answered()
    assert leased.left == LEASE


def test_time_counts_while_the_computer_is_off(leased: Leased) -> None:
    leased.clock.stand_off(days=9)
    assert leased.restarted().left() == 5 * DAY
    leased.clock.stand_off(days=5)
    assert not leased.restarted().left()


@pytest.mark.parametrize("set_to", [IN_1970, datetime.fromisoformat("2026-03-02T08:00:00Z")])
def test_setting_the_clock_back_does_not_make_it_longer_while_the_computer_runs(
    leased: Leased, set_to: datetime
) -> None:
    leased.clock.pass_time(days=6)
    assert leased.left == 8 * DAY
    for _ in range(7):
        leased.clock.set_to(set_to)
        leased.clock.pass_time(days=1)
        leased.restarted()
    assert leased.left == DAY
    leased.clock.set_to(set_to)
    leased.clock.pass_time(days=1)
    assert not leased.left


def test_setting_the_clock_back_over_a_restart_gives_nothing_back(leased: Leased) -> None:
    leased.clock.pass_time(days=10)
    assert leased.left == 4 * DAY
    leased.clock.set_to(IN_1970)
    leased.clock.start_anew()
    assert leased.restarted().left() == 4 * DAY
    leased.clock.stand_off(days=3)
    assert leased.restarted().left() == DAY
    leased.clock.pass_time(days=1)
    assert not leased.left


def test_a_battery_that_lost_the_time_locks_nobody_out(leased: Leased) -> None:
    leased.clock.pass_time(days=2)
    right = leased.clock.now
    assert leased.left == 12 * DAY
    leased.clock.set_to(IN_1970)
    leased.clock.start_anew()
    assert leased.restarted().left() == 12 * DAY
    leased.clock.set_to(right + DAY)
    assert leased.left == 11 * DAY


@pytest.mark.parametrize("lacks", [timedelta(), timedelta(hours=7)], ids=["exactly", "a little less"])
def test_a_battery_that_lost_the_time_locks_nobody_out_when_it_is_set_to_less_than_the_latest(
    leased: Leased, lacks: timedelta
) -> None:
    leased.clock.pass_time(days=2)
    right = leased.clock.now
    assert leased.left == 12 * DAY
    leased.clock.set_to(IN_1970)
    leased.clock.start_anew()
    assert leased.restarted().left() == 12 * DAY
    leased.clock.set_to(right - lacks)
    assert leased.left == 12 * DAY - lacks


@pytest.mark.parametrize("behind", [20 * DAY, -20 * DAY], ids=["behind", "ahead"])
def test_a_clock_put_right_counts_nothing_where_the_running_time_counts_sleep(
    leased: Leased, behind: timedelta
) -> None:
    right = leased.clock.now
    leased.clock.counts_sleep = True
    leased.clock.set_to(right - behind)
    leased.keeper.answered()
    leased.clock.pass_time(minutes=10)
    leased.clock.set_to(right)
    assert leased.restarted().left() == LEASE - timedelta(minutes=10)
    leased.clock.stand_off(days=13)
    assert leased.restarted().left() == DAY - timedelta(minutes=10)
    leased.clock.pass_time(days=2)
    assert not leased.left


def test_setting_the_clock_makes_it_no_longer_where_the_running_time_counts_sleep(leased: Leased) -> None:
    leased.clock.counts_sleep = True
    leased.clock.set_to(IN_1970)
    leased.clock.pass_time(days=13)
    assert leased.left == DAY
    leased.clock.set_to(IN_2090)
    assert leased.left == DAY
    leased.clock.pass_time(days=1)
    assert not leased.left


def heard_with(leased: Leased, wrong: datetime) -> datetime:
    """The server answers a device whose clock is wrong, and a hello measures by how much; give what is right."""
    right = leased.clock.now
    leased.clock.set_to(wrong)
    leased.field.replica.remember(offset_ms=round((right - wrong).total_seconds() * 1000))
    leased.keeper.answered()
    return right


@pytest.mark.parametrize("wrong", [IN_1970, datetime.fromisoformat("2019-01-01T00:00:00Z"), IN_2090])
def test_a_clock_that_was_years_wrong_and_is_put_right_after_a_restart_counts_what_has_passed(
    leased: Leased, wrong: datetime
) -> None:
    right = heard_with(leased, wrong)
    leased.clock.stand_off(days=3)
    leased.clock.set_to(right + 3 * DAY)
    assert leased.restarted().left() == 11 * DAY
    leased.clock.stand_off(days=10)
    assert leased.restarted().left() == DAY
    leased.clock.stand_off(days=1)
    assert not leased.restarted().left()


@pytest.mark.parametrize("wrong", [IN_1970, IN_2090], ids=["behind", "ahead"])
def test_a_clock_that_was_years_wrong_locks_all_the_same_when_it_is_put_right_too_late(
    leased: Leased, wrong: datetime
) -> None:
    right = heard_with(leased, wrong)
    leased.clock.stand_off(days=13)
    assert leased.restarted().left() == DAY
    leased.clock.start_anew()
    leased.clock.set_to(right + 15 * DAY)
    assert not leased.restarted().left()


def test_a_clock_that_is_put_right_and_loses_the_time_again_counts_on(leased: Leased) -> None:
    right = heard_with(leased, IN_1970)
    leased.clock.start_anew()
    leased.clock.set_to(right + 9 * DAY)
    assert leased.restarted().left() == 5 * DAY
    leased.clock.start_anew()
    leased.clock.set_to(IN_1970)
    assert leased.restarted().left() == 5 * DAY
    leased.clock.start_anew()
    leased.clock.set_to(right + 12 * DAY)
    assert leased.restarted().left() == 2 * DAY
    leased.clock.stand_off(days=2)
    assert not leased.restarted().left()


@pytest.mark.parametrize("behind", [20 * DAY, 300 * DAY])
def test_a_clock_kept_weeks_behind_at_the_answer_buys_nothing(leased: Leased, behind: timedelta) -> None:
    """Nobody's battery loses weeks: whoever sets it so, and waits until it says what was right, has used them."""
    right = heard_with(leased, leased.clock.now - behind)
    leased.clock.start_anew()
    leased.clock.set_to(right)
    assert not leased.restarted().left()


def test_a_clock_set_far_forward_locks_until_the_server_answers_and_not_for_ever(leased: Leased) -> None:
    right = leased.clock.now
    leased.clock.set_to(IN_2090)
    assert not leased.left
    leased.clock.set_to(right)
    assert not leased.restarted().left(), "nobody knows which of the two was right"
    leased.keeper.answered()
    leased.clock.pass_time(days=1)
    assert leased.left == 13 * DAY


def test_a_device_whose_clock_is_decades_wrong_has_the_same_lease(leased: Leased) -> None:
    for wrong in (IN_2090, IN_1970):
        leased.clock.set_to(wrong)
        leased.keeper.answered()
        leased.clock.stand_off(days=13)
        assert leased.restarted().left() == DAY
        leased.clock.pass_time(days=2)
        assert not leased.left


def test_a_replica_of_a_version_without_leases_begins_with_a_whole_one(leased: Leased) -> None:
    leased.field.replica.remember(lease=None)
    assert leased.restarted().left() == LEASE
    leased.clock.pass_time(days=15)
    assert not leased.left
