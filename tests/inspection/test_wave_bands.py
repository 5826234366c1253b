"""The filter of the wavelength bands: what it passes of a single wave, and what the bands are called."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from inspection.maps.texture import BAND_NAMES, CLASS_EDGES_MM, resolved
from inspection.spectrum import spectrum
from station.web.languages import LANGUAGES
from station.web.wording import Wording

SIDE_PX, PITCH_MM = 240, 0.4
FIELD_MM = SIDE_PX * PITCH_MM
BAND_MM = (3.0, 10.0)


def passed(per_mm: float, across: float) -> float:
    """Power of the band over the power of one wave of this frequency, a wave that runs at an angle (rad) to x."""
    at = (np.arange(SIDE_PX) + 0.5) * PITCH_MM
    kx, ky = 2 * np.pi * per_mm * np.cos(across), 2 * np.pi * per_mm * np.sin(across)
    # Means over pixels, as a camera sees slopes (mrad for µm of height).
    blur = np.sinc(kx * PITCH_MM / 2 / np.pi) * np.sinc(ky * PITCH_MM / 2 / np.pi)
    turn = kx * at[None, :] + ky * at[:, None] + 0.7
    x, y = (-k * blur * np.sin(turn) for k in (kx, ky))
    found = spectrum(x.astype(np.float32), y.astype(np.float32), (PITCH_MM, PITCH_MM), 1e-12).band(*BAND_MM)
    return found.height_um2 / 0.5


@pytest.mark.parametrize("across", [0.0, 0.4, 1.2])
def test_a_band_passes_its_own_waves_and_no_others(across: float) -> None:
    """Sharp to two steps of the field's frequencies (2/96 mm): 12.6 mm is out, 8.3 mm is in, in every direction."""
    step = 1 / FIELD_MM
    low, high = 1 / BAND_MM[1], 1 / BAND_MM[0]
    inside = [passed(f, across) for f in np.linspace(low + 2 * step, high - 2 * step, 7)]
    outside = [passed(f, across) for f in (low / 2, low - 2 * step, high + 2 * step, 1.3 * high)]
    assert min(inside) > 0.97
    assert max(inside) < 1.03
    assert max(map(abs, outside)) < 0.05


@pytest.mark.parametrize("language", ["en", "zh"])
def test_bands_are_named_as_equivalents_and_none_is_called_wd(language: str) -> None:
    words = Wording(LANGUAGES[language])
    told = {
        edges: words.finding("waviness_rms_mrad", {"band_from_mm": edges[0], "band_to_mm": edges[1]})
        for edges in pairwise(CLASS_EDGES_MM)
    }
    assert [edges for edges, text in told.items() if "-eq" in text or "等效" in text] == list(BAND_NAMES)
    assert "Wc" in told[1.0, 3.0]
    assert not any("Wd" in text for text in told.values())
    odd = words.finding("waviness_rms_mrad", {"band_from_mm": 2.0, "band_to_mm": 5.0})
    assert "W" not in odd.replace("Waves", "")


@pytest.mark.parametrize(
    ("pitch_mm", "resolves"), [(0.4, True), (0.4000000000000057, True), (0.3999, True), (0.4001, False)]
)
def test_the_last_bits_of_a_pitch_do_not_decide_what_is_resolved(pitch_mm: float, resolves: bool) -> None:
    """Two and a half pixels in a wave of 1 mm are 0.4 mm."""
    assert resolved(1.0, (pitch_mm, pitch_mm)) is resolves
