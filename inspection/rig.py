"""A rig: everything a station knows about itself, measured on black glass and a white tile."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis, Frame, Frames, Geometry, Sensor
from inspection.white import White, aspecular_name

FloatMap = NDArray[np.float32]

#: A calibration smooths the ratio of modulation to mean light, which changes slowly over the field, over this width
#: (sigma of a Gaussian).
SMOOTH_MM = 2.0


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """Variance of one raw pixel as a straight line: ``constant + per_signal * light``.

    `light` is the fraction of full scale above black; both terms are already divided by the number
    of averaged exposures. Photon transfer: EMVA 1288, linear camera model.
    """

    constant: float
    per_signal: float

    def variance(self, light: NDArray[np.floating] | float) -> NDArray[np.floating] | float:
        """Variance (fraction of full scale, squared) at a light level."""
        return self.constant + self.per_signal * np.maximum(light, 0.0)


@dataclass(frozen=True, slots=True)
class CalibrationTerms:
    """Standard uncertainties (k = 1) of what a calibration takes for granted.

    They are the station's, not the sample's: set them in the settings when a certificate says
    better. Relative terms are fractions of the value; drifts are since the calibration.
    """

    glass_index: float = 0.0005
    tile_reflectance_relative: float = 0.003
    screen_drift_relative: float = 0.002
    lamp_drift_relative: float = 0.001
    screen_distance_mm: float = 0.5
    colour_matrix_relative: float = 0.002


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that a calibration found; the last part of its name is its unit.

    `u`: standard uncertainty (k = 1). `limit`: what it may not exceed; beyond it the calibration is refused.
    """

    name: str
    value: float
    u: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ColourReference:
    """What a calibration saw of the 24-patch colour chart; None for a patch that was left out.

    Attributes
    ----------
    patches : tuple of (red, green, blue)
        Camera RGB of each patch over that of a perfect white diffuser, row by row from the chart's top left.
    residuals_e00 : tuple of float
        ΔE00 of each patch as the others predict it; `mean_e00` and `max_e00` are of them.
    form : str
        ``linear`` or ``root-polynomial``; `linear_mean_e00` is what the linear form reaches.
    gradient_pct : (float, float)
        Light on the chart against that on the tile, from edge to edge, across and down.
    found_by, turned_deg, mirrored
        How the chart lay in the picture.
    """

    patches: tuple[tuple[float, ...] | None, ...]
    residuals_e00: tuple[float | None, ...]
    form: str
    mean_e00: float
    max_e00: float
    linear_mean_e00: float
    left_out: tuple[str, ...]
    gradient_pct: tuple[float, float]
    found_by: str
    turned_deg: float
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """What a fringe series holds beside its cosine, as the phase steps see it (`inspection.waveform`).

    `below`, `above`, `level`: harmonics of order steps − 1, steps + 1 and steps over the fringe itself, on black glass;
    signed.
    """

    axis: Axis
    period_mm: float
    steps: int
    below: float
    above: float
    level: float


@dataclass(frozen=True, slots=True)
class TakenFrame:
    """A frame that a calibration rests on; `sha256` is of its pixels, row by row."""

    file: str
    role: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Rig:
    """A calibrated station.

    Attributes
    ----------
    modulation : dict of (axis, period_mm) to float32 (rows, cols)
        Fringe modulation of the black glass: half of peak to peak, full-scale fraction per ms.
    offset : float32 (rows, cols)
        Mean light of the fringe frames on black glass, dark subtracted, full-scale fraction per ms.
    screen_u_mm, screen_v_mm : float32 (rows, cols)
        Screen position that each pixel sees in the flat glass.
    tile : float32 (rows, cols, 3) or None
        Light of a perfect white diffuser under the diffuse lamps, per ms, RGB.
    offset_noise_relative, tile_noise_relative : float
        Standard deviation of one pixel of `offset` and of `tile`, as a fraction of it: the grain that every map keeps.
    camera_rgb_to_linear_srgb : 3 rows of 3 or 6, or None
        As `inspection.camera_colour` reads it.
    dark_per_ms : float or None
        The room's light at calibration, full-scale fraction per ms; None in rigs that were made without it.
    expires_at : str
        ISO 8601 with offset. `calibrated_at` is the ``captured_at`` of the reference set.
    geometry, declared_geometry : Geometry, Geometry or None
        What is measured with, and what the station's captures state where that was found to be something else.
    aliases : tuple of Alias
        Series whose pattern is no cosine; the others are.
    harmonic_ratio : float or None
        Second harmonic of the fringes on the glass (`inspection.harmonics`); None where three steps cannot tell.
    aspecular : dict of aspecular angle in degrees to White
        The white tile lit from single directions, where the station has such lights.
    measured : tuple of Measured
        What the calibration found on its way, for the person who signs it.
    """

    sensor: Sensor
    geometry: Geometry
    modulation: dict[tuple[Axis, float], FloatMap]
    offset: FloatMap
    screen_u_mm: FloatMap
    screen_v_mm: FloatMap
    tile: FloatMap | None
    camera_rgb_to_linear_srgb: tuple[tuple[float, ...], ...] | None
    noise: NoiseModel
    glass_n: float
    calibrated_at: str
    expires_at: str
    simulated: bool
    station: str | None = None
    offset_noise_relative: float = 0.0
    tile_noise_relative: float = 0.0
    terms: CalibrationTerms = field(default_factory=CalibrationTerms)
    declared_geometry: Geometry | None = None
    measured: tuple[Measured, ...] = ()
    colour: ColourReference | None = None
    dark_per_ms: float | None = None
    operator: str | None = None
    taken: tuple[TakenFrame, ...] = ()
    aliases: tuple[Alias, ...] = ()
    harmonic_ratio: float | None = None
    aspecular: dict[float, White] = field(default_factory=dict)

    def header(self) -> dict[str, object]:
        """Everything but the arrays, as plain JSON values; with `arrays` it is the whole rig."""
        found: dict[str, object] = {}
        if self.declared_geometry is not None:
            found["declared_geometry"] = self.declared_geometry.told()
        if self.colour is not None:
            found["colour"] = asdict(self.colour)
        if self.operator is not None:
            found["operator"] = self.operator
        if self.taken:
            found["taken"] = [asdict(one) for one in self.taken]
        if self.measured:
            found["measured"] = [asdict(one) for one in self.measured]
        if self.dark_per_ms is not None:
            found["dark_per_ms"] = self.dark_per_ms
        if self.aliases:
            found["aliases"] = [asdict(one) for one in self.aliases]
        if self.harmonic_ratio is not None:
            found["harmonic_ratio"] = self.harmonic_ratio
        if self.aspecular:
            found["aspecular"] = [[angle, white.noise_relative] for angle, white in self.aspecular.items()]
        return found | {
            "format": "paint-rig/1",
            "station": self.station,
            "simulated": self.simulated,
            "calibrated_at": self.calibrated_at,
            "expires_at": self.expires_at,
            "glass_n": self.glass_n,
            "sensor": asdict(self.sensor),
            "geometry": self.geometry.told(),
            "camera_rgb_to_linear_srgb": self.camera_rgb_to_linear_srgb,
            "noise": asdict(self.noise),
            "offset_noise_relative": self.offset_noise_relative,
            "tile_noise_relative": self.tile_noise_relative,
            "terms": asdict(self.terms),
            "fringes": [[axis, period] for axis, period in self.modulation],
        }

    def arrays(self) -> dict[str, FloatMap]:
        """The maps by name, in a fixed order."""
        named = {f"modulation_{axis}_{period:g}mm": m for (axis, period), m in self.modulation.items()}
        named |= {"offset": self.offset, "screen_u_mm": self.screen_u_mm, "screen_v_mm": self.screen_v_mm}
        named |= {"tile": self.tile} if self.tile is not None else {}
        return named | {aspecular_name(angle): white.per_ms for angle, white in self.aspecular.items()}

    def white_of(self, frame: Frame) -> White | None:
        """What the light of a diffuse frame makes of a white diffuser; None where the rig has no tile in that light."""
        if frame.aspecular_deg is not None:
            return self.aspecular.get(frame.aspecular_deg)
        return None if self.tile is None else White(self.tile, self.tile_noise_relative)

    @cached_property
    def sha256(self) -> str:
        """Content hash over header and arrays."""
        digest = hashlib.sha256(json.dumps(self.header(), sort_keys=True).encode())
        for name, array in self.arrays().items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def periods_mm(self) -> tuple[float, ...]:
        """Every referenced fringe period, coarse first."""
        return tuple(sorted({period for _, period in self.modulation}, reverse=True))

    def modulation_noise_relative(self, axis: Axis, period_mm: float) -> float:
        """Standard deviation of one pixel of a glass's modulation before it was smoothed, as a fraction of it.

        Smoothing spreads it over `SMOOTH_MM` and leaves it in every mean over more than that. The mean light `offset`
        is that of two series; a modulation has twice the variance of the mean of its own. The series of a reference set
        are taken to have equally many steps.
        """
        thin = (slice(None, None, 8), slice(None, None, 8))
        light, fringe = (float(np.nanmedian(m[thin])) for m in (self.offset, self.modulation[axis, period_mm]))
        return 2 * self.offset_noise_relative * light / fringe

    def colour_matrix(self, frames: Frames) -> NDArray[np.float64] | None:
        """Camera RGB to linear sRGB (`inspection.camera_colour`): the rig's, else the capture's own, or None."""
        matrix = self.camera_rgb_to_linear_srgb or frames.camera_rgb_to_linear_srgb
        return None if matrix is None else np.array(matrix, np.float64)

    def over_tile(self, frames: Frames, frame: Frame, where: Any) -> FloatMap:
        """Light of some pixels of a diffuse frame, dark subtracted, over that of a perfect white diffuser.

        Parameters
        ----------
        where : index of the picture's rows and columns
            Rows, or any other index that numpy takes. Raw channels; saturated pixels as they are.

        Raises
        ------
        ValueError
            The rig has no tile in the light of this frame.
        """
        white = self.white_of(frame)
        if white is None:
            raise ValueError("the rig has no white tile in this light")
        black, span = frames.sensor.black_level, frames.sensor.white_level - frames.sensor.black_level
        scale, dark, pixels = 1 / (frame.exposure_ms * span), frames.dark_of(frame), frame.pixels[where]
        if dark is None:
            light = np.multiply(pixels, np.float32(scale), dtype=np.float32)
            light -= np.float32(black * scale)
        else:
            other = 1 / (dark.exposure_ms * span)
            level = black * (other - scale)
            taken = cv2.addWeighted(pixels, scale, dark.pixels[where], -other, level, dtype=cv2.CV_32F)
            light = np.asarray(taken, np.float32)
        light /= white.per_ms[where]
        return light

    def age_error(self, captured_at: str | None, now: str) -> str | None:
        """Why the rig may not judge a capture of this time, or None.

        The rig serves captures within its term before and after its calibration, so that an
        archive can be measured again years later.
        """
        when = datetime.fromisoformat(captured_at or now)
        start, end = datetime.fromisoformat(self.calibrated_at), datetime.fromisoformat(self.expires_at)
        if start - (end - start) <= when <= end:
            return None
        return (
            f"the rig was calibrated at {self.calibrated_at} and is valid until {self.expires_at}; "
            f"the capture is of {captured_at or now}: calibrate again, or --allow-expired"
        )

    def mismatch(self, frames: Frames) -> str | None:
        """Why the rig does not belong to these frames (other optics), or None."""
        mine, theirs = self.sensor, frames.sensor
        for name in ("width_px", "height_px", "mosaic", "black_level", "white_level", "bit_depth"):
            if getattr(mine, name) != getattr(theirs, name):
                return f"image.{name} is {getattr(theirs, name)}, the rig's is {getattr(mine, name)}"
        missing = [key for key in frames.fringe_series() if key not in self.modulation]
        if missing:
            axis, period = missing[0]
            return f"fringe period {period:g} mm on axis {axis} was not calibrated"
        periods = [period for _, period in frames.fringe_series()]
        if periods and max(periods) != self.periods_mm()[0]:
            return (
                f"the coarsest fringe period is {max(periods):g} mm, the rig's is {self.periods_mm()[0]:g} mm: "
                "gloss and clarity refer to it"
            )
        ours, seen = _numbers(asdict(self.declared_geometry or self.geometry)), _numbers(asdict(frames.geometry))
        for key, value in ours.items():
            other = seen.get(key)
            if other is None or abs(other - value) > 1e-3 * max(1.0, abs(value)):
                return f"geometry.{key} is {other}, the rig's is {value:g}"
        return None


def _numbers(tree: object, prefix: str = "") -> dict[str, float]:
    if isinstance(tree, dict):
        items = [(f"{prefix}.{key}" if prefix else str(key), value) for key, value in tree.items()]
    elif isinstance(tree, (tuple, list)):
        items = [(f"{prefix}[{i}]", value) for i, value in enumerate(tree)]
    elif isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return {prefix: float(tree)}
    else:
        return {}
    return {k: v for key, value in items for k, v in _numbers(value, key).items()}
