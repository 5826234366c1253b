"""Where the panel lies now against the earlier report, from its own waves and from its marks, or why not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from inspection.filters import spread
from inspection.passes import constellation, overlay
from inspection.passes.constellation import Constellation
from inspection.passes.earlier import Earlier
from inspection.passes.fingerprint import Fingerprint
from inspection.passes.overlay import Estimate
from inspection.recipe import WHOLE
from inspection.report import Defect, Fit, Registration

#: A fit of the waves counts from this many standard deviations of what wrong shifts give: some 200 places are tried,
#: and the best of so many by accident reaches 3 to 4.
SURE_SIGMA: Final = 6.0
#: A fit of marks counts when accident would give fewer than this.
SURE_CHANCE: Final = 0.005
#: Waves that are at least this strong against the earlier ones have hardly been polished: they must be the same.
KEPT_RATIO: Final = 0.8
#: Then they would show with at least this correlation, and that many standard deviations.
KEPT_CORRELATION: Final = 0.5
SHOWN_SIGMA: Final = 8.0
#: Waves and marks that differ by more than this, beyond their uncertainty, contradict each other, mm.
APART_MM: Final = 0.5


def register(
    earlier: Earlier,
    relief_before: Fingerprint | None,
    *,
    panel: str | None,
    part: str | None,
    view: str | None,
    coat_number: int,
    relief: Fingerprint | None,
    defects: Sequence[Defect],
    field_mm: tuple[float, float],
) -> Registration:
    """Lay this panel over the earlier report of it.

    Parameters
    ----------
    earlier : Earlier
    relief_before, relief : Fingerprint or None
        Of the earlier report and of now.
    panel, part, view, coat_number
        Of now.
    defects : sequence of Defect
        Found now, with or without numbers.
    field_mm : width, height

    Returns
    -------
    Registration
        Numbers only where the fit is sure: nothing is to be linked otherwise.
    """

    def apart(fit: Fit, text: str) -> Registration:
        return Registration(fit, earlier.pass_number, text=text)

    for name, before, now in (("panel", earlier.panel, panel), ("part", earlier.part, part)):
        if before is not None and now is not None and before != now:
            return apart(Fit.NOT_THE_SAME_PANEL, f"The earlier report is of {name} {before}, this one of {now}.")
    if earlier.coat_number != coat_number:
        text = f"The earlier report is of coat {earlier.coat_number}, this one of coat {coat_number}."
        return apart(Fit.ANOTHER_COAT, text)
    if (earlier.view or WHOLE) != (view or WHOLE):
        views = (earlier.view or "the whole", view or "the whole")
        return apart(Fit.FAILED, f"The earlier report shows {views[0]}, this one {views[1]}.")
    centre = (field_mm[0] / 2, field_mm[1] / 2)
    both = relief_before is not None and relief is not None
    peak = overlay.search(relief_before, relief, centre) if relief_before and relief else None
    waves = None
    if relief_before and relief and peak is not None and peak.sigma >= SURE_SIGMA:
        waves = overlay.refine(relief_before, relief, peak, centre)
    marks = constellation.match(earlier.defects, defects, field_mm)
    sure_marks = marks is not None and marks.chance <= SURE_CHANCE
    if waves is not None and marks is not None and sure_marks:
        if _contradict(waves, marks.estimate, field_mm):
            return apart(Fit.FAILED, "The waves of the paint and its marks say different things.")
        return _aligned(earlier, _both(waves, marks.estimate), field_mm, f"{_by_waves(peak)}, {_by_marks(marks)}")
    if waves is not None:
        return _aligned(earlier, waves, field_mm, _by_waves(peak))
    if marks is not None and sure_marks:
        return _aligned(earlier, marks.estimate, field_mm, _by_marks(marks))
    if relief_before and relief and peak is not None and _other_waves(relief_before, relief, peak):
        return apart(
            Fit.NOT_THE_SAME_PANEL,
            "The long waves of this paint are as strong as the earlier ones and are not the same, and its marks do not "
            "fit: another panel, or scanned with another's code.",
        )
    why = "The waves of the paint have changed too much" if both else "There are no waves to compare"
    return apart(Fit.FAILED, f"{why}, and too few marks are left to recognise the panel by.")


def _by_waves(peak: overlay.Peak | None) -> str:
    return "" if peak is None else f"by the paint's waves (correlation {peak.correlation:.2f})"


def _by_marks(marks: Constellation) -> str:
    return f"by {len(marks.pairs)} marks"


def _aligned(earlier: Earlier, estimate: Estimate, field_mm: tuple[float, float], text: str) -> Registration:
    dx, dy, turn = (float(value) for value in estimate.pose)
    return Registration(
        Fit.ALIGNED,
        earlier.pass_number,
        dx_mm=dx,
        dy_mm=dy,
        rotation_deg=math.degrees(turn),
        u_mm=_u_mm(estimate.covariance, field_mm),
        text=text,
    )


def _u_mm(covariance: overlay.Floats, field_mm: tuple[float, float]) -> float:
    """Of a place along one axis, root mean square over the field."""
    turn = float(covariance[2, 2]) * (field_mm[0] ** 2 + field_mm[1] ** 2) / 12
    return math.sqrt((float(covariance[0, 0] + covariance[1, 1]) + turn) / 2)


def _both(one: Estimate, other: Estimate) -> Estimate:
    """Mean of two independent estimates by their covariances."""
    weights = [np.linalg.inv(estimate.covariance) for estimate in (one, other)]
    covariance = np.linalg.inv(weights[0] + weights[1])
    return Estimate(covariance @ (weights[0] @ one.pose + weights[1] @ other.pose), covariance)


def _contradict(one: Estimate, other: Estimate, field_mm: tuple[float, float]) -> bool:
    difference = one.pose - other.pose
    reach = difference[2] * math.hypot(*field_mm) / 4
    u = math.hypot(_u_mm(one.covariance, field_mm), _u_mm(other.covariance, field_mm))
    return math.hypot(difference[0], difference[1], reach) > APART_MM + 4 * u


def _other_waves(before: Fingerprint, now: Fingerprint, peak: overlay.Peak) -> bool:
    """Whether waves that should have stayed are other ones: strong now, without any correlation."""
    strength = [spread(relief.height_um) for relief in (before, now)]
    would_show = peak.sigma * KEPT_CORRELATION / max(peak.correlation, 1e-3) > SHOWN_SIGMA
    return would_show and strength[1] >= KEPT_RATIO * strength[0]
