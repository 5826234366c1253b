"""How much a mark catches the eye, 0 … 1."""

from __future__ import annotations

import math

from inspection.defects.description import Description

#: Slope of a steepest flank that an inspector notices on dark paint under a lamp; twice as much is clearly seen.
NOTICED_MRAD = 1.0
#: Share of lost mirror image, colour difference and brightness under a lamp that are noticed.
NOTICED_LOSS_RATIO, NOTICED_E00, NOTICED_LAMP_RATIO = 0.10, 1.0, 0.3
#: Extent at which the eye resolves a mark from 60 cm (one and a half minutes of arc).
NOTICED_MM = 0.25


def severity(mark: Description) -> float:
    """Visible strength: how far its strongest sign goes beyond what is noticed, weighed by its size.

    ``1 − 1 / (1 + sign · size)`` with sign = the largest of steepest slope / 1 mrad, height / 1 µm per mm of width,
    lost mirror image / 10 %, ΔE00 / 1 and lamp contrast / 0.3, and size = (√area / 0.25 mm)^½. It grows with
    height, with contrast and with size and never falls with any of them; 0.5 is just noticed.
    """
    relief = max(mark.slope_mrad, 2.6 * abs(mark.height_um or 0.0) / max(mark.width_mm, mark.pixel_mm))
    contrast = mark.contrast
    sign = max(
        relief / NOTICED_MRAD,
        max(contrast.gloss_loss_ratio, contrast.clarity_loss_ratio, contrast.unseen_ratio) / NOTICED_LOSS_RATIO,
        max(contrast.delta_e00, 20.0 * contrast.glare_ratio) / NOTICED_E00,
        contrast.lamp_excess_ratio / NOTICED_LAMP_RATIO,
        0.0,
    )
    size = math.sqrt(math.sqrt(max(mark.area_mm2, 0.0)) / NOTICED_MM)
    return 1 - 1 / (1 + sign * size / 4)
