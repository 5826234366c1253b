"""The panel's own long waves, packed small enough to travel in a report, so that it can be laid over itself later.

Polishing takes the short waves of orange peel first and hardly reaches those of centimetres: they stay with a panel.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.filters import filled
from inspection.maps.kinds import SurfaceMap
from inspection.refused import Refused

#: Cells of the grid are not smaller than this, and larger where a big field would need too many.
LEAST_PITCH_MM: Final = 1.0
MOST_CELLS: Final = 40_000
#: Waves longer than this are form, or the error of the assumed geometry: they say nothing about the panel.
LONGEST_WAVE_MM: Final = 30.0
#: Steps of the stored height per robust standard deviation, and where it is cut off: marks are higher.
STEPS_PER_SIGMA: Final = 10
MOST_STEPS: Final = 50
#: A cell counts as seen when at least half of it was.
LEAST_SHARE: Final = 0.5
#: Fewer cells than this in a direction hold no wave.
LEAST_CELLS: Final = 16

_VERSION: Final = "relief/1"
_UNSEEN: Final = -128
#: More than any panel has: a damaged text must not ask for gigabytes.
_MOST_STORED: Final = 4 * MOST_CELLS
#: Grids that a panel can have: cells, place of the first one, and steps of height.
_PITCHES_MM: Final = (0.05, 50.0)
_FARTHEST_MM: Final = 1e5
_STEPS_UM: Final = (1e-6, 1e3)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Relief of the paint on an upright grid in the panel's frame.

    Attributes
    ----------
    height_um : float32 (rows, cols)
        Waves from about twice the pitch to 30 mm; NaN where not seen.
    left_mm, top_mm : float
        Centre of the first cell.
    pitch_mm : float
    """

    height_um: NDArray[np.float32]
    left_mm: float
    top_mm: float
    pitch_mm: float

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Cells that were seen."""
        return np.isfinite(self.height_um)

    def saw(self, x_mm: float, y_mm: float) -> bool:
        """Whether the cell at a place was seen."""
        row, col = round((y_mm - self.top_mm) / self.pitch_mm), round((x_mm - self.left_mm) / self.pitch_mm)
        rows, cols = self.height_um.shape
        return 0 <= row < rows and 0 <= col < cols and bool(np.isfinite(self.height_um[row, col]))


def fingerprint(surface: SurfaceMap) -> str | None:
    """The relief of a panel as text, at most some 60 kB; None where too little was seen.

    The same surface gives the same text.
    """
    grid = _on_grid(surface)
    if grid is None:
        return None
    height, left, top, pitch = grid
    seen = np.isfinite(height)
    if min(height.shape) < LEAST_CELLS or seen.mean() < 0.05:
        return None
    waves = _without_form(height, seen, pitch)
    middle = float(np.median(np.abs(waves[seen]))) / 0.6745
    if not middle > 0:
        return None
    step = float(f"{middle / STEPS_PER_SIGMA:.3e}")
    steps = np.clip(np.rint(waves / step), -MOST_STEPS, MOST_STEPS).astype(np.int8)
    steps[~seen] = _UNSEEN
    # Differences along a row are small numbers: they pack better.
    packed = zlib.compress(np.diff(steps, axis=1, prepend=np.int8(0)).tobytes(), 9)
    head = {
        "v": _VERSION,
        "shape": list(steps.shape),
        "left_mm": round(left, 4),
        "top_mm": round(top, 4),
        "pitch_mm": round(pitch, 6),
        "step_um": step,
        "relief": base64.b64encode(packed).decode("ascii"),
    }
    return json.dumps(head, separators=(",", ":"))


def read_fingerprint(text: str, source: str) -> Fingerprint:
    """The relief from its text.

    Raises
    ------
    Refused
        Damaged, or of a form this program does not know; `source` names the file.
    """
    try:
        head = json.loads(text)
        if head["v"] != _VERSION:
            raise Refused(f"{source}: fingerprint: unknown form {head['v']!r:.40}, expected {_VERSION}")
        rows, cols = (int(n) for n in head["shape"])
        left, top, pitch, step = (float(head[name]) for name in ("left_mm", "top_mm", "pitch_mm", "step_um"))
        fits = min(rows, cols) >= LEAST_CELLS and rows * cols <= _MOST_STORED
        placed = max(abs(left), abs(top)) <= _FARTHEST_MM
        if not (fits and placed and _within(pitch, _PITCHES_MM) and _within(step, _STEPS_UM)):
            raise ValueError("impossible grid")
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(head["relief"], validate=True), rows * cols + 1)
        if len(raw) != rows * cols:
            raise ValueError("wrong length")
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, zlib.error, binascii.Error) as fault:
        raise Refused(f"{source}: fingerprint: damaged ({fault})") from None
    steps = np.cumsum(np.frombuffer(raw, np.int8).reshape(rows, cols), axis=1, dtype=np.int8)
    height = steps.astype(np.float32) * np.float32(step)
    height[steps == _UNSEEN] = np.nan
    return Fingerprint(height, left, top, pitch)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _on_grid(surface: SurfaceMap) -> tuple[NDArray[np.float32], float, float, float] | None:
    """Height as means over square cells in the panel's frame, and where the grid lies."""
    rows, cols = surface.height_um.shape
    to_panel = np.array(surface.to_panel_mm, float)
    corners = np.array([(c, r, 1.0) for r in (-0.5, rows - 0.5) for c in (-0.5, cols - 0.5)]) @ to_panel.T
    x, y = corners[:, 0] / corners[:, 2], corners[:, 1] / corners[:, 2]
    width, height = float(np.ptp(x)), float(np.ptp(y))
    pitch = max(LEAST_PITCH_MM, *surface.pitch_mm, (width * height / MOST_CELLS) ** 0.5)
    shape = (int(height / pitch), int(width / pitch))
    if min(shape) < 1:
        return None
    left, top = float(x.min()) + pitch / 2, float(y.min()) + pitch / 2
    # Means over about a cell first, so that the sampling below misses nothing.
    small = (max(1, round(cols * surface.pitch_mm[0] / pitch)), max(1, round(rows * surface.pitch_mm[1] / pitch)))
    known = np.isfinite(surface.height_um)
    share = cv2.resize(known.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    total = cv2.resize(
        surface.height_um if known.all() else np.where(known, surface.height_um, np.float32(0)),
        small,
        interpolation=cv2.INTER_AREA,
    )
    means = np.asarray(total / np.maximum(share, np.float32(1e-6)), np.float32)
    across, down = cols / small[0], rows / small[1]
    bins = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])
    cells = np.array([[pitch, 0, left], [0, pitch, top], [0, 0, 1]])
    from_cells = np.linalg.inv(to_panel @ bins) @ cells
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (shape[1], shape[0])
    # Beside what was seen, the mean of the seen: a linear mix of height and zero would tear edges.
    whole = filled(means, share >= LEAST_SHARE) if (share >= LEAST_SHARE).any() else means
    warped = cv2.warpPerspective(whole, from_cells, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpPerspective(share, from_cells, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(np.ones_like(share), from_cells, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    warped[(seen < LEAST_SHARE) | (inside == 0)] = np.nan
    return np.asarray(warped, np.float32), left, top, pitch


def _without_form(height: NDArray[np.float32], seen: NDArray[np.bool_], pitch: float) -> NDArray[np.float32]:
    """Height less its mean over a Gaussian neighbourhood that lets waves of 30 mm pass by half."""
    sigma = LONGEST_WAVE_MM / pitch * float(np.sqrt(np.log(2) / 2)) / np.pi
    values = np.where(seen, height, np.float32(0))
    border = cv2.BORDER_REFLECT
    weight = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), sigma, borderType=border)
    slow = cv2.GaussianBlur(values, (0, 0), sigma, borderType=border) / np.maximum(weight, np.float32(1e-3))
    return np.where(seen, values - slow, np.float32(0))
