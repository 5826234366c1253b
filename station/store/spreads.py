"""How much accepted panels of each recipe differ, and which captures failed: what a recipe is learned with."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np

from inspection.learning.spreads import Known, Spread, question
from station.store.rows import Row
from station.store.work import Work

#: Panels of one recipe that have a spread.
LEAST_PANELS = 2
#: The newest measurements say enough of how sure a check is.
MOST_MEASURED = 2000


class Spreads(Work):
    """What is known about the panels of recipes."""

    def failed_inspection(self, capture_sha256: str) -> int | None:
        """The newest inspection made from a capture, where it failed."""
        row = self._connection.execute(
            """SELECT i.id, i.verdict FROM inspection i JOIN inspection_capture v ON v.inspection_id = i.id
            WHERE v.capture_sha256 = ? ORDER BY i.id DESC LIMIT 1""",
            (capture_sha256,),
        ).fetchone()
        return int(row[0]) if row is not None and row[1] == "fail" else None

    def spreads(self, *, but: str) -> Known:
        """Variances between released panels of each recipe after its last planned pass, `but` one recipe's.

        Of a panel measured several times the newest inspection counts; values without a number do not.
        """
        rows = self._connection.execute(
            """SELECT r.name, f.measure, f.knobs, f.value
            FROM finding f JOIN inspection i ON i.id = f.inspection_id JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE i.action = 'release' AND i.pass_number = r.passes AND r.name != ? AND f.region = 'whole'
            AND f.value IS NOT NULL AND i.id = (SELECT l.id FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number ORDER BY l.captured_at_utc DESC, l.id DESC LIMIT 1)
            GROUP BY i.id, f.measure, f.knobs ORDER BY f.measure, f.knobs, r.name, i.id""",
            (but,),
        )
        values: dict[tuple[str, str], list[float]] = defaultdict(list)
        for recipe, measure, knobs, value in rows:
            values[question(measure, json.loads(knobs)), recipe].append(value)
        known: dict[str, list[Spread]] = defaultdict(list)
        for (asked, _), panels in values.items():
            if len(panels) >= LEAST_PANELS:
                known[asked].append(Spread(float(np.var(panels, ddof=1)), len(panels) - 1.0))
        return known

    def measured(self, recipe: str | None, measure: str) -> list[Row]:
        """What was measured of panels of a recipe, or of all: one row for each panel and pass, its newest attempt.

        Keys ``region``, ``knobs``, ``value``, ``u``, ``u_noise``, ``quality``, ``pass_number``, ``simulated``.
        """
        return self._rows(
            """SELECT f.region, f.knobs, f.value, f.u, f.u_noise, f.quality, i.pass_number, i.simulated
            FROM finding f JOIN inspection i ON i.id = f.inspection_id JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE (?1 IS NULL OR r.name = ?1) AND f.measure = ?2 AND f.value IS NOT NULL AND f.u > 0
            AND i.id = (SELECT max(l.id) FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number AND l.pass_number = i.pass_number)
            GROUP BY i.id, f.region, f.knobs ORDER BY i.id DESC LIMIT ?3""",
            recipe,
            measure,
            MOST_MEASURED,
        )
