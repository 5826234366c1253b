"""Five hundred panels polished as advised: released only when good, never below the film limit."""

from __future__ import annotations

import pytest
from histories import Score, run


@pytest.fixture(scope="module")
def score() -> Score:
    done = run(500)
    print(f"\nreleased {done.released} of 500, {done.rightly / done.released:.1%} of them truly conforming")
    print(f"film limit crossed {done.crossed} times; passes saved per released panel {done.saved / done.released:.2f}")
    print(f"ends: {dict(done.ends)}; Brier score {done.brier:.4f}")
    for forecast, met, number in done.calibration():
        print(f"forecast {forecast:.2f}  met {met:.2f}  ({number})")
    return done


def test_what_is_released_truly_conforms(score: Score) -> None:
    assert score.released > 150
    assert score.rightly / score.released >= 0.95


def test_no_advised_pass_crosses_the_film_limit(score: Score) -> None:
    assert score.crossed == 0


def test_the_probability_separates_good_panels_from_others_and_never_flatters(score: Score) -> None:
    assert score.brier < 0.03
    for forecast, met, number in score.calibration():
        # Flat before the measurement, it is too low rather than too high for panels that polishing has made good.
        if number >= 20:
            assert met > forecast - 0.05


def test_passes_are_saved_against_always_five(score: Score) -> None:
    assert score.saved > 0


def test_every_panel_comes_to_an_end(score: Score) -> None:
    assert sum(score.ends.values()) == 500
    assert score.ends["endless"] == 0
