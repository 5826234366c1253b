"""CIEDE2000 of every pixel to the recipe's colour, for looking at."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inspection.fringes import FloatMap
from inspection.maps.kinds import ColourDifferenceMap, LabMap, Target
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.strips import in_strips

F = np.float32


@builds
def colour_difference(lab: LabMap, target: Target) -> ColourDifferenceMap:
    """Delta E00 per pixel in float32 (within 1e-4, colours of opposite hue excepted: float64 there).

    Sensor noise lifts the value of single pixels: judge means of binned light, look at this map.
    Without a target colour: NO_TARGET.
    """
    if target.lab is None:
        raise Missing(Quality.NO_TARGET)
    aim = target.lab
    result = np.empty(lab.lab.shape[:2], np.float32)
    in_strips(result.shape, lambda rows: result.__setitem__(rows, ciede2000(lab.lab[rows], aim)))
    return ColourDifferenceMap(to_panel_mm=lab.to_panel_mm, pitch_mm=lab.pitch_mm, delta_e00=result)


def ciede2000(lab: FloatMap, target: tuple[float, float, float]) -> FloatMap:
    """CIEDE2000 (ISO/CIE 11664-6:2014) of float32 colours (rows, cols, 3) to one target.

    Angles are kept as vectors as far as the formula allows: multiples of the mean hue are polynomials of its cosine
    and sine. Names ending in 1 are the target's, in 2 the pixels'; every array is worked on in place, because a
    strip's arrays together must stay in the cache.
    """
    l1, a1, b1 = (F(v) for v in target)
    l2, a2, b2 = (np.ascontiguousarray(lab[..., i]) for i in range(3))
    chroma = _length(a2, b2)
    chroma += F(math.hypot(a1, b1))
    chroma *= F(0.5)
    scale = _saturation(chroma)  # to 1 + G
    scale *= F(-0.5)
    scale += F(1.5)
    a2 *= scale
    a1p = np.multiply(scale, a1, out=scale)
    c1 = np.multiply(a1p, a1p, out=chroma)
    c1 += b1 * b1
    cv2.sqrt(c1, c1)
    c2 = _length(a2, b2)
    # Mean hue: direction of the sum of both vectors at equal length.
    spare = np.multiply(a1p, c2)
    sum_a = np.multiply(a2, c1)
    sum_a += spare
    sum_b = np.multiply(b2, c1)
    sum_b += np.multiply(c2, b1, out=spare)
    hue = _hue_difference((a1p, b1, c1), (a2, b2, c2))
    gap = np.subtract(c2, c1, out=a2)
    chroma = np.add(c1, c2, out=c2)
    chroma *= F(0.5)
    twist = _twist(sum_a, sum_b, chroma)
    # hue / (1 + 0.015 mean C' T)
    weight = _weight_by_hue(sum_a, sum_b)
    weight *= chroma
    weight *= F(0.015)
    weight += F(1)
    hue /= weight
    # (C'2 - C'1) / (1 + 0.045 mean C')
    chroma *= F(0.045)
    chroma += F(1)
    gap /= chroma
    twist *= gap
    twist += hue
    twist *= hue
    total = np.multiply(gap, gap, out=gap)
    total += twist
    total += _lightness_part(l2, l1)
    np.maximum(total, 0, out=total)
    return np.asarray(cv2.sqrt(total, total), np.float32)


def _length(x: FloatMap, y: FloatMap) -> FloatMap:
    # Not cv2.magnitude: its last bit depends on where in memory the arrays lie.
    length = np.multiply(x, x)
    length += np.multiply(y, y)
    return np.asarray(cv2.sqrt(length, length), np.float32)


def _saturation(chroma: FloatMap) -> FloatMap:
    """sqrt(C^7 / (C^7 + 25^7))."""
    ratio = chroma * F(1 / 25)
    square = np.multiply(ratio, ratio)
    ratio *= square
    ratio *= np.multiply(square, square, out=square)
    ratio /= np.add(ratio, F(1), out=square)
    return np.asarray(cv2.sqrt(ratio, ratio), np.float32)


def _hue_difference(one: tuple[FloatMap, np.float32, FloatMap], two: tuple[FloatMap, FloatMap, FloatMap]) -> FloatMap:
    """2 sqrt(C1 C2) sin(dh / 2) from two vectors and their lengths.

    Near the same hue through the cross product, which does not cancel, near the opposite one through the dot product.
    """
    (a1, b1, c1), (a2, b2, c2) = one, two
    dot, product = np.multiply(a1, a2), np.multiply(c1, c2)
    spare = np.multiply(b2, b1)
    dot += spare
    cross = np.multiply(a1, b2)
    cross -= np.multiply(a2, b1, out=spare)
    near = np.add(product, dot, out=spare)
    np.maximum(near, F(1e-12), out=near)
    np.divide(F(2), near, out=near)
    near = np.multiply(cross, cv2.sqrt(near, near), out=near)
    if not (dot <= 0).any():
        return near
    far = np.copysign(np.sqrt(np.maximum(2 * (product - dot), 0)), cross)
    return np.where(dot > 0, near, far)


def _twist(sum_a: FloatMap, sum_b: FloatMap, chroma: FloatMap) -> FloatMap:
    """R_T, which turns the ellipses of blue colours."""
    turn = np.arctan2(sum_b, sum_a)
    below = turn < 0
    if below.any():
        turn += below * F(2 * math.pi)
    turn *= F(180 / math.pi / 25)
    turn -= F(275 / 25)
    np.negative(np.multiply(turn, turn, out=turn), out=turn)
    theta = np.asarray(cv2.exp(turn, turn), np.float32)
    theta *= F(math.radians(60))
    twist = np.sin(theta, out=turn)
    twist *= _saturation(chroma)
    twist *= F(-2)
    return twist


def _weight_by_hue(sum_a: FloatMap, sum_b: FloatMap) -> FloatMap:
    """T, by the direction of the mean hue; its two parts are used up.

    cos 2h, cos 3h … are polynomials of c = cos h, s = sin h: T = p0(c²) + c p1(c²) + s (p2(c²) + c p3(c²)).
    """
    length = _length(sum_a, sum_b)
    np.maximum(length, F(1e-30), out=length)
    c, s = np.divide(sum_a, length, out=sum_a), np.divide(sum_b, length, out=sum_b)
    (c1, s1), (c3, s3), (c4, s4) = (
        (weight * math.cos(math.radians(degrees)), weight * math.sin(math.radians(degrees)))
        for weight, degrees in ((-0.17, 30), (0.32, -6), (-0.20, 63))
    )
    square = np.multiply(c, c, out=length)
    result, spare = square * F(8 * s4), np.empty_like(c)
    result -= F(4 * s4)
    result *= c
    result += np.multiply(square, F(4 * s3), out=spare)
    result += F(s1 - s3)
    result *= s
    part = np.multiply(square, F(4 * c3), out=s)
    part += F(c1 - 3 * c3)
    part *= c
    result += part
    part = np.multiply(square, F(8 * c4), out=s)
    part += F(0.48 - 8 * c4)
    part *= square
    result += part
    result += F(0.76 + c4)
    return result


def _lightness_part(l2: FloatMap, l1: np.float32) -> FloatMap:
    """Square of the weighted difference in lightness; `l2` is used up."""
    off = l2 * F(0.5)
    off += l1 * F(0.5) - F(50)
    off *= off
    root = off + F(20)
    off /= cv2.sqrt(root, root)
    off *= F(0.015)
    off += F(1)
    l2 -= l1
    l2 /= off
    l2 *= l2
    return l2
