"""GigE Vision and USB3 Vision cameras of any maker, through Aravis."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Annotated, Any, Final, Literal

from numpy.typing import NDArray
from pydantic import Field

from station.capture.aravis_calls import (
    AUTO_OFF,
    CONTINUOUS,
    RESEND_ALWAYS,
    RESEND_NEVER,
    STATUS_WORDS,
    SUCCESS,
    AravisCalls,
    AravisError,
)
from station.capture.camera import Camera, CameraForm, Picture
from station.capture.form import Pixels
from station.capture.pixel_formats import COLOUR, PixelFormat, pixels_of, sensor_of
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, FrameFault

#: Buffers that the camera may fill before one is taken.
BUFFERS: Final = 4
#: A trigger that comes before the camera has started to acquire is lost; no register common to all says when it has.
ARMED_S: Final = 0.25
#: Frame ids of GigE Vision 1.x run from 1 to this and begin again.
LAST_ID: Final = 65535


class AravisForm(CameraForm):
    """A camera on the network or at USB.

    Attributes
    ----------
    address : str
        IP address, or the id under which Aravis lists the camera (``Maker-Serial``).
    pixel_format : str
        Of the camera's own list. Formats of 10 to 16 bits that are not packed; the noise of paint needs 12.
    width_px, height_px, left_px, top_px : int, optional
        Part of the sensor that is read out; the whole of it where nothing is said.
    gain_db : float, optional
        As the camera counts it; left as it is where nothing is said.
    trigger : str
        ``Software``, or the camera's name of an input line (``Line1``) on which a pulse comes for every picture.
    packet_size : int, optional
        Bytes of one network packet; 9000 where every part of the network carries jumbo frames.
    resend : bool
        Ask the camera again for packets that were lost.
    features : str
        Any more settings of the camera by their GenICam names: ``GammaEnable=0 ReverseX=1``.
    timeout_s : float
        How long a picture may take beyond its exposure.
    of_simulation : bool
        The camera is an emulator: its captures say that they are simulated.
    """

    kind: Literal["aravis"] = "aravis"
    address: Annotated[str, Field(min_length=1, max_length=200)]
    pixel_format: PixelFormat = "Mono12"
    width_px: Pixels | None = None
    height_px: Pixels | None = None
    left_px: Annotated[int, Field(ge=0, le=32768)] = 0
    top_px: Annotated[int, Field(ge=0, le=32768)] = 0
    gain_db: Annotated[float, Field(ge=-50, le=100)] | None = None
    trigger: Annotated[str, Field(pattern="^[A-Za-z0-9_]+$", max_length=64)] = "Software"
    packet_size: Annotated[int, Field(ge=576, le=16384)] | None = None
    resend: bool = True
    features: Annotated[str, Field(max_length=2000)] = ""
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 3.0
    of_simulation: bool = False

    @property
    def simulated(self) -> bool:
        """As the settings say."""
        return self.of_simulation

    def open(self, around: Surroundings) -> Camera:
        """Connect to the camera and set it up."""
        return AravisCamera(self, AravisCalls())


class AravisCamera:
    """See `station.capture.camera.Camera`. The camera acquires all the time and waits for triggers."""

    def __init__(self, form: AravisForm, calls: AravisCalls) -> None:
        self._form, self._calls = form, calls
        self._camera: int | None = None
        self._stream: int | None = None
        self._exposure_ms: float | None = None
        self._count, self._last_id = 0, 0
        self._lost = False
        self.colour = form.pixel_format == COLOUR
        self._connect()

    def ready(self) -> None:
        """See `Camera`: a connection that was lost is made anew."""
        if self._camera is None or self._lost or self._gone():
            self.close()
            self._connect()
        self._forget()

    def expose_for(self, exposure_ms: float) -> None:
        """See `Camera`."""
        with _Saying(self, "does not take the exposure"):
            self._calls.set_exposure_us(self._camera, exposure_ms * 1000)
            self._exposure_ms = self._calls.exposure_us(self._camera) / 1000

    def grab(self) -> Picture:
        """See `Camera`."""
        calls, form = self._calls, self._form
        self._forget()
        with _Saying(self, "cannot be triggered"):
            if self._exposure_ms is None:
                self._exposure_ms = calls.exposure_us(self._camera) / 1000
            if form.trigger == "Software":
                calls.trigger(self._camera)
        buffer = calls.take(self._stream, int(1e6 * form.timeout_s + 1e3 * self._exposure_ms))
        if not buffer:
            self._lost = True
            wire = "" if form.trigger == "Software" else f" (is there a pulse on {form.trigger}?)"
            raise CameraFault(
                f"the camera {form.address} sent no picture within {form.timeout_s:g} s{wire}: "
                "look at its cable and its power",
                "camera_silent", camera=form.address,
            )  # fmt: skip
        try:
            status = calls.status(buffer)
            if status != SUCCESS:
                words = STATUS_WORDS.get(status, f"its status is {status}")
                raise FrameFault(
                    f"the camera {form.address} sent a picture that is not whole: {words}", "not_whole", said=words
                )
            return Picture(self._pixels(buffer), self._number(calls.frame_id(buffer)), self._exposure_ms)
        finally:
            calls.give(self._stream, buffer)

    def close(self) -> None:
        """See `Camera`."""
        if self._camera is not None and not self._lost:
            # It may have gone since, or was never started; one that is lost would only let us wait.
            with suppress(AravisError):
                self._calls.stop(self._camera)
        if self._stream is not None:
            self._calls.unref(self._stream)
        if self._camera is not None:
            self._calls.unref(self._camera)
        self._camera = self._stream = None

    def _connect(self) -> None:
        form, calls = self._form, self._calls
        try:
            self._camera = calls.camera_new(form.address.encode())
        except AravisError as error:
            raise CameraFault(
                f"no camera answers at {form.address}: {error}", "camera_absent", camera=form.address
            ) from None
        try:
            self._set_up()
        except AravisError as error:
            self.close()
            raise CameraFault(
                f"the camera {form.address} cannot be set up: {error}", "camera_refuses", camera=form.address,
                said=f"{error}",
            ) from None  # fmt: skip
        self._lost, self._exposure_ms = False, None

    def _set_up(self) -> None:
        form, calls, camera = self._form, self._calls, self._camera
        assert camera is not None
        width, height = calls.sensor_size(camera)
        width, height = form.width_px or width - form.left_px, form.height_px or height - form.top_px
        if form.features:
            calls.set_features(calls.device_of(camera), form.features.encode())
        calls.set_region(camera, form.left_px, form.top_px, width, height)
        calls.set_pixel_format(camera, form.pixel_format.encode())
        if calls.has_auto_exposure(camera):
            calls.set_auto_exposure(camera, AUTO_OFF)
        if calls.has_auto_gain(camera):
            calls.set_auto_gain(camera, AUTO_OFF)
        if form.gain_db is not None:
            calls.set_gain(camera, form.gain_db)
        low, high = calls.exposure_bounds_us(camera)
        self.exposure_range_ms = low / 1000, high / 1000
        gige = bool(calls.is_gige(camera))
        if gige and form.packet_size is not None:
            calls.set_packet_size(camera, form.packet_size)
        calls.set_mode(camera, CONTINUOUS)
        calls.set_trigger(camera, form.trigger.encode())
        self.sensor = sensor_of(form, form.pixel_format, width, height)
        self._stream = calls.stream_new(camera, None, None)
        if not self._stream:
            raise AravisError("it gives no stream")
        if gige:
            calls.set_property(self._stream, "packet-resend", RESEND_ALWAYS if form.resend else RESEND_NEVER)
        for _ in range(BUFFERS):
            calls.give(self._stream, calls.buffer_new(calls.payload(camera)))
        calls.start(camera)
        time.sleep(ARMED_S)

    def _gone(self) -> bool:
        """Whether the camera stopped to be ours: unplugged, restarted, or taken by another program."""
        calls = self._calls
        return bool(calls.is_gige(self._camera)) and not calls.is_controller(calls.device_of(self._camera))

    def _forget(self) -> None:
        """Give back what nobody waited for."""
        while buffer := self._calls.take_now(self._stream):
            if self._form.trigger == "Software":
                self._number(self._calls.frame_id(buffer))
            self._calls.give(self._stream, buffer)

    def _number(self, frame_id: int) -> int:
        """Pictures so far, the camera's own count of them taken up where it begins again."""
        step = frame_id - self._last_id
        if self._count == 0 or self._form.trigger != "Software":
            step = 1
        elif step < 0 and self._last_id <= LAST_ID:
            step += LAST_ID
        self._count, self._last_id = self._count + step, frame_id
        return self._count

    def _pixels(self, buffer: int) -> NDArray[Any]:
        size = self._calls.height(buffer), self._calls.width(buffer)
        if size != self.sensor.shape:
            raise FrameFault(
                f"the camera {self._form.address} sent {size[1]} x {size[0]} px: another program set it up",
                "frame_size", size=f"{size[1]} x {size[0]}",
            )  # fmt: skip
        try:
            return pixels_of(self._calls.content(buffer), self._form.pixel_format, self.sensor)
        except ValueError as error:
            raise FrameFault(
                f"the camera {self._form.address} sent a picture that is too short: {error}", "not_whole",
                said=f"{error}",
            ) from None  # fmt: skip


class _Saying:
    """Turns the library's error into a fault that says what the camera was asked."""

    def __init__(self, camera: AravisCamera, what: str) -> None:
        self._camera, self._what = camera, what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AravisError):
            self._camera._lost = True
            address = self._camera._form.address
            raise CameraFault(
                f"the camera {address} {self._what}: {error}", "camera_refuses", camera=address, said=f"{error}"
            ) from None
