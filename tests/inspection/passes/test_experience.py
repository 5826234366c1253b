"""What a pass usually does: honest with few data, exact with many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspection.passes.experience import Change, Experience, Finished, Savings, Step, savings, steps_between
from inspection.report import Finding

HAZE = ("haze_pct", "whole", "")


def steps(recipe: str, *changes: float, pass_number: int = 4) -> list[Step]:
    return [Step(recipe, pass_number, HAZE, 9.0, 9.0 + change) for change in changes]


def known(experience: Experience, recipe: str = "amethyst") -> Change:
    change = experience.change(recipe, 4, HAZE)
    assert change is not None
    return change


def haze(value: float | None = 9.0, high: float = 6.0, u: float | None = 0.1, **more: Any) -> Finding:
    return Finding(None, "whole", "haze_pct", 1, {}, value, "%", u, u, 100, (), None, high, None, **more)


def test_nothing_is_forecast_from_nothing() -> None:
    assert Experience(()).change("amethyst", 4, HAZE) is None
    assert Experience(()).chance("amethyst", 4, [haze()]) is None
    assert Experience(steps("amethyst", -4.0)).change("amethyst", 3, HAZE) is None  # another pass
    assert Experience(steps("amethyst", -4.0)).chance("amethyst", 4, [haze(None)]) is None


def test_one_pass_tells_a_size_and_no_certainty() -> None:
    chance = Experience(steps("amethyst", -4.0)).chance("amethyst", 4, [haze()])
    assert chance is not None
    assert 0.5 < chance < 0.75


def test_many_like_passes_make_it_sure() -> None:
    many = Experience(steps("amethyst", *np.random.default_rng(1).normal(-4.0, 0.5, 60)))
    assert known(many).mean == pytest.approx(-4.0, abs=0.2)
    assert known(many).scale == pytest.approx(0.5, rel=0.4)
    assert (many.chance("amethyst", 4, [haze()]) or 0.0) > 0.9
    assert (many.chance("amethyst", 4, [haze(high=4.0)]) or 0.0) < 0.1


def test_a_new_recipe_leans_on_the_others_and_is_less_sure_than_they_are() -> None:
    rng = np.random.default_rng(2)
    others = [step for n in range(8) for step in steps(f"r{n}", *rng.normal(-4 + rng.normal(0, 1), 0.3, 20))]
    new, old = known(Experience(others), "new"), known(Experience(others), "r0")
    assert new.mean == pytest.approx(-4.0, abs=0.8)
    assert new.scale > 2 * old.scale
    assert (new.n, new.n_recipe, old.n_recipe) == (160, 0, 20)


def test_a_recipe_is_drawn_to_the_others_the_more_the_fewer_passes_it_has() -> None:
    rng = np.random.default_rng(3)
    others = [step for n in range(8) for step in steps(f"r{n}", *rng.normal(-4.0, 0.5, 20))]
    means = [known(Experience(others + steps("odd", *[-8.0] * n)), "odd").mean for n in (1, 3, 30)]
    assert -4.2 > means[0] > means[1] > means[2]
    assert means[2] == pytest.approx(-8.0, abs=0.3)


def test_the_stated_chance_comes_true() -> None:
    """Recipes with means of their own and few passes each: forecasts against what happens next."""
    rng = np.random.default_rng(5)
    forecasts, came = [], []
    for _ in range(400):
        own = {f"r{n}": rng.normal(-4.0, 1.0) for n in range(5)}
        past = [s for name, mean in own.items() for s in steps(name, *rng.normal(mean, 0.7, rng.integers(1, 8)))]
        limit = 9.0 + rng.normal(-4.0, 1.2)
        forecasts.append(Experience(past).chance("r0", 4, [haze(high=limit, u=0.0)]) or 0.0)
        came.append(9.0 + rng.normal(own["r0"], 0.7) <= limit)
    p, met = np.array(forecasts), np.array(came, float)
    assert np.mean((p - met) ** 2) < np.mean((0.5 - met) ** 2) - 0.05
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.01)):
        inside = (p >= low) & (p < high)
        # 0.05 of model, and twice the standard deviation of a share.
        assert abs(p[inside].mean() - met[inside].mean()) < 0.05 + 1.0 / np.sqrt(inside.sum())


def test_equal_changes_are_no_division_by_zero() -> None:
    still = Experience(steps("amethyst", 0.0, 0.0, 0.0))
    assert still.chance("amethyst", 4, [haze(5.0, u=0.0)]) == 1.0
    assert still.chance("amethyst", 4, [haze(7.0, u=0.0)]) == 0.0


def test_steps_come_from_what_both_reports_measured() -> None:
    found = steps_between("amethyst", 4, [haze(9.0), haze(None)], [haze(5.0), haze(5.5, high=3.0)])
    assert found == [Step("amethyst", 4, HAZE, 9.0, 5.0)]  # once, whatever number of checks asks for it


def test_passes_and_hours_saved_are_counted_from_what_was_recorded() -> None:
    times = (
        ("2026-11-22T08:00:00+08:00", "2026-11-22T17:00:00+08:00"),
        ("2026-11-23T00:00:00Z", "2026-11-23T07:00:00Z"),
    )
    assert savings([Finished(5, 3, times), Finished(5, 6), Finished(5, 4)]) == Savings(3, 2, 8.0, 16.0)
    assert savings([Finished(5, 4)]) == Savings(1, 1, None, None)


@pytest.mark.parametrize(
    "times",
    [("2026-11-22T08:00:00", "2026-11-22T09:00:00"), ("2026-11-22T08:00:00Z", "2026-11-22T07:00:00Z")],
)
def test_times_that_cannot_be_are_errors(times: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="2026-11-22"):
        savings([Finished(5, 3, (times,))])
