"""Panels that are polished as advised: what the advice is judged by. The world knows the truth, the advice does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
from reports import mark

from inspection.passes.advice import Case, Demand, advise
from inspection.passes.experience import Experience, Step, steps_between
from inspection.passes.film import GAUGE_U_UM, budget
from inspection.reading import Reading
from inspection.recipe import Film
from inspection.report import Action, Defect, FilmZone, Finding
from inspection.verdict import conformity, judge

PASSES = 5
#: Measure, unit, standard uncertainty, limits of the last pass, limits of passes 3 and 4.
CHECKS = (
    ("gloss_of_ceiling_pct", "%", 0.6, (92.0, None), (80.0, None)),
    ("haze_pct", "%", 0.2, (None, 4.0), None),
    ("waviness_rms_um", "µm", 0.01, (None, 0.2), None),
)
#: Share of a pass that work at a few places takes off there, and of marks that a pass or such work removes.
SPOT_FILM, SPOT_CURES, PASS_CURES = 0.8, 0.9, 0.55
#: Marks that the search overlooks.
OVERLOOKED = 0.01
#: Measured this often without a decision, a person sends it to another pass, or away.
PATIENCE = 3
#: Panels after which what was done is learnt from.
LEARNS_EVERY = 50


@dataclass(slots=True)
class Panel:
    """The truth: values by measure, marks, film, and how well it takes to polishing."""

    values: dict[str, float]
    marks: dict[int, Defect]
    film_um: float
    start_um: float
    removable_um: float
    ease: float
    bite_um: float
    born: int = 0
    done: int = 0


@dataclass(slots=True)
class Score:
    """What came of all panels."""

    released: int = 0
    rightly: int = 0
    crossed: int = 0
    saved: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    forecasts: list[tuple[float, bool]] = field(default_factory=list)
    outlooks: list[tuple[float, bool]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def brier(self) -> float:
        """Mean squared error of the probability that the panel, as it is, meets the last pass's checks."""
        return float(np.mean([(p - met) ** 2 for p, met in self.forecasts]))

    def calibration(self) -> list[tuple[float, float, int]]:
        """Mean forecast, share that was met and number, by tenths of the forecast."""
        rows = []
        for low in np.arange(0, 1, 0.1):
            inside = [(p, met) for p, met in self.forecasts if low <= p < low + 0.1 or (p == 1.0 and low > 0.85)]
            if inside:
                p, met = np.mean(inside, axis=0)
                rows.append((float(p), float(met), len(inside)))
        return rows


def run(count: int, seed: int = 0) -> Score:
    """Polish panels one after the other; each adds to the experience that the next rests on."""
    score, experience = Score(), Experience(())
    for number in range(count):
        if number % LEARNS_EVERY == 0:
            experience = Experience(score.steps)
        _history(np.random.default_rng([seed, number]), score, experience)
    return score


def _sprayed(rng: np.random.Generator) -> Panel:
    start = 95 + rng.normal(0, 3)
    values = {"gloss_of_ceiling_pct": 90.0, "haze_pct": 2.0, "waviness_rms_um": rng.uniform(0.3, 0.9)}
    panel = Panel(values, {}, start, start, rng.uniform(12, 22), rng.normal(1.0, 0.25), 2.5 * rng.normal(1.0, 0.15))
    for _ in range(rng.poisson(5)):
        _add(panel, rng, "nib")
    if rng.random() < 0.08:
        _add(panel, rng, "crater", height_um=-rng.uniform(2, 20))
    return panel


def _add(panel: Panel, rng: np.random.Generator, kind: str, **known: float) -> None:
    x, y = rng.uniform(5, 155, 2)
    panel.marks[panel.born] = mark(f"D{panel.born + 1}", kind, x, y, severity=float(rng.random()), **known)
    panel.born += 1


def _full_pass(panel: Panel, rng: np.random.Generator) -> None:
    panel.done += 1
    cut = np.clip(panel.ease * rng.normal(1.0, 0.15), 0.3, 2.0)
    v = panel.values
    target = {1: 70.0, 2: 78.0, 3: 88.0, 4: 92.6, 5: 94.5}.get(panel.done, 95.0)
    v["gloss_of_ceiling_pct"] = min(99.0, target + 3 * (cut - 1) + rng.normal(0, 0.5))
    v["haze_pct"] = max(0.2, {1: 14.0, 2: 9.0, 3: 5.0, 4: 3.2, 5: 2.2}.get(panel.done, 2.0) / cut)
    v["waviness_rms_um"] *= float(np.exp(-0.45 * cut))
    for name in [name for name, one in panel.marks.items() if one.kind != "crater" and rng.random() < PASS_CURES]:
        del panel.marks[name]
    if rng.random() < 0.25:
        _add(panel, rng, "scratch", length_mm=8.0, width_mm=0.3, height_um=-0.8, angle_deg=20.0)
    panel.film_um -= max(0.5, panel.bite_um * rng.normal(1.0, 0.15))


def _spots(panel: Panel, rng: np.random.Generator, places: tuple[str, ...]) -> None:
    panel.done += 1
    for name in [n for n, one in panel.marks.items() if one.id in places and rng.random() < SPOT_CURES]:
        del panel.marks[name]
    panel.film_um -= SPOT_FILM * panel.bite_um * rng.normal(1.0, 0.15)


def _history(rng: np.random.Generator, score: Score, experience: Experience) -> None:
    panel = _sprayed(rng)
    film: tuple[FilmZone, ...] = ()
    filmed_after = 0
    before: tuple[Finding, ...] = ()
    before_pass = -1
    for _ in range(4 * PASSES):
        for attempt in range(PATIENCE):
            read = attempt == 0 and (panel.done == 0 or rng.random() < 0.85)
            film = budget(
                Film(95.0, panel.removable_um, 2.5), pass_number=panel.done, earlier=film, earlier_pass=filmed_after,
                readings={"A": panel.film_um + rng.normal(0, GAUGE_U_UM)} if read else {},
            )  # fmt: skip
            filmed_after = panel.done
            seen = [one for one in panel.marks.values() if rng.random() >= OVERLOOKED]
            findings, demands = _measured(panel, rng, seen)
            case = Case(
                findings, demands, "amethyst", panel.done, PASSES, True,
                defects=seen, film=film, experience=experience,
            )  # fmt: skip
            step = advise(case)
            conforms = _conforms(panel)
            score.forecasts.append((case.probability, conforms))
            if step.action is not Action.WIPE_AND_MEASURE_AGAIN:
                break
        if before and before_pass == panel.done - 1:
            score.steps += steps_between("amethyst", panel.done, before, findings)
        before, before_pass = tuple(findings), panel.done
        outlook = [float(r.values["probability"]) for r in step.reasons if r.code == "outlook"]
        if step.action is Action.RELEASE:
            score.released += 1
            score.rightly += conforms
            score.saved += PASSES - panel.done
        if step.action in (Action.RELEASE, Action.STOP, Action.WIPE_AND_MEASURE_AGAIN):
            score.ends[step.action] += 1
            return
        if step.action is Action.WORK_HERE:
            _spots(panel, rng, step.places)
        else:
            _full_pass(panel, rng)
        score.outlooks += [(p, _conforms(panel)) for p in outlook]
        score.crossed += panel.start_um - panel.film_um > panel.removable_um
    score.ends["endless"] += 1


def _conforms(panel: Panel) -> bool:
    inside = all(
        (low is None or panel.values[name] >= low) and (high is None or panel.values[name] <= high)
        for name, _, _, (low, high), _ in CHECKS
    )
    return inside and not panel.marks


def _measured(panel: Panel, rng: np.random.Generator, seen: list[Defect]) -> tuple[list[Finding], list[Demand]]:
    findings, demands = [], []
    late = panel.done >= PASSES
    for number, (name, unit, u, last, early) in enumerate(CHECKS):
        reading = Reading(panel.values[name] + rng.normal(0, u), u, u, 1000)
        limits = last if late else early if panel.done >= 3 else None
        read = Finding(None, "whole", name, 1, {}, reading.value, unit, u, u, 1000, (), last[0], last[1], None)
        demands.append(Demand(read, conformity(reading, *last)))
        if limits is not None:
            verdict = judge(reading, *limits)
            read = replace(read, check_no=number, low=limits[0], high=limits[1], verdict=verdict)
        findings.append(read)
    count = Reading(float(len(seen)), 0.0, 0.0, 1000, step=1.0)
    marks = Finding(
        None, "whole", "defect_count", 1, {"kind": "any", "min_length_mm": 0.0}, count.value, "1", 0.0, 0.0, 1000, (),
        None, 0.0, None,
    )  # fmt: skip
    demands.append(Demand(marks, conformity(count, None, 0.0)))
    if late:
        marks = replace(marks, check_no=len(CHECKS), verdict=judge(count, None, 0.0))
    return [*findings, marks], demands
