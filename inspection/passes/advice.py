"""The next step for a panel: from its checks, its marks, its film and what a pass usually does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inspection.defects.kinds import Kind
from inspection.passes import reasons
from inspection.passes.cures import (
    SURE_KIND,
    hopeless,
    marks_of,
    only_dust,
    out_of_reach,
    panel_task,
    places_for,
    task_at,
)
from inspection.passes.experience import Experience
from inspection.passes.film import allows
from inspection.report import (
    Action,
    Defect,
    FilmZone,
    Finding,
    Gate,
    GateState,
    NextStep,
    Reason,
    Registration,
    Task,
)
from inspection.verdict import CONFIDENCE, Verdict, overall

#: Measures that no polishing changes: off target, somebody decides about the paint itself.
COLOUR: Final = (
    "delta_e00", "delta_e00_p95", "delta_l_lab", "delta_a_lab", "delta_b_lab", "delta_c_lab", "delta_h_lab",
)  # fmt: skip
#: Gates that are answered otherwise than by measuring again once something is put right.
WIPED: Final = "wiped"
ANOTHER_PAINT: Final = "colour"
#: More reasons of one kind than this help nobody.
MOST_REASONS: Final = 3
#: A worker is told at most this many things; work at more places than this is a full pass.
MOST_TASKS: Final = 3
#: A forecast that rests on fewer passes of this recipe changes no decision.
LEAST_SEEN: Final = 5


@dataclass(frozen=True, slots=True)
class Demand:
    """A check of the last planned pass, read on the panel as it is now, and the probability that it is met."""

    finding: Finding
    probability: float


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the advice rests on.

    Attributes
    ----------
    findings : of this pass; those without a verdict are not looked at.
    demands : every check of the last planned pass.
    defects : with their numbers.
    film : every zone; empty where the recipe has no budget.
    pass_number, passes : done, planned.
    wiped : None where nobody said.
    gates : what says whether the capture may be believed; a red one comes before everything else.
    one_view : the capture shows a part of the panel only: nothing is released by it.
    """

    findings: Sequence[Finding]
    demands: Sequence[Demand]
    recipe: str
    pass_number: int
    passes: int
    wiped: bool | None
    one_view: bool = False
    defects: Sequence[Defect] = ()
    film: Sequence[FilmZone] = ()
    registration: Registration | None = None
    experience: Experience | None = None
    gates: Sequence[Gate] = ()

    @property
    def probability(self) -> float:
        """That the panel, as it is now, meets every check of its last planned pass; 0 where that asks for nothing."""
        return math.prod(demand.probability for demand in self.demands) if self.demands else 0.0


def advise(case: Case) -> NextStep:
    """Advise what to do with the panel.

    No advice crosses the film limit: work is advised only where the lower bound of what is left allows one more pass.
    """
    verdict = overall([f.verdict for f in case.findings if f.verdict is not None])
    failed = [f for f in case.findings if f.verdict is Verdict.FAIL]
    held = [f for f in case.findings if f.verdict is Verdict.HOLD]
    if case.wiped is False:
        return _again(case, Reason("not_wiped", "The panel was not wiped before the capture."), *_shut(case))
    if _shut(case):
        return _behind_a_gate(case, failed)
    stopped = _must_stop(case, failed)
    if stopped is not None:
        return stopped
    if case.one_view and verdict is Verdict.PASS:
        text = "This is one view of a larger part: good as far as it goes, the rest is not seen here."
        return _again(case, Reason("one_view", text))
    if verdict is Verdict.PASS and case.probability >= CONFIDENCE:
        return _release(case)
    if failed:
        return _work(case, failed, [reasons.fails(f) for f in failed])
    if held:
        return _again(case, *map(reasons.holds, held))
    if case.passes <= case.pass_number and not _unmet(case):
        return _again(case, _not_proven())
    good = Reason("good_for_now", "Good for this pass, not yet for the last one.")
    asked = [reasons.last_pass_asks(f) for f in _unmet(case)[:MOST_REASONS]]
    return _work(case, [], [good, *asked])


def _shut(case: Case) -> list[Reason]:
    """Why the capture may not be believed; wiping has a reason of its own."""
    return [reasons.gate(one) for one in case.gates if one.state is GateState.RED and one.id != WIPED]


def _behind_a_gate(case: Case, failed: Sequence[Finding]) -> NextStep:
    """Another paint is for somebody to decide about; anything else is put right and measured again."""
    another = [one for one in case.gates if one.state is GateState.RED and one.id == ANOTHER_PAINT]
    if another and len(_shut(case)) == 1:
        off = [reasons.fails(f) for f in failed if f.measure in COLOUR]
        return _stop(case, *_shut(case), *off)
    return _again(case, *_shut(case))


def _must_stop(case: Case, failed: Sequence[Finding]) -> NextStep | None:
    """What no polishing mends."""
    burnt = [m for m in case.defects if m.kind == Kind.BURN_THROUGH and m.confidence >= SURE_KIND]
    if burnt:
        return _stop(case, *map(reasons.burn_through, burnt[:MOST_REASONS]), places=_ids(burnt))
    spent = [zone for zone in case.film if zone.left_um < 0]
    if spent:
        return _stop(case, *map(reasons.film_spent, spent))
    off = [f for f in failed if f.measure in COLOUR]
    if off:
        colour = Reason("colour_off", "The colour is off its target; polishing does not change that.")
        return _stop(case, colour, *map(reasons.fails, off))
    stuck: dict[str, Defect] = {}
    for finding in [*failed, *_unmet(case)]:
        stuck |= {mark.id: mark for mark in hopeless(finding, case.defects, case.film)}
    if stuck:
        marks = list(stuck.values())
        return _stop(case, *map(reasons.not_curable, marks[:MOST_REASONS]), places=_ids(marks))
    return None


def _unmet(case: Case) -> list[Finding]:
    """Checks of the last pass that are not proven to be met, least likely first."""
    doubtful = [demand for demand in case.demands if demand.probability < CONFIDENCE]
    return [demand.finding for demand in sorted(doubtful, key=lambda demand: demand.probability)]


def _work(case: Case, failed: Sequence[Finding], why: list[Reason]) -> NextStep:
    """Work at a few places where that mends everything, else a full pass; or why neither may be."""
    places = places_for([*failed, *_unmet(case)], case.defects, MOST_TASKS)
    # Dust is wiped off; of a mark that may lie under the clearcoat a person says first what it is.
    if (places and only_dust(places, case.defects)) or any(out_of_reach(f, case.defects) for f in failed):
        return _again(case, *why)
    left = case.passes - case.pass_number
    if places is None and left <= 0:
        if not failed:
            return _again(case, _not_proven())
        text = "The last planned pass is done and checks still fail."
        return _stop(case, Reason("last_pass_reached", text), *why)
    if places is None:
        unhelpful = _no_help(case) if not failed else None
        if unhelpful is not None:
            return unhelpful
    if not _film_allows(case, places):
        return _stop(case, *reasons.film_limits(case.film), *why)
    why = why + reasons.film_warnings(case.film) + _common(case)
    if places is not None:
        tasks = tuple(task_at(place, case.defects) for place in places)
        return NextStep(Action.WORK_HERE, case.probability, tuple(why), places, tasks)
    why.append(reasons.passes_left(left))
    if not case.film:
        why.append(Reason("film_unknown", "The recipe sets no film budget: nobody counts the clearcoat."))
    chance = _chance(case)
    if chance is not None:
        why.append(reasons.outlook(*chance))
    return NextStep(Action.FULL_PASS, case.probability, tuple(why), (), _full_pass_tasks(case, failed))


def _film_allows(case: Case, places: Sequence[str] | None) -> bool:
    if places is None:
        return allows(case.film)
    regions = {mark.id: mark.region for mark in case.defects}
    return all(allows(case.film, regions.get(place, place)) for place in places)


def _full_pass_tasks(case: Case, failed: Sequence[Finding]) -> tuple[Task, ...]:
    """The worst marks that a check asks about first, then the pass."""
    asked: dict[str, Defect] = {}
    for finding in [*failed, *_unmet(case)]:
        asked |= {mark.id: mark for mark in marks_of(finding, case.defects)}
    worst = sorted(asked.values(), key=lambda mark: -mark.severity)[: MOST_TASKS - 1]
    whole = panel_task("full_pass", "Polish the whole panel.", "整板抛光一遍。")
    return (*(task_at(mark.id, case.defects) for mark in worst), whole)


def _chance(case: Case) -> tuple[float, int] | None:
    """Probability after one more pass, and how many such passes of this recipe it rests on."""
    if case.experience is None or not case.demands:
        return None
    checks, coming = [demand.finding for demand in case.demands], case.pass_number + 1
    chance = case.experience.chance(case.recipe, coming, checks)
    return None if chance is None else (chance, case.experience.least_seen(case.recipe, coming, checks))


def _no_help(case: Case) -> NextStep | None:
    """More likely good as it is than after one more pass: measured again rather than polished."""
    outlook = _chance(case)
    if outlook is None or outlook[1] < LEAST_SEEN or case.probability < 0.5 or outlook[0] >= case.probability:
        return None
    why = Reason("pass_would_not_help", "One more pass usually makes this no better: measure again first.")
    return _again(case, why, reasons.outlook(*outlook))


def _release(case: Case) -> NextStep:
    asked = {mark.id for demand in case.demands for mark in marks_of(demand.finding, case.defects)}
    unasked = [mark for mark in case.defects if mark.id not in asked]
    good = Reason("all_checks_pass", "Every check of the last planned pass is proven to be met.")
    left = [reasons.marks_left(unasked)] if unasked else []
    left += [reasons.gate(one) for one in case.gates if one.id == WIPED and one.state is GateState.DOUBT]
    return NextStep(Action.RELEASE, case.probability, (good, *left, *_common(case)))


def _again(case: Case, *why: Reason) -> NextStep:
    task = panel_task("wipe", "Wipe the panel and measure again.", "擦净板面后重新测量。")
    return NextStep(
        Action.WIPE_AND_MEASURE_AGAIN, case.probability, (*why, *reasons.unlinked(case.registration)), (), (task,)
    )


def _stop(case: Case, *why: Reason, places: tuple[str, ...] = ()) -> NextStep:
    task = panel_task("stop", "Stop: do not polish. Call the quality engineer.", "停止:请勿抛光,通知质量工程师。")
    return NextStep(Action.STOP, case.probability, (*why, *_common(case)), places, (task,))


def _common(case: Case) -> list[Reason]:
    return reasons.caused(case.defects, case.pass_number) + reasons.unlinked(case.registration)


def _ids(marks: Sequence[Defect]) -> tuple[str, ...]:
    return tuple(mark.id for mark in marks)


def _not_proven() -> Reason:
    return Reason("not_proven", "The checks of the last planned pass are not proven to be met; measure again.")
