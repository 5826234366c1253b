"""Where a mark of an earlier report lies now, and what of the panel a capture has seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from inspection.passes.fingerprint import Fingerprint
from inspection.report import Defect, Registration

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A turn about a centre (degrees, counter-clockwise as seen) and a shift (mm, x right, y down)."""

    centre_mm: tuple[float, float]
    dx_mm: float
    dy_mm: float
    rotation_deg: float
    u_mm: float

    @classmethod
    def of(cls, registration: Registration, field_mm: tuple[float, float]) -> Pose:
        """The pose of an aligned panel.

        Raises
        ------
        ValueError
            The registration states none: nothing may be carried over by it.
        """
        numbers = (registration.dx_mm, registration.dy_mm, registration.rotation_deg, registration.u_mm)
        if any(number is None for number in numbers):
            raise ValueError(f"a panel that is {registration.fit} has no pose")
        dx, dy, rotation, u = (float(number or 0.0) for number in numbers)
        return cls((field_mm[0] / 2, field_mm[1] / 2), dx, dy, rotation, u)

    def place(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Where an earlier place is now."""
        turn = math.radians(self.rotation_deg)
        x, y = x_mm - self.centre_mm[0], y_mm - self.centre_mm[1]
        return (
            self.centre_mm[0] + math.cos(turn) * x + math.sin(turn) * y + self.dx_mm,
            self.centre_mm[1] - math.sin(turn) * x + math.cos(turn) * y + self.dy_mm,
        )

    def before(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Where a place of now was in the earlier report."""
        turn = math.radians(self.rotation_deg)
        x, y = x_mm - self.centre_mm[0] - self.dx_mm, y_mm - self.centre_mm[1] - self.dy_mm
        return (
            self.centre_mm[0] + math.cos(turn) * x - math.sin(turn) * y,
            self.centre_mm[1] + math.sin(turn) * x + math.cos(turn) * y,
        )

    def carry(self, mark: Defect) -> Defect:
        """An earlier mark with place, direction and box of now; everything else as it was."""
        x, y = self.place(mark.x_mm, mark.y_mm)
        return replace(
            mark,
            x_mm=x,
            y_mm=y,
            u_place_mm=math.hypot(mark.u_place_mm or 0.0, self.u_mm),
            angle_deg=None if mark.angle_deg is None else half_turn(mark.angle_deg + self.rotation_deg),
            box_mm=None if mark.box_mm is None else _shifted(mark.box_mm, x - mark.x_mm, y - mark.y_mm),
        )


def half_turn(angle_deg: float) -> float:
    """The direction of a line, −90 (not included) … 90 degrees."""
    return 90.0 - (90.0 - angle_deg) % 180.0


def _shifted(box: Box, dx: float, dy: float) -> Box:
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a capture has seen of the panel: its field, less what its fringes left out."""

    field_mm: tuple[float, float]
    relief: Fingerprint | None

    def holds(self, x_mm: float, y_mm: float) -> bool:
        """Whether a mark at this place could have been found."""
        if self.relief is not None:
            return self.relief.saw(x_mm, y_mm)
        return 0.0 <= x_mm <= self.field_mm[0] and 0.0 <= y_mm <= self.field_mm[1]
