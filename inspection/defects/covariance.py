"""How sure a least-squares fit is when what it leaves is texture: alike over some pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float64]

#: Waves as long as the window follow the fit: of their power only about this part of one is left in the residuals.
TAKEN_BY_FIT = 4.5


def carried(design: Floats, rest: Floats, near: NDArray[np.bool_], wanted: int) -> tuple[Floats, float]:
    """Covariance of the first terms of a least-squares solution under the residuals' own spectrum.

    Parameters
    ----------
    design : (terms, 2, rows, cols)
        Zero outside what was fitted.
    rest : (2, rows, cols)
        Residuals, also outside; 0 where nothing is known.
    near : bool (rows, cols)
    wanted : int
        How many of the terms.

    Returns
    -------
    covariance : (wanted, wanted)
    alone : float
        Standard deviation of the last wanted term were all the others known: what noise and texture alone would give
        it.

    Notes
    -----
    ``G⁻¹ Jᵀ C J G⁻¹`` with the texture's covariance C as stationary: its spectrum, smoothed over neighbouring waves, is
    that of the residuals. Fitted residuals are too small by their lost degrees of freedom; that is put back.
    """
    terms = design.shape[0]
    flat = design.reshape(terms, -1)
    normal = flat @ flat.T
    size = np.sqrt(np.maximum(np.diagonal(normal), 1e-30))
    inverse = np.linalg.inv(normal / (size[:, None] * size) + 1e-9 * np.eye(terms))
    # What a unit of the picture moves each term by, in its own scale; and the last one by itself.
    weights = np.concatenate([inverse[:wanted] / size, np.zeros((1, terms))])
    weights[wanted, wanted - 1] = 1 / size[wanted - 1]
    # In single precision: what a spectrum tells of an uncertainty is good to a few percent.
    waves = fft.rfft2(rest.astype(np.float32), axes=(1, 2))
    half = np.full(waves.shape[2], 2.0, np.float32)
    half[0] = 1.0
    if rest.shape[2] % 2 == 0:
        half[-1] = 1.0
    cross = waves[0] * waves[1].conj()
    power = _smoothed(np.stack([np.square(np.abs(waves[0])), np.square(np.abs(waves[1])), cross])) * half
    forms = fft.rfft2((weights @ flat).astype(np.float32).reshape(-1, *design.shape[1:]), axes=(2, 3))
    along_x, along_y = forms[:, 0], forms[:, 1]
    heard_x = power[0].real * along_x + power[2] * along_y
    heard_y = power[2].conj() * along_x + power[1].real * along_y
    turned = (
        along_x.reshape(len(forms), -1).conj() @ heard_x.reshape(len(forms), -1).T
        + along_y.reshape(len(forms), -1).conj() @ heard_y.reshape(len(forms), -1).T
    ).real / near.size**2
    lost = 2 * near.size / max(2 * near.size - terms, 1)
    alone = float(np.sqrt(max(float(turned[wanted, wanted]), 0.0) * lost) / size[wanted - 1])
    return np.asarray(turned[:wanted, :wanted] / (size[:wanted, None] * size[:wanted]) * lost), alone


def _smoothed(spectra: NDArray[np.complexfloating]) -> NDArray[np.complexfloating]:
    """Mean over 3 × 3 neighbouring waves, the longest ones raised to what they were before the fit."""
    total = spectra + np.roll(spectra, 1, axis=1) + np.roll(spectra, -1, axis=1)
    left = np.concatenate([total[..., :1], total[..., :-1]], axis=2)
    right = np.concatenate([total[..., 1:], total[..., -1:]], axis=2)
    mean = (total + left + right) / 9
    mean[:, :3, :3] *= TAKEN_BY_FIT
    mean[:, -2:, :3] *= TAKEN_BY_FIT
    return np.asarray(mean)
