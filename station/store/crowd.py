"""Very many simulated inspections at once, to see how the station bears them: rows only, no frames and no maps."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from inspection.defects.kinds import ABOUT, Kind
from inspection.refused import Refused
from station.events import utc_text
from station.store.db import Store
from station.store.tallies import counted_at_the_end

Values: TypeAlias = tuple[object, ...]
RECIPES: Final = 120
_PARTS: Final = ("hood", "door front", "door rear", "fender", "roof", "boot lid")
_REGIONS: Final = ("whole", "upper", "lower", "edge")
_STATIONS: Final = ("north", "south", "east")
#: A panel's passes are in one of them.
_CHUNK: Final = 2_000
_FIELD_MM: Final = (400.0, 300.0)
_PASSES: Final = 5
_FIRST: Final = datetime(2025, 1, 1, tzinfo=UTC)
_SPAN_S: Final = 600 * 86_400
_MARK: Final = (
    "inspection_id, id, kind, code, x_mm, y_mm, length_mm, width_mm, area_mm2, severity, confidence, region, status, "
    "since_pass, present"
)


def fill(path: Path, *, inspections: int, marks: int, seed: int) -> None:
    """Make a database of so many inspections with so many marks each, on average; the same for the same seed.

    Raises
    ------
    Refused
        There is such a file already: simulated rows are not mixed with others.
    """
    if path.exists():
        raise Refused(f"{path}: is there already: simulated rows go to a new file")
    store = Store.open(path)
    store.close()
    rng = np.random.default_rng(seed)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    later = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('defect', "
        "'finding', 'inspection')"
    ).fetchall()
    with counted_at_the_end(connection):
        for name, _ in later:
            connection.execute(f"DROP INDEX {name}")
        _known(connection, inspections)
        for first in range(1, inspections + 1, _CHUNK):
            _chunk(connection, range(first, min(first + _CHUNK, inspections + 1)), inspections, marks, rng)
        for _, sql in later:
            connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _known(connection: sqlite3.Connection, inspections: int) -> None:
    """What inspections rest on: recipes, a rig, one capture, and a panel for every five passes."""
    for number in range(RECIPES):
        title = json.dumps({"en": f"Simulated {number:03}", "zh": f"模拟 {number:03}"}, ensure_ascii=False)
        connection.execute(
            "INSERT INTO recipe (sha256, name, title, passes, n_clear, text, stored_at) "
            "VALUES (?, ?, ?, ?, 1.5, '', ?)",
            (f"recipe-{number:03}", f"simulated-{number:03}", title, _PASSES, utc_text(_FIRST)),
        )
    then = utc_text(_FIRST)
    connection.execute(
        "INSERT INTO rig VALUES ('rig', 'none', 'north', 1, ?1, ?1, ?1, ?1, '{}', ?1)",
        (then,),
    )
    connection.executemany(
        "INSERT INTO panel (id, code, part) VALUES (?, ?, ?)",
        ((n, f"SIM-{n:07}", _PARTS[n % len(_PARTS)]) for n in range(1, -(-inspections // _PASSES) + 1)),
    )
    connection.execute(
        "INSERT INTO capture (sha256, manifest_sha256, panel_id, coat_number, pass_number, captured_at_utc, simulated, "
        "stored_at) VALUES ('capture', 'none', 1, 1, 1, ?1, 1, ?1)",
        (then,),
    )


def _chunk(connection: sqlite3.Connection, ids: range, inspections: int, marks: int, rng: np.random.Generator) -> None:
    """Inspections of these ids, in the order of time; later passes have fewer marks and more gloss."""
    own: list[Values] = []
    found: list[Values] = []
    seen: list[Values] = []
    kinds = [str(kind) for kind in Kind]
    recipe = 0
    share = 1.0 / np.arange(1, len(kinds) + 1)
    for one in ids:
        panel, before = divmod(one - 1, _PASSES)
        panel, number = panel + 1, before + 1
        recipe = int(RECIPES * rng.random() ** 2) if before == 0 else recipe
        left = rng.poisson(marks * 2 * (_PASSES - before) / (_PASSES + 1))
        gloss = float(rng.normal(70 + 4 * number, 3))
        verdict = "pass" if gloss > 86 else "hold" if gloss > 84 else "fail"
        then = utc_text(_FIRST + timedelta(seconds=_SPAN_S * one / inspections))
        action = "release" if verdict == "pass" else "full_pass"
        told = {"next_step": {"action": action, "reasons": []}, "findings": [0], "defects": [0] * left}
        own.append(
            (one, panel, number, f"recipe-{recipe:03}", _STATIONS[recipe % len(_STATIONS)], then, verdict, action,
             json.dumps(told), one - 1 if before else None)
        )  # fmt: skip
        found.append((one, gloss, verdict))
        which = rng.choice(len(kinds), left, p=share / share.sum())
        places = np.clip(rng.normal(0.5, 0.25, (left, 2)), 0, 0.999) * _FIELD_MM
        length = rng.lognormal(0, 0.6, left)
        region = (_REGIONS[int(n)] for n in rng.integers(len(_REGIONS), size=left))
        since = rng.integers(1, number + 1, left)
        seen += [
            (one, f"D{n + 1}", kinds[k], ABOUT[Kind(kinds[k])].code, x, y, size, size, size**2, 0.5, 0.9, where,
             "new" if first == number else "persists", first)
            for n, (k, (x, y), size, where, first) in enumerate(
                zip(which.tolist(), places.tolist(), length.tolist(), region, since.tolist(), strict=True))
        ]  # fmt: skip
    connection.executemany(
        f"""INSERT INTO inspection (id, panel_id, pass_number, recipe_sha256, station, captured_at_utc, verdict, action,
        report, previous_id, captured_at, stored_at, coat_number, attempt, capture_sha256, rig_sha256, simulated,
        software, probability, valid_ratio, saturated_ratio, field_mm, pixel_to_panel_mm)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?6, ?6, 1, 1, 'capture', 'rig', 1, 'crowd', 0.5, 1.0, 0.0,
        '{list(_FIELD_MM)}', '[[1, 0, 0], [0, 1, 0], [0, 0, 1]]')""",
        own,
    )
    connection.executemany(
        """INSERT INTO finding (inspection_id, position, check_no, region, measure, version, knobs, value, unit, u,
        u_noise, n_px, quality, low, verdict) VALUES (?, 0, 0, 'whole', 'gloss_gu', 1, '{}', ?, 'GU-eq', 1.0, 0.2,
        1000, '[]', 86.0, ?)""",
        found,
    )
    connection.executemany(f"INSERT INTO defect ({_MARK}) VALUES ({', '.join('?' * 14)}, 1)", seen)
