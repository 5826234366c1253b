"""The command line as a process: exit codes, streams, encodings, and what it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_runs import inspect_arguments, refused
from small_sets import edit_manifest, write_good_set

from station.__main__ import main

COMMANDS = ("demo", "serve", "calibrate", "inspect", "decode", "recipe", "bench", "pod", "train")


def run_process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    environment = os.environ | more.pop("env", {})
    return subprocess.run(
        [sys.executable, "-m", "station", *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, env=environment, **more,
    )  # fmt: skip


def test_version_and_help_answer_without_loading_the_library() -> None:
    code = (
        "import sys\nfrom station.__main__ import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit as ending:\n    assert ending.code == 0\n"
        "heavy = {'numpy', 'cv2', 'scipy', 'skimage', 'fastapi', 'pydantic', 'sqlite3'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("paint-station ")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS), ("recipe", "check")], ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main([*command, "-h"])
    assert ending.value.code == 0
    assert "usage: paint-station" in capsys.readouterr().out


def test_refusal_of_a_process_is_exit_code_2(tmp_path: Path) -> None:
    done = run_process("decode", str(tmp_path / "nowhere"), "--maps", str(tmp_path / "maps"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_fault_of_the_program_is_exit_code_1_and_seen(tmp_path: Path) -> None:
    """Results that cannot be written, here to a device that is always full, are no refused input."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    capture = write_good_set(tmp_path / "good")
    with full.open("w") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "station", "decode", str(capture), "--maps", str(tmp_path)],
            stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode in (1, 120)
    assert "No space left" in done.stderr


def test_reader_that_went_away_is_no_traceback(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "station", "decode", str(write_good_set(tmp_path / "good")), "--maps", str(tmp_path)],
        stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(write_end)
    assert done.returncode == 141
    assert done.stderr == ""


def test_report_is_utf8_in_any_locale(world: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run_process(*inspect_arguments(world, world / "pass5", "--json", "-"), env=plain)
    assert done.returncode == 0
    assert "ΔE00" in done.stdout


def test_escape_sequences_in_names_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_good_set(tmp_path / "good")
    edit_manifest(folder, lambda tree: tree.update(panel="\u001b[2Jgone"))
    assert "\u001b" not in refused(capsys, ["decode", str(folder), "--maps", str(tmp_path / "maps")])


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("station.capture_set.read_capture_set", interrupted)
    assert main(["decode", str(tmp_path), "--maps", str(tmp_path / "maps")]) == 130


def test_progress_is_silent_in_a_pipe(world: Path, tmp_path: Path) -> None:
    done = run_process("decode", str(world / "pass5"), "--maps", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
