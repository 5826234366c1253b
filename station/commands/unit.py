"""`paint-station unit`: systemd units that start the station, and its pattern screen, with the machine."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from station.events import Clock

#: Longer than the server takes to finish a panel.
_MORE_S = 30
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("unit", help="print a systemd unit that starts the station with the machine")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: station.toml, where there is one)"
    )
    parser.add_argument("--user", default="paint-station", metavar="NAME", help="who it runs as (%(default)s)")
    parser.add_argument("--screen", action="store_true", help="the unit of the pattern screen's browser instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Print the unit with the paths of this installation."""
    import sys
    from importlib.resources import files
    from string import Template

    from inspection.refused import Refused
    from station.app import STOP_WITHIN_S
    from station.settings import DEFAULT_FILE, read_settings

    if _USER.fullmatch(arguments.user) is None:
        raise Refused(f"--user: expected the name of a user, got {arguments.user!r}")
    settings = read_settings(arguments.config)
    config = arguments.config if arguments.config is not None else DEFAULT_FILE
    local = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    name = "paint-station-screen.service" if arguments.screen else "paint-station.service"
    text = (files("station") / "systemd" / name).read_text(encoding="utf-8")
    filled = {
        "address": f"http://{f'[{local}]' if ':' in local else local}:{settings.port}",
        "user": arguments.user,
        "folder": _path(Path.cwd()),
        "data": _path(settings.data_dir.resolve()),
        "python": _path(Path(sys.executable)),
        "config": f" --config {_path(config.resolve())}" if config.is_file() else "",
        "stop_s": str(STOP_WITHIN_S + _MORE_S),
    }
    print(Template(text).substitute(filled), end="")
    return 0


def _path(path: Path) -> str:
    """A path as a unit file takes it; systemd would split it at a space and replace a percent sign."""
    from inspection.refused import Refused

    text = str(path)
    if re.search(r"[\s\"'\\$]", text):
        raise Refused(f"{text}: a unit file cannot name a path with spaces, quotes or a dollar sign")
    return text.replace("%", "%%")
