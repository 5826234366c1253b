"""Marks across the border between two views: what of a mark both could see, and what its two pieces are together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.ends import CUT_U
from inspection.passes.likeness import Form, form_of
from inspection.passes.places import half_turn
from inspection.plan import PLACED_U_MM
from inspection.report import Defect

Floats = NDArray[np.float64]
#: Says of places of the part (x, y in mm) which lie in a picture.
Inside = Callable[[Floats, Floats], NDArray[np.bool_]]

#: A mark is looked at in points this close, mm; of a large one in no more than so many along each side.
_STEP_MM = 0.25
_MOST_POINTS = 400


def seen_of(mark: Defect, inside: Inside) -> Defect:
    """The part of a line or a patch that lies in a picture; the mark itself where none does, or where it is a point."""
    x, y = _points(mark)
    there = inside(x, y)
    if form_of(mark) is Form.POINT or there.all() or not there.any():
        return mark
    share = float(there.mean())
    if form_of(mark) is Form.REGION:
        share = math.sqrt(share)
    return replace(
        mark,
        x_mm=float(x[there].mean()),
        y_mm=float(y[there].mean()),
        length_mm=mark.length_mm * share,
        width_mm=mark.width_mm * (share if form_of(mark) is Form.REGION else 1.0),
    )


def reaches_beyond(mark: Defect, inside: Inside) -> bool:
    """Whether more of a line or a patch lies beyond a picture than the view's own place leaves open (95 %)."""
    beyond = 1 - float(inside(*_points(mark)).mean())
    if form_of(mark) is Form.LINE:
        return beyond * mark.length_mm > 2 * PLACED_U_MM
    return form_of(mark) is Form.REGION and math.sqrt(beyond * mark.area_mm2) > 2 * PLACED_U_MM


def together(one: Defect, other: Defect) -> Defect:
    """Two pieces of one mark: `one` with the place and the size of both, as densely filled as they are."""
    x, y = (np.concatenate(pair) for pair in zip(_points(one), _points(other), strict=True))
    (middle_x, middle_y), sides, turn = cv2.minAreaRect(np.stack([x, y], axis=1).astype(np.float32))
    # The turn is that of the first side, clockwise as seen; y points down.
    long_side = int(sides[1] > sides[0])
    angle = half_turn(-(turn + 90.0 * long_side))
    line = form_of(one) is Form.LINE
    length, width = sides[long_side], sides[1 - long_side]
    if line:
        width = (one.width_mm * one.length_mm + other.width_mm * other.length_mm) / (one.length_mm + other.length_mm)
    filled = (one.area_mm2 + other.area_mm2) / (one.length_mm * one.width_mm + other.length_mm * other.width_mm)
    boxes = [mark.box_mm for mark in (one, other) if mark.box_mm is not None]
    left, top, right, bottom = zip(*boxes, strict=True) if boxes else ((),) * 4
    return replace(
        one,
        x_mm=float(middle_x),
        y_mm=float(middle_y),
        length_mm=float(length),
        width_mm=float(width),
        area_mm2=float(filled * length * width),
        angle_deg=None if one.angle_deg is None else angle,
        u_length_mm=_spanned(_uncut_u_mm(one), _uncut_u_mm(other)),
        u_width_mm=one.u_width_mm if line else _spanned(one.u_width_mm, other.u_width_mm),
        severity=max(one.severity, other.severity),
        box_mm=(min(left), min(top), max(right), max(bottom)) if boxes else None,
    )


def _spanned(one: float | None, other: float | None) -> float | None:
    """Of what begins in one view and ends in another, each of which lies only about where it should."""
    return None if one is None or other is None else math.hypot(one, other, math.sqrt(2) * PLACED_U_MM)


def _uncut_u_mm(mark: Defect) -> float | None:
    """Of the length of a piece, but for the end that the picture cut off and the other piece now has."""
    if mark.u_length_mm is None or form_of(mark) is not Form.LINE:
        return mark.u_length_mm
    return math.sqrt(max(0.0, mark.u_length_mm**2 - (CUT_U * mark.length_mm) ** 2))


def _points(mark: Defect) -> tuple[Floats, Floats]:
    """Places on a line, or all over the ellipse of a patch."""
    along = np.linspace(-0.5, 0.5, _count(mark.length_mm)) * mark.length_mm
    across = np.zeros(1)
    if form_of(mark) is not Form.LINE:
        across = np.linspace(-0.5, 0.5, _count(mark.width_mm)) * mark.width_mm
    a, b = (side.ravel() for side in np.meshgrid(along, across))
    if form_of(mark) is not Form.LINE:
        within = (a / max(mark.length_mm, 1e-9)) ** 2 + (b / max(mark.width_mm, 1e-9)) ** 2 <= 0.25
        a, b = a[within], b[within]
    turn = math.radians(mark.angle_deg or 0.0)
    return mark.x_mm + a * math.cos(turn) + b * math.sin(turn), mark.y_mm - a * math.sin(turn) + b * math.cos(turn)


def _count(length_mm: float) -> int:
    # Odd, so that the middle is one of them.
    return min(2 * math.ceil(length_mm / _STEP_MM / 2), _MOST_POINTS) + 1
