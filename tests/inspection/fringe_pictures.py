"""Fringe pictures straight from the formula of contracts.md, for a shifted camera at 20 degrees: no scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inspection.frames import AXES, Frame, Frames, Role, Sensor
from samples.stations import NAMED

STATION = replace(NAMED["B"], electrons_full_scale=15000.0, read_noise_e=5.0)


def mirrored(rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
    """Screen place that a flat mirror shows at every pixel, by the station's own angles (not by the library)."""
    s, a = STATION, np.radians(20)
    x = (np.arange(cols) + 0.5 - cols / 2) * s.mm_per_px
    y = (rows / 2 - np.arange(rows) - 0.5) * s.mm_per_px
    # In the mirror's picture the camera hangs below the panel; its ray through (x, y, 0) climbs by t.
    eye_y, eye_z = -s.camera_distance_mm * np.sin(a), -s.camera_distance_mm * np.cos(a)
    d = s.screen_distance_mm
    # The screen's plane: Y sin a + Z cos a = d.
    t = (d - eye_y * np.sin(a) - eye_z * np.cos(a)) / ((y - eye_y) * np.sin(a) - eye_z * np.cos(a))
    along, up, height = t[:, None] * x[None, :], eye_y + t * (y - eye_y), eye_z - t * eye_z
    v = (up - d * np.sin(a)) * np.cos(a) - (height - d * np.cos(a)) * np.sin(a)
    return along, np.broadcast_to(v[:, None], (rows, cols))


@dataclass(frozen=True)
class Shown:
    """What a camera sees of the screen, everything per ms; functions of the period where it matters."""

    u: np.ndarray
    v: np.ndarray
    modulation: Callable[[float], float | np.ndarray] = lambda period: 0.3
    mean: float | np.ndarray = 0.4
    ambient: float = 0.01

    def pictures(
        self,
        periods: Sequence[float],
        steps: int = 4,
        *,
        exposures: Callable[[int], float] = lambda n: 1.0,
        phases_deg: Callable[[int], float] = lambda n: 0.0,
        bits: int = 16,
        noise: bool = True,
        seed: int = 1,
    ) -> Frames:
        """Every fringe series of both axes, a white and a dark frame, with shot and read noise."""
        station = replace(STATION.sized(self.u.shape[1], self.u.shape[0]), bit_depth=bits, adc_bits=min(bits, 12))
        if not noise:
            station = replace(station, electrons_full_scale=1e12, read_noise_e=0.0, adc_bits=bits)
        sensor, rng, frames = station.sensor(), np.random.default_rng(seed), []

        def keep(light: Any, role: Role, name: str, exposure: float, **known: Any) -> None:
            ideal = np.broadcast_to(light, self.u.shape) * exposure
            pixels = raw(ideal + rng.standard_normal(ideal.shape) * sigma_of(ideal, sensor), sensor)
            frames.append(Frame(f"{name}.png", role, pixels, exposure, "screen", **known))

        keep(self.ambient, Role.DARK, "dark", 1.0)
        keep(self.ambient + self.mean + self.modulation(max(periods)), Role.WHITE, "white", 1.0)
        n = 0
        for axis, place in zip(AXES, (self.u, self.v), strict=True):
            for period in periods:
                for step in range(steps):
                    phase, exposure = phases_deg(n), exposures(n)
                    turn = 2 * np.pi * place / period + 2 * np.pi * step / steps + np.radians(phase)
                    light = self.ambient + self.mean + self.modulation(period) * np.cos(turn)
                    known = {"axis": axis, "period_mm": period, "step": step, "steps": steps, "phase_deg": phase}
                    keep(light, Role.FRINGE, f"{axis}_{period:g}_{step}", exposure, **known)
                    n += 1
        return Frames(tuple(frames), sensor, station.geometry(), "", 0)


def sigma_of(light: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Shot and read noise of the averaged exposures (EMVA 1288), full scales."""
    full, read = sensor.electrons_full_scale, sensor.read_noise_e
    assert full is not None
    assert read is not None
    return np.sqrt((np.maximum(light, 0) / full + (read / full) ** 2) / sensor.frames_averaged)


def raw(light: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Light in full scales to raw values of an averaging converter."""
    step = max(1.0, 2.0 ** (sensor.bit_depth - sensor.adc_bits) / sensor.frames_averaged)
    value = light * (sensor.white_level - sensor.black_level) + sensor.black_level
    kind = np.uint8 if sensor.bit_depth == 8 else np.uint16
    return np.clip(np.round(value / step) * step, 0, sensor.white_level).astype(kind)


def bent(rows: int = 40, cols: int = 48, u_mm: float = 1.5, v_mm: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    """What a slightly wavy, slightly tilted panel shows: the flat mirror's place and a smooth deviation."""
    u, v = mirrored(rows, cols)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : cols * 1j]
    return u + u_mm * (1 + 0.4 * np.sin(3 * x + y)), v + v_mm * (1 + 0.4 * np.cos(2 * y - x))
