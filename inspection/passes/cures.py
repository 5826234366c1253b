"""What would make a check good: which marks, which regions, and whether polishing can do it at all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from inspection.defects.kinds import ABOUT, Kind
from inspection.passes.film import left_low_um
from inspection.recipe import WHOLE
from inspection.report import Defect, FilmZone, Finding, Task

#: Polishing works on the clearcoat: what lies under it stays.
_UNDER_THE_CLEARCOAT: Final = frozenset({Kind.DENT, Kind.COLOUR_PATCH, Kind.BURN_THROUGH})
#: Measures of uneven gloss, and the marks that make it so; smaller ones than a block of the measure do not show in it.
_UNEVEN: Final = frozenset({"gloss_cv_pct", "gloss_worst_zone_gu"})
_DULL: Final = frozenset({Kind.SWIRL, Kind.HOLOGRAM, Kind.GLOSS_PATCH})
LEAST_DULL_MM: Final = 4.0
#: A kind that is less sure than this stops no panel.
SURE_KIND: Final = 0.7
ANY_KIND: Final = "any"

#: What to do with a mark, by kind; {id}: its number, {mm}: its length.
_WORDS: Final[dict[Kind, dict[str, str]]] = {
    Kind.NIB: {"en": "Sand nib {id} flat, then polish there.", "zh": "将颗粒 {id} 磨平，再局部抛光。"},
    Kind.CRATER: {
        "en": "Sand around crater {id} until it is level, then polish; mind the film.",
        "zh": "打磨缩孔 {id} 周围至平整，再抛光；注意漆膜厚度。",
    },
    Kind.PINHOLE: {
        "en": "Sand pinhole {id} out, then polish; mind the film.",
        "zh": "打磨去除针孔 {id}，再抛光；注意漆膜厚度。",
    },
    Kind.SCRATCH: {
        "en": "Polish scratch {id} ({mm} mm) out, across its length.",
        "zh": "沿垂直方向抛除划痕 {id}（长 {mm} 毫米）。",
    },
    Kind.SWIRL: {
        "en": "Polish swirl marks {id} out with a soft pad and fine polish.",
        "zh": "用软盘和细抛光剂去除抛光纹 {id}。",
    },
    Kind.HOLOGRAM: {
        "en": "Finish holograms {id} with a random-orbital machine and fine polish.",
        "zh": "用偏心抛光机和细抛光剂去除光影纹 {id}。",
    },
    Kind.RUN: {"en": "Sand run {id} level, then polish there.", "zh": "将流挂 {id} 磨平，再局部抛光。"},
    Kind.DENT: {"en": "Dent {id} lies under the paint: do not polish it.", "zh": "凹坑 {id} 在漆层之下，请勿抛光。"},
    Kind.DUST: {"en": "Wipe dust {id} off.", "zh": "擦去浮尘 {id}。"},
    Kind.BURN_THROUGH: {
        "en": "Burn-through {id}: do not touch it, call the quality engineer.",
        "zh": "{id} 处已抛穿：请勿再处理，通知质量工程师。",
    },
    Kind.GLOSS_PATCH: {"en": "Polish dull patch {id} ({mm} mm).", "zh": "抛光暗斑 {id}（约 {mm} 毫米）。"},
    Kind.COLOUR_PATCH: {
        "en": "Colour patch {id} lies under the clearcoat: do not polish it.",
        "zh": "色斑 {id} 在清漆之下，请勿抛光。",
    },
    Kind.UNKNOWN: {"en": "Look at mark {id} and polish it if it is one.", "zh": "查看 {id} 处，确认后局部抛光。"},
}


def marks_of(finding: Finding, defects: Iterable[Defect]) -> list[Defect]:
    """The marks that a check is about, worst first; [] for a check that is not about marks."""
    inside = [mark for mark in defects if finding.region in (WHOLE, mark.region)]
    if finding.measure == "defect_count":
        kind, least = finding.knobs.get("kind", ANY_KIND), float(finding.knobs.get("min_length_mm", 0.0))
        found = [mark for mark in inside if kind in (ANY_KIND, mark.kind) and mark.length_mm >= least]
    elif finding.measure == "largest_defect_mm":
        found = [mark for mark in inside if finding.high is None or mark.length_mm > finding.high]
    elif finding.measure == "scratch_length_mm":
        found = [mark for mark in inside if mark.kind == Kind.SCRATCH]
    elif finding.measure in _UNEVEN:
        found = [mark for mark in inside if mark.kind in _DULL and mark.length_mm >= LEAST_DULL_MM]
    else:
        found = []
    return sorted(found, key=lambda mark: (-mark.severity, mark.id))


def curable(mark: Defect, film: Sequence[FilmZone]) -> bool:
    """Whether sanding and polishing can take a mark away within the film that is surely left.

    A hollow is gone when the paint around it is as low as its bottom. Hollows of the clearcoat whose depth is not
    known, or for which no film is known, count as not curable where the kind says so.
    """
    kind = Kind(mark.kind)
    if kind in _UNDER_THE_CLEARCOAT:
        return False
    left = left_low_um(film, mark.region)
    if mark.height_um is not None and mark.height_um < 0 and left is not None:
        return -mark.height_um <= left
    return ABOUT[kind].polishable


def hopeless(finding: Finding, defects: Iterable[Defect], film: Sequence[FilmZone]) -> list[Defect]:
    """The marks for which no polishing makes this check good; [] where it may."""
    if finding.high is None or finding.measure in _UNEVEN:
        return []
    stuck = [m for m in marks_of(finding, defects) if not curable(m, film) and m.confidence >= SURE_KIND]
    if finding.measure == "defect_count":
        return stuck if len(stuck) > finding.high else []
    if finding.measure == "scratch_length_mm":
        return stuck if sum(mark.length_mm for mark in stuck) > finding.high else []
    return stuck


def places_for(findings: Iterable[Finding], defects: Sequence[Defect], most: int) -> tuple[str, ...] | None:
    """Marks and regions at which work makes every one of these checks good; None where it takes more than `most`.

    Of a count that may not be zero, the worst marks beyond its limit are taken, and none that lies under the clearcoat.
    """
    places: dict[str, None] = {}
    for finding in findings:
        marks = marks_of(finding, defects)
        if marks:
            within_reach = _within_reach(marks)
            if len(within_reach) < _too_many(finding, marks):
                return None
            places.update(dict.fromkeys(mark.id for mark in within_reach[: _too_many(finding, marks)]))
        elif finding.region != WHOLE:
            places[finding.region] = None
        else:
            return None
    return tuple(sorted(places, key=_in_order)) if 0 < len(places) <= most else None


def out_of_reach(finding: Finding, defects: Iterable[Defect]) -> bool:
    """Whether a check about marks could only be met by work at marks that probably lie under the clearcoat."""
    marks = marks_of(finding, defects)
    return len(_within_reach(marks)) < _too_many(finding, marks)


def only_dust(places: Iterable[str], defects: Iterable[Defect]) -> bool:
    """Whether a cloth is all that these places need."""
    kinds = {mark.id: mark.kind for mark in defects}
    return all(kinds.get(place) == Kind.DUST for place in places)


def _within_reach(marks: Iterable[Defect]) -> list[Defect]:
    return [mark for mark in marks if mark.kind not in _UNDER_THE_CLEARCOAT]


def _too_many(finding: Finding, marks: Sequence[Defect]) -> int:
    """How many of the marks that a check is about have to go."""
    if finding.measure == "defect_count" and finding.high is not None and marks:
        return max(1, math.ceil(len(marks) - finding.high))
    return len(marks)


def _in_order(place: str) -> tuple[bool, int, str]:
    """Regions by name, then marks by number."""
    number = place[1:]
    is_mark = place.startswith("D") and number.isdigit()
    return (is_mark, int(number) if is_mark else 0, place)


def task_at(place: str, defects: Iterable[Defect]) -> Task:
    """What to do at a mark, or in a region."""
    mark = next((mark for mark in defects if mark.id == place), None)
    if mark is None:
        words = {"en": f"Work on region {place}.", "zh": f"处理区域 {place}。"}
        return Task(place, "region", words)
    # A mark that a person added was not measured.
    length = "?" if mark.u_length_mm is None else f"{mark.length_mm:.0f}"
    words = {language: text.format(id=mark.id, mm=length) for language, text in _WORDS[Kind(mark.kind)].items()}
    return Task(mark.id, mark.kind, words, mark.x_mm, mark.y_mm)


def panel_task(kind: str, english: str, chinese: str) -> Task:
    """Something to do with the whole panel."""
    return Task(WHOLE, kind, {"en": english, "zh": chinese})
