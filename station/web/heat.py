"""Marks on the outline of a part: squares coloured by how many lie there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from station.store.quality import Heat
from station.web.scales import colours_of
from station.web.wording import Wording

#: Colours of the scale beside it.
_STOPS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One square, mm, with its colour; `spoken` says place and number."""

    x: float
    y: float
    colour: str
    spoken: str


@dataclass(frozen=True, slots=True)
class DrawnHeat:
    """In millimetres of the part; `stops` are offset and colour of the scale from 0 to `most`."""

    width: float
    height: float
    cell: float
    cells: tuple[Cell, ...]
    most: str
    stops: tuple[tuple[float, str], ...]
    inspections: str
    marks: str


def drawn_heat(heat: Heat, words: Wording) -> DrawnHeat:
    """Lay out a map; marks that lie beside the part, as an edge in the picture may, are in its outermost squares."""
    table = colours_of("marks")
    most = max((n for _, _, n in heat.cells), default=1)
    columns, rows = (max(1, int(np.ceil(side / heat.cell_mm - 1e-9))) for side in heat.size_mm)
    summed: dict[tuple[int, int], int] = {}
    for x, y, n in heat.cells:
        at = (min(max(x, 0), columns - 1), min(max(y, 0), rows - 1))
        summed[at] = summed.get(at, 0) + n
    # The same few numbers stand in thousands of squares.
    number = cache(words.number)
    spoken = words.word("quality page", "cell")
    colour = cache(lambda n: _hex(table[round(255 * n / max(most, n))]))
    cells = tuple(
        Cell(
            x=round(x * heat.cell_mm, 3),
            y=round(y * heat.cell_mm, 3),
            colour=colour(n),
            spoken=spoken % {"x": number((x + 0.5) * heat.cell_mm, 0), "y": number((y + 0.5) * heat.cell_mm, 0),
                             "count": number(n)},
        )
        for (x, y), n in sorted(summed.items())
    )  # fmt: skip
    stops = tuple((100 * i / (_STOPS - 1), _hex(table[round(255 * i / (_STOPS - 1))])) for i in range(_STOPS))
    total = sum(summed.values())
    return DrawnHeat(
        *heat.size_mm, heat.cell_mm, cells, words.number(most), stops, words.number(heat.inspections),
        words.number(total),
    )  # fmt: skip


def _hex(colour: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(int(part) for part in colour))
