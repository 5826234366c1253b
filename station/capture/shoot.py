"""The loop: show, settle, trigger, grab, check, hand over. A capture is complete or it is nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame, Role
from station.capture.averaging import averaged, refuse_coarse
from station.capture.camera import Picture
from station.capture.exposures import Exposures, brightest, next_exposure
from station.capture.frame_checks import check_picture, check_saturation, check_series
from station.capture.hardware import Hardware
from station.capture.rig_settings import Exposure
from station.capture.shots import Shot
from station.faults import CaptureStopped, FrameFault

#: Pictures that may be spent on the exposure of one group.
MOST_TRIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """One frame more: it counts and may be measured while later ones come."""

    frame: Frame
    done: int
    total: int


def shoot(
    shots: Sequence[Shot],
    hardware: Hardware,
    *,
    exposure: Exposure,
    exposures: Exposures,
    recipe: str,
    settle_ms: float,
    on_frame: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> tuple[Frame, ...]:
    """Take every shot.

    Parameters
    ----------
    shots : sequence of Shot
        Shots of one group adjoin, its brightest first.
    exposure : Exposure
        How bright the frames shall be.
    exposures : Exposures
        What served last for this recipe; kept anew when the capture is complete.
    recipe : str
        Name under which exposures are remembered.
    settle_ms : float
        From a picture's acknowledgement to its light on the glass.
    on_frame : callable, optional
        Told of each frame as it comes. Frames that were handed over are void where this function raises.
    stopped : callable, optional
        Asked before every picture: whether a person stopped the capture.

    Returns
    -------
    tuple of Frame
        In the order of `shots`.

    Raises
    ------
    CameraFault, ScreenFault, LampFault, FrameFault, CaptureStopped
        Nothing was captured; what was wrong is one sentence. The next capture may be tried at once.
    """
    loop = _Loop(hardware, exposure, settle_ms, stopped or (lambda: False))
    refuse_coarse(hardware.camera.sensor, exposure.pictures)
    hardware.ready()
    taken: list[Frame] = []
    used_ms: dict[str, float] = {}
    try:
        for group, members in groupby(shots, lambda shot: shot.group):
            first, *others = members
            frame, used_ms[group] = loop.first(first, exposures.start_ms(recipe, group))
            for shot in (first, *others):
                if shot is not first:
                    frame = loop.next(shot)
                taken.append(frame)
                _check_complete_series(taken, loop)
                if on_frame is not None:
                    on_frame(Progress(frame, len(taken), len(shots)))
    finally:
        # A lamp that stays on warms up the panel; where it cannot be reached any more, that fault is the one told.
        loop.all_off()
    exposures.keep(used_ms, recipe)
    return tuple(taken)


def _check_complete_series(taken: list[Frame], loop: _Loop) -> None:
    last = taken[-1]
    if last.role is Role.FRINGE and last.steps is not None and last.step == last.steps - 1:
        white = next((frame for frame in taken if frame.role is Role.WHITE and frame.group == last.group), None)
        if white is not None:
            check_series(taken[-last.steps :], white, loop.sensor)


class _Loop:
    """One capture: what the hardware did last."""

    def __init__(self, hardware: Hardware, exposure: Exposure, settle_ms: float, stopped: Callable[[], bool]) -> None:
        self._hardware = hardware
        self._exposure = exposure
        self._settle_s = settle_ms / 1000
        self._stopped = stopped
        self._before: Picture | None = None
        self._lamp: str | None = None
        self.sensor = hardware.camera.sensor

    def first(self, shot: Shot, start_ms: float) -> tuple[Frame, float]:
        """Take a group's brightest shot, exposed as it should be, and say with which exposure."""
        shortest, longest = self._hardware.camera.exposure_range_ms
        limits = shortest, min(longest, self._exposure.longest_ms)
        fixed = shot.exposure_ms
        asked = min(max(start_ms if fixed is None else fixed, limits[0]), limits[1])
        for _ in range(MOST_TRIES):
            self._hardware.camera.expose_for(asked)
            picture = self._picture(shot)
            wanted = None
            if fixed is None:
                light = brightest(self._kept(picture, shot), self.sensor, shot.role)
                wanted = next_exposure(asked, light, self._exposure.target, limits)
            if wanted is None:
                return self._frame(picture, shot), asked
            asked = wanted
        raise FrameFault(
            f"{shot.name}: no exposure in {MOST_TRIES} tries is right: the light changes from picture to picture",
            "exposure_unsteady", frame=shot.name,
        )  # fmt: skip

    def next(self, shot: Shot) -> Frame:
        """Take another shot of the same group."""
        return self._frame(self._picture(shot), shot)

    def all_off(self) -> None:
        """No lamp stays on."""
        if self._lamp is not None:
            self._hardware.lamps.light(None)

    def _picture(self, shot: Shot) -> Picture:
        if self._stopped():
            raise CaptureStopped("the capture was stopped", "stopped")
        if shot.lamp != self._lamp:
            # Noted first: a lamp that fails half-way may be lit.
            self._lamp = shot.lamp
            self._hardware.lamps.light(shot.lamp)
        self._hardware.screen.show(self._hardware.grid.draw(shot.pattern))
        time.sleep(self._settle_s)
        return self._grabbed(shot)

    def _grabbed(self, shot: Shot) -> Picture:
        picture = self._hardware.camera.grab()
        check_picture(picture, self._before, self.sensor, self._hardware.camera.colour, shot)
        self._before = picture
        return picture

    def _frame(self, picture: Picture, shot: Shot) -> Frame:
        more = [self._grabbed(shot) for _ in range(self._exposure.pictures - 1)]
        pixels = averaged([self._kept(one, shot) for one in (picture, *more)], self.sensor)
        pixels.flags.writeable = False
        check_saturation(pixels, self.sensor, shot)
        return Frame(
            file=f"{shot.name}.tif", role=shot.role, pixels=pixels, exposure_ms=picture.exposure_ms, group=shot.group,
            axis=shot.axis, period_mm=shot.period_mm, step=shot.step, steps=shot.steps, phase_deg=shot.phase_deg,
            azimuth_deg=shot.azimuth_deg, polar_deg=shot.polar_deg, distance_mm=shot.distance_mm,
            aspecular_deg=shot.aspecular_deg, reflectance=shot.reflectance,
        )  # fmt: skip

    def _kept(self, picture: Picture, shot: Shot) -> NDArray[Any]:
        """The channels that are kept, read-only."""
        pixels = picture.pixels
        if pixels.ndim == 3 and not shot.in_colour:
            pixels = np.ascontiguousarray(pixels[..., 1])
        pixels.flags.writeable = False
        return pixels
