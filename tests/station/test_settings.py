"""Settings: from a file, from the environment, and refused when they are not what they seem."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspection.refused import Refused
from station.settings import read_settings


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


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.toml"):
        read_settings(tmp_path / "nowhere.toml")
