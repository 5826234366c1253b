"""From a camera's balanced RGB to linear sRGB: a matrix of 3 columns, or of 6 with the roots of products.

The root-polynomial terms are those of order 2 of G. D. Finlayson, M. Mackiewicz and A. Hurlbert, "Color correction
using root-polynomial regression", IEEE Transactions on Image Processing 24(5), 2015: twice the light is twice the
result, as with a plain matrix.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.floating)

#: Columns of a matrix on r, g, b and on r, g, b, √rg, √gb, √rb.
LINEAR, ROOTS = 3, 6


def to_linear_srgb(rgb: NDArray[Kind], matrix: NDArray[np.float64]) -> NDArray[Kind]:
    """Linear sRGB of balanced camera RGB, in its precision.

    Parameters
    ----------
    rgb : (…, 3)
        Light over that of a white diffuser. Noise below 0 counts as 0 under a root; NaN stays NaN.
    matrix : (3, 3) or (3, 6)
    """
    kind = rgb.dtype.type
    if rgb.dtype == np.float32 and rgb.ndim == 3:
        linear = np.asarray(cv2.transform(rgb, matrix[:, :LINEAR].astype(np.float32)), rgb.dtype)
    else:
        linear = np.asarray(rgb @ matrix[:, :LINEAR].T, rgb.dtype)
    if matrix.shape[1] == LINEAR:
        return linear
    root = np.sqrt(np.maximum(rgb, kind(0)))
    for term in range(3):
        product = root[..., term] * root[..., (term + 1) % 3]
        for channel in range(3):
            linear[..., channel] += kind(matrix[channel, LINEAR + term]) * product
    return linear


def terms_of(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the columns of a matrix with roots stand for, (…, 6)."""
    root = np.sqrt(np.maximum(rgb, 0))
    return np.concatenate([rgb, root * np.roll(root, -1, axis=-1)], axis=-1)


def matrix_at(rgb: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The plain matrix (3, 3) that stands for `matrix` around one camera colour.

    It has the same derivative, and as the terms are homogeneous it takes this colour itself to the same result
    (Euler). Behind the range of roots (a channel not above 0) its plain part.
    """
    plain = matrix[:, :LINEAR].copy()
    if matrix.shape[1] == LINEAR or not (rgb > 0).all():
        return plain
    for term in range(3):
        other = (term + 1) % 3
        plain[:, term] += matrix[:, LINEAR + term] * np.sqrt(rgb[other] / rgb[term]) / 2
        plain[:, other] += matrix[:, LINEAR + term] * np.sqrt(rgb[term] / rgb[other]) / 2
    return plain


def grey_weights(white: NDArray[np.float32]) -> NDArray[np.float64]:
    """Share of each camera colour in what its pixels get from white light, (3,); of a mosaic in the mean of them.

    Of a colour camera's grey frames: as if the screen's white were that of the lamps on the white tile. In a mosaic
    every pixel has its own colour, and light over that of white is a mean by number: green twice.

    Parameters
    ----------
    white : (rows, cols, 3), or (rows, cols) of a mosaic
        The white tile.
    """
    if white.ndim == 2:
        return np.array([0.25, 0.5, 0.25])
    each = np.nanmean(white[::8, ::8], axis=(0, 1), dtype=np.float64)
    return np.asarray(each / each.sum())


def entry_errors(matrix: NDArray[np.float64], *, white_kept: bool) -> list[NDArray[np.float64]]:
    """What an error of each entry by its own size does to camera RGB, nine maps (3, 3).

    Parameters
    ----------
    matrix : (3, 3)
    white_kept : bool
        The matrix takes the white tile to white whatever its entries are: only what differs from grey is moved.
    """
    keep = np.full(3, 1 / 3) if white_kept else np.zeros(3)
    rows = np.eye(3)
    return [matrix[i, j] * np.outer(rows[i], rows[j] - keep) for i in range(3) for j in range(3)]
