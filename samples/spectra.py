"""Light as a spectrum: lamps, a camera's three channels, the standard observer, and reflectances of given colours.

Everything is smooth and synthetic; nothing was measured on a real lamp, camera or chart. The rest of the sample
world knows three numbers per colour; this file is for what three numbers cannot tell: another lamp, a camera that
does not see as the observer does.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Wavelengths, nm.
NM: Final[Floats] = np.arange(380.0, 731.0, 5.0)
#: CIE standard illuminant D65, 380 … 730 nm in steps of 10 nm (ISO/CIE 11664-2).
_D65_10NM: Final = (
    49.98, 54.65, 82.75, 91.49, 93.43, 86.68, 104.86, 117.01, 117.81, 114.86, 115.92, 108.81, 109.35, 107.80,
    104.79, 107.69, 104.41, 104.05, 100.00, 96.33, 95.79, 88.69, 90.01, 89.60, 87.70, 83.29, 83.70, 80.03, 80.21,
    82.28, 78.28, 69.72, 71.61, 74.35, 61.60, 69.89,
)  # fmt: skip
#: Second radiation constant, nm·K.
_C2: Final = 1.4388e7


def _lobe(peak: float, below: float, above: float) -> Floats:
    """A bell around `peak` nm with its own width to either side."""
    return np.asarray(np.exp(-0.5 * ((NM - peak) / np.where(peak > NM, below, above)) ** 2))


def _observer() -> Floats:
    """Colour-matching functions of the 2° observer, (wavelengths, 3).

    Multi-lobe fit of C. Wyman, P.-P. Sloan and P. Shirley, Journal of Computer Graphics Techniques 2(2), 2013.
    """
    x = 1.056 * _lobe(599.8, 37.9, 31.0) + 0.362 * _lobe(442.0, 16.0, 26.7) - 0.065 * _lobe(501.1, 20.4, 26.2)
    y = 0.821 * _lobe(568.8, 46.9, 40.5) + 0.286 * _lobe(530.9, 16.3, 31.1)
    z = 1.217 * _lobe(437.0, 11.8, 36.0) + 0.681 * _lobe(459.0, 26.0, 13.8)
    return np.stack([x, y, z], axis=1)


def _led(pump_share: float, phosphor_nm: float) -> Floats:
    """White LED: a blue pump and a broad phosphor."""
    return pump_share * _lobe(450.0, 9.0, 12.0) + _lobe(phosphor_nm, 45.0, 65.0)


def _planck(kelvin: float) -> Floats:
    return np.asarray(1e15 / (NM**5 * np.expm1(_C2 / (NM * kelvin))))


def _fluorescent() -> Floats:
    """Three-band tube of about 4000 K: narrow lines on a weak continuum."""
    lines = ((436.0, 0.45), (488.0, 0.25), (544.0, 1.0), (586.0, 0.25), (611.0, 1.0))
    return np.asarray(sum(height * _lobe(nm, 6.0, 6.0) for nm, height in lines) + 0.04 * _lobe(550.0, 90.0, 90.0))


#: Lamps by name: relative power per nm over `NM`.
LAMPS: Final[dict[str, Floats]] = {
    "LED 4000 K": _led(0.75, 575.0),
    "LED 6500 K": _led(1.6, 548.0),
    "halogen 3000 K": _planck(3000.0),
    "fluorescent 4000 K": _fluorescent(),
}

#: What the three channels of a camera with an infrared filter make of light, (wavelengths, 3): red, green, blue.
CAMERA: Final[Floats] = np.stack(
    [
        _lobe(603.0, 25.0, 42.0) + 0.07 * _lobe(530.0, 40.0, 30.0) + 0.03 * _lobe(430.0, 20.0, 20.0),
        _lobe(532.0, 33.0, 38.0) + 0.06 * _lobe(460.0, 25.0, 25.0) + 0.06 * _lobe(630.0, 30.0, 40.0),
        _lobe(458.0, 26.0, 33.0) + 0.06 * _lobe(535.0, 30.0, 30.0),
    ],
    axis=1,
)


def white_balanced(reflectance: Floats, lamp: str) -> Floats:
    """What the camera sees of reflectances (…, wavelengths) under a lamp, over a white diffuser: (…, 3)."""
    weight = CAMERA * LAMPS[lamp][:, None]
    return np.asarray(reflectance @ (weight / weight.sum(axis=0)))


def cast(lamp: str, nominal: str) -> Floats:
    """Light of a white diffuser in the three channels under one lamp relative to another of the same illuminance."""
    seen, other = (CAMERA.T @ LAMPS[name] / (_OBSERVER[:, 1] @ LAMPS[name]) for name in (lamp, nominal))
    return np.asarray(seen / other)


_OBSERVER: Final = _observer()


def reflectance_of(relative_xyz: Floats) -> Floats:
    """The smoothest reflectance spectrum with a given colour under D65.

    Parameters
    ----------
    relative_xyz : (3,)
        X/Xn, Y/Yn, Z/Zn.

    Returns
    -------
    (wavelengths,) between 0 and 1
        ``(1 + tanh z)/2`` with the least sum of squared steps of `z` that has this colour: Newton's method on the
        conditions of Lagrange (after S. A. Burns, Color Research & Application 45(1), 2020, who minimises the same).

    Raises
    ------
    ValueError
        No reflectance has this colour.
    """
    weight = _OBSERVER * np.interp(NM, np.arange(380.0, 731.0, 10.0), _D65_10NM)[:, None]
    weight /= weight.sum(axis=0)
    step = np.diff(np.eye(NM.size), axis=0)
    stiffness = step.T @ step
    z, multiplier = np.full(NM.size, np.arctanh(2 * np.clip(relative_xyz[1], 0.01, 0.99) - 1)), np.zeros(3)
    for _ in range(100):
        tanh = np.tanh(z)
        rise = (1 - tanh**2) / 2
        force = weight @ multiplier
        left = np.concatenate([stiffness @ z + rise * force, weight.T @ ((1 + tanh) / 2) - relative_xyz])
        if np.abs(left).max() < 1e-10:
            return np.asarray((1 + tanh) / 2)
        across = rise[:, None] * weight
        system = np.block([[stiffness - np.diag(2 * rise * tanh * force), across], [across.T, np.zeros((3, 3))]])
        move = np.linalg.solve(system, -left)
        move *= min(1.0, 2.0 / np.abs(move[: NM.size]).max())
        z, multiplier = z + move[: NM.size], multiplier + move[NM.size :]
    raise ValueError(f"no reflectance has the colour {relative_xyz}")
