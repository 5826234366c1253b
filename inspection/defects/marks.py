"""What the search for marks returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inspection.defects.kinds import Kind
from inspection.lens import Lens
from inspection.maps.kinds import Area, Homography
from inspection.optics import pixel_px


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, described. Lengths in mm in the panel's frame, extents at 10 % of the extreme, blur removed.

    What ends in an edge (a patch, a speck, the ends of a scratch) ends where half of its strength is left: no softness
    of the edge moves that place.

    Attributes
    ----------
    height_um : float or None
        Extreme against the surface around it, down negative; None where the optics give none.
    angle_deg : float or None
        Of its length, counter-clockwise from +x, −90 … 90; None where it has no direction.
    contrast, contrast_measure : float, str
        How much it differs from the paint around it, and in which measure.
    significance : float
        That contrast in standard deviations of noise and texture.
    severity : float
        0 … 1.
    confidence : float
        Probability that the kind is right.
    box_mm : (left, top, right, bottom)
    u_… : float or None
        Standard uncertainties; of the place, root mean square distance, for a line that across it.
    features : tuple of (name, value)
        What its kind was told from (`inspection/defects/features.py`): kept so that a corrected kind can be learned.
    """

    kind: Kind
    confidence: float
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    area_mm2: float
    height_um: float | None
    angle_deg: float | None
    contrast: float
    contrast_measure: str
    significance: float
    severity: float
    box_mm: tuple[float, float, float, float]
    u_place_mm: float
    u_length_mm: float
    u_width_mm: float
    u_height_um: float | None = None
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Marks:
    """Every mark found on a panel or in one region of it.

    Attributes
    ----------
    found : tuple of Mark
        In reading order (top to bottom, left to right).
    searched : bool (rows, cols)
        Camera pixels of the area where marks could be seen.
    area_px : int
        Camera pixels of the whole area, beyond the picture's edge too.
    discrimination_mm : dict of Kind to float
        Limit of discrimination (ISO 8785): the smallest mark of each kind that this station finds on this paint with
        90 % probability. A kind that is missing was not looked for.
    """

    found: tuple[Mark, ...]
    searched: NDArray[np.bool_]
    area_px: int
    to_panel_mm: Homography
    discrimination_mm: dict[Kind, float] = field(default_factory=dict)
    lens: Lens | None = None

    @cached_property
    def n_px(self) -> int:
        """Camera pixels where marks could be seen."""
        return int(np.count_nonzero(self.searched))

    @property
    def searched_ratio(self) -> float:
        """Share of the area in which marks could be seen."""
        return self.n_px / self.area_px

    def within(self, area: Area) -> Marks:
        """The marks whose centre lies in an area."""
        kept = tuple(mark for mark in self.found if _inside(area, self._seen_px(mark)))
        part = self.searched[area.rows, area.cols]
        return replace(
            self, found=kept, searched=part if area.inside is None else part & area.inside, area_px=area.n_px
        )

    def _seen_px(self, mark: Mark) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return pixel_px(self.to_panel_mm, self.lens, mark.x_mm, mark.y_mm)


def _inside(area: Area, seen_px: tuple[NDArray[np.float64], NDArray[np.float64]]) -> bool:
    col, row = (round(float(v)) for v in seen_px)
    if not (area.rows.start <= row < area.rows.stop and area.cols.start <= col < area.cols.stop):
        return False
    return area.inside is None or bool(area.inside[row - area.rows.start, col - area.cols.start])
