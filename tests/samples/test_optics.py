"""Laws of reflection against published numbers and against counting rays."""

import numpy as np
import pytest
from scipy.special import j1

from samples.optics import disk_transfer, fresnel, roughness_transfer, screen_share


@pytest.mark.parametrize(
    ("n", "angle_deg", "percent"),
    # Fresnel's formula, black glass of ISO 2813 (n = 1.567); printed to three decimals.
    [(1.567, 20, 4.908), (1.567, 45, 5.971), (1.567, 60, 10.006), (1.5, 20, 4.027)],
)
def test_reflectance_is_that_of_fresnel(n: float, angle_deg: float, percent: float) -> None:
    assert 100 * fresnel(n, np.cos(np.radians(angle_deg))) == pytest.approx(percent, abs=6e-4)


def test_a_clearcoat_of_1_5_can_reach_82_gloss_units() -> None:
    c = np.cos(np.radians(20))
    assert 100 * fresnel(1.5, c) / fresnel(1.567, c) == pytest.approx(82.0, abs=0.05)


def ggx_slopes(alpha: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw micro-slopes: the radius' distribution function is r²/(α² + r²)."""
    rng = np.random.default_rng(5)
    share, turn = rng.random(count), rng.random(count) * 2 * np.pi
    radius = alpha * np.sqrt(share / (1 - share))
    return radius * np.cos(turn), radius * np.sin(turn)


@pytest.mark.parametrize("alpha", [0.001, 0.004, 0.02])
def test_roughness_dims_a_fringe_as_drawn_slopes_do(alpha: float) -> None:
    p, _ = ggx_slopes(alpha, 400_000)
    phase_per_slope = 2 * np.pi * 660 / 12
    drawn = np.cos(phase_per_slope * p).mean()
    stated = roughness_transfer(np.array([alpha]), np.array([phase_per_slope]))[0]
    assert stated == pytest.approx(drawn, abs=4 * 0.71 / np.sqrt(400_000))


def test_screen_share_counts_the_slopes_that_see_the_screen() -> None:
    p, q = ggx_slopes(0.06, 400_000)
    seen = ((p > -0.3) & (p < 0.5) & (q > -0.1) & (q < 0.2)).mean()
    stated = screen_share(*(np.array([v]) for v in (0.06, -0.3, 0.5, -0.1, 0.2)))[0]
    assert stated == pytest.approx(seen, abs=4 * 0.5 / np.sqrt(400_000))


def test_screen_share_of_a_mirror_is_all_or_nothing() -> None:
    edges = (-0.3, 0.3, -0.2, 0.2)
    on = screen_share(np.array([0.0]), *(np.array([v]) for v in edges))
    off = screen_share(np.array([0.0]), *(np.array([v]) for v in (0.01, 0.3, -0.2, 0.2)))
    assert on[0] == pytest.approx(1.0, abs=1e-5)
    assert off[0] == pytest.approx(0.0, abs=1e-5)


def test_pupil_averages_over_a_disk() -> None:
    rng = np.random.default_rng(3)
    xy = rng.uniform(-0.8, 0.8, (2, 400_000))
    inside = xy[:, (xy**2).sum(axis=0) < 0.64]
    drawn = np.cos(2.0 * inside[0]).mean()
    assert disk_transfer(np.array([2.0]), 1.6)[0] == pytest.approx(drawn, abs=0.003)
    assert disk_transfer(np.array([2.0]), 1.6)[0] == pytest.approx(2 * j1(1.6) / 1.6)
