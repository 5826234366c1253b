"""How every measure moved since the earlier pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from inspection.report import Drift, Finding

#: A change counts when it is this many standard uncertainties: two-sided, 95 %.
COVERAGE = NormalDist().inv_cdf(0.975)
#: Distances of colours: near zero they are the length of the noise and cannot fall below it. Their change is told by
#: the differences along L*, a*, b* (and C*, H*), which have a sign.
DISTANCES = frozenset({"delta_e00", "delta_e00_p95", "colour_spread_e00"})


def drift(now: Sequence[Finding], before: Sequence[Finding]) -> tuple[Drift, ...]:
    """The change of each measure that both reports hold with the same region and knobs.

    Parameters
    ----------
    now, before : sequence of Finding
        Values of another version of a measure are not compared.

    Returns
    -------
    tuple of Drift
        In the order of `now`. `u_change` combines both uncertainties as if nothing were shared between the captures:
        with the same rig the calibration's part falls out of a difference, so this is on the safe side.
    """
    known: dict[tuple[object, ...], Finding] = {}
    for finding in before:
        known.setdefault(_key(finding), finding)
    drifts: list[Drift] = []
    told: set[tuple[object, ...]] = set()
    for finding in now:
        key = _key(finding)
        earlier = known.get(key)
        if earlier is None or key in told or finding.measure in DISTANCES:
            continue
        if None in (finding.value, finding.u, earlier.value, earlier.u):
            continue
        told.add(key)
        value, u = float(finding.value or 0.0), float(finding.u or 0.0)
        change = value - float(earlier.value or 0.0)
        u_change = math.hypot(u, float(earlier.u or 0.0))
        drifts.append(
            Drift(
                measure=finding.measure,
                region=finding.region,
                knobs=finding.knobs,
                unit=finding.unit,
                value=value,
                change=change,
                u_change=u_change,
                significant=abs(change) > COVERAGE * u_change,
            )
        )
    return tuple(drifts)


def _key(finding: Finding) -> tuple[object, ...]:
    knobs = tuple(sorted((name, str(value)) for name, value in finding.knobs.items()))
    return finding.measure, finding.version, finding.unit, finding.region, knobs
