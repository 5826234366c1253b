"""Find the 24-patch chart in a picture and read its patches.

Two ways, and the better one counts: OpenCV's chart detector, and four ArUco markers (4 × 4 dictionary, numbers 0 to 3
clockwise from the top left) at the corners of a holder that is one cell wider than the chart on every side. The
chart may lie in any direction; a flipped picture is noticed. What was found is believed only if the colours agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.targets.classic24 import COLUMNS, LINEAR_SRGB, ROWS
from inspection.refused import Refused

Floats = NDArray[np.float64]

#: The detectors work on a picture of about this many pixels along its longer side.
SEARCHED_PX = 1000
#: Half the width of what is read of a patch, in cells: a found corner may be a sixth of a cell off.
READ_HALF = 0.22
LEAST_PX = 16
#: The quarters of a patch agree to this share; what differs is half covered, shaded or dirty.
UNEVEN_RELATIVE, UNEVEN_ABSOLUTE = 0.06, 0.004
#: Median distance of the patches from their colours after a plain fit, over their own spread: noise of a wrong
#: place is near 1, any camera's colours are well below.
MOST_DISAGREEMENT = 0.25
#: Corners of the chart and centres of the holder's markers, in cells from the chart's top left corner.
CORNERS = np.array([[0, 0], [COLUMNS, 0], [COLUMNS, ROWS], [0, ROWS]], np.float32)
MARKERS = np.array([[-0.5, -0.5], [COLUMNS + 0.5, -0.5], [COLUMNS + 0.5, ROWS + 0.5], [-0.5, ROWS + 0.5]], np.float32)
_CENTRES = np.stack(np.meshgrid(np.arange(COLUMNS) + 0.5, np.arange(ROWS) + 0.5), axis=-1).reshape(-1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The patches in the chart's own order.

    Attributes
    ----------
    rgb : (24, 3)
        Mean camera RGB over that of a perfect white diffuser; NaN where a patch could not be read.
    even : (24,)
        Whether the patch is of one colour and unsaturated.
    found_by : str
        ``chart`` or ``markers``.
    turned_deg : float
        Direction of the chart's upper edge in the picture, counter-clockwise, 0 … 360; 180 is upside-down.
    mirrored : bool
        The picture is flipped.
    """

    rgb: Floats
    even: NDArray[np.bool_]
    found_by: str
    turned_deg: float
    mirrored: bool


def read_patches(picture: Floats, name: str) -> Patches:
    """Read the chart in a picture.

    Parameters
    ----------
    picture : (rows, cols, 3)
        Light over that of a white diffuser; NaN where saturated.
    name : str
        Of the frame, for the refusal.

    Raises
    ------
    Refused
        No chart is found, or it is too small in the picture.
    """
    best, least = None, MOST_DISAGREEMENT
    smallest = LEAST_PX
    for found_by, corners in _found(picture):
        patches, n_px = _read(picture, found_by, corners)
        smallest = min(smallest, n_px)
        wrong = _disagreement(patches.rgb)
        if n_px >= LEAST_PX and wrong < least:
            best, least = patches, wrong
    if best is not None:
        return best
    if smallest < LEAST_PX:
        raise Refused(
            f"{name}: the colour chart is too small: {smallest} pixels of a patch can be read, "
            f"at least {LEAST_PX} are needed"
        )
    raise Refused(
        f"{name}: no colour chart of {COLUMNS} x {ROWS} patches is found: "
        "all of it must be in the picture, lit and flat"
    )


def _found(picture: Floats) -> Iterator[tuple[str, Floats]]:
    """Corners of the chart in pixels, (4, 2) in the order of `CORNERS`, as each way finds them."""
    scale = SEARCHED_PX / max(picture.shape[:2])
    seen = np.clip(np.nan_to_num(picture, nan=1.0), 0, 1) ** (1 / 2.2)
    mode = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    shown = cv2.resize(np.round(255 * seen[..., ::-1]).astype(np.uint8), None, fx=scale, fy=scale, interpolation=mode)
    detector = cv2.mcc.CCheckerDetector.create()
    detector.setColorChartType(cv2.mcc.MCC24)
    if detector.process(np.ascontiguousarray(shown), 1):
        yield "chart", _pixels(np.array(detector.getBestColorChecker().getBox()), scale)
    grey = np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY), np.uint8)
    for flipped in (False, True):
        corners = _marked(np.ascontiguousarray(grey[:, ::-1]) if flipped else grey)
        if corners is not None:
            if flipped:
                corners[:, 0] = grey.shape[1] - 1 - corners[:, 0]
            yield "markers", _pixels(corners, scale)


def _pixels(corners: Floats, scale: float) -> Floats:
    """From the enlarged picture back: pixel centres are at whole numbers in both."""
    return np.asarray((corners.reshape(4, 2) + 0.5) / scale - 0.5, np.float64)


def _marked(grey: NDArray[np.uint8]) -> Floats | None:
    """Corners of the chart from the centres of the holder's markers; None unless all four are seen."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    quads, numbers, _ = cv2.aruco.ArucoDetector(dictionary).detectMarkers(grey)
    if numbers is None or not set(range(4)) <= set(numbers.ravel().tolist()):
        return None
    centre = {int(n): quad.reshape(4, 2).mean(axis=0) for n, quad in zip(numbers.ravel(), quads, strict=True)}
    to_picture = cv2.getPerspectiveTransform(MARKERS, np.array([centre[n] for n in range(4)], np.float32))
    return np.asarray(cv2.perspectiveTransform(CORNERS[None], to_picture)[0], np.float64)


def _read(picture: Floats, found_by: str, corners: Floats) -> tuple[Patches, int]:
    """Means over the middle of each patch, and the pixels of the patch that has the fewest."""
    to_picture = cv2.getPerspectiveTransform(CORNERS, corners.astype(np.float32))
    rows, cols = picture.shape[:2]
    row, col = np.mgrid[0:rows, 0:cols].astype(np.float64)
    cell = cv2.perspectiveTransform(np.stack([col, row], axis=-1).reshape(1, -1, 2), np.linalg.inv(to_picture))[0]
    flat = picture.reshape(-1, 3)
    rgb, even, fewest = np.full((len(_CENTRES), 3), np.nan), np.zeros(len(_CENTRES), bool), cell.shape[0]
    for number, centre in enumerate(_CENTRES):
        off = cell - centre
        inside = np.abs(off).max(axis=1) < READ_HALF
        light, where = flat[inside], off[inside] > 0
        fewest = min(fewest, len(light))
        if len(light) < LEAST_PX or np.isnan(light).any():
            continue
        rgb[number] = light.mean(axis=0)
        quarters = [light[(where == q).all(axis=1)] for q in ((0, 0), (0, 1), (1, 0), (1, 1))]
        even[number] = _agree([q for q in quarters if len(q) > 1], rgb[number])
    edge = corners[1] + corners[2] - corners[0] - corners[3]
    down = corners[2] + corners[3] - corners[0] - corners[1]
    turned = float(np.degrees(np.arctan2(-edge[1], edge[0]))) % 360
    mirrored = bool(edge[0] * down[1] - edge[1] * down[0] < 0)
    return Patches(rgb, even, found_by, turned, mirrored), fewest


def _agree(quarters: list[Floats], mean: Floats) -> bool:
    """No quarter differs from the patch by more than unevenness of light and noise explain."""
    allowed = np.maximum(UNEVEN_RELATIVE * np.abs(mean), UNEVEN_ABSOLUTE)
    return all(
        bool((np.abs(q.mean(axis=0) - mean) < allowed + 4 * q.std(axis=0, ddof=1) / np.sqrt(len(q))).all())
        for q in quarters
    )


def _disagreement(rgb: Floats) -> float:
    """How badly any matrix takes the patches to their colours: 0 is perfect, 1 is no relation at all."""
    known = ~np.isnan(rgb).any(axis=1)
    if known.sum() < len(rgb) / 2:
        return np.inf
    seen, wanted = rgb[known], LINEAR_SRGB[known]
    off = seen @ np.linalg.lstsq(seen, wanted, rcond=None)[0] - wanted
    spread = wanted - wanted.mean(axis=0)
    return float(np.median(np.linalg.norm(off, axis=1)) / np.median(np.linalg.norm(spread, axis=1)))
