"""`paint-station train`: learn to name marks."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.commands.files import check_output_file, read_text, write_whole
from station.commands.progress import doing
from station.events import Clock

#: What was learned for the version that is shipped.
PANELS = 100
MOST_PANELS = 5000
MOST_LABEL_BYTES = 256 * 2**20


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("train", help="learn to name marks: simulated panels and corrected labels")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the weights are written")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="marks named by people: lines of /api/labels")
    parser.add_argument("--panels", type=int, default=PANELS, metavar="N", help=f"simulated panels (default {PANELS})")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Render, search, learn, write."""
    from inspection.defects.learn import learn
    from inspection.refused import Refused
    from station import training

    if not 1 <= arguments.panels <= MOST_PANELS:
        raise Refused(f"--panels: expected 1 to {MOST_PANELS}, found {arguments.panels}")
    check_output_file(arguments.out, "--out")
    labels = arguments.labels
    named = [] if labels is None else training.named_marks(read_text(labels, "--labels", MOST_LABEL_BYTES), str(labels))
    with doing(f"searching {arguments.panels} simulated panels"):
        marks = training.sample_marks(arguments.panels, training.STATIONS)
    learned = learn([*marks, *named], n_labels=len(named))
    write_whole(arguments.out, learned.text.encode())
    print(
        f"{arguments.out}: {len(learned.kinds)} kinds from {len(marks)} marks on {arguments.panels} simulated panels "
        f"and {len(named)} named by people"
    )
    return 0
