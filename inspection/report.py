"""The report of one inspection: `paint-report/1`. One `Finding` is both the row and the API object."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from inspection.polishing_marks import PolishingMarks
from inspection.verdict import Verdict
from inspection.zones import GlossZones


class Action(StrEnum):
    """What to do with the panel next."""

    RELEASE = "release"
    WORK_HERE = "work_here"
    FULL_PASS = "full_pass"
    WIPE_AND_MEASURE_AGAIN = "wipe_and_measure_again"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured value, judged or not. `None`, never NaN, where there is no number.

    `budget`: standard uncertainties by where they come from (`inspection.reading.Source`), in the value's unit; their
    root sum of squares is `u`.
    `probability`: that the true value keeps the limits (JCGM 106:2012, 7.5); None without limits.
    """

    check_no: int | None
    region: str
    measure: str
    version: int
    knobs: dict[str, float | str]
    value: float | None
    unit: str
    u: float | None
    u_noise: float | None
    n_px: int
    quality: tuple[str, ...]
    low: float | None
    high: float | None
    verdict: Verdict | None
    budget: dict[str, float] = field(default_factory=dict)
    probability: float | None = None


class GateState(StrEnum):
    """What a gate says; `UNKNOWN`: it could not be looked at, which bars nothing and is said."""

    OK = "ok"
    UNKNOWN = "unknown"
    DOUBT = "doubt"
    RED = "red"

    @property
    def rank(self) -> int:
        """Worse is more."""
        return list(GateState).index(self)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the capture may be believed in one respect (see `inspection.gates`).

    Attributes
    ----------
    value, unit, limit : float or None, str, float or None
        What was looked at and the limit it broke, or keeps; None where it could not be looked at.
    sentence : str
        Plain English: what is wrong and what to do about it.
    fault : str
        Which of its faults a gate found; "" where it is content. The pages translate it.
    values : dict
        What else the sentence names.
    """

    id: str
    state: GateState
    value: float | None
    unit: str
    limit: float | None
    sentence: str
    fault: str = ""
    values: dict[str, float | str] = field(default_factory=dict)


class Status(StrEnum):
    """What became of a mark since the last pass."""

    NEW = "new"
    PERSISTS = "persists"
    SMALLER = "smaller"
    LARGER = "larger"
    RETURNED = "returned"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Defect:
    """One mark on the panel (lengths in mm, heights in µm, angle in degrees).

    Attributes
    ----------
    id : str
        The same along a chain of reports of one coat, never given twice.
    contrast, contrast_measure : float, str or None
        How much it differs from the paint around it in the measure that shows it best.
    significance : float or None
        That contrast in standard deviations of noise and texture.
    box_mm : (left, top, right, bottom) or None
        What a picture of it should show.
    u_place_mm, u_length_mm, u_width_mm, u_height_um : float or None
        Standard uncertainties.
    caused_by_pass : int or None
        The polishing pass that made it.
    last_seen_pass : int or None
        The last pass after which it was found.
    status : Status or None
        None where nothing can be said: no earlier report, a fit that failed, a place the earlier capture did not see;
        among `removed`: its place was not seen now, or nobody knows where it is.
    """

    id: str
    kind: str
    code: str
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    area_mm2: float
    height_um: float | None
    angle_deg: float | None
    severity: float
    confidence: float
    region: str
    status: Status | None = None
    since_pass: int | None = None
    caused_by_pass: int | None = None
    last_seen_pass: int | None = None
    u_place_mm: float | None = None
    u_length_mm: float | None = None
    u_width_mm: float | None = None
    u_height_um: float | None = None
    contrast: float | None = None
    contrast_measure: str | None = None
    significance: float | None = None
    box_mm: tuple[float, float, float, float] | None = None
    features: dict[str, float] = field(default_factory=dict)


class Fit(StrEnum):
    """How this panel was laid over the earlier report."""

    ALIGNED = "aligned"
    FAILED = "failed"
    NOT_THE_SAME_PANEL = "not_the_same_panel"
    ANOTHER_COAT = "another_coat"


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the panel lies now against the earlier pass.

    A place (x, y) of the earlier report is now at the field's centre + R(rotation) · ((x, y) − centre) + (dx, dy);
    rotation counter-clockwise as seen, like every angle (y down: x' = cos·x + sin·y, y' = −sin·x + cos·y). `u_mm`:
    standard uncertainty of a place carried over, along one axis, root mean square over the field. Numbers are None
    where `fit` is not "aligned".
    """

    fit: Fit
    from_pass: int
    dx_mm: float | None = None
    dy_mm: float | None = None
    rotation_deg: float | None = None
    u_mm: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """How one measure moved since the earlier pass; `significant` where that is more than both u explain."""

    measure: str
    region: str
    knobs: dict[str, float | str]
    unit: str
    value: float
    change: float
    u_change: float
    significant: bool


@dataclass(frozen=True, slots=True)
class FilmZone:
    """Film of one zone of this coat, µm.

    `source`: "gauge" where a reading exists, "recipe" where the recipe's default per pass is counted. `film_um`: best
    estimate from all readings and passes, `u_um` its standard uncertainty (of `removed_um` where there is no film).
    `left_um`: what may still be removed; `left_low_um` its lower 95 % bound. `state`: "ok", "warn" (70 % used, or may
    be), "stop" (one more pass might cross the limit). `u_start_um`: None where the start was not measured.
    `per_pass_um`: what a pass takes here, by this panel's own readings where there are such. `first_read_pass`: the
    passes done when the gauge was first read, None where it was not. All u are standard ones.
    """

    zone: str
    source: str
    film_um: float | None
    u_um: float
    removed_um: float
    left_um: float
    left_low_um: float
    state: str
    start_um: float | None = None
    u_start_um: float | None = None
    u_removed_um: float | None = None
    per_pass_um: float | None = None
    u_per_pass_um: float | None = None
    first_read_pass: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a next step is advised: a code the pages translate, its numbers, and plain English."""

    code: str
    text: str
    values: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing for the worker to do: where (a mark or a region), what kind, in plain words by language."""

    place: str
    kind: str
    words: dict[str, str]
    x_mm: float | None = None
    y_mm: float | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """The advice: what, how sure that the panel meets its last pass's checks, why, and where."""

    action: Action
    probability: float
    reasons: tuple[Reason, ...]
    places: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenView:
    """One view of a part that is larger than the field, as the next pass needs it.

    Attributes
    ----------
    capture : str
        Content hash of its capture set.
    to_part_mm : 3 × 3
        From places (x, y, 1) of its field to the part.
    verdict : Verdict
        Of its own checks.
    findings : tuple of Finding
        Of the area that it answers for.
    defects, removed : tuple of Defect
        As in `Report`, at places of its field, with the part's numbers.
    """

    view: str
    capture: str
    to_part_mm: tuple[tuple[float, float, float], ...]
    field_mm: tuple[float, float]
    verdict: Verdict
    valid_ratio: float
    findings: tuple[Finding, ...]
    defects: tuple[Defect, ...]
    removed: tuple[Defect, ...]
    registration: Registration | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one inspection found. `views`: of a part that is larger than the field; else empty, and not told."""

    panel: str | None
    part: str | None
    coat_number: int
    pass_number: int
    view: str | None
    captured_at: str | None
    station: str | None
    simulated: bool
    recipe: dict[str, Any]
    rig: dict[str, Any]
    capture: dict[str, Any]
    software: str
    verdict: Verdict
    next_step: NextStep
    findings: tuple[Finding, ...]
    valid_ratio: float
    saturated_ratio: float
    timing_ms: dict[str, float]
    defects: tuple[Defect, ...] = ()
    removed: tuple[Defect, ...] = ()
    next_id: int = 1
    searched_ratio: float | None = None
    discrimination_mm: dict[str, float] = field(default_factory=dict)
    registration: Registration | None = None
    drift: tuple[Drift, ...] = ()
    film: tuple[FilmZone, ...] = ()
    fingerprint: str | None = None
    gates: tuple[Gate, ...] = ()
    gloss_zones: GlossZones | None = None
    polishing_marks: PolishingMarks | None = None
    views: tuple[SeenView, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values, in the order of contracts.md §4; reasons as their texts."""
        tree = {"format": "paint-report/1"} | asdict(self)
        tree["next_step"]["reasons"] = [reason.text for reason in self.next_step.reasons]
        tree["next_step"]["reason_codes"] = [
            {"code": reason.code, "values": reason.values} for reason in self.next_step.reasons
        ]
        if not self.views:
            del tree["views"]
        return tree
