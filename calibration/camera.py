"""What the camera's pixels see of the panel's plane, and where the camera stands, from pictures of a plate.

The plate lies where a panel lies. The station frame is tied to what the camera sees: its origin is the place on the
panel under the middle of the picture, X runs along the middle row there. So the plate may lie anyhow: where and how it
is turned (three unknowns of each picture) is found and forgotten.

What one plane can tell depends on the camera:

- `tilted` (a pinhole that looks at the field's centre, square pixels): four unknowns, the focal length in pixels and
  three of place. The slant shows in how width and height differ, the distance in how the scale runs over the picture;
  the declared focal length, known to `FOCAL_U_RELATIVE`, helps where a small field hardly shows that.
- `shift` (sensor parallel to the panel): a plane is seen at one scale, from wherever the camera stands. The pixel map
  is measured, and the perspective of a sensor that is not quite parallel; the camera's place is not, apart from its
  height if a second plate lies on a spacer. It stays as declared, with the uncertainty of what is put together by
  hand, until the mirrored screen tells more (`calibration.geometry`).

Corner noise is judged by the fit itself: the residuals' RMS, with the unknowns counted. Perspective (shift) and lens
distortion (Brown 1971: k1, k2, p1, p2, from the seen to the ideal pixel place, radius 1 at the picture's corner) are
let in only where they lower the residuals by more than noise would in one case of a million (F test).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import radians, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import f as f_distribution

from calibration.lens import ideal_px, to_panel_mm
from calibration.plate import Corners
from inspection.frames import Geometry
from inspection.refused import Refused

Floats = NDArray[np.float64]

#: Standard uncertainty of a declared place: evenly within ± 5 mm along the line of sight and ± 1° across it.
DECLARED_U_MM, DECLARED_U_RAD = 5 / sqrt(3), radians(1) / sqrt(3)
#: Of a declared focal length in pixels: a data sheet's, focus breathing included.
FOCAL_U_RELATIVE = 0.005
#: Of a plate: its scale (printed on glass or metal), and its face's distance from the plane of the panels.
PLATE_SCALE_U_RELATIVE, PLATE_U_MM = 1e-4, 0.05
#: RMS distance of the corners from the fit: beyond this they are not those of the plate described.
MOST_RMS_PX = 0.25
#: Places, slopes and pictures follow the lens, but the rasters of textures and fingerprints are laid out by the nearest
#: homography: a lens that bends them by more than this must be corrected in the camera.
MOST_BENT_MM = 0.5
#: Probability that independent noise alone lets a further effect in. So small because corner errors are not quite
#: independent: they follow the raster of the pixels.
F_LEVEL = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CameraFit:
    """A camera as the plates show it.

    Attributes
    ----------
    shape : rows, columns
    tilted : bool
        Its model; else shift.
    values : (12,)
        Place in the station frame (3, mm), lens (focal length in px, or mm per pixel of a shift camera), slant (4),
        k1, k2, p1, p2.
    free : indices
        Of the values that were fitted; the others are 0.
    covariance : (free, free)
        Of the fitted ones, with scale and height of the plate.
    rms_px : float
        Reprojection error, root mean square of the distance.
    corners : int
    """

    shape: tuple[int, int]
    tilted: bool
    values: Floats
    free: NDArray[np.intp]
    covariance: Floats
    rms_px: float
    corners: int

    @property
    def position_mm(self) -> Floats:
        """Station frame."""
        return self.values[:3]

    def moved(self, fitted: Floats) -> CameraFit:
        """The same camera with other fitted values."""
        values = self.values.copy()
        values[self.free] = fitted
        return replace(self, values=values)

    def to_mm(self) -> Floats:
        """Homography (3, 3) of ideal pixels to the panel, x right, y down from the field's centre, mm."""
        return to_panel_mm(self.values, self.tilted, self.shape)

    def places_mm(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """X and Y (station frame, mm) on the panel's plane of seen pixel places, distortion taken off."""
        ideal = ideal_px(np.stack([column, row], axis=1), self.values[8:], self.shape)
        x, y = cv2.perspectiveTransform(ideal[:, None], self.to_mm())[:, 0].T
        return x, -y

    def seen_homography(self) -> tuple[Floats, float]:
        """The homography (from the field's centre, y down) nearest to the true map, and where it errs most, mm."""
        if not self.values[8:].any():
            return self.to_mm(), 0.0
        rows, cols = self.shape
        column, row = (v.ravel() for v in np.meshgrid(np.linspace(0, cols - 1, 21), np.linspace(0, rows - 1, 21)))
        x, y = self.places_mm(column, row)
        seen, true = np.stack([column, row], axis=1), np.stack([x, -y], axis=1)
        nearest, _ = cv2.findHomography(seen, true, 0)
        away = cv2.perspectiveTransform(seen[:, None], nearest)[:, 0] - true
        return np.asarray(nearest, np.float64), float(np.hypot(*away.T).max())


def fit_camera(plates: Sequence[Corners], declared: Geometry, shape: tuple[int, int]) -> CameraFit:
    """Fit the camera to the corners of one or more plates.

    Raises
    ------
    Refused
        The corners are further from the fit than `MOST_RMS_PX`, the lens distorts more than `MOST_BENT_MM`, or a
        single plate lies on a spacer: the panel's plane itself must be seen.
    """
    if all(plate.height_mm > 0 for plate in plates):
        raise Refused(f"{plates[0].file}: board.height_mm: at least one plate must lie in the panel's plane (height 0)")
    fit = _Fit(plates, declared, shape)
    chosen: tuple[str, ...] = ("lens",)
    best = fit.solve(chosen)
    for extra in (() if fit.tilted else ("slant",)) + ("bent",):
        more = fit.solve((*chosen, extra))
        if _lowers(best, more):
            chosen, best = (*chosen, extra), more
    found = fit.result(best)
    if found.rms_px > MOST_RMS_PX:
        raise Refused(
            f"{plates[0].file}: the plate's corners lie {found.rms_px:.2f} px (RMS) from where they should be seen, "
            f"at most {MOST_RMS_PX:g} px are allowed: is square_mm of every plate right, and are the plates flat?"
        )
    bent_mm = found.seen_homography()[1]
    if bent_mm > MOST_BENT_MM:
        raise Refused(
            f"{plates[0].file}: the lens bends the picture by {bent_mm:.2f} mm, at most {MOST_BENT_MM:g} mm are "
            "allowed: have the camera correct its lens's distortion"
        )
    return found


def declared_covariance(place: Floats) -> Floats:
    """Covariance (mm²) of a place that was put together by hand: along the line of sight, and across it."""
    distance = float(np.linalg.norm(place))
    along = np.outer(place, place) / distance**2
    return np.asarray(DECLARED_U_MM**2 * along + (DECLARED_U_RAD * distance) ** 2 * (np.eye(3) - along))


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    free: NDArray[np.intp]
    values: Floats
    covariance: Floats
    square: float
    dof: int


def _lowers(less: _Solved, more: _Solved) -> bool:
    extra = less.dof - more.dof
    if more.dof <= 0 or less.square <= more.square:
        return False
    ratio = (less.square - more.square) / extra / (more.square / more.dof)
    return bool(ratio > f_distribution.isf(F_LEVEL, extra, more.dof))


class _Fit:
    """Unknowns: camera place (3), lens (1: focal length, or mm per pixel), slant (4), bent (4), then 3 per plate.

    Each is scaled to about its effect in pixels; priors are further residuals in units of their own uncertainty.
    """

    def __init__(self, plates: Sequence[Corners], declared: Geometry, shape: tuple[int, int]) -> None:
        camera = declared.camera
        self.tilted = camera.model == "tilted"
        self._plates, self._shape = plates, shape
        self._centre = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
        self._corner = float(np.hypot(*self._centre))
        self._place = np.array(camera.position_mm)
        flat = min(plates, key=lambda plate: plate.height_mm)
        middle, beside = self._below_centre(flat)
        pitch = float(np.hypot(*(beside - middle)))
        self._lens = float(camera.focal_px) if self.tilted and camera.focal_px is not None else pitch
        laid: list[float] = []
        for plate in plates:
            middle, beside = self._below_centre(plate)
            laid += [*middle, float(np.arctan2(beside[1] - middle[1], beside[0] - middle[0]))]
        self._start = np.array([*self._place, self._lens, *([0.0] * 8), *laid])
        length = float(np.linalg.norm(self._place))
        unit = [length / self._corner] * 3 + [self._lens / self._corner] + [1 / self._corner] * 2
        unit += [1 / self._corner**2] * 2 + [1 / self._corner] * 4 + [pitch, pitch, 1 / self._corner] * len(plates)
        self._unit = np.array(unit)
        self._root = np.linalg.inv(np.linalg.cholesky(declared_covariance(self._place)))

    def _below_centre(self, plate: Corners) -> tuple[Floats, Floats]:
        """Places on the plate below the middle of the picture and one pixel to the right of it."""
        to_board, _ = cv2.findHomography(plate.px, plate.board_mm, 0)
        seen = np.array([self._centre, self._centre + np.array([1.0, 0.0])])
        middle, beside = cv2.perspectiveTransform(seen[:, None], to_board)[:, 0]
        return middle, beside

    def _free(self, effects: tuple[str, ...]) -> NDArray[np.intp]:
        free = (
            [0, 1, 2, 3] + ([4, 5, 6, 7] if "slant" in effects else []) + ([8, 9, 10, 11] if "bent" in effects else [])
        )
        return np.array(free + list(range(12, len(self._start))))

    def _away(self, p: Floats) -> Floats:
        """Seen minus expected ideal pixel places of every corner."""
        to_px = np.linalg.inv(to_panel_mm(p, self.tilted, self._shape))
        away = []
        for i, plate in enumerate(self._plates):
            bx, by, turn = p[12 + 3 * i : 15 + 3 * i]
            d = plate.board_mm - (bx, by)
            c, s = np.cos(turn), np.sin(turn)
            x, y = d[:, 0] * c + d[:, 1] * s, -d[:, 0] * s + d[:, 1] * c
            # Where the ray through a raised corner meets the panel's plane.
            k = p[2] / (p[2] - plate.height_mm)
            flat = np.stack([p[0] + (x - p[0]) * k, -p[1] + (y + p[1]) * k], axis=1)
            seen = ideal_px(plate.px, p[8:12], self._shape)
            away.append((seen - cv2.perspectiveTransform(flat[:, None], to_px)[:, 0]).ravel())
        return np.concatenate(away)

    def _priors(self, p: Floats) -> Floats:
        if self.tilted:
            return np.array([(p[3] / self._lens - 1) / FOCAL_U_RELATIVE])
        return np.asarray(self._root @ (p[:3] - self._place))

    def solve(self, effects: tuple[str, ...]) -> _Solved:
        free, sigma, p = self._free(effects), 0.05, self._start.copy()
        for _ in range(3):

            def residuals(q: Floats, sigma: float = sigma) -> Floats:
                full = self._start.copy()
                full[free] = q * self._unit[free]
                return np.concatenate([self._away(full) / sigma, self._priors(full)])

            done = least_squares(residuals, p[free] / self._unit[free], method="lm", xtol=1e-12, ftol=1e-12)
            p[free] = done.x * self._unit[free]
            away = self._away(p)
            # The camera's place of a shift camera is held by its priors, not by corners in one plane.
            dof = len(away) - len(free) + (0 if self.tilted else 3)
            square = float(away @ away)
            sigma = max(1e-3, sqrt(square / max(1, dof)))
        covariance = np.linalg.inv(done.jac.T @ done.jac) * np.outer(self._unit[free], self._unit[free])
        return _Solved(free, p, covariance, square, dof)

    def result(self, solved: _Solved) -> CameraFit:
        p, own = solved.values, solved.free < 12
        # A larger plate: everything is further away and each pixel sees more. A higher one: the plane is nearer.
        larger = np.array([*p[:3], 0.0 if self.tilted else p[3], *([0.0] * 8)])
        higher = np.array([0, 0, -1.0, 0] if self.tilted else [0, 0, 0, -p[3] / p[2]]).tolist()
        doubts = [PLATE_SCALE_U_RELATIVE * larger, PLATE_U_MM * np.array(higher + [0.0] * 8)]
        free = solved.free[own]
        return CameraFit(
            shape=self._shape,
            tilted=self.tilted,
            values=p[:12].copy(),
            free=free,
            covariance=solved.covariance[np.ix_(own, own)] + sum(np.outer(d[free], d[free]) for d in doubts),
            rms_px=sqrt(solved.square / sum(len(plate.px) for plate in self._plates)),
            corners=sum(len(plate.px) for plate in self._plates),
        )
