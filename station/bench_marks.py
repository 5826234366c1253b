"""What finding, describing and naming many marks takes, beside the plain reference's search of the same slopes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from inspection import reference
from inspection.pipeline import examine
from inspection.recipe import Recipe
from inspection.rig import Rig
from samples.plain import large_set

#: What a panel fresh from the spray booth may have.
MARKS = 50
#: The plain reference, whose time goes with the pixels, searches this part of the rows only.
PARTS = 4


@dataclass(frozen=True, slots=True)
class SearchTiming:
    """Of one run, seconds: the search by the clock and by the processor, and the plain reference by the processor.

    The plain reference finds places and areas only; it describes and names nothing. `…processor_s` are the best of
    several: what neighbours on the machine take is not in them.
    """

    megapixels: float
    found: int
    search_s: float
    best_s: float
    processor_s: float
    reference_processor_s: float

    @property
    def times_faster(self) -> float:
        """Than the plain reference, in processor time."""
        return self.reference_processor_s / self.processor_s

    def line(self) -> str:
        """For a person to read."""
        return (
            f"{MARKS} marks at {self.megapixels:.1f} MP: {1e3 * self.search_s:.0f} ms to find ({self.found}), describe"
            f" and name them (best {1e3 * self.best_s:.0f} ms, {1e3 * self.processor_s:.0f} ms of processor);"
            f" finding alone takes the plain reference {self.times_faster:.1f} × as much"
        )


def time_search(rig: Rig, recipe: Recipe, *, pitch_mm: float, rounds: int) -> SearchTiming:
    """Inspect a panel with `MARKS` marks a few times by the clock and a few times by the processor.

    Parameters
    ----------
    pitch_mm : float
        Of a pixel, as in the rig's own `samples.plain.large_set`.
    """
    rows, cols = rig.sensor.shape
    frames = large_set(rows, cols, mm_per_px=pitch_mm, marks=MARKS)
    done = examine(frames, rig, recipe, now=rig.calibrated_at, software="bench")
    part = rows // PARTS
    slopes = (done.maps["slope_x_mrad"][:part].astype(float), done.maps["slope_y_mrad"][:part].astype(float))
    found = len(done.report.defects)
    del done
    by_clock: list[float] = []
    by_processor: list[float] = []
    for _ in range(rounds):
        for clock, times in ((time.perf_counter, by_clock), (time.process_time, by_processor)):
            one = examine(frames, rig, recipe, now=rig.calibrated_at, software="bench", clock=clock)
            times.append(one.report.timing_ms["defects"] / 1e3)
    start = time.process_time()
    reference.marks(slopes, pitch_mm)
    plain_s = (time.process_time() - start) * rows / part
    return SearchTiming(
        megapixels=rows * cols / 1e6,
        found=found,
        search_s=median(by_clock),
        best_s=min(by_clock),
        processor_s=min(by_processor),
        reference_processor_s=plain_s,
    )
