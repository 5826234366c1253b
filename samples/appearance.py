"""What the paint looks like at every place: roughness, haze, colour, and what lies on top of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samples.colour import lab_to_linear_srgb, linear_srgb_to_lab
from samples.label import INK, PAPER, Label
from samples.paintwork import Panel, Patch
from samples.placement import to_local

Floats = NDArray[np.float64]

#: Places within a pixel, along each side, over which the edge of a patch is averaged.
_WITHIN_PIXEL = 4


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """Maps of the paint, averaged over pixels.

    Attributes
    ----------
    alpha, haze : (rows, cols)
        Roughness and share of the wide lobe.
    lab : (rows, cols, 3)
    hidden : (rows, cols)
        Share of the mirror image that something on top hides.
    """

    alpha: Floats
    haze: Floats
    lab: Floats
    hidden: Floats


def appearance(panel: Panel, x: Floats, y_up: Floats, pixel_mm: float) -> Appearance:
    """Appearance at places in the station frame.

    Parameters
    ----------
    pixel_mm : float
        Side of the square over which patches are averaged.
    """
    lx, ly = to_local(panel, x, y_up)
    alpha, haze, hidden = np.full_like(lx, panel.alpha), np.full_like(lx, panel.haze), np.zeros_like(lx)
    lab = np.broadcast_to(np.array(panel.lab), (*lx.shape, 3)).copy()
    covered: list[tuple[NDArray[np.bool_], Floats, tuple[float, float, float]]] = []
    for scuff in panel.scuffs:
        r = np.hypot(lx - scuff.x_mm, ly - scuff.y_mm)
        alpha *= 1 + (scuff.gain - 1) * _soft(r, scuff.size_mm, max(pixel_mm, 0.02 * scuff.size_mm))
    for patch in panel.patches:
        near = np.hypot(lx - patch.x_mm, ly - patch.y_mm) < patch.size_mm / 2 + 4 * patch.edge_mm + pixel_mm
        w = _weight(patch, lx[near], ly[near], pixel_mm)
        alpha[near] += 0.0 if patch.alpha is None else w * (patch.alpha - alpha[near])
        haze[near] += 0.0 if patch.haze is None else w * (patch.haze - haze[near])
        hidden[near] += w * (patch.covers - hidden[near]) if patch.covers else 0.0
        lab[near] += w[..., None] * np.array(patch.delta_lab)
        if patch.lab is not None:
            covered.append((near, w, patch.lab))
    for mark in panel.marks:
        if mark.alpha is not None:
            ground = Patch(mark.kind, mark.x_mm, mark.y_mm, 0.6 * mark.length_mm, 0.2 * mark.length_mm)
            near = np.hypot(lx - mark.x_mm, ly - mark.y_mm) < 2 * mark.length_mm + pixel_mm
            alpha[near] += _weight(ground, lx[near], ly[near], pixel_mm) * (mark.alpha - alpha[near])
    # By area, so in light: half a pixel of white dust on black is not L* = 50.
    for near, w, colour in covered:
        there = lab_to_linear_srgb(lab[near])
        lab[near] = linear_srgb_to_lab(there + w[..., None] * (lab_to_linear_srgb(np.array(colour)) - there))
    for label in panel.labels:
        covers, ink = _label_seen(label, lx, ly, pixel_mm)
        hidden += covers * (1 - hidden)
        paper, black = (lab_to_linear_srgb(np.array((level, 0.0, 0.0))) for level in (PAPER, INK))
        there = lab_to_linear_srgb(lab)
        lab = linear_srgb_to_lab(there + covers[..., None] * (paper - there) + ink[..., None] * (black - paper))
    return Appearance(alpha, haze, lab, hidden)


def _label_seen(label: Label, lx: Floats, ly: Floats, pixel_mm: float) -> tuple[Floats, Floats]:
    """Share of each pixel that is covered by a label, and by the ink on it."""
    covered, ink = np.zeros_like(lx), np.zeros_like(lx)
    for dx in _inner_mm(pixel_mm):
        for dy in _inner_mm(pixel_mm):
            for total, part in zip((covered, ink), label.seen(lx + dx, ly + dy), strict=True):
                total += part
    return covered / _WITHIN_PIXEL**2, ink / _WITHIN_PIXEL**2


def _inner_mm(pixel_mm: float) -> Floats:
    """Places within a pixel, from its middle."""
    return np.asarray(((np.arange(_WITHIN_PIXEL) + 0.5) / _WITHIN_PIXEL - 0.5) * pixel_mm)


def _weight(patch: Patch, lx: Floats, ly: Floats, pixel_mm: float) -> Floats:
    total = np.zeros_like(lx)
    for dx in _inner_mm(pixel_mm):
        for dy in _inner_mm(pixel_mm):
            total += _soft(np.hypot(lx + dx - patch.x_mm, ly + dy - patch.y_mm), patch.size_mm, patch.edge_mm)
    return total / _WITHIN_PIXEL**2


def _soft(r: Floats, size_mm: float, edge_mm: float) -> Floats:
    return np.asarray(0.5 - 0.5 * np.tanh((r - size_mm / 2) / (edge_mm / 2)))
