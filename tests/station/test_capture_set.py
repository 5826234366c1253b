"""What is written as a capture set is read back as it was, in every format that is allowed."""

from __future__ import annotations

import math
import struct
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_sets import COLS, MM_PER_PX, ROWS, edit_manifest, good_frames, pixels, write_good_set, zip_of

from inspection.frames import Conditions, Frame, Frames, Role
from samples.scene import render_reference
from samples.stations import NAMED
from station.capture_set import encode_frame, encode_png, picture_of, read_capture_set, write_capture_set, write_map


def same(one: Frames, other: Frames) -> None:
    """Assert that two sets are equal but for the hash and the suffix of the file names."""
    for a, b in zip(one.frames, other.frames, strict=True):
        assert a.pixels.dtype == b.pixels.dtype
        np.testing.assert_array_equal(a.pixels, b.pixels)
        stem = a.file.rsplit(".", 1)[0]
        assert asdict(replace(a, pixels=None, file=stem)) == asdict(  # type: ignore[arg-type]
            replace(b, pixels=None, file=b.file.rsplit(".", 1)[0])  # type: ignore[arg-type]
        )
    assert asdict(replace(one, frames=(), sha256="")) == asdict(replace(other, frames=(), sha256=""))


texts = st.one_of(st.none(), st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20))
numbers = st.floats(-1e6, 1e6, width=64)


@st.composite
def capture_sets(draw: st.DrawFn) -> Frames:
    """Sets of any depth, step count, labels and conditions."""
    bits = draw(st.sampled_from((8, 16)))
    dtype = np.uint8 if bits == 8 else np.uint16
    steps = draw(st.integers(3, 6))
    mosaic = draw(st.sampled_from((None, "RGGB", "GBRG")))
    colour = 1 if mosaic else 3
    exposures = st.floats(1e-3, 1e4)
    frames = [
        Frame(
            f"{axis}_{step}.png",
            Role.FRINGE,
            pixels(step, 1, dtype),
            draw(exposures),
            "screen",
            axis,
            draw(st.floats(0.5, 100.0)) if step == 0 else 0.0,
            step,
            steps,
            draw(numbers),
        )
        for axis in ("x", "y")
        for step in range(steps)
    ]
    periods = {axis: next(f.period_mm for f in frames if f.axis == axis) for axis in ("x", "y")}
    frames = [replace(f, period_mm=periods[f.axis or "x"]) for f in frames]
    frames.append(Frame("d.png", Role.DIFFUSE, pixels(20, colour, dtype), draw(exposures), "diffuse"))
    frames.append(
        Frame(
            "t.png",
            Role.DIFFUSE_REF,
            pixels(21, colour, dtype),
            draw(exposures),
            "tile",
            reflectance=draw(st.floats(0.01, 1.2)),
        )
    )
    top = 2**bits - 1
    good = good_frames()
    return replace(
        good,
        frames=tuple(frames),
        sensor=replace(
            good.sensor,
            bit_depth=bits,
            black_level=float(draw(st.integers(0, 10))),
            mosaic=mosaic,
            white_level=float(top - draw(st.integers(0, 20))),
            adc_bits=draw(st.integers(1, bits)),
            frames_averaged=draw(st.integers(1, 64)),
            electrons_full_scale=None,
            read_noise_e=None,
        ),
        panel=draw(texts),
        part=draw(texts),
        recipe=draw(texts),
        view=draw(texts),
        operator=draw(texts),
        coat_number=draw(st.integers(1, 9)),
        pass_number=draw(st.integers(0, 9)),
        captured_at=draw(
            st.one_of(
                st.none(),
                st.datetimes(timezones=st.timezones())
                .filter(lambda t: 1971 < t.year < 2199)
                .map(lambda t: t.isoformat()),
            )
        ),
        simulated=draw(st.booleans()),
        reference_set=draw(st.booleans()),
        glass_n=draw(st.floats(1.3, 2.0)),
        conditions=Conditions(
            draw(st.sampled_from((None, True, False))),
            draw(st.one_of(st.none(), st.floats(-20, 60))),
            draw(st.dictionaries(st.sampled_from("ABC"), st.floats(0, 300))),
        ),
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(frames=capture_sets(), image_format=st.sampled_from(("png", "tiff")))
def test_reading_gives_what_was_written(
    frames: Frames, image_format: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("set")
    write_capture_set(frames, folder, image_format=image_format)
    same(read_capture_set(folder), frames)


def test_folder_and_zip_of_it_are_the_same_set(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    as_folder = read_capture_set(folder)
    at_top = read_capture_set(zip_of(folder, tmp_path / "a.zip"))
    in_one_folder = read_capture_set(zip_of(folder, tmp_path / "b.zip", "pass 3/"))
    assert as_folder.sha256 == at_top.sha256 == in_one_folder.sha256
    same(as_folder, at_top)


@pytest.mark.parametrize("file", ["capture.json", "white.png", "diffuse_dark.png"])
def test_hash_knows_every_byte_that_is_named(file: str, tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    before = read_capture_set(folder).sha256
    if file == "capture.json":
        edit_manifest(folder, lambda tree: tree.update(part="door"))
    else:
        (folder / file).write_bytes(encode_png(pixels(99, 3 if "diffuse" in file else 1)))
    (folder / "notes.txt").write_text("not part of the set")
    assert read_capture_set(folder).sha256 != before


def test_a_file_nobody_names_changes_nothing(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    before = read_capture_set(folder).sha256
    (folder / "truth.json").write_text("{}")
    assert read_capture_set(folder).sha256 == before


def test_colours_come_out_as_red_green_blue(tmp_path: Path) -> None:
    """A PNG written byte by byte by the specification's order, not by our own encoder."""
    folder = write_good_set(tmp_path / "good")
    red = np.zeros((ROWS, COLS, 3), np.uint16)
    red[..., 0], red[..., 1], red[..., 2] = 30000, 2000, 100
    done, encoded = cv2.imencode(".png", red[..., ::-1])  # OpenCV's order is blue, green, red
    assert done
    (folder / "diffuse.png").write_bytes(encoded.tobytes())
    (diffuse,) = read_capture_set(folder).with_role(Role.DIFFUSE)
    assert diffuse.pixels[3, 5].tolist() == [30000, 2000, 100]


def _tiff(array: Any, compression: int) -> bytes:
    swapped = array[..., ::-1] if array.ndim == 3 else array
    done, encoded = cv2.imencode(".tif", swapped, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
    assert done
    return encoded.tobytes()


def _big_endian(array: Any) -> bytes:
    """A grey TIFF in Motorola order, two strips, laid out by hand after TIFF 6.0."""
    half = array[: ROWS // 2].nbytes
    entries = [
        (256, 4, 1, COLS),
        (257, 4, 1, ROWS),
        (258, 3, 1, 16 << 16),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, 1 << 16),
        (273, 4, 2, 134),
        (277, 3, 1, 1 << 16),
        (278, 4, 1, ROWS // 2),
        (279, 4, 2, 142),
        (284, 3, 1, 1 << 16),
    ]
    head = struct.pack(">2sHIH", b"MM", 42, 8, len(entries)) + b"".join(struct.pack(">HHII", *e) for e in entries)
    tables = struct.pack(">IIIII", 0, 150, 150 + half, half, half)
    return head + tables + array.astype(">u2").tobytes()


@pytest.mark.parametrize("compression", [1, 5, 8, 32773], ids=["none", "lzw", "deflate", "packbits"])
def test_tiff_of_other_writers_is_read(compression: int, tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    grey, colour = pixels(50), pixels(51, 3)
    (folder / "white.png").write_bytes(_tiff(grey, compression))
    (folder / "diffuse.png").write_bytes(_tiff(colour, compression))
    frames = read_capture_set(folder)
    np.testing.assert_array_equal(frames.with_role(Role.WHITE)[0].pixels, grey)
    np.testing.assert_array_equal(frames.with_role(Role.DIFFUSE)[0].pixels, colour)


def test_big_endian_tiff_is_read(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    (folder / "white.png").write_bytes(_big_endian(pixels(52)))
    white = read_capture_set(folder).with_role(Role.WHITE)[0].pixels
    np.testing.assert_array_equal(white, pixels(52))
    assert white.dtype == np.uint16


@pytest.mark.parametrize(
    "array",
    [pixels(1), pixels(1, 3), pixels(1, 1, np.uint8), pixels(1, 3, np.uint8)],
    ids=["grey16", "rgb16", "grey8", "rgb8"],
)
def test_our_tiff_is_read_by_another_reader(array: Any) -> None:
    seen = cv2.imdecode(
        np.frombuffer(encode_frame(Frame("a.tif", Role.GRID, array, 1.0)), np.uint8), cv2.IMREAD_UNCHANGED
    )
    np.testing.assert_array_equal(seen[..., ::-1] if array.ndim == 3 else seen, array)


def test_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    (folder / "white.png").rename(folder / "the_white.png")
    (folder / "white.png").symlink_to("the_white.png")
    assert len(read_capture_set(folder).with_role(Role.WHITE)) == 1


def test_one_dark_may_serve_two_groups(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    edit_manifest(folder, lambda t: t["frames"].append(t["frames"][13] | {"group": "spot_090"}))
    assert len(read_capture_set(folder).with_role(Role.DARK)) == 3


@pytest.mark.parametrize(("file", "share"), [("fringe_x_12mm_1.png", 0.008), ("spot_090.png", 0.09), ("dark.png", 0.5)])
def test_little_saturation_is_accepted(file: str, share: float, tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    values = pixels(3).copy()
    values.ravel()[: int(share * values.size)] = 65535
    (folder / file).write_bytes(encode_png(values))
    assert read_capture_set(folder).frames


def test_field_of_a_shift_camera_reaches_to_the_pixel_edges(tmp_path: Path) -> None:
    field = read_capture_set(write_good_set(tmp_path / "good")).geometry.field_mm
    assert field == pytest.approx((COLS * MM_PER_PX, ROWS * MM_PER_PX))


def test_angles_and_distances_follow_from_the_places(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")

    def forget(tree: Any) -> None:
        for part in tree["geometry"].values():
            del part["angle_deg"], part["distance_mm"]

    edit_manifest(folder, forget)
    geometry = read_capture_set(folder).geometry
    assert (geometry.camera.angle_deg, geometry.camera.distance_mm) == pytest.approx((20.0, 600.0), abs=1e-4)
    assert (geometry.screen.angle_deg, geometry.screen.distance_mm) == pytest.approx((20.0, 350.0), abs=1e-4)


def test_place_of_the_camera_follows_from_angle_and_distance(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    edit_manifest(folder, lambda tree: tree["geometry"]["camera"].pop("position"))
    assert read_capture_set(folder).geometry.camera.position_mm == pytest.approx((0.0, -205.2121, 563.8156), abs=1e-3)


def tilted_camera(field_mm: tuple[float, float], aim_mm: tuple[float, float]) -> dict[str, Any]:
    """A pinhole 600 mm away at 25°, aimed at a place of the station frame, and its exact pixel-to-panel map."""
    angle, focal_px = math.radians(25.0), 900.0
    forward = np.array([0.0, math.sin(angle), -math.cos(angle)])
    right = np.array([1.0, 0.0, 0.0])
    up = np.cross(right, forward)
    position = np.array([*aim_mm, 0.0]) - 600.0 * forward
    # Station X, Y, 1 -> pixel, then inverted, then to the panel frame.
    down, ahead = -up, forward
    rotation = np.array([right, down, ahead])
    to_pixel = np.array([[focal_px, 0, (COLS - 1) / 2], [0, focal_px, (ROWS - 1) / 2], [0, 0, 1]])
    project = to_pixel @ rotation @ np.column_stack(([1, 0, 0], [0, 1, 0], -position))
    to_panel = np.array([[1, 0, field_mm[0] / 2], [0, -1, field_mm[1] / 2], [0, 0, 1]]) @ np.linalg.inv(project)
    return {
        "model": "tilted",
        "position": position.tolist(),
        "focal_px": focal_px,
        "right": right.tolist(),
        "up": up.tolist(),
        "forward": forward.tolist(),
        "pixel_to_station_mm": (to_panel / to_panel[2, 2]).tolist(),
    }


@pytest.mark.parametrize("aim_mm", [(0.0, 0.0), (1.5, -2.5)])
def test_field_of_a_tilted_camera_joins_the_two_frames(aim_mm: tuple[float, float], tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    edit_manifest(folder, lambda t: t["geometry"].update(camera=tilted_camera((18.0, 14.0), aim_mm)))
    assert read_capture_set(folder).geometry.field_mm == pytest.approx((18.0, 14.0), abs=1e-9)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_simulated_stations_write_sets_that_read_back(name: str, tmp_path: Path) -> None:
    """The sample world places camera, screen and field by its own formulas: both must agree."""
    frames = render_reference(NAMED[name].sized(40, 32), seed=3)
    write_capture_set(frames, tmp_path, image_format="tiff")
    back = read_capture_set(tmp_path)
    assert back.geometry.field_mm == pytest.approx(frames.geometry.field_mm, rel=1e-9)
    same(replace(back, geometry=frames.geometry), frames)


def test_an_interrupted_writing_leaves_no_set(tmp_path: Path) -> None:
    frames = good_frames()
    broken = replace(frames, frames=(*frames.frames, Frame("last.png", Role.CHART, np.zeros((2, 2), np.float32), 1.0)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no PNG"):
        write_capture_set(broken, tmp_path / "set")
    assert not (tmp_path / "set" / "capture.json").exists()


def test_map_is_written_as_numbers_and_as_a_picture(tmp_path: Path) -> None:
    values = np.linspace(0.0, 10.0, ROWS * COLS, dtype=np.float32).reshape(ROWS, COLS)
    values[4, 7] = np.nan
    write_map(values, tmp_path / "clarity_2.5mm_pct")
    np.testing.assert_array_equal(np.load(tmp_path / "clarity_2.5mm_pct.npy"), values)
    seen = cv2.imread(str(tmp_path / "clarity_2.5mm_pct.png"), cv2.IMREAD_UNCHANGED)
    assert seen.shape == (ROWS, COLS, 4)
    assert seen[4, 7, 3] == 0
    assert seen[4, 8, 3] == 255
    # viridis runs from dark violet to yellow
    assert seen[0, 0, 0] > seen[0, 0, 1]
    assert seen[-1, -1, 1] > seen[-1, -1, 0]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".npy", ".png"]


def test_map_of_one_value_or_none_can_be_shown() -> None:
    assert np.all(picture_of(np.full((4, 5), 3.0, np.float32))[..., 3] == 255)
    assert np.all(picture_of(np.full((4, 5), np.nan, np.float32)) == 0)


def test_lab_map_is_shown_in_its_colour() -> None:
    lab = np.zeros((4, 5, 3), np.float32)
    lab[...] = (53.24, 80.09, 67.20)  # sRGB red
    red, green, blue, alpha = picture_of(lab)[2, 2].astype(int)
    assert red > 250
    assert max(green, blue) < 8
    assert alpha == 255
