"""The line: one measurement at a time, from frames to a stored inspection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from inspection.ahead import Ahead, build_ahead
from inspection.frames import Frames
from inspection.joining import Part
from inspection.maps.kinds import Target
from inspection.pipeline import examine
from inspection.plan import Plan
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.report import Report
from inspection.rig import Rig
from station.capture_set import read_capture_set
from station.daily_check import check_station, known_check, refuse_check_panel
from station.events import Clock, utc_text
from station.faults import Busy, StationFault
from station.log import info, warning
from station.store.db import Store
from station.store.past import past_of


@dataclass(frozen=True, slots=True)
class PartAtWork:
    """A part of which views are still to come, and the stored inspection that it goes on from."""

    views: Part
    previous_id: int | None


class Line:
    """Owns the measuring and the writing.

    Parameters
    ----------
    store : Store
    clock : callable
        What time it is, for captures that do not say.
    software : str
        Version that goes into every report.
    daily_check_hours : float, optional
        How long a daily check holds; None where the station asks for none.
    """

    def __init__(self, store: Store, *, clock: Clock, software: str, daily_check_hours: float | None = None) -> None:
        self.daily_check_hours = daily_check_hours
        self._store = store
        self._clock = clock
        self._software = software
        self._working = threading.Lock()
        # Rigs are large and the same one serves all day.
        self._rig: tuple[str, Rig] | None = None

    @property
    def software(self) -> str:
        """Version that goes into every report."""
        return self._software

    def now(self) -> datetime:
        """What time the line's clock shows."""
        return self._clock()

    @property
    def busy(self) -> bool:
        """Whether a measurement is under way."""
        return self._working.locked()

    def measure(
        self, frames: Frames, *, recipe: Recipe | None = None, rig: Rig | None = None, allow_expired: bool = False
    ) -> int:
        """Measure one capture set and keep the inspection.

        Parameters
        ----------
        frames : Frames
        recipe : Recipe, optional
            Otherwise the newest stored version of the recipe that the set names.
        rig : Rig, optional
            Otherwise the newest stored rig of the set's station that fits it and had not expired.
        allow_expired : bool
            Measure with `rig` although its term is over; the report says so.

        Returns
        -------
        int
            Id of the stored inspection.

        Raises
        ------
        Refused
            No recipe or rig fits, or the frames cannot be measured; nothing is stored.
        NoRoom
            The disk could not hold the inspection; nothing was measured.
        Busy
            Another measurement is under way.
        """
        with self.claimed():
            return self.measure_claimed(frames, recipe, rig, allow_expired)

    def measure_set(self, path: Path) -> int:
        """Read a capture set (folder or zip), measure it and keep the inspection; see `measure`.

        Reading is part of the claim: two large sets in memory at once could starve the station.
        """
        with self.claimed():
            return self.measure_claimed(read_capture_set(path), None, None, False)

    def check(self, frames: Frames, *, rig: Rig | None = None, first: bool = False) -> int:
        """Judge a capture of the check panel and keep the check; see `station.daily_check.check_station`.

        Raises
        ------
        Refused
            It is no such capture, or no rig fits; nothing is stored.
        Busy
            Another measurement is under way.
        """
        with self.claimed():
            return self._check(frames, rig, first)

    def check_set(self, path: Path, *, first: bool = False) -> int:
        """Read a capture set (folder or zip) and `check` it."""
        with self.claimed():
            return self._check(read_capture_set(path), None, first)

    def _check(self, frames: Frames, rig: Rig | None, first: bool) -> int:
        rig = rig if rig is not None else self._rig_of(frames)
        return check_station(self._store, frames, rig, first=first, now=self._clock(), software=self._software)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        if not self._working.acquire(blocking=False):
            raise Busy("the line is measuring another panel: try again when it is done", "busy")
        try:
            yield
        except (Refused, StationFault) as why:
            warning(f"nothing was stored: {why}")
            raise
        finally:
            self._working.release()

    def begin(self, frames: Frames, recipe: Recipe) -> Ahead:
        """Build what needs no frame of a small lamp, from the first frames of a capture by the line itself.

        Raises
        ------
        Refused
            No rig fits, or the frames cannot be measured.
        """
        return build_ahead(frames, self._rig_of(frames), Target(recipe.target_lab, recipe.n_clear))

    def measure_claimed(
        self, frames: Frames, recipe: Recipe | None = None, rig: Rig | None = None, allow_expired: bool = False,
        *, ahead: Ahead | None = None,
    ) -> int:  # fmt: skip
        """As `measure`, for whoever holds the claim already; `ahead` is what `begin` built of this capture."""
        if frames.reference_set:
            raise Refused("capture.json: reference_set: a reference set calibrates a rig, it is not a panel to inspect")
        refuse_check_panel(frames)
        recipe = recipe if recipe is not None else self._recipe_of(frames)
        rig = rig if rig is not None else self._rig_of(frames)
        size = sum(frame.pixels.nbytes for frame in frames.frames)
        self._store.require_room(size, frames.sensor.width_px * frames.sensor.height_px)
        with self._store.reader() as reader:
            past = past_of(reader, frames, recipe)
            checked = known_check(reader, frames, rig, self.daily_check_hours, self._clock())
        done = examine(
            past.frames,
            rig,
            recipe,
            now=self._clock().isoformat(),
            software=self._software,
            allow_expired=allow_expired,
            earlier=past.earlier,
            experience=past.experience,
            film_so_far=past.film_so_far,
            daily_check=checked,
            before_wiping=past.before_wiping,
            # The station may have been calibrated anew meanwhile.
            ahead=ahead if ahead is not None and ahead.rig is rig else None,
        )
        inspection_id = self._store.save(
            done.report, frames=frames, rig=rig, recipe=recipe, maps=done.maps, previous_id=past.previous_id
        )
        _tell(inspection_id, done.report)
        return inspection_id

    def begin_part(self, first: Frames, plan: Plan, recipe: Recipe) -> PartAtWork:
        """Begin with a part of several views, for whoever holds the claim; raises as `measure`.

        Parameters
        ----------
        first : Frames
            Capture of the first view, which is not measured yet: it says which rig and which past.
        """
        rig = self._rig_of(first)
        with self._store.reader() as reader:
            past = past_of(reader, replace(first, view=None), recipe)
            checked = known_check(reader, first, rig, self.daily_check_hours, self._clock())
        views = Part(
            plan,
            rig,
            recipe,
            now=self._clock().isoformat(),
            software=self._software,
            conditions=past.frames.conditions,
            earlier=past.earlier,
            experience=past.experience,
            film_so_far=past.film_so_far,
            daily_check=checked,
            before_wiping=past.before_wiping,
        )
        return PartAtWork(views, past.previous_id)

    def keep_part(self, part: PartAtWork) -> int:
        """Join the views and keep the inspection, for whoever holds the claim. Returns its id."""
        report = part.views.joined()
        inspection_id = self._store.save_part(report, part.views, previous_id=part.previous_id)
        _tell(inspection_id, report)
        return inspection_id

    def _recipe_of(self, frames: Frames) -> Recipe:
        if frames.recipe is None:
            raise Refused("capture.json: recipe: missing, so there is no target to judge the panel by")
        with self._store.reader() as reader:
            recipe = reader.load_recipe(frames.recipe)
            known = [str(row["name"]) for row in reader.recipes()]
        if recipe is None:
            names = ", ".join(known) if known else "none at all"
            raise Refused(f'capture.json: recipe: no recipe "{frames.recipe}" is stored; known: {names}')
        return recipe

    def _rig_of(self, frames: Frames) -> Rig:
        now = self._clock()
        when = datetime.fromisoformat(frames.captured_at) if frames.captured_at is not None else now
        reason = None
        with self._store.reader() as reader:
            for sha256 in reader.rigs_for(frames.station, utc_text(when)):
                if self._rig is None or self._rig[0] != sha256:
                    loaded = reader.load_rig(sha256)
                    if loaded is None:
                        continue
                    self._rig = (sha256, loaded)
                rig = self._rig[1]
                why_not = rig.mismatch(frames) or rig.age_error(frames.captured_at, now.isoformat())
                if why_not is None:
                    return rig
                reason = reason or why_not
        station = f'station "{frames.station}"' if frames.station is not None else "a station without a name"
        if reason is not None:
            raise Refused(f"capture.json: no stored rig of {station} fits: {reason}")
        raise Refused(
            f"capture.json: station: {station} has no rig that is valid at {when.isoformat()}: "
            "calibrate it and store the rig"
        )


def _tell(inspection_id: int, report: Report) -> None:
    info(
        "inspection stored",
        inspection=inspection_id,
        panel=report.panel,
        pass_number=report.pass_number,
        capture=report.capture["sha256"][:12],
        verdict=str(report.verdict),
        measured_ms=round(report.timing_ms["total"]),
    )
