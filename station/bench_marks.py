"""What finding, describing and naming many marks takes, beside building the maps of the same capture."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from inspection.pipeline import examine
from inspection.recipe import Recipe
from inspection.rig import Rig
from samples.plain import large_set

#: What a panel fresh from the spray booth may have.
MARKS = 50


@dataclass(frozen=True, slots=True)
class SearchTiming:
    """Medians of one run, seconds; `search_of_maps` is the median of the ratios, each taken within one inspection."""

    megapixels: float
    marks: int
    found: int
    maps_s: float
    search_s: float
    best_s: float
    search_of_maps: float

    def line(self) -> str:
        """For a person to read."""
        return (
            f"{self.marks} marks at {self.megapixels:.1f} MP        {1e3 * self.search_s:8.0f} ms   to find"
            f" ({self.found}), describe and name; best {1e3 * self.best_s:.0f} ms;"
            f" {self.search_of_maps:.2f} × as long as the maps"
        )


def time_search(rig: Rig, recipe: Recipe, *, pitch_mm: float, rounds: int) -> SearchTiming:
    """Inspect a panel with `MARKS` marks a few times, after once to warm up.

    Parameters
    ----------
    pitch_mm : float
        Of a pixel, as in the rig's own `samples.plain.large_set`.
    """
    rows, cols = rig.sensor.shape
    frames = large_set(rows, cols, mm_per_px=pitch_mm, marks=MARKS)
    reports = [
        examine(frames, rig, recipe, now=rig.calibrated_at, software="bench").report for _ in range(rounds + 1)
    ]
    maps, searches = ([one.timing_ms[name] / 1e3 for one in reports[1:]] for name in ("maps", "defects"))
    return SearchTiming(
        megapixels=rows * cols / 1e6,
        marks=MARKS,
        found=len(reports[0].defects),
        maps_s=median(maps),
        search_s=median(searches),
        best_s=min(searches),
        search_of_maps=median(search / built for search, built in zip(searches, maps, strict=True)),
    )
