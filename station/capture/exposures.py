"""Exposures: how long each group of frames is exposed, found by looking and remembered per recipe."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Role, Sensor
from station.log import warning

#: A frame whose brightest light lies between these shares of the target may stay as it is.
GOOD_ENOUGH = (0.6, 1.1)
#: Share of a frame that may be brighter than the light it is exposed for: dust that glitters, a lamp's own image.
BRIGHTER = {Role.SPOT: 0.05}
BRIGHTER_ELSEWHERE = 0.002
#: A saturated frame only says that it is too bright: this much shorter is tried next.
SHORTEN = 0.25
#: One step may not lengthen more: in a nearly black frame noise would be taken for light.
LENGTHEN = 30.0
#: Pixels that are looked at.
SAMPLE_PX = 50_000
#: Where nobody knows better.
START_MS = {"screen": 10.0, "diffuse": 10.0}
START_ELSEWHERE_MS = 100.0


def brightest(pixels: NDArray[Any], sensor: Sensor, role: Role) -> float:
    """Light that a frame is exposed for, full scales: nearly the brightest, few pixels may be brighter."""
    step = max(1, math.isqrt(pixels.shape[0] * pixels.shape[1] // SAMPLE_PX)) | 1
    level = np.quantile(pixels[::step, ::step], 1 - BRIGHTER.get(role, BRIGHTER_ELSEWHERE), method="higher")
    return float((level - sensor.black_level) / (sensor.white_level - sensor.black_level))


def next_exposure(exposure_ms: float, light: float, target: float, limits_ms: tuple[float, float]) -> float | None:
    """The exposure to try after a frame of this light, or None where the frame may stay.

    Parameters
    ----------
    exposure_ms, light : float
        Of the frame (`brightest`).
    target : float
        Light that it should have.
    limits_ms : tuple of float
        Shortest and longest exposure. A frame at the limit stays, bright enough or not: the gates judge it.
    """
    if GOOD_ENOUGH[0] * target <= light <= GOOD_ENOUGH[1] * target:
        return None
    factor = SHORTEN if light >= 1 else min(target / max(light, 1e-6), LENGTHEN)
    wanted = min(max(exposure_ms * factor, limits_ms[0]), limits_ms[1])
    return None if math.isclose(wanted, exposure_ms, rel_tol=1e-3) else wanted


@dataclass(frozen=True, slots=True)
class Exposures:
    """Exposures that served last, by recipe and group of frames; kept in a file where one is given."""

    kept: dict[tuple[str, str], float]
    file: Path | None = None

    @classmethod
    def empty(cls) -> Exposures:
        """Kept in memory only."""
        return cls({})

    @classmethod
    def read(cls, file: Path) -> Exposures:
        """Kept in a file, which is made when the first exposure is.

        A file that cannot be understood is as good as none: exposures are found anew.
        """
        try:
            tree = json.loads(file.read_text(encoding="utf-8"))
            kept = {(recipe, group): float(ms) for recipe, groups in tree.items() for group, ms in groups.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            kept = {}
        return cls({key: ms for key, ms in kept.items() if 0 < ms < math.inf}, file)

    def start_ms(self, recipe: str, group: str) -> float:
        """Where to begin."""
        return self.kept.get((recipe, group), START_MS.get(group, START_ELSEWHERE_MS))

    def keep(self, found_ms: dict[str, float], recipe: str) -> None:
        """Remember what served a whole capture.

        The frames are taken: where the file cannot be written, the log says so and the next start finds them anew.
        """
        new = {(recipe, group): ms for group, ms in found_ms.items()}
        if all(self.kept.get(key) == ms for key, ms in new.items()):
            return
        self.kept.update(new)
        if self.file is not None:
            try:
                self._write(self.file)
            except OSError as error:
                warning(f"exposures are not remembered: {error}", file=str(self.file))

    def _write(self, file: Path) -> None:
        tree: dict[str, dict[str, float]] = {}
        for (name, group), ms in sorted(self.kept.items()):
            tree.setdefault(name, {})[group] = ms
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps(tree, indent=1), encoding="utf-8")
        os.replace(unfinished, file)
