"""A part while its views are measured, one after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Conditions, Frames
from inspection.gates.gate import DailyCheck
from inspection.joining.join import Seen, follow_up, join, numbered_from
from inspection.joining.mosaic import Mosaic
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience
from inspection.passes.film import FilmSoFar
from inspection.pipeline import examine
from inspection.plan import Matrix, Plan, View, shares
from inspection.recipe import WHOLE, Recipe
from inspection.refused import Refused
from inspection.report import Report
from inspection.rig import Rig

_IN_PLACE: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Part:
    """Takes the captures of a plan's views in the order of the plan.

    Parameters
    ----------
    plan, rig, recipe
        One rig measures every view.
    conditions : Conditions
        Of the part: film readings that came in otherwise among them.
    now, software, allow_expired, daily_check, before_wiping, experience, film_so_far
        As in `inspection.pipeline.examine`.
    earlier : Earlier or None
        Of the part after an earlier pass.
    """

    def __init__(
        self,
        plan: Plan,
        rig: Rig,
        recipe: Recipe,
        *,
        now: str,
        software: str,
        conditions: Conditions,
        allow_expired: bool = False,
        earlier: Earlier | None = None,
        experience: Experience | None = None,
        film_so_far: FilmSoFar | None = None,
        daily_check: DailyCheck | None = None,
        before_wiping: float | None = None,
    ) -> None:
        self.plan, self.rig, self.recipe = plan, rig, recipe
        self.frames: list[Frames] = []
        self._now, self._software, self._allow_expired = now, software, allow_expired
        self._conditions = conditions
        self._earlier, self._experience, self._film_so_far = earlier, experience, film_so_far
        self._daily_check, self._before_wiping = daily_check, before_wiping
        self._shares = shares(plan, rig.geometry, rig.sensor.shape)
        self._mosaic = Mosaic(plan, rig.geometry, rig.sensor.shape)
        self._seen: list[Seen] = []
        self._next_id = 1 if earlier is None else earlier.next_id

    @property
    def next_view(self) -> View | None:
        """The view that is due; None when all are there."""
        return self.plan.views[len(self._seen)] if len(self._seen) < len(self.plan.views) else None

    def add(self, frames: Frames) -> None:
        """Measure the capture of the next view.

        Raises
        ------
        Refused
            It is of another view or another panel than those before it, or cannot be measured; the part is as it was.
        """
        view = self.next_view
        if view is None:
            raise Refused(f"capture.json: view: all {len(self.plan.views)} views of the plan are there already")
        self._check(frames, view)
        share = self._shares[len(self._seen)]
        before = follow_up(self._earlier, view.name, self._next_id)
        done = examine(
            replace(frames, view_to_panel_mm=view.to_part_mm),
            self.rig,
            self.recipe,
            now=self._now,
            software=self._software,
            allow_expired=self._allow_expired,
            earlier=before,
            daily_check=self._daily_check,
            before_wiping=self._before_wiping,
            share=share,
        )
        report = done.report if before is not None else numbered_from(done.report, self._next_id)
        self._mosaic.add(view, done.maps)
        names = [WHOLE, *(region.name for region in self.recipe.regions)]
        self._seen.append(Seen(report, {name: done.workbench.area_px(name) for name in names}))
        self.frames.append(frames)
        self._next_id = report.next_id

    def joined(self) -> Report:
        """The report of the part.

        Raises
        ------
        Refused
            A view is missing.
        """
        missing = self.next_view
        if missing is not None:
            raise Refused(f"capture.json: view: the plan's view {missing.name!r} is missing")
        return join(
            self.plan,
            self._seen,
            self.rig,
            self.recipe,
            earlier=self._earlier,
            conditions=self._conditions,
            experience=self._experience,
            film_so_far=self._film_so_far,
        )

    @property
    def maps(self) -> dict[str, NDArray[np.float32]]:
        """Every map, laid together on the part; see `Mosaic`."""
        return self._mosaic.maps

    @property
    def field_mm(self) -> tuple[float, float]:
        """Width and height of the part."""
        return self._mosaic.field_mm

    @property
    def pixel_to_panel_mm(self) -> Matrix:
        """Where pixels of `maps` lie on the part."""
        return self._mosaic.pixel_to_panel_mm

    def _check(self, frames: Frames, view: View) -> None:
        if frames.view != view.name:
            raise Refused(f"capture.json: view: expected {view.name!r}, the plan's next view, got {frames.view!r}")
        stated = np.array(frames.view_to_panel_mm, float)
        if not any(np.allclose(stated, place, atol=1e-3) for place in (_IN_PLACE, view.to_part_mm)):
            raise Refused(f"capture.json: view_to_panel_mm: the plan has view {view.name!r} elsewhere on the part")
        for name in ("panel", "coat_number", "pass_number"):
            first = getattr(self.frames[0] if self.frames else frames, name)
            if getattr(frames, name) != first:
                raise Refused(
                    f"capture.json: {name}: expected {first!r} as of the view before, got {getattr(frames, name)!r}"
                )
