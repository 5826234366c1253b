"""From the frame of a 24-patch chart to the matrix that takes camera RGB to linear sRGB.

The matrix minimises the sum of squared ΔE00 over the patches, each difference linearised at the patch's own colour.
White stays white: the white tile, which every picture is divided by, maps to (1, 1, 1). Of two forms, a plain matrix
and one with root-polynomial terms, and with or without a plane of light that differs between tile and chart, the
simplest is taken that predicts patches it has not seen (each left out in turn) nearly as well as the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from calibration.chart_finding import Patches
from calibration.targets.classic24 import COLUMNS, LINEAR_SRGB, NAMES, ROWS
from inspection.camera_colour import LINEAR, ROOTS, entry_errors, matrix_at, terms_of
from inspection.colour import lab_of
from inspection.refused import Refused
from inspection.rig import ColourReference, Measured

Floats = NDArray[np.float64]

#: Fewer patches than this say nothing about colours in between.
LEAST_PATCHES = 18
#: Mean and largest ΔE00 of patches predicted by the others. Charts of one making differ by 0.5 to 1 from the table.
MEAN_LIMIT_E00, MAX_LIMIT_E00 = 1.5, 6.0
#: A patch that the others miss by more, and by five times the median, is covered or dirty.
OUTLIER_E00, OUTLIER_MEDIANS = 5.0, 5.0
#: Edge to edge over the chart, and of its level: beyond, the light moved between tile and chart.
GRADIENT_LIMIT, LEVEL_LIMIT = 0.15, 0.08
#: A richer form must be this much better than a simpler one.
CLEARLY_BETTER = 0.8
#: A patch whose channels differ by less of their mean is grey.
GREY_BELOW = 0.1
#: Columns of the matrix, and whether a plane of light is fitted too; simple to rich.
FORMS = ((LINEAR, False), (ROOTS, False), (LINEAR, True), (ROOTS, True))

_STEP = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class ColourFit:
    """A fitted matrix and how well it does.

    Attributes
    ----------
    matrix : (3, 3) or (3, 6)
        See `inspection.camera_colour`.
    u_relative : float
        Standard uncertainty of each entry, relative, white kept: that which explains the cross-validated residuals.
    reference : ColourReference
        What the rig keeps of it.
    """

    matrix: Floats
    u_relative: float
    reference: ColourReference

    @property
    def values(self) -> tuple[Measured, ...]:
        """For the person who signs."""
        chart = self.reference
        return (
            Measured("colour_chart_mean_e00", chart.mean_e00, limit=MEAN_LIMIT_E00),
            Measured("colour_chart_largest_e00", chart.max_e00, limit=MAX_LIMIT_E00),
            Measured("colour_chart_patches_used_count", len(chart.patches) - len(chart.left_out)),
            Measured("colour_chart_light_tilt_pct", max(map(abs, chart.gradient_pct)), limit=100 * GRADIENT_LIMIT),
            Measured("colour_matrix_entry_u_pct", 100 * self.u_relative),
        )


def fit_chart(patches: Patches, name: str) -> ColourFit:
    """Fit the colour matrix.

    Parameters
    ----------
    patches : Patches
        As read; those that are not even are left out.
    name : str
        Of the frame, for the refusal.

    Raises
    ------
    Refused
        Fewer than 18 good patches; the light moved between tile and chart; residuals beyond the limits.
    """
    used = _without_outliers(patches, name)
    rgb, metric = patches.rgb, METRIC
    scores = {form: _left_out_in_turn(rgb, used, metric, *form) for form in FORMS}
    means = {form: float(residual[used].mean()) for form, residual in scores.items()}
    best = min(means.values())
    form = next(form for form in FORMS if means[form] * CLEARLY_BETTER <= best)
    matrix, plane = _fit(rgb, used, metric, *form)
    _check_light(plane, name)
    residual = scores[form]
    mean, worst = means[form], int(np.argmax(np.where(used, residual, -1)))
    if mean > MEAN_LIMIT_E00 or residual[worst] > MAX_LIMIT_E00:
        raise Refused(
            f"{name}: the chart's patches are predicted to {mean:.1f} ΔE00 on average and {residual[worst]:.1f} "
            f"({NAMES[worst]}), at most {MEAN_LIMIT_E00:g} and {MAX_LIMIT_E00:g} are accepted: clean the chart, "
            "and use the lamps of the station only"
        )
    seen = rgb / _light(plane)[:, None]
    reference = ColourReference(
        patches=tuple(tuple(float(v) for v in one) if use else None for one, use in zip(seen, used, strict=True)),
        residuals_e00=tuple(float(r) if use else None for r, use in zip(residual, used, strict=True)),
        form="root-polynomial" if form[0] == ROOTS else "linear",
        mean_e00=mean,
        max_e00=float(residual[worst]),
        linear_mean_e00=min(means[LINEAR, False], means[LINEAR, True]),
        left_out=tuple(n for n, use in zip(NAMES, used, strict=True) if not use),
        gradient_pct=(100 * float(plane[1]), 100 * float(plane[2])),
        found_by=patches.found_by,
        turned_deg=patches.turned_deg,
        mirrored=patches.mirrored,
    )
    return ColourFit(matrix, _u_relative(seen, used, metric, matrix, residual), reference)


def chart_difference(matrix: Floats, before: ColourReference, now: Patches) -> tuple[float, float] | None:
    """Mean and largest ΔE00 between the patches at calibration and now, both through the rig's matrix.

    The same lamp gives the same patches, whatever its brightness; another lamp of the same white does not. None
    where fewer than 18 patches are seen in both.
    """
    common = np.array([p is not None for p in before.patches]) & now.even
    if common.sum() < LEAST_PATCHES:
        return None
    then = np.array([p for p, use in zip(before.patches, common, strict=True) if use])
    off = deltaE_ciede2000(_lab(then, matrix), _lab(now.rgb[common], matrix))
    return float(off.mean()), float(off.max())


def _lab(rgb: Floats, matrix: Floats) -> Floats:
    return lab_of(terms_of(rgb)[:, : matrix.shape[1]] @ matrix.T)


def _metrics() -> Floats:
    """ΔE00² around each patch as a quadratic form of the change in linear sRGB, (24, 3, 3)."""
    steps = _STEP * np.eye(3)
    lab = lab_of(LINEAR_SRGB)

    def square(change: Floats) -> Floats:
        return np.asarray(deltaE_ciede2000(lab, lab_of(LINEAR_SRGB + change)) ** 2)

    form = np.empty((len(LINEAR_SRGB), 3, 3))
    for i in range(3):
        for j in range(3):
            form[:, i, j] = (square(steps[i] + steps[j]) - square(steps[i] - steps[j])) / (4 * _STEP**2)
    return form


METRIC = _metrics()
#: Place of each patch, -0.5 … 0.5 over the chart's width and height: 1, x, y.
_PLANE = np.stack(
    [
        np.ones(ROWS * COLUMNS),
        (np.tile(np.arange(COLUMNS), ROWS) + 0.5) / COLUMNS - 0.5,
        (np.repeat(np.arange(ROWS), COLUMNS) + 0.5) / ROWS - 0.5,
    ],
    axis=1,
)


def _light(plane: Floats) -> Floats:
    """Light on each patch relative to that on the tile at its place."""
    return np.asarray(1 + _PLANE @ plane)


def _fit(rgb: Floats, used: NDArray[np.bool_], metric: Floats, columns: int, tilted: bool) -> tuple[Floats, Floats]:
    """Matrix (3, columns) with rows that sum to 1, and the plane of light (level, across, down).

    ``M·terms = wanted·(1 + plane)`` is linear in both unknowns.
    """
    terms, wanted = terms_of(rgb)[used][:, :columns], LINEAR_SRGB[used]
    weight = np.linalg.cholesky(metric[used]).transpose(0, 2, 1)
    free = columns - 1
    design = np.einsum("pij,pn->pijn", weight, terms[:, :free] - terms[:, free:]).reshape(len(wanted), 3, -1)
    if tilted:
        design = np.concatenate([design, -np.einsum("pij,pj,pn->pin", weight, wanted, _PLANE[used])], axis=2)
    aim = np.einsum("pij,pj->pi", weight, wanted - terms[:, free:])
    found = np.linalg.lstsq(design.reshape(-1, design.shape[2]), aim.ravel(), rcond=None)[0]
    rows = found[: 3 * free].reshape(3, free)
    matrix = np.concatenate([rows, 1 - rows.sum(axis=1, keepdims=True)], axis=1)
    return matrix, found[3 * free :] if tilted else np.zeros(3)


def _residuals(rgb: Floats, matrix: Floats, plane: Floats) -> Floats:
    """ΔE00 of every patch."""
    lab = _lab(np.nan_to_num(rgb) / _light(plane)[:, None], matrix)
    return np.asarray(deltaE_ciede2000(lab_of(LINEAR_SRGB), lab))


def _left_out_in_turn(rgb: Floats, used: NDArray[np.bool_], metric: Floats, columns: int, tilted: bool) -> Floats:
    """ΔE00 of every used patch as the other ones predict it; NaN for the rest."""
    residual = np.full(len(rgb), np.nan)
    for number in np.flatnonzero(used):
        others = used.copy()
        others[number] = False
        residual[number] = _residuals(rgb, *_fit(rgb, others, metric, columns, tilted))[number]
    return residual


def _without_outliers(patches: Patches, name: str) -> NDArray[np.bool_]:
    """Patches that are even and agree with the others; the worst is left out first, one at a time."""
    used = patches.even.copy()
    while used.sum() >= LEAST_PATCHES:
        residual = _left_out_in_turn(patches.rgb, used, METRIC, LINEAR, True)
        worst = int(np.nanargmax(residual))
        if residual[worst] <= max(OUTLIER_E00, OUTLIER_MEDIANS * float(np.nanmedian(residual))):
            return used
        used[worst] = False
    raise Refused(
        f"{name}: {int(used.sum())} of {len(used)} patches of the colour chart can be used, at least {LEAST_PATCHES} "
        "are needed: the others are covered, shaded, dirty or saturated"
    )


def _check_light(plane: Floats, name: str) -> None:
    level, tilt = abs(float(plane[0])), float(np.abs(plane[1:]).max())
    if tilt > GRADIENT_LIMIT or level > LEVEL_LIMIT:
        raise Refused(
            f"{name}: the light on the colour chart differs from that on the white tile by {100 * level:.0f} % and by "
            f"{100 * tilt:.0f} % from edge to edge, at most {100 * LEVEL_LIMIT:g} % and {100 * GRADIENT_LIMIT:g} % "
            "are accepted: take both with the same lamps, one after the other"
        )


def _u_relative(rgb: Floats, used: NDArray[np.bool_], metric: Floats, matrix: Floats, residual: Floats) -> float:
    """The relative error of the entries, white kept, of which the residuals are one standard uncertainty.

    Each residual is divided by the ΔE00 that such an error of 1 gives this patch (`camera_colour.entry_errors`); the
    root mean square over the patches that are not grey, which no such error moves.
    """
    pulls = []
    for colour, form, off in zip(rgb[used], metric[used], residual[used], strict=True):
        if np.ptp(colour) > GREY_BELOW * colour.mean():
            moved = [error @ colour for error in entry_errors(matrix_at(colour, matrix), white_kept=True)]
            pulls.append(off / np.sqrt(sum(change @ form @ change for change in moved)))
    return float(np.sqrt(np.mean(np.square(pulls))))
