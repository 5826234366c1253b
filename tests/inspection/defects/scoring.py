"""How well the search does on panels of the sample world.

    python -m tests.inspection.defects.scoring [--panels 200] [--rigs A,B,C,poor,far] [--clean 0] [--first 0]

Draws panels, lets the program search them and prints one table per rig and one over all: recall, precision, fragments,
kinds, places, heights; then every miss, false alarm and confusion. `--clean N` searches N more panels per rig that
have heavy orange peel and no mark, `--faint N` N more with a hologram and a swirl that cover 0.4 to 1 % of their area.
With lamps, every other clean panel and every third faint one is effect paint.

A found mark hits a true one when its centre lies within max(2 mm, size) of it: of the centre of a point, of the middle
line of a line (its size being its width), within 2 mm of the disk of a region. Pairs are taken nearest first, each mark
once. What also hits a line or a region that is taken is a fragment, everything else a false alarm. True marks below
`LEAST_SNR` count neither way.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from calibration import calibrate
from inspection import areas
from inspection.defects.marks import Mark, Marks
from inspection.frames import Frames
from inspection.maps.kinds import Target
from inspection.rig import Rig
from inspection.workbench import Workbench
from samples.drawn import COLOURS, KINDS, drawn_panel, with_drawn
from samples.flakes import Flakes
from samples.marks import MarkTruth, pairs_of, seen_marks
from samples.paintwork import Panel
from samples.scene import render, render_reference
from samples.stations import NAMED, Station
from samples.visibility import Visibility

LEAST_SNR = 20.0
#: Kinds between which the pictures cannot always decide.
SCUFFS = {"swirl", "hologram"}
ALIKE = (SCUFFS,)
HEIGHT_KINDS = ("nib", "crater")

#: Five rigs: tilted camera with lamps; plain; fine pixels; poor; far screen, steeper, noisier.
RIGS: dict[str, Station] = {
    "A": NAMED["A"].sized(300),
    "B": NAMED["B"].sized(300),
    "C": NAMED["C"].sized(400),
    "poor": NAMED["poor"].sized(300),
    "far": replace(
        NAMED["B"].sized(340),
        name="far",
        mm_per_px=0.3,
        camera_angle_deg=12.0,
        camera_distance_mm=900.0,
        screen_angle_deg=12.0,
        screen_distance_mm=600.0,
        screen_width_mm=900.0,
        screen_height_mm=600.0,
        periods_mm=(96.0, 24.0, 6.0),
        electrons_full_scale=9000.0,
        read_noise_e=9.0,
        frames_averaged=1,
    ),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A true mark that was found."""

    truth: MarkTruth
    seen: Visibility
    mark: Mark
    distance_mm: float

    @property
    def right_kind(self) -> bool:
        kind = str(self.mark.kind)
        return kind == self.truth.kind or any({kind, self.truth.kind} <= alike for alike in ALIKE)

    @property
    def named(self) -> bool:
        """By its own name, nothing else counts as alike."""
        return str(self.mark.kind) == self.truth.kind


@dataclass(frozen=True, slots=True)
class Score:
    """Of one panel, or of several added up."""

    panels: int = 0
    hits: tuple[Hit, ...] = ()
    missed: tuple[tuple[str, MarkTruth, Visibility], ...] = ()
    false: tuple[tuple[str, Mark], ...] = ()
    fragments: tuple[tuple[str, Mark, MarkTruth], ...] = ()
    counted: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.panels + other.panels,
            self.hits + other.hits,
            self.missed + other.missed,
            self.false + other.false,
            self.fragments + other.fragments,
            self.counted + other.counted,
        )

    @property
    def recall(self) -> float:
        return len(self.hits) / max(len(self.hits) + len(self.missed), 1)

    @property
    def precision(self) -> float:
        """Fragments are false alarms too."""
        return len(self.hits) / max(len(self.hits) + len(self.false) + len(self.fragments), 1)

    @property
    def kind_accuracy(self) -> float:
        return sum(h.right_kind for h in self.hits) / max(len(self.hits), 1)

    @property
    def point_distance_mm(self) -> float:
        """Median; NaN without points."""
        far = [h.distance_mm for h in self.hits if h.truth.shape == "point"]
        return float(np.median(far)) if far else float("nan")

    def height_ratios(self, pitch_mm: float | None = None) -> list[float]:
        """Found over true height of nibs wider than 4 px and craters wider than 6 px (all of them without a pitch)."""
        return [
            h.mark.height_um / h.truth.height_um
            for h in self.hits
            if h.truth.kind in HEIGHT_KINDS
            and h.mark.height_um is not None
            and (pitch_mm is None or h.truth.width_mm > pitch_mm * (4 if h.truth.kind == "nib" else 6))
        ]


def score(found: Sequence[Mark], truth: Sequence[tuple[MarkTruth, Visibility]], label: str = "") -> Score:
    """Score the marks found on one panel."""
    clear = [(t, v) for t, v in truth if v.noise_snr >= LEAST_SNR]
    faint = [t for t, v in truth if v.noise_snr < LEAST_SNR]
    pairs, taken = pairs_of([(f.x_mm, f.y_mm) for f in found], [t for t, _ in clear])
    used = {i for i, _ in taken.values()}
    fragment_of = {i: k for _, i, k in reversed(pairs) if i not in used and clear[k][0].shape != "point"}
    rest = [f for i, f in enumerate(found) if i not in used and i not in fragment_of]
    excused = {i for _, i, _ in pairs_of([(f.x_mm, f.y_mm) for f in rest], faint)[0]}
    return Score(
        1,
        tuple(Hit(*clear[k], found[i], far) for k, (i, far) in sorted(taken.items())),
        tuple((label, *pair) for k, pair in enumerate(clear) if k not in taken),
        tuple((label, f) for i, f in enumerate(rest) if i not in excused),
        tuple((label, found[i], clear[k][0]) for i, k in sorted(fragment_of.items())),
        Counter(t.kind for t, _ in clear),
    )


@lru_cache(maxsize=8)
def rig_of(station: Station) -> Rig:
    return calibrate([render_reference(station, seed=1)])


def search(frames: Frames, rig: Rig, n_clear: float = 1.5) -> Marks:
    """What the program finds in one capture."""
    bench = Workbench(frames, rig, Target(None, n_clear), {"whole": areas.whole(frames.sensor.shape)})
    found: Marks = bench.get(Marks)
    return found


def score_panel(panel: Panel, station: Station, seed: int) -> Score:
    """Capture, search and score one panel."""
    found = search(render(panel, station, seed=seed), rig_of(station), panel.n_clear).found
    return score(found, seen_marks(panel, station), f"{station.name}/{panel.code}")


def clean_panel(seed: int, station: Station) -> Panel:
    """Heavy orange peel, no mark; the colours in turn."""
    panel = drawn_panel(seed, station, count=0, peel_level=1.0, lab=COLOURS[seed % len(COLOURS)])
    return with_flakes(panel, seed) if station.spot_azimuths_deg and seed % 2 else panel


def faint_panel(seed: int, station: Station) -> Panel:
    """A faint hologram, a faint swirl, and four other marks."""
    rng = np.random.default_rng([seed, 313])
    panel = drawn_panel(seed, station, count=0)
    if station.spot_azimuths_deg and seed % 3 == 0:
        panel = with_flakes(panel, seed)
    others = [kind for kind in KINDS if kind not in SCUFFS]
    kinds = ("faint_hologram", "faint_swirl", *(others[(4 * seed + i) % len(others)] for i in range(4)))
    for i, kind in enumerate(kinds):
        panel = with_drawn(panel, station, kind, rng, f"f{i}")
    return panel


def with_flakes(panel: Panel, seed: int) -> Panel:
    """From a fine to a coarse effect paint."""
    rng = np.random.default_rng([seed, 317])
    return replace(panel, flakes=Flakes(float(rng.uniform(5, 60)), float(rng.uniform(12, 30)), seed=seed))


def table(scores: dict[str, Score]) -> str:
    """One line per rig (or whatever the keys are)."""
    head = f"{'':>14} panels  marks  recall  precis  fragm  false  kind   place  height 10-50-90 %"
    lines = [head]
    for name, s in scores.items():
        h = s.height_ratios(RIGS[name].mm_per_px if name in RIGS else None)
        heights = " ".join(f"{v:.2f}" for v in np.percentile(h, (10, 50, 90))) if h else "-"
        lines.append(
            f"{name:>14} {s.panels:6d} {len(s.hits) + len(s.missed):6d}  {s.recall:.3f}   {s.precision:.3f} "
            f"{len(s.fragments):6d} {len(s.false):6d}  {s.kind_accuracy:.3f}  {s.point_distance_mm:.3f}  {heights}"
        )
    return "\n".join(lines)


def kinds_table(total: Score) -> str:
    """Recall and what each kind was called."""
    called: dict[str, Counter[str]] = {}
    for h in total.hits:
        called.setdefault(h.truth.kind, Counter())[str(h.mark.kind)] += 1
    lines = [f"{'kind':>14}  marks  found  called"]
    for kind, n in sorted(total.counted.items()):
        names = called.get(kind, Counter())
        lines.append(f"{kind:>14} {n:6d} {sum(names.values()):6d}  {dict(names.most_common())}")
    return "\n".join(lines)


def details(total: Score) -> str:
    """Every miss and confusion, false alarms and fragments of each panel, one a line."""
    lines = ["missed:"]
    for label, t, v in total.missed:
        lines.append(f"  {label} {_truth(t)} snr {v.snr:.0f} (noise alone {v.noise_snr:.0f})")
    lines.append("false alarms:")
    lines += _first_of_each_panel([(label, _found(f)) for label, f in total.false])
    lines.append("fragments:")
    lines += _first_of_each_panel([(label, f"{_found(f)} of {_truth(t)}") for label, f, t in total.fragments])
    lines.append("wrong kind:")
    lines += [f"  {_truth(h.truth)} -> {_found(h.mark)} snr {h.seen.snr:.0f}" for h in total.hits if not h.right_kind]
    return "\n".join(lines)


def _first_of_each_panel(found: list[tuple[str, str]], most: int = 6) -> list[str]:
    """One line each; of a panel with many only the first."""
    lines, counted = [], Counter(label for label, _ in found)
    for label, n in counted.items():
        lines += [f"  {label} {text}" for name, text in found if name == label][:most]
        lines += [f"  {label} … and {n - most} more"] * (n > most)
    return lines


def _truth(t: MarkTruth) -> str:
    return f"{t.kind} ({t.x_mm:.1f}, {t.y_mm:.1f}) {t.length_mm:.2f} x {t.width_mm:.2f} mm {t.height_um:.1f} um"


def _found(f: Mark) -> str:
    height = "-" if f.height_um is None else f"{f.height_um:.1f}"
    return (
        f"{f.kind} ({f.x_mm:.1f}, {f.y_mm:.1f}) {f.length_mm:.2f} x {f.width_mm:.2f} mm {height} um "
        f"sigma {f.significance:.0f} confidence {f.confidence:.2f}"
    )


def total_of(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def main() -> None:
    parser = argparse.ArgumentParser(description="score the search on drawn panels")
    parser.add_argument("--panels", type=int, default=200, help="in all, spread over the rigs")
    parser.add_argument("--rigs", default=",".join(RIGS))
    parser.add_argument("--clean", type=int, default=0, help="clean panels per rig")
    parser.add_argument("--faint", type=int, default=0, help="panels with faint swirls and holograms per rig")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--brief", action="store_true", help="tables only")
    arguments = parser.parse_args()
    names = arguments.rigs.split(",")
    scores: dict[str, Score] = {name: Score() for name in names}
    for i in range(arguments.panels):
        name = names[i % len(names)]
        panel = drawn_panel(arguments.first + i, RIGS[name], count=10)
        scores[name] += score_panel(panel, RIGS[name], seed=1000 + i)
    total = total_of(scores.values())
    print(table(scores | {"all": total}), kinds_table(total), sep="\n\n")
    clean = {
        name: total_of(
            score_panel(clean_panel(arguments.first + i, RIGS[name]), RIGS[name], seed=9000 + i)
            for i in range(arguments.clean)
        )
        for name in names
    }
    faint = {
        name: total_of(
            score_panel(faint_panel(arguments.first + i, RIGS[name]), RIGS[name], seed=5000 + i)
            for i in range(arguments.faint)
        )
        for name in names
    }
    if arguments.faint:
        total = total_of(faint.values())
        scuffs = [h for h in total.hits if h.truth.kind in SCUFFS]
        wanted = len(scuffs) + sum(t.kind in SCUFFS for _, t, _ in total.missed)
        print("\nfaint swirls and holograms", table(faint | {"all": total}), kinds_table(total), sep="\n")
        print(f"of {wanted}: found {len(scuffs)}, by the right name {sum(h.named for h in scuffs)}")
    if arguments.clean:
        print("\nfalse marks per clean panel with heavy orange peel")
        print(json.dumps({name: len(s.false) / s.panels for name, s in clean.items()}))
    if not arguments.brief:
        print(f"\n{details(total)}\n\non clean panels:\n{details(total_of(clean.values()))}")
        print(f"\non faint panels:\n{details(total_of(faint.values()))}")


if __name__ == "__main__":
    main()
