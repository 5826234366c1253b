"""`paint-station decode`: what the fringe frames alone say, without rig or recipe."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.commands.files import check_output_folder
from station.commands.progress import doing
from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("decode", help="fringe frames -> screen position and modulation of every pixel")
    parser.add_argument("capture", type=Path, metavar="CAPTURE", help="capture set: folder or zip")
    parser.add_argument("--maps", required=True, type=Path, metavar="DIR", help="folder for the .npy and .png files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Decode and write the maps; prints one line for each."""
    import numpy as np

    from inspection.fringes import decode
    from inspection.noise import noise_of
    from station.capture_set import read_capture_set, write_map

    check_output_folder(arguments.maps, "--maps")
    with doing(f"reading {arguments.capture}"):
        frames = read_capture_set(arguments.capture)
    with doing("decoding"):
        seen = decode(frames, noise_of(frames))
    maps = {
        "screen_u_mm": seen.screen_u_mm,
        "screen_v_mm": seen.screen_v_mm,
        "screen_u_u_mm": seen.screen_u_u_mm,
        "screen_v_u_mm": seen.screen_v_u_mm,
    }
    maps |= {f"modulation_{axis}_{period:g}mm": map_ for (axis, period), map_ in seen.modulation.items()}
    arguments.maps.mkdir(parents=True, exist_ok=True)
    for name, values in maps.items():
        with doing(f"writing {name}"):
            write_map(values, arguments.maps / name)
    for name, values in maps.items():
        valid = values[np.isfinite(values)]
        middle = f"median {np.median(valid):.5g}" if valid.size else "nothing seen"
        print(f"{name}: {100 * valid.size / values.size:.1f} % valid, {middle}")
    return 0
