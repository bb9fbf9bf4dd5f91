"""Tokens that were found good before: remembered as long as they last, and not a moment longer."""

from datetime import UTC, datetime, timedelta

import pytest

from sync_server.authz import tokens
from sync_server.authz.tokens import ACCESS_LIFE, Access, AccessTokens
from sync_server.errors import SessionExpired

ACCESS = Access("organization", "person", "device")


def issued(of: AccessTokens) -> str:
    return of.issue(ACCESS, at=datetime.now(UTC))[0]


def test_a_token_ends_in_time_though_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = AccessTokens(b"k" * 32)
    token = issued(ours)
    assert ours.read(token) == ours.read(token) == ACCESS

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + ACCESS_LIFE + timedelta(seconds=1)

    monkeypatch.setattr(tokens, "datetime", Later)
    for ask in (ours.read, ours.ends_at):
        with pytest.raises(SessionExpired):
            ask(token)


def test_knowing_one_token_lets_no_other_in() -> None:
    ours, others = AccessTokens(b"k" * 32), AccessTokens(b"o" * 32)
    token = issued(ours)
    assert ours.read(token) == ACCESS
    for foreign in (issued(others), token[:-4] + "AAAA", token + "A", ""):
        for _ in range(2):
            with pytest.raises(SessionExpired):
                ours.read(foreign)


def test_so_many_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_KNOWN", 3)
    ours = AccessTokens(b"k" * 32)
    several = [ours.issue(Access("organization", "person", str(each)), at=datetime.now(UTC))[0] for each in range(8)]
    for _ in range(2):
        assert [ours.read(each).device_id for each in several] == [str(each) for each in range(8)]
        assert len(ours._known) <= 3
