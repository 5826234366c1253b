"""A Modbus TCP controller on loopback, pymodbus' own simulator, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pymodbus.client import ModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

COILS, REGISTERS = 8, 8


class Controller:
    """What its outputs are now, read over a connection of the test's own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def outputs(self) -> tuple[list[bool], list[int]]:
        """Coils and holding registers."""
        client = ModbusTcpClient("127.0.0.1", port=self.port)
        client.connect()
        coils = client.read_coils(0, count=COILS, device_id=1).bits[:COILS]
        registers = client.read_holding_registers(0, count=REGISTERS, device_id=1).registers
        client.close()
        return coils, registers


@contextmanager
def controller(*, readonly: bool = False) -> Iterator[Controller]:
    """One with `COILS` coils and `REGISTERS` holding registers; a read-only one takes orders and does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    loop = asyncio.new_event_loop()
    coils = SimData(0, count=COILS, values=False, datatype=DataType.BITS, readonly=readonly)
    registers = SimData(0, count=REGISTERS, values=0, datatype=DataType.REGISTERS, readonly=readonly)
    device = SimDevice(1, simdata=([coils], [coils], [registers], [registers]))
    up = threading.Event()
    servers: list[ModbusTcpServer] = []

    async def serve() -> None:
        servers.append(ModbusTcpServer(device, address=("127.0.0.1", port)))
        await servers[0].serve_forever(background=True)
        up.set()

    beginning = loop.create_task(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    assert up.wait(10), beginning
    try:
        yield Controller(port)
    finally:
        asyncio.run_coroutine_threadsafe(servers[0].shutdown(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
