"""What every camera can do; one file in `cameras/` is one driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from numpy.typing import NDArray
from pydantic import Field

from inspection.frames import Sensor
from station.capture.form import Form
from station.capture.surroundings import Surroundings


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture as it came.

    Attributes
    ----------
    pixels : uint8 or uint16, (rows, cols), or (rows, cols, 3) in RGB order
        Raw; its own memory.
    number : int
        The camera's own count of pictures, which goes up by one: a gap is a picture that was lost, the same number
        again one that was handed over twice. A driver undoes the wrap of its counter.
    exposure_ms : float
        What the camera really exposed for.
    """

    pixels: NDArray[Any]
    number: int
    exposure_ms: float


class Camera(Protocol):
    """A camera that takes one picture when told to. All methods are called from one thread.

    Attributes
    ----------
    sensor : Sensor
        Size and levels of every picture.
    colour : bool
        Pictures have three channels. A Bayer camera has one, and its mosaic in `sensor`.
    exposure_range_ms : tuple of float
        Shortest and longest.
    """

    @property
    def sensor(self) -> Sensor: ...

    @property
    def colour(self) -> bool: ...

    @property
    def exposure_range_ms(self) -> tuple[float, float]: ...

    def ready(self) -> None:
        """Make ready for a capture: connect again where the connection was lost, forget pictures that were left over.

        Raises
        ------
        CameraFault
            The camera is not there.
        """

    def expose_for(self, exposure_ms: float) -> None:
        """Set the exposure of the pictures to come; it must lie in `exposure_range_ms`."""

    def grab(self) -> Picture:
        """Take one picture whose exposure begins after this call.

        Raises
        ------
        CameraFault
            None came in time, or the camera is gone.
        FrameFault
            It came with parts missing.
        """

    def close(self) -> None:
        """Give the camera back; may be called twice."""


class CameraForm(Form):
    """Settings of a camera: `kind` names the driver, whose form adds to these.

    Attributes
    ----------
    black_level, white_level : float
        In raw values; without `white_level` the largest that the pixel format holds.
    electrons_full_scale, read_noise_e
        Of the maker's data sheet (EMVA 1288) or of a calibration; without them noise is estimated from the frames.
    """

    kind: str
    black_level: Annotated[float, Field(ge=0, le=65535)] = 0.0
    white_level: Annotated[float, Field(gt=0, le=65535)] | None = None
    electrons_full_scale: Annotated[float, Field(gt=0, le=1e9)] | None = None
    read_noise_e: Annotated[float, Field(ge=0, le=1e9)] | None = None

    @property
    def simulated(self) -> bool:
        """Whether its pictures are of a made-up world."""
        return False

    def open(self, around: Surroundings) -> Camera:
        """Connect.

        Raises
        ------
        CameraFault
            The camera or its library is not there.
        """
        raise NotImplementedError
