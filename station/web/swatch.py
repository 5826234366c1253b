"""The colour of a recipe as a screen can show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage.color import lab2rgb


def screen_colour(lab: Sequence[float] | None) -> str | None:
    """CIE L*a*b* (D65, 2°) as ``#rrggbb`` in sRGB, clipped to what sRGB holds; None without a colour."""
    if lab is None:
        return None
    lightness, a, b = lab
    # The limit keeps Z positive, which lab2rgb would otherwise warn about.
    usable = np.array([lightness, a, min(b, 200.0 * (lightness + 16.0) / 116.0)], np.float64)
    rgb = np.rint(np.clip(lab2rgb(usable), 0.0, 1.0) * 255.0).astype(int)
    return "#" + "".join(f"{channel:02x}" for channel in rgb)
