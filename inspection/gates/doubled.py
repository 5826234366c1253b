"""A frame that is there twice."""

from __future__ import annotations

from inspection.frames import Role
from inspection.gates.gate import Capture, answer, gate
from inspection.gates.series import thin
from inspection.report import Gate, GateState


@gate("same", spoils=True)
def doubled(capture: Capture) -> Gate:
    """No two lit frames are the same picture.

    Noise never repeats: two lit frames that agree in every pixel are one frame, handed over twice. Found from the
    pixels, whatever the files are called. One pair is red.
    """
    where, seen = thin(capture.frames.sensor.shape), dict[bytes, str]()
    pairs = []
    for frame in capture.frames.frames:
        if frame.role in (Role.FRINGE, Role.WHITE, Role.DIFFUSE, Role.SPOT):
            pixels = frame.pixels[where].tobytes()
            if pixels in seen:
                pairs.append((seen[pixels], frame.file))
            seen.setdefault(pixels, frame.file)
    if not pairs:
        return answer("doubled", GateState.OK, "No frame is there twice.", 0.0, "count", 0.0)
    first, second = pairs[0]
    text = f"{first} and {second} are the same picture, noise and all: a frame was handed over twice."
    found = float(len(pairs))
    return answer("doubled", GateState.RED, text, found, "count", 0.0, fault="same", first=first, second=second)
