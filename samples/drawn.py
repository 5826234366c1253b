"""Panels with marks drawn at random: every kind, from just above visibility to large, at any place of the field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from samples.marks import LINES
from samples.paintwork import Panel, Patch
from samples.scuffs import Scuff
from samples.stations import Station
from samples.surface import Form, Mark, Texture
from samples.visibility import visibility

#: Every kind that the sample world makes.
KINDS: Final = (
    "nib", "crater", "pinhole", "scratch", "run", "dent", "dust",
    "swirl", "hologram", "gloss_patch", "colour_patch", "burn_through",
)  # fmt: skip

#: CIE Lab of the paints, white to black; every third is one of the shipped recipes' kind.
COLOURS: Final = (
    (93.2, -0.7, 2.1), (70.0, -4.0, -12.0), (55.0, 2.0, 3.0), (80.0, 5.0, 75.0), (40.0, 55.0, 32.0),
    (28.0, 26.0, -34.0), (35.0, -30.0, 8.0), (22.0, -0.4, -2.0), (12.0, 0.5, -1.5), (4.0, 0.1, -0.4),
)  # fmt: skip

#: RMS heights (µm) of the five bands for a show finish and for heavy orange peel; levels between are geometric means.
SHOW_PEEL: Final = (0.0, 0.003, 0.008, 0.05, 0.25)
HEAVY_PEEL: Final = (0.0, 0.018, 0.12, 0.85, 1.6)

#: A mark is drawn only if an ideal observer sees it this well: against noise, and against noise and orange peel.
LEAST_NOISE_SNR: Final = 30.0
LEAST_SNR: Final = 15.0
_ATTEMPTS: Final = 60

#: Share of its area that a faint swirl or hologram covers: too little to dull the mirror image.
FAINT_COVERAGE: Final = (0.004, 0.01)

Blemish = Mark | Patch | Scuff
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Draw:
    """Random numbers of one mark."""

    rng: np.random.Generator
    panel: Panel

    def even(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def scaled(self, low: float, high: float) -> float:
        """Log-uniform."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def angle(self) -> float:
        return self.even(-90.0, 90.0)


def _nib(d: _Draw) -> Mark:
    size = d.scaled(0.4, 3.0)
    return Mark("nib", 0, 0, size * d.even(1.0, 1.25), size, d.even(4.0, 8.0) * size**0.5, angle_deg=d.angle())


def _crater(d: _Draw) -> Mark:
    size, depth = d.scaled(0.8, 3.0), d.even(5.0, 12.0)
    return Mark("crater", 0, 0, size, size, -depth * size**0.3, rim_um=depth * d.even(0.2, 0.35))


def _pinhole(d: _Draw) -> Mark:
    size = d.scaled(0.25, 0.7)
    return Mark("pinhole", 0, 0, size, size, -d.even(8.0, 18.0), alpha=d.even(0.01, 0.03))


def _scratch(d: _Draw) -> Mark:
    width, torn = d.scaled(0.12, 0.5), d.even(0.05, 0.3) if d.rng.random() < 0.5 else 0.0
    return Mark("scratch", 0, 0, d.scaled(6.0, 40.0), width, -d.scaled(0.5, 3.0), angle_deg=d.angle(), groove=True,
                scatters=torn)  # fmt: skip


def _run(d: _Draw) -> Mark:
    length, width, height = d.even(15.0, 40.0), d.even(4.0, 9.0), d.scaled(6.0, 22.0)
    return Mark("run", 0, 0, length, width, height, angle_deg=90 + d.even(-12.0, 12.0))


def _dent(d: _Draw) -> Mark:
    size = d.even(7.0, 26.0)
    return Mark("dent", 0, 0, size, size * d.even(0.8, 1.0), -d.scaled(0.4, 1.2) * size, angle_deg=d.angle())


def _dust(d: _Draw) -> Patch:
    grey = (d.even(45.0, 88.0), d.even(-1.0, 3.0), d.even(0.0, 9.0))
    lab = (20.0, 0.0, 1.0) if d.panel.lab[0] > 65 else grey
    return Patch("dust", 0, 0, d.scaled(0.4, 1.3), 0.15, covers=d.even(0.75, 0.97), lab=lab)


def _scuff(d: _Draw, kind: str) -> Scuff:
    size, coverage = d.even(14.0, 45.0), d.even(0.05, 0.11)
    # Arcs are about 15 µm wide; a disk takes as many as its coverage needs.
    arcs = int(coverage * np.pi / 4 * size**2 / (0.4 * size * 0.015))
    return Scuff(kind, 0, 0, size, arcs, coverage, d.angle() if kind == "hologram" else None,
                 gain=d.even(1.0, 1.2), seed=int(d.rng.integers(1 << 30)))  # fmt: skip


def _faint(d: _Draw, kind: str) -> Scuff:
    """A few single arcs."""
    scuff, coverage, arc_mm = _scuff(d, kind), d.scaled(*FAINT_COVERAGE), d.even(0.006, 0.015)
    arcs = int(coverage * np.pi / 4 * scuff.size_mm / (0.4 * arc_mm))
    return replace(scuff, coverage=coverage, arcs=max(8, arcs), gain=1.0)


def _gloss_patch(d: _Draw) -> Patch:
    size = d.even(7.0, 30.0)
    alpha = d.panel.alpha + d.scaled(0.002, 0.009)
    return Patch("gloss_patch", 0, 0, size, size * d.even(0.1, 0.3), alpha=alpha,
                 haze=d.panel.haze + d.even(0.02, 0.1))  # fmt: skip


def _colour_patch(d: _Draw) -> Patch:
    size, turn, far = d.even(7.0, 30.0), d.even(0, 2 * np.pi), d.scaled(1.6, 6.0)
    light = far * d.even(-0.7, 0.7) if d.panel.lab[0] > 12 else far * d.even(0.2, 0.7)
    rest = float(np.sqrt(max(far**2 - light**2, 0)))
    delta = (light, rest * float(np.cos(turn)), rest * float(np.sin(turn)))
    return Patch("colour_patch", 0, 0, size, size * d.even(0.1, 0.3), delta_lab=delta)


def _burn_through(d: _Draw) -> Patch:
    primer = (d.even(60.0, 78.0), 0.5, 2.0) if d.panel.lab[0] < 55 else (d.even(28.0, 42.0), 0.0, -1.0)
    return Patch("burn_through", 0, 0, d.even(5.0, 22.0), d.even(0.3, 0.8), alpha=d.even(0.008, 0.03),
                 haze=d.even(0.05, 0.2), lab=primer)  # fmt: skip


_MAKE: Final[dict[str, Callable[[_Draw], Blemish]]] = {
    "nib": _nib, "crater": _crater, "pinhole": _pinhole, "scratch": _scratch, "run": _run, "dent": _dent,
    "dust": _dust, "swirl": lambda d: _scuff(d, "swirl"), "hologram": lambda d: _scuff(d, "hologram"),
    "gloss_patch": _gloss_patch, "colour_patch": _colour_patch, "burn_through": _burn_through,
    "faint_swirl": lambda d: _faint(d, "swirl"), "faint_hologram": lambda d: _faint(d, "hologram"),
}  # fmt: skip


def peel(level: float, seed: int) -> Texture:
    """Orange peel between a show finish (0) and heavy (1)."""
    bands = tuple(float(a ** (1 - level) * b**level) if a else 0.0 for a, b in zip(SHOW_PEEL, HEAVY_PEEL, strict=True))
    return Texture(bands, seed)  # type: ignore[arg-type]


def drawn_panel(
    seed: int,
    station: Station,
    *,
    kinds: Sequence[str] = KINDS,
    count: int = 8,
    peel_level: float | None = None,
    lab: tuple[float, float, float] | None = None,
    form: Form | None = None,
) -> Panel:
    """A panel with random paint and random marks that do not overlap, up to the border of the field.

    Parameters
    ----------
    seed : int
        Same seed and station, same panel.
    station : Station
        Its field is filled; marks that an ideal observer could not see in it are drawn again.
    kinds : sequence of str
        Taken in turn from a random start, so that many panels hold each equally often.
    count : int
        Marks wanted; a crowded field may get fewer.
    peel_level : float, optional
        0 (show finish) … 1 (heavy); drawn where absent, as `lab` and `form` (flat, or a radius of 1.5 to 5 m).
    """
    rng = np.random.default_rng([seed, 311])
    panel = Panel(
        f"DRAWN-{seed:05d}",
        lab=lab or COLOURS[int(rng.integers(len(COLOURS)))],
        alpha=float(np.exp(rng.uniform(np.log(0.0011), np.log(0.0028)))),
        haze=float(rng.uniform(0.0, 0.02)),
        texture=peel(float(rng.random()) if peel_level is None else peel_level, seed),
        form=form or (Form() if rng.random() < 0.7 else Form(float(rng.uniform(1500.0, 5000.0)))),
    )
    start = int(rng.integers(len(kinds)))
    for i in range(count):
        panel = with_drawn(panel, station, kinds[(start + i) % len(kinds)], rng, f"m{i + 1:02d}")
    return panel


def with_drawn(panel: Panel, station: Station, kind: str, rng: np.random.Generator, identity: str) -> Panel:
    """The panel with one more mark of a kind at a free place; unchanged where none is found."""
    width, height = station.true_geometry().field_mm
    draw = _Draw(rng, panel)
    for _ in range(_ATTEMPTS):
        made = replace(_MAKE[kind](draw), identity=identity)
        size = reach_mm(made)
        # A small mark may sit at the very border; of a large one at least its middle two thirds are seen.
        inset = 1.0 + (size / 3 if size > 3 else size / 2)
        if 2 * inset >= min(width, height) or size > 0.6 * min(width, height):
            continue
        made = replace(
            made,
            x_mm=draw.even(inset - width / 2, width / 2 - inset),
            y_mm=draw.even(inset - height / 2, height / 2 - inset),
        )
        if not is_free(panel, made):
            continue
        seen = visibility(panel, station, made)
        if seen.noise_snr >= LEAST_NOISE_SNR and seen.snr >= LEAST_SNR:
            return added(panel, made)
    return panel


def added(panel: Panel, mark: Blemish) -> Panel:
    """The panel with one more mark."""
    if isinstance(mark, Mark):
        return replace(panel, marks=(*panel.marks, mark))
    if isinstance(mark, Patch):
        return replace(panel, patches=(*panel.patches, mark))
    return replace(panel, scuffs=(*panel.scuffs, mark))


def reach_mm(mark: Blemish) -> float:
    """Largest extent, mm."""
    if isinstance(mark, Mark):
        return max(mark.length_mm, mark.width_mm) * (1.8 if mark.rim_um else 1.0)
    return mark.size_mm


def _spine(mark: Blemish) -> tuple[np.ndarray, float]:
    """Points along a mark, and how far it reaches from them."""
    at = np.array([[mark.x_mm, mark.y_mm]])
    if isinstance(mark, Mark) and mark.kind in LINES:
        a = np.radians(mark.angle_deg)
        way = np.linspace(-0.5, 0.5, 21)[:, None] * mark.length_mm
        return at + way * np.array([[np.cos(a), -np.sin(a)]]), mark.width_mm / 2
    return at, reach_mm(mark) / 2


def is_free(panel: Panel, mark: Blemish) -> bool:
    """Whether nothing on the panel lies within 4 mm of the mark's outline."""
    spine, reach = _spine(mark)
    others: tuple[Blemish, ...] = (*panel.marks, *panel.patches, *panel.scuffs)
    for other in others:
        points, far = _spine(other)
        gap = np.sqrt(((spine[:, None] - points[None]) ** 2).sum(-1)).min() - reach - far
        if gap < 4.0:
            return False
    return True
