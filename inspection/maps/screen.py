"""Screen position and modulation per pixel: the decoded fringe frames."""

from __future__ import annotations

from inspection.frames import Frames, Role
from inspection.fringes import Decoded, decode
from inspection.maps.kinds import Glow
from inspection.noise import noise_of
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig
from inspection.waveform import on_paint


@builds
def decoded(frames: Frames, rig: Rig, glow: Glow) -> Decoded:
    """Decode the fringe frames of a capture set, the paint's diffuse fringe and the screen's harmonics taken off.

    Without fringe frames: NO_FRAMES; no pixel with a fringe: NO_SIGNAL.
    """
    if not frames.with_role(Role.FRINGE):
        raise Missing(Quality.NO_FRAMES)
    noise = noise_of(frames)
    found = decode(frames, noise, glow.parts, on_paint(frames, rig, noise))
    if not found.valid.any():
        raise Missing(Quality.NO_SIGNAL)
    return found
