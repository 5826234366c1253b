"""`paint-station bench`: from frames in memory to the report with every map, against three yardsticks in one run.

(a) the plain float64 reference of `inspection.reference`, on a quarter of the pixels and taken four times; (b) the
memory: read every frame and reference once, write every map once; (c) loading the same frames from PNG and from TIFF.
The runs take turns, so that a machine that slows down slows all of them. The search for marks is told apart: what it
costs depends on what it finds.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from calibration import calibrate
from inspection import reference
from inspection.frames import Frames
from inspection.pipeline import Examination, examine
from inspection.recipe import Recipe, parse_recipe
from inspection.rig import Rig
from inspection.strips import WORKERS
from samples.plain import large_set
from station.bench_marks import time_search
from station.capture_set import read_capture_set, write_capture_set

#: The plain reference, whose time goes with the pixels, measures a picture of a quarter of them: 1/2 along each side.
REFERENCE_SIDE = 2
#: 12.3 megapixels; the gate uses fewer.
FULL_SIZE = (3000, 4096)
PITCH_MM = 0.05
ROUNDS = 5
LAB = (28.0, 26.0, -34.0)
N_CLEAR = 1.5
RECIPE = """format = "paint-recipe/1"
name = "bench"
title = { zh = "测速", en = "Benchmark" }
passes = 1
n_clear = 1.5
[colour]
lab = [28.0, 26.0, -34.0]
[[checks]]
measure = "delta_e00"
high = 50.0
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians of one run, seconds and bytes. `…marks_s`: what the search for marks takes of it."""

    megapixels: float
    planes: int
    maps: int
    station_s: float
    station_marks_s: float
    reference_s: float
    reference_marks_s: float
    memory_s: float
    png_s: float | None
    tiff_s: float | None
    input_bytes: int
    peak_bytes: int

    @property
    def measuring_s(self) -> float:
        """The station without its search for marks."""
        return self.station_s - self.station_marks_s

    @property
    def plain_s(self) -> float:
        """The plain reference without its search for marks."""
        return self.reference_s - self.reference_marks_s

    def lines(self) -> list[str]:
        """For a person to read."""
        own, without = self.station_s, self.plain_s / self.measuring_s
        rows = [
            f"{self.megapixels:.1f} MP × {self.planes} planes -> report and {self.maps} maps, {WORKERS} threads",
            f"paint-station               {1e3 * own:8.0f} ms   {1e3 * own / self.megapixels:.0f} ms/MP"
            f" (search for marks {1e3 * self.station_marks_s:.0f} ms)",
            f"(a) plain float64 reference {1e3 * self.reference_s:8.0f} ms   {self.reference_s / own:.0f} × as long"
            f" (without either search {without:.0f} ×)",
            f"(b) memory read and written {1e3 * self.memory_s:8.0f} ms   paint-station takes"
            f" {own / self.memory_s:.0f} × as long (without its search {self.measuring_s / self.memory_s:.0f} ×)",
        ]
        if self.png_s is not None and self.tiff_s is not None:
            rows.append(f"(c) loading PNG            {1e3 * self.png_s:9.0f} ms   {self.png_s / own:.2f} × as long")
            rows.append(f"    loading TIFF           {1e3 * self.tiff_s:9.0f} ms   {self.tiff_s / own:.2f} ×")
        rows.append(
            f"peak memory {self.peak_bytes / 2**30:.2f} GiB, {self.peak_bytes / self.input_bytes:.2f} × "
            f"frames and reference ({self.input_bytes / 2**30:.2f} GiB)"
        )
        return rows


def main() -> int:
    """Run at full size and print; several minutes, most of them the plain reference."""
    for line in measure(*FULL_SIZE, rounds=ROUNDS, loading=True, progress=sys.stderr.isatty()).lines():
        print(line)
    rig = calibrate([large_set(*FULL_SIZE, mm_per_px=PITCH_MM, glass=True)])
    print(time_search(rig, parse_recipe(RECIPE, "bench"), pitch_mm=PITCH_MM, rounds=ROUNDS).line())
    return 0


def measure(rows: int, cols: int, *, rounds: int, loading: bool, progress: bool = False) -> Timing:
    """Time everything, taking turns.

    Parameters
    ----------
    rounds : int
        Turns; the plain reference, far slower, takes part in the first only.
    loading : bool
        Also write the set as PNG and TIFF and time reading it.
    """
    recipe = parse_recipe(RECIPE, "bench")
    rig = calibrate([large_set(rows, cols, mm_per_px=PITCH_MM, glass=True)])
    frames = large_set(rows, cols, mm_per_px=PITCH_MM)
    small = rows // REFERENCE_SIDE, cols // REFERENCE_SIDE
    small_rig = calibrate([large_set(*small, mm_per_px=PITCH_MM, glass=True)])
    small_frames = large_set(*small, mm_per_px=PITCH_MM)
    inputs: list[NDArray[np.generic]] = [f.pixels for f in frames.frames] + list(rig.arrays().values())
    gc.collect()
    _run(frames, rig, recipe)  # warm
    peak = _peak_bytes()  # before the reference, which takes far more
    outputs = [np.empty_like(m) for m in _examination(frames, rig, recipe).maps.values()]
    times: dict[str, list[float]] = {}
    searches: list[float] = []
    found: dict[str, NDArray[np.float64]] = {}

    def turn(name: str, work: Callable[[], object]) -> None:
        if progress:
            print(f"\r{name} …".ljust(40), end="", file=sys.stderr, flush=True)
        gc.collect()
        start = time.perf_counter()
        work()
        times.setdefault(name, []).append(time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        if loading:
            write_capture_set(frames, Path(folder, "png"), image_format="png")
            write_capture_set(frames, Path(folder, "tiff"), image_format="tiff")
        for number in range(rounds):
            turn("station", lambda: searches.append(_run(frames, rig, recipe)))
            turn("memory", lambda: _touch(inputs, outputs))
            if loading:
                turn("png", lambda: read_capture_set(Path(folder, "png")))
                turn("tiff", lambda: read_capture_set(Path(folder, "tiff")))
            if number == 0:
                turn("reference", lambda: found.update(reference.maps(small_frames, small_rig, LAB, N_CLEAR)))
                turn("reference", lambda: reference.values(found, PITCH_MM, LAB))
                turn("marks", lambda: reference.marks((found["slope_x_mrad"], found["slope_y_mrad"]), PITCH_MM))
                found.clear()
    if progress:
        print("\r".ljust(42), end="\r", file=sys.stderr)
    times_more = rows * cols / (small[0] * small[1])
    return Timing(
        megapixels=rows * cols / 1e6,
        planes=sum(1 if f.pixels.ndim == 2 else 3 for f in frames.frames),
        maps=len(outputs),
        station_s=median(times["station"]),
        station_marks_s=median(searches),
        reference_s=times_more * sum(times["reference"]),
        reference_marks_s=times_more * times["marks"][0],
        memory_s=median(times["memory"]),
        png_s=median(times["png"]) if loading else None,
        tiff_s=median(times["tiff"]) if loading else None,
        input_bytes=sum(array.nbytes for array in inputs),
        peak_bytes=peak,
    )


def _examination(frames: Frames, rig: Rig, recipe: Recipe) -> Examination:
    return examine(frames, rig, recipe, now=rig.calibrated_at, software="bench")


def _run(frames: Frames, rig: Rig, recipe: Recipe) -> float:
    """The whole way, the report and every map; the seconds of it that the search for marks took."""
    done = _examination(frames, rig, recipe)
    assert done.maps
    return done.report.timing_ms["defects"] / 1e3


def _touch(inputs: list[NDArray[np.generic]], outputs: list[NDArray[np.float32]]) -> None:
    """Read all of the input once and write all of the output once, on every core."""

    def read(array: NDArray[np.generic]) -> int:
        return int(np.bitwise_or.reduce(array.reshape(-1).view(np.uint64), initial=np.uint64(0)))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(read, inputs))
        list(pool.map(lambda array: array.fill(1.0), outputs))


def _peak_bytes() -> int:
    """Largest resident size of this process so far (what getrusage tells would count the parent's too)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
