"""Large capture sets made quickly, for timing: an even, slightly wavy panel, with marks or without."""

from __future__ import annotations

import hashlib
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import AXES, Camera, Frame, Frames, Geometry, Role, Screen, Sensor
from samples.plain_marks import drawn

FloatMap = NDArray[np.float32]

PERIODS_MM = (48.0, 6.0)
STEPS = 4
ANGLE_DEG, CAMERA_MM, SCREEN_MM = 20.0, 600.0, 350.0
#: Relative light of black glass and of paint: mean, and modulation per period.
GLASS = (0.36, (0.35, 0.32))
PAINT = (0.42, (0.33, 0.22))
COLOUR = (0.40, 0.25, 0.70)
CAPTURED_AT = "2026-11-22T09:30:00+08:00"


def large_set(
    rows: int, cols: int, *, mm_per_px: float = 0.05, glass: bool = False, seed: int = 0, marks: int = 0
) -> Frames:
    """Frames of 2 axes × 2 periods × 4 steps, a white frame and one colour frame (20 planes), 16 bit.

    Parameters
    ----------
    glass : bool
        A flat black glass and a white tile instead of a painted panel: the set to calibrate with.
    marks : int
        How many the panel has (samples/plain_marks.py).
    """
    rng = np.random.default_rng(seed)
    geometry, sensor = _geometry(rows, cols, mm_per_px), _sensor(rows, cols)
    grain = (rng.standard_normal((rows + 64, cols + 64), dtype=np.float32)) * np.float32(0.004)
    mean, modulations = GLASS if glass else PAINT
    count = 0

    def raw(light: FloatMap) -> NDArray[np.uint16]:
        nonlocal count
        count += 1
        top, left = (37 * count) % 61, (23 * count) % 61
        # Turned as well as shifted: else one grain twice in one series of steps would look like a scratch.
        turned = grain[:: 1 - 2 * (count % 2), :: 1 - 2 * (count // 2 % 2)]
        dn = (light + turned[top : top + rows, left : left + cols]) * np.float32(64496) + np.float32(1024)
        return np.clip(dn, 0, 65519).astype(np.uint16)

    frames: list[Frame] = []
    on_it = drawn(rows, cols, mm_per_px, marks)
    # Screen shift per slope (contracts.md §1): nearly so over all of a field this far away.
    shift_mm = (-2 * SCREEN_MM * cos(radians(ANGLE_DEG)), 2 * SCREEN_MM)
    slopes = (on_it.slope_x, on_it.slope_y)
    for axis, flat, slope, per_slope in zip(AXES, _flat_position(geometry, rows, cols), slopes, shift_mm, strict=True):
        wave = np.zeros((rows, cols), np.float32) if glass else _waves(rows, cols, mm_per_px, rng)
        position = flat + wave + np.float32(per_slope) * slope
        for period, modulation in zip(PERIODS_MM, modulations, strict=True):
            for step in range(STEPS):
                turn = position * np.float32(2 * np.pi / period) + np.float32(2 * np.pi * step / STEPS)
                light = np.float32(mean) + np.float32(modulation) * on_it.mirror * np.cos(turn)
                frames.append(
                    Frame(
                        f"{axis}_{period:g}_{step}.png",
                        Role.FRINGE,
                        raw(light),
                        12.0,
                        "screen",
                        axis,
                        period,
                        step,
                        STEPS,
                    )
                )
    frames.append(Frame("white.png", Role.WHITE, raw(np.full((rows, cols), 0.8, np.float32)), 12.0, "screen"))
    level = (0.78, 0.78, 0.78) if glass else COLOUR
    colour = np.stack([raw(np.float32(v) + on_it.diffuse) for v in level], axis=-1)
    role = Role.DIFFUSE_REF if glass else Role.DIFFUSE
    reflectance = 0.98 if glass else None
    exposure = 2.0 if glass else 10.0
    frames.append(Frame("diffuse.png", role, colour, exposure, "diffuse", reflectance=reflectance))
    return Frames(
        frames=tuple(frames),
        sensor=sensor,
        geometry=geometry,
        sha256=hashlib.sha256(f"plain {rows} {cols} {mm_per_px} {glass} {seed} {marks}".encode()).hexdigest(),
        pass_number=1,
        panel="plain",
        captured_at=CAPTURED_AT,
        simulated=True,
        camera_rgb_to_linear_srgb=((1.25, -0.2, -0.05), (-0.12, 1.22, -0.1), (-0.02, -0.28, 1.3)),
        reference_set=glass,
    )


def _sensor(rows: int, cols: int) -> Sensor:
    return Sensor(cols, rows, 16, 1024.0, 65520.0, 12, 2, None, 15000.0, 5.0)


def _geometry(rows: int, cols: int, pitch: float) -> Geometry:
    a = radians(ANGLE_DEG)
    half = pitch / 2
    camera = Camera(
        "shift",
        (0.0, -CAMERA_MM * sin(a), CAMERA_MM * cos(a)),
        ((pitch, 0.0, half), (0.0, pitch, half), (0.0, 0.0, 1.0)),
        ANGLE_DEG,
        CAMERA_MM,
    )
    centre = (0.0, SCREEN_MM * sin(a), SCREEN_MM * cos(a))
    screen = Screen(centre, (1.0, 0.0, 0.0), (0.0, cos(a), -sin(a)), 597.0, 336.0, SCREEN_MM, ANGLE_DEG)
    return Geometry(camera, screen, (cols * pitch, rows * pitch))


def _flat_position(geometry: Geometry, rows: int, cols: int) -> tuple[FloatMap, FloatMap]:
    """Screen position in a flat mirror: the camera's mirror image looks straight at the screen."""
    camera, screen = geometry.camera.position_mm, geometry.screen
    x = (np.arange(cols, dtype=np.float32) + 0.5) * np.float32(geometry.camera.pixel_to_panel_mm[0][0])
    y = (np.arange(rows, dtype=np.float32) + 0.5) * np.float32(geometry.camera.pixel_to_panel_mm[1][1])
    dx = (x - np.float32(geometry.field_mm[0] / 2))[None, :] - np.float32(camera[0])
    dy = (np.float32(geometry.field_mm[1] / 2) - y)[:, None] - np.float32(camera[1])
    dz = np.float32(camera[2])
    normal = np.cross(screen.u_axis, screen.v_axis)
    to_screen = np.array(screen.centre_mm) - np.array([camera[0], camera[1], -camera[2]])
    reach = np.float32(to_screen @ normal) / (
        dx * np.float32(normal[0]) + dy * np.float32(normal[1]) + dz * np.float32(normal[2])
    )
    offset = [np.float32(-v) for v in to_screen]
    u, v = (
        (reach * dx + offset[0]) * np.float32(e[0])
        + (reach * dy + offset[1]) * np.float32(e[1])
        + (reach * dz + offset[2]) * np.float32(e[2])
        for e in (screen.u_axis, screen.v_axis)
    )
    return u, v


def _waves(rows: int, cols: int, pitch: float, rng: np.random.Generator) -> FloatMap:
    """Orange peel of some 5 mm as a shift on the screen, mm."""
    step = max(1, round(1.0 / pitch))
    small = rng.standard_normal((rows // step + 8, cols // step + 8), dtype=np.float32)
    small = cv2.GaussianBlur(small, (0, 0), 1.5) * np.float32(0.4)
    return np.asarray(cv2.resize(small, (cols, rows), interpolation=cv2.INTER_CUBIC), np.float32)
