"""The start scripts, with a Python that only plays its part: what is set up, when, and what is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: Answers as python3, as the virtual environment's python and as pip, and writes down what pip is asked for.
PRETENDER = r"""#!/bin/sh
case "$*" in
    *"version_info"*) exit "${PRETEND_OLD:-0}" ;;
    *"import ensurepip"*) exit "${PRETEND_NO_VENV:-0}" ;;
    *"import cv2"*)
        [ -z "${PRETEND_NO_LIBGL:-}" ] || [ -f "$PLAYGROUND/headless" ] && exit 0
        echo "ImportError: libGL.so.1: cannot open shared object file: No such file or directory" >&2; exit 1 ;;
    "-m venv "*)
        mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
        printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$3/bin/paint-station"; chmod +x "$3/bin/paint-station" ;;
    "-m pip "*)
        echo "$*" >>"$PLAYGROUND/pip"
        case "$*" in *"$PRETEND_PIP_FAILS"*) echo "no such package" >&2; exit 1 ;; esac
        case "$*" in *" install "*opencv-python-headless) : >"$PLAYGROUND/headless" ;; esac ;;
    "-m pytest "*) shift 2; printf "%s\n" "$@" ;;
esac
"""


class Project:
    """A copy of the start scripts in a folder with a space in its name, and a machine that has only the pretender."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "my project"
        self.folder.mkdir()
        self.playground = folder
        for name in ("run", "test", ".setup.sh", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.folder / name)
        commands = folder / "bin"
        commands.mkdir()
        for tool in [
            "sh",
            "dirname",
            "readlink",
            "cat",
            "cksum",
            "rm",
            "mkdir",
            "cp",
            "chmod",
            "tail",
            "flock",
            "id",
            "getconf",
        ]:
            found = shutil.which(tool)
            if found is not None:
                (commands / tool).symlink_to(found)
        (commands / "python3").write_text(PRETENDER, encoding="utf-8")
        (commands / "python3").chmod(0o755)
        self.path = str(commands)

    def start(self, command: str, *arguments: str, **pretended: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": self.path, "PLAYGROUND": str(self.playground), "PRETEND_PIP_FAILS": "nothing"}
        return subprocess.run(
            [self.folder / command, *arguments],
            cwd=self.playground,
            env=environment | pretended,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked_of_pip(self) -> list[str]:
        """What pip was asked for since the last look, without the words that are always the same."""
        log = self.playground / "pip"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.removeprefix("-m pip --disable-pip-version-check --no-input ") for line in lines]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


SETUPTOOLS = "install --constraint requirements.lock setuptools"
PACKAGES = "install --constraint requirements.lock --no-build-isolation --editable "


def test_first_start_installs_the_runtime_only_and_says_one_line(project: Project) -> None:
    done = project.start("run", "inspect", "a file", "")
    assert (done.returncode, done.stdout) == (0, "inspect\na file\n\n")
    assert len(done.stderr.splitlines()) == 1
    assert project.asked_of_pip() == [SETUPTOOLS, PACKAGES + "."]


def test_without_arguments_it_is_the_demo(project: Project) -> None:
    assert project.start("run").stdout == "demo\n"


def test_second_start_installs_nothing_and_says_nothing(project: Project) -> None:
    project.start("run")
    project.asked_of_pip()
    done = project.start("run", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "--version\n", "")
    assert project.asked_of_pip() == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "run", "test", ".setup.sh"])
def test_a_changed_file_is_set_up_anew(project: Project, name: str) -> None:
    project.start("run")
    left = project.folder / ".venv" / "left from before"
    left.touch()
    with (project.folder / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    project.asked_of_pip()
    assert project.start("run").returncode == 0
    assert project.asked_of_pip() == [SETUPTOOLS, PACKAGES + "."]
    assert not left.exists()


def test_a_moved_project_is_set_up_anew(project: Project) -> None:
    """A virtual environment holds its own address."""
    project.start("run")
    project.asked_of_pip()
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    assert project.start("run").returncode == 0
    assert project.asked_of_pip() == [SETUPTOOLS, PACKAGES + "."]


def test_a_set_up_that_failed_is_done_again(project: Project) -> None:
    done = project.start("run", PRETEND_PIP_FAILS="--editable")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no such package" in done.stderr
    project.asked_of_pip()
    assert project.start("run").returncode == 0
    assert project.asked_of_pip() == [SETUPTOOLS, PACKAGES + "."]


def test_tests_are_added_to_what_is_there(project: Project) -> None:
    project.start("run")
    project.asked_of_pip()
    done = project.start("test", "-k", "gloss or haze")
    processes = os.sysconf("SC_NPROCESSORS_ONLN") + 1
    assert (done.returncode, done.stdout) == (0, f"-n\n{processes}\n-k\ngloss or haze\n")
    assert project.asked_of_pip() == ["uninstall --yes opencv-python-headless", PACKAGES + ".[test]"]
    assert project.start("run").stderr == ""
    assert project.asked_of_pip() == []


def test_missing_system_libraries_swap_opencv_and_never_leave_two(project: Project) -> None:
    project.start("run", PRETEND_NO_LIBGL="yes")
    swap = ["uninstall --yes opencv-python", "install --no-deps --constraint requirements.lock opencv-python-headless"]
    assert project.asked_of_pip() == [SETUPTOOLS, PACKAGES + ".", *swap]
    (project.playground / "headless").unlink()
    project.start("test", PRETEND_NO_LIBGL="yes")
    assert project.asked_of_pip() == ["uninstall --yes opencv-python-headless", PACKAGES + ".[test]", *swap]


def test_both_opencv_are_pinned_to_one_version() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert pinned["opencv-python"] == pinned["opencv-python-headless"]


@pytest.mark.parametrize(
    ("pretended", "said"),
    [
        ({"PRETEND_NO_VENV": "1"}, "apt-get install python3-venv"),
        ({"PRETEND_OLD": "1"}, "apt-get install python3 python3-venv"),
    ],
)
def test_what_python_lacks_is_said_with_the_command_that_adds_it(
    project: Project, pretended: dict[str, str], said: str
) -> None:
    for command in ("run", "test"):
        done = project.start(command, **pretended)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.strip().endswith(said)
        assert not (project.folder / ".venv").exists()


def test_scripts_can_be_started() -> None:
    for name, shell in (("run", "sh"), ("test", "sh"), (".ci/run", "bash"), (".setup.sh", "sh")):
        assert subprocess.run([shell, "-n", ROOT / name], check=False).returncode == 0
        assert name == ".setup.sh" or os.access(ROOT / name, os.X_OK)
