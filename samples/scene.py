"""A panel in front of a station: capture sets as a real station would take them, deterministic by seed."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Conditions, Frame, Frames, Role
from samples.appearance import appearance
from samples.aspecular import aspecular_pictures
from samples.flakes import veil
from samples.lamps import lamp_pictures
from samples.light import (
    CHANNEL_RESPONSE,
    ScreenLight,
    camera_reflectance,
    lamp_light,
    lens,
    screen_light,
    waveform,
)
from samples.paintwork import Panel
from samples.placement import hit
from samples.sensor import expose, through_mosaic
from samples.stations import Station
from samples.truth import Truth, truth

__all__ = ["Truth", "render", "render_lamps", "render_reference", "render_single_lights", "truth"]

Floats = NDArray[np.float64]
#: What a camera of this kind allows; black glass in the lamps' light would ask for more.
LONGEST_EXPOSURE_MS = 2000.0
#: Share of a lamp's picture that may be brighter than the exposure allows for.
LAMP_SATURATED_RATIO = 0.05
CAPTURED_AT = "2026-11-22T09:30:00+08:00"


def render(
    panel: Panel, station: Station, *, seed: int, pass_number: int | None = None, captured_at: str = CAPTURED_AT
) -> Frames:
    """Take one capture set of a panel.

    Parameters
    ----------
    panel, station
    seed : int
        Of sensor noise and of the drift of screen and lamps in this capture.
    pass_number : int, optional
        The panel's own where absent.
    captured_at : str
        ISO 8601 with offset.

    Returns
    -------
    Frames
        Every fringe series, white and dark of the screen; diffuse and its dark; every lamp and its dark.
    """
    screen_drift, lamp_drift = _drifts(station, seed)
    light = screen_light(panel, station, panel.n_clear)
    shots = _Shots(station, seed)
    _take_screen(shots, station, light, screen_drift)
    geometry = station.true_geometry()
    column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
    points = hit(panel, geometry, column, row, texture=False)
    lab = appearance(panel, points.x, points.y, station.mm_per_px).lab
    colour = camera_reflectance(lab, station.true_colour_matrix())
    if panel.flakes is not None:
        colour = colour + veil(panel.flakes, geometry.field_mm, station.shape)[..., None]
    paint = colour * lamp_light(station) * lamp_drift
    exposure = shots.exposure_ms(paint)
    shots.take_colour("diffuse", Role.DIFFUSE, "diffuse", paint, exposure)
    shots.take_colour("diffuse_dark", Role.DARK, "diffuse", np.zeros_like(paint), exposure)
    _take_lamps(shots, panel, station, lamp_drift)
    _take_single_lights(shots, panel)
    return _frames(
        station,
        shots,
        pass_number=panel.pass_number if pass_number is None else pass_number,
        captured_at=captured_at,
        panel=panel,
        reference=False,
    )


def render_lamps(panel: Panel, station: Station, *, seed: int) -> Frames:
    """The part of `render` that the small lamps light, alone: every lamp and its dark."""
    shots = _Shots(station, seed)
    _take_lamps(shots, panel, station, _drifts(station, seed)[1])
    return _frames(station, shots, pass_number=panel.pass_number, captured_at=CAPTURED_AT, panel=panel, reference=False)


def render_single_lights(panel: Panel, station: Station, *, seed: int) -> Frames:
    """The part of `render` that is lit from single directions, alone: every light and its dark."""
    shots = _Shots(station, seed)
    _take_single_lights(shots, panel)
    return _frames(station, shots, pass_number=panel.pass_number, captured_at=CAPTURED_AT, panel=panel, reference=False)


def render_reference(station: Station, *, seed: int, captured_at: str = CAPTURED_AT) -> Frames:
    """Take the reference set of a station: black glass under the screen, a white tile under the lamps.

    Screen and lamps are as bright as they should be: drift is what happens between here and a panel.
    """
    glass = Panel("reference", lab=(0.0, 0.0, 0.0), alpha=0.0, n_clear=station.glass_n)
    light = screen_light(glass, station, station.glass_n + station.drift.glass_index)
    shots = _Shots(station, seed)
    _take_screen(shots, station, light, 1.0)
    tile = lamp_light(station) * station.tile_reflectance * (1 + station.drift.tile_relative)
    exposure = shots.exposure_ms(tile)
    shots.take_colour("diffuse_ref", Role.DIFFUSE_REF, "diffuse", tile, exposure, reflectance=station.tile_reflectance)
    shots.take_colour("diffuse_dark", Role.DARK, "diffuse", np.zeros_like(tile), exposure)
    for angle in station.aspecular_deg:
        _take_aspecular(shots, Role.DIFFUSE_REF, angle, tile, reflectance=station.tile_reflectance)
    return _frames(station, shots, pass_number=0, captured_at=captured_at, panel=glass, reference=True)


def _drifts(station: Station, seed: int) -> tuple[float, float]:
    """Brightness of screen and lamps in this capture, relative to that in the reference set."""
    g = np.random.default_rng([seed, 11]).standard_normal(2)
    return 1 + float(g[0]) * station.drift.screen_relative_sd, 1 + float(g[1]) * station.drift.lamp_relative_sd


def _take_screen(shots: _Shots, station: Station, light: ScreenLight, brightness: float) -> None:
    black = brightness / station.screen_contrast
    range_ = brightness - black
    uniform = light.mirrored + light.diffuse
    exposure = shots.exposure_ms(brightness * uniform)
    first, *orders = waveform(station.screen_gamma)
    base = (black + range_ * first) * uniform
    periods = {(axis, period): None for axis, period, _ in light.harmonic}
    for axis, period in periods:
        for step in range(station.steps):
            shift = 2 * np.pi * step / station.steps + np.radians(station.phase_deg)
            wave = base.copy()
            for n, share in enumerate(orders, start=1):
                turned = light.harmonic[axis, period, n]
                wave += range_ * share * (turned.real * np.cos(n * shift) - turned.imag * np.sin(n * shift))
            shots.take(
                f"fringe_{axis}_{period:g}mm_{step}", Role.FRINGE, "screen", wave, exposure,
                axis=axis, period_mm=period, step=step, steps=station.steps, phase_deg=station.phase_deg,
            )  # fmt: skip
    shots.take("white", Role.WHITE, "screen", brightness * uniform, exposure)
    shots.take("dark", Role.DARK, "screen", np.zeros_like(uniform), exposure)


def _take_lamps(shots: _Shots, panel: Panel, station: Station, brightness: float) -> None:
    """One picture per lamp, exposed for the paint: the lamp's own mirror image and the brightest arcs may be full."""
    for azimuth, light in lamp_pictures(panel, station).items():
        group = f"spot_{azimuth:03.0f}"
        exposure = shots.exposure_ms(np.quantile(light, 1 - LAMP_SATURATED_RATIO, keepdims=True) * brightness)
        lit = {"azimuth_deg": azimuth, "polar_deg": station.spot_polar_deg, "distance_mm": station.spot_distance_mm}
        shots.take(group, Role.SPOT, group, light * brightness, exposure, **lit)
        shots.take(f"{group}_dark", Role.DARK, group, np.zeros_like(light), exposure)


def _take_single_lights(shots: _Shots, panel: Panel) -> None:
    """Each light drifts for itself."""
    station = shots.station
    drifts = np.random.default_rng([shots.seed, 23]).standard_normal(len(station.aspecular_deg))
    for (angle, light), drift in zip(aspecular_pictures(panel, station).items(), drifts, strict=True):
        brightness = 1 + float(drift) * station.drift.lamp_relative_sd
        _take_aspecular(shots, Role.DIFFUSE, angle, light * brightness)


def _take_aspecular(shots: _Shots, role: Role, angle_deg: float, light: Floats, **known: object) -> None:
    group = f"aspecular_{angle_deg:g}"
    exposure = shots.exposure_ms(light)
    shots.take_colour(f"{role}_{angle_deg:g}", role, group, light, exposure, aspecular_deg=angle_deg, **known)
    shots.take_colour(f"{group}_dark", Role.DARK, group, np.zeros_like(light), exposure)


class _Shots:
    """Frames taken so far in one capture."""

    def __init__(self, station: Station, seed: int) -> None:
        self.station, self.seed = station, seed
        self.frames: list[Frame] = []

    def exposure_ms(self, brightest: Floats) -> float:
        """Exposure that brings the brightest light of a group to the target, in steps of 0.1 µs."""
        level = float(brightest.max()) + self.station.ambient_per_ms
        return round(min(self.station.exposure_target / max(level, 1e-9), LONGEST_EXPOSURE_MS), 4)

    def take(self, name: str, role: Role, group: str, light: Floats, exposure_ms: float, **known: object) -> None:
        """A frame lit by the screen or a small lamp: grey, or behind the sensor's mosaic."""
        light = light + self.station.ambient_per_ms
        if self.station.mosaic is not None:
            light = np.asarray(through_mosaic(light[..., None] * np.array(CHANNEL_RESPONSE), self.station.mosaic))
        self._keep(name, role, group, light, exposure_ms, known)

    def take_colour(
        self, name: str, role: Role, group: str, light: Floats, exposure_ms: float, **known: object
    ) -> None:
        """A frame lit by the lamps: three channels, or behind the sensor's mosaic."""
        sharp = lens(self.station, light.astype(np.float32)).astype(np.float64) + self.station.ambient_per_ms
        if self.station.mosaic is not None:
            sharp = np.asarray(through_mosaic(sharp, self.station.mosaic))
        self._keep(name, role, group, sharp, exposure_ms, known)

    def _keep(
        self, name: str, role: Role, group: str, light: Floats, exposure_ms: float, known: dict[str, object]
    ) -> None:
        pixels = expose(light, exposure_ms, self.station, seed=self.seed, name=name)
        self.frames.append(Frame(f"{name}.png", role, pixels, exposure_ms, group, **known))  # type: ignore[arg-type]


def _frames(
    station: Station, shots: _Shots, *, pass_number: int, captured_at: str, panel: Panel, reference: bool
) -> Frames:
    digest = hashlib.sha256(repr((station, panel, pass_number, captured_at, reference)).encode())
    for frame in shots.frames:
        digest.update(f"{frame.file} {frame.exposure_ms}".encode())
        digest.update(np.ascontiguousarray(frame.pixels).data)
    return Frames(
        frames=tuple(shots.frames),
        sensor=station.sensor(),
        geometry=station.geometry(),
        sha256=digest.hexdigest(),
        pass_number=pass_number,
        panel=panel.code,
        part=panel.part,
        recipe=panel.recipe,
        coat_number=panel.coat_number,
        captured_at=captured_at,
        station=station.name,
        simulated=True,
        camera_rgb_to_linear_srgb=station.camera_rgb_to_linear_srgb,
        conditions=Conditions() if reference else Conditions(panel.wiped, 23.0, dict(panel.film_um)),
        reference_set=reference,
        glass_n=station.glass_n,
    )
