"""The section `[capture]` of `station.toml`: what this station's camera, screen and lamps are, and where they stand."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from station.capture.cameras import AnyCamera
from station.capture.form import UNSTRICT, Form, Length, Milliseconds, Name
from station.capture.lamps import AnyLamps
from station.capture.lights import DIFFUSE, SCREEN
from station.capture.screens import AnyScreen
from station.capture_set.placing import CameraPart, ScreenPart

Angle = Annotated[float, Field(ge=-360, le=360)]
Row = tuple[float, float, float]


class CameraPlace(CameraPart):
    """Where the camera stands, as `geometry.camera` of a capture set says it."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True, allow_inf_nan=False)


class ScreenPlace(ScreenPart):
    """Where the screen stands, as `geometry.screen` of a capture set says it."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True, allow_inf_nan=False)


class Fringes(Form):
    """The fringe series to take: each period along both axes."""

    periods_mm: Annotated[tuple[Length, ...], UNSTRICT, Field(min_length=1, max_length=8)]
    steps: Annotated[int, Field(ge=3, le=32)] = 4
    phase_deg: Angle = 0.0

    @model_validator(mode="after")
    def _each_once(self) -> Fringes:
        if len(set(self.periods_mm)) < len(self.periods_mm):
            raise ValueError("periods_mm: a period is there twice")
        return self


class Lamp(Form):
    """`name` is what the lamp driver knows it by."""

    name: Name


class Spot(Lamp):
    """One small lamp."""

    azimuth_deg: Angle
    polar_deg: Annotated[float, Field(ge=0, le=90)]
    distance_mm: Length | None = None


class SingleLight(Lamp):
    """Lights the field evenly from one direction, for the flop of metallic paint.

    `aspecular_deg`: from the camera's mirror direction towards the camera.
    """

    aspecular_deg: Annotated[float, Field(gt=0, le=180)]


class Exposure(Form):
    """How bright frames shall be, and fixed exposures where they are not to be found by looking.

    `target`: light of the brightest hundredth of a group's brightest frame, full scales. `pictures`: so many are taken
    of every shot and averaged into one frame, whose noise is that many times less (variance).
    """

    target: Annotated[float, Field(ge=0.2, le=0.9)] = 0.8
    pictures: Annotated[int, Field(ge=1, le=64)] = 1
    screen_ms: Milliseconds | None = None
    diffuse_ms: Milliseconds | None = None
    spot_ms: Milliseconds | None = None
    longest_ms: Milliseconds = 2000.0


class RigSettings(Form):
    """Everything that capturing needs to know about a station.

    Attributes
    ----------
    station : str
        Label of the station in its captures; rigs are found by it.
    settle_ms : float or None
        Wait between a pattern's acknowledgement and the trigger; None: measured by the camera at start-up.
    camera_rgb_to_linear_srgb
        Of a colour or Bayer camera, until a chart gives a better one.
    """

    station: Name
    camera: AnyCamera
    screen: AnyScreen
    lamps: AnyLamps
    fringes: Fringes
    camera_place: CameraPlace
    screen_place: ScreenPlace
    diffuse: bool = False
    spots: Annotated[tuple[Spot, ...], UNSTRICT, Field(max_length=64)] = ()
    single_lights: Annotated[tuple[SingleLight, ...], UNSTRICT, Field(max_length=16)] = ()
    exposure: Exposure = Exposure()
    settle_ms: Annotated[float, Field(ge=0, le=5000)] | None = None
    glass_n: Annotated[float, Field(gt=1, le=4)] = 1.567
    tile_reflectance: Annotated[float, Field(gt=0, le=1.2)] = 0.98
    camera_rgb_to_linear_srgb: Annotated[tuple[Row, Row, Row], UNSTRICT] | None = None

    @property
    def lamp_names(self) -> tuple[str, ...]:
        """Names of all that the lamp driver switches."""
        return (*((DIFFUSE,) if self.diffuse else ()), *(lamp.name for lamp in self._single))

    @property
    def _single(self) -> tuple[Lamp, ...]:
        return (*self.spots, *self.single_lights)

    @model_validator(mode="after")
    def _fits_together(self) -> RigSettings:
        names = [lamp.name for lamp in self._single]
        if len(set(names)) < len(names) or {SCREEN, DIFFUSE} & set(names):
            raise ValueError("spots, single_lights: every lamp needs a name of its own, other than screen and diffuse")
        angles = {light.aspecular_deg for light in self.single_lights}
        if len(angles) < len(self.single_lights):
            raise ValueError("single_lights: an aspecular_deg is there twice")
        finest = 2 * max(
            self.screen_place.width_mm / self.screen.width_px, self.screen_place.height_mm / self.screen.height_px
        )
        if min(self.fringes.periods_mm) < 2 * finest:
            raise ValueError(
                f"fringes.periods_mm: the screen's pixels show no period below {2 * finest:.3g} mm (four pixels)"
            )
        return self
