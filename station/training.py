"""Learning to name marks: panels of the sample world, searched by the program, and marks that people have named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import cos, hypot, radians, sin
from typing import Any, Final

from calibration import calibrate
from inspection import areas
from inspection.defects.describe import describe
from inspection.defects.description import Description
from inspection.defects.evidence import Evidence
from inspection.defects.features import vector_of
from inspection.defects.find import find
from inspection.defects.kinds import Kind
from inspection.defects.learn import Labelled
from inspection.frames import Frames
from inspection.maps.kinds import (
    ClarityMap,
    GlossMap,
    HazeMap,
    LampMap,
    Map,
    ReflectanceMap,
    SurfaceMap,
    Target,
)
from inspection.reading import Missing
from inspection.recipe import WHOLE
from inspection.refused import Refused
from inspection.rig import Rig
from inspection.workbench import Workbench
from samples.drawn import drawn_panel
from samples.marks import MarkTruth, seen_marks
from samples.scene import render, render_reference
from samples.stations import NAMED, Station

#: Panels to learn from: far from the numbers that tests and scoring draw.
FIRST_SEED: Final = 100_000
MARKS_PER_PANEL: Final = 10
#: A mark fainter than this to an ideal observer teaches nothing.
LEAST_SNR: Final = 20.0

#: Stations to learn with: tilted with lamps, plain, fine pixels, poor, and far with a long focal length.
STATIONS: Final[tuple[Station, ...]] = (
    NAMED["A"].sized(300),
    NAMED["B"].sized(300),
    NAMED["C"].sized(400),
    NAMED["poor"].sized(300),
    replace(
        NAMED["B"].sized(340), name="far", mm_per_px=0.3, camera_angle_deg=12.0, camera_distance_mm=900.0,
        screen_angle_deg=12.0, screen_distance_mm=600.0, screen_width_mm=900.0, screen_height_mm=600.0,
        periods_mm=(96.0, 24.0, 6.0), electrons_full_scale=9000.0, read_noise_e=9.0, frames_averaged=1,
    ),
)  # fmt: skip


def sample_marks(
    panels: int,
    stations: Sequence[Station],
    *,
    first_seed: int = FIRST_SEED,
) -> list[Labelled]:
    """Search drawn panels and name what was found by the truth.

    Parameters
    ----------
    panels : int
    stations : sequence of Station
        Taken in turn.

    Returns
    -------
    list of Labelled
        Of each true mark the candidate that lies on it best. False alarms are left out.
    """
    rigs = {station.name: calibrate([render_reference(station, seed=1)]) for station in stations}
    found: list[Labelled] = []
    for number in range(panels):
        station, seed = stations[number % len(stations)], first_seed + number
        panel = drawn_panel(seed, station, count=MARKS_PER_PANEL)
        evidence = evidence_of(render(panel, station, seed=seed), rigs[station.name], panel.n_clear)
        described = [describe(candidate, evidence) for candidate in find(evidence)]
        truth = [mark for mark, seen in seen_marks(panel, station) if seen.noise_snr >= LEAST_SNR]
        found += [
            Labelled(_rounded(described[i]), Kind(mark.kind), f"{station.name}/{panel.code}")
            for i, mark in pairs(described, truth)
        ]
    return found


def evidence_of(frames: Frames, rig: Rig, n_clear: float) -> Evidence:
    """What the search looks at, from one capture."""
    bench = Workbench(frames, rig, Target(None, n_clear), {WHOLE: areas.whole(frames.sensor.shape)})

    def map_of(kind: type[Map]) -> Any:
        try:
            return bench.get(kind)
        except Missing:
            return None

    kinds = (SurfaceMap, GlossMap, ClarityMap, HazeMap, ReflectanceMap, LampMap)
    return Evidence(rig, *(map_of(kind) for kind in kinds))


def _rounded(mark: Description) -> dict[str, float]:
    """Features to five digits: what is learned must not hang on the last bits of a machine's arithmetic."""
    return {name: float(f"{value:.5g}") for name, value in mark.features().items()}


def pairs(described: Sequence[Description], truth: Sequence[MarkTruth]) -> Iterator[tuple[int, MarkTruth]]:
    """Each true mark with the description nearest to it, each description once; nothing beyond 2 mm or its size."""
    near = sorted(
        (far, i, k)
        for i, found in enumerate(described)
        for k, mark in enumerate(truth)
        if (far := _distance_mm(found, mark)) <= (2.0 if mark.shape == "region" else max(2.0, mark.size_mm))
    )
    used: set[int] = set()
    taken: set[int] = set()
    for _, i, k in near:
        if i not in used and k not in taken:
            used.add(i)
            taken.add(k)
            yield i, truth[k]


def _distance_mm(found: Description, mark: MarkTruth) -> float:
    """To the centre of a point, the middle line of a line, the disk of a region."""
    dx, dy = found.x_mm - mark.x_mm, found.y_mm - mark.y_mm
    if mark.shape == "line":
        ux, uy = cos(radians(mark.angle_deg)), -sin(radians(mark.angle_deg))
        along = min(max(dx * ux + dy * uy, -mark.length_mm / 2), mark.length_mm / 2)
        return hypot(dx - along * ux, dy - along * uy)
    return max(0.0, hypot(dx, dy) - (mark.size_mm / 2 if mark.shape == "region" else 0.0))


def named_marks(text: str, name: str) -> list[Labelled]:
    """Marks that people have named, from the lines of `/api/labels`.

    Parameters
    ----------
    text : str
        JSON lines: ``label`` (a kind), ``mark`` with the ``features`` it was told from, and ``panel``. Marks that were
        missed have no features, and a false alarm is no kind: such lines teach no name and are passed over.
    name : str
        Of the file, for refusals.

    Raises
    ------
    Refused
        A line is not JSON, names no kind, or has other features than this version.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            label, mark = row["label"], row.get("mark")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(f"{name}: line {number}: expected a JSON object with a label") from None
        features = mark.get("features") if isinstance(mark, dict) else None
        if label in ("false_alarm", Kind.UNKNOWN) or not features:
            continue
        try:
            labelled = Labelled(dict(features), Kind(label), str(row.get("panel")))
            vector_of(labelled.features)
        except (ValueError, TypeError):
            raise Refused(f"{name}: line {number}: label or features: expected a kind and numbers") from None
        except KeyError as missing:
            raise Refused(f"{name}: line {number}: mark.features: {missing.args[0]} is missing") from None
        found.append(labelled)
    return found
