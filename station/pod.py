"""Probability of detection: how small a mark of each kind a station finds on a paint with 90 % probability.

The station is rebuilt in the sample world from its rig; small panels of the recipe's colour carry model marks
(`samples.graded`) of graded sizes; the program's own search looks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration import calibrate
from inspection import areas
from inspection.defects.marks import Marks
from inspection.maps.kinds import Target
from inspection.recipe import WHOLE, Recipe
from inspection.refused import Refused
from inspection.rig import Rig
from inspection.workbench import Workbench
from samples.drawn import added, is_free, peel, reach_mm
from samples.graded import LARGE, SIZES_MM, graded, moved
from samples.marks import marks_of, pairs_of
from samples.paintwork import Panel
from samples.rebuilt import coarser, station_like
from samples.scene import render, render_reference
from samples.stations import Station

#: Pixels of the panels that are searched, at most; and the field that large marks need.
LONGEST_PX, LARGE_FIELD_MM, LARGE_PITCH_MM = 260, 75.0, 0.2
#: Marks over the whole range of sizes, then around the size that half of them showed.
FIRST_MARKS, MORE_MARKS = 24, 16
NEAR_HALF = (0.6, 2.2)
#: Paint: polished, with orange peel half way between a show finish and a heavy one.
ALPHA, HAZE, PEEL_LEVEL = 0.0015, 0.005, 0.5
PROBABILITY = 0.9
_PLACES, _MOST_PANELS = 80, 40


@dataclass(frozen=True, slots=True)
class Detection:
    """Of one kind.

    Attributes
    ----------
    a90_mm, low_mm, high_mm : float or None
        Size that is found with 90 % probability, and the ends of its 95 % interval; None where it lies outside
        `sizes_mm`, the sizes that were tried.
    below, above : bool
        Even the smallest is found with more, not even the largest with that probability.
    """

    a90_mm: float | None
    low_mm: float | None
    high_mm: float | None
    below: bool
    above: bool
    sizes_mm: tuple[float, float]
    marks: int
    found: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One model mark: its size, and whether the search found it."""

    size_mm: float
    found: bool


def detection(rig: Rig, recipe: Recipe, kinds: Sequence[str] = tuple(SIZES_MM)) -> dict[str, Detection]:
    """Probability of detection of each kind.

    Parameters
    ----------
    rig, recipe
        The recipe gives colour and refractive index.
    kinds : sequence of str
        Of `samples.graded.SIZES_MM`.

    Raises
    ------
    Refused
        The recipe has no colour: what dust or primer look like on it cannot be simulated.
    """
    if recipe.target_lab is None:
        raise Refused(f"{recipe.name}: colour.lab: expected, for marks are looked for on paint of this colour")
    paint = Panel(
        "POD", lab=recipe.target_lab, n_clear=recipe.n_clear, alpha=ALPHA, haze=HAZE, texture=peel(PEEL_LEVEL, 1)
    )
    twin = station_like(rig)
    fine, large = coarser(twin, LARGE_PITCH_MM / 4), coarser(twin, LARGE_PITCH_MM)
    wide = LARGE_FIELD_MM / large.mm_per_px
    groups = [
        ([k for k in kinds if k not in LARGE], _cropped(fine, LONGEST_PX)),
        ([k for k in kinds if k in LARGE], _cropped(large, max(LONGEST_PX, round(wide)))),
    ]
    result: dict[str, Detection] = {}
    for names, station in groups:
        if not names:
            continue
        look = _Search(station, recipe)
        tried = look(paint, [(k, s) for k in names for s in _spread(SIZES_MM[k], FIRST_MARKS)], 1)
        near = {k: _half(tried[k], SIZES_MM[k]) for k in names}
        again = [(k, s) for k in names for s in _spread((near[k] * NEAR_HALF[0], near[k] * NEAR_HALF[1]), MORE_MARKS)]
        for kind, more in look(paint, again, 1001).items():
            result[kind] = fitted([*tried[kind], *more], SIZES_MM[kind])
    return {kind: result[kind] for kind in kinds}


def _cropped(station: Station, longest_px: int) -> Station:
    return station.sized(min(station.width_px, longest_px), min(station.height_px, longest_px))


def _spread(sizes: tuple[float, float], n: int) -> list[float]:
    return [float(s) for s in np.geomspace(*sizes, n)]


class _Search:
    """Panels with marks in, trials out."""

    def __init__(self, station: Station, recipe: Recipe) -> None:
        self._station, self._recipe = station, recipe
        self._rig = calibrate([render_reference(station, seed=1)])

    def __call__(self, paint: Panel, wanted: list[tuple[str, float]], seed: int) -> dict[str, list[Trial]]:
        """Every wanted mark put on some panel and looked for; what fits on no panel counts as not tried."""
        rng = np.random.default_rng(seed)
        trials: dict[str, list[Trial]] = {kind: [] for kind, _ in wanted}
        waiting, number = [wanted[i] for i in rng.permutation(len(wanted))], 0
        while waiting and number < _MOST_PANELS:
            panel = replace(paint, texture=peel(PEEL_LEVEL, seed + number))
            left: list[tuple[str, float]] = []
            kinds: dict[str, tuple[str, float]] = {}
            for kind, size in waiting:
                fuller = self._with(panel, kind, size, rng, f"{len(kinds)}")
                if fuller is None:
                    left.append((kind, size))
                else:
                    kinds[f"{len(kinds)}"] = (kind, size)
                    panel = fuller
            if len(left) == len(waiting):
                break
            found = self._marks(panel, seed + number)
            truths = marks_of(panel, self._station)
            _, taken = pairs_of([(m.x_mm, m.y_mm) for m in found.found], truths)
            for k, truth in enumerate(truths):
                kind, size = kinds[truth.identity]
                trials[kind].append(Trial(size, k in taken))
            waiting, number = left, number + 1
        return trials

    def _with(self, panel: Panel, kind: str, size: float, rng: np.random.Generator, name: str) -> Panel | None:
        width, height = self._station.true_geometry().field_mm
        mark = graded(kind, size, panel, float(rng.uniform(-90, 90)), int(rng.integers(1 << 30)))
        inset = 2.0 + reach_mm(mark) / 2
        if 2 * inset >= min(width, height):
            return None
        for _ in range(_PLACES):
            x, y = (float(rng.uniform(inset - side / 2, side / 2 - inset)) for side in (width, height))
            there = moved(mark, x, y, name)
            if is_free(panel, there):
                return added(panel, there)
        return None

    def _marks(self, panel: Panel, seed: int) -> Marks:
        frames = render(panel, self._station, seed=seed)
        whole = {WHOLE: areas.whole(frames.sensor.shape)}
        target = Target(self._recipe.target_lab, self._recipe.n_clear)
        marks: Marks = Workbench(frames, self._rig, target, whole).get(Marks)
        return marks


def _half(trials: list[Trial], sizes: tuple[float, float]) -> float:
    """Size that half are found of, kept inside the range."""
    place, _, weight = _posterior(trials, sizes)
    half = float(np.exp((place * weight).sum()))
    return float(np.clip(half, sizes[0] / NEAR_HALF[0], sizes[1] / NEAR_HALF[1]))


def fitted(trials: list[Trial], sizes: tuple[float, float]) -> Detection:
    """A logistic curve in log size, its two parameters by Bayes on a grid: stands even where nothing overlaps."""
    place, width, weight = _posterior(trials, sizes)
    a90 = place + width
    order = np.argsort(a90)
    cumulated = np.cumsum(weight[order])
    low, middle, high = (float(np.exp(a90[order][np.searchsorted(cumulated, q)])) for q in (0.025, 0.5, 0.975))
    below, above = middle < sizes[0], middle > sizes[1]
    inside = not (below or above)
    return Detection(
        a90_mm=middle if inside else None,
        low_mm=low if inside else None,
        high_mm=high if inside else None,
        below=below,
        above=above,
        sizes_mm=sizes,
        marks=len(trials),
        found=sum(t.found for t in trials),
    )


def _posterior(trials: list[Trial], sizes: tuple[float, float]) -> tuple[NDArray[np.float64], ...]:
    """Grid of log a50, of log(a90/a50), and the weight of each pair (flattened).

    Flat in log a50 over three times the range of sizes; a90/a50 log-uniform between 1.03 and 3.
    """
    place = np.linspace(np.log(sizes[0] / 3), np.log(sizes[1] * 3), 240)[:, None]
    width = np.log(np.geomspace(1.03, 3.0, 60))[None, :]
    likelihood = np.zeros((place.size, width.size))
    for trial in trials:
        # At a90 the odds are PROBABILITY : 1 - PROBABILITY.
        logit = np.log(PROBABILITY / (1 - PROBABILITY)) * (np.log(trial.size_mm) - place) / width
        likelihood -= np.logaddexp(0.0, -logit if trial.found else logit)
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    full = np.broadcast_arrays(place, width)
    return full[0].ravel(), full[1].ravel(), weight.ravel()
