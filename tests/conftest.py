"""The tests run side by side; what was not tested is said loudly, and with CI=true it is a failure."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__)
IN_CI = os.environ.get("CI") == "true"


class ByFile(LoadScopeScheduling):
    """Shares out whole files, and all browser tests as one: what a file or the browser's station costs is paid once."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="also run the long drills (hours)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--soak"):
        drills = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=drills)
        items[:] = [item for item in items if item not in drills]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that measures time runs alone: it waits for those under way, and later ones wait for it."""
    turnstile = os.open(HERE.parent, os.O_RDONLY)
    room = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(turnstile, fcntl.LOCK_UN)
        return (yield)
    finally:
        os.close(turnstile)
        os.close(room)


def _skipped(config: pytest.Config) -> Counter[tuple[str, str]]:
    """How many tests of which file were skipped, and why."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    reports = terminal.stats.get("skipped", []) if terminal is not None else []
    return Counter((report.nodeid.split("::")[0], report.longrepr[2]) for report in reports)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = _skipped(config)
    if skipped:
        terminalreporter.section("NOT TESTED" + (" (a failure, since CI=true)" if IN_CI else ""), red=True, bold=True)
        for (file, reason), count in skipped.items():
            terminalreporter.line(f"{file}: {count} skipped: {reason.removeprefix('Skipped: ')}", red=True, bold=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if IN_CI and session.exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
