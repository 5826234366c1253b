"""Waviness (orange peel) of the paint per wavelength band."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

from inspection.averages import LEAST_COVERAGE, LEAST_PX
from inspection.maps.texture import CLASS_EDGES_MM, LEAST_WAVES, Texture, resolved
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Joins, Knobs, measure
from inspection.spectrum import Band

#: Terms of both measures.
SOURCES = (Source.NOISE, Source.GEOMETRY, Source.MODEL, Source.SAMPLING)
#: Bands that are always reported; finer ones where the pixels resolve them.
ALWAYS_FROM_MM = 1.0
#: Relative uncertainty of the noise power that is taken off: noise model and blur correction.
NOISE_U_RELATIVE = 0.05
#: Of the power that the window leaked over the band's edges, as much again stays uncertain.
LEAKED_U_RELATIVE = 1.0
#: What a bridge over a mark does to the waves around it, per share of the area that is bridged.
BRIDGED_U_RELATIVE = 0.5
#: Less of the area free of marks than this: what is left does not stand for the panel.
LEAST_CARRIED = 0.5


def bands(texture: Texture) -> Iterator[Knobs]:
    """The wavelength classes from 1 to 30 mm, and finer ones that the pixels resolve."""
    for start, end in itertools.pairwise(CLASS_EDGES_MM):
        if start >= ALWAYS_FROM_MM or resolved(start, texture.camera_pitch_mm):
            yield {"band_from_mm": start, "band_to_mm": end}


@measure(version=1, sources=SOURCES, sweep=bands, possible=(0, math.inf), joins=Joins.SQUARE_MEAN)
def waviness_rms_um(texture: Texture, *, band_from_mm: float = 1.0, band_to_mm: float = 3.0) -> Reading:
    """Root-mean-square height in one wavelength band: orange peel.

    Of the paint's texture: form (second order) and single marks do not count. Sharp annulus ``1/to ≤ f < 1/from`` of
    the Hann-windowed spectrum, the window's power and leakage restored, the pixels' blur divided out, noise power
    taken off. Of a wave's power it passes 97 to 103 % from two frequency steps (2 / length of the area) within its
    edges, under 5 % from two steps outside, in every direction. The bands 0.1–0.3, 0.3–1, 1–3 and 10–30 mm are those
    of the wave-scan's classes Wa, Wb, Wc and We: equivalents by wavelength, not its values. Of waves below 0.1 mm
    (du) see `lobe_width_mrad`. Needs 2.5 pixels per shortest wave and 3 longest waves across the area, else
    UNRESOLVED.

    Uncertainty: noise, the screen's distance, leakage over the band's edges, and how well a window shows a
    field. Marks on more than half of the (windowed) area: LOW_COVERAGE.
    """
    band = _band(texture, band_from_mm, band_to_mm)
    return _reading(
        texture, band, band.height_um2, band.height_noise_um2, band.height_scatter_um2, band.height_leaked_um2
    )


@measure(version=1, sources=SOURCES, sweep=bands, possible=(0, math.inf), joins=Joins.SQUARE_MEAN)
def waviness_rms_mrad(texture: Texture, *, band_from_mm: float = 1.0, band_to_mm: float = 3.0) -> Reading:
    """Root-mean-square slope in one wavelength band, along a line, mean over directions.

    Everything as `waviness_rms_um`.
    """
    band = _band(texture, band_from_mm, band_to_mm)
    return _reading(
        texture, band, band.slope_mrad2, band.slope_noise_mrad2, band.slope_scatter_mrad2, band.slope_leaked_mrad2
    )


def _band(texture: Texture, from_mm: float, to_mm: float) -> Band:
    if texture.n_px < LEAST_PX:
        raise Missing(Quality.TOO_FEW_PIXELS)
    rows, cols = texture.x_mrad.shape
    extent = min(rows * texture.pitch_mm[1], cols * texture.pitch_mm[0])
    if not (from_mm < to_mm and resolved(from_mm, texture.pitch_mm) and to_mm * LEAST_WAVES <= extent):
        raise Missing(Quality.UNRESOLVED)
    band = texture.spectrum.band(from_mm, to_mm)
    carried = texture.carried(math.sqrt(from_mm * to_mm))
    if carried < LEAST_CARRIED:
        raise Missing(Quality.LOW_COVERAGE)
    return replace(
        band, height_um2=band.height_um2 / carried, slope_mrad2=band.slope_mrad2 / carried, waves=band.waves * carried
    )


def _reading(texture: Texture, band: Band, signal: float, noise: float, scatter: float, leaked: float) -> Reading:
    """Root of a power with its uncertainty."""
    value = math.sqrt(max(signal, 0.0))
    # A root near zero: its uncertainty goes over into the root of the power's.
    per_power = 1 / (2 * math.sqrt(max(signal, scatter / 4, 1e-30)))
    budget = {
        Source.NOISE: scatter * per_power,
        Source.MODEL: math.hypot(
            NOISE_U_RELATIVE * noise * per_power,
            LEAKED_U_RELATIVE * leaked * per_power,
            BRIDGED_U_RELATIVE * texture.bridged * value,
        ),
        Source.GEOMETRY: texture.scale_u_relative * value,
        Source.SAMPLING: value / (2 * math.sqrt(max(band.waves, 1.0))),
    }
    doubts = (Quality.LOW_COVERAGE,) if texture.coverage < LEAST_COVERAGE else ()
    return Reading.of_terms(value, budget, texture.n_px, doubts)
