"""All that is known of a mark before it gets a name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from inspection.defects.candidates import Shape
from inspection.defects.contrast import Contrast


class Basis(StrEnum):
    """What place and size rest on."""

    BUMP = "bump"
    LINE = "line"
    FOOTPRINT = "footprint"
    STREAKS = "streaks"


@dataclass(frozen=True, slots=True)
class Description:
    """One mark, measured.

    Attributes
    ----------
    basis : Basis
    length_mm … u_height_um
        As in `marks.Mark`.
    rim_um : float
        Height of a wall around it; 0 without one.
    explained_ratio : float
        Share of the slopes around it that its relief explains.
    relief_significance : float
        Height in standard deviations; 0 without relief.
    slope_mrad : float
        Steepest slope of the relief, as seen.
    specks : int
    contrast : Contrast
    pixel_mm : float
        Mean pixel pitch there.
    thins_out : float
        Extent where a tenth of its strength is left over that where half is, of what has a soft edge.
    """

    basis: Basis
    shape: Shape
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    area_mm2: float
    angle_deg: float | None
    height_um: float | None
    u_place_mm: float
    u_length_mm: float
    u_width_mm: float
    u_height_um: float | None
    rim_um: float
    explained_ratio: float
    relief_significance: float
    significance: float
    slope_mrad: float
    specks: int
    contrast: Contrast
    pixel_mm: float
    box_mm: tuple[float, float, float, float]
    thins_out: float = 1.0

    def features(self) -> dict[str, float]:
        """Plain numbers by name, for the store and for training; no relief is height 0."""
        plain = {
            "is_bump": float(self.basis is Basis.BUMP),
            "is_line": float(self.basis is Basis.LINE),
            "is_region": float(self.shape is Shape.REGION),
            "length_mm": self.length_mm,
            "width_mm": self.width_mm,
            "height_um": self.height_um or 0.0,
            "rim_um": self.rim_um,
            "explained_ratio": self.explained_ratio,
            "relief_significance": self.relief_significance,
            "slope_mrad": self.slope_mrad,
            "specks": float(self.specks),
            "pixel_mm": self.pixel_mm,
        }
        return plain | {one.name: float(getattr(self.contrast, one.name)) for one in fields(self.contrast)}
