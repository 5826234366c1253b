"""Settings: from a file, from the environment, and refused when they are not what they seem."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspection.refused import Refused
from station.settings import read_settings
from station.store.policy import Policy


def test_without_file_or_environment_the_station_listens_to_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings()
    assert (settings.host, settings.port, settings.calibration_valid_hours) == ("127.0.0.1", 8000, 24.0)
    assert settings.database == settings.data_dir / "station.db"


def test_station_toml_of_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "station.toml").write_text('port = 8100\ndata_dir = "paint"\n')
    settings = read_settings()
    assert (settings.port, settings.data_dir) == (8100, Path("paint"))


def test_the_environment_overrules_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "other.toml"
    path.write_text('port = 8100\nhost = "127.0.0.2"\n')
    monkeypatch.setenv("PAINT_STATION_PORT", "8200")
    settings = read_settings(path)
    assert (settings.port, settings.host) == (8200, "127.0.0.2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 8100", "prot: unknown setting; known: host, port"),
        ("port = 0", "port"),
        ('port = "eighty"', "port"),
        ("calibration_valid_hours = nan", "calibration_valid_hours"),
        ("calibration_valid_hours = -1", "calibration_valid_hours"),
        ("maps_days = 0", "maps_days"),
        ("frames_failed_days = inf", "frames_failed_days"),
        ("keep_free_gb = -1", "keep_free_gb"),
        ("port 8100", "TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(Refused, match=words) as refusal:
        read_settings(path)
    assert "mine.toml" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_terms_of_maps_and_frames_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('maps_days = 7\nframes_failed_days = 60\nreference_panels = ["AM-1"]\nkeep_free_gb = 2.5\n')
    assert read_settings(path).policy == Policy(
        maps_days=7, frames_failed_days=60, reference_panels=("AM-1",), keep_free_bytes=2_500_000_000
    )


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.toml"):
        read_settings(tmp_path / "nowhere.toml")


CAPTURE = """
[capture]
station = "A"
settle_ms = 40
[capture.camera]
kind = "simulated"
[capture.screen]
kind = "simulated"
width_px = 1920
height_px = 1080
[capture.lamps]
kind = "none"
[capture.fringes]
periods_mm = [64, 16.0, 4]
steps = 3
[capture.camera_place]
model = "shift"
angle_deg = 20
distance_mm = 600
pixel_to_station_mm = [[0.4, 0, 0.2], [0, 0.4, 0.2], [0, 0, 1]]
[capture.screen_place]
centre = [0, 119.7, 328.9]
u_axis = [1, 0, 0]
v_axis = [0, 0.9396926, -0.3420201]
width_mm = 597
height_mm = 336
[[capture.spots]]
name = "left"
azimuth_deg = 180
polar_deg = 35
"""


def test_camera_screen_and_lamps_stand_in_a_section_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(CAPTURE)
    capture = read_settings(path).capture
    assert capture is not None
    assert (capture.camera.kind, capture.screen.kind, capture.lamps.kind) == ("simulated", "simulated", "none")
    assert capture.fringes.periods_mm == (64.0, 16.0, 4.0)
    assert capture.spots[0].name == "left"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("settle_ms", "setle_ms", r"capture\.setle_ms: unknown setting$"),
        ('kind = "none"', 'kind = "gas"', r"capture\.lamps.*'gas'.*'none'"),
        ("width_px = 1920", 'width_px = "wide"', r"capture\.screen.*width_px"),
        ("[64, 16.0, 4]", "[64, 16.0, 16.0]", "a period is there twice"),
        ("[64, 16.0, 4]", "[64, 16.0, 0.5]", "no period below 1.24 mm"),
        ('name = "left"', 'name = "screen"', "other than screen and diffuse"),
        ("u_axis = [1, 0, 0]", "u_axis = [1, 1, 0]", "u_axis.*length 1"),
        ("distance_mm = 600\n", "", "position is required"),
        ("steps = 3", "steps = 2", r"capture\.fringes\.steps"),
        ('model = "shift"', 'model = "shift"\naperture = 1.6', r"capture\.camera_place\.aperture: unknown setting$"),
        ("polar_deg = 35", "polar_deg = true", r"capture\.spots\.0\.polar_deg"),
    ],
)
def test_what_is_wrong_with_the_hardware_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "station.toml"
    path.write_text(CAPTURE.replace(old, new))
    with pytest.raises(Refused, match=words) as refusal:
        read_settings(path)
    assert "\n" not in str(refusal.value)
