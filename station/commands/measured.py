"""What `inspect` measures: one capture set, or one of each view of a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frames
from inspection.joining import Part
from inspection.passes.earlier import Earlier
from inspection.pipeline import examine
from inspection.plan import Plan
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.report import Report
from inspection.rig import Rig
from station.capture_set import read_capture_set
from station.commands.previous import known_past, last_check
from station.commands.progress import doing
from station.daily_check import refuse_check_panel
from station.events import Clock
from station.store.db import Store

Maps = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says beside the captures; `earlier`: of `--previous`."""

    rig: Rig
    recipe: Recipe
    earlier: Earlier | None
    database: Path | None
    allow_expired: bool
    daily_check_hours: float | None
    clock: Clock


@dataclass(frozen=True, slots=True)
class Measured:
    """A report, the maps that it rests on, and how it is kept in a database."""

    report: Report
    maps: Callable[[], Maps]
    keep: Callable[[Store, Report, Maps], int]


def measured_whole(path: Path, given: Given) -> Measured:
    """One capture set as a whole panel."""
    frames, read_ms = _read(path)
    past = known_past(frames, given.recipe, given.earlier, given.database)
    checked = last_check(frames, given.rig, given.database, given.daily_check_hours, given.clock())
    with doing("measuring"):
        done = examine(
            past.frames,
            given.rig,
            given.recipe,
            now=given.clock().isoformat(),
            software=version("paint-station"),
            earlier=past.earlier,
            experience=past.experience,
            film_so_far=past.film_so_far,
            daily_check=checked,
            before_wiping=past.before_wiping,
            allow_expired=given.allow_expired,
        )

    def keep(store: Store, report: Report, maps: Maps) -> int:
        return store.save(
            report, frames=frames, rig=given.rig, recipe=given.recipe, maps=maps, previous_id=past.previous_id
        )

    return Measured(_timed(done.report, read_ms), lambda: done.maps, keep)


def measured_part(paths: Sequence[Path], plan: Plan, given: Given) -> Measured:
    """One capture set of each view of a plan, in any order.

    Raises
    ------
    Refused
        A view is missing, is there twice or is not in the plan.
    """
    read = [_read(path) for path in paths]
    of_view = {frames.view: frames for frames, _ in read}
    names = [view.name for view in plan.views]
    for path, (frames, _) in zip(paths, read, strict=True):
        if frames.view not in names:
            raise Refused(f"{path}: view: the plan has {', '.join(names)}, this set shows {frames.view!r}")
        if of_view[frames.view] is not frames:
            raise Refused(f"{path}: view: {frames.view!r} is there twice")
    missing = next((name for name in names if name not in of_view), None)
    if missing is not None:
        raise Refused(f"--plan: no capture set shows the view {missing!r}")
    first = of_view[names[0]]
    past = known_past(replace(first, view=None), given.recipe, given.earlier, given.database)
    part = Part(
        plan,
        given.rig,
        given.recipe,
        now=given.clock().isoformat(),
        software=version("paint-station"),
        conditions=past.frames.conditions,
        allow_expired=given.allow_expired,
        earlier=past.earlier,
        experience=past.experience,
        film_so_far=past.film_so_far,
        daily_check=last_check(first, given.rig, given.database, given.daily_check_hours, given.clock()),
        before_wiping=past.before_wiping,
    )
    for name in names:
        with doing(f"measuring view {name}"):
            part.add(of_view[name])
    report = _timed(part.joined(), sum(read_ms for _, read_ms in read))
    return Measured(
        report, lambda: part.maps, lambda store, told, _: store.save_part(told, part, previous_id=past.previous_id)
    )


def _read(path: Path) -> tuple[Frames, float]:
    begun = perf_counter()
    with doing(f"reading {path}"):
        frames = read_capture_set(path)
    if frames.reference_set:
        raise Refused(f"{path}: reference_set: expected the capture of a panel, not a reference set")
    refuse_check_panel(frames)
    return frames, 1e3 * (perf_counter() - begun)


def _timed(report: Report, read_ms: float) -> Report:
    timing_ms = report.timing_ms
    return replace(report, timing_ms={"read": read_ms, **timing_ms, "total": read_ms + timing_ms["total"]})
