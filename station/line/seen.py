"""What the camera saw last while a panel is captured: a small picture for whoever watches, never from the hardware."""

from __future__ import annotations

import threading
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame
from station.capture_set import encode_png

#: Longer side of the small picture.
LONGEST_PX: Final = 640


class Seen:
    """The newest frame of the capture that goes on; one thread hands frames over, others look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pixels: NDArray[np.generic] | None = None

    def keep(self, frame: Frame | None) -> None:
        """Take the place of the frame before; None: there is nothing to see any more."""
        with self._lock:
            self._pixels = None if frame is None else frame.pixels

    def png(self) -> bytes | None:
        """The newest frame, small and as bright as its brightest place allows; None where nothing is captured."""
        with self._lock:
            pixels = self._pixels
        return None if pixels is None else encode_png(_small(pixels))


def _small(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    rows, columns = pixels.shape[:2]
    scale = min(1.0, LONGEST_PX / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    light = np.asarray(cv2.resize(np.asarray(pixels), size, interpolation=cv2.INTER_AREA), np.float64)
    # Frames count light; a screen is driven by about its square root.
    return np.rint(255 * np.sqrt(light / max(float(light.max()), 1.0))).astype(np.uint8)
