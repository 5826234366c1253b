"""Basler cameras through their maker's library (pypylon), at whatever they are plugged in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from station.capture.camera import Camera, CameraForm, Picture
from station.capture.pixel_formats import COLOUR, PixelFormat, sensor_of
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, FrameFault


class BaslerForm(CameraForm):
    """A camera by its serial number; the only one where nothing is said.

    Attributes
    ----------
    trigger : str
        ``Software``, or the camera's name of an input line on which a pulse comes for every picture.
    timeout_s : float
        How long a picture may take beyond its exposure.
    of_simulation : bool
        The camera is the maker's emulator.
    """

    kind: Literal["basler"] = "basler"
    serial: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    pixel_format: PixelFormat = "Mono12"
    trigger: Annotated[str, Field(pattern="^[A-Za-z0-9_]+$", max_length=64)] = "Software"
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 3.0
    of_simulation: bool = False

    @property
    def simulated(self) -> bool:
        """As the settings say."""
        return self.of_simulation

    def open(self, around: Surroundings) -> Camera:
        """Connect to the camera and set it up."""
        try:
            from pypylon import pylon
        except ImportError:
            raise CameraFault(
                "capture.camera.kind: Basler cameras need the package pypylon: pip install 'paint-station[basler]'",
                "package",
                package="pypylon",
            ) from None
        return BaslerCamera(self, pylon)


class BaslerCamera:
    """See `station.capture.camera.Camera`."""

    def __init__(self, form: BaslerForm, pylon: Any) -> None:
        self._form, self._pylon = form, pylon
        self._camera: Any = None
        self._count, self._last = 0, -1
        self.colour = form.pixel_format == COLOUR
        self._connect()

    def ready(self) -> None:
        """See `Camera`: a camera that was unplugged is connected anew."""
        if self._camera is None or self._camera.IsCameraDeviceRemoved() or not self._camera.IsGrabbing():
            self.close()
            self._connect()

    def expose_for(self, exposure_ms: float) -> None:
        """See `Camera`."""
        try:
            self._exposure.Value = 1000 * exposure_ms
        except self._pylon.GenericException as error:
            raise _refuses("does not take the exposure", error) from None

    def grab(self) -> Picture:
        """See `Camera`."""
        pylon, camera, form = self._pylon, self._camera, self._form
        throws = pylon.TimeoutHandling_ThrowException
        try:
            exposure_ms = self._exposure.Value / 1000
            wait_ms = int(1000 * form.timeout_s + exposure_ms)
            if form.trigger == "Software":
                # A trigger that comes too early is lost.
                camera.WaitForFrameTriggerReady(wait_ms, throws)
                camera.ExecuteSoftwareTrigger()
            with camera.RetrieveResult(wait_ms, throws) as result:
                if not result.GrabSucceeded():
                    raise FrameFault(
                        f"the camera sent a picture that is not whole: {result.ErrorDescription}", "not_whole",
                        said=f"{result.ErrorDescription}",
                    )  # fmt: skip
                self._count += 1 if self._last < 0 else int(result.ImageNumber) - self._last
                self._last = int(result.ImageNumber)
                return Picture(np.array(result.Array), self._count, exposure_ms)
        except pylon.GenericException as error:
            raise CameraFault(
                f"the camera sent no picture within {form.timeout_s:g} s: look at its cable and its power "
                f"({_first_line(error)})",
                "camera_silent", camera="Basler",
            ) from None  # fmt: skip

    def close(self) -> None:
        """See `Camera`."""
        if self._camera is not None:
            self._camera.Close()
            self._camera = None

    def _connect(self) -> None:
        pylon, form = self._pylon, self._form
        factory = pylon.TlFactory.GetInstance()
        found = [one for one in factory.EnumerateDevices() if form.serial in (None, one.GetSerialNumber())]
        if not found:
            named = f" {form.serial}" if form.serial else ""
            raise CameraFault(f"no Basler camera{named} is plugged in", "camera_absent", camera=f"Basler{named}")
        if len(found) > 1:
            raise CameraFault("capture.camera.serial: several Basler cameras are plugged in: say which one", "settings")
        try:
            self._camera = camera = pylon.InstantCamera(factory.CreateDevice(found[0]))
            camera.Open()
            camera.PixelFormat.Value = form.pixel_format
            for automatic in ("ExposureAuto", "GainAuto"):
                if hasattr(camera, automatic):
                    getattr(camera, automatic).TrySetValue("Off")
            camera.TriggerSelector.Value = "FrameStart"
            camera.TriggerMode.Value = "On"
            camera.TriggerSource.Value = form.trigger
            # Older cameras have another name for it.
            self._exposure = camera.ExposureTime if camera.ExposureTime.IsValid() else camera.ExposureTimeAbs
            self.exposure_range_ms = self._exposure.Min / 1000, self._exposure.Max / 1000
            self.sensor = sensor_of(form, form.pixel_format, camera.Width.Value, camera.Height.Value)
            camera.StartGrabbing(pylon.GrabStrategy_OneByOne)
        except pylon.GenericException as error:
            self.close()
            raise _refuses("cannot be set up", error) from None
        self._last = -1


def _refuses(what: str, error: BaseException) -> CameraFault:
    said = _first_line(error)
    return CameraFault(f"the camera {what}: {said}", "camera_refuses", camera="Basler", said=said)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].strip()
