"""Relief of a panel: form, orange peel and marks, with exact slopes.

Local coordinates: mm from the panel's centre, x right, y down. Heights towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse
from scipy.ndimage import map_coordinates

Floats = NDArray[np.float64]

#: Wavelength bands of orange peel, mm.
BANDS_MM: Final[tuple[tuple[float, float], ...]] = ((0.1, 0.3), (0.3, 1.0), (1.0, 3.0), (3.0, 10.0), (10.0, 30.0))

_TILE_PX: Final = 512
_SAMPLES_PER_WAVE: Final = 6.0


@dataclass(frozen=True, slots=True)
class Texture:
    """Orange peel: a Gaussian random field with a stated RMS height in each band.

    Power is log-uniform inside a band. The same seed gives the same pattern, so a pass that halves
    `rms_um` halves the same waves.

    Attributes
    ----------
    rms_um : tuple of float
        One for each of `BANDS_MM`: RMS over the whole (endless, repeating) surface.
    added : Texture, optional
        Further waves on top, independent where their seed differs: what a pass puts in the place of
        those it takes away.
    """

    rms_um: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    seed: int = 0
    added: Texture | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """The panel's own shape: flat, cylinder or sphere, the middle nearest to the camera.

    Attributes
    ----------
    radius_mm : float or None
        None is flat.
    bends_x, bends_y : bool
        Along which axes it bends: both is a sphere.
    """

    radius_mm: float | None = None
    bends_x: bool = True
    bends_y: bool = True


@dataclass(frozen=True, slots=True)
class Relief:
    """Height in mm and slopes (mm/mm; dz/dx, dz/dy with y down) at the points asked for."""

    height_mm: Floats
    slope_x: Floats
    slope_y: Floats

    def parts(self) -> tuple[Floats, Floats, Floats]:
        """The three arrays, to be worked on together."""
        return self.height_mm, self.slope_x, self.slope_y

    def __add__(self, other: Relief) -> Relief:
        return Relief(self.height_mm + other.height_mm, self.slope_x + other.slope_x, self.slope_y + other.slope_y)


def form_relief(form: Form, x: Floats, y: Floats) -> Relief:
    """Relief of the form alone."""
    if form.radius_mm is None:
        return Relief(np.zeros_like(x), np.zeros_like(x), np.zeros_like(x))
    ax, ay = x * form.bends_x, y * form.bends_y
    root = np.sqrt(form.radius_mm**2 - ax**2 - ay**2)
    return Relief(root - form.radius_mm, -ax / root, -ay / root)


def texture_relief(
    texture: Texture, x: Floats, y: Floats, bands: tuple[int, ...] | None = None, *, height: bool = True
) -> Relief:
    """Relief of the orange peel alone, of all bands or of those with the given indices.

    Parameters
    ----------
    texture
    x, y : ndarray (rows, cols)
        Places; a grid along the axes is done much faster than scattered ones.
    bands : tuple of int, optional
        Indices into `BANDS_MM`.
    height : bool
        Without it only the slopes are made, in two thirds of the time; the height is 0.
    """
    total = Relief(np.zeros_like(x), np.zeros_like(x), np.zeros_like(x))
    on_grid = bool((x == x[:1]).all() and (y == y[:, :1]).all())
    for index in range(len(BANDS_MM)) if bands is None else bands:
        if texture.rms_um[index] == 0.0:
            continue
        tile = _tile(index, texture.seed)
        py, px = y / tile.pitch_mm, x / tile.pitch_mm
        weights = (_spline_weights(py[:, 0]), _spline_weights(px[0]).T.tocsr()) if on_grid else None
        scale = texture.rms_um[index] * 1e-3
        parts = list(zip(total.parts(), (tile.height, tile.slope_x, tile.slope_y), strict=True))
        for sum_, coefficients in parts if height else parts[1:]:
            if weights is not None:
                sum_ += scale * ((weights[0] @ coefficients) @ weights[1])
            else:
                sum_ += scale * map_coordinates(coefficients, (py, px), order=3, prefilter=False, mode="grid-wrap")
    return total if texture.added is None else total + texture_relief(texture.added, x, y, bands, height=height)


def _spline_weights(place: Floats) -> sparse.csr_matrix:
    """Cubic B-spline weights, (places, tile), of a periodic tile."""
    base = np.floor(place)
    t = place - base
    w = np.stack([(1 - t) ** 3, 4 - 6 * t**2 + 3 * t**3, 1 + 3 * t + 3 * t**2 - 3 * t**3, t**3], axis=1) / 6
    columns = (base[:, None].astype(int) + np.arange(-1, 3)) % _TILE_PX
    rows = np.repeat(np.arange(len(place)), 4)
    return sparse.csr_matrix((w.ravel(), (rows, columns.ravel())), shape=(len(place), _TILE_PX))


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """Cubic B-spline coefficients of one band with RMS height 1, periodic."""

    pitch_mm: float
    height: Floats
    slope_x: Floats
    slope_y: Floats


@lru_cache(maxsize=16)
def _tile(index: int, seed: int) -> _Tile:
    from_mm, to_mm = BANDS_MM[index]
    pitch = from_mm / _SAMPLES_PER_WAVE
    rng = np.random.default_rng([seed, index])
    fy = fft.fftfreq(_TILE_PX, pitch)[:, None]
    fx = fft.rfftfreq(_TILE_PX, pitch)[None, :]
    f = np.hypot(fx, fy)
    inside = (f >= 1 / to_mm) & (f < 1 / from_mm)
    # Density ∝ 1/f² in the plane: the same power in every octave.
    spectrum = fft.rfft2(rng.standard_normal((_TILE_PX, _TILE_PX))) * np.where(inside, 1 / np.where(inside, f, 1), 0)
    spectrum /= np.sqrt(np.mean(fft.irfft2(spectrum, s=(_TILE_PX, _TILE_PX)) ** 2))

    def spline(fs: Floats) -> Floats:
        return (2 + np.cos(2 * np.pi * fs * pitch)) / 3

    spectrum = spectrum / (spline(fx) * spline(fy))

    def coefficients(factor: NDArray[np.complex128] | float) -> Floats:
        return np.ascontiguousarray(fft.irfft2(spectrum * factor, s=(_TILE_PX, _TILE_PX)))

    return _Tile(pitch, coefficients(1.0), coefficients(2j * np.pi * fx), coefficients(2j * np.pi * fy))


@dataclass(frozen=True, slots=True)
class Mark:
    """A single mark in the relief.

    A round or elongated Gaussian bump (nib, run) or hollow (crater, pinhole, dent), or a straight
    groove (scratch).

    Attributes
    ----------
    kind : str
        As in contracts.md §4.
    x_mm, y_mm : float
        Centre, local coordinates.
    length_mm, width_mm : float
        Extent at 10 % of the extreme.
    height_um : float
        Of the extreme; negative is down.
    rim_um : float
        Height of the wall around a crater.
    angle_deg : float
        Of the length, counter-clockwise from +x as seen.
    alpha : float or None
        Roughness of its ground (a pinhole's); None: as around.
    scatters : float
        Share of a groove's width that is torn and throws light across the groove (see `samples.scuffs`).
    identity : str
        Name that a mark keeps from pass to pass.
    """

    kind: str
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    height_um: float
    rim_um: float = 0.0
    angle_deg: float = 0.0
    groove: bool = field(default=False)
    alpha: float | None = None
    scatters: float = 0.0
    identity: str = ""


#: A Gaussian falls to 10 % at this many standard deviations; the extent is twice that.
_TENTH: Final = float(np.sqrt(2 * np.log(10)))


def mark_relief(mark: Mark, x: Floats, y: Floats) -> Relief:
    """Relief of one mark."""
    height, slope_x, slope_y = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    reach = 1.5 * max(mark.length_mm, mark.width_mm)
    near = (np.abs(x - mark.x_mm) < reach) & (np.abs(y - mark.y_mm) < reach)
    if not near.any():
        return Relief(height, slope_x, slope_y)
    a = np.radians(mark.angle_deg)
    dx, dy = x[near] - mark.x_mm, y[near] - mark.y_mm
    along, across = dx * np.cos(a) - dy * np.sin(a), dx * np.sin(a) + dy * np.cos(a)
    z, z_along, z_across = _groove(mark, along, across) if mark.groove else _bump(mark, along, across)
    height[near] = z * 1e-3
    slope_x[near] = (z_along * np.cos(a) + z_across * np.sin(a)) * 1e-3
    slope_y[near] = (-z_along * np.sin(a) + z_across * np.cos(a)) * 1e-3
    return Relief(height, slope_x, slope_y)


def _bump(mark: Mark, along: Floats, across: Floats) -> tuple[Floats, Floats, Floats]:
    sa, sc = mark.length_mm / 2 / _TENTH, mark.width_mm / 2 / _TENTH
    r2 = (along / sa) ** 2 + (across / sc) ** 2
    z = mark.height_um * np.exp(-r2 / 2)
    per_r2 = -z / 2
    if mark.rim_um:
        # A wall where the hollow has faded to 1 %, a third as wide as the hollow's radius.
        r = np.sqrt(r2) + 1e-12
        centre, width = 3.0, 0.7
        wall = mark.rim_um * np.exp(-((r - centre) ** 2) / (2 * width**2))
        z = z + wall
        per_r2 = per_r2 - wall * (r - centre) / width**2 / (2 * r)
    return z, per_r2 * 2 * along / sa**2, per_r2 * 2 * across / sc**2


def _groove(mark: Mark, along: Floats, across: Floats) -> tuple[Floats, Floats, Floats]:
    s = mark.width_mm / 2 / _TENTH
    soft = max(mark.length_mm / 20, s)
    ends = [0.5 * np.tanh((along - side * mark.length_mm / 2) / soft) for side in (-1, 1)]
    fade = ends[0] - ends[1]
    fade_slope = (0.5 / soft) * ((1 - 4 * ends[0] ** 2) - (1 - 4 * ends[1] ** 2))
    profile = mark.height_um * np.exp(-(across**2) / (2 * s**2))
    return profile * fade, profile * fade_slope, -profile * across / s**2 * fade
