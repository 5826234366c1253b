"""Questions to the store: read-only, plain dicts that are ready for JSON."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.recipe import WHOLE, parse_recipe
from station.events import utc_text
from station.store.checked import Checked
from station.store.drafts import Drafted
from station.store.known import Known
from station.store.orders import Ordered
from station.store.plans import Planned
from station.store.queries import (
    CaptureQuery,
    FindingQuery,
    InspectionQuery,
    Page,
    PanelQuery,
    RecipeQuery,
    RigQuery,
)
from station.store.selects import (
    CAPTURES,
    FINDINGS,
    INSPECTIONS,
    PANELS,
    RECIPES,
    RIGS,
    Select,
    page_of,
)
from station.store.views import SavedViews

Row = dict[str, Any]
#: At most this many inspections of one panel are shown at once; older ones are found by the list.
PANEL_HISTORY = 200


class Reader(Checked, Known, Ordered, Planned, Drafted, SavedViews):
    """One consistent view of the database, for one request and one thread."""

    @property
    def connection(self) -> sqlite3.Connection:
        """For questions that have a file of their own."""
        return self._connection

    # Lists, newest first.

    def inspections(self, query: InspectionQuery) -> Page:
        """Inspections with their next step and what they were made with."""
        return page_of(self._connection, INSPECTIONS, query)

    def findings(self, query: FindingQuery) -> Page:
        """Findings, each with the panel, pass, recipe, rig and capture it came from."""
        return page_of(self._connection, FINDINGS, query)

    def captures(self, query: CaptureQuery) -> Page:
        """Stored capture sets."""
        return page_of(self._connection, CAPTURES, query)

    def panels(self, query: PanelQuery) -> Page:
        """Panels by code, each with its latest inspection."""
        return page_of(self._connection, PANELS, query)

    def rigs(self, query: RigQuery) -> Page:
        """Rigs, the newest calibration first; `expired` as of now."""
        page = page_of(self._connection, RIGS, query)
        return Page([self._aged(row) for row in page.items], page.next_cursor, (*page.columns, "expired"))

    def recipe_page(self, query: RecipeQuery) -> Page:
        """The newest version of every recipe, by name, with how many versions there are."""
        return page_of(self._connection, RECIPES, query)

    def recipes(self) -> list[Row]:
        """All of `recipe_page`, for a choice."""
        return self._rows(f"SELECT {RECIPES.columns} FROM {RECIPES.tables} ORDER BY r.name")

    # One thing, or None.

    def inspection(self, inspection_id: int) -> Row | None:
        """One inspection with its report, maps, attempts and the panel's earlier passes.

        Returns
        -------
        dict or None
            The columns of the list, and: ``report`` (paint-report/1 as stored), ``field_mm``,
            ``pixel_to_panel_mm`` (column, row, 1 to mm), ``frames_retired_at``, ``frames_retired_by``, ``maps`` (name,
            unit, rows_px, columns_px, channels, low, high, valid_ratio, sha256, retired_at, retired_by), ``attempts``
            (every measurement of this pass), ``views`` (of a part that is larger than the field: name and capture of
            each, in the plan's order), ``previous`` (the last attempt of each earlier pass of this coat, newest
            first, with ``findings``), ``latest_id`` (the newest inspection of the panel), ``marks`` (see `marks`).
        """
        own = self._one(INSPECTIONS, "i.id = ?", inspection_id)
        if own is None:
            return None
        more = self._rows(
            """SELECT i.panel_id, i.report, i.field_mm, i.pixel_to_panel_mm, i.plan_sha256, c.frames_retired_at,
            c.frames_retired_by FROM inspection i JOIN capture c ON c.sha256 = i.capture_sha256 WHERE i.id = ?""",
            inspection_id,
        )[0]
        panel_id = more.pop("panel_id")
        coat = (panel_id, own["coat_number"])
        own |= more
        own["maps"] = self.maps(inspection_id)
        own["views"] = self._rows(
            "SELECT view, capture_sha256 FROM inspection_view WHERE inspection_id = ? ORDER BY position", inspection_id
        )
        own["attempts"] = self._rows(
            f"""SELECT {INSPECTIONS.columns} FROM {INSPECTIONS.tables}
            WHERE i.panel_id = ? AND i.coat_number = ? AND i.pass_number = ? ORDER BY i.attempt""",
            *coat,
            own["pass_number"],
        )
        own["previous"] = self._rows(
            f"""SELECT {INSPECTIONS.columns} FROM {INSPECTIONS.tables}
            WHERE i.panel_id = ? AND i.coat_number = ? AND i.pass_number < ? AND i.attempt = (
                SELECT max(attempt) FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number AND l.pass_number = i.pass_number)
            ORDER BY i.pass_number DESC LIMIT {PANEL_HISTORY}""",
            *coat,
            own["pass_number"],
        )
        for earlier in own["previous"]:
            earlier["findings"] = self._findings(earlier["id"])
        own["latest_id"] = self._rows(
            """SELECT id FROM inspection WHERE panel_id = ?
            ORDER BY coat_number DESC, pass_number DESC, attempt DESC LIMIT 1""",
            panel_id,
        )[0]["id"]
        own["marks"] = self.marks(inspection_id)
        return own

    def report_text(self, inspection_id: int) -> str | None:
        """The report exactly as it was stored."""
        row = self._connection.execute("SELECT report FROM inspection WHERE id = ?", (inspection_id,)).fetchone()
        return None if row is None else str(row[0])

    def last_attempt(self, code: str, coat_number: int, pass_number: int, view: str | None) -> Row | None:
        """The report of the newest measurement of a pass of a panel."""
        rows = self._rows(
            """SELECT i.report FROM inspection i JOIN panel p ON p.id = i.panel_id WHERE p.code = ?
            AND i.coat_number = ? AND i.pass_number = ? AND ifnull(i.view, ?) = ? ORDER BY i.attempt DESC LIMIT 1""",
            code, coat_number, pass_number, WHOLE, view or WHOLE,
        )  # fmt: skip
        return rows[0]["report"] if rows else None

    def panel(self, code: str) -> Row | None:
        """A panel with its inspections in the order of work (coat, pass, attempt), each with findings and marks.

        ``working``: see `working`.
        """
        own = self._one(PANELS, "p.code = ?", code)
        if own is None:
            return None
        own["history"] = self._rows(
            f"""SELECT * FROM (SELECT {INSPECTIONS.columns} FROM {INSPECTIONS.tables} WHERE p.code = ?
                ORDER BY i.coat_number DESC, i.pass_number DESC, i.attempt DESC LIMIT {PANEL_HISTORY})
            ORDER BY coat_number, pass_number, attempt""",
            code,
        )
        for inspection in own["history"]:
            inspection["findings"] = self._findings(inspection["id"])
            inspection["marks"] = self.marks(inspection["id"])
        own["working"] = self.working(code)
        return own

    def knows(self, code: str) -> bool:
        """Whether an inspection of the panel is stored."""
        return self._one(PANELS, "p.code = ?", code) is not None

    def recipe(self, name_or_sha256: str) -> Row | None:
        """A recipe (by name: its newest version) with its checks, regions and the list of its versions."""
        row = self._recipe_row(name_or_sha256)
        if row is None:
            return None
        parsed = asdict(parse_recipe(row["text"], row["name"]))
        row |= {part: parsed[part] for part in ("film", "regions", "checks", "learned")}
        row["versions"] = self._rows(
            "SELECT sha256, stored_at FROM recipe WHERE name = ? ORDER BY id DESC", row["name"]
        )
        return row

    def rig(self, sha256: str) -> Row | None:
        """A rig with its header: sensor, geometry, noise, calibration terms, fringes."""
        row = self._one(RIGS, "g.sha256 = ?", sha256)
        if row is None:
            return None
        return self._aged(row) | self._rows("SELECT header FROM rig WHERE sha256 = ?", sha256)[0]

    def capture(self, sha256: str) -> Row | None:
        """A capture set with the list of its frames and of the inspections made from it."""
        row = self._one(CAPTURES, "c.sha256 = ?", sha256)
        if row is None:
            return None
        row["frames"] = self._rows(
            """SELECT file, role, "group", exposure_ms, axis, period_mm, step, blob_sha256
            FROM frame WHERE capture_sha256 = ? ORDER BY position""",
            sha256,
        )
        row["inspections"] = [
            found["inspection_id"]
            for found in self._rows(
                "SELECT inspection_id FROM inspection_capture WHERE capture_sha256 = ? ORDER BY inspection_id", sha256
            )
        ]
        return row

    def maps(self, inspection_id: int) -> list[Row]:
        """What maps an inspection has."""
        return self._rows(
            """SELECT m.name, m.unit, m.rows_px, m.columns_px, m.channels, m.low, m.high, m.valid_ratio,
            m.blob_sha256 AS sha256, i.maps_retired_at AS retired_at, i.maps_retired_by AS retired_by
            FROM map m JOIN inspection i ON i.id = m.inspection_id WHERE m.inspection_id = ? ORDER BY m.rowid""",
            inspection_id,
        )

    def map_array(self, inspection_id: int, name: str) -> NDArray[np.float32] | None:
        """A map at camera resolution, read-only, NaN where not valid."""
        row = self._connection.execute(
            "SELECT blob_sha256 FROM map WHERE inspection_id = ? AND name = ?", (inspection_id, name)
        ).fetchone()
        return None if row is None else self._blobs.open_array(row[0])

    def placing(self, inspection_id: int) -> Row | None:
        """Where the pixels of an inspection's maps lie on the panel: ``field_mm``, ``pixel_to_panel_mm``."""
        rows = self._rows("SELECT field_mm, pixel_to_panel_mm FROM inspection WHERE id = ?", inspection_id)
        return rows[0] if rows else None

    def picture(self, inspection_id: int) -> bytes | None:
        """PNG of the panel."""
        sha256 = self.picture_sha256(inspection_id)
        return None if sha256 is None else self._blobs.read(sha256)

    def picture_sha256(self, inspection_id: int) -> str | None:
        """Hash of the panel's picture."""
        row = self._connection.execute(
            "SELECT picture_sha256 FROM inspection WHERE id = ?", (inspection_id,)
        ).fetchone()
        return None if row is None else row[0]

    def blob_array(self, sha256: str) -> NDArray[np.float32]:
        """A stored map, memory-mapped read-only."""
        return self._blobs.open_array(sha256)

    def blob(self, sha256: str) -> bytes:
        """A stored content, proven by its hash."""
        return self._blobs.read(sha256)

    def health(self) -> Row:
        """How much the database holds, and each station's newest rig."""
        tables = ("panel", "capture", "inspection", "finding", "defect", "map", "rig", "recipe")
        counts = {name: self._connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        rigs = self._rows(
            """SELECT station, sha256, simulated, calibrated_at, max(calibrated_at_utc) AS calibrated_at_utc,
                expires_at, expires_at_utc FROM rig GROUP BY station ORDER BY station"""
        )
        return {
            "counts": counts,
            "rigs": [self._aged(row) for row in rigs],
        }

    def verdicts(self) -> dict[str, int]:
        """How many stored inspections have which verdict."""
        return dict(self._connection.execute("SELECT verdict, count(*) FROM inspection GROUP BY verdict").fetchall())

    def latest_timing(self) -> Row:
        """``stored_at`` of the inspection that was stored last, and ``total_s``, the time it took to measure."""
        rows = self._rows(
            """SELECT stored_at, json_extract(report, '$.timing_ms.total') / 1000.0 AS total_s FROM inspection
            ORDER BY id DESC LIMIT 1"""
        )
        return rows[0] if rows else {"stored_at": None, "total_s": None}

    def _one(self, select: Select, condition: str, value: object) -> Row | None:
        rows = self._rows(f"SELECT {select.columns} FROM {select.tables} WHERE {condition}", value)
        return rows[0] if rows else None

    def _findings(self, inspection_id: int) -> list[Row]:
        return self._rows("SELECT * FROM finding WHERE inspection_id = ? ORDER BY position", inspection_id)

    def _aged(self, row: Row) -> Row:
        return row | {"expired": row["expires_at_utc"] < utc_text(self._clock())}
