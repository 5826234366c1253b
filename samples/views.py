"""A panel that is larger than the field, as each view of its plan shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inspection.plan import Plan, View
from samples.paintwork import Panel, Pose


def laid_for(panel: Panel, plan: Plan, view: View, field_mm: tuple[float, float], slip: Pose | None = None) -> Panel:
    """The panel as it lies before the camera for one view.

    Parameters
    ----------
    panel : Panel
        Its local coordinates begin at the middle of the plan's outline.
    field_mm : width, height
        Of the station's field.
    slip : Pose, optional
        How far it lies from where it should.
    """
    left, top, right, bottom = plan.box_mm
    middle = np.linalg.inv(np.array(view.to_part_mm)) @ ((left + right) / 2, (top + bottom) / 2, 1.0)
    off = slip if slip is not None else Pose()
    pose = Pose(
        float(middle[0]) - field_mm[0] / 2 + off.dx_mm,
        float(middle[1]) - field_mm[1] / 2 + off.dy_mm,
        -view.rotation_deg + off.rotation_deg,
    )
    return replace(panel, pose=pose)
