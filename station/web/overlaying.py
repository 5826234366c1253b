"""Two passes of a panel upon each other: from a place of the earlier one to the same place of the later one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.report import Fit
from station.store.db import Reader

Row = Mapping[str, Any]
Matrix = NDArray[np.float64]


def moved(registration: Row | None, field_mm: Sequence[float]) -> Matrix | None:
    """Places (x, y, 1) of the earlier pass to places of this one, mm; None where it was not laid over it."""
    if registration is None or registration["fit"] != Fit.ALIGNED:
        return None
    turn = math.radians(registration["rotation_deg"])
    cos, sin = math.cos(turn), math.sin(turn)
    centre = np.array(field_mm, float) / 2
    # Counter-clockwise as seen, with y down.
    rotation = np.array([[cos, sin], [-sin, cos]])
    matrix = np.eye(3)
    matrix[:2, :2] = rotation
    matrix[:2, 2] = centre - rotation @ centre + (registration["dx_mm"], registration["dy_mm"])
    return matrix


def earlier_to_later(reader: Reader, left: int, right: Row) -> Matrix | None:
    """Places of an earlier inspection to places of a later one, over every pass between them.

    Parameters
    ----------
    left : int
        Id of the earlier inspection.
    right : mapping
        The later one, as `Reader.inspection` gives it.

    Returns
    -------
    float64 (3, 3) or None
        None where the later one's ledger does not go back to the earlier one, or a pass between was not registered.
    """
    if left == right["id"]:
        return np.eye(3)
    chain = reader.chain(right["id"])
    if left not in chain:
        return None
    total = np.eye(3)
    for inspection_id in chain[chain.index(left) + 1 :]:
        row = right if inspection_id == right["id"] else reader.inspection(inspection_id)
        step = None if row is None else moved(row["report"].get("registration"), row["field_mm"])
        if step is None:
            return None
        total = step @ total
    return total
