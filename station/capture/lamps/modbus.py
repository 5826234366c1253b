"""Lamps behind a controller that speaks Modbus TCP: a PLC, a remote output, a strobe controller."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from station.capture.form import UNSTRICT, Form, Name
from station.capture.lamp import Lamps, LampsForm
from station.capture.surroundings import Surroundings
from station.faults import LampFault

if TYPE_CHECKING:
    from pymodbus.client import ModbusTcpClient


class Channel(Form):
    """One lamp: the coil that switches it, or the holding register and the value that make it as bright as it shall be.

    Addresses count from 0, as they stand on the wire.
    """

    lamp: Name
    coil: Annotated[int, Field(ge=0, le=65535)] | None = None
    holding_register: Annotated[int, Field(ge=0, le=65535)] | None = None
    value: Annotated[int, Field(ge=1, le=65535)] = 1

    @model_validator(mode="after")
    def _one_way(self) -> Channel:
        if (self.coil is None) == (self.holding_register is None):
            raise ValueError("expected either coil or holding_register")
        return self


class ModbusForm(LampsForm):
    """A controller and what hangs on its outputs.

    Attributes
    ----------
    steady_ms : float
        From switching to steady light: LEDs in a few ms, other lamps longer.
    timeout_s : float
        How long the controller may take to answer.
    """

    kind: Literal["modbus"] = "modbus"
    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    device_id: Annotated[int, Field(ge=0, le=255)] = 1
    channels: Annotated[tuple[Channel, ...], UNSTRICT, Field(min_length=1, max_length=64)]
    steady_ms: Annotated[float, Field(ge=0, le=60_000)] = 20.0
    timeout_s: Annotated[float, Field(ge=0.05, le=60)] = 1.0

    @model_validator(mode="after")
    def _each_once(self) -> ModbusForm:
        lamps = [channel.lamp for channel in self.channels]
        outputs = [(channel.coil, channel.holding_register) for channel in self.channels]
        if len(set(lamps)) < len(lamps) or len(set(outputs)) < len(outputs):
            raise ValueError("channels: every lamp needs a name and an output of its own")
        return self

    def open(self, names: tuple[str, ...], around: Surroundings) -> Lamps:
        """Connect, and switch all off."""
        missing = [name for name in names if name not in {channel.lamp for channel in self.channels}]
        if missing:
            raise LampFault(f'capture.lamps.channels: there is none for the lamp "{missing[0]}"', "settings")
        lamps = ModbusLamps(self)
        try:
            lamps.ready()
        except LampFault:
            lamps.disconnect()
            raise
        return lamps


class ModbusLamps:
    """See `station.capture.lamp.Lamps`. What was written is read back: a controller may accept and not do."""

    def __init__(self, form: ModbusForm) -> None:
        try:
            from pymodbus.client import ModbusTcpClient
        except ImportError:
            raise LampFault(
                "capture.lamps.kind: Modbus needs the package pymodbus: pip install 'paint-station[modbus]'",
                "package",
                package="pymodbus",
            ) from None
        self._form = form
        self._client: ModbusTcpClient = ModbusTcpClient(form.host, port=form.port, timeout=form.timeout_s, retries=1)

    def ready(self) -> None:
        """See `Lamps`: connected, and all off."""
        if not self._client.connected and not self._client.connect():
            raise LampFault(
                f"the lamp controller {self._form.host}:{self._form.port} does not answer: is it on and connected?",
                "lamps_silent", controller=f"{self._form.host}:{self._form.port}",
            )  # fmt: skip
        self.light(None)

    def light(self, lamp: str | None) -> None:
        """See `Lamps`. Others are switched off first, so that never two are lit."""
        lit = [channel for channel in self._form.channels if channel.lamp == lamp]
        if lamp is not None and not lit:
            raise LampFault(f'the lamp controller has no lamp "{lamp}"', "settings")
        for channel in self._form.channels:
            if channel.lamp != lamp:
                self._set(channel, on=False)
        for channel in lit:
            self._set(channel, on=True)
        time.sleep(self._form.steady_ms / 1000)

    def close(self) -> None:
        """See `Lamps`."""
        if self._client.connected:
            try:
                self.light(None)
            finally:
                self.disconnect()

    def disconnect(self) -> None:
        """Leave the lamps as they are."""
        self._client.close()

    def _set(self, channel: Channel, *, on: bool) -> None:
        from pymodbus import ModbusException

        device, value = self._form.device_id, channel.value if on else 0
        try:
            if channel.coil is not None:
                done = self._client.write_coil(channel.coil, on, device_id=device)
                seen = self._client.read_coils(channel.coil, count=1, device_id=device)
                same = not seen.isError() and seen.bits[0] is on
            else:
                assert channel.holding_register is not None
                done = self._client.write_register(channel.holding_register, value, device_id=device)
                seen = self._client.read_holding_registers(channel.holding_register, count=1, device_id=device)
                same = not seen.isError() and seen.registers[0] == value
        except ModbusException as error:
            self._client.close()
            raise LampFault(
                f"the lamp controller {self._form.host}:{self._form.port} does not answer any more: is it on and "
                "connected?",
                "lamps_silent", controller=f"{self._form.host}:{self._form.port}",
            ) from error  # fmt: skip
        if done.isError() or not same:
            raise LampFault(
                f'the lamp controller {self._form.host} does not switch the lamp "{channel.lamp}" '
                f"{'on' if on else 'off'}: is its output the one that the settings say?",
                "lamp_stays" if on else "lamp_stays_on", lamp=channel.lamp,
            )  # fmt: skip
