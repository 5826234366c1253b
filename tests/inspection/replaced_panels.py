"""The same panel put down again and again, within 1 mm and half a degree, each time with fresh noise.

``python -m tests.inspection.replaced_panels --times 100 --side 200`` prints how every measure scatters, beside its u.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace

import numpy as np

from calibration import calibrate
from inspection.pipeline import inspect
from samples.paintwork import Panel
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference
from samples.stations import NAMED, Station
from tests.inspection.drawn_stations import PANEL, RECIPE, STATION, put_down

PANELS_AND_STATIONS: dict[str, tuple[Panel, Station]] = {
    "spots": (PANEL, STATION),
    "patches": (PANELS["amethyst_patches"](4), replace(NAMED["B"], subsamples=1)),
    "curved": (PANELS["curved"](5), replace(NAMED["A"], subsamples=1)),
}


def replaced(panel: Panel, station: Station, times: int) -> dict[str, tuple[float, float]]:
    """Standard deviation of each measure's values and root mean square of its stated u, by name and knobs."""
    rig, found = calibrate([render_reference(station, seed=1)]), defaultdict(list)
    for i in range(times):
        frames = render(put_down(panel, 1000 + i), station, seed=2000 + i)
        report = inspect(frames, rig, RECIPE, now="2026-11-22T10:00:00+08:00", software="test")
        for one in report.findings:
            if one.region == "whole" and one.value is not None and one.u is not None:
                found[" ".join([one.measure, *map(str, one.knobs.values())])].append((one.value, one.u))
    table = {name: np.array(rows) for name, rows in found.items() if len(rows) == times}
    return {
        name: (float(rows[:, 0].std(ddof=1)), float(np.sqrt(np.square(rows[:, 1]).mean())))
        for name, rows in table.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--side", type=int, default=160, help="pixels along each side")
    asked = parser.parse_args()
    for title, (panel, station) in PANELS_AND_STATIONS.items():
        print(title)
        for name, (scatter, u) in replaced(panel, station.sized(asked.side), asked.times).items():
            print(f"  {name:32} sd {scatter:8.4f}  u {u:8.4f}")


if __name__ == "__main__":
    main()
