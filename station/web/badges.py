"""Where the label of each mark stands: beside the mark, inside the picture, and not upon another label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Directions in which a label is tried, the first that is free wins: x right, y down.
_DIRECTIONS = ((1, -1), (-1, -1), (1, 1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1))
_DISTANCES = (1.0, 2.2, 3.6, 5.2)


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark to be labelled: its centre, how far it reaches around it, and the width of its label."""

    x: float
    y: float
    reach: float
    width: float


def spread(spots: Sequence[Spot], height: float, columns: float, rows: float) -> list[tuple[float, float]]:
    """Centres of the labels, in drawing coordinates.

    Parameters
    ----------
    height : float
        Of every label.
    columns, rows : float
        Size of the picture; labels stay inside where they fit in.

    Returns
    -------
    list of (x, y)
        In the order of the spots. Where there is no free place left, the least covered one.
    """
    taken: list[tuple[float, float, float]] = []
    for spot in spots:
        half = spot.width / 2
        tried: list[tuple[float, int, tuple[float, float]]] = []
        for distance in _DISTANCES:
            for right, down in _DIRECTIONS:
                away = spot.reach + distance * height * 0.8
                x = min(max(spot.x + right * (away + half * abs(right)), half), max(columns - half, half))
                y = min(max(spot.y + down * away, height / 2), max(rows - height / 2, height / 2))
                covered = sum(_overlap((x, y, spot.width), other, height) for other in taken)
                covered += sum(_covers((x, y, spot.width), other, height) for other in spots)
                tried.append((covered, len(tried), (x, y)))
            if min(tried)[0] == 0:
                break
        x, y = min(tried)[2]
        taken.append((x, y, spot.width))
    return [(round(x, 2), round(y, 2)) for x, y, _ in taken]


def _overlap(one: tuple[float, float, float], other: tuple[float, float, float], height: float) -> float:
    across = (one[2] + other[2]) / 2 - abs(one[0] - other[0])
    down = height - abs(one[1] - other[1])
    return across * down if across > 0 and down > 0 else 0.0


def _covers(label: tuple[float, float, float], spot: Spot, height: float) -> float:
    """Half a label's area where it hides the centre of a mark."""
    hidden = abs(label[0] - spot.x) < label[2] / 2 and abs(label[1] - spot.y) < height / 2
    return label[2] * height / 2 if hidden else 0.0
