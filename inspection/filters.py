"""Shared numerics on maps with holes: binning, filling, low-order fits, integration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from inspection.strips import WORKERS, in_strips, side_by_side

FloatMap = NDArray[np.float32]

#: Tukey's biweight: beyond this many robust standard deviations a point does not count (95 % efficiency).
BIWEIGHT = 4.685


def binned(values: FloatMap, rows: int, cols: int) -> tuple[FloatMap, FloatMap]:
    """Means of blocks of rows × cols pixels, NaN left out; and the share of pixels that counted.

    A border that does not fill a block is cut off, so that no coordinate shifts. A block without a
    finite pixel is NaN with share 0. `values` may have a third axis (channels), judged by its first.
    """
    height, width = values.shape[0] // rows, values.shape[1] // cols
    if not (height and width):
        raise ValueError(f"{values.shape[:2]} pixels hold no block of {rows} × {cols}")
    inner = values[: height * rows, : width * cols]
    means = np.empty((height, width, *values.shape[2:]), np.float32)
    share = np.ones((height, width), np.float32)

    def work(part: slice) -> None:
        means[part], counted = block_means(inner[part.start * rows : part.stop * rows], rows, cols)
        if counted is not None:
            share[part] = counted

    in_strips((height, width * rows * cols), work)
    return means, share


def block_means(values: FloatMap, rows: int, cols: int) -> tuple[FloatMap, FloatMap | None]:
    """As `binned`, of a small map at once and without threads; the share is None where every pixel counted."""
    height, width = values.shape[0] // rows, values.shape[1] // cols
    pixels, size = values[: height * rows, : width * cols], (width, height)
    means = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    if np.isfinite(means).all():
        return means, None
    valid = np.isfinite(pixels if pixels.ndim == 2 else pixels[..., 0])
    solid = np.where(valid if pixels.ndim == 2 else valid[..., None], pixels, np.float32(0))
    share = np.asarray(cv2.resize(valid.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    means = np.asarray(cv2.resize(solid, size, interpolation=cv2.INTER_AREA), np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(means / (share if pixels.ndim == 2 else share[..., None])), share


def unknown(values: FloatMap) -> NDArray[np.bool_]:
    """Where a map (rows, cols) holds no number."""
    holes = np.empty(values.shape, np.bool_)

    def work(part: slice) -> None:
        np.logical_not(np.isfinite(values[part], out=holes[part]), out=holes[part])

    in_strips(values.shape, work)
    return holes


def filled(values: FloatMap, known: NDArray[np.bool_]) -> FloatMap:
    """Holes filled smoothly from their surroundings (push-pull pyramid); known pixels stay as they are.

    Where nothing at all is known the result is 0.
    """
    if known.all():
        return values
    mask = known.view(np.uint8)
    finest = (cv2.copyTo(values, mask), known.astype(np.float32))  # copyTo: 0 where not known
    pyramid: list[tuple[NDArray[Any], NDArray[Any]]] = [finest]
    while min(pyramid[-1][0].shape) > 2:
        v, w = pyramid[-1]
        pyramid.append((cv2.pyrDown(v), cv2.pyrDown(w)))
    v, w = pyramid[-1]
    coarse = np.full(v.shape, float(v.sum()) / max(float(w.sum()), 1e-12), np.float32)
    for v, w in reversed(pyramid[1:]):
        sure = np.minimum(w, 1)
        inner = np.divide(v, np.maximum(w, 1e-6))
        inner[w <= 1e-6] = 0
        coarse = inner * sure + _enlarged(coarse, v.shape) * (1 - sure)
    return np.asarray(cv2.copyTo(values, mask, _enlarged(coarse, values.shape)), np.float32)


def _enlarged(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    return cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def spread(values: NDArray[np.floating]) -> float:
    """Robust standard deviation (1.4826 × median absolute deviation) of the finite values; NaN if none."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return float("nan")
    return float(1.4826 * np.median(np.abs(finite - np.median(finite))))


def robust_fit(design: NDArray[np.floating], values: NDArray[np.floating], *, rounds: int = 6) -> NDArray[np.float64]:
    """Least squares with Tukey's biweight (iteratively re-weighted): single marks do not count.

    Parameters
    ----------
    design : (points, terms)
    values : (points,)
        Finite.
    """
    size = np.maximum(np.sqrt(np.square(design).mean(0)), 1e-300)
    scaled = design / size
    weight = np.ones(len(values))
    solution = np.zeros(design.shape[1])
    for _ in range(rounds):
        weighted = scaled * weight[:, None]
        solution = np.linalg.lstsq(weighted.T @ scaled, weighted.T @ values, rcond=None)[0]
        rest = values - scaled @ solution
        # About zero, not about their median: marks on one side may have pulled the first rounds away.
        scale = 1.4826 * float(np.median(np.abs(rest)))
        if not scale > 0:
            break
        weight = np.square(np.maximum(0.0, 1 - np.square(rest / (BIWEIGHT * scale))))
    return solution / size


def surface(along_x: FloatMap, along_y: FloatMap) -> tuple[FloatMap, FloatMap, FloatMap]:
    """The height whose gradient fits two slope maps best (least squares, mean 0), and that gradient.

    Two measured slope maps are the gradient of no surface: their noise has curl. The gradient that is
    returned has none, which takes half of the noise power away and leaves every real wave as it is.

    Parameters
    ----------
    along_x, along_y : float32 (rows, cols)
        Change of height per pixel to the right and down, without holes.

    Returns
    -------
    height, along_x, along_y : float32 (rows, cols)

    Notes
    -----
    Frankot and Chellappa (IEEE PAMI 10(4), 1988) on the domain mirrored at its edges, which makes
    the Fourier series of the height a cosine series and those of its slopes sine series along
    their own axis: exact for every wave that the pixels resolve, and no seam at the border.
    """
    rows, cols = along_x.shape
    kx = (np.pi / cols * np.arange(cols, dtype=np.float32))[:, None]
    ky = np.pi / rows * np.arange(rows, dtype=np.float32)
    # Series stand on their side, (cols, rows): a transform along columns takes twice as long as one along rows.
    part_x, part_y = side_by_side(
        partial(_transformed, along_x, fft.dst, fft.dct, used_up=False),
        partial(_transformed, along_y, fft.dct, fft.dst, used_up=False),
    )
    series = np.empty((cols, rows), np.float32)

    def solve(strip: slice) -> None:
        """From the series of both slopes to that of the height, and back to theirs."""
        here, in_y = series[strip], part_y[strip]
        # A sine series has no constant term: its first one belongs to the second of a cosine series.
        first = 1 if strip.start == 0 else 0
        wave, in_x = -kx[strip][first:], part_x[strip.start + first - 1 : strip.stop - 1]
        here[:first] = 0
        np.multiply(in_x, wave, out=here[first:])
        in_y[:, :-1] *= ky[1:]
        here[:, 1:] -= in_y[:, :-1]
        square = kx[strip] * kx[strip] + ky * ky
        if first:
            square[0, 0] = np.inf
        here /= square
        np.multiply(here[first:], wave, out=in_x)
        np.multiply(here[:, 1:], -ky[1:], out=in_y[:, :-1])
        in_y[:, -1] = 0

    in_strips(series.shape, solve)
    part_x[-1] = 0
    part_x, part_y = side_by_side(  # the gradient; the memory of its series is free again
        partial(_transformed, part_x, fft.idct, fft.idst, used_up=True),
        partial(_transformed, part_y, fft.idst, fft.idct, used_up=True),
    )
    return _transformed(series, fft.idct, fft.idct, used_up=True, workers=WORKERS), part_x, part_y


def _transformed(
    values: FloatMap,
    along_rows: Callable[..., Any],
    along_columns: Callable[..., Any],
    *,
    used_up: bool,
    workers: int = 1,
) -> FloatMap:
    """One cosine or sine transform along the rows, the other along the columns; the result is transposed."""
    once = cv2.transpose(np.asarray(along_rows(values, 2, axis=1, workers=workers, overwrite_x=used_up)))
    return np.asarray(along_columns(once, 2, axis=1, workers=workers, overwrite_x=True), np.float32)
