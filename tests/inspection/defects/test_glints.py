"""A flake of effect paint is no dust: the mirror image before it is whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.defects.candidates import Sign
from inspection.defects.evidence import Evidence
from inspection.defects.field import Field
from inspection.defects.find import find
from inspection.defects.find_scales import FINEST_CELLS, peaks, scales
from inspection.defects.glints import SHORT_SIGMA, missing_loss_sigma
from tests.inspection.defects.find_maps import GLOSS_GU, PAINT, clean

#: Scatter that flakes give the reflectance, and that orange peel gives the gloss: what stands out 9 times of the one
#: and is dust takes 5 times of the other, too little to be seen in the gloss alone.
FLAKES, PEEL_GU = 0.01, 2.0
#: Flakes that a cell shows at once: the fewer, the longer the tails of their light.
GATHERED = 4.0
#: White dust that covers 13 % of one cell.
COVERS = 0.13
CELL = (100, 110)


def effect_paint(*, covers: float, hides: float) -> Evidence:
    """Effect paint and a cell that is brighter, as white dust would make it that covers so much, and hides so much."""
    made = clean(3)
    rng = np.random.default_rng(4)
    made.light += (FLAKES * rng.standard_normal(made.light.shape[:2])[..., None]).astype(np.float32)
    made.gloss_gu += (PEEL_GU * rng.standard_normal(made.gloss_gu.shape)).astype(np.float32)
    made.light[CELL] = np.array(PAINT) + covers * (1 - np.array(PAINT))
    made.gloss_gu[CELL] = GLOSS_GU * (1 - hides)
    return made.evidence()


def signs(evidence: Evidence) -> list[set[Sign]]:
    return [set(one.sigma) for one in find(evidence)]


def test_a_bright_point_that_hides_nothing_is_a_flake() -> None:
    assert signs(effect_paint(covers=COVERS, hides=0.0)) == []


def test_a_bright_point_that_hides_what_it_covers_is_dust() -> None:
    assert signs(effect_paint(covers=COVERS, hides=COVERS)) == [{Sign.COLOUR}]


def test_what_lies_in_the_paint_is_a_mark_far_beyond_the_glints() -> None:
    assert signs(effect_paint(covers=4 * COVERS, hides=0.0)) == [{Sign.COLOUR}]


def test_the_brightest_flakes_of_many_stay_below_the_threshold() -> None:
    """The more flakes a point gathers by chance the rarer it is, but not as rare as noise would have it."""
    for seed in range(6):
        light = np.random.default_rng(seed).gamma(GATHERED, FLAKES, (400, 400)).astype(np.float32)
        field = Field(light, np.ones(light.shape, bool))
        (finest,) = scales(field, coarsest_cells=FINEST_CELLS, odd=False, sparkles=True)
        assert not len(peaks(finest, finest.threshold)[0]), seed


def test_without_gloss_every_point_counts() -> None:
    assert signs(replace(effect_paint(covers=COVERS, hides=0.0), gloss=None)) == [{Sign.COLOUR}]


def test_where_the_mirror_image_is_gone_it_is_no_flake() -> None:
    assert len(signs(effect_paint(covers=COVERS, hides=np.nan))) == 1


@pytest.mark.parametrize(("paint", "dust"), [(0.1, 1.0), (0.8, 1.0), (0.8, 0.0)])
def test_dust_that_hides_least_is_seldom_taken_for_a_flake(paint: float, dust: float) -> None:
    """White or black dust, whose loss is the least there can be: short by so many deviations in 5 % of all cases."""
    rng = np.random.default_rng(5)
    row, col = np.mgrid[-7:8, -7:8]
    covered = 0.3 * np.exp(-(row**2 + col**2) / (2 * 0.6**2))
    here = np.hypot(row, col) < 2
    short = [
        missing_loss_sigma(
            paint + covered * (dust - paint) + 0.02 * abs(dust - paint) * rng.standard_normal(here.shape),
            GLOSS_GU * (1 - covered + 0.04 * rng.standard_normal(here.shape)),
            here,
        )
        for _ in range(1000)
    ]
    # 50 expected; 21 more are three standard deviations of the count.
    assert sum(one > SHORT_SIGMA for one in short) <= 50 + 21
    # … and a flake of that brightness always.
    flake = missing_loss_sigma(
        paint + covered * (dust - paint), GLOSS_GU * (1 + 0.04 * rng.standard_normal(here.shape)), here
    )
    assert flake > SHORT_SIGMA


def test_nothing_around_tells_nothing() -> None:
    here = np.ones((5, 5), np.bool_)
    assert missing_loss_sigma(np.ones((5, 5)), np.ones((5, 5)), here) == 0.0
    assert missing_loss_sigma(np.ones((5, 5)), np.ones((5, 5)), ~here) == 0.0
