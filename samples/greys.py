"""Even greys of the screen, mirrored in black glass: what shows how camera and screen answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from inspection.frames import Frame, Frames, Role
from samples.light import screen_light
from samples.paintwork import Panel
from samples.scene import CAPTURED_AT
from samples.sensor import expose, through_mosaic
from samples.stations import Station

#: Light of the full screen, in full scales, of the exposure series; the last ones are clipped.
EXPOSED = (0.03, 0.06, 0.12, 0.2, 0.3, 0.42, 0.55, 0.7, 0.85, 1.1)
LEVELS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)


def render_greys(
    station: Station,
    *,
    seed: int,
    exposed: Sequence[float] = EXPOSED,
    levels: Sequence[float] = LEVELS,
    bent: float = 0.0,
    captured_at: str = CAPTURED_AT,
) -> Frames:
    """A reference set of `grey` frames: pairs of the full screen at several exposures, and a series of levels.

    Parameters
    ----------
    bent : float
        What the camera's light is short of at full scale, as a fraction; it grows with the square of the light.
    """
    glass = Panel("reference", lab=(0.0, 0.0, 0.0), alpha=0.0, n_clear=station.glass_n)
    mirrored = screen_light(glass, station, station.glass_n + station.drift.glass_index).mirrored
    brightest = float(mirrored.max())
    shots = [(1.0, round(share / brightest, 4), copy) for share in exposed for copy in (0, 1)]
    shots += [(level, round(station.exposure_target / brightest, 4), 2) for level in levels]
    frames = []
    for i, (level, exposure, copy) in enumerate(shots):
        black = 1 / station.screen_contrast
        light = (black + (1 - black) * level**station.screen_gamma) * mirrored + station.ambient_per_ms
        light = light * (1 - bent * np.minimum(light * exposure, 1.0))
        if station.mosaic is not None:
            light = np.asarray(through_mosaic(np.repeat(light[..., None], 3, axis=2), station.mosaic))
        name = f"grey_{i}"
        pixels = expose(light, exposure, station, seed=seed, name=f"{name}_{copy}")
        frames.append(Frame(f"{name}.png", Role.GREY, pixels, exposure, "grey", level=level))
    dark = expose(np.full(station.shape, station.ambient_per_ms), shots[-1][1], station, seed=seed, name="grey_dark")
    frames.append(Frame("grey_dark.png", Role.DARK, dark, shots[-1][1], "grey"))
    digest = hashlib.sha256(repr((station, seed, captured_at)).encode())
    for frame in frames:
        digest.update(np.ascontiguousarray(frame.pixels).data)
    return Frames(
        frames=tuple(frames),
        sensor=station.sensor(),
        geometry=station.geometry(),
        sha256=digest.hexdigest(),
        pass_number=0,
        captured_at=captured_at,
        station=station.name,
        simulated=True,
        reference_set=True,
        glass_n=station.glass_n,
    )
