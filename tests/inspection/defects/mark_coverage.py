"""How often two standard uncertainties of a mark's numbers hold the truth.

    python -m tests.inspection.defects.mark_coverage [--panels 100] [--rigs A,B,C,poor,far] [--first 0]

Draws panels, lets the program search them and prints, for every kind and quantity: how many marks, share within 2 u
(below and above), root mean square of error over u, quantiles of found over true and median of u over the number.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inspection.defects.marks import Mark
from samples.drawn import drawn_panel
from samples.marks import MarkTruth
from tests.inspection.defects.scoring import RIGS, score_panel

QUANTITIES = ("place", "length", "width", "height")


@dataclass(frozen=True, slots=True)
class Miss:
    """Error of one number over its standard uncertainty `z`, number over truth `ratio`, and u over the number."""

    kind: str
    quantity: str
    z: float
    ratio: float
    u_relative: float


def misses_of(truth: MarkTruth, mark: Mark) -> Iterator[Miss]:
    """Of each number that has an uncertainty. A line's place counts across it."""
    far = truth.distance_mm(mark.x_mm, mark.y_mm)
    if truth.shape == "region":
        far = math.hypot(mark.x_mm - truth.x_mm, mark.y_mm - truth.y_mm)
    yield Miss(truth.kind, "place", far / mark.u_place_mm, far, 1.0)
    pairs = [
        ("length", mark.length_mm, truth.length_mm, mark.u_length_mm),
        ("width", mark.width_mm, truth.width_mm, mark.u_width_mm),
    ]
    if mark.height_um is not None and mark.u_height_um is not None and truth.height_um:
        pairs.append(("height", mark.height_um, truth.height_um, mark.u_height_um))
    for quantity, found, true, u in pairs:
        yield Miss(truth.kind, quantity, (found - true) / u, found / true, u / abs(found))


def table(misses: Sequence[Miss]) -> str:
    lines = [f"{'kind':>14} quantity  marks  in 2u  below  above  rms z  ratio 10-50-90 %  u/number"]
    for kind in sorted({miss.kind for miss in misses}):
        for quantity in QUANTITIES:
            some = [miss for miss in misses if (miss.kind, miss.quantity) == (kind, quantity)]
            if not some:
                continue
            z = np.array([miss.z for miss in some])
            low, middle, high = np.percentile([miss.ratio for miss in some], (10, 50, 90))
            lines.append(
                f"{kind:>14} {quantity:8} {len(z):6d}   {np.mean(abs(z) <= 2):.2f}   {np.mean(z < -2):.2f}   "
                f"{np.mean(z > 2):.2f}  {np.sqrt(np.mean(z * z)):5.2f}  {low:.2f} {middle:.2f} {high:.2f}    "
                f"{np.median([miss.u_relative for miss in some]):.3f}"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="coverage of the uncertainties of marks on drawn panels")
    parser.add_argument("--panels", type=int, default=100, help="in all, spread over the rigs")
    parser.add_argument("--rigs", default=",".join(RIGS))
    parser.add_argument("--first", type=int, default=0, help="first seed")
    arguments = parser.parse_args()
    names = arguments.rigs.split(",")
    misses: list[Miss] = []
    for i in range(arguments.panels):
        station = RIGS[names[i % len(names)]]
        panel = drawn_panel(arguments.first + i, station, count=10)
        for hit in score_panel(panel, station, seed=1000 + i).hits:
            misses += misses_of(hit.truth, hit.mark)
    print(table(misses), "\nplace: ratio is the distance in mm")


if __name__ == "__main__":
    main()
