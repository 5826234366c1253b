"""Tables of published numbers; every file names its source in its first lines."""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden"


def rows(name: str) -> list[dict[str, float]]:
    """Every row of a table, numbers by column."""
    lines = (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [{key: float(value) for key, value in row.items()} for row in table]
