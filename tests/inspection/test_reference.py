"""The fast way against the plain float64 specification, map by map and number by number."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import calibrate
from inspection import reference
from inspection.pipeline import Examination, examine
from inspection.recipe import parse_recipe
from samples.plain import large_set
from station.bench import LAB, N_CLEAR, RECIPE

#: Largest difference allowed. float32 keeps 24 bits: of a screen position of 200 mm that is 2e-5 mm, of a
#: slope through it (0.0014 rad per mm) 3e-5 mrad per rounding; sums and quotients take some more.
ALLOWED = {
    "screen_u_mm": 5e-5,
    "screen_v_mm": 5e-5,
    "lab": 5e-3,
    "delta_e00": 5e-3,
    "gloss_gu": 2e-3,
    "clarity_6mm_pct": 0.05,
    "haze_pct": 5e-3,
}
PITCH_MM = 0.2


@pytest.fixture(scope="module")
def fast() -> Examination:
    rig = calibrate([large_set(400, 480, mm_per_px=PITCH_MM, glass=True)])
    frames = large_set(400, 480, mm_per_px=PITCH_MM)
    return examine(frames, rig, parse_recipe(RECIPE, "t"), now=rig.calibrated_at, software="t")


@pytest.fixture(scope="module")
def plain() -> dict[str, np.ndarray]:
    rig = calibrate([large_set(400, 480, mm_per_px=PITCH_MM, glass=True)])
    return reference.maps(large_set(400, 480, mm_per_px=PITCH_MM), rig, LAB, N_CLEAR)


@pytest.mark.parametrize("name", ALLOWED)
def test_every_map_is_the_reference_map(name: str, fast: Examination, plain: dict[str, np.ndarray]) -> None:
    assert float(np.max(np.abs(fast.maps[name] - plain[name]))) <= ALLOWED[name]


@pytest.mark.parametrize("name", ["slope_x_mrad", "slope_y_mrad"])
def test_slopes_differ_only_by_a_smooth_form(name: str, fast: Examination, plain: dict[str, np.ndarray]) -> None:
    """The fast way fits the form on a grid and takes the glass's smooth error off; all else is the same number.

    Position rounds to 2e-5 mm (single precision at 200 mm), a slope is 1.4 mrad per mm of it.
    """
    difference = fast.maps[name] - plain[name]
    t_row, t_col = (np.linspace(-1, 1, n) for n in difference.shape)
    basis = np.polynomial.chebyshev.chebvander2d(*np.meshgrid(t_row, t_col, indexing="ij"), [4, 4]).reshape(-1, 25)
    smooth = (basis @ np.linalg.lstsq(basis, difference.ravel(), rcond=None)[0]).reshape(difference.shape)
    # A tilt that one way has and the other has not rings at the very border of the mirrored domain.
    assert float(np.abs(difference - smooth)[10:-10, 10:-10].max()) <= 1e-3
    assert float(smooth.std()) <= 0.01


def test_modulation_is_the_reference_to_single_precision(fast: Examination, plain: dict[str, np.ndarray]) -> None:
    for name in (n for n in plain if n.startswith("modulation")):
        np.testing.assert_allclose(fast.maps[name], plain[name], rtol=2e-3)


def test_every_number_is_the_reference_number(fast: Examination, plain: dict[str, np.ndarray]) -> None:
    expected = reference.values(plain, PITCH_MM, LAB)
    found = {f.measure: f for f in fast.report.findings if not f.knobs}
    # Colour: scikit-image rounds the white of D65 in the fifth digit, here it is the white of the sRGB primaries.
    for name, relative in (("gloss_gu", 1e-5), ("haze_pct", 1e-3), ("delta_e00", 5e-4), ("delta_e00_p95", 1e-3)):
        assert found[name].value == pytest.approx(expected[name], rel=relative)
    waves = {f.knobs["band_from_mm"]: f for f in fast.report.findings if f.measure == "waviness_rms_um"}
    # The plain spectrum keeps noise and leakage: within the stated uncertainty where the panel's wave stands out.
    finding = waves[3.0]
    assert finding.value is not None
    assert finding.u is not None
    assert abs(finding.value - expected["waviness_3_10_um"]) <= 2 * finding.u
    assert expected["marks_ratio"] < 1e-3
