"""Flop of effect paint: how much darker it is seen from the side than near its mirror direction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from inspection.colour import lab_of
from inspection.maps.colour_blocks import AspecularColours
from inspection.maps.kinds import NOMINAL_DEG, TOLERANCE_DEG
from inspection.propagation import through
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Joins, measure

Array = NDArray[np.float64]

#: Direction of a light, standard uncertainty (k = 1): a lamp put up with a protractor. An assumption.
ANGLE_U_DEG = 0.5
#: The curve through three angles tells the slope at one of them to about this, relative.
CURVE_U_RELATIVE = 0.5


@measure(
    version=1,
    sources=(
        Source.NOISE, Source.FLAT_FIELD, Source.REFERENCE, Source.DRIFT, Source.GEOMETRY,
        Source.COLOUR_MATRIX, Source.MODEL, Source.PLACEMENT,
    ), joins=Joins.MEAN
)  # fmt: skip
def flop_index(paint: AspecularColours) -> Reading:
    """Flop index: fall of lightness from 15° to 110° beside the mirror direction.

    ``2.69 (L15 - L110)^1.11 / L45^0.86`` of the mean L* at aspecular angles of 15°, 45° and 110°: 0 for solid paint,
    15 to 17 for very strong metallic. An equivalent at the station's own angle and for D65, 2°: instruments of the
    trade look or light at 45° with D65, 10°. Three `diffuse` frames lit from single directions are needed, each within
    2.5° of its angle at the field's centre and with a white tile of the rig in the same light; without: NO_FRAMES,
    NO_REFERENCE. What the area sees at other angles is taken to the nominal ones along a parabola through the three;
    an area that sees them more than 2.5° off: OUT_OF_RANGE.
    The tile's `reflectance` is what its certificate says for that light; a real tile is no perfect diffuser far from
    45°. Paint with light of its own at -15° (interference pigments) needs more angles than these.

    Uncertainty: noise of frames and tile; tile (all angles alike), drift (each lamp for itself), colour matrix;
    place of the panel; direction of each light to 0.5°; half of what the parabola changes at each angle, and its bend
    over the area.
    References: D. H. Alman, "Directional color measurement of metallic flake finishes", ISCC Williamsburg Conference
    1987, in the form that the trade quotes; angles of ASTM E2194.
    """
    colours, angles = paint.colours, paint.angles_deg
    light = np.concatenate([one.mean for one in colours])
    seen = _lightness(light)
    if np.abs(angles - NOMINAL_DEG).max() > TOLERANCE_DEG:
        raise Missing(Quality.OUT_OF_RANGE)
    true = _nominal(seen, angles)
    if true[1] <= 0:
        raise Missing(Quality.NO_SIGNAL)

    def at(changed: Array) -> float:
        return _index(_nominal(_lightness(changed), angles))

    value = at(light)

    def moved(*changes: Array) -> float:
        return math.sqrt(sum(((at(light + by) - value) ** 2 + (at(light - by) - value) ** 2) / 2 for by in changes))

    tile = np.repeat([one.relative_u * math.sqrt(1 - one.drift_ratio) for one in colours], 3)
    drift = np.repeat([one.relative_u * math.sqrt(one.drift_ratio) for one in colours], 3)
    # The first of a colour's errors is lamp and tile; those of the matrix are one and the same in all three lights.
    entries = zip(*(one.errors()[1:] for one in colours), strict=True)
    of_matrix = [np.concatenate([e @ one.mean for e, one in zip(of, colours, strict=True)]) for of in entries]
    bend = np.polyfit(angles, seen, 2)[0] * paint.spreads_deg**2
    of_curve = np.hypot(CURVE_U_RELATIVE * (true - seen), bend)
    budget = {
        Source.NOISE: through(at, light, block_diag(*(one.mean_noise for one in colours))),
        Source.FLAT_FIELD: through(at, light, block_diag(*(one.mean_grain for one in colours))),
        Source.PLACEMENT: paint.elsewhere.u_of(lambda blocks: at(np.nanmean(blocks, axis=(0, 1), dtype=np.float64))),
        Source.REFERENCE: moved(tile * light),
        Source.DRIFT: moved(*(drift * light * each for each in np.eye(3).repeat(3, axis=1))),
        Source.COLOUR_MATRIX: moved(*of_matrix),
        Source.GEOMETRY: math.hypot(*(_index(_nominal(seen, angles + by)) - value for by in ANGLE_U_DEG * np.eye(3))),
        Source.MODEL: math.hypot(*(_index(true + by) - value for by in np.diag(of_curve))),
    }
    quality = tuple(dict.fromkeys(doubt for one in colours for doubt in one.quality))
    return Reading.of_terms(value, budget, min(one.n_px for one in colours), quality)


def _lightness(light: Array) -> Array:
    """L* of linear sRGB of three lights, one after the other (9)."""
    return lab_of(light.reshape(3, 3))[:, 0]


def _nominal(lightness: Array, angles_deg: Array) -> Array:
    """L* at the nominal angles, by the parabola through three angles."""
    return np.asarray(np.polyval(np.polyfit(angles_deg, lightness, 2), NOMINAL_DEG))


def _index(lightness: Array) -> float:
    near, middle, far = lightness.tolist()
    # Noise may make solid paint darker near the mirror direction: then the index is below 0, not without a value.
    return math.copysign(2.69 * abs(near - far) ** 1.11, near - far) / max(middle, 1e-6) ** 0.86
