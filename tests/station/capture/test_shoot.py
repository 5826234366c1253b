"""The loop from shots to frames: whole or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_stations import STATION, Bench, bench, plain_recipe, sample_panel

from inspection.frames import Frame, Frames, Role
from inspection.fringes import encode
from inspection.noise import noise_of
from samples.live import Tile
from station.capture.averaging import averaged, refuse_coarse
from station.capture.camera import Picture
from station.capture.exposures import Exposures
from station.capture.hardware import Hardware
from station.capture.shoot import Progress, shoot
from station.capture.shots import Shot, shots_of, tile_shots
from station.capture.taking import Subject, capture_set_of
from station.capture_set import read_capture_set, write_capture_set
from station.faults import CameraFault, CaptureStopped, FrameFault, ScreenFault

WHEN = "2026-11-22T09:30:00+08:00"


@pytest.fixture
def ready() -> Iterator[Bench]:
    with bench(placed=sample_panel()) as made:
        yield made


def take(made: Bench, hardware: Hardware | None = None, **changed: Any) -> tuple[Frame, ...]:
    known: dict[str, Any] = {
        "exposure": made.rig.exposure, "exposures": Exposures.empty(), "recipe": "plain", "settle_ms": 0.0,
    }  # fmt: skip
    shots: tuple[Shot, ...] = changed.pop("shots", shots_of(plain_recipe(), made.rig))
    return shoot(shots, hardware or made.hardware, **known | changed)


class Faulty:
    """A camera of whose pictures one is not what it should be."""

    def __init__(self, made: Bench, at: int, spoil: Callable[[Picture, Picture | None], Picture]) -> None:
        self._camera, self._at, self._spoil = made.hardware.camera, at, spoil
        self._count, self._before = 0, None
        self.hardware = replace(made.hardware, camera=self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._camera, name)

    def grab(self) -> Picture:
        picture = self._camera.grab()
        self._count += 1
        if self._count == self._at:
            picture = self._spoil(picture, self._before)
        self._before = picture
        return picture


def doubled(picture: Picture, before: Picture | None) -> Picture:
    assert before is not None
    return before


def doubled_under_a_new_number(picture: Picture, before: Picture | None) -> Picture:
    assert before is not None
    return replace(before, number=picture.number, pixels=before.pixels.copy())


def dropped(picture: Picture, before: Picture | None) -> Picture:
    return replace(picture, number=picture.number + 1)


def cut(picture: Picture, before: Picture | None) -> Picture:
    return replace(picture, pixels=picture.pixels[:-1])


def glaring(picture: Picture, before: Picture | None) -> Picture:
    return replace(picture, pixels=np.full_like(picture.pixels, 65520))


def torn(picture: Picture, before: Picture | None) -> Picture:
    assert before is not None
    pixels = picture.pixels.copy()
    pixels[40:] = before.pixels[40:]
    return replace(picture, pixels=pixels)


def of_the_pattern_before(picture: Picture, before: Picture | None) -> Picture:
    """Its noise is another one: the screen was late."""
    assert before is not None
    noise = np.random.default_rng(1).normal(0, 30, before.pixels.shape)
    return replace(picture, pixels=np.clip(before.pixels + noise, 0, 65519).astype(np.uint16))


def test_the_frames_of_a_capture_are_a_set_that_can_be_measured_and_read_back(ready: Bench, tmp_path: Path) -> None:
    frames = capture_set_of(
        take(ready), Subject(2, panel="P", recipe="plain"), ready.rig, ready.hardware.camera.sensor, captured_at=WHEN
    )
    assert {key: len(steps) for key, steps in frames.fringe_series().items()} == {
        (axis, period): 4 for axis in "xy" for period in (48.0, 12.0)
    }
    assert frames.simulated
    assert (frames.station, frames.pass_number, frames.captured_at) == ("B", 2, WHEN)
    write_capture_set(frames, tmp_path / "set", image_format="tiff")
    again = read_capture_set(tmp_path / "set")
    assert again.sha256 == frames.sha256
    assert again.geometry == frames.geometry


def test_frames_are_exposed_for_their_light_and_all_of_a_group_alike(ready: Bench) -> None:
    frames = take(ready)
    sensor = ready.hardware.camera.sensor
    for group in {frame.group for frame in frames}:
        assert len({frame.exposure_ms for frame in frames if frame.group == group}) == 1
    for frame in frames:
        if frame.role in (Role.WHITE, Role.DIFFUSE):
            light = (np.quantile(frame.pixels, 0.998) - sensor.black_level) / (sensor.white_level - sensor.black_level)
            assert 0.45 < light < 0.95


def test_exposures_are_remembered_by_recipe_and_save_pictures(ready: Bench, tmp_path: Path) -> None:
    """The second capture finds them in the file, and wastes no picture."""
    file = tmp_path / "exposures.json"
    file.write_text('{"plain": {"screen": 0.5, "diffuse": 0.5}, "other": {"screen": 0.5}}')
    counting = Faulty(ready, 0, doubled)
    take(ready, counting.hardware, exposures=Exposures.read(file))
    first = counting._count
    frames = take(ready, counting.hardware, exposures=Exposures.read(file))
    assert counting._count - first == len(frames) < first
    kept = Exposures.read(file).kept
    assert {group: ms for (recipe, group), ms in kept.items() if recipe == "plain"} == {
        frame.group: frame.exposure_ms for frame in frames
    }
    assert kept["other", "screen"] == 0.5


def test_a_file_of_exposures_that_is_damaged_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "exposures.json"
    file.write_text('{"plain": {"screen": -3, "diffuse": 20}}')
    assert Exposures.read(file).kept == {("plain", "diffuse"): 20.0}
    file.write_text("[1, 2")
    assert Exposures.read(file).kept == {}


def test_a_capture_is_whole_although_its_exposures_cannot_be_written(
    ready: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames = take(ready, exposures=Exposures.read(tmp_path / "gone" / "exposures.json"))
    assert len(frames) == len(shots_of(plain_recipe(), ready.rig))
    assert "exposures are not remembered" in caplog.text


def test_a_white_tile_is_exposed_shorter_than_it_was_remembered(ready: Bench) -> None:
    """Saturated frames only say that they are too bright."""
    ready.table.placed = Tile(0.98)
    exposures = Exposures({("plain", "diffuse"): 2000.0})
    frame, dark = take(ready, shots=tile_shots(ready.rig), exposures=exposures)
    assert frame.exposure_ms < 10
    assert np.mean(frame.pixels >= 65520) < 0.01
    assert dark.exposure_ms == frame.exposure_ms


def test_a_fixed_exposure_is_kept(ready: Bench) -> None:
    rig = ready.rig.model_copy(update={"exposure": ready.rig.exposure.model_copy(update={"screen_ms": 7.5})})
    frames = take(ready, shots=shots_of(plain_recipe(), rig))
    assert {frame.exposure_ms for frame in frames if frame.group == "screen"} == {7.5}


def test_the_screen_shows_each_pattern_where_the_decoder_expects_it(ready: Bench) -> None:
    """What the camera sees follows `encode` of the next frames: the greys are not turned or shifted."""
    seen = []
    screen = ready.hardware.screen

    class Watched:
        width_px, height_px, ready = screen.width_px, screen.height_px, screen.ready

        def show(self, picture: Any) -> None:
            seen.append(picture.over(self.width_px, self.height_px))
            screen.show(picture)

    take(ready, replace(ready.hardware, screen=Watched()))  # type: ignore[arg-type]
    place = ready.rig.screen_place
    u = (np.arange(screen.width_px) + 0.5) * place.width_mm / screen.width_px - place.width_mm / 2
    wanted = np.round(255 * encode(u, 48.0, 1, 4))
    assert any(np.array_equal(picture[100], wanted) for picture in seen)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (doubled, "a second time"),
        (doubled_under_a_new_number, "a second time"),
        (dropped, "1 picture.* lost"),
        (cut, "instead of 64 x 64 px"),
        (glaring, "saturated"),
        (torn, "in part of the picture"),
        (of_the_pattern_before, "shown late"),
    ],
)
def test_a_frame_that_may_not_count_spoils_the_capture_and_the_next_one_works(
    ready: Bench, spoil: Callable[[Picture, Picture | None], Picture], words: str
) -> None:
    told: list[Progress] = []
    faulty = Faulty(ready, 12, spoil)
    with pytest.raises(FrameFault, match=words) as fault:
        take(ready, faulty.hardware, on_frame=told.append)
    assert "\n" not in str(fault.value)
    assert len(told) < len(shots_of(plain_recipe(), ready.rig))
    assert len(take(ready, faulty.hardware)) == len(shots_of(plain_recipe(), ready.rig))


def test_a_camera_that_dies_or_a_screen_that_goes_leaves_no_capture_and_no_lamp_lit(ready: Bench) -> None:
    def dies(picture: Picture, before: Picture | None) -> Picture:
        raise CameraFault("the camera is gone")

    lit: list[str | None] = []
    lamps = ready.hardware.lamps

    class Watched:
        ready, close = lamps.ready, lamps.close

        def light(self, lamp: str | None) -> None:
            lit.append(lamp)
            lamps.light(lamp)

    faulty = Faulty(ready, 20, dies)
    exposures = Exposures.empty()
    with pytest.raises(CameraFault, match="gone"):
        take(ready, replace(faulty.hardware, lamps=Watched()), exposures=exposures)  # type: ignore[arg-type]
    assert lit == ["diffuse", None]
    assert exposures.kept == {}

    class Gone:
        def __getattr__(self, name: str) -> Any:
            return getattr(ready.hardware.screen, name)

        def show(self, picture: Any) -> None:
            raise ScreenFault("the screen page is gone")

    with pytest.raises(ScreenFault, match="gone"):
        take(ready, replace(ready.hardware, screen=Gone()))  # type: ignore[arg-type]
    assert len(take(ready)) > 0


def test_a_person_can_stop_a_capture_between_two_pictures(ready: Bench) -> None:
    told: list[Progress] = []
    with pytest.raises(CaptureStopped):
        take(ready, on_frame=told.append, stopped=lambda: len(told) >= 3)
    assert len(told) == 3


def test_frames_are_handed_over_as_they_come(ready: Bench) -> None:
    told: list[Progress] = []
    frames = take(ready, on_frame=told.append)
    assert tuple(one.frame for one in told) == frames
    assert [one.done for one in told] == list(range(1, len(frames) + 1))
    assert {one.total for one in told} == {len(frames)}


def test_a_bayer_camera_keeps_its_mosaic(tmp_path: Path) -> None:
    with bench(replace(STATION, mosaic="RGGB"), sample_panel()) as made:
        frames: Frames = capture_set_of(take(made), Subject(1), made.rig, made.hardware.camera.sensor, captured_at=WHEN)
    assert {frame.pixels.ndim for frame in frames.frames} == {2}
    assert frames.sensor.mosaic == "RGGB"
    write_capture_set(frames, tmp_path, image_format="tiff")
    assert read_capture_set(tmp_path).sha256 == frames.sha256


def test_pictures_of_a_shot_are_averaged_and_the_noise_falls_as_is_said(ready: Bench) -> None:
    """Noise of the difference of two captures: its variance is the sum of both, so a quarter where each has four."""
    noise, stated = {}, {}
    for pictures in (1, 4):
        exposure = ready.rig.exposure.model_copy(update={"pictures": pictures, "screen_ms": 8.0})
        rig = ready.rig.model_copy(update={"exposure": exposure, "diffuse": False})
        shots = shots_of(plain_recipe(), rig)
        one, two = (take(ready, exposure=exposure, shots=shots) for _ in range(2))
        frames = capture_set_of(one, Subject(1), rig, ready.hardware.camera.sensor, captured_at=WHEN)
        assert frames.sensor.frames_averaged == pictures
        whites = [next(frame for frame in some if frame.role is Role.WHITE) for some in (one, two)]
        light = [(frame.pixels - 1024.0) / (frames.sensor.white_level - 1024.0) for frame in whites]
        noise[pictures] = float(np.var(light[0] - light[1])) / 2
        stated[pictures] = float(np.mean(noise_of(frames).variance(light[0])))
    # Of 4096 pixels: the standard deviation of a variance is 2.2 %, of a ratio of two 3.1 %.
    assert noise[1] / noise[4] == pytest.approx(4, rel=0.125)
    for pictures in (1, 4):
        assert noise[pictures] == pytest.approx(stated[pictures], rel=0.09)


def test_a_pixel_that_is_full_in_one_picture_is_full_in_the_mean(ready: Bench) -> None:
    sensor = ready.hardware.camera.sensor
    first, second = np.full((2, 2), 30001, np.uint16), np.full((2, 2), 30002, np.uint16)
    second[0, 0] = 65520
    mean = averaged([first, second], sensor)
    assert mean.tolist() == [[65535, 30002], [30002, 30002]]
    assert averaged([first], sensor) is first


def test_eight_bits_are_not_averaged(ready: Bench) -> None:
    with pytest.raises(CameraFault, match=r"capture\.exposure\.pictures: averaging needs 16 bits"):
        refuse_coarse(replace(ready.hardware.camera.sensor, bit_depth=8), 2)
