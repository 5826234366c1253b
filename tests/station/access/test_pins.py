"""PINs: what one must be like, and how long wrong ones lock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inspection.refused import Refused
from station.access.pins import LONGEST_LOCK, fits, hashed, lock_after


@pytest.mark.parametrize(
    "pin", ["", "48291", "4829154829154", "48291a", "４８２９１５", "-48291", "111111", "123456", "987654"]
)
def test_a_pin_that_is_short_or_guessed_first_is_refused(pin: str) -> None:
    with pytest.raises(Refused, match="PIN"):
        hashed(pin)


def test_a_pin_is_kept_as_argon2id_and_never_twice_alike() -> None:
    first, second = hashed("482915"), hashed("482915")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert "482915" not in first
    assert fits("482915", first)
    assert not fits("482916", first)


def test_nothing_fits_where_no_pin_is_kept() -> None:
    assert not fits("482915", None)


def test_the_lock_doubles_and_has_an_end() -> None:
    assert [lock_after(n) for n in (0, 4)] == [None, None]
    assert [lock_after(n) for n in (5, 6, 7)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert lock_after(10_000) == LONGEST_LOCK


def test_a_pin_of_six_digits_outlasts_a_year_of_guessing() -> None:
    guesses, passed = 0, timedelta(0)
    while passed < timedelta(days=365):
        guesses += 1
        passed += lock_after(guesses) or timedelta(0)
    assert guesses / 10**6 < 1e-3
