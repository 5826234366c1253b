"""The specification: the measurement written down plainly, in float64, one formula after the other.

Slow and simple on purpose. The tests compare the fast way with it, and the benchmark measures how much
faster the fast way is. It knows no marks and no holes: it is for clean, fully lit panels, and it puts
the panel's form on the whole field. Only arithmetic is shared with the fast way: noise model, geometry,
robust fit of the form, the paint's diffuse fringe, the screen's harmonics.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from skimage.color import deltaE_ciede2000, xyz2lab
from skimage.color.colorconv import xyz_from_rgb
from skimage.filters import apply_hysteresis_threshold, gaussian
from skimage.transform import downscale_local_mean

from inspection.camera_colour import terms_of
from inspection.continuity import Grid, Smooth
from inspection.filters import robust_fit
from inspection.frames import AXES, Axis, Frame, Frames, Role
from inspection.maps.glow import glow
from inspection.maps.kinds import Glow
from inspection.noise import fringe_design, light_of, noise_of
from inspection.optics import fresnel, mirrored_mm, panel_mm, screen_solid_angle_sr, slopes_from_screen
from inspection.rig import NoiseModel, Rig
from inspection.waveform import Straight, on_paint

Floats = NDArray[np.float64]

#: As in `inspection.fringes`.
SEEN_SIGMA, ORDER_SIGMA = 5.0, 4.0
#: As in `inspection.maps.haze`.
DIFFUSE_MODEL_U_RELATIVE, INDEX_U, GREY_U_RELATIVE, FALLOFFS = 0.05, 0.005, 0.10, (0.0, 1.5)


def maps(frames: Frames, rig: Rig, lab: tuple[float, float, float], n_clear: float) -> dict[str, Floats]:
    """Every map of a capture by the name it is written under, and `linear_srgb`; float64 (rows, cols[, 3])."""
    noise = noise_of(frames)
    straight = on_paint(frames, rig, noise)
    light = {axis: _axis(frames, axis, noise, glow(frames, rig), straight) for axis in AXES}
    result: dict[str, Floats] = {}
    for axis, name in zip(AXES, "uv", strict=True):
        result[f"screen_{name}_mm"], result[f"screen_{name}_u_mm"] = light[axis][0], light[axis][1]
        result |= {f"modulation_{axis}_{period:g}mm": m for period, m in light[axis][2].items()}
    offset = (light["x"][3] + light["y"][3]) / 2
    result["slope_x_mrad"], result["slope_y_mrad"], result["height_um"] = _surface(
        rig, result["screen_u_mm"], result["screen_v_mm"]
    )
    camera = _camera_rgb(frames, rig)
    result["linear_srgb"] = linear = _reflectance(camera, frames, rig)
    result["lab"] = xyz2lab(linear @ xyz_from_rgb.T)
    result["delta_e00"] = deltaE_ciede2000(np.broadcast_to(np.array(lab), linear.shape), result["lab"])
    periods = sorted({period for _, period in frames.fringe_series()}, reverse=True)
    angle = math.radians(rig.geometry.camera.angle_deg)
    coarse = {axis: result[f"modulation_{axis}_{periods[0]:g}mm"] for axis in AXES}
    share = sum(coarse[axis] / rig.modulation[axis, periods[0]].astype(float) for axis in AXES) / 2
    result["gloss_gu"] = np.asarray(100 * share * float(fresnel(rig.glass_n, angle) / fresnel(1.567, angle)))
    for period in periods[1:]:
        ratios = []
        for axis in AXES:
            glass = rig.modulation[axis, period].astype(float) / rig.modulation[axis, periods[0]]
            noise_b = _sigma(frames, axis, periods[0], noise, offset)
            bias = 1 - np.minimum(np.square(noise_b / coarse[axis]), 0.2)
            ratios.append(result[f"modulation_{axis}_{period:g}mm"] / coarse[axis] / glass * bias)
        result[f"clarity_{period:g}mm_pct"] = 100 * np.mean(ratios, axis=0)
    result["haze_pct"] = _haze(rig, offset, np.asarray(share), camera, n_clear, angle)
    return result


def values(found: dict[str, Floats], pitch_mm: float, lab: tuple[float, float, float]) -> dict[str, float]:
    """The numbers of a report from its maps: means, uniformity, waviness per band, colour (square-on pixels)."""
    gloss = found["gloss_gu"]
    per_block = max(1, round(4.0 / pitch_mm))
    result = {"gloss_gu": float(gloss.mean()), "haze_pct": float(found["haze_pct"].mean())}
    gloss_blocks = downscale_local_mean(_whole_blocks(gloss, per_block), (per_block, per_block))
    result["gloss_cv_pct"] = 100 * float(gloss_blocks.std(ddof=1) / gloss_blocks.mean())
    result |= {name: float(m.mean()) for name, m in found.items() if name.startswith("clarity")}
    linear = found["linear_srgb"]
    mean = xyz2lab((linear.mean((0, 1)) @ xyz_from_rgb.T)[None, None])[0, 0]
    result["delta_e00"] = float(deltaE_ciede2000(np.array(lab), mean))
    colour_blocks = downscale_local_mean(_whole_blocks(linear, per_block), (per_block, per_block, 1))
    blocks_lab = xyz2lab(colour_blocks @ xyz_from_rgb.T)
    result["delta_e00_p95"] = float(
        np.percentile(deltaE_ciede2000(np.broadcast_to(np.array(lab), blocks_lab.shape), blocks_lab), 95)
    )
    slopes = (found["slope_x_mrad"], found["slope_y_mrad"])
    found_marks = marks(slopes, pitch_mm)
    result["marks_ratio"] = float(found_marks.mean())
    for start, end in ((0.3, 1.0), (1.0, 3.0), (3.0, 10.0), (10.0, 30.0)):
        if start >= 2.5 * pitch_mm:
            result[f"waviness_{start:g}_{end:g}_um"] = math.sqrt(_band_power_um2(slopes, pitch_mm, start, end))
    return result


def _whole_blocks(values: Floats, size: int) -> Floats:
    return values[: values.shape[0] // size * size, : values.shape[1] // size * size]


def marks(slopes: tuple[Floats, Floats], pitch_mm: float) -> NDArray[np.bool_]:
    """Single marks: slopes that stand out at some scale, each with its foot (see `inspection.maps.texture`)."""
    found = np.zeros(slopes[0].shape, bool)
    for scale_mm in (0.3, 0.8, 2.0, 5.0):
        for slope in slopes:
            fine, coarse = (gaussian(slope, sigma / pitch_mm) for sigma in (scale_mm, 4 * scale_mm))
            part = np.abs(fine - coarse)
            scale = 1.4826 * np.median(part)
            found |= apply_hysteresis_threshold(part, 2.5 * scale, 5.7 * scale)
    return found


def _band_power_um2(slopes: tuple[Floats, Floats], pitch_mm: float, from_mm: float, to_mm: float) -> float:
    """Height power in the sharp annulus of the Hann-windowed spectrum, blur divided out, noise and leakage left in."""
    rows, cols = slopes[0].shape
    window = np.outer(*(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(n) + 0.5) / n) for n in (rows, cols)))
    fy, fx = fft.fftfreq(rows, pitch_mm)[:, None], fft.fftfreq(cols, pitch_mm)[None, :]
    square = fx * fx + fy * fy
    waves = np.zeros((rows, cols), complex)
    for slope, f in zip(slopes, (fx, fy), strict=True):
        level = (slope * window).sum() / window.sum()
        waves += np.fft.fft2((slope - level) * window) * f
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.abs(waves) ** 2 / (4 * np.pi**2 * square**2) / (np.square(window).sum() * rows * cols)
    inside = (square >= 1 / to_mm**2) & (square < 1 / from_mm**2)
    blur = np.square(np.sinc(fx * pitch_mm) * np.sinc(fy * pitch_mm))
    return float((power / blur)[inside].sum())


def _axis(
    frames: Frames, axis: Axis, noise: NoiseModel, diffuse: Glow, straight: dict[tuple[Axis, float], Straight]
) -> tuple[Floats, Floats, dict[float, Floats], Floats]:
    """Position, its standard uncertainty, modulation per period, and mean light of the coarsest series."""
    row, col = np.mgrid[0 : frames.sensor.height_px, 0 : frames.sensor.width_px].astype(float)
    u = mirrored_mm(frames.geometry, *panel_mm(frames.geometry, col, row))[0 if axis == "x" else 1]
    weight, mean = np.zeros_like(u), np.zeros_like(u)
    parts: dict[float, tuple[Floats, Floats, NDArray[np.bool_]]] = {}
    for (a, period), series in frames.fringe_series().items():
        if a != axis:
            continue
        stack = np.stack([light_of(frame, frames.sensor) / frame.exposure_ms for frame in series])
        level, c, s = np.tensordot(np.linalg.pinv(fringe_design(series)), stack, 1)
        if (axis, period) in diffuse.parts:
            grid, every = Grid.over(frames.sensor.shape), slice(0, frames.sensor.height_px)
            c, s = (x - Smooth.of(grid, g).at(every) for x, g in zip((c, s), diffuse.parts[axis, period], strict=True))
        if (axis, period) in straight:
            level = straight[axis, period].level(level, c, s)
            c, s = straight[axis, period].fringe(c, s)
        if not parts:
            mean = level
        sigma = _noise_of_part(series, noise, mean)
        here = np.arctan2(s, c) * period / (2 * np.pi)
        here = here + np.rint((u - here) / period) * period
        w = (c**2 + s**2) / sigma**2 * (2 * np.pi / period) ** 2
        seen = c**2 + s**2 > (SEEN_SIGMA * sigma) ** 2
        if parts:
            with np.errstate(divide="ignore"):
                seen &= np.sqrt(1 / w + 1 / weight) < period / 2 / ORDER_SIGMA
            w = w * seen
            u = u + (here - u) * (w / (w + weight))
        else:
            u = here
        weight = weight + w
        parts[period] = (c, s, seen)
    modulation = {}
    for period, (c, s, seen) in parts.items():
        phase, turn = 2 * np.pi * u / period, np.minimum((2 * np.pi / period) ** 2 / weight, 2.0)
        modulation[period] = (c * np.cos(phase) + s * np.sin(phase)) * np.exp(np.where(seen, -turn, turn) / 2)
    first = next(s for (a, _), s in frames.fringe_series().items() if a == axis)
    dark = frames.dark_of(first[0])
    return u, 1 / np.sqrt(weight), modulation, mean - _dark(frames, dark)


def _dark(frames: Frames, dark: Frame | None) -> Floats | float:
    return 0.0 if dark is None else light_of(dark, frames.sensor) / dark.exposure_ms


def _noise_of_part(series: tuple[Frame, ...], noise: NoiseModel, mean: Floats) -> Floats:
    """Standard deviation of the cos and sin parts, per ms."""
    weights = np.linalg.pinv(fringe_design(series))[1:]
    exposure = series[0].exposure_ms
    return np.sqrt(np.square(weights).sum() / 2 * noise.variance(mean * exposure)) / exposure


def _sigma(frames: Frames, axis: Axis, period: float, noise: NoiseModel, offset: Floats) -> float:
    return float(_noise_of_part(frames.fringe_series()[axis, period], noise, np.array(np.median(offset[::8, ::8]))))


def _surface(rig: Rig, u: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
    """Slopes (mrad) that agree with one height (µm), second-order form removed."""
    geometry = rig.geometry
    rows, cols = u.shape
    row, col = np.mgrid[0:rows, 0:cols].astype(float)
    x, y = panel_mm(geometry, col, row)
    x, y = x - geometry.field_mm[0] / 2, y - geometry.field_mm[1] / 2
    sx, sy = slopes_from_screen(geometry, (x, -y, 0.0), u, v)
    tx, ty = x.ravel(), y.ravel()
    zero, one = np.zeros_like(tx), np.ones_like(tx)
    along_x, along_y = np.stack([one, zero, 2 * tx, ty, zero], axis=1), np.stack([zero, one, zero, tx, 2 * ty], axis=1)
    a, b, c, d, e = robust_fit(np.concatenate([along_x, along_y]), np.concatenate([sx.ravel(), sy.ravel()]))
    sx, sy = 1e3 * (sx - (a + 2 * c * x + d * y)), 1e3 * (sy - (b + d * x + 2 * e * y))
    pitch_x, pitch_y = x[0, 1] - x[0, 0], y[1, 0] - y[0, 0]
    kx, ky = np.pi * np.arange(cols)[None, :] / cols, np.pi * np.arange(rows)[:, None] / rows
    series_x = np.zeros((rows, cols))
    series_y = np.zeros((rows, cols))
    series_x[:, 1:] = fft.dct(fft.dst(sx * pitch_x, 2, axis=1), 2, axis=0)[:, :-1]
    series_y[1:] = fft.dct(fft.dst(sy * pitch_y, 2, axis=0), 2, axis=1)[:-1]
    square = kx**2 + ky**2
    square[0, 0] = np.inf
    height = -(series_x * kx + series_y * ky) / square
    back_x, back_y = np.zeros((rows, cols)), np.zeros((rows, cols))
    back_x[:, :-1] = (-kx * height)[:, 1:]
    back_y[:-1] = (-ky * height)[1:]
    sx = fft.idst(fft.idct(back_x, 2, axis=0), 2, axis=1) / pitch_x
    sy = fft.idst(fft.idct(back_y, 2, axis=1), 2, axis=0) / pitch_y
    return sx, sy, fft.idctn(height, 2)


def _camera_rgb(frames: Frames, rig: Rig) -> Floats:
    """Light of every pixel over that of a white diffuser, in the camera's own colours."""
    frame = frames.with_role(Role.DIFFUSE)[0]
    light = light_of(frame, frames.sensor) / frame.exposure_ms - _dark(frames, frames.dark_of(frame))
    assert rig.tile is not None
    return np.asarray(light / rig.tile.astype(float))


def _reflectance(camera: Floats, frames: Frames, rig: Rig) -> Floats:
    """Linear sRGB reflectance factor of every pixel."""
    matrix = rig.colour_matrix(frames)
    assert matrix is not None
    terms = camera if matrix.shape[1] == 3 else terms_of(camera)
    return np.asarray(terms @ matrix.T)


def _haze(rig: Rig, offset: Floats, share: Floats, camera: Floats, n_clear: float, angle: float) -> Floats:
    """Haze with the diffuse part of the light by model and by index."""
    rows, cols = offset.shape
    glass, coat = float(fresnel(rig.glass_n, angle)), float(fresnel(n_clear, angle))
    step = max(rows, cols) / 12
    row, col = np.arange(0, rows + step, step), np.arange(0, cols + step, step)
    places = panel_mm(rig.geometry, col[None, :], row[:, None])
    least, most = (screen_solid_angle_sr(rig.geometry, *places, falloff) for falloff in FALLOFFS)
    coarse = (least + most) / 2
    falloff_u = abs(float((most - least).mean() / coarse.mean())) / math.sqrt(12)
    by_row = np.stack([np.interp(np.arange(cols), col, line) for line in coarse])
    gather = np.stack([np.interp(np.arange(rows), row, line) for line in by_row.T]).T / (math.pi * glass)
    ratio = offset / rig.offset.astype(float)
    assert rig.tile is not None
    white = rig.tile.astype(float).mean((0, 1)) / rig.tile.astype(float).mean((0, 1)).sum()
    grey, mean = camera @ white, camera.mean((0, 1))
    model = grey * gather
    grey_u = GREY_U_RELATIVE * float(np.linalg.norm(white * (mean - white @ mean))) * float(coarse.mean())
    slope = (float(fresnel(n_clear + INDEX_U, angle)) - coat) / glass
    u_model = math.hypot(DIFFUSE_MODEL_U_RELATIVE * float(model.mean()), falloff_u * float(model.mean()),
                         grey_u / (math.pi * glass))  # fmt: skip
    u_index = math.hypot(slope, rig.terms.screen_drift_relative * float(ratio.mean()))
    weight = u_index**2 / (u_model**2 + u_index**2)
    level = weight * float(model.mean()) + (1 - weight) * (float(ratio.mean()) - coat / glass)
    return np.asarray(100 - 100 * share / (ratio - model * (level / float(model.mean()))))
