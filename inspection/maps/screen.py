"""Screen position and modulation per pixel: the decoded fringe frames."""

from __future__ import annotations

from inspection.frames import Frames, Role
from inspection.fringes import Decoded, decode
from inspection.maps.kinds import Glow
from inspection.noise import noise_of
from inspection.reading import Missing, Quality
from inspection.registry import builds


@builds
def decoded(frames: Frames, glow: Glow) -> Decoded:
    """Decode the fringe frames of a capture set, the paint's diffuse fringe taken off.

    Without fringe frames: NO_FRAMES; no pixel with a fringe: NO_SIGNAL.
    """
    if not frames.with_role(Role.FRINGE):
        raise Missing(Quality.NO_FRAMES)
    found = decode(frames, noise_of(frames), glow.parts)
    if not found.valid.any():
        raise Missing(Quality.NO_SIGNAL)
    return found
