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
    aspecular_deg: float | None = None
    reflectance: float | None = None
    #: Whether all channels of a colour camera are kept: of screen and small lamps the green one alone is.
    in_colour: bool = False

    @property
    def lit(self) -> bool:
        """Whether any light of its group is on."""
        return self.role is not Role.DARK


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
    return panel_shots(rig)


def panel_shots(rig: RigSettings) -> tuple[Shot, ...]:
    """All that the station can take of a panel."""
    shots = list(_screen_shots(rig))
    shots += _diffuse_shots(Role.DIFFUSE, rig)
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
        The station has neither diffuse light nor single lights.
    """
    if not rig.diffuse and not rig.single_lights:
        raise Refused("capture.diffuse: this station has no diffuse light, so there is nothing to take of a white tile")
    return tuple(_diffuse_shots(Role.DIFFUSE_REF, rig, reflectance=rig.tile_reflectance))


def _check_light(recipe: Recipe, rig: RigSettings) -> None:
    for check in recipe.checks:
        needed = _needs(MEASURES[check.measure].needs)
        if ReflectanceMap in needed and not rig.diffuse:
            raise Refused(
                f'recipe "{recipe.name}" asks for {check.measure}, which needs the diffuse light; '
                "this station has none (capture.diffuse)"
            )
        if AspecularMap in needed and len(rig.single_lights) < 3:
            raise Refused(
                f'recipe "{recipe.name}" asks for {check.measure}, which needs light from three single directions '
                f"(aspecular_deg); this station has {len(rig.single_lights)} (capture.single_lights)"
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


def _diffuse_shots(role: Role, rig: RigSettings, *, reflectance: float | None = None) -> Iterator[Shot]:
    """Under the diffuse light, then under each light from a single direction."""
    lit = Shot(role.value, role, DIFFUSE, reflectance=reflectance, in_colour=True)
    if rig.diffuse:
        yield from _and_dark(replace(lit, exposure_ms=rig.exposure.diffuse_ms))
    for light in rig.single_lights:
        angle = light.aspecular_deg
        yield from _and_dark(replace(lit, name=f"{role}_{angle:g}", group=light.name, aspecular_deg=angle))


def _and_dark(lit: Shot) -> Iterator[Shot]:
    """A group's shot under its own lamp, and the same in the dark."""
    yield replace(lit, lamp=lit.group)
    yield Shot(f"{lit.group}_dark", Role.DARK, lit.group, exposure_ms=lit.exposure_ms, in_colour=lit.in_colour)


def _spot_shots(spot: Spot, rig: RigSettings) -> Iterator[Shot]:
    lit = Shot(
        spot.name, Role.SPOT, spot.name, exposure_ms=rig.exposure.spot_ms,
        azimuth_deg=spot.azimuth_deg, polar_deg=spot.polar_deg, distance_mm=spot.distance_mm,
    )  # fmt: skip
    return _and_dark(lit)
