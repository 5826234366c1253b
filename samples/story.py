"""Panels through several polishing passes, drawn at random: what each pass takes away, leaves and causes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from samples.drawn import COLOURS, Blemish, added, peel, with_drawn
from samples.paintwork import Panel, Patch, Pose
from samples.scuffs import Scuff
from samples.stations import Station
from samples.surface import Mark, Texture

#: Re-placing by hand: half widths of the uniform distributions.
REPLACED_MM: Final = 3.0
REPLACED_DEG: Final = 1.0

#: What there may be before the first pass.
SPRAYED: Final = ("nib", "nib", "crater", "nib", "pinhole", "run", "nib", "dent", "scratch", "dust", "colour_patch")
#: Expected number that each pass adds.
CAUSED: Final = {
    "scratch": 0.6, "swirl": 0.3, "hologram": 0.25, "burn_through": 0.08, "gloss_patch": 0.15, "dust": 0.6,
}  # fmt: skip
#: Chance that a pass takes a mark away, and the range of the factor on its height if it does not.
_GONE: Final[dict[str, tuple[float, float, float]]] = {
    "nib": (0.35, 0.35, 0.85), "crater": (0.12, 0.6, 1.0), "pinhole": (0.15, 0.6, 1.0), "scratch": (0.25, 0.5, 0.95),
    "run": (0.2, 0.5, 0.9), "dent": (0.0, 0.95, 1.0), "dust": (0.6, 1.0, 1.0), "swirl": (0.5, 0.5, 0.9),
    "hologram": (0.5, 0.5, 0.9), "gloss_patch": (0.5, 1.0, 1.0), "colour_patch": (0.0, 1.0, 1.0),
    "burn_through": (0.0, 1.0, 1.0),
}  # fmt: skip
#: Share of the old waves (five bands) that one pass leaves: polished, and sanded.
_POLISHED: Final = np.array([0.5, 0.6, 0.7, 0.85, 0.93])
_SANDED: Final = np.array([0.03, 0.04, 0.06, 0.25, 0.75])
#: RMS of new waves, relative to the old ones before the pass.
_NEW_WAVES: Final = np.array([0.3, 0.35, 0.3, 0.2, 0.08])


def drawn_story(seed: int, station: Station, *, passes: int = 5, sanded: bool | None = None) -> list[Panel]:
    """One panel after each of its passes.

    It is put back a little shifted and turned each time. Marks keep their `identity`; what a pass adds gets a new one.
    Orange peel decays band by band, and each pass puts new waves in the place of some of the old ones.

    Parameters
    ----------
    seed : int
    station : Station
        Its field is where marks are drawn.
    passes : int
        Panels wanted; their `pass_number` is 1 … passes.
    sanded : bool, optional
        Whether every pass sands: nearly all waves up to 10 mm are new each time, so that two passes no longer
        correlate. Drawn where absent, pass by pass, with a chance of 0.3.

    Returns
    -------
    list of Panel
    """
    rng = np.random.default_rng([seed, 577])
    panel = Panel(
        f"STORY-{seed:04d}",
        pass_number=1,
        lab=COLOURS[int(rng.integers(len(COLOURS)))],
        alpha=float(rng.uniform(0.0015, 0.003)),
        haze=float(rng.uniform(0.005, 0.03)),
        texture=peel(float(rng.uniform(0.3, 0.9)), 2 * seed),
        film_um=(("A", 95.0),),
    )
    for i, kind in enumerate(rng.permutation(np.array(SPRAYED))[:9]):
        panel = with_drawn(panel, station, str(kind), rng, f"p1-{i + 1}")
    story = [panel]
    for number in range(2, passes + 1):
        sands = bool(rng.random() < 0.3) if sanded is None else sanded
        panel = _next(story[-1], station, number, rng, sands)
        x, y, turn = rng.uniform(-1, 1, 3)
        pose = Pose(REPLACED_MM * float(x), REPLACED_MM * float(y), REPLACED_DEG * float(turn))
        story.append(replace(panel, pose=pose))
    return story


def _next(before: Panel, station: Station, number: int, rng: np.random.Generator, sands: bool) -> Panel:
    """The panel after one more pass, in the pose of the first."""
    alpha = rng.uniform(0.003, 0.0045) if sands else max(0.0011, before.alpha * rng.uniform(0.6, 0.9))
    panel = replace(
        before,
        pass_number=number,
        pose=Pose(),
        alpha=float(alpha),
        haze=float(rng.uniform(0.02, 0.05) if sands else before.haze * rng.uniform(0.5, 0.9)),
        texture=_worn(before.texture, sands, rng),
        marks=(),
        patches=(),
        scuffs=(),
        film_um=tuple((zone, um - float(rng.uniform(1.8, 3.2))) for zone, um in before.film_um),
    )
    parts: tuple[Blemish, ...] = (*before.marks, *before.patches, *before.scuffs)
    for part in parts:
        left = _left(part, rng)
        if left is not None:
            panel = added(panel, left)
    for kind, expected in CAUSED.items():
        for i in range(int(rng.poisson(expected))):
            panel = with_drawn(panel, station, kind, rng, f"p{number}-{kind}-{i + 1}")
    return panel


def _left(part: Blemish, rng: np.random.Generator) -> Blemish | None:
    """What a pass leaves of a mark."""
    gone, low, high = _GONE[part.kind]
    away, kept = rng.random() < gone, float(rng.uniform(low, high))
    if away:
        return None
    if isinstance(part, Mark):
        # Cut off from above, a bump loses height and grows a little flatter and wider.
        wider = 1 + 0.25 * (1 - kept) if part.kind in ("nib", "run") else 1.0
        return replace(
            part,
            height_um=part.height_um * kept,
            rim_um=part.rim_um * kept**2,
            length_mm=part.length_mm * (wider if part.kind == "nib" else 1.0),
            width_mm=part.width_mm * wider,
        )
    if isinstance(part, Scuff):
        return replace(part, coverage=part.coverage * kept)
    assert isinstance(part, Patch)
    return part


def _worn(texture: Texture, sands: bool, rng: np.random.Generator) -> Texture:
    """Old waves fade, new ones come; those that the last pass put there are kept or replaced as a whole."""
    rms = np.array(texture.rms_um)
    fresh = np.zeros(5) if texture.added is None else np.array(texture.added.rms_um)
    left = _SANDED if sands else _POLISHED
    put = rng.uniform(0.6, 1.4) * _NEW_WAVES * np.hypot(rms, fresh)
    stays = texture.added is not None and not sands and rng.random() < 0.5
    new = np.hypot(fresh * left, put) if stays else np.hypot(put, fresh * left * 0.7)
    seed = texture.added.seed if stays and texture.added is not None else int(rng.integers(1 << 30))
    return Texture(_five(rms * left), texture.seed, Texture(_five(new), seed))


def _five(values: np.ndarray) -> tuple[float, float, float, float, float]:
    a, b, c, d, e = (float(v) for v in values)
    return a, b, c, d, e
