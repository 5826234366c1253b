"""The hardware as the line holds it: opened when it is first needed, given back when something went wrong."""

from __future__ import annotations

from contextlib import ExitStack

from station.capture.hardware import Hardware, open_hardware
from station.capture.latency import measure_latency
from station.capture.rig_settings import RigSettings
from station.capture.surroundings import Surroundings
from station.faults import StationFault
from station.log import warning


class Holding:
    """Camera, screen and lamps for the one thread that owns them."""

    def __init__(self, rig: RigSettings, around: Surroundings) -> None:
        self._rig, self._around = rig, around
        self._opened = ExitStack()
        self._hardware: Hardware | None = None
        self._settle_ms = rig.settle_ms

    def ready(self) -> Hardware:
        """The hardware, opened where it is not."""
        if self._hardware is None:
            self._hardware = self._opened.enter_context(open_hardware(self._rig, self._around))
        return self._hardware

    def settled_ms(self, hardware: Hardware) -> float:
        """How long the screen takes: from the settings, or as the camera saw it once."""
        if self._settle_ms is None:
            self._settle_ms = measure_latency(hardware).settle_ms
        return self._settle_ms

    def let_go(self) -> None:
        """Close the hardware; the next command opens it anew."""
        self._hardware = None
        opened, self._opened = self._opened, ExitStack()
        try:
            opened.close()
        except StationFault as fault:
            warning(f"while the hardware was given back: {fault}")
