"""Specks of burnt-through paint, of its surroundings and of what lies beside it: one mark each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.groups import Group
from inspection.defects.merge import merged
from inspection.defects.specks import Speck

CELL_MM, CELLS = 0.4, 150
ROW, COL = (np.mgrid[:CELLS, :CELLS] + 0.5) * CELL_MM
FAR_MM = np.hypot(ROW - 30, COL - 30)


def speck(inside: NDArray[np.bool_], sign: Sign, *, sigma: float, strength: float, scale_mm: float) -> Speck:
    rows, cols = np.nonzero(inside.any(1))[0], np.nonzero(inside.any(0))[0]
    box = inside[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    row, col = (float(np.mean(where)) for where in np.nonzero(inside))
    return Speck(int(rows[0]), int(cols[0]), box, sign, sigma, strength, scale_mm / CELL_MM, row, col)


def fields(colour: NDArray[np.float64]) -> dict[Sign, Field]:
    """A map of colour, and a mirror image that tells nothing."""
    noise = np.random.default_rng(1).normal(0, 1, (2, CELLS, CELLS))
    seen = np.ones((CELLS, CELLS), bool)
    return {
        Sign.MIRROR: Field((80 + 0.5 * noise[0]).astype(np.float32), seen),
        Sign.COLOUR: Field((colour + 0.001 * noise[1]).astype(np.float32), seen),
    }


def of(points: list[Speck], regions: list[Speck], colour: NDArray[np.float64]) -> list[Group]:
    by_sign = {sign: [p for p in points if p.sign is sign] for sign in (Sign.MIRROR, Sign.COLOUR)}
    return merged(by_sign, regions, fields(colour), CELL_MM, lamps=False)


def test_the_core_of_a_region_is_the_region_seen_smaller() -> None:
    """A small region comes out of its coarse cells twice as wide as it is."""
    region = speck(FAR_MM < 7, Sign.COLOUR, sigma=80, strength=6.0, scale_mm=3.5)
    core = speck(FAR_MM < 3, Sign.COLOUR, sigma=600, strength=0.2, scale_mm=1.4)
    assert len(of([core], [region], 0.2 * (FAR_MM < 3.2))) == 1


def test_dull_crescents_around_another_colour_are_the_same_mark() -> None:
    """In its middle no fringe is left, and what is left around it falls in two."""
    disc = speck(FAR_MM < 9, Sign.COLOUR, sigma=900, strength=45.0, scale_mm=5.0)
    ring = (FAR_MM > 8.2) & (FAR_MM < 11)
    crescents = [
        speck(ring & (side * (ROW - 30) > -2), Sign.MIRROR, sigma=20, strength=5.0, scale_mm=4.0) for side in (-1, 1)
    ]
    assert len(of([], [disc, *crescents], 0.4 * (FAR_MM < 9))) == 1


def test_a_hollow_and_the_wall_around_it_are_one_mark_though_their_footprints_do_not_touch() -> None:
    hollow = speck(FAR_MM < 1.2, Sign.MIRROR, sigma=80, strength=-9.0, scale_mm=0.8)
    wall = speck((FAR_MM > 2.4) & (FAR_MM < 3.2), Sign.MIRROR, sigma=56, strength=3.0, scale_mm=0.8)
    assert len(of([hollow, wall], [], 0.0 * FAR_MM)) == 1


def test_dust_beside_a_sharp_edge_is_a_mark_of_its_own() -> None:
    """The edge stands out far more than the dust does: it is no texture to hide it in."""
    dusty = np.hypot(ROW - 40.6, COL - 30) < 0.6
    region = speck(FAR_MM < 7, Sign.COLOUR, sigma=600, strength=28.0, scale_mm=3.5)
    dust = speck(dusty, Sign.COLOUR, sigma=65, strength=0.05, scale_mm=0.6)
    assert len(of([dust], [region], 0.3 * (FAR_MM < 6.6) + 0.1 * dusty)) == 2


def test_a_piece_of_a_sharp_edge_is_no_mark_of_its_own() -> None:
    edge = (np.abs(FAR_MM - 6.6) < 0.4) & (ROW > 33)
    region = speck(FAR_MM < 7, Sign.COLOUR, sigma=600, strength=28.0, scale_mm=3.5)
    piece = speck(edge, Sign.COLOUR, sigma=30, strength=0.05, scale_mm=0.6)
    assert len(of([piece], [region], 0.3 * (FAR_MM < 6.6))) == 1
