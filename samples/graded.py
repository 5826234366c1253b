"""Marks of one kind from too small to see to plain: what a probability of detection is asked of."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from samples.drawn import Blemish
from samples.paintwork import Panel, Patch
from samples.scuffs import Scuff
from samples.surface import Mark

#: By kind, the sizes (mm) between which the limit is looked for: width of a line, else diameter.
SIZES_MM: Final[dict[str, tuple[float, float]]] = {
    "nib": (0.05, 1.5), "crater": (0.05, 1.5), "pinhole": (0.03, 1.0), "dust": (0.03, 0.8), "scratch": (0.005, 0.4),
    "run": (0.5, 10.0), "dent": (1.0, 25.0), "swirl": (0.6, 20.0), "hologram": (0.6, 20.0), "gloss_patch": (0.15, 12.0),
    "colour_patch": (0.1, 14.0), "burn_through": (0.03, 2.0),
}  # fmt: skip
#: Kinds for which pixels finer than 0.2 mm change nothing.
LARGE: Final = frozenset({"run", "dent", "swirl", "hologram", "gloss_patch", "colour_patch"})


def graded(kind: str, size_mm: float, panel: Panel, angle_deg: float, seed: int) -> Blemish:
    """The model mark of a kind at one size, in the middle of the panel.

    Proportions are fixed, so that size alone grades it: a nib and a crater are 0.8 % of their width high, a pinhole as
    deep as 3 % of its width, a scratch 10 mm long and 0.5 % of its width deep, a run 15 mm long and 0.06 % of its width
    high, a dent 0.04 % deep; swirls and holograms cover 6 %; a gloss patch has twice the roughness and 3 % more haze,
    a colour patch is 2 off in Lab, burn-through shows grey primer, dust is pale (dark on a pale paint).
    """
    um = 1e3 * size_mm
    pale = panel.lab[0] > 55
    if kind == "nib":
        return Mark("nib", 0, 0, size_mm, size_mm, 0.008 * um)
    if kind == "crater":
        return Mark("crater", 0, 0, size_mm, size_mm, -0.008 * um, rim_um=0.002 * um)
    if kind == "pinhole":
        return Mark("pinhole", 0, 0, size_mm, size_mm, -0.03 * um, alpha=0.02)
    if kind == "scratch":
        return Mark("scratch", 0, 0, 10.0, size_mm, -0.005 * um, angle_deg=angle_deg, groove=True)
    if kind == "run":
        return Mark("run", 0, 0, 15.0, size_mm, 0.0006 * um, angle_deg=90.0)
    if kind == "dent":
        return Mark("dent", 0, 0, size_mm, size_mm, -0.0004 * um)
    if kind in ("swirl", "hologram"):
        # Arcs 15 µm wide and 0.45 of the disk long.
        arcs = max(3, round(0.06 * 0.785 * size_mm / (0.45 * 0.015)))
        return Scuff(kind, 0, 0, size_mm, arcs, 0.06, angle_deg if kind == "hologram" else None, seed=seed)
    edge = 0.1 * size_mm
    if kind == "gloss_patch":
        return Patch(kind, 0, 0, size_mm, edge, alpha=2 * panel.alpha, haze=panel.haze + 0.03)
    if kind == "colour_patch":
        return Patch(kind, 0, 0, size_mm, edge, delta_lab=(1.2, 1.2, -1.1))
    if kind == "burn_through":
        return Patch(kind, 0, 0, size_mm, edge, alpha=0.015, haze=0.1, lab=(35.0 if pale else 70.0, 0.0, 1.0))
    if kind == "dust":
        return Patch(kind, 0, 0, size_mm, edge, covers=0.9, lab=(20.0, 0.0, 1.0) if pale else (75.0, 1.0, 4.0))
    raise ValueError(f"the sample world makes no {kind}")


def moved(mark: Blemish, x_mm: float, y_mm: float, identity: str) -> Blemish:
    """The same mark elsewhere."""
    return replace(mark, x_mm=x_mm, y_mm=y_mm, identity=identity)
