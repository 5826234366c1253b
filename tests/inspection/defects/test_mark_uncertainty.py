"""What is said of the uncertainty of a mark, against the truth of drawn panels on five rigs.

Figures per kind on any number of panels: `python -m tests.inspection.defects.mark_coverage`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from mark_coverage import QUANTITIES, Miss, misses_of
from marked_panels import looked_at
from scipy.stats import binom
from scoring import RIGS

from inspection.defects.describe import mark_of
from samples.drawn import drawn_panel

#: Two standard uncertainties hold at least this share; by chance less often than once in a thousand runs is it fewer.
LEAST_SHARE, CHANCE = 0.90, 1e-3
SIDE_PX = 200
FIRST_SEED = 41_000


@lru_cache(maxsize=1)
def misses() -> tuple[Miss, ...]:
    found: list[Miss] = []
    for i, station in enumerate(RIGS.values()):
        small = station.sized(SIDE_PX + 80 * (station.mm_per_px < 0.3))
        panel = drawn_panel(FIRST_SEED + i, small, count=12)
        evidence, marks = looked_at(panel, small)
        found += [
            miss
            for truth, candidate in marks
            for miss in misses_of(truth, mark_of(candidate, evidence))
            if 0 < truth.x_mm < small.geometry().field_mm[0] and 0 < truth.y_mm < small.geometry().field_mm[1]
        ]
    return tuple(found)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_two_standard_uncertainties_hold_the_truth_nine_times_in_ten(quantity: str) -> None:
    z = np.array([abs(miss.z) for miss in misses() if miss.quantity == quantity])
    assert len(z) >= 20
    assert np.count_nonzero(z < 2) >= binom.ppf(CHANCE, len(z), LEAST_SHARE), np.sort(z)[::-1][:8]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_uncertainties_are_no_larger_than_what_is_missed(quantity: str) -> None:
    z = np.array([abs(miss.z) for miss in misses() if miss.quantity == quantity])
    # Half of normal errors exceed 0.67 standard uncertainties; stated four times too large they would exceed 0.17.
    assert np.median(z) > 0.17
