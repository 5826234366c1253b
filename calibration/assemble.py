"""Put a rig together from reference capture sets: black glass under fringes, white tile under diffuse light."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.camera import CameraFit, fit_camera
from calibration.colour_reference import colour_of
from calibration.geometry import place_screen, with_camera
from calibration.gloss_reference import check_clean
from calibration.plate import find_corners
from calibration.response import measure_response
from calibration.waveform import aliases_of, ripple_left
from inspection.frames import Axis, Frame, Frames, Role
from inspection.fringes import Decoded, decode
from inspection.noise import dark_per_ms, light_of, noise_of
from inspection.optics import pitch_mm
from inspection.refused import Refused
from inspection.rig import SMOOTH_MM, CalibrationTerms, NoiseModel, Rig, TakenFrame
from inspection.waveform import on_glass
from inspection.white import White

FloatMap = NDArray[np.float32]

#: Less of the field than this seen in the glass: something is in the way, or it is no black glass.
LEAST_SEEN = 0.9
#: The coarsest fringe on polished glass keeps nearly all of its contrast.
LEAST_CONTRAST = 0.8

#: How long a station trusts a calibration unless its settings say otherwise.
DEFAULT_TERM = timedelta(hours=24)
DEFAULT_TERMS = CalibrationTerms()


def calibrate(
    sets: Sequence[Frames], *, valid_for: timedelta = DEFAULT_TERM, terms: CalibrationTerms = DEFAULT_TERMS
) -> Rig:
    """Make a rig from one or several reference sets of the same station.

    Parameters
    ----------
    sets : sequence of Frames
        Exactly one holds fringe frames (black glass); at most one holds the white tile (`DIFFUSE_REF`).
        Without a tile the rig measures no colour; the tile lit from single directions (`aspecular_deg`) is kept for
        each of them. `GRID` frames of a described plate, where they are, replace the
        declared geometry by a measured one, and the term of the screen's distance by its uncertainty. At most one
        holds the 24-patch chart (`CHART`): the colour matrix is fitted to it, otherwise it is the one that the glass
        set states.
    valid_for : timedelta
        From the ``captured_at`` of the fringe set.
    terms : CalibrationTerms
        Standard uncertainties of glass, tile, lamps and distance, from their certificates.

    Raises
    ------
    Refused
        A set is not a reference set, the sets disagree about the camera, frames are missing, or the
        glass does not mirror the screen or is not clean.
    """
    if not sets:
        raise Refused("no reference set is given")
    for one in sets:
        if not one.reference_set:
            raise Refused("capture.json: reference_set is not true: this is not a set of black glass or white tile")
        if one.sensor.shape != sets[0].sensor.shape or one.geometry != sets[0].geometry:
            raise Refused(
                "capture.json: image or geometry differs between the reference sets: they are of different rigs"
            )
    glass = _only(sets, Role.FRINGE, "fringe frames of black glass")
    calibrated_at = glass.captured_at
    if calibrated_at is None:
        raise Refused("capture.json: captured_at is missing: a calibration needs its date")
    camera = _camera(sets)
    declared = glass.geometry
    if camera is not None:
        glass = replace(glass, geometry=with_camera(declared, camera))
    noise = noise_of(glass)
    seen = decode(glass, noise)
    _check_glass(seen)
    aliases = aliases_of(glass, {"x": seen.screen_u_mm, "y": seen.screen_v_mm}, noise)
    if aliases:
        seen = decode(glass, noise, straight=on_glass(aliases, glass))
    measured = check_clean(glass, seen).values
    if aliases:
        measured += ripple_left(glass, seen.left)
    placed = None if camera is None else place_screen(declared, camera, seen)
    if placed is not None:
        glass = replace(glass, geometry=placed.geometry)
        measured += placed.values
        terms = replace(terms, screen_distance_mm=placed.screen_distance_u_mm)
    tile, colour = _tile(sets), colour_of(sets)
    if colour is not None:
        terms = replace(terms, colour_matrix_relative=colour.u_relative)
        measured += colour.values
    for one in sets:
        measured += measure_response(one, glass, noise)
    return Rig(
        sensor=glass.sensor,
        geometry=glass.geometry,
        modulation=_smooth_modulation(glass, seen),
        offset=seen.offset,
        screen_u_mm=seen.screen_u_mm,
        screen_v_mm=seen.screen_v_mm,
        tile=tile,
        camera_rgb_to_linear_srgb=(
            glass.camera_rgb_to_linear_srgb if colour is None else tuple(tuple(row) for row in colour.matrix.tolist())
        ),
        noise=noise,
        glass_n=glass.glass_n,
        calibrated_at=calibrated_at,
        expires_at=(datetime.fromisoformat(calibrated_at) + valid_for).isoformat(),
        simulated=any(one.simulated for one in sets),
        station=glass.station,
        offset_noise_relative=_offset_noise(glass, seen, noise),
        tile_noise_relative=_tile_noise(sets),
        terms=terms,
        declared_geometry=None if placed is None else declared,
        measured=measured,
        colour=None if colour is None else colour.reference,
        dark_per_ms=dark_per_ms(glass),
        operator=glass.operator,
        taken=_taken(sets),
        aliases=aliases,
        harmonic_ratio=None if seen.harmonic is None else seen.harmonic.ratio,
        aspecular=_aspecular(sets),
    )


def _taken(sets: Sequence[Frames]) -> tuple[TakenFrame, ...]:
    """Every frame of the sets once, by file name: the same whether they came in one set or in several."""
    found = {
        TakenFrame(frame.file, frame.role.value, hashlib.sha256(np.ascontiguousarray(frame.pixels).data).hexdigest())
        for one in sets
        for frame in one.frames
    }
    return tuple(sorted(found, key=lambda one: (one.file, one.sha256)))


def _camera(sets: Sequence[Frames]) -> CameraFit | None:
    """From every plate whose board is described; None where there is none."""
    plates = [
        find_corners(frame, frame.board, one.sensor)
        for one in sets
        for frame in one.with_role(Role.GRID)
        if frame.board is not None
    ]
    return fit_camera(plates, sets[0].geometry, sets[0].sensor.shape) if plates else None


def _tile_noise(sets: Sequence[Frames]) -> float:
    """Of one pixel of the tile's frame, relative to it; 0 without a tile."""
    for frames in sets:
        for tile in frames.with_role(Role.DIFFUSE_REF):
            return _noise_relative(frames, tile)
    return 0.0


def _noise_relative(frames: Frames, tile: Frame) -> float:
    light = float(np.median(light_of(tile, frames.sensor)))
    return float(np.sqrt(noise_of(frames).variance(light))) / light


def _aspecular(sets: Sequence[Frames]) -> dict[float, White]:
    """The tile lit from each single direction, small angles first."""
    found: dict[float, White] = {}
    for frames in sets:
        for angle, tile in frames.aspecular(Role.DIFFUSE_REF).items():
            if angle in found:
                raise Refused(
                    f"capture.json: frames: the white tile at aspecular_deg {angle:g} is in several reference sets"
                )
            found[angle] = White(_white(frames, tile), _noise_relative(frames, tile))
    return dict(sorted(found.items()))


def _offset_noise(glass: Frames, seen: Decoded, noise: NoiseModel) -> float:
    """Of the mean over the coarsest series of both axes, relative to it."""
    coarsest = seen.periods_mm()[0]
    series = [s for (_, period), s in glass.fringe_series().items() if period == coarsest]
    exposure, frames = series[0][0].exposure_ms, sum(len(s) for s in series)
    light = float(np.nanmedian(seen.offset)) * exposure
    return float(np.sqrt(noise.variance(light) / frames)) / light


def _only(sets: Sequence[Frames], role: Role, what: str) -> Frames:
    holding = [one for one in sets if one.with_role(role)]
    if len(holding) != 1:
        raise Refused(
            f"capture.json: frames: {what} are in {len(holding)} of the reference sets, expected in exactly one"
        )
    return holding[0]


def _check_glass(seen: Decoded) -> None:
    share = float(seen.valid.mean())
    if share < LEAST_SEEN:
        raise Refused(
            f"capture.json: frames: the screen is mirrored in {100 * share:.0f} % of the field only, "
            f"at least {100 * LEAST_SEEN:.0f} % is needed: clean the black glass and align it"
        )
    coarsest = seen.periods_mm()[0]
    for (axis, period), modulation in seen.modulation.items():
        contrast = float(np.nanmedian(modulation / seen.offset))
        if period == coarsest and contrast < LEAST_CONTRAST:
            raise Refused(
                f"capture.json: frames: the {period:g} mm fringe on axis {axis} has a contrast of {contrast:.2f}, "
                f"polished black glass keeps at least {LEAST_CONTRAST}: is this black glass, and is the room dark?"
            )


def _smooth_modulation(glass: Frames, seen: Decoded) -> dict[tuple[Axis, float], FloatMap]:
    """Modulation with each pixel's own gain kept but its noise taken off.

    Pixel gain and vignetting are in the mean light already; what is left of the modulation after
    division by it is the lens's and screen's transfer, which has no fine structure.
    """
    sigma = [max(1.0, SMOOTH_MM / p) for p in pitch_mm(glass.geometry, glass.sensor.shape)]
    known = seen.valid.astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), sigma[0], sigmaY=sigma[1])
    smooth = {}
    for key, modulation in seen.modulation.items():
        ratio = np.where(seen.valid, modulation / seen.offset, np.float32(0)).astype(np.float32)
        mean = cv2.GaussianBlur(ratio, (0, 0), sigma[0], sigmaY=sigma[1]) / np.maximum(weight, 1e-6)
        smooth[key] = np.where(seen.valid, mean * seen.offset, np.float32(np.nan)).astype(np.float32)
    return smooth


def _tile(sets: Sequence[Frames]) -> FloatMap | None:
    """Light of a perfect white diffuser per ms: (rows, cols, 3), or (rows, cols) of a Bayer camera; NaN where dead."""
    holding = [one for one in sets if one.with_role(Role.DIFFUSE_REF)]
    if not holding:
        return None
    frames = _only(sets, Role.DIFFUSE_REF, "frames of the white tile")
    return _white(frames, frames.with_role(Role.DIFFUSE_REF)[0])


def _white(frames: Frames, tile: Frame) -> FloatMap:
    if tile.reflectance is None:
        raise Refused(f"capture.json: frames: {tile.file}: reflectance is missing: it is needed for the white tile")
    light = light_of(tile, frames.sensor) / tile.exposure_ms
    dark = frames.dark_of(tile)
    if dark is not None:
        light -= light_of(dark, frames.sensor) / dark.exposure_ms
    if float(np.median(light)) <= 0:
        raise Refused(f"{tile.file}: the white tile is not brighter than the dark frame")
    # A dead pixel knows no tile.
    return np.where(light > 0, light / tile.reflectance, np.nan).astype(np.float32)
