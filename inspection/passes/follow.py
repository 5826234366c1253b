"""What the passes add to a report: fingerprint in, ledger, drift, film and next step out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from inspection.frames import Conditions
from inspection.passes.advice import Case, Demand, advise
from inspection.passes.drift import drift
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience
from inspection.passes.film import UNTOUCHED, FilmSoFar, budget
from inspection.passes.fingerprint import Fingerprint, read_fingerprint
from inspection.passes.ledger import Ledger, amend, follow
from inspection.passes.places import Seen
from inspection.passes.register import register
from inspection.reading import Quality, Reading
from inspection.recipe import WHOLE, Recipe
from inspection.refused import Refused
from inspection.report import Action, Finding, Fit, NextStep, Registration, Report
from inspection.verdict import conformity

#: What a report holds before anybody advised anything.
NOT_ADVISED = NextStep(Action.STOP, 0.0, ())


def after_pass(
    report: Report,
    recipe: Recipe,
    earlier: Earlier | None,
    *,
    field_mm: tuple[float, float],
    conditions: Conditions,
    demands: Sequence[Demand] | None = None,
    experience: Experience | None = None,
    film_so_far: FilmSoFar | None = None,
) -> Report:
    """The report with numbers for its marks, what became of them, drift, film and next step.

    A fresh report (nothing registered, no mark with a number) is laid over `earlier`. A report that was followed
    already, corrected by a person, keeps every number and its registration: marks taken out are gone without being
    "removed", marks added by hand (``id`` "") get a number, and the film and the advice are made anew.

    Parameters
    ----------
    report : Report
        With `findings`, `defects` and `fingerprint`; its `next_step` may be `NOT_ADVISED`.
    recipe : Recipe
    earlier : Earlier or None
        Of a lower pass of the same coat; another panel or coat is said to be so.
    field_mm : width, height
        Of the seen field on the panel.
    conditions : Conditions
        `wiped`, and `film_um` by zone.
    demands : sequence of Demand, optional
        The checks of the last planned pass, read now; without them they are looked up among the findings, and one
        that was not measured counts as not met.
    experience : Experience, optional
    film_so_far : FilmSoFar, optional
        Where more is known of the film than `earlier` says: readings that came later, or of passes that nobody
        inspected. Without it the film of `earlier` is gone on from.

    Raises
    ------
    Refused
        `earlier` is of the same pass or a later one, or its fingerprint is damaged.
    """
    if earlier is not None and _same_ledger(earlier, report) and earlier.pass_number >= report.pass_number:
        raise Refused(
            f"{earlier.source}: pass_number: the previous report is of pass {earlier.pass_number}, this one of pass "
            f"{report.pass_number}; expected an earlier pass"
        )
    relief = _relief(report.fingerprint, "report")
    seen = Seen(field_mm, relief)
    if report.registration is not None or any(mark.id for mark in report.defects):
        registration = report.registration
        ledger = amend(report.defects, report.removed, report.next_id, pass_number=report.pass_number, seen=seen)
    else:
        registration, ledger = _followed(report, earlier, seen)
    same = earlier is not None and (registration is None or registration.fit in (Fit.ALIGNED, Fit.FAILED))
    before = earlier if same else None
    # Film belongs to a panel's code and coat: put in turned, or taken for another by the fit, it has no more of it.
    same_film = earlier is not None and (same or (earlier.panel is not None and _same_ledger(earlier, report)))
    so_far = FilmSoFar(earlier.film, earlier.pass_number) if earlier is not None and same_film else UNTOUCHED
    if film_so_far is not None and (same_film or earlier is None):
        so_far = film_so_far
    film = budget(
        recipe.film,
        pass_number=report.pass_number,
        readings=conditions.film_um,
        earlier=so_far.zones,
        earlier_pass=so_far.pass_number,
    )
    case = Case(
        findings=report.findings,
        demands=demands_of(report, recipe) if demands is None else demands,
        recipe=recipe.name,
        pass_number=report.pass_number,
        passes=recipe.passes,
        wiped=conditions.wiped,
        one_view=report.view not in (None, WHOLE),
        defects=ledger.defects,
        film=film,
        registration=registration,
        experience=experience,
        gates=report.gates,
    )
    return replace(
        report,
        next_step=advise(case),
        defects=ledger.defects,
        removed=ledger.removed,
        next_id=ledger.next_id,
        registration=registration,
        drift=drift(report.findings, before.findings) if before is not None else (),
        film=film,
    )


def demands_of(report: Report, recipe: Recipe) -> tuple[Demand, ...]:
    """The checks of the last planned pass, as far as a report holds their values."""
    demands = []
    for _, check in recipe.checks_for(recipe.passes):
        read = next(
            (
                f
                for f in report.findings
                if (f.measure, f.region, f.knobs) == (check.measure, check.region, dict(check.knobs))
            ),
            None,
        )
        if read is None:
            read = Finding(
                None, check.region, check.measure, 0, dict(check.knobs), None, "", None, None, 0, (), None, None, None
            )
        demands.append(_demand(replace(read, low=check.low, high=check.high)))
    return tuple(demands)


def _demand(finding: Finding) -> Demand:
    reading = Reading(
        math.nan if finding.value is None else finding.value,
        math.nan if finding.u is None else finding.u,
        math.nan,
        finding.n_px,
        tuple(Quality(doubt) for doubt in finding.quality),
        step=1.0 if finding.measure.endswith("_count") else 0.0,
    )
    return Demand(finding, conformity(reading, finding.low, finding.high))


def _followed(report: Report, earlier: Earlier | None, seen: Seen) -> tuple[Registration | None, Ledger]:
    relief_before = None if earlier is None else _relief(earlier.fingerprint, earlier.source)
    registration = None
    if earlier is not None:
        registration = register(
            earlier,
            relief_before,
            panel=report.panel,
            part=report.part,
            view=report.view,
            coat_number=report.coat_number,
            relief=seen.relief,
            defects=report.defects,
            field_mm=seen.field_mm,
        )
    # The ledger of a panel of another code is none of this one's business.
    own = earlier is not None and _same_code(earlier, report)
    ledger = follow(
        report.defects,
        earlier if own else None,
        registration if own else None,
        pass_number=report.pass_number,
        seen=seen,
        seen_before=Seen(seen.field_mm, relief_before),
    )
    return registration, ledger


def _same_ledger(earlier: Earlier, report: Report) -> bool:
    """Whether both say they are of the same panel and coat."""
    return earlier.coat_number == report.coat_number and _same_code(earlier, report)


def _same_code(earlier: Earlier, report: Report) -> bool:
    return None in (earlier.panel, report.panel) or earlier.panel == report.panel


def _relief(text: str | None, source: str) -> Fingerprint | None:
    return None if text is None else read_fingerprint(text, source)
