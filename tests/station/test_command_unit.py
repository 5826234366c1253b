"""The systemd units name this installation, and are such that systemd takes them."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_runs import refused

from station.__main__ import main
from station.line.runner import HARDWARE_S


def sections(text: str) -> configparser.RawConfigParser:
    """A unit file; keys may be given twice."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text.replace("\\\n", " "))
    return parser


def test_the_unit_starts_this_station_with_its_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'data_dir = "{tmp_path / "data"}"\nport = 8123\nhost = "::1"\n')
    assert main(["unit", "--config", str(config), "--user", "paint"]) == 0
    text = capsys.readouterr().out
    service = sections(text)["Service"]
    assert service["ExecStart"] == f"{sys.executable} -m station serve --config {config}"
    assert service["User"] == "paint"
    assert service["ReadWritePaths"] == str(tmp_path / "data")
    assert int(service["TimeoutStopSec"]) > 30
    # Longer than a step of the hardware may take: what hangs is first told on the page.
    assert (service["Type"], int(service["WatchdogSec"]) > HARDWARE_S) == ("notify", True)
    assert sections(text)["Unit"]["Documentation"] == "http://[::1]:8123/docs"
    assert "$" not in text


def test_the_screen_opens_its_page_in_a_kiosk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "station.toml"
    config.write_text('host = "0.0.0.0"\n')
    assert main(["unit", "--config", str(config), "--screen"]) == 0
    start = sections(capsys.readouterr().out)["Service"]["ExecStart"]
    assert "--kiosk" in start
    assert start.endswith(" http://127.0.0.1:8000/screen")


@pytest.mark.parametrize("more", [[], ["--screen"]], ids=["station", "screen"])
def test_systemd_finds_no_fault(more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where systemd is installed; keys and values are looked at above in any case."""
    config = tmp_path / "station.toml"
    config.write_text(f'data_dir = "{tmp_path / "data"}"\n')
    assert main(["unit", "--config", str(config), "--user", "root", *more]) == 0
    text = capsys.readouterr().out
    assert {"Unit", "Service", "Install"} == set(sections(text).sections())
    analyze = shutil.which("systemd-analyze")
    if analyze is not None:
        unit = tmp_path / "paint-test.service"
        unit.write_text(text.replace("/usr/bin/chromium", "/bin/true"))
        done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
        assert [line for line in done.stderr.splitlines() if "paint-test" in line] == []


def test_what_a_unit_file_cannot_say_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "station.toml"
    config.write_text('data_dir = "/srv/paint data"\n')
    assert "/srv/paint data" in refused(capsys, ["unit", "--config", str(config)])
    assert "--user" in refused(capsys, ["unit", "--user", "a b"])
