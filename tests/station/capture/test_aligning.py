"""One look at how camera, panel and screen stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample_stations import STATION, bench

from samples.live import Tile
from samples.paintwork import Panel, Patch
from samples.stations import Drift, Station
from station.capture.alignment import Alignment, look
from station.capture.cards import setup_card
from station.capture.patterns import ScreenGrid


def seen_of(station: Station = STATION, placed: Panel | Tile | None = None) -> Alignment:
    with bench(station, placed) as made:
        return look(made.hardware, made.rig.exposure, 0.0)


def test_a_station_that_stands_right_sees_the_screens_middle_everywhere() -> None:
    found = seen_of()
    assert found.seen_pct == 100
    assert set(found.edges_pct.values()) == {100.0}
    assert found.centre_u_mm == pytest.approx(0, abs=1)
    assert found.centre_v_mm == pytest.approx(0, abs=1)
    assert 0.5 < found.brightest_ratio < 1
    assert found.picture.shape == STATION.shape
    # The field of 25.6 mm is seen at (600 + 350) / 600 of its size on the screen.
    reach = 25.6 / 2 * 950 / 600
    assert found.margins_mm["-u"] == pytest.approx(597 / 2 - reach, abs=2)
    assert found.margins_mm["+u"] == pytest.approx(597 / 2 - reach, abs=2)


def test_a_screen_that_hangs_aside_is_seen_off_its_middle_by_as_much() -> None:
    found = seen_of(replace(STATION, drift=Drift(screen_mm=(30.0, 0.0, 0.0))))
    assert found.centre_u_mm == pytest.approx(-30, abs=1)
    assert found.centre_v_mm == pytest.approx(0, abs=1)


def test_a_screen_that_does_not_fill_the_field_leaves_its_edges_dark() -> None:
    found = seen_of(replace(STATION, drift=Drift(screen_mm=(597 / 2, 0.0, 0.0))))
    assert 40 < found.seen_pct < 60
    assert found.edges_pct["left"] < 5
    assert found.edges_pct["right"] > 95


def test_nothing_that_mirrors_is_no_screen_at_all() -> None:
    """Paper in the panel's place: it is lit, but mirrors nothing; and then no light at all."""
    found = seen_of(replace(STATION, full_scale_per_ms=1e-9))
    assert (found.seen_pct, found.centre_u_mm, found.margins_mm) == (0.0, None, {})


def test_the_focus_score_falls_with_the_blur_of_the_lens_and_knows_no_noise() -> None:
    """Specks of dust; a lens that is out of focus by a pixel, then two."""
    rng = np.random.default_rng(3)
    specks = tuple(Patch("dust", *rng.uniform(-12, 12, 2), 0.8, edge_mm=0.3, covers=0.7) for _ in range(40))
    dusty = Panel("dusty", patches=specks)
    scores = [seen_of(replace(STATION, lens_blur_px=blur), dusty).focus_pct for blur in (0.0, 1.0, 2.0)]
    assert scores[0] > 1.3 * scores[1] > 1.3 * 1.3 * scores[2]
    noisy = seen_of(replace(STATION, lens_blur_px=1.0, electrons_full_scale=1000.0), dusty).focus_pct
    assert noisy == pytest.approx(scores[1], rel=0.1)


def test_the_card_for_setting_up_has_an_edge_of_one_pixel_and_every_grey_of_its_wedge() -> None:
    card = setup_card(ScreenGrid(960, 540, 597.0, 336.0)).greys
    assert card.shape == (540, 960)
    for edge in (card[0], card[-1], card[:, 0], card[:, -1]):
        assert edge.min() == 255
    for inside in (card[1, 1:-1], card[1:-1, 1]):
        assert inside.max() < 255
    assert len(np.unique(card[540 - 540 // 6])) >= 16
