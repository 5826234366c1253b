"""Earlier reports made up for the tests of what happens between passes."""

from __future__ import annotations

from typing import Any

from inspection.passes.earlier import Earlier
from inspection.report import Defect


def earlier(**known: Any) -> Earlier:
    """An earlier report of pass 1, empty but for what is given."""
    empty: dict[str, Any] = {
        "panel": "AM-0007", "part": "hood", "view": None, "coat_number": 1, "pass_number": 1, "findings": (),
        "defects": (), "removed": (), "next_id": 1, "film": (), "fingerprint": None,
    }  # fmt: skip
    return Earlier(**(empty | known))


def mark(id_: str = "", kind: str = "nib", x_mm: float = 50.0, y_mm: float = 40.0, **known: Any) -> Defect:
    """A nib of 1 mm unless told otherwise."""
    usual: dict[str, Any] = {
        "code": "", "length_mm": 1.0, "width_mm": 1.0, "area_mm2": 0.8, "height_um": 8.0, "angle_deg": None,
        "severity": 0.5, "confidence": 0.95, "region": "whole", "u_place_mm": 0.1, "u_length_mm": 0.08,
        "u_width_mm": 0.08, "u_height_um": 0.8,
    }  # fmt: skip
    return Defect(id=id_, kind=kind, x_mm=x_mm, y_mm=y_mm, **(usual | known))
