"""Is the light still the one of the calibration? Asked of a white tile in the capture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frames, Mosaic, Role
from inspection.rig import Rig

#: Relative change of red or blue against green that is another lamp. Warming up and ageing move a white LED by up to
#: 1 %, which is 0.3 ΔE00 of a white; the nearest two lamps in use differ by 10 % and more.
CAST_LIMIT = 0.02
#: Relative change of the level, which shifts lightness and nothing else: a lamp that is out, moved or dimmed.
LEVEL_LIMIT = 0.03
#: A change counts when it is beyond its limit by this many of its own standard uncertainties.
SIGMA = 3.0


@dataclass(frozen=True, slots=True)
class LightChange:
    """The tile's light against the rig's, channel by channel.

    Attributes
    ----------
    red_green, blue_green, level : float
        Relative changes: of red over green, of blue over green, of green.
    u_cast, u_level : float
        Their standard uncertainties: noise, and for the level the tile's reflectance and the lamp's drift.
    """

    red_green: float
    blue_green: float
    level: float
    u_cast: float
    u_level: float

    @property
    def changed(self) -> bool:
        """The lamps are other ones, or shine otherwise, beyond doubt."""
        cast = max(abs(self.red_green), abs(self.blue_green))
        return bool(cast > CAST_LIMIT + SIGMA * self.u_cast or abs(self.level) > LEVEL_LIMIT + SIGMA * self.u_level)


def light_change(frames: Frames, rig: Rig) -> LightChange | None:
    """Compare the white tile in a capture with the rig's.

    Medians over the field: a finger mark does not count. None where the capture shows no tile (frame
    ``diffuse_ref``), or the rig has none: nothing can be said then.
    """
    tiles = frames.with_role(Role.DIFFUSE_REF)
    if not tiles or rig.tile is None or tiles[0].reflectance is None:
        return None
    ratio = rig.over_tile(frames, tiles[0], slice(None)).astype(np.float64) / tiles[0].reflectance
    channels = _channels(ratio, frames.sensor.mosaic)
    red, green, blue = (float(np.nanmedian(channel)) for channel in channels)
    # A median scatters by 1.25 of what a mean does.
    noise = float(max(1.25 * np.nanstd(channel) / np.sqrt(channel.size) for channel in channels))
    if not green > 0:
        return LightChange(-1.0, -1.0, -1.0, 0.0, 0.0)
    scale = float(np.hypot(rig.terms.lamp_drift_relative, rig.terms.tile_reflectance_relative))
    return LightChange(
        red_green=red / green - 1,
        blue_green=blue / green - 1,
        level=green - 1,
        u_cast=float(np.sqrt(2) * noise),
        u_level=float(np.hypot(noise, scale)),
    )


def _channels(ratio: NDArray[np.float64], mosaic: Mosaic | None) -> list[NDArray[np.float64]]:
    """Pixels of red, green and blue."""
    if ratio.ndim == 3:
        return [ratio[..., channel] for channel in range(3)]
    assert mosaic is not None, "a single plane of colour is a mosaic"
    planes = {place: ratio[place // 2 :: 2, place % 2 :: 2] for place in range(4)}
    return [np.concatenate([planes[p].ravel() for p in range(4) if mosaic[p] == letter]) for letter in "RGB"]
