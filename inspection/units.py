"""The name is the unit: the unit of a value is derived from the last part of its name."""

from __future__ import annotations

from typing import Final

UNIT_OF_SUFFIX: Final[dict[str, str]] = {
    "mm": "mm",
    "mm2": "mm²",
    "percm2": "1/cm²",
    "um": "µm",
    "mrad": "mrad",
    "deg": "°",
    "gu": "GU-eq",
    "gupercm": "GU-eq/cm",
    "pct": "%",
    "e00": "ΔE00",
    "p95": "ΔE00",
    "lab": "CIELAB",
    "ratio": "1",
    "index": "1",
    "count": "1",
    "ms": "ms",
    "px": "px",
    "e": "e⁻",
    "c": "°C",
    "h": "h",
}


def unit_of(name: str) -> str:
    """Return the unit that a name carries in its last part.

    Parameters
    ----------
    name : str
        A measure, knob or field name such as ``waviness_rms_mrad`` or ``period_mm``.

    Returns
    -------
    str
        The printed unit; ``"1"`` for pure numbers.

    Raises
    ------
    ValueError
        The name carries no unit: a fault of the program, found when the measure is registered.
    """
    suffix = name.rsplit("_", 1)[-1]
    if suffix not in UNIT_OF_SUFFIX:
        raise ValueError(f"{name!r} carries no unit: end it in one of {', '.join(UNIT_OF_SUFFIX)}")
    return UNIT_OF_SUFFIX[suffix]
