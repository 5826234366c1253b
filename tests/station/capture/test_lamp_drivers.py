"""Lamps: by a program over Modbus TCP, by a person's hand, and made up."""

from __future__ import annotations

import socket

import pytest
from lamp_controller import controller
from sample_stations import bench

from station.capture.lamps.by_hand import HandForm
from station.capture.lamps.modbus import ModbusForm
from station.capture.surroundings import Surroundings
from station.faults import LampFault

CHANNELS = [
    {"lamp": "diffuse", "coil": 2},
    {"lamp": "left", "coil": 0},
    {"lamp": "right", "holding_register": 3, "value": 750},
]


def form(port: int, **changed: object) -> ModbusForm:
    known = {"host": "127.0.0.1", "port": port, "channels": CHANNELS, "steady_ms": 0.0, "timeout_s": 0.5}
    return ModbusForm.model_validate(known | changed)


def test_one_lamp_is_lit_at_a_time_and_none_in_the_end() -> None:
    with controller() as made:
        lamps = form(made.port).open(("diffuse", "right"), Surroundings())
        lit = []
        for lamp in ("diffuse", "right", "left", None):
            lamps.light(lamp)
            coils, registers = made.outputs()
            lit.append(([i for i, on in enumerate(coils) if on], {i: v for i, v in enumerate(registers) if v}))
        assert lit == [([2], {}), ([], {3: 750}), ([0], {}), ([], {})]
        lamps.light("right")
        lamps.close()
        lamps.close()
        assert made.outputs() == ([False] * 8, [0] * 8)


def test_a_controller_that_goes_is_said_and_found_again() -> None:
    with controller() as made:
        lamps = form(made.port).open(("left",), Surroundings())
    with pytest.raises(LampFault, match="does not answer") as fault:
        lamps.light("left")
    assert "\n" not in str(fault.value)
    with pytest.raises(LampFault, match="is it on and connected"):
        lamps.ready()
    lamps.close()


def test_a_controller_that_does_not_do_what_it_is_told_is_said() -> None:
    with controller(readonly=True) as made, pytest.raises(LampFault, match='does not switch the lamp "right"'):
        form(made.port).open(("left",), Surroundings())


def test_a_controller_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(LampFault, match=f"127.0.0.1:{port} does not answer"):
        form(port).open((), Surroundings())


def test_a_lamp_of_the_rig_that_hangs_on_no_output_is_said_before_anything_is_switched() -> None:
    with pytest.raises(LampFault, match='none for the lamp "top"'):
        form(1).open(("left", "top"), Surroundings())


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        ([{"lamp": "a"}], "either coil or holding_register"),
        ([{"lamp": "a", "coil": 1, "holding_register": 1}], "either coil or holding_register"),
        ([{"lamp": "a", "coil": 1}, {"lamp": "a", "coil": 2}], "an output of its own"),
        ([{"lamp": "a", "coil": 1}, {"lamp": "b", "coil": 1}], "an output of its own"),
    ],
)
def test_channels_that_make_no_sense_are_refused(channels: list[dict[str, object]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        form(1, channels=channels)


def test_a_person_is_asked_for_a_lamp_once_and_only_where_it_changes() -> None:
    asked: list[str | None] = []
    lamps = HandForm().open(("diffuse",), Surroundings(ask=asked.append))
    for lamp in (None, "diffuse", "diffuse", None):
        lamps.light(lamp)
    assert asked == ["diffuse", None]


def test_lamps_that_nobody_can_be_asked_for_are_refused() -> None:
    with pytest.raises(LampFault, match="nobody can be asked"):
        HandForm().open(("diffuse",), Surroundings())
    lamps = HandForm().open((), Surroundings())
    lamps.ready()
    lamps.light(None)
    lamps.close()


def test_the_lamps_of_the_simulated_station_light_the_panel() -> None:
    with bench() as made:
        camera, lamps = made.hardware.camera, made.hardware.lamps
        dark = camera.grab().pixels.mean()
        lamps.light("diffuse")
        assert camera.grab().pixels.mean() >= dark
        with pytest.raises(LampFault, match='no lamp "spot_000"'):
            made.rig.lamps.open(("spot_000",), Surroundings(made.simulation))
