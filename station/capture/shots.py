"""From recipe and rig to the list of pictures to take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import inspection.maps
from inspection.frames import AXES, Axis, Role
from inspection.maps.kinds import AspecularMap, LampMap, ReflectanceMap
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.registry import BUILDERS, MEASURES, discover
from station.capture.lights import DIFFUSE, SCREEN
from station.capture.patterns import BLACK, WHITE, Fringe, Pattern
from station.capture.rig_settings import RigSettings, Spot

discover(inspection.maps)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take: what the screen shows, which lamp is lit, and what the frame is then called.

    Frames of one `group` have one exposure, and the group's brightest shot comes first. `exposure_ms`
    is None where the exposure is to be found by looking.
    """

    name: str
    role: Role
    group: str
    pattern: Pattern = BLACK
    lamp: str | None = None
    exposure_ms: float | None = None
    axis: Axis | None = None
    period_mm: float | None = None
    step: int | None = None
    steps: int | None = None
    phase_deg: float = 0.0
    azimuth_deg: float | None = None
    polar_deg: float | None = None
    distance_mm: float | None = None
    reflectance: float | None = None

    @property
    def lit(self) -> bool:
        """Whether any light of its group is on."""
        return self.role is not Role.DARK

    @property
    def in_colour(self) -> bool:
        """Whether all channels of a colour camera are kept: of screen and small lamps the green one alone is."""
        return self.group == DIFFUSE


def shots_of(recipe: Recipe, rig: RigSettings) -> tuple[Shot, ...]:
    """What to take of a panel.

    All that the station can take is taken, whatever the recipe asks: every report holds every measure, and an old
    panel can be judged by a new recipe.

    Raises
    ------
    Refused
        The recipe asks for a measure that this station has no light for.
    """
    _check_light(recipe, rig)
    shots = list(_screen_shots(rig))
    if rig.diffuse:
        shots += _diffuse_shots(Shot("diffuse", Role.DIFFUSE, DIFFUSE, lamp=DIFFUSE), rig)
    for spot in rig.spots:
        shots += _spot_shots(spot, rig)
    return tuple(shots)


def glass_shots(rig: RigSettings) -> tuple[Shot, ...]:
    """What to take of the black glass."""
    return tuple(_screen_shots(rig))


def tile_shots(rig: RigSettings) -> tuple[Shot, ...]:
    """What to take of the white tile.

    Raises
    ------
    Refused
        The station has no diffuse light.
    """
    if not rig.diffuse:
        raise Refused("capture.diffuse: this station has no diffuse light, so there is nothing to take of a white tile")
    tile = Shot("diffuse_ref", Role.DIFFUSE_REF, DIFFUSE, lamp=DIFFUSE, reflectance=rig.tile_reflectance)
    return tuple(_diffuse_shots(tile, rig))


def _check_light(recipe: Recipe, rig: RigSettings) -> None:
    for check in recipe.checks:
        needed = _needs(MEASURES[check.measure].needs)
        if ReflectanceMap in needed and not rig.diffuse:
            raise Refused(
                f'recipe "{recipe.name}" asks for {check.measure}, which needs the diffuse light; '
                "this station has none (capture.diffuse)"
            )
        if AspecularMap in needed:
            raise Refused(
                f'recipe "{recipe.name}" asks for {check.measure}, which needs light from three single directions '
                "(aspecular_deg); a station takes no such frames itself, only the capture sets of other rigs hold them"
            )
        if LampMap in needed and not rig.spots:
            raise Refused(
                f'recipe "{recipe.name}" asks for {check.measure}, which needs small lamps; '
                "this station has none (capture.spots)"
            )


def _needs(kinds: tuple[type, ...]) -> set[type]:
    """Kinds of map and all that they are made from."""
    found: set[type] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.add(kind)
            if kind in BUILDERS:
                waiting += [need for need in BUILDERS[kind].needs if need not in BUILDERS[kind].optional]
    return found


def _screen_shots(rig: RigSettings) -> Iterator[Shot]:
    exposure = rig.exposure.screen_ms
    yield Shot("white", Role.WHITE, SCREEN, WHITE, exposure_ms=exposure)
    fringes = rig.fringes
    for axis in AXES:
        for period in sorted(fringes.periods_mm, reverse=True):
            for step in range(fringes.steps):
                yield Shot(
                    f"fringe_{axis}_{period:g}mm_{step}", Role.FRINGE, SCREEN,
                    Fringe(axis, period, step, fringes.steps, fringes.phase_deg), exposure_ms=exposure,
                    axis=axis, period_mm=period, step=step, steps=fringes.steps, phase_deg=fringes.phase_deg,
                )  # fmt: skip
    yield Shot("dark", Role.DARK, SCREEN, BLACK, exposure_ms=exposure)


def _diffuse_shots(lit: Shot, rig: RigSettings) -> Iterator[Shot]:
    exposure = rig.exposure.diffuse_ms
    yield replace(lit, exposure_ms=exposure)
    yield Shot(f"{DIFFUSE}_dark", Role.DARK, DIFFUSE, exposure_ms=exposure)


def _spot_shots(spot: Spot, rig: RigSettings) -> Iterator[Shot]:
    exposure = rig.exposure.spot_ms
    yield Shot(
        spot.name, Role.SPOT, spot.name, lamp=spot.name, exposure_ms=exposure,
        azimuth_deg=spot.azimuth_deg, polar_deg=spot.polar_deg, distance_mm=spot.distance_mm,
    )  # fmt: skip
    yield Shot(f"{spot.name}_dark", Role.DARK, spot.name, exposure_ms=exposure)
