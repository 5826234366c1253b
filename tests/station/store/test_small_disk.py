"""A real small file system that becomes full: refused in one sentence, nothing half there, and on it goes with room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: A process with mounts of its own; who is not root becomes so in a name space of its own.
OWN_MOUNTS = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]


def mounts() -> bool:
    """Whether this system lets a process mount a small file system."""
    if shutil.which("unshare") is None:
        return False
    command = [*OWN_MOUNTS, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# Where nothing may be mounted, `test_store_drills.py` alone fills the disk, at every call.
if mounts():

    @pytest.mark.parametrize("levels", [6, pytest.param(100, marks=pytest.mark.soak)])
    def test_a_disk_that_is_really_full_keeps_what_was_finished_and_goes_on_when_there_is_room(
        tmp_path: Path, levels: int
    ) -> None:
        done = subprocess.run(
            [*OWN_MOUNTS, sys.executable, str(Path(__file__).with_name("small_disk.py")), str(tmp_path), str(levels)],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True, text=True, timeout=60 + 10 * levels, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        runs = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(runs) == levels
        for number, run in enumerate(runs):
            assert run["refused"] == "the disk is full: nothing of this was stored; make room, then start again", number
            assert (run["faults"], run["orphans"], run["lost"], run["extra"]) == ([], [], [], False), number
            assert run["stored"] >= 2, number
