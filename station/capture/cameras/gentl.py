"""Cameras of any maker that gives a GenTL producer (a ``.cti`` file), through harvesters."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from station.capture.camera import Camera, CameraForm, Picture
from station.capture.form import Milliseconds, Pixels
from station.capture.pixel_formats import COLOUR, PixelFormat, pixels_of, sensor_of
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, FrameFault

#: Names of the exposure, in the order they are looked for; µs.
EXPOSURES = ("ExposureTime", "ExposureTimeAbs")


class GenTlForm(CameraForm):
    """A producer, and one of its cameras.

    Attributes
    ----------
    producer : str
        Path of the maker's ``.cti`` file.
    serial : str, optional
        Of the camera; the first that the producer lists where nothing is said.
    width_px, height_px : int, optional
        Part that is read out; as the camera is set where nothing is said.
    trigger : str
        ``Software``, the name of an input line, or ``none``: the camera runs freely, and each picture is a later one.
    exposure_ms : float, optional
        What the camera exposes for, where it has no exposure that a program can set.
    timeout_s : float
        How long a picture may take.
    """

    kind: Literal["gentl"] = "gentl"
    producer: Annotated[str, Field(min_length=1, max_length=500)]
    serial: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    pixel_format: PixelFormat = "Mono12"
    width_px: Pixels | None = None
    height_px: Pixels | None = None
    trigger: Annotated[str, Field(pattern="^[A-Za-z0-9_]+$", max_length=64)] = "Software"
    exposure_ms: Milliseconds | None = None
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 3.0
    of_simulation: bool = False

    @property
    def simulated(self) -> bool:
        """As the settings say."""
        return self.of_simulation

    def open(self, around: Surroundings) -> Camera:
        """Load the producer and connect to the camera."""
        try:
            import harvesters.core
        except ImportError:
            raise CameraFault(
                "capture.camera.kind: GenTL cameras need the package harvesters: pip install 'paint-station[gentl]'",
                "package",
                package="harvesters",
            ) from None
        if not Path(self.producer).is_file():
            raise CameraFault(f"capture.camera.producer: {self.producer} does not exist", "settings")
        return GenTlCamera(self, harvesters.core.Harvester)


class GenTlCamera:
    """See `station.capture.camera.Camera`."""

    def __init__(self, form: GenTlForm, harvester: Callable[[], Any]) -> None:
        self._form, self._new_harvester = form, harvester
        self._camera: Any = None
        self._harvester: Any = None
        self._count = 0
        self.colour = form.pixel_format == COLOUR
        self._connect()

    def ready(self) -> None:
        """See `Camera`: a camera that failed is connected anew."""
        if self._camera is None:
            self._connect()
        self._forget()

    def expose_for(self, exposure_ms: float) -> None:
        """See `Camera`."""
        if self._exposure is not None:
            try:
                self._exposure.value = 1000 * exposure_ms
            except Exception as error:
                raise self._lost("does not take the exposure", error) from None

    def grab(self) -> Picture:
        """See `Camera`."""
        form = self._form
        if self._camera is None:
            raise CameraFault("the camera is not connected", "camera_absent", camera="GenTL")
        self._forget()
        try:
            if form.trigger == "Software":
                self._nodes.TriggerSoftware.execute()
            elif form.trigger == "none":
                # The one that is under way was begun before.
                with self._camera.fetch(timeout=form.timeout_s):
                    pass
            with self._camera.fetch(timeout=form.timeout_s) as buffer:
                component = buffer.payload.components[0]
                size, content = (component.height, component.width), component.data.tobytes()
        # Each producer has errors of its own, and none says anything else than that no picture came.
        except Exception as error:
            raise self._lost(f"sent no picture within {form.timeout_s:g} s", error) from None
        if size != self.sensor.shape:
            raise FrameFault(
                f"the camera sent {size[1]} x {size[0]} px: its settings were changed from outside", "frame_size",
                size=f"{size[1]} x {size[0]}",
            )  # fmt: skip
        try:
            pixels = pixels_of(content, form.pixel_format, self.sensor)
        except ValueError as error:
            raise FrameFault(
                f"the camera sent a picture that is not whole: {error}", "not_whole", said=f"{error}"
            ) from None
        self._count += 1
        return Picture(pixels, self._count, self._exposure_ms())

    def close(self) -> None:
        """See `Camera`."""
        camera, self._camera = self._camera, None
        if camera is not None:
            with suppress(Exception):  # a camera that has gone cannot be told to stop
                camera.stop()
            camera.destroy()
        if self._harvester is not None:
            self._harvester.reset()
            self._harvester = None

    def _connect(self) -> None:
        form = self._form
        self._harvester = harvester = self._new_harvester()
        try:
            harvester.add_file(form.producer, check_existence=True, check_validity=True)
            harvester.update()
            found = [one for one in harvester.device_info_list if form.serial in (None, one.serial_number)]
            if not found:
                wanted = "" if form.serial is None else f" {form.serial}"
                raise CameraFault(
                    f"the producer {form.producer} lists no camera{wanted}", "camera_absent", camera="GenTL"
                )
            self._camera = harvester.create(harvester.device_info_list.index(found[0]))
            self._set_up()
        except CameraFault:
            self.close()
            raise
        except Exception as error:
            raise self._lost("cannot be set up", error) from None

    def _set_up(self) -> None:
        form = self._form
        self._nodes = nodes = self._camera.remote_device.node_map
        nodes.PixelFormat.value = form.pixel_format
        for name, value in (("Width", form.width_px), ("Height", form.height_px)):
            if value is not None:
                getattr(nodes, name).value = value
        for automatic in ("ExposureAuto", "GainAuto"):
            if hasattr(nodes, automatic):
                getattr(nodes, automatic).value = "Off"
        if form.trigger != "none":
            if not hasattr(nodes, "TriggerSelector"):
                raise CameraFault("capture.camera.trigger: this camera has no trigger, so it must be none", "settings")
            nodes.TriggerSelector.value = "FrameStart"
            nodes.TriggerMode.value = "On"
            nodes.TriggerSource.value = form.trigger
        named = [name for name in EXPOSURES if hasattr(nodes, name)]
        self._exposure = getattr(nodes, named[0]) if named else None
        if self._exposure is None and form.exposure_ms is None:
            raise CameraFault(
                "capture.camera.exposure_ms: this camera has no exposure to set, so it must be stated", "settings"
            )
        self.exposure_range_ms = (
            (self._exposure_ms(), self._exposure_ms())
            if self._exposure is None
            else (self._exposure.min / 1000, self._exposure.max / 1000)
        )
        self.sensor = sensor_of(form, form.pixel_format, nodes.Width.value, nodes.Height.value)
        self._camera.start()

    def _exposure_ms(self) -> float:
        if self._exposure is not None:
            return float(self._exposure.value) / 1000
        assert self._form.exposure_ms is not None
        return self._form.exposure_ms

    def _forget(self) -> None:
        """Give back what nobody waited for."""
        while self._camera.num_holding_filled_buffers:
            with self._camera.fetch(timeout=self._form.timeout_s):
                pass

    def _lost(self, what: str, error: Exception) -> CameraFault:
        self.close()
        words = str(error).split("\n", 1)[0].strip() or type(error).__name__
        return CameraFault(f"the camera {what}: {words}", "camera_refuses", camera="GenTL", said=words)
