"""A map as numbers (`.npy`) and as a picture to look at (`.png`)."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from station.capture_set.pictures import encode_png

#: The picture spans these percentiles of the valid values.
SHOWN_PERCENTILES = (2.0, 98.0)


def write_map(array: NDArray[np.float32], path: Path) -> None:
    """Write ``<path>.npy`` (float32, NaN where not valid) and ``<path>.png``.

    Parameters
    ----------
    array : ndarray of float32, (rows, cols), or (rows, cols, 3) for CIE L*a*b* (D65)
    path : Path
        Without suffix; names such as ``clarity_2.5mm_pct`` are kept whole.
    """
    _replace(path.with_name(f"{path.name}.png"), encode_png(picture_of(array)))
    unfinished = path.with_name(f"{path.name}.npy.part")
    with unfinished.open("wb") as stream:
        np.save(stream, np.asarray(array, np.float32), allow_pickle=False)
    os.replace(unfinished, path.with_name(f"{path.name}.npy"))


def picture_of(array: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Show a map: viridis from the 2nd to the 98th percentile, transparent where not valid.

    Parameters
    ----------
    array : ndarray of float32, (rows, cols), or (rows, cols, 3) for CIE L*a*b* (D65), shown as its colour

    Returns
    -------
    ndarray of uint8, (rows, cols, 4)
        RGBA.
    """
    valid = np.isfinite(array if array.ndim == 2 else array.sum(axis=2))
    picture = np.zeros((*array.shape[:2], 4), np.uint8)
    if not valid.any():
        return picture
    if array.ndim == 3:
        # Good enough to look at; nothing is judged by this picture.
        rgb = cv2.cvtColor(np.where(valid[..., None], array, 0.0).astype(np.float32), cv2.COLOR_Lab2RGB)
        picture[..., :3] = np.round(255.0 * np.clip(rgb, 0.0, 1.0))
    else:
        # A sixteenth of the pixels says where the percentiles lie.
        sample = array[::4, ::4][valid[::4, ::4]]
        low, high = np.percentile(sample if sample.size else array[valid], SHOWN_PERCENTILES)
        share = (np.where(valid, array, low) - low) / (high - low if high > low else 1.0)
        grey = np.round(255.0 * np.clip(share, 0.0, 1.0)).astype(np.uint8)
        picture[..., :3] = cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS)[..., ::-1]
    picture[..., 3] = np.where(valid, 255, 0)
    picture[~valid] = 0
    return picture


def _replace(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
