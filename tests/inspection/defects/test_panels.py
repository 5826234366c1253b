"""The whole search on panels drawn at random, in five rigs: a small share of what `scoring` measures at length.

The aims are recall and precision of 0.95 and the right kind for 0.90, over hundreds of panels. Of some 70 marks here
three more than expected may go wrong by chance (two standard deviations); pieces come in clusters, for one shattered
scratch is seven false marks, so precision has twice that room.
"""

from functools import cache

import numpy as np
import pytest
from scoring import RIGS, Score, clean_panel, score_panel, total_of

from samples.drawn import drawn_panel
from samples.stations import Station

SLACK, SLACK_PRECISION = 0.045, 0.09
#: Smaller pictures than `scoring` takes: time.
SMALL: dict[str, Station] = {name: station.sized(min(station.width_px, 280)) for name, station in RIGS.items()}


@cache
def drawn() -> Score:
    """Two panels in each rig but the poor one, of whose noise one is enough."""
    scores = [
        score_panel(drawn_panel(700 + 10 * i + k, station, count=8), station, seed=i)
        for i, (name, station) in enumerate(SMALL.items())
        for k in range(1 if name == "poor" else 2)
    ]
    return total_of(scores)


def test_marks_are_found() -> None:
    assert drawn().recall >= 0.95 - SLACK, drawn().missed


def test_what_is_found_is_there_and_in_one_piece() -> None:
    assert drawn().precision >= 0.95 - SLACK_PRECISION, (drawn().false, drawn().fragments)


def test_marks_are_called_what_they_are() -> None:
    assert drawn().kind_accuracy >= 0.90 - SLACK, [(h.truth, h.mark) for h in drawn().hits if not h.right_kind]


def test_points_are_placed_within_a_fifth_of_a_millimetre() -> None:
    assert drawn().point_distance_mm <= 0.2


def test_heights_of_resolved_nibs_and_craters_are_right() -> None:
    ratios = drawn().height_ratios(0.4)
    assert ratios
    assert np.median(ratios) == pytest.approx(1.0, abs=0.1)
    assert np.mean(np.abs(np.array(ratios) - 1) <= 0.25) >= 0.9


@pytest.mark.parametrize("name", ["A", "C", "poor"])
def test_heavy_orange_peel_alone_shows_no_mark(name: str) -> None:
    station = SMALL[name]
    result = score_panel(clean_panel(list(SMALL).index(name), station), station, seed=40)
    assert not result.false
