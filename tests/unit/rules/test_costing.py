"""Amounts of money as people write them, and in the smallest unit of their currency."""

import pytest

from sync_server.contract.codec import InvalidValueError
from sync_server.contract.entities.costs import CURRENCIES
from sync_server.contract.rules.costing import amount_text, digits_of, minor_of, sums


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12,5", "EUR", 1250),
        (" 12 ", "EUR", 1200),
        ("0.01", "EUR", 1),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("10000000000", "EUR", 10**12),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert minor_of(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *(("0", "EUR"), ("-1", "EUR"), ("", "EUR"), ("12.345", "EUR"), ("1.5", "JPY"), ("1e3", "EUR")),
        *(("NaN", "EUR"), ("1.000,00", "EUR"), ("١٢", "EUR"), ("10000000000.01", "EUR"), ("1", "eur"), ("1", "XXX")),
    ],
)
def test_what_is_no_positive_amount_of_a_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidValueError):
        minor_of(text, currency)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_what_is_shown_reads_back_as_it_was(currency: str) -> None:
    for minor in (1, 9, 10, 99, 100, 1005, 123_456_789):
        amount, code = amount_text(minor, currency).split()
        assert (minor_of(amount, code), code) == (minor, currency)
        assert len(amount.partition(".")[2]) == digits_of(currency)


def test_currencies_are_never_added_to_each_other() -> None:
    rows = [{"currency": "EUR", "amount_minor": 5}, {"currency": "CHF", "amount_minor": 7}]
    assert sums([*rows, *rows]) == {"EUR": 10, "CHF": 14}
