"""Clearcoat: what is gone, what may go, and that nothing crosses the limit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspection.frames import Gauged
from inspection.passes.film import GAUGE_U_UM, allows, budget, left_low_um
from inspection.recipe import Film, parse_recipe
from inspection.report import FilmZone

FILM = Film(start_um=95.0, removable_um=16.0, per_pass_um=2.5)


def through(readings: dict[int, float | Gauged], passes: int, film: Film = FILM) -> FilmZone:
    """The zone after `passes`, read after some of them."""
    zones: tuple[FilmZone, ...] = ()
    for number in range(passes + 1):
        read = {"A": readings[number]} if number in readings else {}
        zones = budget(film, pass_number=number, readings=read, earlier=zones, earlier_pass=number - 1)
    return zones[0]


def test_without_an_allowance_there_is_no_budget() -> None:
    assert budget(Film(start_um=95.0, per_pass_um=3.0), pass_number=3, readings={"A": 90.0}) == ()


def test_without_readings_passes_are_counted_and_get_less_sure() -> None:
    [zone] = budget(FILM, pass_number=2, readings={})
    assert (zone.zone, zone.source, zone.film_um, zone.removed_um, zone.left_um) == ("whole", "recipe", 90.0, 5.0, 11.0)
    spread = [zone.left_um - zone.left_low_um for zone in (through({}, 1), through({}, 4))]
    assert spread[1] > 3.5 * spread[0]  # a panel's passes err alike


def test_a_counted_panel_is_stopped_where_the_plan_crosses_the_limit_and_warned_before() -> None:
    film = Film(95.0, 16.0, 3.0)
    assert [through({}, number, film).state for number in range(6)] == ["ok", "ok", "ok", "ok", "warn", "stop"]


def test_every_planned_pass_of_a_shipped_recipe_can_be_done_without_a_gauge() -> None:
    paths = sorted(Path("samples/recipes").glob("*.toml"))
    recipes = [parse_recipe(path.read_text("utf-8"), path.name) for path in paths]
    limited = [recipe for recipe in recipes if recipe.film.removable_um is not None]
    assert limited
    for recipe in limited:
        assert all(through({}, number, recipe.film).state != "stop" for number in range(recipe.passes)), recipe.name


@pytest.mark.parametrize("bite_um", [2.5, 4.0, 5.0, 5.5, 6.0, 7.0, 8.0, 8.1, 8.5, 9.0, 12.0, 15.0])
@pytest.mark.parametrize("read", ["every pass", "the first pass only", "not before the first pass"])
def test_a_pass_that_takes_another_amount_than_the_recipe_says_never_crosses_the_limit(
    bite_um: float, read: str
) -> None:
    zones: tuple[FilmZone, ...] = ()
    for number in range(8):
        if number:
            assert bite_um * number <= 16.0
        due = {"every pass": True, "the first pass only": number < 2, "not before the first pass": number > 0}[read]
        readings = {"A": 95.0 - bite_um * number} if due else {}
        zones = budget(FILM, pass_number=number, readings=readings, earlier=zones, earlier_pass=number - 1)
        if not allows(zones):
            break


def test_what_was_removed_is_the_difference_of_two_readings_whatever_the_recipe_says() -> None:
    zone = through({0: 95.0, 1: 89.0}, 1)
    assert (zone.zone, zone.source) == ("A", "gauge")
    assert zone.removed_um == pytest.approx(6.0)
    assert zone.u_removed_um == pytest.approx(2**0.5 * GAUGE_U_UM)
    assert zone.left_low_um == pytest.approx(10.0 - 1.645 * 2**0.5 * GAUGE_U_UM, abs=0.01)


def test_passes_nobody_measured_count_at_the_rate_that_was_read_on_this_panel() -> None:
    zone = through({0: 95.0, 1: 89.5, 2: 84.0}, 3)
    assert zone.removed_um == pytest.approx(16.5, abs=0.1)


def test_there_is_never_more_left_than_there_is() -> None:
    [zone] = budget(FILM, pass_number=0, readings={"A": 5.0})
    assert zone.left_um == 5.0
    assert zone.left_low_um < 5.0
    [bare] = budget(FILM, pass_number=0, readings={"A": 0.0})
    assert (bare.left_um, bare.state) == (0.0, "stop")


def test_a_reading_of_another_place_gives_no_film_back() -> None:
    zone = through({0: 95.0, 1: 90.0, 2: 99.0}, 2)
    assert zone.removed_um == pytest.approx(10.0, abs=0.1)


def test_a_reading_of_the_whole_panel_lifts_no_stop_of_a_zone() -> None:
    thin, fine = budget(FILM, pass_number=3, readings={"A": 81.0, "whole": 92.0})
    assert (thin.state, fine.state) == ("stop", "warn")
    assert not allows([thin, fine])
    assert not allows([thin, fine], "A")
    assert allows([thin, fine], "B")


def test_the_start_is_what_was_read_not_what_the_recipe_says() -> None:
    zone = through({0: 103.0, 3: 95.5}, 3)
    assert zone.start_um == pytest.approx(103.0, abs=0.5)
    assert zone.removed_um == pytest.approx(7.5, abs=0.3)


def test_a_thicker_coat_than_the_recipes_does_not_count_as_nothing_removed() -> None:
    [zone] = budget(FILM, pass_number=3, readings={"A": 99.0})
    assert zone.removed_um == pytest.approx(7.5)
    assert zone.film_um == pytest.approx(99.0)


def test_much_less_film_than_expected_is_taken_at_its_word() -> None:
    [zone] = budget(FILM, pass_number=2, readings={"A": 78.0})
    assert zone.removed_um == pytest.approx(17.0)
    assert zone.state == "stop"


def test_a_skipped_pass_is_counted() -> None:
    first = budget(FILM, pass_number=1, readings={"A": 92.5})
    [third] = budget(FILM, pass_number=3, readings={}, earlier=first, earlier_pass=1)
    assert third.removed_um == pytest.approx(7.5, abs=0.1)
    assert third.source == "gauge"


def test_it_warns_at_70_percent_and_stops_before_the_limit() -> None:
    film = Film(95.0, 30.0, 3.0)
    states = [through({n: 95.0 - 3 * n for n in range(11)}, number, film).state for number in range(11)]
    assert states[0] == "ok"
    assert states == sorted(states, key=["ok", "warn", "stop"].index)
    assert "warn" in states
    assert states[6] == "ok"  # 60 % used
    assert states[7] == "warn"  # 70 %
    assert states[10] == "stop"


def test_the_lower_bound_is_below_what_is_left() -> None:
    zone = through({0: 95.0, 1: 92.4, 2: 90.0}, 2)
    assert 0 < zone.left_low_um < zone.left_um
    assert left_low_um([zone]) == left_low_um([zone], "B") == zone.left_low_um
    assert left_low_um([]) is None


def test_a_zone_that_must_stop_stops_the_whole_panel_and_itself_only() -> None:
    thin, fine = budget(FILM, pass_number=3, readings={"A": 81.0, "B": 90.0})
    assert (thin.state, fine.state) == ("stop", "warn")
    assert not allows([thin, fine])
    assert allows([thin, fine], "B")
    assert not allows([thin, fine], "A")
    assert allows([])


def test_a_reading_counts_as_sure_as_its_gauge() -> None:
    plain = through({0: 95.0, 1: 92.0}, 1)
    stated = through({0: Gauged(95.0, GAUGE_U_UM), 1: Gauged(92.0, GAUGE_U_UM)}, 1)
    assert stated == plain
    fine, coarse = (through({0: Gauged(95.0, u), 1: Gauged(92.0, u)}, 1) for u in (0.2, 2.0))
    assert (fine.u_um, coarse.u_um) == (0.2, 2.0)
    assert coarse.u_removed_um == pytest.approx(2.0 * 2**0.5)
    assert fine.left_low_um > plain.left_low_um > coarse.left_low_um


#: A coarse gauge is allowed fewer passes.
@pytest.mark.parametrize(("u_gauge", "least_passes"), [(0.3, 1500), (GAUGE_U_UM, 1500), (1.5, 1000)])
def test_what_is_removed_is_as_sure_as_is_stated_and_the_limit_is_kept(u_gauge: float, least_passes: int) -> None:
    """Panels that differ by 15 % in what a pass takes, gauges that err as stated: all polished as long as allowed."""
    rng = np.random.default_rng(0)
    ratios, crossed, passes = [], 0, 0
    for _ in range(500):
        bite, start, gone = 2.5 * rng.normal(1, 0.15), 95 + rng.normal(0, 3), 0.0
        film = Film(95.0, float(rng.uniform(10, 22)), 2.5)
        zones: tuple[FilmZone, ...] = ()
        for number in range(9):
            read = {"A": start - gone + rng.normal(0, u_gauge)} if number == 0 or rng.random() < 0.85 else {}
            readings = {zone: Gauged(value, u_gauge) for zone, value in read.items()}
            zones = budget(film, pass_number=number, readings=readings, earlier=zones, earlier_pass=number - 1)
            if number:
                ratios.append((zones[0].removed_um - gone) / ((zones[0].left_um - zones[0].left_low_um) / 1.645))
            if not allows(zones):
                break
            gone += max(0.5, bite * rng.normal(1, 0.15))
            passes += 1
            crossed += gone > film.removable_um
    assert passes > least_passes
    assert 0.7 < float(np.std(ratios)) < 1.2
    assert crossed == 0
