"""Harmony of two neighbouring panels: the same measures of both, apart in uncertainties and in steps that the eye sees.

Pure, over two reports. One step is a just noticeable difference of two panels side by side:

- colour: 0.8 ΔE00 (perceptibility threshold; Paravina et al. 2015, ISO/TR 28642);
- gloss: 3 GU near the top of the scale (observers tell 2 to 5 GU apart: an assumption between);
- sharpness and waviness: a contrast must change by 15 % to be seen to change (Legge and Foley 1980); differences below
  2 % of clarity, or 0.1 mrad of slope (half an eye's arc minute, rounded down), are not seen at all.

What is not to be seen by such a rule (haze, lobe, heights) is compared in uncertainties only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inspection.colour import delta_e00
from inspection.reading import BLOCKING, Source
from inspection.recipe import WHOLE
from inspection.refused import Refused
from inspection.report import Finding, Gate, GateState

#: Just noticeable differences (see above).
STEP_E00, STEP_GU, STEP_SHARE, LEAST_CLARITY_PCT, LEAST_MRAD = 0.8, 3.0, 0.15, 2.0, 0.1
#: A comparison is decided where this many standard uncertainties leave no doubt (95 %, one side).
SURE_SIGMA: Final = 1.645
#: Stations whose cameras stand at angles this far apart do not see the same gloss (0.3 GU at 20 to 25°).
SAME_ANGLE_DEG: Final = 0.5
#: What two captures of one rig share: it falls out of a difference.
SHARED: Final = frozenset({Source.REFERENCE, Source.GEOMETRY, Source.COLOUR_MATRIX, Source.FLAT_FIELD})
COLOUR: Final = "delta_e00"
#: Measures that are compared, in this order; colour comes first and is computed from three of its own.
COMPARED: Final = (
    "gloss_gu", "gloss_cv_pct", "clarity_pct", "lobe_width_mrad", "haze_pct", "veil_pct", "waviness_rms_mrad",
    "waviness_rms_um", "sparkle_percm2", "graininess_pct", "hologram_ratio", "orbital_haze_ratio",
)  # fmt: skip
#: What the eye compares: panels match only where each of these is proven alike.
SEEN: Final = frozenset({COLOUR, "gloss_gu", "clarity_pct", "waviness_rms_mrad"})
#: Of the compared, what depends on the angle at which the paint is looked at.
_BY_ANGLE = frozenset(COMPARED) - {"waviness_rms_mrad", "waviness_rms_um", "graininess_pct"}
_LAB = ("delta_l_lab", "delta_a_lab", "delta_b_lab")


class Match(StrEnum):
    """What is proven of two values; `APART`: different, with no rule for what the eye sees of it."""

    ALIKE = "alike"
    DIFFERENT = "different"
    HOLD = "hold"
    APART = "apart"
    NOT_APART = "not_apart"


class Why(StrEnum):
    """Why a comparison is on hold."""

    MISSING = "missing"
    DOUBT = "doubt"
    VERSION = "version"
    ANGLE = "angle"
    TARGET = "target"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of both panels.

    Attributes
    ----------
    difference : float or None
        Second minus first; of colours their distance.
    u : float or None
        Standard uncertainty of it; what both captures share has fallen out.
    in_u, steps : float or None
        The difference in its own uncertainties, and in just noticeable steps of `step` each.
    why : Why or None
        Of a hold.
    """

    measure: str
    knobs: dict[str, float | str]
    unit: str
    first: float | None
    second: float | None
    difference: float | None
    u: float | None
    in_u: float | None
    step: float | None
    steps: float | None
    match: Match
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Harmony:
    """Two panels side by side; `steps`: the largest difference in just noticeable steps, None where none is known."""

    first: dict[str, Any]
    second: dict[str, Any]
    match: Match
    steps: float | None
    compared: tuple[Compared, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"format": "paint-harmony/1"} | asdict(self)


class Side(BaseModel):
    """What is needed of a report; other fields are not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)

    format: Literal["paint-report/1"]
    pass_number: Annotated[int, Field(ge=0)]
    coat_number: Annotated[int, Field(ge=1)] = 1
    panel: str | None = None
    part: str | None = None
    captured_at: str | None = None
    recipe: dict[str, Any]
    rig: dict[str, Any]
    findings: tuple[Finding, ...] = ()
    gates: tuple[Gate, ...] = ()

    def named(self) -> dict[str, Any]:
        """Which inspection it is."""
        return {
            "panel": self.panel, "part": self.part, "coat_number": self.coat_number, "pass_number": self.pass_number,
            "captured_at": self.captured_at, "recipe": self.recipe.get("name"), "rig": self.rig.get("sha256"),
        }  # fmt: skip


def parse_side(text: str, source: str) -> Side:
    """Read a report (`paint-report/1`).

    Raises
    ------
    Refused
        ``source: field: what was expected``.
    """
    try:
        return Side.model_validate_json(text)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        where = ".".join(str(part) for part in error["loc"]) or "JSON"
        raise Refused(f"{source}: {where}: {error['msg'].replace('Input should', 'expected it to')}") from None


def harmony(first: Side, second: Side) -> Harmony:
    """Compare two panels, measure by measure, over the whole of each.

    Raises
    ------
    Refused
        Both are the same panel: its passes are compared elsewhere.
    """
    if first.panel is not None and first.panel == second.panel:
        raise Refused(f'expected two panels, both reports are of "{first.panel}"')
    compared = (_colour(first, second), *_measures(first, second))
    barred = any(gate.state is GateState.RED for side in (first, second) for gate in side.gates)
    judged = [one for one in compared if one.measure in SEEN]
    if any(one.match is Match.DIFFERENT for one in judged) and not barred:
        match = Match.DIFFERENT
    elif all(one.match is Match.ALIKE for one in judged) and not barred:
        match = Match.ALIKE
    else:
        match = Match.HOLD
    steps = max((one.steps for one in compared if one.steps is not None), default=None)
    return Harmony(first.named(), second.named(), match, steps, compared)


def _measures(first: Side, second: Side) -> list[Compared]:
    found = []
    for measure in COMPARED:
        one, other = (_findings(side, measure) for side in (first, second))
        found += [_compare(first, second, one.get(key), other.get(key)) for key in dict.fromkeys([*one, *other])]
    return found


def _findings(side: Side, measure: str) -> dict[str, Finding]:
    """Of the whole panel, by their knobs; without limits and verdicts, which may differ."""
    whole = [one for one in side.findings if one.measure == measure and one.region == WHOLE]
    return {repr(sorted(one.knobs.items())): one for one in reversed(whole)}


def _compare(first: Side, second: Side, one: Finding | None, other: Finding | None) -> Compared:
    known = one or other
    assert known is not None
    a, b = (None if f is None else f.value for f in (one, other))
    why = _why_not(first, second, one, other)
    if why is not None or one is None or other is None or a is None or b is None:
        held = why or Why.MISSING
        return Compared(known.measure, known.knobs, known.unit, a, b, None, None, None, None, None, Match.HOLD, held)
    return _decided(known, a, b, b - a, _u(first, second, one, other), _step(known, (abs(a) + abs(b)) / 2))


def _decided(of: Finding, first: float, second: float, difference: float, u: float, step: float | None) -> Compared:
    size, in_u = abs(difference), abs(difference) / u if u > 0 else (math.inf if difference else 0.0)
    why = None
    if step is None:
        match = Match.APART if in_u > 2 else Match.NOT_APART
    elif size + SURE_SIGMA * u <= step:
        match = Match.ALIKE
    elif size - SURE_SIGMA * u > step:
        match = Match.DIFFERENT
    else:
        match, why = Match.HOLD, Why.CLOSE
    return Compared(
        of.measure, of.knobs, of.unit, first, second, difference, u, in_u if math.isfinite(in_u) else None, step,
        None if step is None else size / step, match, why,
    )  # fmt: skip


def _why_not(first: Side, second: Side, one: Finding | None, other: Finding | None) -> Why | None:
    """Why two findings cannot be compared."""
    if one is None or other is None or None in (one.value, other.value, one.u, other.u):
        return Why.MISSING
    if one.version != other.version:
        return Why.VERSION
    if any(flag in BLOCKING for finding in (one, other) for flag in finding.quality):
        return Why.DOUBT
    if one.measure in _BY_ANGLE and not _same_angle(first, second):
        return Why.ANGLE
    return None


def _same_angle(first: Side, second: Side) -> bool:
    if first.rig.get("sha256") == second.rig.get("sha256"):
        return True
    a, b = first.rig.get("angle_deg"), second.rig.get("angle_deg")
    return isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a - b) <= SAME_ANGLE_DEG


def _u(first: Side, second: Side, one: Finding, other: Finding) -> float:
    """Of the difference: of what both rest on alike, only the difference counts."""
    assert one.u is not None
    assert other.u is not None
    if first.rig.get("sha256") != second.rig.get("sha256") or not (one.budget and other.budget):
        return math.hypot(one.u, other.u)
    terms = []
    for source in {*one.budget, *other.budget}:
        a, b = one.budget.get(source, 0.0), other.budget.get(source, 0.0)
        terms.append(abs(a - b) if source in SHARED else math.hypot(a, b))
    return math.hypot(*terms)


def _step(of: Finding, middle: float) -> float | None:
    """The just noticeable difference of a measure at this value, in its unit; None where there is no rule."""
    if of.measure == "gloss_gu":
        return STEP_GU
    if of.measure == "clarity_pct":
        return max(STEP_SHARE * middle, LEAST_CLARITY_PCT)
    if of.measure == "waviness_rms_mrad":
        return max(STEP_SHARE * middle, LEAST_MRAD)
    return None


def _colour(first: Side, second: Side) -> Compared:
    """ΔE00 between the two mean colours, each the recipe's colour plus what the panel strays from it."""
    pairs = [[_findings(side, name).get("[]") for name in _LAB] for side in (first, second)]
    targets = [_lab_of(side.recipe) for side in (first, second)]
    blank = Compared(COLOUR, {}, "ΔE00", None, None, None, None, None, STEP_E00, None, Match.HOLD)
    reasons = [_why_not(first, second, one, other) for one, other in zip(*pairs, strict=True)]
    why = next((reason for reason in reasons if reason is not None), None)
    if why is None and None in targets:
        why = Why.TARGET
    if why is not None:
        return replace(blank, why=why)
    strays = np.array([[one.value for one in side if one is not None] for side in pairs], float)
    labs = strays + np.array(targets, float)
    u = np.array([_u(first, second, a, b) for a, b in zip(*pairs, strict=True) if a is not None and b is not None])
    distance = float(delta_e00(labs[1], tuple(labs[0])))
    # Along each axis by a small step; near zero the distance grows with every error: never less than that.
    moved = np.array([float(delta_e00(labs[1] + step, tuple(labs[0]))) for step in np.diag(u)])
    spread = float(np.linalg.norm(moved - distance))
    around = float(np.linalg.norm([float(delta_e00(labs[0] + step, tuple(labs[0]))) for step in np.diag(u)]))
    of = pairs[0][0]
    assert of is not None
    known = Finding(
        None, WHOLE, COLOUR, of.version, {}, distance, "ΔE00", spread, spread, of.n_px, (), None, None, None
    )
    return _decided(known, 0.0, distance, distance, max(spread, around if distance < around else 0.0), STEP_E00)


def _lab_of(recipe: Mapping[str, Any]) -> tuple[float, float, float] | None:
    lab = recipe.get("lab")
    if not (isinstance(lab, (list, tuple)) and len(lab) == 3 and all(isinstance(v, (int, float)) for v in lab)):
        return None
    return float(lab[0]), float(lab[1]), float(lab[2])
