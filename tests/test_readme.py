"""What the README tells a newcomer to type works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from inspection.recipe import parse_recipe
from station.__main__ import main, parser
from station.access.rights import MAY, Right
from station.settings import read_settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
#: Without what the shell does with the output.
COMMANDS = [
    shlex.split(line.split(" > ")[0], comments=True)[1:] for line in TEXT.splitlines() if line.startswith("./run ")
]


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("arguments", [arguments for arguments in COMMANDS if arguments], ids=" ".join)
def test_command_exists(arguments: list[str]) -> None:
    parser().parse_args(arguments)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", TEXT))
def test_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_first_capture_set_is_measured_as_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole section, and the recipe that is made in the one after the next."""
    monkeypatch.chdir(tmp_path)
    script = section("Measure a capture set").split("<<'PYTHON'\n", 1)[1].split("\nPYTHON\n", 1)[0]
    exec(compile(script.replace("sized(256)", "sized(96)"), "README.md", "exec"), {})
    recipe = section("Add a recipe").split("```toml\n", 1)[1].split("```", 1)[0]
    assert parse_recipe(recipe, "README.md").name == "night-sky"
    Path("night-sky.toml").write_text(recipe, encoding="utf-8")
    Path("station-data").mkdir()
    # The panels that a recipe is learned from are the reader's own.
    typed = [c for c in COMMANDS if c and c[0] in {"calibrate", "inspect", "decode", "recipe"} and "learn" not in c]
    assert len(typed) >= 8
    for arguments in typed:
        assert main(arguments) == 0, capsys.readouterr().err
    assert json.loads(Path("pass3.json").read_text(encoding="utf-8"))["format"] == "paint-report/1"
    assert Path("maps/gloss_gu.npy").exists()
    assert Path("station-data/station.db").exists()


def test_the_hardware_is_described_as_the_settings_take_it(tmp_path: Path) -> None:
    described = section("Use your own camera, screen and lamps").split("```toml\n", 1)[1].split("```", 1)[0]
    (tmp_path / "station.toml").write_text(described, encoding="utf-8")
    assert read_settings(tmp_path / "station.toml").capture is not None


def test_the_table_of_roles_is_the_one_that_the_station_goes_by() -> None:
    rows = [line.split("|")[1:-1] for line in section("Let people log in").splitlines() if line.startswith("| `")]
    said = {row[0].strip(" `"): [bool(cell.strip()) for cell in row[1:]] for row in rows}
    assert said == {role: [right in rights for right in Right] for role, rights in MAY.items()}
