"""What was not tested is said loudly; with CI=true it is a failure."""

from __future__ import annotations

import os
from collections import Counter

import pytest

IN_CI = os.environ.get("CI") == "true"


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
