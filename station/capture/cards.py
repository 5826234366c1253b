"""Pictures for a person who sets up the pattern screen."""

from __future__ import annotations

import numpy as np

from station.capture.patterns import Drawn, ScreenGrid

#: Grey of the card's ground, and of its lines.
GROUND, LINE = 96, 255
#: Steps of the grey wedge.
WEDGE = 16


def setup_card(grid: ScreenGrid) -> Drawn:
    """A card that shows at a glance whether the screen is exact.

    A line of one pixel along each edge (all four must be seen), a cross in the middle, lines of one pixel at the
    distance of one (grey mush where the picture is scaled), and a wedge of greys (each step must be seen).
    """
    card = np.full((grid.height_px, grid.width_px), GROUND, np.uint8)
    rows, columns = card.shape
    card[[0, -1], :] = LINE
    card[:, [0, -1]] = LINE
    card[rows // 2, columns // 4 : -columns // 4] = LINE
    card[rows // 4 : -rows // 4, columns // 2] = LINE
    high, wide = rows // 8, columns // 8
    for top in (high, rows - 2 * high):
        upright = card[top : top + high, wide : 2 * wide]
        upright[:], upright[:, ::2] = 0, LINE
        lying = card[top : top + high, -2 * wide : -wide]
        lying[:], lying[::2, :] = 0, LINE
    wedge = np.repeat(np.linspace(0, 255, WEDGE).round().astype(np.uint8), columns // 2 // WEDGE)
    left = (columns - len(wedge)) // 2
    card[rows - 2 * high : rows - high, left : left + len(wedge)] = wedge
    return Drawn(card)
