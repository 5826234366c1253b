"""A code on a label in the field is read by the camera; where there is not one code, a sentence says why."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_stations import STATION, bench, printed, sample_panel

from inspection.frames import Sensor
from samples.label import Label
from samples.paintwork import Panel
from samples.stations import NAMED, Station
from station.capture.lamps.by_hand import HandForm
from station.capture.panel_code import PanelCode, codes_in, look_for_codes, only_code
from station.capture.rig_settings import RigSettings
from station.faults import CodeFault

WIDE = STATION.sized(256)
#: Of a code that must be read, pixels.
MODULE_PX = 2.5


def with_labels(*labels: Label) -> Panel:
    return replace(sample_panel(), labels=labels)


def seen(panel: Panel, station: Station = WIDE, **settings: object) -> tuple[PanelCode, ...]:
    with bench(station, panel) as made:
        return look_for_codes(made.hardware, made.rig.model_copy(update=settings), 0.0)


@pytest.mark.parametrize("turned_deg", [0, 17, -40, 90, 200])
@pytest.mark.parametrize("kind", ["DataMatrix", "QRCode", "Code128"])
def test_a_code_is_read_however_it_lies(kind: str, turned_deg: float) -> None:
    text = "AM-7" if kind == "Code128" else "AM-0007-HOOD"
    label = printed(text, kind, 2.0 * WIDE.mm_per_px if kind == "Code128" else MODULE_PX * WIDE.mm_per_px,
                    x_mm=3.0, y_mm=-2.0, rotation_deg=turned_deg)  # fmt: skip
    found = only_code(seen(with_labels(label)))
    assert found.text == text
    centre = np.mean(found.corners_px, axis=0)
    expected = np.array([(WIDE.width_px - 1) / 2, (WIDE.height_px - 1) / 2]) + np.array([3.0, -2.0]) / WIDE.mm_per_px
    assert np.hypot(*(centre - expected)) < 4 * MODULE_PX


@pytest.mark.parametrize("name", ["A", "C"])
def test_every_station_reads_by_its_screen_alone_and_with_its_own_sensor(name: str) -> None:
    station = NAMED[name].sized(256)
    label = printed("AM-0007-HOOD", "DataMatrix", 3 * station.mm_per_px, rotation_deg=8)
    assert only_code(seen(with_labels(label), station, diffuse=False)).text == "AM-0007-HOOD"


def test_a_mosaic_is_no_hindrance() -> None:
    """What a Bayer sensor sees of it under warm light: red pixels twice as bright as blue ones."""
    picture, sensor = lit(printed("AM-0007", "QRCode", 3 * WIDE.mm_per_px))
    raw = 0.6 * picture
    raw[::2, ::2], raw[1::2, 1::2] = picture[::2, ::2], 0.4 * picture[1::2, 1::2]
    assert only_code(codes_in(raw.astype(np.uint16), replace(sensor, mosaic="RGGB"))).text == "AM-0007"


def lit(label: Label) -> tuple[NDArray[np.float64], Sensor]:
    """A picture of it in diffuse light, one channel."""
    with bench(WIDE, with_labels(label)) as made:
        made.hardware.lamps.light("diffuse")
        made.hardware.camera.expose_for(20)
        return made.hardware.camera.grab().pixels[..., 1].astype(np.float64), made.hardware.camera.sensor


def test_blur_and_noise_are_borne() -> None:
    """Blur of a quarter of a module (sigma) and noise of 5 % of full scale: a label that lies out of focus."""
    picture, sensor = lit(printed("AM-0007", "DataMatrix", 5 * WIDE.mm_per_px, rotation_deg=11))
    noise = np.random.default_rng(0).normal(0, 0.05 * sensor.white_level, picture.shape)
    worse = np.clip(cv2.GaussianBlur(picture, (0, 0), 1.25) + noise, 0, sensor.white_level)
    assert only_code(codes_in(worse.astype(np.uint16), sensor)).text == "AM-0007"


def test_a_lamp_that_a_person_would_have_to_switch_is_not_asked_for() -> None:
    label = printed("AM-0007", "QRCode", 3 * WIDE.mm_per_px)
    with bench(WIDE, with_labels(label)) as made:
        rig: RigSettings = made.rig.model_copy(update={"lamps": HandForm()})
        told: list[str | None] = []
        made.simulation.light = told.append  # type: ignore[method-assign]
        assert only_code(look_for_codes(made.hardware, rig, 0.0)).text == "AM-0007"
    assert set(told) <= {None}


def test_paint_without_a_label_has_no_code() -> None:
    with pytest.raises(CodeFault, match="no code is seen"):
        only_code(seen(sample_panel()))


def test_two_codes_that_differ_are_named_and_the_same_one_twice_is_one() -> None:
    size = MODULE_PX * WIDE.mm_per_px
    first = printed("AM-1", "DataMatrix", size, x_mm=-25)
    with pytest.raises(CodeFault, match=r"different codes lie in the field \(AM-1, AM-2\)") as fault:
        only_code(seen(with_labels(first, printed("AM-2", "QRCode", size, x_mm=25))))
    assert "\n" not in str(fault.value)
    assert only_code(seen(with_labels(first, printed("AM-1", "QRCode", size, x_mm=25)))).text == "AM-1"


def test_a_code_that_is_worn_off_is_found_and_not_guessed() -> None:
    label = printed("AM-0007-HOOD", "QRCode", 3 * WIDE.mm_per_px)
    rows = len(label.ink)
    worn = tuple(
        tuple(ink and not (14 < row < rows - 6 and 14 < column < rows - 6) for column, ink in enumerate(line))
        for row, line in enumerate(label.ink)
    )
    with pytest.raises(CodeFault, match="a QR code lies in the field and cannot be read"):
        only_code(seen(with_labels(Label(worn, label.module_mm))))


def test_nothing_that_no_code_of_a_panel_can_be_is_handed_on() -> None:
    label = printed("two\nlines", "DataMatrix", 3 * WIDE.mm_per_px)
    with pytest.raises(CodeFault, match="cannot be read"):
        only_code(seen(with_labels(label)))
