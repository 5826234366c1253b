"""Questions about marks: those of an inspection with what people said, a panel's ledger, and where it continues."""

from __future__ import annotations

from dataclasses import fields

from inspection.frames import Gauged
from inspection.passes.earlier import Earlier, parse_earlier
from inspection.recipe import WHOLE
from inspection.report import Defect
from station.store.originals import Originals, Row
from station.store.queries import CorrectionQuery, DefectQuery, FilmQuery, Page
from station.store.said import gauged, with_words
from station.store.selects import CORRECTIONS, DEFECTS, FILM, TRACE_COLUMNS, page_of

#: An inspection and all those that its ledger continues, the newest first.
_CHAIN = """WITH RECURSIVE chain (id, previous_id) AS (
    SELECT id, previous_id FROM inspection WHERE id = ?
    UNION SELECT i.id, i.previous_id FROM inspection i JOIN chain c ON i.id = c.previous_id)"""
_DEFECT_COLUMNS = ", ".join(f"d.{field.name}" for field in fields(Defect))


class Marks(Originals):
    """What is known about marks and film."""

    def defects(self, query: DefectQuery) -> Page:
        """Defects as measured, each with the panel, pass, recipe, rig and capture it came from, and the last word
        of a person about it (``corrected_kind``, ``false_alarm``)."""
        return page_of(self._connection, DEFECTS, query)

    def corrections(self, query: CorrectionQuery) -> Page:
        """What people said about marks, the newest first."""
        return page_of(self._connection, CORRECTIONS, query)

    def film_readings(self, query: FilmQuery) -> Page:
        """Gauge readings of film, the newest first."""
        return page_of(self._connection, FILM, query)

    def film_of(self, panel: str, coat_number: int, up_to_pass: int) -> list[Row]:
        """Readings of one coat taken no later than a pass, in the order of work."""
        return self._rows(
            f"""SELECT {FILM.columns} FROM {FILM.tables} WHERE p.code = ? AND f.coat_number = ? AND f.pass_number <= ?
            ORDER BY f.pass_number, f.measured_at_utc, f.id""",
            panel,
            coat_number,
            up_to_pass,
        )

    def film_by_pass(self, panel: str, coat_number: int, up_to_pass: int) -> dict[int, dict[str, float | Gauged]]:
        """Every stored reading of one coat, with a capture or by itself, by pass and zone; the last one counts."""
        captures = self._rows(
            """SELECT c.sha256, c.pass_number FROM capture c JOIN panel p ON p.id = c.panel_id
            WHERE p.code = ? AND c.coat_number = ? AND c.pass_number <= ? ORDER BY c.stored_at""",
            panel,
            coat_number,
            up_to_pass,
        )
        by_pass: dict[int, dict[str, float | Gauged]] = {}
        for row in captures:
            by_pass.setdefault(row["pass_number"], {}).update(self.conditions(row["sha256"]).film_um)
        for row in self.film_of(panel, coat_number, up_to_pass):
            by_pass.setdefault(row["pass_number"], {})[row["zone"]] = gauged(row)
        return {number: readings for number, readings in by_pass.items() if readings}

    def marks(self, inspection_id: int) -> list[Row]:
        """Marks of an inspection, those that have gone included, with what people said; see `said.with_words`.

        A word about a mark at an earlier pass counts until a later one is said: its identity is the same.
        """
        measured = self._rows(
            f"""SELECT d.inspection_id, d.present, {_DEFECT_COLUMNS} FROM defect d WHERE d.inspection_id = ?
            ORDER BY d.rowid""",
            inspection_id,
        )
        said = self._rows(
            f"""{_CHAIN} SELECT k.id, k.inspection_id, coalesce(k.defect_id, 'M' || k.id) AS defect_id, k.what, k.kind,
            k.x_mm, k.y_mm, k.who, k.why, k.made_at, i.pass_number FROM correction k
            JOIN chain c ON c.id = k.inspection_id JOIN inspection i ON i.id = c.id ORDER BY k.id""",
            inspection_id,
        )
        return with_words(measured, said, inspection_id)

    def labels(self) -> list[Row]:
        """The last word about each mark that somebody has corrected, for training, the oldest inspection first.

        Returns
        -------
        list of dict
            ``label`` (a kind, or ``false_alarm``), ``id``, ``x_mm``, ``y_mm``, ``mark`` (every field of `Defect` as
            measured; None for a missed one), ``made_at``, and the panel, pass, recipe, rig and capture. No name.
        """
        same = "l.inspection_id = k.inspection_id AND coalesce(l.defect_id, 'M' || l.id)"
        rows = self._rows(
            f"""SELECT CASE k.what WHEN 'false_alarm' THEN k.what ELSE k.kind END AS label, k.inspection_id,
            coalesce(k.defect_id, 'M' || k.id) AS id, coalesce(d.x_mm, k.x_mm, m.x_mm) AS x_mm,
            coalesce(d.y_mm, k.y_mm, m.y_mm) AS y_mm, k.made_at, {TRACE_COLUMNS}
            FROM correction k LEFT JOIN defect d ON d.inspection_id = k.inspection_id AND d.id = k.defect_id
            LEFT JOIN correction m ON m.what = 'missed' AND k.defect_id = 'M' || m.id
            JOIN inspection i ON i.id = k.inspection_id JOIN panel p ON p.id = i.panel_id
            JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE k.id = (SELECT max(l.id) FROM correction l WHERE l.what <> 'note' AND {same} =
                coalesce(k.defect_id, 'M' || k.id))
            ORDER BY i.captured_at_utc, i.id, k.id"""
        )
        for row in rows:
            found = self._rows(
                f"SELECT {_DEFECT_COLUMNS} FROM defect d WHERE d.inspection_id = ? AND d.id = ?",
                row["inspection_id"],
                row["id"],
            )
            row["mark"] = found[0] if found else None
        return rows

    def chain(self, inspection_id: int) -> list[int]:
        """Ids of the inspections of one ledger up to this one, in the order of work."""
        return [row["id"] for row in self._rows(f"{_CHAIN} SELECT id FROM chain", inspection_id)][::-1]

    def stored_at(self, inspection_id: int) -> str:
        """When an inspection was stored, as sortable text."""
        found = self._connection.execute("SELECT stored_at FROM inspection WHERE id = ?", (inspection_id,)).fetchone()
        return str(found[0])

    def steps(self, pass_number: int, *, simulated: bool, limit: int, before_id: int | None = None) -> list[Row]:
        """What each stored pass of this number did to each measure, the newest first.

        Parameters
        ----------
        before_id : int, optional
            Only what was known when the inspection of this id was made.

        Returns
        -------
        list of dict
            ``recipe``, ``pass_number``, ``measure``, ``region``, ``knobs`` (JSON text), ``before`` and ``after``. Of a
            pass that was measured more than once the last attempt counts.
        """
        found = self._connection.execute(
            """SELECT r.name, i.pass_number, a.measure, a.region, a.knobs, b.value, a.value
            FROM inspection i JOIN inspection e ON e.id = i.previous_id AND e.pass_number = i.pass_number - 1
            JOIN recipe r ON r.sha256 = i.recipe_sha256
            JOIN finding a ON a.inspection_id = i.id AND a.value IS NOT NULL
            JOIN finding b ON b.inspection_id = e.id AND b.value IS NOT NULL AND b.measure = a.measure
                AND b.region = a.region AND b.knobs = a.knobs AND b.version = a.version
            WHERE i.pass_number = ?1 AND i.simulated = ?2 AND (?4 IS NULL OR i.id < ?4)
                AND i.attempt = (SELECT max(l.attempt) FROM inspection l
                WHERE l.panel_id = i.panel_id AND l.coat_number = i.coat_number AND l.pass_number = i.pass_number)
            GROUP BY i.id, a.measure, a.region, a.knobs ORDER BY i.id DESC LIMIT ?3""",
            (pass_number, int(simulated), limit, before_id),
        )
        names = ("recipe", "pass_number", "measure", "region", "knobs", "before", "after")
        return [dict(zip(names, row, strict=True)) for row in found]

    def load_earlier(
        self, panel: str | None, coat_number: int, pass_number: int, view: str | None
    ) -> tuple[int, Earlier] | None:
        """The inspection that this pass of a panel is compared with: the last attempt of the pass before it.

        Returns
        -------
        (id, report) or None
            None for the first inspection of a coat, and for a panel without a name.

        Raises
        ------
        Refused
            The stored report is not one that this version of the program can go on from.
        """
        found = self._connection.execute(
            """SELECT i.id, i.report FROM inspection i JOIN panel p ON p.id = i.panel_id
            WHERE p.code = ? AND i.coat_number = ? AND i.pass_number < ? AND ifnull(i.view, ?) = ?
            ORDER BY i.pass_number DESC, i.attempt DESC LIMIT 1""",
            (panel, coat_number, pass_number, WHOLE, view or WHOLE),
        ).fetchone()
        return None if found is None else (int(found[0]), parse_earlier(str(found[1]), f"inspection {found[0]}"))
