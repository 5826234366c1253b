"""The functions of libaravis that the driver calls: GigE Vision and USB3 Vision, through ctypes.

Reference: Aravis 0.8 API (https://aravisproject.github.io/docs/aravis-0.8).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

from station.faults import CameraFault

LIBRARY = "libaravis-0.8.so.0"
PACKAGE = "libaravis-0.8-0"
#: `ArvBufferStatus`.
SUCCESS = 0
STATUS_WORDS = {
    1: "it was cleared",
    2: "parts of it were lost on the network and did not come in time",
    3: "packets of it were lost on the network",
    4: "packets of it came in a wrong order",
    5: "it has another size than was agreed",
    6: "it was not filled to its end",
    7: "it was broken off",
    8: "it is of a kind that is not understood",
}
#: `ArvGvStreamPacketResend`.
RESEND_NEVER, RESEND_ALWAYS = 0, 1
#: `ArvAuto` and `ArvAcquisitionMode`.
AUTO_OFF, CONTINUOUS = 0, 0


class _Error(ctypes.Structure):
    """`GError`."""

    _fields_ = (("domain", c_uint32), ("code", c_int), ("message", c_char_p))


class AravisError(Exception):
    """What the library says is wrong."""


class AravisCalls:
    """The library, once loaded. A call that fails raises `AravisError` with the library's words."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(LIBRARY)
            gobject = ctypes.CDLL("libgobject-2.0.so.0")
            glib = ctypes.CDLL("libglib-2.0.so.0")
        except OSError:
            raise CameraFault(
                f"capture.camera.kind: GigE Vision and USB3 Vision need the system package {PACKAGE}: "
                f"apt-get install {PACKAGE}",
                "package", package=PACKAGE,
            ) from None  # fmt: skip
        self._free_error = glib.g_error_free
        self._free_error.argtypes, self._free_error.restype = [c_void_p], None
        self.unref = gobject.g_object_unref
        self.unref.argtypes, self.unref.restype = [c_void_p], None
        self._set_property = gobject.g_object_set
        self._set_property.argtypes, self._set_property.restype = [c_void_p, c_char_p, c_int, c_void_p], None
        text, whole, real, place = c_char_p, c_int, c_double, c_void_p
        told = self._told
        self.camera_new = told("camera_new", place, text)
        self.device_of = self._plain("camera_get_device", place, place)
        self.is_gige = self._plain("camera_is_gv_device", whole, place)
        self.is_controller = self._plain("gv_device_is_controller", whole, place)
        self.set_features = told("device_set_features_from_string", whole, place, text)
        self._sensor_size = told("camera_get_sensor_size", None, place, POINTER(c_int), POINTER(c_int))
        self.set_region = told("camera_set_region", None, place, whole, whole, whole, whole)
        self.set_pixel_format = told("camera_set_pixel_format_from_string", None, place, text)
        self.has_auto_exposure = told("camera_is_exposure_auto_available", whole, place)
        self.set_auto_exposure = told("camera_set_exposure_time_auto", None, place, whole)
        self.has_auto_gain = told("camera_is_gain_auto_available", whole, place)
        self.set_auto_gain = told("camera_set_gain_auto", None, place, whole)
        self.set_gain = told("camera_set_gain", None, place, real)
        self.set_exposure_us = told("camera_set_exposure_time", None, place, real)
        self.exposure_us = told("camera_get_exposure_time", real, place)
        self._exposure_bounds = told("camera_get_exposure_time_bounds", None, place, POINTER(real), POINTER(real))
        self.set_mode = told("camera_set_acquisition_mode", None, place, whole)
        self.set_trigger = told("camera_set_trigger", None, place, text)
        self.trigger = told("camera_software_trigger", None, place)
        self.set_packet_size = told("camera_gv_set_packet_size", None, place, whole)
        self.start = told("camera_start_acquisition", None, place)
        self.stop = told("camera_stop_acquisition", None, place)
        self.payload = told("camera_get_payload", ctypes.c_uint, place)
        self.stream_new = told("camera_create_stream", place, place, place, place)
        self.buffer_new = self._plain("buffer_new_allocate", place, c_size_t)
        self.give = self._plain("stream_push_buffer", None, place, place)
        self.take = self._plain("stream_timeout_pop_buffer", place, place, c_uint64)
        self.take_now = self._plain("stream_try_pop_buffer", place, place)
        self.status = self._plain("buffer_get_status", whole, place)
        self.frame_id = self._plain("buffer_get_frame_id", c_uint64, place)
        self.width = self._plain("buffer_get_image_width", whole, place)
        self.height = self._plain("buffer_get_image_height", whole, place)
        self._data = self._plain("buffer_get_data", place, place, POINTER(c_size_t))

    def set_property(self, thing: int, name: str, value: int) -> None:
        """Set a whole-number property of an object."""
        self._set_property(thing, name.encode(), value, None)

    def sensor_size(self, camera: int) -> tuple[int, int]:
        """Width and height of the whole sensor."""
        width, height = c_int(), c_int()
        self._sensor_size(camera, byref(width), byref(height))
        return width.value, height.value

    def exposure_bounds_us(self, camera: int) -> tuple[float, float]:
        """Shortest and longest exposure."""
        low, high = c_double(), c_double()
        self._exposure_bounds(camera, byref(low), byref(high))
        return low.value, high.value

    def content(self, buffer: int) -> bytes:
        """A copy of what came."""
        size = c_size_t()
        return ctypes.string_at(self._data(buffer, byref(size)), size.value)

    def _plain(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        function = getattr(self._library, f"arv_{name}")
        function.restype, function.argtypes = result, list(arguments)
        return function

    def _told(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        """A function whose last argument is where it writes its error."""
        function = self._plain(name, result, *arguments, POINTER(POINTER(_Error)))

        def call(*given: Any) -> Any:
            error = POINTER(_Error)()
            answer = function(*given, byref(error))
            if error:
                words = (error.contents.message or b"").decode(errors="replace")
                self._free_error(ctypes.cast(error, c_void_p))
                raise AravisError(words)
            return answer

        return call
