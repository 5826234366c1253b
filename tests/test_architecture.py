"""Who may know whom, what lies where, and what the code may touch; contracts of imports are in pyproject.toml."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
ROOMS = ("inspection", "calibration", "samples", "station")
TOP = {
    *ROOMS, "tests", "run", "test", "pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "LICENSE",
}  # fmt: skip

SOURCES = sorted(path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TESTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py"))

#: What only some modules may name: full names (an attribute counts too) → where they are allowed.
ONLY_IN = {
    ("os.environ", "os.environb", "os.getenv", "os.putenv"): ("station/settings.py",),
    ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time",
     "time.time_ns", "time.localtime", "time.gmtime", "time.strftime"): ("station/events.py",),
    ("cv2.imread", "cv2.imwrite", "cv2.imdecode", "cv2.imencode", "cv2.imreadmulti", "cv2.imwritemulti",
     "cv2.imdecodemulti", "cv2.imencodemulti"): ("station/capture_set/",),
    ("sqlite3", "sqlite_utils"): ("station/store/",),
    ("print", "sys.stdout", "sys.stderr"): (
        "station/__main__.py", "station/commands/", "station/app.py", "station/demo.py", "station/bench",
    ),
    ("open", "numpy.load", "numpy.save", "numpy.savez", "numpy.fromfile"): ("calibration/", "samples/", "station/"),
    # A picture is read and written by OpenCV in one place; windows need a screen that a server does not have.
    ("PIL", "imageio", "tifffile", "skimage.io", "cv2.imshow", "cv2.namedWindow", "cv2.waitKey"): (),
    # OpenCV's L*a*b* errs by up to 0.41 ΔE00.
    ("cv2.COLOR_RGB2Lab", "cv2.COLOR_RGB2LAB", "cv2.COLOR_BGR2Lab", "cv2.COLOR_BGR2LAB", "cv2.COLOR_LRGB2LAB",
     "cv2.COLOR_LBGR2LAB", "cv2.COLOR_LRGB2Lab", "cv2.COLOR_LBGR2Lab"): (),
    ("eval", "exec", "pickle", "os.system"): (),
}  # fmt: skip


@cache
def tree(source: str) -> ast.Module:
    return ast.parse((ROOT / source).read_text(encoding="utf-8"), source)


def full_names(module: ast.Module) -> Iterator[str]:
    """Every name of another module, and every built-in, that a module uses: `datetime.datetime.now`, `print`."""
    known: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name
                known[name.asname or name.name.split(".")[0]] = name.name if name.asname else name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                known[name.asname or name.name] = f"{node.module}.{name.name}"
                yield f"{node.module}.{name.name}"
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            yield known.get(node.id, node.id)
        elif isinstance(node, ast.Attribute):
            parts: list[str] = []
            place: ast.expr = node
            while isinstance(place, ast.Attribute):
                parts.insert(0, place.attr)
                place = place.value
            if isinstance(place, ast.Name) and place.id in known:
                yield ".".join([known[place.id], *parts])


@cache
def names_in(source: str) -> frozenset[str]:
    """The full names a file uses, and what they lie in: `skimage.io.imread` is a use of `skimage.io` too."""
    return frozenset(name[:end] for name in full_names(tree(source)) for end in _ends(name))


def _ends(name: str) -> Iterator[int]:
    return (i for i in range(1, len(name) + 1) if i == len(name) or name[i] == ".")


def test_names_are_seen_however_they_are_imported() -> None:
    """The check itself: an alias or a from-import hides nothing."""
    for code, name in [
        ("import os\nos.environ['A']", "os.environ"),
        ("from os import environ as e\ne['A']", "os.environ"),
        ("import datetime as d\nd.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime\ndatetime.now()", "datetime.datetime.now"),
        ("def f():\n    import sqlite3", "sqlite3"),
        ("print(1)", "print"),
    ]:
        assert name in set(full_names(ast.parse(code))), code
    assert "print" not in set(full_names(ast.parse("from rich import print\nprint(1)")))


def test_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers of the rooms, of inspection and of station, and the rest of [tool.importlinter]."""
    monkeypatch.chdir(ROOT)
    # It would silence every logger of this process, and later tests ask what was logged.
    monkeypatch.setattr("logging.config.dictConfig", lambda config: None)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


@pytest.mark.parametrize(("names", "allowed"), ONLY_IN.items(), ids=[names[0].replace(".", " ") for names in ONLY_IN])
def test_only_where_it_belongs(names: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    strays = [
        f"{source}: {name}"
        for source in SOURCES
        if not source.startswith(allowed)
        for name in names_in(source).intersection(names)
    ]
    assert strays == []


def test_nothing_new_lies_at_the_top() -> None:
    """A stray top-level module or file fails until it is given a place; results of one's own may lie about."""
    modules = {path.parts[0] for path in (p.relative_to(ROOT) for p in ROOT.glob("[!.]*/**/*.py"))}
    modules |= {path.name for path in ROOT.glob("*.py")}
    assert modules - {"build", "dist"} == {*ROOMS, "tests"}
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert {name.split("/")[0] for name in listed.split("\0") if name and not name.startswith(".")} == TOP


def test_every_file_is_named_for_its_job() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "core", "misc", "models", "types", "base", "tools", "lib"}
    assert [s for s in SOURCES + TESTS if vague.intersection(Path(s).with_suffix("").parts)] == []


def test_files_are_small() -> None:
    """Past about 300 lines a file is two files; tables of test cases may be a little longer."""
    limits = dict.fromkeys(SOURCES, 350) | dict.fromkeys(TESTS, 450)
    lengths = {s: len((ROOT / s).read_text(encoding="utf-8").splitlines()) for s in limits}
    assert {s: n for s, n in lengths.items() if n > limits[s]} == {}


def test_everything_public_says_what_it_is() -> None:
    """Every module, and the public functions and classes of the measurement library."""
    silent = [source for source in SOURCES if ast.get_docstring(tree(source)) is None]
    for source in [s for s in SOURCES if s.startswith(("inspection/", "calibration/"))]:
        for node in tree(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                silent += [f"{source}:{node.lineno} {node.name}"] if ast.get_docstring(node) is None else []
    assert silent == []


def test_every_test_file_has_a_name_of_its_own() -> None:
    """They lie in no package: of two with one name pytest collects only the first in a process."""
    names = [Path(source).name for source in TESTS if not source.endswith("conftest.py")]
    assert sorted(names) == sorted(set(names))


def test_pages_and_endpoints_are_plain_functions() -> None:
    """No `async def` answers a request: it would block every other one while it measures or reads.

    A stream of events, which yields, does neither.
    """
    routes = [s for s in SOURCES if s.startswith(("station/web/api/", "station/web/pages/"))]
    assert routes
    found = [
        f"{source}:{node.lineno} {node.name}"
        for source in routes
        for node in ast.walk(tree(source))
        if isinstance(node, ast.AsyncFunctionDef)
        and any(isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute) for d in node.decorator_list)
        and not any(isinstance(inner, ast.Yield) for inner in ast.walk(node))
    ]
    assert found == []


def test_nothing_comes_from_a_network() -> None:
    """Templates, styles and scripts name no other machine (the SVG and XHTML name spaces are only names)."""
    outside = []
    for folder in ("templates", "static"):
        for path in sorted((ROOT / "station" / "web" / folder).rglob("*")):
            if path.suffix in {".html", ".css", ".js", ".svg"}:
                text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
                outside += [path.name for scheme in ("http:", "https:", "//cdn") if scheme in text]
    assert outside == []


@pytest.mark.parametrize("tool", [("ruff", "check", "--no-cache", "."), ("mypy",)], ids=["ruff", "mypy"])
def test_style_and_types(tool: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
